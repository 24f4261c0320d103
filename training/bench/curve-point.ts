/** @file One point of a cost curve, in a process of its own so that its peak memory is its own: `curve-point LAYERSxWIDTH TEXTSxTOKENS RUNS`. */
import { median, quartiles } from '../../models/bench/node.js';
import { createOnnxEngine } from '../engines/onnx.js';
import { classifierGraphs } from '../objective/classifier-step.js';
import { optimizerSchema } from '../optimizers/optimizer-config.js';
import { initialWeights } from '../trainer/initial-weights.js';
import { benchArchitecture, randomBatch } from './measure.js';

export type MeasuredPoint = {
  readonly ms: number;
  readonly spread: readonly [number, number];
  /** 10^6 bytes resident at the most. */
  readonly peakMB: number;
  readonly parameters: number;
};

const [size = '', texts = '', runs = ''] = process.argv.slice(2);
const [batch, tokens] = texts.split('x').map(Number) as [number, number];
const graphs = classifierGraphs({ architecture: benchArchitecture(size), labels: 2 });
const weights = initialWeights(graphs.training.parameters, 1);
const engine = await createOnnxEngine({ graphs, weights, optimizer: optimizerSchema.parse({}), seed: 1 });
const times: number[] = [];
for (let run = -2; run < Number(runs); run++) {
  const data = randomBatch(batch, tokens, run + 2);
  const start = performance.now();
  await engine.step([data], { step: run + 2, learningRate: 1e-4, emaDecay: 0.999 });
  if (run >= 0) times.push(performance.now() - start);
}
await engine.dispose();
process.send?.({
  ms: median(times),
  spread: quartiles(times),
  peakMB: process.resourceUsage().maxRSS / 1e3,
  parameters: [...weights.values()].reduce((sum, { length }) => sum + length, 0),
} satisfies MeasuredPoint);
process.disconnect?.();
