/** @file The WebGPU engine: weights, gradients, moments and averages stay in the card's memory from step to step. */
import {
  type GraphBuilder,
  identity,
  invariant,
  type Parameter,
  type Tensor,
  type Tensors,
  toOnnx,
  UsageError,
  type Value,
} from '../../models/index.js';
import { createSession, type DeviceTensor, type NodeSession } from '../../models/runtime/node.js';
import { gradientsOf } from '../autodiff/parameter-gradients.js';
import { DropoutMasks } from '../kernels/dropout-masks.js';
import type { UpdateScalars } from '../optimizers/update-graph.js';
import { bindSizes } from './bind-sizes.js';
import { checkProvider } from './devices.js';
import type { Engine, EngineOptions, EngineState, NamedArrays, StepOptions, StepResult, TrainingBatch } from './engine.js';
import { leavesLast } from './leaves-last.js';
import { held, type Part, parts } from './state-parts.js';
import { named } from './step-outputs.js';
import { tableGradient } from './table-gradient.js';
import { after, copyOf, fed, openApply, openSum, stateNames } from './webgpu-graphs.js';

/** What lies on the card, by name. */
type OnDevice = Readonly<Record<string, DeviceTensor>>;

/** @throws UsageError `training/engine` where there is no WebGPU, or half precision is asked for */
export async function createWebGpuEngine({
  graphs,
  weights,
  optimizer,
  seed,
  precision,
  recompute = false,
}: EngineOptions): Promise<Engine> {
  const { training, evaluation } = graphs;
  if (precision === 'fp16')
    throw new UsageError(
      'training/engine',
      'engine webgpu: it computes in single precision, and fp16 was asked for',
      'set training.precision to fp32, or training.engine to onnx.',
    );
  await checkProvider('webgpu');
  const masks = await DropoutMasks.create();
  const sessions: NodeSession[] = [];
  const open = async (g: GraphBuilder, outputs: Readonly<Record<string, Value>>, keep: readonly string[]): Promise<NodeSession> => {
    const outputNames = new Map(Object.entries(outputs).map(([name, value]) => [value.name, name]));
    const session = await createSession(toOnnx(leavesLast(g.graph(Object.values(outputs))), { outputNames }), {
      providers: ['webgpu'],
      keep,
    });
    sessions.push(session);
    return session;
  };

  const trained = training.parameters.filter(({ value }) => training.trained.has(value.name));
  const gradients = gradientsOf(training, { recompute });
  const dense = gradients.map(({ name, shape, parts }) => {
    const value = parts.kind === 'dense' ? parts.gradient : tableGradient(training.builder, parts.lookups, shape as [number, number]);
    return [held('gradient', name), value] as const;
  });
  const told = named(training).map(([name, value]) => [toldName(name), value] as const);
  // An output has one name: what is told twice, as a loss that has one part, is told by a copy.
  const copies = [...told, ...dense].map(([name, value]) => [name, identity(training.builder, value)] as const);
  const gradientNames = dense.map(([name]) => name);
  const pass = await open(training.builder, Object.fromEntries(copies), gradientNames);
  const state = stateNames(training.parameters, training.trained);
  const apply = await openApply(open, trained, training.parameters, optimizer);
  const upload = await open(
    ...copyOf(training.parameters, state),
    state.map(({ name }) => name),
  );
  const download = await open(...copyOf(training.parameters, state), []);
  const evaluate = await open(evaluation.builder, { output: evaluation.output }, []);
  let sum: NodeSession | undefined;

  const inputs = training.builder.inputs;
  const parameters = new Set(training.parameters.map(({ value }) => value.name));
  let device: OnDevice = {};
  let updates = 0;

  const write = async (given: Readonly<Record<Part, NamedArrays>>): Promise<void> => {
    const shapes = new Map(training.parameters.map(({ value }) => [value.name, value.shape as readonly number[]]));
    const feeds = state.map(({ name, part, parameter }): [string, Tensor] => {
      const data = given[part].get(parameter);
      invariant(data, `engine: ${parameter} has no ${part}`);
      return [fed(name), { type: 'float32', dims: shapes.get(parameter)!, data }];
    });
    const { kept } = await upload.runKept(Object.fromEntries(feeds));
    discard(device);
    device = kept;
  };
  const weightsFor = (session: NodeSession, part: 'weights' | 'average'): OnDevice =>
    Object.fromEntries(session.inputNames.filter((name) => parameters.has(name)).map((name) => [name, device[held(part, name)]!]));

  const forwardBackward = async ({ tensors }: TrainingBatch, key: { step: number; part: number }) => {
    const dropout = masks.fill(training.masks, bindSizes(inputs, tensors), { seed, ...key });
    const data = { ...only(pass, tensors), ...only(pass, dropout) };
    const { tensors: numbers, kept } = await pass.runKept({ ...weightsFor(pass, 'weights'), ...data });
    return { told: named(training).map(([name]) => [name, Number(numbers[toldName(name)]!.data[0])] as const), kept };
  };
  /** Gradients of the mean loss over all texts. */
  const collect = async (batches: readonly TrainingBatch[], step: number) => {
    const all = batches.reduce((count, { texts }) => count + texts, 0);
    let { told, kept } = await forwardBackward(batches[0]!, { step, part: 0 });
    let share = batches[0]!.texts / all;
    told = told.map(([name, value]) => [name, share * value]);
    for (const [i, batch] of batches.slice(1).entries()) {
      sum ??= await openSum(open, trained);
      const next = await forwardBackward(batch, { step, part: i + 1 });
      const nextShare = batch.texts / all;
      const both = await sum.runKept({
        ...renamed(kept, (name) => `first ${name}`),
        ...renamed(next.kept, (name) => `second ${name}`),
        firstShare: scalar(share),
        secondShare: scalar(nextShare),
      });
      discard(kept);
      discard(next.kept);
      kept = both.kept;
      told = told.map(([name, value], at) => [name, value + nextShare * next.told[at]![1]]);
      share = 1;
    }
    return { told, kept };
  };

  const read = async (): Promise<EngineState> => {
    const { tensors } = await download.runKept(renamed(device, fed));
    const partOf = (wanted: Part): NamedArrays =>
      new Map(state.filter(({ part }) => part === wanted).map(({ name, parameter }) => [parameter, tensors[name]!.data as Float32Array]));
    return { ...(Object.fromEntries(parts.map((part) => [part, partOf(part)])) as Record<Part, NamedArrays>), updates };
  };

  await write({ weights, average: weights, ...zeroMoments(trained) });

  return {
    name: 'webgpu',
    device: 'webgpu',
    async step(batches, { step, learningRate, emaDecay }: StepOptions): Promise<StepResult> {
      const { told, kept } = await collect(batches, step);
      const { '': loss, ...sums } = Object.fromEntries(told) as Record<string, number> & { '': number };
      const scalars: Readonly<Record<keyof UpdateScalars, number>> = {
        learningRate,
        correction1: 1 - optimizer.beta1 ** (updates + 1),
        correction2: 1 - optimizer.beta2 ** (updates + 1),
        averageDecay: emaDecay ?? 0,
      };
      const before = Object.fromEntries(apply.inputNames.filter((name) => device[name]).map((name) => [name, device[name]!]));
      const numbers = Object.fromEntries(Object.entries({ loss, ...scalars }).map(([name, value]) => [name, scalar(value)]));
      const { tensors, kept: next } = await apply.runKept({ ...before, ...kept, ...only(apply, numbers) });
      discard(kept);
      const gradientNorm = tensors.norm!.data[0] as number;
      const applied = Number.isFinite(loss) && Number.isFinite(gradientNorm);
      if (applied) {
        discard(before);
        device = { ...device, ...Object.fromEntries(Object.keys(before).map((name) => [name, next[after(name)]!])) };
        updates += 1;
      } else discard(next);
      return { loss, parts: sums, gradientNorm, applied, overflowed: false };
    },
    async evaluate(tensors, which) {
      const { tensors: results } = await evaluate.runKept({ ...weightsFor(evaluate, which), ...only(evaluate, tensors) });
      return results.output!.data as Float32Array;
    },
    state: read,
    average: async () => (await read()).average,
    async restore(given) {
      await write(given);
      updates = given.updates;
    },
    async dispose() {
      discard(device);
      device = {};
      await Promise.all(sessions.map((session) => session.dispose()));
    },
  };
}

const zeroMoments = (trained: readonly Parameter[]): Readonly<Record<'first' | 'second', NamedArrays>> => {
  const zeros = (): NamedArrays =>
    new Map(trained.map(({ value: { name, shape } }) => [name, new Float32Array((shape as readonly number[]).reduce((a, b) => a * b, 1))]));
  return { first: zeros(), second: zeros() };
};
const toldName = (part: string): string => (part === '' ? 'told' : `told ${part}`);
const renamed = <T>(record: Readonly<Record<string, T>>, rename: (name: string) => string): Record<string, T> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [rename(name), value]));
const only = ({ inputNames }: NodeSession, tensors: Tensors): Record<string, Tensor> =>
  Object.fromEntries(inputNames.flatMap((name) => (tensors[name] ? [[name, tensors[name]!]] : [])));
const discard = (tensors: OnDevice): void => {
  for (const tensor of Object.values(tensors)) tensor.dispose();
};
const scalar = (value: number): Tensor => ({ type: 'float32', dims: [], data: Float32Array.of(value) });
