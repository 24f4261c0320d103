/** @file `npm run profile:train`: where the time of a training step goes. `-- --help` says more. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { median } from '../../models/bench/node.js';
import { UsageError } from '../../models/index.js';
import { createOnnxEngine, type StepPart } from '../engines/onnx.js';
import { classifierGraphs } from '../objective/classifier-step.js';
import { optimizerSchema } from '../optimizers/optimizer-config.js';
import { initialWeights } from '../trainer/initial-weights.js';
import { benchArchitecture, randomBatch } from './measure.js';
import { type MemoryRow, peakMemory } from './memory.js';
import { type NodeTime, readProfile } from './read-profile.js';

const help = `npm run profile:train -- [--case 6x384,2x128] [--batch 16x64] [--steps 10] [--dropout 0.1] [--threads N] [--recompute] [--json]
npm run profile:train -- --memory [--case 12x768] [--batch 16x128] [--vocabulary 30522] [--steps 3] [--json]

Milliseconds of a training step by part of the engine, and those in ONNX Runtime by pass, by op, by place in the model, and products by shape with their
rate, as the runtime's own profile has them. Medians over the steps. Profiling itself costs a little: for times to be compared, npm run bench:train.
--memory: the most that a process has resident, with activations held and recomputed, and of PyTorch where COPYDESK_PYTHON=path/to/python finds it.`;

const { values } = parseArgs({
  options: {
    case: { type: 'string', default: '6x384' },
    batch: { type: 'string', default: '16x64' },
    steps: { type: 'string', default: '10' },
    dropout: { type: 'string', default: '0' },
    threads: { type: 'string' },
    recompute: { type: 'boolean', default: false },
    memory: { type: 'boolean', default: false },
    vocabulary: { type: 'string', default: '8000' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const warmUp = 3;

export type StepProfile = {
  readonly case: string;
  readonly batch: string;
  readonly steps: number;
  /** Of a whole step. */
  readonly ms: number;
  readonly parts: Readonly<Partial<Record<StepPart, number>>>;
  /** The runtime's own time; `parts.run` is more by what the binding does around it. */
  readonly session: number;
  readonly nodes: readonly NodeTime[];
};

async function profile(size: string): Promise<StepProfile> {
  const steps = Number(values.steps);
  const dropout = Number(values.dropout);
  const [batch, tokens] = values.batch.split('x').map(Number) as [number, number];
  const architecture = { ...benchArchitecture(size), dropout, attentionDropout: dropout };
  const graphs = classifierGraphs({ architecture, labels: 2 });
  const folder = await mkdtemp(join(tmpdir(), 'copydesk-profile-train-'));
  const parts = new Map<StepPart, number[]>();
  const whole: number[] = [];
  try {
    const engine = await createOnnxEngine({
      graphs,
      weights: initialWeights(graphs.training.parameters, 1),
      optimizer: optimizerSchema.parse({}),
      seed: 1,
      recompute: values.recompute,
      profileIn: folder,
      watch: (part, ms) => parts.set(part, [...(parts.get(part) ?? []), ms]),
      ...(values.threads === undefined ? {} : { threads: Number(values.threads) }),
    });
    for (let step = 0; step < warmUp + steps; step++) {
      const data = randomBatch(batch, tokens, step);
      const start = performance.now();
      await engine.step([data], { step, learningRate: 1e-4, emaDecay: 0.999 });
      whole.push(performance.now() - start);
    }
    await engine.dispose();
    const { nodes, ms } = await readProfile(folder, warmUp);
    const own = Object.fromEntries([...parts].map(([part, times]) => [part, median(times.slice(warmUp))]));
    return { case: size, batch: values.batch, steps, ms: median(whole.slice(warmUp)), parts: own, session: ms, nodes };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Numbers of layers become a star: what all layers do at one place is one line. */
const anyLayer = (place: string): string => place.replace(/\.\d+(?=\.|$)/g, '.*') || '(top)';

/** Says it, unless the result is to be read by a program. */
function print(one: StepProfile): StepProfile {
  if (values.json) return one;
  const { case: size, batch, steps, ms, parts, session, nodes } = one;
  console.log(`${size}, batch ${batch}: ${ms.toFixed(1)} ms a step, median of ${steps}`);
  table('part of the step', Object.entries(parts), ms);
  const sum = nodes.reduce((total, node) => total + node.ms, 0);
  console.log(`\nin the runtime: ${session.toFixed(1)} ms, of which ${sum.toFixed(1)} in ${nodes.length} nodes`);
  for (const [title, key] of [
    ['pass', ({ pass }) => pass],
    ['pass and op', ({ pass, op }) => `${pass} ${op}`],
    ['pass and place', ({ pass, place }) => `${pass} ${anyLayer(place)}`],
  ] as const satisfies readonly (readonly [string, (node: NodeTime) => string])[]) {
    const groups = new Map<string, number>();
    for (const node of nodes) groups.set(key(node), (groups.get(key(node)) ?? 0) + node.ms);
    table(title, [...groups], sum);
  }
  tellProducts(nodes);
  return one;
}

/** By shape: where the runtime's kernel is near what this machine can do, and where it is not. */
function tellProducts(nodes: readonly NodeTime[]): void {
  const groups = new Map<string, { count: number; ms: number; gflop: number }>();
  for (const { pass, op, ms, product } of nodes) {
    if (!product) continue;
    const key = `${pass} ${op} ${product.shapes}`;
    const sum = groups.get(key) ?? { count: 0, ms: 0, gflop: 0 };
    groups.set(key, { count: sum.count + 1, ms: sum.ms + ms, gflop: sum.gflop + product.gflop });
  }
  console.log(`\n${'product, and how many of it'.padEnd(66)}${'ms'.padStart(10)}${'GFLOP/s'.padStart(9)}`);
  for (const [name, { count, ms, gflop }] of [...groups].sort((a, b) => b[1].ms - a[1].ms))
    console.log(`${`${name} x ${count}`.padEnd(66)}${ms.toFixed(2).padStart(10)}${((1000 * gflop) / ms).toFixed(0).padStart(9)}`);
}

async function memory(size: string): Promise<{ case: string; batch: string; rows: readonly MemoryRow[] }> {
  const { batch } = values;
  const rows = await peakMemory({ size, batch, vocabulary: Number(values.vocabulary), steps: Math.max(2, Number(values.steps)) });
  if (!values.json) {
    console.log(`${size}, vocabulary ${values.vocabulary}, batch ${batch}: the most that was resident`);
    for (const { side, peakMB, ms } of rows)
      console.log(`${side.padEnd(26)}${peakMB.toFixed(0).padStart(8)} MB${ms?.toFixed(0).padStart(8)} ms`);
  }
  return { case: size, batch, rows };
}

/** Rows of a hundredth of a percent and less are left out. */
function table(title: string, rows: readonly (readonly [string, number])[], whole: number): void {
  console.log(`\n${title.padEnd(66)}${'ms'.padStart(10)}${'share'.padStart(9)}`);
  for (const [name, ms] of [...rows].sort((a, b) => b[1] - a[1]).filter(([, ms]) => ms > whole / 10_000))
    console.log(`${name.padEnd(66)}${ms.toFixed(2).padStart(10)}${((100 * ms) / whole).toFixed(1).padStart(8)}%`);
}

if (values.help) console.log(help);
else {
  try {
    const results: unknown[] = [];
    for (const size of values.case.split(',')) results.push(values.memory ? await memory(size) : print(await profile(size)));
    if (values.json) console.log(JSON.stringify(results));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}
