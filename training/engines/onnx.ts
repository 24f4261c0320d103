/** @file The ONNX Runtime engine: forward and backward pass as one graph, the optimiser as one pass over memory that the runtime writes into. */
import { type Session, type Tensor, type Tensors, type TokenBatch, toOnnx, type Value } from '../../models/index.js';
import { createSession } from '../../models/runtime/node.js';
import { DropoutMasks } from '../kernels/dropout-masks.js';
import type { OptimizerConfig } from '../optimizers/optimizer-config.js';
import { gradientsOf, type LossGraph, lossGraph, type ParameterGradient, type StepDefinition } from '../trainer/step.js';
import type { Engine, EngineState, LabelledBatch, NamedArrays, StepOptions, StepResult } from './engine.js';
import { evaluationSession } from './evaluation-session.js';
import { ParameterMemory } from './parameter-memory.js';

export type OnnxEngineOptions = {
  readonly definition: StepDefinition;
  /** By parameter name, in the layout of the graph; every parameter. */
  readonly weights: NamedArrays;
  readonly optimizer: OptimizerConfig;
  /** Of the dropout masks. */
  readonly seed: number;
  /** Threads of one operator; default: as many as the runtime finds cores. */
  readonly threads?: number;
};

export async function createOnnxEngine({ definition, weights, optimizer, seed, threads }: OnnxEngineOptions): Promise<Engine> {
  const graph = lossGraph(definition);
  const gradients = gradientsOf(graph);
  const memory = await ParameterMemory.create(graph.classifier.parameters, graph.trained, weights);
  const masks = await DropoutMasks.create();
  const options = threads === undefined ? {} : { threads };
  const training = await createSession(toOnnx(graph.classifier.builder.graph(outputsOf(graph, gradients))), options);
  const evaluation = await evaluationSession(definition, options);

  const forwardBackward = async (batch: LabelledBatch, key: { step: number; part: number }, share: number): Promise<number> => {
    const sizes = { batch: batch.batch, tokens: batch.tokens };
    const feeds = feedsFor(training, {
      ...memory.tensors('weights'),
      ...tokenTensors(batch),
      labels: { type: 'int64', dims: [batch.batch], data: batch.labels },
    });
    const dropout = masks.fill(graph.classifier.masks, sizes, { seed, ...key });
    const results = await training.run({ ...feeds, ...dropout }, outputTensors(graph, gradients, memory, key.part === 0));
    for (const gradient of gradients) collect(memory, gradient, { ...feeds, ...results }, { first: key.part === 0, share });
    return Number(results[graph.loss.name]!.data[0]);
  };

  return {
    name: 'onnx',
    device: training.provider,
    async step(batches: readonly LabelledBatch[], { step, learningRate, emaDecay }: StepOptions): Promise<StepResult> {
      const texts = batches.reduce((sum, { batch }) => sum + batch, 0);
      let loss = 0;
      for (const [part, batch] of batches.entries()) {
        const share = batch.batch / texts;
        loss += share * (await forwardBackward(batch, { step, part }, share));
      }
      const gradientNorm = memory.gradientNorm();
      const applied = Number.isFinite(loss) && Number.isFinite(gradientNorm);
      if (applied) memory.update(optimizer, { learningRate, emaDecay, gradientNorm });
      memory.clearRows();
      return { loss, gradientNorm, applied };
    },
    async logits(batch: TokenBatch, which) {
      const { logits } = await evaluation.run(feedsFor(evaluation, { ...memory.tensors(which), ...tokenTensors(batch) }));
      return logits!.data as Float32Array;
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

const outputsOf = ({ loss }: LossGraph, gradients: readonly ParameterGradient[]): readonly Value[] => {
  const parts = gradients.flatMap(({ parts }) =>
    parts.kind === 'dense' ? [parts.gradient] : parts.lookups.flatMap(({ ids, gradient }) => [ids, gradient]),
  );
  return [loss, ...new Map(parts.map((value) => [value.name, value])).values()];
};

/** Dense gradients of the first batch of a step are written by the runtime straight to where the optimiser reads them. */
function outputTensors(
  { loss }: LossGraph,
  gradients: readonly ParameterGradient[],
  memory: ParameterMemory,
  first: boolean,
): Record<string, Tensor | null> {
  const outputs: Record<string, Tensor | null> = { [loss.name]: null };
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

const tokenTensors = ({ batch, tokens, ids, mask, types }: TokenBatch): Tensors => ({
  input_ids: { type: 'int64', dims: [batch, tokens], data: ids },
  attention_mask: { type: 'int64', dims: [batch, tokens], data: mask },
  token_type_ids: { type: 'int64', dims: [batch, tokens], data: types },
});

/** Those of `tensors` that the session takes. */
const feedsFor = ({ inputNames }: Session, tensors: Tensors): Record<string, Tensor> =>
  Object.fromEntries(inputNames.flatMap((name) => (tensors[name] ? [[name, tensors[name]]] : [])));
