import { existsSync } from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import { scriptPath, startPytorch } from './pytorch.js';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

test('where PyTorch is absent there is nothing to compare with, and it says how to get it', async () => {
  vi.stubEnv('COPYDESK_PYTHON', '/nowhere/python');
  const said = vi.spyOn(console, 'error').mockImplementation(() => {});
  const shape = { layers: 1, width: 16, heads: 2, intermediate: 64, vocabularySize: 100, batch: 2, tokens: 4 };
  expect(await startPytorch(shape)).toBeUndefined();
  expect(said.mock.calls.flat().join()).toMatch(
    /not found by \/nowhere\/python.* Fix: pip install torch transformers, then COPYDESK_PYTHON=/,
  );
});

test.each(['step.py', 'finetune.py'])('%s is found', (name) => {
  expect(existsSync(scriptPath(name))).toBe(true);
});
