/** @file A classifier with random weights, large enough for its products to be rounded, and ways to ask it. For tests. */
import {
  architectureSchema,
  buildClassifier,
  fromOnnx,
  type Graph,
  type Session,
  type Tensor,
  type Tensors,
  toOnnx,
} from '../../../models/index.js';
import { createSession } from '../../../models/runtime/node.js';
import { createRandom } from '../../../training/index.js';

export type Ids = readonly (readonly number[])[];

const sizes = { vocabularySize: 300, width: 64 };
const bert = { kind: 'bert', ...sizes, layers: 2, heads: 4, intermediate: 128, maxPositions: 80 };

/** Architectures whose products are large enough to be rounded. */
export const smallArchitectures = {
  BERT: bert,
  'rotary positions': { ...bert, positions: 'rotary' },
  'relative positions': { ...bert, positions: 'relative' },
  'attention pooling': { ...bert, pooling: 'attention' },
  'the first token': { ...bert, pooling: 'cls' },
  XLNet: { kind: 'xlnet', ...sizes, layers: 2, heads: 4, intermediate: 128 },
  'a bidirectional GRU': { kind: 'bigru', ...sizes, hidden: 32 },
  'two views of a text': { kind: 'endef', content: bert },
} as const;

/** Two labels; weights are constants, as they are in a file. */
export function smallModel(kind: keyof typeof smallArchitectures = 'BERT'): Graph {
  const architecture = architectureSchema.parse(smallArchitectures[kind]);
  const { builder, logits, parameters } = buildClassifier(architecture, { labels: 2 });
  const random = createRandom(11);
  const weights = parameters.map(({ value, init }): [string, Tensor] => {
    const dims = value.shape as number[];
    const around = init.kind === 'ones' ? 1 : 0;
    const data = Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => around + 0.5 * (random.next() - 0.5));
    return [value.name, { type: 'float32', dims, data }];
  });
  return fromOnnx(toOnnx(builder.graph([logits]), { initializers: new Map(weights), outputNames: new Map([[logits.name, 'logits']]) }));
}

export const randomTexts = (seed: number, count: number, { longest = 60, vocabulary = 300 } = {}): Ids => {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => Array.from({ length: 1 + random.below(longest) }, () => 1 + random.below(vocabulary - 1)));
};

/** @param padding tokens after the longest text
 *  @returns [texts][labels] */
export async function ask(session: Session, texts: Ids, padding = 0): Promise<readonly (readonly number[])[]> {
  const tokens = Math.max(...texts.map((ids) => ids.length)) + padding;
  const filled = (value: (ids: readonly number[], place: number) => number): Tensor => ({
    type: 'int64',
    dims: [texts.length, tokens],
    data: BigInt64Array.from(texts.flatMap((ids) => Array.from({ length: tokens }, (_, place) => BigInt(value(ids, place))))),
  });
  const feeds: Tensors = {
    input_ids: filled((ids, place) => ids[place] ?? 0),
    attention_mask: filled((ids, place) => Number(place < ids.length)),
    token_type_ids: filled(() => 0),
  };
  const { logits } = await session.run(Object.fromEntries(session.inputNames.map((name) => [name, feeds[name]!])));
  const labels = logits!.dims[1]!;
  return texts.map((_, row) => [...(logits!.data as Float32Array).subarray(row * labels, (row + 1) * labels)]);
}

/** Runs a graph as it would be served, optimised. */
export async function askGraph(graph: Graph, texts: Ids, padding = 0): Promise<readonly (readonly number[])[]> {
  const session = await createSession(toOnnx(graph));
  return ask(session, texts, padding).finally(() => session.dispose());
}

export const largestDifference = (a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number =>
  Math.max(...a.flatMap((row, i) => row.map((value, k) => Math.abs(value - b[i]![k]!))));
