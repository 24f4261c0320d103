import { afterEach, expect, test, vi } from 'vitest';
import { startPytorch } from './pytorch.js';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

test('where PyTorch is absent the benchmark runs without it, and says how to get it', async () => {
  vi.stubEnv('COPYDESK_PYTHON', '/nowhere/python');
  const said = vi.spyOn(console, 'error').mockImplementation(() => {});
  const peer = await startPytorch([1, 16, 2, 64, 100, 2, 4]);
  expect(await peer.step()).toBeNull();
  peer.stop();
  expect(said.mock.calls.flat().join()).toMatch(
    /not found by \/nowhere\/python.* Fix: pip install torch transformers, then COPYDESK_PYTHON=/,
  );
});
