/** @file A Python with the packages a test compares with: COPYDESK_PYTHON, else python3. */
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { test } from 'vitest';

const python = process.env.COPYDESK_PYTHON ?? 'python3';

/** A test that is skipped, by name and with the reason, where `packages` are not installed. */
export function pythonTest(title: string, packages: readonly string[], run: () => Promise<void>): void {
  const find = `import importlib.util, sys; sys.exit(any(importlib.util.find_spec(name) is None for name in sys.argv[1:]))`;
  const found = spawnSync(python, ['-c', find, ...packages]).status === 0;
  if (found) test(title, run, 300_000);
  else test.skip(`${title} (skipped: ${python} does not have ${packages.join(' and ')}; COPYDESK_PYTHON names another Python)`, run);
}

/** Runs a script that lies beside the tests; its last line of output is JSON. */
export async function runPython<T>(script: string, ...args: readonly string[]): Promise<T> {
  const path = new URL(script, import.meta.url).pathname;
  const { stdout } = await promisify(execFile)(python, [path, ...args], { maxBuffer: 2 ** 26, env: { ...process.env, ...offline } });
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as T;
}

/** Everything is read from the folder that is given; nothing is asked of any hub. */
const offline = { HF_HUB_OFFLINE: '1', TRANSFORMERS_OFFLINE: '1' };
