/** @file The learning rate of each step, as a share of the highest. Pure: a resumed run asks for the same steps and gets the same rates. */
import { z } from 'zod';

export const scheduleSchema = z.strictObject({
  kind: z.enum(['linear', 'cosine', 'constant']).default('linear'),
  /** Steps of linear warm-up; below 1: a share of all steps. */
  warmup: z.number().min(0).default(0.1),
});
export type ScheduleConfig = z.infer<typeof scheduleSchema>;

const decays: { readonly [K in ScheduleConfig['kind']]: (done: number) => number } = {
  linear: (done) => 1 - done,
  cosine: (done) => 0.5 * (1 + Math.cos(Math.PI * done)),
  constant: () => 1,
};

/**
 * @param step   0-based
 * @param steps  of the whole run
 * @returns 0 to 1: (step + 1) / warmup while warming up, then the decay from 1 at the end of the warm-up towards 0 after the last step
 */
export function rateAt({ kind, warmup }: ScheduleConfig, step: number, steps: number): number {
  const warm = Math.min(steps, warmup < 1 ? Math.round(warmup * steps) : Math.round(warmup));
  if (step < warm) return (step + 1) / warm;
  return decays[kind]((step - warm) / Math.max(1, steps - warm));
}
