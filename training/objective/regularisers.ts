/** @file Every regulariser, by its key in the config, in one total table. A new one is a file and a line here. */
import { z } from 'zod';
import { rDrop, rDropSchema } from '../losses/r-drop.js';
import { selfContrastive, selfContrastiveSchema } from '../losses/self-contrastive.js';
import { supervisedContrastive, supervisedContrastiveSchema } from '../losses/supervised-contrastive.js';
import { adversarial, adversarialSchema } from './adversarial.js';
import { distillation, distillationSchema } from './distillation.js';
import type { Contribution, Regulariser, StepContext } from './regulariser.js';
import { uda, udaSchema } from './uda.js';

/** None is on unless it is named; `{}` turns one on with its defaults. */
export const regularisersSchema = z.strictObject({
  rDrop: rDropSchema.optional(),
  adversarial: adversarialSchema.optional(),
  supervisedContrastive: supervisedContrastiveSchema.optional(),
  selfContrastive: selfContrastiveSchema.optional(),
  uda: udaSchema.optional(),
  distillation: distillationSchema.optional(),
});
export type RegularisersConfig = z.infer<typeof regularisersSchema>;
export type RegulariserKey = keyof RegularisersConfig;

const regularisers: { readonly [K in RegulariserKey]-?: Regulariser<NonNullable<RegularisersConfig[K]>> } = {
  rDrop: ({ g, task, classifier, second }, { weight }) => ({
    terms: { rDrop: { weight, value: rDrop(g, { first: classifier.logits, second: second().logits }, task) } },
  }),
  adversarial,
  supervisedContrastive: ({ g, classifier: { features }, targets: target }, { weight, temperature }) => ({
    terms: { supervisedContrastive: { weight, value: supervisedContrastive(g, { features, target }, { temperature }) } },
  }),
  selfContrastive: ({ g, classifier: { features: first }, second }, { weight, temperature }) => ({
    terms: { selfContrastive: { weight, value: selfContrastive(g, { first, second: second().features }, { temperature }) } },
  }),
  uda,
  distillation,
};

/** What those that `config` names add, in the order of the table. */
export function contributions(context: StepContext, config: RegularisersConfig): readonly Contribution[] {
  return (Object.keys(regularisers) as RegulariserKey[]).flatMap((key) => {
    const one = config[key];
    return one ? [(regularisers[key] as Regulariser<typeof one>)(context, one)] : [];
  });
}
