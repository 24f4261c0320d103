/** @file A training step as a SavedModel: forward and backward pass, clipping, optimiser and average, over variables that it holds. */
import { type Graph, invariant, type Parameter, type Value } from '../../../models/index.js';
import { differentiate } from '../../autodiff/differentiate.js';
import type { OptimizerConfig } from '../../optimizers/optimizer-config.js';
import type { EngineGraphs } from '../engine.js';
import { held, namesOf, parts } from '../state-parts.js';
import type { FunctionWriter, Operand } from './function-writer.js';
import { tensorflowOps } from './ops.js';
import { type Port, type SavedModel, SavedModelWriter, type Stage } from './saved-model-writer.js';
import { gradientName, type UpdateStage, updateStages } from './update-stages.js';
import { writeGraph } from './write-graph.js';

export type TrainingModel = {
  readonly file: SavedModel;
  /** Forward and backward pass; all its inputs are fed but for the parameters. */
  readonly pass: Graph;
  readonly evaluation: Graph;
};
export type TrainingModelOptions = {
  readonly optimizer: OptimizerConfig;
  /** Whether there are signatures whose pass XLA compiles: `train_compiled` and `accumulate_compiled` beside the plain ones. */
  readonly compiled: boolean;
};

/**
 * Signatures: `train` (one batch, one update); `clear`, `accumulate` and `apply` (several batches); `evaluate_weights` and `evaluate_average`;
 * `assign_*` and `read_*` for each part. The pass is compiled for each shape of a batch, the stages of the update once.
 */
export function trainingModel({ training, evaluation }: EngineGraphs, { optimizer, compiled }: TrainingModelOptions): TrainingModel {
  const { builder, loss } = training;
  const trained = training.parameters.map(({ value }) => value).filter(({ name }) => training.trained.has(name));
  const gradients = differentiate(builder, loss, trained);
  const told = [loss, ...Object.values(training.parts)];
  const pass = builder.graph([...new Map([...told, ...gradients].map((value) => [value.name, value])).values()]);
  const forward = evaluation.builder.graph([evaluation.output]);
  const file = new SavedModelWriter();
  const isParameter = declareVariables(file, training.parameters, training.trained);

  const numbers = toldNames(training.parts);
  const gradientPorts = trained.map(({ name, shape, type }): Port => ({ name: gradientName(name), shape, type }));
  const sums = trained.map(({ name }) => held('gradient', name));
  const update = updateStages(trained, optimizer, training.parameters).map((stage) => updateStage(stage, compiled));
  const passStage = (name: string, compile: boolean): Stage => ({
    name: signatureOf(name, compile),
    feeds: feedsOf(pass, isParameter),
    variables: parametersOf(pass, isParameter).map(({ name: parameter }) => held('weights', parameter)),
    returns: [...numbers.map(scalarPort), ...gradientPorts],
    compiled: compile,
    write: (w, given) => [...told, ...gradients].map(writePass(w, given, pass, 'weights', isParameter)),
  });
  const collect: Stage = {
    name: 'collect',
    feeds: [...gradientPorts, scalarPort('share')],
    variables: sums,
    returns: [],
    compiled,
    write(w, given) {
      gradientPorts.forEach(({ name }, i) => {
        const sum = found(given, sums[i]!);
        w.store(sum, w.add('AddV2', [w.read(sum, 'float32'), w.add('Mul', [found(given, name), found(given, 'share')])]));
      });
      return [];
    },
  };
  const collected: Stage = {
    name: 'collected',
    feeds: [],
    variables: sums,
    returns: gradientPorts,
    compiled: false,
    write: (w, given) => sums.map((sum) => w.read(found(given, sum), 'float32')),
  };
  for (const compile of compiled ? [false, true] : [false]) {
    const first = passStage('pass', compile);
    file.procedure(signatureOf('train', compile), [first, ...update], [...numbers, 'norm']);
    file.procedure(signatureOf('accumulate', compile), [first, collect], numbers);
  }
  file.clear('clear', sums);
  file.procedure('apply', [collected, ...update], ['norm']);
  for (const part of ['weights', 'average'] as const) {
    const evaluate: Stage = {
      name: `forward_${part}`,
      feeds: feedsOf(forward, isParameter),
      variables: parametersOf(forward, isParameter).map(({ name }) => held(part, name)),
      returns: [{ ...evaluation.output, name: 'output' }],
      compiled: false, // texts to evaluate come in many shapes, each once
      write: (w, given) => [writePass(w, given, forward, part, isParameter)(evaluation.output)],
    };
    file.procedure(`evaluate_${part}`, [evaluate], ['output']);
  }
  for (const part of parts) {
    const names = namesOf(part, training.parameters, training.trained).map((name) => held(part, name));
    file.assign(`assign_${part}`, names);
    file.read(`read_${part}`, names);
  }
  return { file: file.finish(), pass, evaluation: forward };
}

export const signatureOf = (name: string, compiled: boolean): string => (compiled ? `${name}_compiled` : name);

/** What a step tells of its loss, in this order: the loss, and what it is the sum of. */
export const toldNames = (sum: Readonly<Record<string, Value>>): readonly string[] => [
  'loss',
  ...Object.keys(sum).map((name) => `part.${name}`),
];

type Given = ReadonlyMap<string, Operand>;
type IsParameter = (name: string) => boolean;

const scalarPort = (name: string): Port => ({ name, type: 'float32', shape: [] });
const feedsOf = ({ inputs }: Graph, isParameter: IsParameter): readonly Port[] => inputs.filter(({ name }) => !isParameter(name));
const parametersOf = ({ inputs }: Graph, isParameter: IsParameter): readonly Value[] => inputs.filter(({ name }) => isParameter(name));

/** Those of gradients take no memory until something is stored in them. */
function declareVariables(file: SavedModelWriter, parameters: readonly Parameter[], trained: ReadonlySet<string>): IsParameter {
  const shapes = new Map(parameters.map(({ value }) => [value.name, value.shape as readonly number[]]));
  for (const part of parts) for (const name of namesOf(part, parameters, trained)) file.variable(held(part, name), shapes.get(name)!);
  for (const name of trained) file.variable(held('gradient', name), shapes.get(name)!);
  return (name) => shapes.has(name);
}

function updateStage({ name, graph, feeds, reads, stores, returns }: UpdateStage, compiled: boolean): Stage {
  return {
    name,
    feeds,
    variables: [...new Set([...reads.keys(), ...stores.keys()])],
    returns: [...returns].map(([port, { shape, type }]) => ({ name: port, shape, type })),
    compiled,
    write(w, given) {
      const read = [...reads].map(([variable, value]) => [value.name, w.read(found(given, variable), value.type)] as const);
      const find = writeGraph(w, tensorflowOps, graph, new Map([...given, ...read]));
      for (const [variable, value] of stores) w.store(found(given, variable), find(value));
      return [...returns.values()].map(find);
    },
  };
}

/** The graph with its parameters read from one part of the variables. */
function writePass(w: FunctionWriter, given: Given, graph: Graph, part: 'weights' | 'average', isParameter: IsParameter) {
  const read = parametersOf(graph, isParameter).map(({ name, type }) => [name, w.read(found(given, held(part, name)), type)] as const);
  return writeGraph(w, tensorflowOps, graph, new Map([...given, ...read]));
}

function found(given: Given, name: string): Operand {
  const operand = given.get(name);
  invariant(operand, `tensorflow: ${name} is neither fed nor a variable`);
  return operand;
}
