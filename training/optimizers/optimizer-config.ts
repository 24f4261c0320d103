import { z } from 'zod';

const share = z.number().min(0).lt(1);

export const optimizerSchema = z.strictObject({
  beta1: share.default(0.9),
  beta2: share.default(0.999),
  epsilon: z.number().positive().default(1e-8),
  /** Decoupled; on tensors of two or more dims only: matrices and tables, not biases and normalisation. */
  weightDecay: z.number().min(0).default(0.01),
  /** The gradient is scaled down to this global L2 norm; 0 turns clipping off. */
  clip: z.number().min(0).default(1),
});

export type OptimizerConfig = z.infer<typeof optimizerSchema>;
