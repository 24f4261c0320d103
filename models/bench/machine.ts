/** @file Where something was measured: without it no figure can be held against another. */
import { availableParallelism, cpus, totalmem } from 'node:os';
import { runtimeVersion } from '../runtime/node.js';

export type Machine = {
  readonly processor: string;
  readonly cores: number;
  /** GiB of memory. */
  readonly memory: number;
  readonly node: string;
  readonly onnxruntime: string;
};

export const machine = (): Machine => ({
  processor: cpus()[0]?.model.trim() ?? 'an unknown processor',
  cores: availableParallelism(),
  memory: Math.round(totalmem() / 2 ** 30),
  node: process.versions.node,
  onnxruntime: runtimeVersion,
});

/** One line, such as `AMD EPYC, 2 cores, 24 GiB; Node 20.20.0, onnxruntime-node 1.30.0`. */
export function machineLine({ processor, cores, memory, node, onnxruntime }: Machine = machine()): string {
  return `${processor}, ${cores} cores, ${memory} GiB; Node ${node}, onnxruntime-node ${onnxruntime}`;
}
