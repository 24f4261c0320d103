/** @file The learning rate of each step, as a share of the highest. Pure: a resumed run asks for the same steps and gets the same rates. */
import { z } from 'zod';
import { invariant } from '../../models/index.js';

/** Whole numbers count steps, or epochs where the rate is `per` epoch; below 1 they are shares of all of them. */
const common = {
  /** Of linear warm-up. */
  warmup: z.number().min(0).default(0.1),
  /** Whether the rate changes at each step or only where an epoch ends. */
  per: z.enum(['step', 'epoch']).default('step'),
};
/** Position and factor. */
const points = z
  .array(z.tuple([z.number().min(0), z.number().min(0)]))
  .min(1)
  .refine((all) => all.every(([at], i) => i === 0 || at > all[i - 1]![0]), 'positions must rise');

export const scheduleSchema = z.discriminatedUnion(
  'kind',
  [
    // A schedule that does not say its kind is linear.
    z.strictObject({ kind: z.literal(['linear', undefined]).default('linear'), ...common }),
    z.strictObject({ kind: z.literal('cosine'), ...common }),
    z.strictObject({ kind: z.literal('constant'), ...common }),
    z.strictObject({
      kind: z.literal('step'),
      ...common,
      /** The rate is multiplied by `factor` after each so many. */
      every: z.number().positive(),
      factor: z.number().positive().max(1).default(0.1),
    }),
    z.strictObject({
      kind: z.literal('piecewise'),
      ...common,
      /** The table may have its own. */
      warmup: common.warmup.unwrap().default(0),
      /** `[position, factor]`, linear in between. Positions are shares where none is above 1. */
      points,
    }),
  ],
  { error: 'expected one of linear, cosine, constant, step, piecewise' },
);
export type ScheduleConfig = z.infer<typeof scheduleSchema>;
type Kind = ScheduleConfig['kind'];

/** The rate `at` steps after the warm-up, of `left` there are. */
const decays: { readonly [K in Kind]: (config: Extract<ScheduleConfig, { kind: K }>, at: number, left: number) => number } = {
  linear: (_, at, left) => 1 - at / left,
  cosine: (_, at, left) => 0.5 * (1 + Math.cos((Math.PI * at) / left)),
  constant: () => 1,
  step: ({ every, factor }, at, left) => factor ** Math.floor(at / Math.max(1, counted(every, left))),
  piecewise: ({ points }, at, left) => {
    const scale = points.every(([position]) => position <= 1) ? left : 1;
    return interpolated(points, at / scale);
  },
};

/**
 * @param step           0-based
 * @param steps          of the whole run
 * @param stepsPerEpoch  needed where the rate is per epoch
 * @returns (step + 1) / warmup while warming up, then the decay from 1 at the end of the warm-up towards its last value after the last step
 */
export function rateAt(config: ScheduleConfig, step: number, steps: number, stepsPerEpoch?: number): number {
  if (config.per === 'step') return rateOf(config, step, steps);
  invariant(stepsPerEpoch !== undefined, 'schedule: a rate per epoch needs to know how long an epoch is');
  return rateOf(config, Math.floor(step / stepsPerEpoch), Math.ceil(steps / stepsPerEpoch));
}

function rateOf(config: ScheduleConfig, step: number, steps: number): number {
  const warm = Math.min(steps, counted(config.warmup, steps));
  if (step < warm) return (step + 1) / warm;
  const decay = decays[config.kind] as (config: ScheduleConfig, at: number, left: number) => number;
  return decay(config, step - warm, Math.max(1, steps - warm));
}

const counted = (given: number, all: number): number => Math.round(given < 1 ? given * all : given);

/** On the lines between the points; before the first and after the last as there. */
function interpolated(points: readonly (readonly [number, number])[], at: number): number {
  const next = points.findIndex(([position]) => position > at);
  const [before, after] = [points[next - 1], points[next]];
  if (!before) return points[next === 0 ? 0 : points.length - 1]![1];
  return before[1] + ((at - before[0]) / (after![0] - before[0])) * (after![1] - before[1]);
}
