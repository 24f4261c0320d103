/** @file A dispatcher without models: texts are lists of numbers, and workers answer when they are told to. */
import { expect, vi } from 'vitest';
import type { Manifest, Tokenizer } from '../../../models/index.js';
import type { Job, JobResult } from '../../workers/index.js';
import type { ServedModel } from '../catalogue.js';
import { createDispatcher, type Runner } from '../dispatcher.js';
import { limitsSchema } from '../limits.js';
import { createMetrics } from '../metrics/metrics.js';

/** Texts are written as numbers: `'1 2 3'` has the ids 1, 2, 3. */
export const numberTokenizer: Tokenizer = {
  vocabularySize: 1_000,
  padId: 0,
  encode: async (inputs) =>
    inputs.map((input) => {
      const ids = String(input).split(' ').map(Number);
      return { ids, types: ids.map(() => 0), truncated: false };
    }),
};
const manifest = { name: 'm', version: '1', files: [], text: { maxTokens: 64, input: 'any', pairs: 'as-given' } } as unknown as Manifest;
export const numberModel: ServedModel = { key: 'm@1', manifest, folder: '', modelPath: '', precision: 'fp32', tokenizer: numberTokenizer };

/** Workers that answer when they are told to: for a text, its first number and that and a half. */
function fakeRunner(size: number) {
  const jobs: { readonly job: Job; answer(): void; fail(): void }[] = [];
  let free = size;
  const runner: Runner = {
    alive: size,
    get free() {
      return free;
    },
    onFree: () => {},
    run(job) {
      free--;
      return new Promise<JobResult>((resolve, reject) => {
        const end = (settle: () => void): void => {
          free++;
          settle();
          runner.onFree();
        };
        const logits = Float32Array.from({ length: job.batch * 2 }, (_, i) => Number(job.ids[(i >> 1) * job.tokens]) + (i % 2) / 2);
        jobs.push({
          job,
          answer: () => end(() => resolve({ logits, seconds: 0.01, wide: false })),
          fail: () => end(() => reject(new Error('lost'))),
        });
      });
    },
  };
  return { runner, jobs };
}

export function setUpDispatcher(limits: Record<string, number> = {}, size = 1) {
  const { runner, jobs } = fakeRunner(size);
  const clock = { now: 0 };
  const failures: unknown[] = [];
  const metrics = createMetrics();
  const dispatcher = createDispatcher({
    pool: runner,
    limits: limitsSchema.parse(limits),
    metrics,
    now: () => clock.now,
    onFailure: (failure) => failures.push(failure),
  });
  const nextJob = (count: number) => vi.waitFor(() => expect(jobs.length).toBe(count), { interval: 1 });
  return { dispatcher, jobs, clock, failures, metrics, nextJob };
}

export async function shedAt(metrics: ReturnType<typeof createMetrics>, stage: string): Promise<number> {
  return (await metrics.shed.get()).values.find(({ labels }) => labels.stage === stage)?.value ?? 0;
}
