/** @file Where a run stands, on disk: enough to go on bit by bit as if it had never stopped. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { flushFolder, hashFile, writeWhole } from '../../models/bundle/node.js';
import { safetensorsParts, type Tensor, UsageError } from '../../models/index.js';
import { readWeights } from '../../models/weights/node.js';
import type { EngineState, NamedArrays } from '../engines/engine.js';

const progressSchema = z.strictObject({
  /** Steps done. */
  step: z.number().int().nonnegative(),
  /** Updates made: steps less those that were skipped. */
  updates: z.number().int().nonnegative(),
  best: z.strictObject({ step: z.number().int(), value: z.number() }).nullable(),
  /** Evaluations since the best one. */
  stale: z.number().int().nonnegative(),
  /** Of half precision. */
  lossScale: z.strictObject({ scale: z.number().min(1), good: z.number().int().nonnegative() }).optional(),
  /** sha256 of the config and the data that the run was started with. */
  fingerprint: z.string(),
});
export type Progress = z.infer<typeof progressSchema>;

export type Checkpoint = { readonly name: string; readonly progress: Progress; readonly state: EngineState };

const parts = ['weights', 'first', 'second', 'average'] as const;
const nameOf = (step: number): string => `step-${String(step).padStart(8, '0')}`;

/** Writes under a temporary name, then renames; removes all but the newest `keep`, and what earlier writes that were cut off have left. */
export async function writeCheckpoint(folder: string, progress: Progress, state: EngineState, keep: number): Promise<string> {
  const name = nameOf(progress.step);
  const temporary = join(folder, `${name}.${randomUUID()}.tmp`);
  await mkdir(temporary, { recursive: true });
  const tensors = new Map<string, Tensor>();
  for (const part of parts) {
    for (const [key, data] of state[part]) tensors.set(`${part}/${key}`, { type: 'float32', dims: [data.length], data });
  }
  const bytes = safetensorsParts(tensors, { format: 'pt' });
  const sha256 = digest(...bytes);
  await writeWhole(join(temporary, 'state.safetensors'), bytes);
  const content = JSON.stringify({ progress, sha256 });
  const file = await open(join(temporary, 'progress.json'), 'w');
  await file.writeFile(JSON.stringify({ content, sha256: digest(content) }));
  await file.sync();
  await file.close();
  await rm(join(folder, name), { recursive: true, force: true });
  await rename(temporary, join(folder, name));
  await flushFolder(folder);
  const leftovers = (await readdir(folder)).filter((entry) => entry.endsWith('.tmp'));
  for (const old of [...(await checkpointNames(folder)).slice(keep), ...leftovers])
    await rm(join(folder, old), { recursive: true, force: true });
  return name;
}

/** Newest first. Leftovers of writes that were cut off are not among them. */
export async function checkpointNames(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder).catch(() => []);
  return entries
    .filter((name) => /^step-\d{8}$/.test(name))
    .sort()
    .reverse();
}

/** @throws UsageError `training/checkpoint` that names the damaged checkpoint and the one before it */
export async function readCheckpoint(folder: string, name: string): Promise<Checkpoint> {
  const damaged = async (what: string): Promise<UsageError> => {
    const before = (await checkpointNames(folder)).find((other) => other < name);
    const fix = before
      ? `go on from the one before it: add --from ${before}`
      : 'there is none before it: start the run again in a new folder.';
    return new UsageError('training/checkpoint', `checkpoint ${join(folder, name)} is damaged: ${what}`, fix);
  };
  let content: { progress: Progress; sha256: string };
  try {
    const outer = z
      .strictObject({ content: z.string(), sha256: z.string() })
      .parse(JSON.parse(await readFile(join(folder, name, 'progress.json'), 'utf8')));
    if (digest(outer.content) !== outer.sha256) throw new Error('its sha256 differs');
    const inner = JSON.parse(outer.content) as { progress: unknown; sha256: string };
    content = { progress: progressSchema.parse(inner.progress), sha256: inner.sha256 };
  } catch (error) {
    throw await damaged(`progress.json: ${(error as Error).message.split('\n')[0]}`);
  }
  const path = join(folder, name, 'state.safetensors');
  const found = await hashFile(path).catch(() => 'nothing: it is missing');
  if (found !== content.sha256) throw await damaged(`state.safetensors has the sha256 ${found}`);
  const tensors = await readWeights(path);
  const part = (prefix: string): NamedArrays =>
    new Map(
      [...tensors]
        .filter(([key]) => key.startsWith(`${prefix}/`))
        .map(([key, { data }]) => [key.slice(prefix.length + 1), data as Float32Array]),
    );
  const [weights, first, second, average] = parts.map(part) as [NamedArrays, NamedArrays, NamedArrays, NamedArrays];
  const { updates, lossScale } = content.progress;
  return { name, progress: content.progress, state: { weights, first, second, average, updates, ...(lossScale ? { lossScale } : {}) } };
}

function digest(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}
