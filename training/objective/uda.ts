import { z } from 'zod';
import { tsaCrossEntropy } from '../losses/tsa.js';
import { udaSchema as consistencySchema, udaConsistency } from '../losses/uda.js';
import type { Regulariser } from './regulariser.js';

export const udaSchema = consistencySchema.extend({
  /** Unlabelled texts beside each labelled one. */
  ratio: z.number().positive().default(1.5),
  /** How an unlabelled text is worded anew: `eda` by synonyms, insertions, swaps and deletions, `swap` by exchanging the texts of a pair. Default: `swap` for pairs, else `eda`. */
  wording: z.enum(['eda', 'swap']).optional(),
});

/** Consistency on unlabelled texts. The graph then also reads `augmented_*` and `original_*` (ids, mask, types; int64 [unlabelled, tokens of
 *  each]) and, with annealing, `annealing_threshold` []. Both wordings have dropout; no gradient goes into the original. */
export const uda: Regulariser<z.infer<typeof udaSchema>> = ({ g, classifier, targets }, config) => {
  const pass = (of: 'augmented' | 'original') => {
    const [ids, mask, types] = ['ids', 'mask', 'types'].map((part) => g.input(`${of}_${part}`, ['unlabelled', `${of}Tokens`], 'int64'));
    return classifier.again({ ids: ids!, mask: mask!, types: types! }).logits;
  };
  const value = udaConsistency(g, { augmented: pass('augmented'), original: pass('original') }, config);
  const terms = { uda: { weight: config.weight, value } };
  if (config.annealing === 'none') return { terms };
  const threshold = g.input('annealing_threshold', []);
  return { terms, supervised: ({ logits }) => tsaCrossEntropy(g, { logits, target: targets }, threshold) };
};
