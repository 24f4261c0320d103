/** @file `npm run bench:serve`: texts a second and latency through HTTP, beside raw ONNX Runtime and other servers, in the same run. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { machineLine, median, range, sentenceOf } from '../../models/bench/node.js';
import { type Precision, packageFolder } from '../../models/bundle/node.js';
import { UsageError } from '../../models/index.js';
import { measureServing, rateOf, type ServingFigures } from './measure-serving.js';
import { type PeerName, peerNames } from './peers.js';
import { rawName } from './raw.js';
import { serveRows } from './serve-rows.js';
import { askedOf, makeMiniLm, openSubject, type Subject } from './subject.js';
import { mixedTexts } from './texts.js';

const help = `npm run bench:serve -- [--bundle DIR | --pretrained DIR] [--precision fp32,int8] [--clients 32] [--peers ${peerNames.join(',')}] [--rounds 5] [--seconds 4] [--quick] [--json]

Texts a second, p50 and p99 through HTTP, with --clients and with one; beside raw ONNX Runtime, other servers, and our own fp32, turn by turn.
Default: MiniLM-L6, in fp32 and int8. --peers none leaves other servers out. --quick: one short round with the zoo's model and no peers, no ratio.`;

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
    bundle: { type: 'string' },
    pretrained: { type: 'string' },
    precision: { type: 'string' },
    clients: { type: 'string', default: '32' },
    peers: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
  },
});
if (flags.help) console.log(help);
else await main();

async function main(): Promise<void> {
  const { quick, clients } = { quick: flags.quick, clients: Number(flags.clients) };
  const peers = peersOf(flags.peers ?? (quick ? 'none' : peerNames.join(',')));
  console.error(machineLine());
  const root = packageFolder();
  const bundle = flags.bundle ?? (quick ? join(root, 'models', 'zoo', 'headlines-en') : undefined);
  const subject = bundle === undefined ? await makeMiniLm(flags.pretrained) : await openSubject(bundle);
  try {
    const asked = await askedOf(subject, await mixedTexts(root));
    const lengths = asked.encodings.map(({ ids }) => ids.length).sort((a, b) => a - b);
    console.error(
      `${subject.description}; ${lengths.length} texts of ${lengths[0]} to ${lengths.at(-1)} tokens, median ${median(lengths)}`,
    );
    const figures = await measureServing(subject, asked, {
      precisions: precisionsOf(subject, flags.precision),
      clients,
      rounds: Number(flags.rounds ?? (quick ? 1 : 5)),
      seconds: Number(flags.seconds ?? (quick ? 0.2 : 4)),
      peers,
      quick,
      root,
      say: console.error,
    });
    tell(figures, clients);
    const rows = serveRows(figures, { description: subject.description, clients, quick });
    for (const row of rows) console.error(sentenceOf(row));
    if (flags.json) console.log(JSON.stringify(rows));
  } finally {
    await subject.cleanUp();
  }
}

/** fp32 and int8, as far as it has them; or what was asked for. */
function precisionsOf(subject: Subject, asked: string | undefined): readonly Precision[] {
  if (asked === undefined) return subject.precisions.filter((one) => one === 'fp32' || one === 'int8');
  return asked.split(',').map((name) => {
    const found = subject.precisions.find((one) => one === name);
    if (found) return found;
    throw new UsageError(
      'usage/argument',
      `--precision: ${subject.description} has no file ${JSON.stringify(name)}`,
      `name some of ${subject.precisions.join(', ')}.`,
    );
  });
}

function peersOf(list: string): readonly PeerName[] {
  if (list === 'none') return [];
  return list.split(',').map((name) => {
    const found = peerNames.find((one) => one === name);
    if (found) return found;
    throw new UsageError(
      'usage/argument',
      `--peers: there is no ${JSON.stringify(name)}`,
      `name some of ${peerNames.join(', ')}, or none.`,
    );
  });
}

/** What the ratios are made of, and what is no ratio. */
function tell({ ours, peers, raw }: ServingFigures, clients: number): void {
  for (const { precision, rawCase, alone, rates } of raw) {
    const name = `raw ${precision}, ${alone ? 'one text after the other, ' : ''}${rawName(rawCase)}`;
    if (alone) console.error(`${name}: p50 ${middle(rates.map(({ p50Ms }) => p50Ms))} ms`);
    else
      console.error(
        `${name}: ${middle(rates.map(({ textsPerSecond }) => textsPerSecond))} texts/s${rawCase.sorted ? ' (not a peer: sees all texts beforehand)' : ''}`,
      );
  }
  for (const { name, many, one, spent } of [...ours, ...peers]) {
    for (const [who, reports] of [[`${clients} clients`, many], ['1 client', one]] as const) // biome-ignore format: a table
      console.error(`${name}, ${who}: ${middle(reports.map(rateOf))} texts/s, p50 ${middle(reports.map(({ p50Ms }) => p50Ms))}, p99 ${middle(reports.map(({ p99Ms }) => p99Ms))} ms`); // biome-ignore format: one idea
    const [first, others] = [median(spent.map((time) => time.first)), median(spent.map((time) => time.others))];
    if (first > 0)
      console.error(`  processor time a request: ${first.toFixed(2)} ms in its first thread, ${others.toFixed(2)} in the others`);
  }
}

function middle(values: readonly number[]): string {
  return `${median(values).toFixed(1)} (${range(values)})`;
}
