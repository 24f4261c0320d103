import { z } from 'zod';
import { invariant } from '../../models/index.js';
import { distillation as soften, distillationSchema as softeningSchema } from '../losses/distillation.js';
import { featureDistance } from '../losses/feature-distance.js';
import type { Regulariser } from './regulariser.js';

export const distillationSchema = softeningSchema.extend({
  /** Folder of the run or bundle that teaches; its labels must be those of the data. For `features` a run. */
  teacher: z.string().min(1),
});

/** A teacher's word beside the labels. The graph then also reads `teacher_logits` [batch, labels] and, for its features, `teacher_features`
 *  [batch, teacherWidth]; the projection between both widths is trained along and left behind. */
export const distillation: Regulariser<z.infer<typeof distillationSchema>> = (context, { weight, temperature, features }) => {
  const { g, task, labels, classifier, teacherWidth } = context;
  const teacher = g.input('teacher_logits', ['batch', labels]);
  const value = soften(g, { student: classifier.logits, teacher }, task, { temperature });
  const terms = { distillation: { weight, value } };
  const supervisedWeight = 1 - weight;
  if (features === 0) return { terms, supervisedWeight };
  invariant(teacherWidth, 'distillation: the width of the teacher is not known');
  const width = classifier.features.shape[1] as number;
  const projection = classifier.scope.at('distillation').parameter('weight', [width, teacherWidth], { kind: 'normal', deviation: 0.02 });
  const given = g.input('teacher_features', ['batch', teacherWidth]);
  const distance = featureDistance(g, { student: classifier.features, teacher: given, projection });
  return { terms: { ...terms, features: { weight: features, value: distance } }, supervisedWeight };
};
