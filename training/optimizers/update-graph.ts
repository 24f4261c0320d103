/** @file Clipping, optimiser and moving average of all parameters as ordinary nodes, for engines whose memory is not ours. */
import { abs, add, cast, div, type GraphBuilder, greater, max, mul, type Parameter, type Value, where } from '../../models/index.js';
import { adamW, globalNorm, type ParameterState, type StepScalars } from './adam-w.js';
import type { OptimizerConfig } from './optimizer-config.js';
import { parameterRates } from './parameter-rates.js';

/** Numbers that change from step to step, [] each. */
export const updateScalars = ['learningRate', 'correction1', 'correction2', 'averageDecay'] as const;
export type UpdateScalars = Readonly<Record<(typeof updateScalars)[number], Value>>;

export const stateKeys = ['weight', 'first', 'second', 'average'] as const satisfies readonly (keyof ParameterState)[];

export type UpdateInputs = {
  readonly loss: Value;
  readonly scalars: UpdateScalars;
  readonly trained: readonly { readonly name: string; readonly gradient: Value; readonly state: ParameterState }[];
};
export type UpdatedParameter = { readonly name: string; readonly before: ParameterState; readonly next: ParameterState };
export type Update = {
  /** Of all gradients together, before clipping: []. */
  readonly norm: Value;
  /** Whether loss and norm are finite numbers, bool []: where they are not, nothing of the state may change. */
  readonly applied: Value;
  readonly parameters: readonly UpdatedParameter[];
};

/** @param all every parameter, frozen ones too: the rate of one may hang on how many there are above it */
export function updateNodes(
  g: GraphBuilder,
  { loss, scalars, trained }: UpdateInputs,
  config: OptimizerConfig,
  all: readonly Parameter[],
): Update {
  const norm = globalNorm(
    g,
    trained.map(({ gradient }) => gradient),
  );
  const finite = (value: Value) => cast(g, greater(g, largest, abs(g, value)), 'float32');
  const applied = greater(g, mul(g, finite(loss), finite(norm)), 0.5); // []
  const gradientScale = config.clip > 0 ? div(g, config.clip, max(g, add(g, norm, 1e-6), config.clip)) : g.constant(1); // min(1, clip / norm)
  const numbers: StepScalars = { ...scalars, gradientScale };
  const shapes = all.map(({ value: { name, shape } }) => ({ name, shape: shape as readonly number[] }));
  const rates = parameterRates(shapes, config);
  const parameters = trained.map(({ name, gradient, state }) => ({
    name,
    before: state,
    next: adamW(g, state, gradient, numbers, config, rates.get(name)!),
  }));
  return { norm, applied, parameters };
}

/** The value after the step, or that before it where the step is not applied. */
export const gated = (
  g: GraphBuilder,
  { applied }: Pick<Update, 'applied'>,
  { before, next }: UpdatedParameter,
  key: keyof ParameterState,
): Value => where(g, applied, next[key], before[key]);

/** Largest float32. */
const largest = 3.4028234663852886e38;
