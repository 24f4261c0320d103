/** @file What a worker is given for a batch: texts for the model, or points on the way to texts for its explain graph. */
import { padBatch, padPath } from '../../models/index.js';
import type { Job } from '../workers/index.js';
import type { ServedModel } from './catalogue.js';
import type { Entry } from './request.js';

/** Points wait in a lane of their own: no batch is of both kinds. */
export const explainLane = (key: string): string => `${key}/explain`;

export function batchJob(
  { key, manifest, tokenizer }: ServedModel,
  entries: readonly Pick<Entry, 'encoding' | 'point'>[],
  room: Pick<Job, 'wide' | 'alone'>,
): Job {
  const points = entries.flatMap(({ point }) => point ?? []);
  if (points.length < entries.length) return { model: key, ...room, ...padBatch(entries.map(({ encoding }) => encoding), tokenizer.padId) } as Job; // biome-ignore format: one idea
  const { baseline, progress, label, ...batch } = padPath(points, { padId: tokenizer.padId, labels: manifest.labels.length });
  return { model: key, ...batch, way: { baseline, progress, label } } as Job;
}
