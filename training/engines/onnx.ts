/** @file The ONNX Runtime engine: forward and backward pass as one graph, the optimiser as one pass over memory that the runtime writes into. */
import { mul, type Session, type Tensor, type Tensors, toOnnx, type Value } from '../../models/index.js';
import { createSession } from '../../models/runtime/node.js';
import { gradientsOf, type ParameterGradient } from '../autodiff/parameter-gradients.js';
import { DropoutMasks } from '../kernels/dropout-masks.js';
import type { StepGraph } from '../objective/step-graph.js';
import { firstLossScale, nextLossScale } from '../optimizers/loss-scale.js';
import { bindSizes } from './bind-sizes.js';
import type { Engine, EngineOptions, EngineState, StepOptions, StepResult, TrainingBatch } from './engine.js';
import { evaluationSession } from './evaluation-session.js';
import { halfPrecision } from './half-precision.js';
import { ParameterMemory } from './parameter-memory.js';

export async function createOnnxEngine({ graphs, weights, optimizer, seed, threads, precision = 'fp32' }: EngineOptions): Promise<Engine> {
  const { training: graph } = graphs;
  const half = precision === 'fp16';
  // Multiplied in before the backward pass, divided out of the gradients after it.
  const lossScale = half ? graph.builder.input('loss_scale', []) : undefined;
  const gradients = gradientsOf(lossScale ? { ...graph, loss: mul(graph.builder, graph.loss, lossScale) } : graph);
  const memory = await ParameterMemory.create(graph.parameters, graph.trained, weights);
  const masks = await DropoutMasks.create();
  const options = threads === undefined ? {} : { threads };
  const whole = graph.builder.graph(outputsOf(graph, gradients));
  const training = await createSession(toOnnx(half ? halfPrecision(whole) : whole), options);
  const evaluation = await evaluationSession(graphs, options);

  let scaling = firstLossScale;

  const forwardBackward = async (
    { tensors }: TrainingBatch,
    key: { step: number; part: number },
    share: number,
  ): Promise<Readonly<Record<string, number>>> => {
    const scale = half ? scaling.scale : 1;
    const loss_scale = { type: 'float32', dims: [], data: Float32Array.of(scale) } as const;
    const feeds = feedsFor(training, { ...memory.tensors('weights'), ...tensors, loss_scale });
    const dropout = masks.fill(graph.masks, bindSizes(whole.inputs, tensors), { seed, ...key });
    const results = await training.run({ ...feeds, ...dropout }, outputTensors(graph, gradients, memory, key.part === 0));
    for (const gradient of gradients) collect(memory, gradient, { ...feeds, ...results }, { first: key.part === 0, share: share / scale });
    return Object.fromEntries(named(graph).map(([name, value]) => [name, Number(results[value.name]!.data[0])]));
  };

  return {
    name: 'onnx',
    device: training.provider,
    async step(batches: readonly TrainingBatch[], { step, learningRate, emaDecay }: StepOptions): Promise<StepResult> {
      const all = batches.reduce((sum, { texts }) => sum + texts, 0);
      const sums: Record<string, number> = Object.fromEntries(named(graph).map(([name]) => [name, 0]));
      for (const [part, batch] of batches.entries()) {
        const share = batch.texts / all;
        for (const [name, value] of Object.entries(await forwardBackward(batch, { step, part }, share))) sums[name]! += share * value;
      }
      const { '': loss, ...parts } = sums as Record<string, number> & { '': number };
      const gradientNorm = memory.gradientNorm();
      const applied = Number.isFinite(loss) && Number.isFinite(gradientNorm);
      const overflowed = half && !applied && Number.isFinite(loss) && scaling.scale > 1;
      if (applied) memory.update(optimizer, { learningRate, emaDecay, gradientNorm });
      memory.clearRows();
      if (half) scaling = nextLossScale(scaling, overflowed);
      return { loss, parts, gradientNorm, applied, overflowed };
    },
    async evaluate(tensors: Tensors, which) {
      const { output } = await evaluation.run(feedsFor(evaluation, { ...memory.tensors(which), ...tensors }));
      return output!.data as Float32Array;
    },
    async state(): Promise<EngineState> {
      return { ...memory.state(), ...(half ? { lossScale: scaling } : {}) };
    },
    async restore(state: EngineState) {
      memory.restore(state);
      scaling = state.lossScale ?? firstLossScale;
    },
    async dispose() {
      await Promise.all([training.dispose(), evaluation.dispose()]);
    },
  };
}

/** The numbers that a step tells: the loss, under no name, and its parts. */
const named = ({ loss, parts }: StepGraph): readonly (readonly [string, Value])[] => [['', loss], ...Object.entries(parts)];

const outputsOf = (graph: StepGraph, gradients: readonly ParameterGradient[]): readonly Value[] => {
  const values = gradients.flatMap(({ parts }) =>
    parts.kind === 'dense' ? [parts.gradient] : parts.lookups.flatMap(({ ids, gradient }) => [ids, gradient]),
  );
  return [...new Map([...named(graph).map(([, value]) => value), ...values].map((value) => [value.name, value])).values()];
};

/** Dense gradients of the first batch of a step are written by the runtime straight to where the optimiser reads them. */
function outputTensors(
  graph: StepGraph,
  gradients: readonly ParameterGradient[],
  memory: ParameterMemory,
  first: boolean,
): Record<string, Tensor | null> {
  const outputs: Record<string, Tensor | null> = Object.fromEntries(named(graph).map(([, { name }]) => [name, null]));
  for (const { name, parts } of gradients) {
    if (parts.kind === 'dense') outputs[parts.gradient.name] = first ? memory.gradientTensor(name) : null;
    else for (const { ids, gradient } of parts.lookups) Object.assign(outputs, { [ids.name]: null, [gradient.name]: null });
  }
  return outputs;
}

function collect(
  memory: ParameterMemory,
  { name, parts }: ParameterGradient,
  values: Tensors,
  { first, share }: { first: boolean; share: number },
): void {
  if (parts.kind === 'dense') {
    if (first) memory.scaleGradient(name, share);
    else memory.addGradient(name, values[parts.gradient.name]!.data as Float32Array, share);
    return;
  }
  for (const { ids, gradient } of parts.lookups) {
    memory.addRows(name, values[ids.name]!.data as BigInt64Array, values[gradient.name]!.data as Float32Array, share);
  }
}

/** Those of `tensors` that the session takes. */
const feedsFor = ({ inputNames }: Session, tensors: Tensors): Record<string, Tensor> =>
  Object.fromEntries(inputNames.flatMap((name) => (tensors[name] ? [[name, tensors[name]]] : [])));
