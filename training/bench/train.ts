/** @file `npm run bench:train`: milliseconds a training step, beside PyTorch in the same run, steps interleaved. `-- --help` says more. */
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { type ArchitectureConfig, UsageError } from '../../models/index.js';
import { runtimeVersion } from '../../models/runtime/node.js';
import type { Engine } from '../engines/engine.js';
import { createOnnxEngine } from '../engines/onnx.js';
import { classifierGraphs } from '../objective/classifier-step.js';
import { optimizerSchema } from '../optimizers/optimizer-config.js';
import { initialWeights } from '../trainer/initial-weights.js';
import { benchArchitecture, median, randomBatch, range } from './measure.js';
import { type Peer, startPytorch } from './pytorch.js';

const help = `npm run bench:train -- [--runs N] [--quick] [--json] [--case 6x384,2x128,12x768] [--batch 16x64]

One step: forward, backward, clip, AdamW, moving average; fp32, no dropout. Medians of interleaved steps; ratio above 1: we are faster.
PyTorch runs where a Python with torch and transformers is found: COPYDESK_PYTHON=path/to/python, else python3.`;

type Row = {
  case: string;
  peer: string;
  ours: number;
  theirs: number | null;
  unit: 'ms/step';
  ratio: number | null;
  spread: string;
  runs: number;
};

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '20' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    case: { type: 'string', default: '6x384,2x128' },
    batch: { type: 'string', default: '16x64' },
    help: { type: 'boolean', default: false },
  },
});
async function main(): Promise<void> {
  const runs = values.quick ? 5 : Math.max(5, Number(values.runs));
  console.error(
    `${cpus()[0]?.model.trim()}, ${availableParallelism()} cores, Node ${process.version}, onnxruntime-node ${runtimeVersion}, ${runs} interleaved steps a side`,
  );
  const rows: Row[] = [];
  for (const name of values.case.split(',')) rows.push(await compare(name, runs));
  if (values.json) console.log(JSON.stringify(rows));
}

async function compare(name: string, runs: number): Promise<Row> {
  const architecture = benchArchitecture(name);
  const { layers, width, heads, intermediate, vocabularySize } = architecture;
  const [batch, tokens] = values.batch.split('x').map(Number) as [number, number];
  const title = `${layers} x ${width}, batch ${batch} x ${tokens}`;
  const peer = await startPytorch([layers, width, heads, intermediate, vocabularySize, batch, tokens]);
  const engine = await ourEngine(architecture);
  const data = randomBatch(batch, tokens);
  const ours: number[] = [];
  const theirs: number[] = [];
  try {
    for (let run = -3; run < runs; run++) {
      const start = performance.now();
      await engine.step([data], { step: run + 3, learningRate: 1e-4, emaDecay: 0.999 });
      const mine = performance.now() - start;
      const other = await peer.step();
      if (run < 0) continue; // warm-up
      ours.push(mine);
      if (other !== null) theirs.push(other);
    }
  } finally {
    await engine.dispose();
    peer.stop();
  }
  return report(title, peer, ours, theirs);
}

function report(title: string, peer: Peer, ours: readonly number[], theirs: readonly number[]): Row {
  const [mine, other] = [median(ours), theirs.length > 0 ? median(theirs) : null];
  const ratio = other === null ? null : other / mine;
  const spread = `ours ${range(ours)}${theirs.length > 0 ? `, theirs ${range(theirs)}` : ''}`;
  console.error(
    `${title}: ours ${mine.toFixed(1)} ms, ${peer.name} ${other === null ? 'not run' : `${other.toFixed(1)} ms, ratio ${ratio!.toFixed(2)}`} (${spread})`,
  );
  return { case: title, peer: peer.name, ours: mine, theirs: other, unit: 'ms/step', ratio, spread, runs: ours.length };
}

async function ourEngine(architecture: ArchitectureConfig): Promise<Engine> {
  const graphs = classifierGraphs({ architecture, labels: 2 });
  return createOnnxEngine({
    graphs,
    weights: initialWeights(graphs.training.parameters, 1),
    optimizer: optimizerSchema.parse({}),
    seed: 1,
  });
}

if (values.help) console.log(help);
else {
  await main().catch((error: unknown) => {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  });
}
