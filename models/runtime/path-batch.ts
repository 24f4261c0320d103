/** @file Texts on their way from a baseline to themselves, as an explain graph takes them. Safe in a browser. */

import { tokenTensors } from '../text/token-tensors.js';
import { type Encoding, padBatch, type TokenBatch } from '../text/tokenizer.js';
import type { Session, Tensors } from './session.js';

/** One point of the way. */
export type PathPoint = {
  readonly encoding: Encoding;
  /** The tokens that stand where nothing is said; as many as the text has. */
  readonly baseline: readonly number[];
  /** 0 is the baseline, 1 the text. */
  readonly progress: number;
  /** Which label is explained, by its place. */
  readonly label: number;
};

export type PathBatch = TokenBatch & {
  /** `[batch, tokens]` */
  readonly baseline: BigInt64Array;
  /** `[batch]` */
  readonly progress: Float32Array;
  /** `[batch, labels]`: 1 at the label that is explained, else 0. */
  readonly label: Float32Array;
};

/** Pads the points to the longest among them. */
export function padPath(points: readonly PathPoint[], { padId, labels }: { readonly padId: number; readonly labels: number }): PathBatch {
  const batch = padBatch(
    points.map(({ encoding }) => encoding),
    padId,
  );
  const baseline = batch.ids.slice(); // padding is no further than it stands
  const label = new Float32Array(points.length * labels);
  points.forEach((point, row) => {
    baseline.set(point.baseline.map(BigInt), row * batch.tokens);
    label[row * labels + point.label] = 1;
  });
  return { ...batch, baseline, progress: Float32Array.from(points, ({ progress }) => progress), label };
}

/** The inputs of an explain graph. */
export const pathTensors = ({ baseline, progress, label, ...tokens }: PathBatch): Tensors => ({
  ...tokenTensors(tokens),
  baseline_ids: { type: 'int64', dims: [tokens.batch, tokens.tokens], data: baseline },
  progress: { type: 'float32', dims: [tokens.batch], data: progress },
  label: { type: 'float32', dims: [tokens.batch, label.length / tokens.batch], data: label },
});

/**
 * Asks an explain graph.
 *
 * @returns `[batch, 1 + tokens]`: of each point the strength of the label there, and what each token adds to it
 */
export async function runPath(session: Session, batch: PathBatch): Promise<Float32Array<ArrayBuffer>> {
  const known = pathTensors(batch);
  // Some architectures read no segments.
  const { strength, attributions } = await session.run(Object.fromEntries(session.inputNames.map((name) => [name, known[name]!])));
  const rows = new Float32Array(batch.batch * (1 + batch.tokens));
  for (let row = 0; row < batch.batch; row++) {
    const at = row * (1 + batch.tokens);
    rows[at] = Number(strength!.data[row]);
    rows.set((attributions!.data as Float32Array).subarray(row * batch.tokens, (row + 1) * batch.tokens), at + 1);
  }
  return rows;
}
