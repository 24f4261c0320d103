import type { Value } from '../../models/index.js';

/** What a loss reads, float [batch, labels] each: the target is one-hot rows, or 0 and 1 for each label, or the values of a regression. */
export type Supervised = { readonly logits: Value; readonly target: Value };
