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
  /** How far they are moved. */
  epsilon: z.number().positive().default(1),
  /** Whether each text's move has this length, or that of the whole table of words, in which a word's move is the sum of all its occurrences. */
  norm: z.enum(['example', 'table']).default('example'),
});
type AdversarialConfig = z.infer<typeof adversarialSchema>;

/** L(x) + weight · L(x + r), r = ε·g / ‖g‖ held constant, g the gradient of L(x) by the word vectors. The table itself is never changed. */
export const adversarial: Regulariser<AdversarialConfig> = ({ g, classifier, supervised }, { weight, epsilon, norm }) => {
  const noise = noises[norm](g, classifier, supervised(classifier), epsilon);
  const moved = classifier.again({ ...classifier.given, noise: stopGradient(g, noise) });
  return { terms: { adversarial: { weight, value: supervised(moved) } } };
};

type Noise = (g: GraphBuilder, outputs: Outputs, loss: Value, epsilon: number) => Value;

const noises: { readonly [N in AdversarialConfig['norm']]: Noise } = {
  /** [batch, tokens, width], each text's of length ε. */
  example: (g, { words }, loss, epsilon) => {
    const [gradient] = differentiate(g, loss, [words]);
    return toLength(g, gradient!, epsilon, [1, 2]);
  },
  table: (g, { words }, loss, epsilon) => {
    const lookUp = g.nodes.find(({ outputs }) => outputs[0]!.name === words.name);
    invariant(lookUp?.op === 'Gather', `adversarial: ${words.name} is not looked up in a table`);
    const [table, ids] = lookUp.inputs;
    const [gradient] = differentiate(g, loss, [table!]);
    return gather(g, toLength(g, gradient!, epsilon, [0, 1]), ids!);
  },
};

/** Texts whose gradient is zero stay where they are. */
function toLength(g: GraphBuilder, x: Value, length: number, axes: readonly number[]): Value {
  const norm = sqrt(g, reduceSum(g, mul(g, x, x), { axes, keepdims: true }));
  return mul(g, div(g, x, max(g, norm, 1e-12)), length);
}
