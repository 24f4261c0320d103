/** @file The ways to weigh words that are measured against one another, each counting what it asks. */
import {
  type Classifier,
  type Manifest,
  type PathPoint,
  padPath,
  readingsOf,
  runPath,
  type Session,
  type Tokenizer,
} from '../../../models/index.js';
import type { Explainer } from '../explainer.js';
import { createIntegratedGradients, pointsFor } from '../integrated-gradients.js';
import { createOcclusion } from '../occlusion.js';
import type { Place } from '../split-words.js';
import { withoutSpan } from '../without-span.js';

export type Parts = {
  readonly manifest: Manifest;
  readonly tokenizer: Tokenizer;
  readonly classifier: Classifier;
  /** Of its explain graph, where the bundle has one. */
  readonly gradients: Session | undefined;
  /** Texts that may be asked for one explanation. */
  readonly calls: number;
};

export type Counted = { readonly explain: Explainer; readonly asked: { texts: number; points: number } };

export type Way = 'integrated gradients' | 'gradient x input' | 'left out' | '[MASK]';
export const ways: readonly Way[] = ['integrated gradients', 'gradient x input', 'left out', '[MASK]'];

export const masked = (text: string, { start, end }: Place): string => `${text.slice(0, start)} [MASK] ${text.slice(end)}`;

/** @returns `undefined` for what the bundle cannot do. Where a text cannot be explained by its gradient, words are left out, as everywhere. */
export function createWay(way: Way, parts: Parts): Counted | undefined {
  return makers[way](parts);
}

const makers: { readonly [W in Way]: (parts: Parts) => Counted | undefined } = {
  'left out': (parts) => occlusion(parts, withoutSpan),
  '[MASK]': (parts) => occlusion(parts, masked),
  'integrated gradients': (parts) => byGradient(parts, (points, ask) => ask(points)),
  'gradient x input': (parts) => byGradient(parts, straight),
};

type Ask = (points: readonly PathPoint[]) => Promise<readonly Float32Array[]>;

/** As if the slope were everywhere what it is at the text: one point is asked. */
async function straight(points: readonly PathPoint[], ask: Ask): Promise<readonly Float32Array[]> {
  const [row] = await ask([{ ...points[0]!, progress: 1 }]);
  const slope = row!.subarray(1).reduce((sum, one) => sum + one, 0);
  return points.map(({ progress }) => Float32Array.of(progress * slope, ...row!.subarray(1)));
}

function occlusion({ manifest, tokenizer, classifier, calls }: Parts, hide: (text: string, place: Place) => string): Counted {
  const asked = { texts: 0, points: 0 };
  const { pairs, maxTokens } = manifest.text;
  const explain = createOcclusion({
    ask: async (inputs) => {
      asked.texts += inputs.length;
      return (await classifier.logits(inputs)).logits;
    },
    read: async (input) => (await tokenizer.encode(readingsOf([input], pairs).inputs, maxTokens)).flatMap(({ ids }) => ids),
    calls,
    hide,
  });
  return { explain, asked };
}

function byGradient(
  parts: Parts,
  along: (points: readonly PathPoint[], ask: Ask) => Promise<readonly Float32Array[]>,
): Counted | undefined {
  const { manifest, tokenizer, gradients, calls } = parts;
  if (!gradients) return undefined;
  const { explain: otherwise, asked } = occlusion(parts, withoutSpan);
  const ask: Ask = async (points) => {
    asked.points += points.length;
    const batch = padPath(points, { padId: tokenizer.padId, labels: manifest.labels.length });
    const rows = await runPath(gradients, batch);
    return points.map((_, row) => rows.subarray(row * (1 + batch.tokens), (row + 1) * (1 + batch.tokens)));
  };
  const parted = { tokenizer, text: manifest.text, points: pointsFor(calls), otherwise };
  return { explain: createIntegratedGradients({ ask: (points) => along(points, ask), ...parted }), asked };
}
