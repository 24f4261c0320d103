/** @file The ONNX Runtime engine: forward and backward pass as one graph, the optimiser as one pass over memory that the runtime writes into. */
import { type Session, type Tensor, type Tensors, toOnnx, type Value } from '../../models/index.js';
import { createSession } from '../../models/runtime/node.js';
import { gradientsOf, type ParameterGradient } from '../autodiff/parameter-gradients.js';
import { DropoutMasks } from '../kernels/dropout-masks.js';
import type { StepGraph } from '../objective/step-graph.js';
import { bindSizes } from './bind-sizes.js';
import type { Engine, EngineOptions, EngineState, StepOptions, StepResult, TrainingBatch } from './engine.js';
import { evaluationSession } from './evaluation-session.js';
import { ParameterMemory } from './parameter-memory.js';

export async function createOnnxEngine({ graphs, weights, optimizer, seed, threads }: EngineOptions): Promise<Engine> {
  const { training: graph } = graphs;
  const gradients = gradientsOf(graph);
  const memory = await ParameterMemory.create(graph.parameters, graph.trained, weights);
  const masks = await DropoutMasks.create();
  const options = threads === undefined ? {} : { threads };
  const whole = graph.builder.graph(outputsOf(graph, gradients));
  const training = await createSession(toOnnx(whole), options);
  const evaluation = await evaluationSession(graphs, options);

  const forwardBackward = async (
    { tensors }: TrainingBatch,
    key: { step: number; part: number },
    share: number,
  ): Promise<Readonly<Record<string, number>>> => {
    const feeds = feedsFor(training, { ...memory.tensors('weights'), ...tensors });
    const dropout = masks.fill(graph.masks, bindSizes(whole.inputs, tensors), { seed, ...key });
    const results = await training.run({ ...feeds, ...dropout }, outputTensors(graph, gradients, memory, key.part === 0));
    for (const gradient of gradients) collect(memory, gradient, { ...feeds, ...results }, { first: key.part === 0, share });
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
      if (applied) memory.update(optimizer, { learningRate, emaDecay, gradientNorm });
      memory.clearRows();
      return { loss, parts, gradientNorm, applied };
    },
    async evaluate(tensors: Tensors, which) {
      const { output } = await evaluation.run(feedsFor(evaluation, { ...memory.tensors(which), ...tensors }));
      return output!.data as Float32Array;
    },
    async state(): Promise<EngineState> {
      return memory.state();
    },
    async restore(state: EngineState) {
      memory.restore(state);
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
