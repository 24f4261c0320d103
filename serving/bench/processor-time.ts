/** @file Processor time that a process has had, as Linux counts it: what its first thread took, and what all others did. */
import { readdirSync, readFileSync } from 'node:fs';

/** In milliseconds. Those of threads that have ended are lost. */
export type ProcessorTime = { readonly first: number; readonly others: number };

/** Nothing is known (0) where there is no `/proc`. */
export function processorTime(pid: number | undefined): ProcessorTime {
  const time = { first: 0, others: 0 };
  for (const thread of tasks(pid)) {
    const ms = Number(read(`/proc/${pid}/task/${thread}/schedstat`).split(' ')[0]) / 1e6;
    time[thread === String(pid) ? 'first' : 'others'] += ms;
  }
  return time;
}

export const less = (a: ProcessorTime, b: ProcessorTime): ProcessorTime => ({ first: a.first - b.first, others: a.others - b.others });

function tasks(pid: number | undefined): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** A thread may end between being listed and being read. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '0';
  }
}
