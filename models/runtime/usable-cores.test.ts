import { expect, test } from 'vitest';
import { containerMemory, usableCores } from './usable-cores.js';

const files =
  (contents: Readonly<Record<string, string>>) =>
  (path: string): string | undefined =>
    contents[path.replace('/sys/fs/cgroup/', '')];

test.each([
  ['no control group', {}, 8],
  ['one without a limit', { 'cpu.max': 'max 100000\n' }, 8],
  ['two cores', { 'cpu.max': '200000 100000\n' }, 2],
  ['one and a half', { 'cpu.max': '150000 100000\n' }, 2],
  ['a tenth of one', { 'cpu.max': '10000 100000\n' }, 1],
  ['more than there are', { 'cpu.max': '1600000 100000\n' }, 8],
  ['version 1: two', { 'cpu/cpu.cfs_quota_us': '200000\n', 'cpu/cpu.cfs_period_us': '100000\n' }, 2],
  ['version 1: no limit', { 'cpu/cpu.cfs_quota_us': '-1\n', 'cpu/cpu.cfs_period_us': '100000\n' }, 8],
] as const)('of eight cores, %s: %j gives %d', (_what, contents, cores) => {
  expect(usableCores(files(contents), 8)).toBe(cores);
});

test.each([
  [{}, undefined],
  [{ 'memory.max': 'max\n' }, undefined],
  [{ 'memory.max': '1073741824\n' }, 2 ** 30],
  [{ 'memory/memory.limit_in_bytes': '9223372036854771712\n' }, undefined],
])('memory: %j gives %s', (contents, bytes) => {
  expect(containerMemory(files(contents as Record<string, string>))).toBe(bytes);
});
