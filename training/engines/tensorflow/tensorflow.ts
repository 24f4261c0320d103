/** @file The TensorFlow engine: a whole training step as one call into TensorFlow, which keeps weights, moments and averages to itself. */
import { invariant, sizeOf, type Tensors, UsageError } from '../../../models/index.js';
import { DropoutMasks } from '../../kernels/dropout-masks.js';
import { bindSizes } from '../bind-sizes.js';
import type { Engine, EngineOptions, EngineState, NamedArrays, StepOptions, StepResult, TrainingBatch } from '../engine.js';
import { libraryOf, loadTensorflow, type NativeTfjs } from '../load-tfjs.js';
import { held, namesOf, type Part, parts } from '../state-parts.js';
import { evened, planShapes } from './even-shapes.js';
import { probeXla } from './probe-xla.js';
import { loadSignatures } from './signatures.js';
import { signatureOf, toldNames, trainingModel } from './training-model.js';

export type TensorflowEngineOptions = EngineOptions & {
  /** Default: tfjs-node-gpu, else tfjs-node. */
  readonly tf?: NativeTfjs;
  /** Whether XLA compiles the step. Default: where it can. */
  readonly compiled?: boolean;
};

/** @throws UsageError `training/engine` when TensorFlow.js with its native library is not installed, or half precision is asked for */
export async function createTensorflowEngine(options: TensorflowEngineOptions): Promise<Engine> {
  const { graphs, weights, optimizer, seed, threads, batches: usual } = options;
  const { training } = graphs;
  if (options.precision === 'fp16')
    throw new UsageError(
      'training/engine',
      'engine tensorflow: it computes in single precision, and fp16 was asked for',
      'set training.precision to fp32, or training.engine to onnx.',
    );
  const tf = options.tf ?? (await loadTensorflow(threads === undefined ? {} : { threads }));
  const xla = options.compiled ?? (await probeXla(tf)).works;
  const model = trainingModel(graphs, { optimizer, compiled: xla });
  const signatures = await loadSignatures(tf, model.file);
  const masks = await DropoutMasks.create();
  const dims = new Map(training.parameters.map(({ value }) => [value.name, value.shape as readonly number[]]));
  const names = (part: Part) => namesOf(part, training.parameters, training.trained);
  const inputs = model.pass.inputs.filter(({ name }) => !dims.has(name));
  const plan = planShapes(inputs, new Set(training.masks.map(({ value }) => value.name)));
  let updates = 0;

  const assign = (part: Part, arrays: NamedArrays): void => {
    const feeds = names(part).map((name) => {
      const [data, shape] = [arrays.get(name), dims.get(name)!];
      invariant(data?.length === sizeOf(shape), `engine: ${name} has ${data?.length} values for [${shape}]`);
      return [held(part, name), { type: 'float32', dims: shape, data }] as const;
    });
    signatures.run(`assign_${part}`, Object.fromEntries(feeds));
  };
  const write = (state: Pick<EngineState, Part>): void => {
    for (const part of parts) assign(part, state[part]);
  };
  const read = (part: Part): NamedArrays => {
    const values = signatures.run(`read_${part}`, {});
    return new Map(names(part).map((name) => [name, values.get(held(part, name))!]));
  };

  /** Only the batch and the config decide how a batch is run, so that a resumed run does as the first. */
  const runPass = (name: 'train' | 'accumulate', { tensors }: TrainingBatch, key: { step: number; part: number }, also: Tensors) => {
    const sizes = bindSizes(inputs, tensors);
    const dropout = masks.fill(training.masks, sizes, { seed, ...key });
    const all: Tensors = { ...tensors, ...dropout };
    const compiled = xla && plan !== undefined && (usual === undefined || usual.rows === sizes.batch);
    const fed = Object.fromEntries(inputs.flatMap((input) => (all[input.name] ? [[input.name, all[input.name]!] as const] : [])));
    const feeds = compiled && usual ? evened(inputs, fed, plan, usual) : fed;
    const values = signatures.run(signatureOf(name, compiled), { ...feeds, ...also });
    return { told: toldNames(training.parts).map((one) => values.get(one)![0]!), norm: values.get('norm')?.[0] };
  };
  const scalarsOf = ({ learningRate, emaDecay }: StepOptions): Tensors => ({
    learningRate: scalar(learningRate),
    correction1: scalar(1 - optimizer.beta1 ** (updates + 1)),
    correction2: scalar(1 - optimizer.beta2 ** (updates + 1)),
    averageDecay: scalar(emaDecay ?? 0),
  });
  const once = (batch: TrainingBatch, options: StepOptions): { told: readonly number[]; norm: number } => {
    const { told, norm } = runPass('train', batch, { step: options.step, part: 0 }, scalarsOf(options));
    return { told, norm: norm! };
  };
  /** Several batches: gradients are collected, then applied. */
  const accumulated = (batches: readonly TrainingBatch[], options: StepOptions): { told: readonly number[]; norm: number } => {
    const all = batches.reduce((sum, { texts }) => sum + texts, 0);
    const sums = toldNames(training.parts).map(() => 0);
    signatures.run('clear', {});
    for (const [part, batch] of batches.entries()) {
      const share = batch.texts / all;
      const { told } = runPass('accumulate', batch, { step: options.step, part }, { share: scalar(share) });
      for (const [i, value] of told.entries()) sums[i]! += share * value;
    }
    const norm = signatures.run('apply', { ...scalarsOf(options), loss: scalar(sums[0]!) }).get('norm')![0]!;
    return { told: sums, norm };
  };

  const zeros: NamedArrays = new Map(names('first').map((name) => [name, new Float32Array(sizeOf(dims.get(name)!))]));
  write({ weights, average: weights, first: zeros, second: zeros });

  return {
    name: 'tensorflow',
    device: `${libraryOf(tf).device}, ${xla ? 'compiled by XLA' : 'without XLA'}`,
    async step(batches: readonly TrainingBatch[], options: StepOptions): Promise<StepResult> {
      const { told, norm } = batches.length === 1 ? once(batches[0]!, options) : accumulated(batches, options);
      const [loss, ...rest] = told as [number, ...number[]];
      const applied = Number.isFinite(loss) && Number.isFinite(norm);
      if (applied) updates += 1;
      const parts = Object.fromEntries(Object.keys(training.parts).map((name, i) => [name, rest[i]!]));
      return { loss, parts, gradientNorm: norm, applied, overflowed: false };
    },
    async evaluate(tensors, which) {
      const feeds = model.evaluation.inputs.flatMap(({ name }) => (tensors[name] ? [[name, tensors[name]] as const] : []));
      return signatures.run(`evaluate_${which}`, Object.fromEntries(feeds)).get('output')!;
    },
    async state(): Promise<EngineState> {
      return { weights: read('weights'), average: read('average'), first: read('first'), second: read('second'), updates };
    },
    average: async () => read('average'),
    async restore(state: EngineState) {
      write(state);
      updates = state.updates;
    },
    async dispose() {
      signatures.dispose();
    },
  };
}

const scalar = (value: number) => ({ type: 'float32', dims: [], data: Float32Array.of(value) }) as const;
