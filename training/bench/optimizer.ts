/** @file `npm run bench:optimizer`: one whole training step with the update as nodes of the graph, beside the engine's one pass over memory. */
import { parseArgs } from 'node:util';
import { type Comparison, compare, interleaved, machineLine, sentenceOf } from '../../models/bench/node.js';
import { type ArchitectureConfig, div, numbersOf, type Session, type Tensor, toOnnx, type Value, zeros } from '../../models/index.js';
import { createSession } from '../../models/runtime/node.js';
import { differentiate } from '../autodiff/differentiate.js';
import type { NamedArrays, TrainingBatch } from '../engines/engine.js';
import { createOnnxEngine } from '../engines/onnx.js';
import { classifierGraphs, classifierStep } from '../objective/classifier-step.js';
import { adamW, globalNorm, type ParameterState, type StepScalars } from '../optimizers/adam-w.js';
import { optimizerSchema } from '../optimizers/optimizer-config.js';
import { parameterRates } from '../optimizers/parameter-rates.js';
import { initialWeights } from '../trainer/initial-weights.js';
import { benchArchitecture, randomBatch } from './measure.js';

const { values: flags } = parseArgs({
  options: {
    case: { type: 'string' },
    runs: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const optimizer = optimizerSchema.parse({});
const asked = { ...(flags.quick ? { case: '1x32', runs: '2' } : { case: '6x384,2x128', runs: '15' }), ...flags };
console.error(machineLine());
const rows: Comparison[] = [];
for (const size of asked.case.split(',')) rows.push(await measure(size, benchArchitecture(size)));
if (flags.json) console.log(JSON.stringify(rows));

async function measure(size: string, architecture: ArchitectureConfig): Promise<Comparison> {
  const graphs = classifierGraphs({ architecture, labels: 2 });
  const weights = initialWeights(graphs.training.parameters, 1);
  const engine = await createOnnxEngine({ graphs, weights, optimizer, seed: 1 });
  const nodes = await stepAsNodes(architecture, weights);
  const losses: { readonly pass: number[]; readonly nodes: number[] } = { pass: [], nodes: [] };
  const timed = async (into: number[], step: () => Promise<number>): Promise<number> => {
    const start = performance.now();
    into.push(await step());
    return performance.now() - start;
  };
  const next = (before: readonly number[]) => randomBatch(16, 64, before.length);
  const pass = async () => (await engine.step([next(losses.pass)], { step: losses.pass.length, learningRate: 1e-4, emaDecay: 0.999 })).loss;
  const [ours, theirs] = await interleaved(
    [
      { name: 'one pass', run: () => timed(losses.pass, pass) },
      { name: 'as nodes', run: () => timed(losses.nodes, () => nodes.step(next(losses.nodes))) },
    ],
    { runs: Number(asked.runs), warmUp: 3 },
  );
  const strayed = losses.pass.findIndex((loss, i) => Math.abs(loss - losses.nodes[i]!) > 1e-4);
  if (strayed >= 0) throw new Error(`step ${strayed}: losses differ, ${losses.pass[strayed]} and ${losses.nodes[strayed]}`);
  const row = compare({
    case: `${size}, batch 16 x 64`,
    engine: ours!.name,
    peer: theirs!.name,
    unit: 'ms/step',
    better: 'less',
    ours: ours!.values,
    theirs: theirs!.values,
    quick: flags.quick,
  });
  console.error(sentenceOf(row));
  await engine.dispose();
  await nodes.session.dispose();
  return row;
}

/** Everything in one graph: state in, state out, two sets of buffers that change places. */
async function stepAsNodes(
  architecture: ArchitectureConfig,
  weights: NamedArrays,
): Promise<{ session: Session; step(batch: TrainingBatch): Promise<number> }> {
  const { classifier, loss, trained } = classifierStep({ architecture, labels: 2 });
  const g = classifier.builder;
  const parameters = classifier.parameters.map(({ value }) => value).filter(({ name }) => trained.has(name));
  const gradients = differentiate(g, loss, parameters);
  const scalarNames = ['learningRate', 'correction1', 'correction2', 'averageDecay'] as const;
  const inputs = Object.fromEntries(scalarNames.map((name) => [name, g.input(name, [])])) as Record<(typeof scalarNames)[number], Value>;
  const norm = globalNorm(g, gradients);
  const scalars: StepScalars = { ...inputs, gradientScale: div(g, optimizer.clip, addSmall(norm)) };
  const rates = parameterRates(
    parameters.map(({ name, shape }) => ({ name, shape: shape as number[] })),
    optimizer,
  );
  const states = parameters.map((weight, i): [ParameterState, ParameterState] => {
    const before = {
      weight,
      first: g.input(`first/${weight.name}`, weight.shape),
      second: g.input(`second/${weight.name}`, weight.shape),
      average: g.input(`average/${weight.name}`, weight.shape),
    };
    return [before, adamW(g, before, gradients[i]!, scalars, optimizer, rates.get(weight.name)!)];
  });
  const session = await createSession(toOnnx(g.graph([loss, ...states.flatMap(([, after]) => Object.values(after))])));

  const pairs = states.flatMap(([before, after]) =>
    (Object.keys(before) as (keyof ParameterState)[]).map((key) => [before[key], after[key]] as const),
  );
  const buffers = (): Record<string, Tensor> =>
    Object.fromEntries(pairs.map(([{ name, shape }]) => [name, zeros('float32', shape as number[])]));
  let [now, next] = [buffers(), buffers()];
  for (const { name } of parameters) for (const key of [name, `average/${name}`]) (now[key]!.data as Float32Array).set(weights.get(name)!);
  let updates = 0;
  return {
    session,
    async step({ tensors }) {
      updates += 1;
      const scalar = (value: number): Tensor => ({ type: 'float32', dims: [], data: Float32Array.of(value) });
      const feeds = {
        ...now,
        ...tensors,
        learningRate: scalar(1e-4),
        correction1: scalar(1 - 0.9 ** updates),
        correction2: scalar(1 - 0.999 ** updates),
        averageDecay: scalar(0.999),
      };
      const outputs = Object.fromEntries(pairs.map(([before, after]) => [after.name, next[before.name]!]));
      const results = await session.run(feeds, { [loss.name]: null, ...outputs });
      [now, next] = [next, now];
      return numbersOf(results[loss.name]!)[0]!;
    },
  };

  /** The norm, held above the clip so that the scale is at most 1. */
  function addSmall(value: Value): Value {
    return g.add('Max', [value, g.constant(optimizer.clip)], {})[0]!;
  }
}
