/** @file `npm run profile:train -- --memory`: peak memory of a training step, held and recomputed, beside PyTorch's; each side in a process of its own. */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { askChild } from './ask-child.js';
import { benchArchitecture } from './measure.js';
import type { MemorySide } from './memory-side.js';
import { python, scriptPath } from './pytorch.js';

export type MemoryCase = { readonly size: string; readonly batch: string; readonly vocabulary: number; readonly steps: number };
export type MemoryRow = {
  readonly side: string;
  readonly peakMB: number;
  /** The fastest of the steps; absent where the side does not tell. */
  readonly ms?: number;
  readonly losses?: readonly number[];
};

/** Rows of both of our forms, and of PyTorch where it is found. */
export async function peakMemory(one: MemoryCase): Promise<readonly MemoryRow[]> {
  const rows: MemoryRow[] = [];
  for (const activations of ['held', 'recomputed']) {
    const args = [one.size, one.batch, String(one.vocabulary), activations, String(one.steps)];
    rows.push({ side: `activations ${activations}`, ...(await askChild<MemorySide>('memory-side', args)) });
  }
  const theirs = await ofPytorch(one);
  return theirs === undefined ? rows : [...rows, { side: 'PyTorch eager', ...theirs }];
}

/** Undefined where the process cannot be looked at, or PyTorch is absent. */
async function ofPytorch({ size, batch, vocabulary, steps }: MemoryCase): Promise<{ peakMB: number; ms: number } | undefined> {
  const { layers, width, heads, intermediate } = benchArchitecture(size);
  const sizes = [layers, width, heads, intermediate, vocabulary, ...batch.split('x')].map(String);
  const child = spawn(python(), [scriptPath('step.py'), 'eager', ...sizes], { stdio: ['pipe', 'pipe', 'ignore'] });
  try {
    child.on('error', () => {}); // no such program: the lines end at once
    child.stdin.on('error', () => {});
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const answers: string[] = [];
    for (let step = 0; step < steps; step++) {
      const { value, done } = await lines.next();
      if (done || value.startsWith('cannot')) return undefined;
      answers.push(value);
      child.stdin.write('step\n');
    }
    const times = answers.slice(1).map(Number); // the first line only says that it is ready
    const peakMB = await residentPeak(child.pid!);
    return peakMB === undefined ? undefined : { peakMB, ms: Math.min(...times) };
  } finally {
    child.kill();
  }
}

/** The most that a process has had resident, 10^6 bytes; Linux alone tells it of another process. */
async function residentPeak(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kibibytes = /VmHWM:\s+(\d+) kB/.exec(status)?.[1];
  return kibibytes === undefined ? undefined : (Number(kibibytes) * 1024) / 1e6;
}
