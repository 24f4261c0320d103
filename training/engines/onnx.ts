/** @file The ONNX Runtime engine: forward and backward pass as one graph, the optimiser as one pass over memory that the runtime writes into. */
import { type Graph, mul, type Session, type Tensor, type Tensors, toOnnx } from '../../models/index.js';
import { createSession } from '../../models/runtime/node.js';
import { gradientsOf, type ParameterGradient } from '../autodiff/parameter-gradients.js';
import { DropoutMasks } from '../kernels/dropout-masks.js';
import { firstLossScale, nextLossScale } from '../optimizers/loss-scale.js';
import { bindSizes } from './bind-sizes.js';
import { checkProvider } from './devices.js';
import type { Engine, EngineOptions, EngineState, StepOptions, StepResult, TrainingBatch } from './engine.js';
import { evaluationSession } from './evaluation-session.js';
import { halfPrecision } from './half-precision.js';
import { leavesLast } from './leaves-last.js';
import { OutputArrays } from './output-arrays.js';
import { ParameterMemory } from './parameter-memory.js';
import { allGiven, named, outputsOf, placesOf } from './step-outputs.js';

/** What a step does besides computing in the runtime. */
export type StepPart = 'masks' | 'run' | 'collect' | 'norm' | 'update';

export type OnnxEngineOptions = EngineOptions & {
  /** Folder in which the runtime's profile of the training graph is written when the engine is disposed of. Default: none is. */
  readonly profileIn?: string;
  /** Told of each part of a step how many milliseconds it took. */
  readonly watch?: (part: StepPart, milliseconds: number) => void;
};

export async function createOnnxEngine(given: OnnxEngineOptions): Promise<Engine> {
  const { graphs, weights, optimizer, seed, threads, precision = 'fp32', provider = 'cpu', recompute = false, profileIn, watch } = given;
  const { training: graph } = graphs;
  const half = precision === 'fp16';
  // Multiplied in before the backward pass, divided out of the gradients after it.
  const lossScale = half ? graph.builder.input('loss_scale', []) : undefined;
  const gradients = gradientsOf(lossScale ? { ...graph, loss: mul(graph.builder, graph.loss, lossScale) } : graph, { recompute });
  const masks = await DropoutMasks.create();
  if (provider !== 'cpu') await checkProvider(provider);
  const options = { providers: [provider], ...(threads === undefined ? {} : { threads }) };
  const whole = graph.builder.graph(outputsOf(graph, gradients));
  const lookups = lookupsOf(gradients, whole);
  const memory = await ParameterMemory.create(graph.parameters, graph.trained, weights, new Set(lookups.keys()));
  const bytes = toOnnx(leavesLast(half ? halfPrecision(whole) : whole), { keepsOutputs: true });
  const training = await createSession(bytes, { ...options, planned: false, ...(profileIn === undefined ? {} : { profileIn }) });
  const evaluation = await evaluationSession(graphs, options);

  const arrays = new OutputArrays();
  let scaling = firstLossScale;
  const timed = async <T>(part: StepPart, work: () => T | Promise<T>): Promise<T> => {
    const start = performance.now();
    const result = await work();
    watch?.(part, performance.now() - start);
    return result;
  };

  const forwardBackward = async (
    { tensors }: TrainingBatch,
    key: { step: number; part: number },
    share: number,
  ): Promise<Readonly<Record<string, number>>> => {
    const scale = half ? scaling.scale : 1;
    const sizes = bindSizes(whole.inputs, tensors);
    const dropout = await timed('masks', () => masks.fill(graph.masks, sizes, { seed, ...key }));
    const scalars: Tensors = { loss_scale: { type: 'float32', dims: [], data: Float32Array.of(scale) } };
    const parameters = memory.read(lookups, tensors);
    const feeds = feedsFor(training, [parameters, tensors, dropout, scalars]);
    const first = key.part === 0;
    const results = await timed('run', () => run(feeds, placesOf(whole, { gradients, memory, arrays, first, sizes })));
    const found = (name: string): Tensor => (results[name] ?? tensors[name])!;
    await timed('collect', () => {
      for (const gradient of gradients) collect(memory, gradient, found, { first, share: share / scale });
    });
    return Object.fromEntries(named(graph).map(([name, value]) => [name, Number(results[value.name]!.data[0])]));
  };

  /** Where every output has a place, nothing is copied. */
  const run = async (feeds: Tensors, outputs: Readonly<Record<string, Tensor | null>>): Promise<Tensors> => {
    if (!allGiven(outputs)) return training.run(feeds, outputs);
    await training.runInto(feeds, outputs);
    return outputs;
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
      const gradientNorm = await timed('norm', () => memory.gradientNorm());
      const applied = Number.isFinite(loss) && Number.isFinite(gradientNorm);
      const overflowed = half && !applied && Number.isFinite(loss) && scaling.scale > 1;
      if (applied) await timed('update', () => memory.update(optimizer, { learningRate, emaDecay, gradientNorm }));
      memory.clearRows();
      if (half) scaling = nextLossScale(scaling, overflowed);
      return { loss, parts, gradientNorm, applied, overflowed };
    },
    async evaluate(tensors: Tensors, which) {
      const { output } = await evaluation.run(feedsFor(evaluation, [memory.tensors(which), tensors]));
      return output!.data as Float32Array;
    },
    async state(): Promise<EngineState> {
      return { ...memory.state(), ...(half ? { lossScale: scaling } : {}) };
    },
    average: async () => memory.average(),
    async restore(state: EngineState) {
      memory.restore(state);
      scaling = state.lossScale ?? firstLossScale;
    },
    async dispose() {
      training.endProfile();
      await Promise.all([training.dispose(), evaluation.dispose()]);
    },
  };
}

/** Tables of which a step reads only rows that are known before it: by the inputs that hold their ids. */
function lookupsOf(gradients: readonly ParameterGradient[], { inputs, nodes }: Graph): ReadonlyMap<string, readonly string[]> {
  const given = new Set(inputs.map(({ name }) => name));
  const readers = (table: string): number => nodes.filter((node) => node.inputs.some(({ name }) => name === table)).length;
  const plans = gradients.map(({ name, parts }) => [name, parts.kind === 'rows' ? parts.lookups.map(({ ids }) => ids.name) : []] as const);
  return new Map(plans.filter(([name, ids]) => ids.length > 0 && ids.length === readers(name) && ids.every((id) => given.has(id))));
}

function collect(
  memory: ParameterMemory,
  { name, parts }: ParameterGradient,
  found: (name: string) => Tensor,
  { first, share }: { first: boolean; share: number },
): void {
  if (parts.kind === 'dense') {
    if (first) memory.scaleGradient(name, share);
    else memory.addGradient(name, found(parts.gradient.name).data as Float32Array, share);
    return;
  }
  for (const { ids, gradient } of parts.lookups)
    memory.addRows(name, found(ids.name).data as BigInt64Array, found(gradient.name).data as Float32Array, share);
}

/** Each input of the session from the first of `sources` that has it. Looked up, not merged: a graph has hundreds of parameters. */
const feedsFor = ({ inputNames }: Session, sources: readonly Tensors[]): Tensors =>
  Object.fromEntries(
    inputNames.flatMap((name) => {
      const source = sources.find((tensors) => tensors[name]);
      return source ? [[name, source[name]!]] : [];
    }),
  );
