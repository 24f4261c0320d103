import { expect, test } from 'vitest';
import type { Session } from '../../models/index.js';
import { openWide } from './wide-session.js';

function scene(wideMs: readonly number[], narrowMs: number) {
  let clock = 0;
  let wideRuns = 0;
  const disposed: string[] = [];
  const session = (name: string) => ({ name, dispose: async () => void disposed.push(name) }) as unknown as Session;
  const wide = session('wide');
  const deps = {
    open: async () => wide,
    tryOut: async (one: Session) => {
      clock += one === wide ? wideMs[wideRuns++ % wideMs.length]! : narrowMs;
    },
    now: () => clock,
  };
  return { narrow: session('narrow'), wide, disposed, deps };
}

test('a wide session is kept where it answers sooner', async () => {
  const { narrow, wide, disposed, deps } = scene([3], 6);
  expect(await openWide(narrow, deps)).toBe(wide);
  expect(disposed).toEqual([]);
});

test('and let go where it does not', async () => {
  const { narrow, disposed, deps } = scene([5.5], 6);
  expect(await openWide(narrow, deps)).toBeUndefined();
  expect(disposed).toEqual(['wide']);
});

test('hiccups do not decide', async () => {
  const { narrow, wide, deps } = scene([90, 3, 90, 30, 3], 6);
  expect(await openWide(narrow, deps)).toBe(wide);
});

test('a wide session that cannot run is let go, and says why', async () => {
  const { narrow, disposed, deps } = scene([3], 6);
  const tryOut = async () => {
    throw new Error('out of memory');
  };
  await expect(openWide(narrow, { ...deps, tryOut })).rejects.toThrow('out of memory');
  expect(disposed).toEqual(['wide']);
});
