/** @file What a figure was measured on. */
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';

export type Machine = {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  readonly k6: string | null;
  /** Programs that wanted a core when the run began, this one aside: more than 0 is a machine with other work. */
  readonly load: number;
};

export function describeMachine(k6: string | undefined): Machine {
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.version,
    k6: k6 ?? null,
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
  };
}
