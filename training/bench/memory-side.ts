/** @file Peak memory of some training steps, in a process of its own: `memory-side LAYERSxWIDTH TEXTSxTOKENS VOCABULARY held|recomputed STEPS`. */
import { createOnnxEngine } from '../engines/onnx.js';
import { classifierGraphs } from '../objective/classifier-step.js';
import { optimizerSchema } from '../optimizers/optimizer-config.js';
import { initialWeights } from '../trainer/initial-weights.js';
import { benchArchitecture, randomBatch } from './measure.js';

export type MemorySide = {
  /** 10^6 bytes resident at the most. */
  readonly peakMB: number;
  readonly losses: readonly number[];
  /** The fastest of the steps. */
  readonly ms: number;
};

const [size = '', texts = '', vocabulary = '', activations = '', steps = ''] = process.argv.slice(2);
const [batch, tokens] = texts.split('x').map(Number) as [number, number];
const graphs = classifierGraphs({ architecture: { ...benchArchitecture(size), vocabularySize: Number(vocabulary) }, labels: 2 });
const engine = await createOnnxEngine({
  graphs,
  weights: initialWeights(graphs.training.parameters, 1),
  optimizer: optimizerSchema.parse({}),
  seed: 1,
  recompute: activations === 'recomputed',
});
const data = randomBatch(batch, tokens);
const losses: number[] = [];
let ms = Number.POSITIVE_INFINITY;
for (let step = 0; step < Number(steps); step++) {
  const start = performance.now();
  const { loss } = await engine.step([data], { step, learningRate: 1e-4, emaDecay: 0.999 });
  ms = Math.min(ms, performance.now() - start);
  losses.push(loss);
}
await engine.dispose();
process.send?.({ peakMB: process.resourceUsage().maxRSS / 1e3, losses, ms } satisfies MemorySide);
process.disconnect?.();
