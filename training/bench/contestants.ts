/** @file Who takes a training step in `bench:train`: our engines, and those that they are held against. */
import { type ArchitectureConfig, UsageError } from '../../models/index.js';
import type { TrainingBatch } from '../engines/engine.js';
import { engines } from '../engines/engines.js';
import { classifierGraphs } from '../objective/classifier-step.js';
import { optimizerSchema } from '../optimizers/optimizer-config.js';
import { initialWeights } from '../trainer/initial-weights.js';
import { type Peer, type StepShape, startPytorch } from './pytorch.js';

export type StepCase = {
  readonly architecture: ArchitectureConfig;
  readonly shape: StepShape;
  readonly data: (step: number) => TrainingBatch;
};

/** Peers by the name of `--peer`. tfjs is our own engine that runs op by op: what TensorFlow.js gives by itself. */
export const peers = {
  pytorch: ({ shape }: StepCase) => startPytorch(shape, 'eager'),
  compile: ({ shape }: StepCase) => startPytorch(shape, 'compile'),
  tfjs: (one: StepCase) => startEngine('tfjs', one),
} satisfies Readonly<Record<string, (one: StepCase) => Promise<Peer | undefined>>>;

export type PeerName = keyof typeof peers;

/** @returns runs in milliseconds; `undefined`, with the reason on stderr, where the engine cannot be had here */
export async function startEngine(name: string, { architecture, data }: StepCase): Promise<Peer | undefined> {
  const create = (engines as Readonly<Record<string, (typeof engines)[keyof typeof engines]>>)[name];
  if (!create)
    throw new UsageError(
      'usage/argument',
      `bench:train: there is no engine ${JSON.stringify(name)}`,
      `give some of ${Object.keys(engines).join(', ')}.`,
    );
  const graphs = classifierGraphs({ architecture, labels: 2 });
  const weights = initialWeights(graphs.training.parameters, 1);
  const engine = await create({ graphs, weights, optimizer: optimizerSchema.parse({}), seed: 1 }).catch((error: unknown) => {
    if (!(error instanceof UsageError && error.code === 'training/engine')) throw error;
    console.error(`${name}: ${error.message}`);
    return undefined;
  });
  if (!engine) return undefined;
  let step = 0;
  return {
    name: engine.name,
    async run() {
      const batch = data(step);
      const start = performance.now();
      await engine.step([batch], { step: step++, learningRate: 1e-4, emaDecay: 0.999 });
      return performance.now() - start;
    },
    stop: () => void engine.dispose(),
  };
}
