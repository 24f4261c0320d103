/** @file Adversarial training of word vectors: FGM (Miyato et al. 2017). The vectors are moved to where the loss grows fastest, and the loss there counts as well. */
import { z } from 'zod';
import {
  div,
  type GraphBuilder,
  gather,
  invariant,
  max,
  mul,
  type Outputs,
  reduceMean,
  reduceSum,
  sqrt,
  stopGradient,
  type Value,
} from '../../models/index.js';
import { differentiate } from '../autodiff/differentiate.js';
import type { Regulariser } from './regulariser.js';

export const adversarialSchema = z.strictObject({
  /** Of the loss at the moved vectors. */
  weight: z.number().positive().default(1),
  /** How far they are moved, in lengths of a word vector: what is near and what is far depends on where the table comes from. */
  epsilon: z.number().positive().default(0.2),
  /** Whether each text's move has this length, or that of the whole table of words, in which a word's move is the sum of all its occurrences. */
  norm: z.enum(['example', 'table']).default('example'),
});
type AdversarialConfig = z.infer<typeof adversarialSchema>;

/**
 * L(x) + weight · L(x + r), r = ε·u·g / ‖g‖ held constant, g the gradient of L(x) by the word vectors, u the root mean square of the lengths of the
 * table's rows (in the place of vectors scaled to unit variance, which is what the paper's ε is for). The table itself is never changed.
 */
export const adversarial: Regulariser<AdversarialConfig> = ({ g, classifier, supervised }, { weight, epsilon, norm }) => {
  const lookUp = lookUpOf(g, classifier);
  const squares = reduceSum(g, mul(g, lookUp.table, lookUp.table), { axes: [1] }); // [words]
  const length = mul(g, sqrt(g, reduceMean(g, squares, { axes: [0] })), epsilon); // []
  const noise = noises[norm](g, lookUp, supervised(classifier), length);
  const moved = classifier.again({ ...classifier.given, noise: stopGradient(g, noise) });
  return { terms: { adversarial: { weight, value: supervised(moved) } } };
};

/** `words` [batch, tokens, width]: the rows `ids` of `table` [words, width]. */
type LookUp = { readonly words: Value; readonly table: Value; readonly ids: Value };

function lookUpOf(g: GraphBuilder, { words }: Pick<Outputs, 'words'>): LookUp {
  const node = g.nodes.find(({ outputs }) => outputs[0]!.name === words.name);
  invariant(node?.op === 'Gather', `adversarial: ${words.name} is not looked up in a table`);
  return { words, table: node.inputs[0]!, ids: node.inputs[1]! };
}

type Noise = (g: GraphBuilder, lookUp: LookUp, loss: Value, length: Value) => Value;

/** [batch, tokens, width] */
const noises: { readonly [N in AdversarialConfig['norm']]: Noise } = {
  example: (g, { words }, loss, length) => {
    const [gradient] = differentiate(g, loss, [words]);
    return toLength(g, gradient!, length, [1, 2]);
  },
  table: (g, { table, ids }, loss, length) => {
    const [gradient] = differentiate(g, loss, [table]);
    return gather(g, toLength(g, gradient!, length, [0, 1]), ids);
  },
};

/** Texts whose gradient is zero stay where they are. */
function toLength(g: GraphBuilder, x: Value, length: Value, axes: readonly number[]): Value {
  const norm = sqrt(g, reduceSum(g, mul(g, x, x), { axes, keepdims: true }));
  return mul(g, div(g, x, max(g, norm, 1e-12)), length);
}
