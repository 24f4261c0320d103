import { type GraphBuilder, matMul, type Value } from '../../models/index.js';
import { meanSquaredError } from './mean-squared-error.js';

/** `projection` is a parameter that is trained along and then thrown away; without it both widths must be the same. */
export type Features = { readonly student: Value; readonly teacher: Value; readonly projection?: Value | undefined };

/**
 * Mean of (student · projection - teacher)², for features beside logits in distillation (Romero et al. 2015).
 *
 *     student     [batch, width]
 *     teacher     [batch, teacherWidth]
 *     projection  [width, teacherWidth]
 *     returns     []
 */
export const featureDistance = (g: GraphBuilder, { student, teacher, projection }: Features): Value =>
  meanSquaredError(g, { logits: projection ? matMul(g, student, projection) : student, target: teacher });
