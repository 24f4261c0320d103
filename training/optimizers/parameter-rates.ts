import { invariant } from '../../models/index.js';
import { layerDepths } from './layer-depths.js';
import type { OptimizerConfig } from './optimizer-config.js';

/** How one parameter is trained. */
export type ParameterRate = {
  /** Times the rate of the run. */
  readonly rateFactor: number;
  /** Taken from the weight, times its rate (AdamW). */
  readonly weightDecay: number;
  /** Times the weight, added to the gradient (Adam). */
  readonly gradientDecay: number;
};
type Named = { readonly name: string; readonly shape: readonly number[] };

const decays: { readonly [K in OptimizerConfig['kind']]: (decay: number) => Omit<ParameterRate, 'rateFactor'> } = {
  adamw: (weightDecay) => ({ weightDecay, gradientDecay: 0 }),
  adam: (gradientDecay) => ({ weightDecay: 0, gradientDecay }),
};

/** The rate and the decay of every parameter: by the first group that matches its name, else by its layer and its shape. */
export function parameterRates(
  parameters: readonly Named[],
  { kind, weightDecay, noDecay, layerDecay, groups }: OptimizerConfig,
): ReadonlyMap<string, ParameterRate> {
  const depths = layerDepths(parameters.map(({ name }) => name));
  const matches = groups.map((group) => ({ group, pattern: new RegExp(group.match) }));
  const still = noDecay?.map((pattern) => new RegExp(pattern));
  return new Map(
    parameters.map(({ name, shape }) => {
      const group = matches.find(({ pattern }) => pattern.test(name))?.group;
      invariant(group?.learningRate === undefined, `optimizer: the rate of group ${group?.match} is not relative yet`);
      const decaying = still ? !still.some((pattern) => pattern.test(name)) : shape.length > 1;
      const decay = group?.weightDecay ?? (decaying ? weightDecay : 0);
      return [name, { rateFactor: group?.rateFactor ?? layerDecay ** depths.get(name)!, ...decays[kind](decay) }];
    }),
  );
}

/** The same optimiser with the groups' own rates as multiples of that of the run, as engines take it. */
export const relativeRates = (config: OptimizerConfig, learningRate: number): OptimizerConfig => ({
  ...config,
  groups: config.groups.map(({ learningRate: own, ...group }) =>
    own === undefined ? group : { ...group, rateFactor: own / learningRate },
  ),
});
