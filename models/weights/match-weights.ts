/** @file Weights by the names a model wants, from a file that may name them by another convention. */
import type { Tensor } from '../runtime/session.js';
import type { Weights } from './safetensors.js';

export type Expected = { readonly name: string; readonly shape: readonly number[] };

export type MatchOptions = {
  /** Prefixes under which either side may hold the model; a name is looked for as it is, then under each, longest match first. Default `modelPrefixes`. */
  readonly prefixes?: readonly string[];
};

/** Under which transformers saves what lies below the head of a BERT and of its kin; of an XLNet or a GPT-2. */
export const modelPrefixes: readonly string[] = ['bert.', 'roformer.', 'nezha.', 'distilbert.', 'roberta.', 'transformer.'];

export type Matched = {
  /** By expected name, in expected order. */
  readonly weights: Weights;
  /** Given names that nothing wanted. Known leftovers (position ids) are not counted. */
  readonly unused: readonly string[];
  /** Expected names that were not given: to be initialised anew. */
  readonly missing: readonly string[];
  /** Expected names that were given in another shape; they are in neither of the other lists. */
  readonly mismatched: readonly { readonly name: string; readonly expected: readonly number[]; readonly given: readonly number[] }[];
};

/**
 * Finds each expected weight among the given ones: with a prefix or without (`BertModel` saves none, `BertForSequenceClassification`
 * saves `bert.`), and by the names of TensorFlow's first BERT (`LayerNorm.gamma`, `LayerNorm.beta`). Nothing is transposed.
 */
export function matchWeights(expected: readonly Expected[], given: Weights, { prefixes = modelPrefixes }: MatchOptions = {}): Matched {
  const byName = new Map([...given.keys()].map((name) => [modernName(name), name] as const));
  const used = new Set<string>();
  const weights = new Map<string, Tensor>();
  const missing: string[] = [];
  const mismatched: Matched['mismatched'][number][] = [];
  for (const { name, shape } of expected) {
    const source = aliases(name, prefixes)
      .map((alias) => byName.get(alias))
      .find((found) => found !== undefined);
    const tensor = source === undefined ? undefined : given.get(source);
    if (source === undefined || !tensor) {
      missing.push(name);
      continue;
    }
    used.add(source);
    if (sameShape(shape, tensor.dims)) weights.set(name, tensor);
    else mismatched.push({ name, expected: shape, given: tensor.dims });
  }
  return { weights, unused: [...given.keys()].filter((name) => !used.has(name) && !isLeftover(name)), missing, mismatched };
}

function modernName(name: string): string {
  return name.replace(/LayerNorm\.gamma$/, 'LayerNorm.weight').replace(/LayerNorm\.beta$/, 'LayerNorm.bias');
}

/** The name itself, without any prefix it has, and with each prefix it lacks. */
function aliases(name: string, prefixes: readonly string[]): readonly string[] {
  const bare = prefixes.filter((prefix) => prefix !== '' && name.startsWith(prefix)).map((prefix) => name.slice(prefix.length));
  return [name, ...bare, ...prefixes.map((prefix) => prefix + name)];
}

/** Buffers that some versions of transformers saved beside the weights: numbers of positions, fixed waves. */
const isLeftover = (name: string): boolean =>
  /(^|\.)(embeddings\.position_ids|embed_positions\.weight|relative_positions_encoding\.positions_encoding)$/.test(name);

const sameShape = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((dim, i) => dim === b[i]);
