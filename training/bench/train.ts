/** @file `npm run bench:train`: milliseconds a training step, beside PyTorch in the same run, steps interleaved. `-- --help` says more. */
import { parseArgs } from 'node:util';
import { type Comparison, compare, interleaved, machineLine, sentenceOf } from '../../models/bench/node.js';
import { UsageError } from '../../models/index.js';
import { engines } from '../engines/engines.js';
import { type PeerName, peers, startEngine } from './contestants.js';
import { benchArchitecture, randomBatch } from './measure.js';
import type { Peer } from './pytorch.js';

const help = `npm run bench:train -- [--case 2x128,6x384,12x768] [--batch 16x64,8x128] [--engine onnx,tensorflow]
    [--peer pytorch,compile,tfjs] [--runs 20] [--quick] [--json]

One step: forward, backward, clip, AdamW, moving average; fp32, no dropout. Sides take turns of three steps, of which the last counts, as in a
training a step follows a step. Medians and quartiles; ratio above 1: we are faster. Engines and peers that are not to be had here are left out, with the reason; PyTorch runs where a Python with torch and transformers
is found: COPYDESK_PYTHON=path/to/python, else python3. --quick shows that everything runs: one small case, three steps, no ratio.
--json ends with one line: [{case, engine, peer, ours, theirs, unit, ratio, runs, spread}].`;

const defaults = { case: '2x128,6x384,12x768', batch: '16x64,8x128', runs: '20' };
const quickly = { case: '1x32', batch: '4x16', runs: '3' };

const { values: flags } = parseArgs({
  options: {
    runs: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    case: { type: 'string' },
    batch: { type: 'string' },
    engine: { type: 'string' },
    peer: { type: 'string', default: 'pytorch' },
    help: { type: 'boolean', default: false },
  },
});
const asked = { ...(flags.quick ? quickly : defaults), ...flags };

async function main(): Promise<void> {
  console.error(`${machineLine()}; ${asked.runs} interleaved steps a side`);
  const rows: Comparison[] = [];
  for (const size of asked.case.split(',')) for (const batch of asked.batch.split(',')) rows.push(...(await measure(size, batch)));
  if (flags.json) console.log(JSON.stringify(rows));
}

async function measure(size: string, batchSize: string): Promise<Comparison[]> {
  const architecture = benchArchitecture(size);
  const [, batch, tokens] = (/^(\d+)x(\d+)$/.exec(batchSize) ?? []).map(Number);
  if (!batch || !tokens)
    throw new UsageError('usage/argument', `bench:train: --batch ${JSON.stringify(batchSize)}`, 'write TEXTSxTOKENS, such as 16x64.');
  const one = { architecture, shape: { ...architecture, batch, tokens }, data: (step: number) => randomBatch(batch, tokens, step) };
  const ours: Peer[] = [];
  const theirs: Peer[] = [];
  try {
    for (const name of engineNames()) ours.push(...present(await startEngine(name, one)));
    for (const name of peerNames()) theirs.push(...present(await peers[name](one)));
    const timed = await interleaved([...ours, ...theirs], {
      runs: Number(asked.runs),
      warmUp: flags.quick ? 1 : 3,
      leadIn: flags.quick ? 0 : 2,
    });
    const others = theirs.length > 0 ? timed.slice(ours.length) : [{ name: 'a peer', values: [] }];
    const rows = timed.slice(0, ours.length).flatMap((mine) =>
      others.map((other) =>
        compare({
          case: `${architecture.layers} x ${architecture.width}, batch ${batch} x ${tokens}`,
          engine: mine.name,
          peer: other.name,
          unit: 'ms/step',
          better: 'less',
          ours: mine.values,
          theirs: other.values,
          quick: flags.quick,
        }),
      ),
    );
    for (const row of rows) console.error(sentenceOf(row));
    return rows;
  } finally {
    for (const side of [...ours, ...theirs]) side.stop();
  }
}

const present = (peer: Peer | undefined): readonly Peer[] => (peer ? [peer] : []);

/** By default every engine of ours that makes a step in one call. */
function engineNames(): readonly string[] {
  return flags.engine?.split(',') ?? Object.keys(engines).filter((name) => name !== 'tfjs');
}

function peerNames(): readonly PeerName[] {
  const names = flags.peer === 'none' ? [] : flags.peer.split(',');
  const stranger = names.find((name) => !(name in peers));
  if (stranger !== undefined)
    throw new UsageError(
      'usage/argument',
      `bench:train: there is no peer ${JSON.stringify(stranger)}`,
      `give some of ${Object.keys(peers).join(', ')}, or none.`,
    );
  return names as readonly PeerName[];
}

if (flags.help) console.log(help);
else {
  await main().catch((error: unknown) => {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  });
}
