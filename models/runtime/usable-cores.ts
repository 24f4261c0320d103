/** @file How many cores this process may really use: a container may have two of a machine's sixty-four. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Reads a file, or gives `undefined` where there is none. */
export type ReadText = (path: string) => string | undefined;

/** Cores, or fewer where the container is given less time than they have; at least 1. */
export function usableCores(read: ReadText = readText, cores: number = availableParallelism()): number {
  const limit = containerCores(read);
  return Math.max(1, limit === undefined ? cores : Math.min(cores, Math.ceil(limit)));
}

/** Core-seconds in a second that the control group allows (docs.kernel.org/admin-guide/cgroup-v2, `cpu.max`; before that `cpu.cfs_*`). */
export function containerCores(read: ReadText = readText): number | undefined {
  const [quota, period] =
    read('/sys/fs/cgroup/cpu.max')?.trim().split(' ') ??
    ['quota', 'period'].map((name) => read(`/sys/fs/cgroup/cpu/cpu.cfs_${name}_us`)?.trim());
  const cores = Number(quota) / Number(period); // `max` and -1 stand for no limit
  return Number.isFinite(cores) && cores > 0 ? cores : undefined;
}

/** Bytes that the control group allows. */
export function containerMemory(read: ReadText = readText): number | undefined {
  const bytes = Number(read('/sys/fs/cgroup/memory.max') ?? read('/sys/fs/cgroup/memory/memory.limit_in_bytes'));
  return Number.isFinite(bytes) && bytes > 0 && bytes < 2 ** 60 ? bytes : undefined; // version 1 writes a huge number for no limit
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
