/** @file `npm run bench:finetune`: what a user waits for, from the start of the program to its end, beside Python's Trainer. `-- --help` says more. */
import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Comparison, compare, machineLine, median, sentenceOf } from '../../models/bench/node.js';
import { UsageError } from '../../models/index.js';
import { type FinetuneCase, type FinetuneRecord, openFinetuneRecord } from './finetune-record.js';
import { copydesk, discard, type Finetuned, type FinetuneSettings, type Side, trainer } from './finetune-sides.js';
import { type FinetuneTask, finetuneTask } from './finetune-task.js';

const help = `npm run bench:finetune -- --model FOLDER --data NAME=FOLDER [--data …] [--epochs 3] [--frozen N] [--peer default,grouped]
    [--runs 5] [--share 1] [--batch 32] [--max-tokens 128] [--rate 5e-5] [--set key=value]… [--to FILE] [--quick] [--json]

\`copydesk train\` with its evaluations, checkpoints, moving average and report, beside transformers' Trainer on the same texts: batches of 32 padded to
their longest text, AdamW, linear schedule, evaluation and checkpoint each epoch; \`grouped\`: with its batches grouped by length. Both sides are processes of
their own, in turns, each turn with another seed. Wall time, and macro F1 on val by one evaluation, of the epoch that is best by it. FOLDER of --data holds train.jsonl.gz and val.jsonl.gz
(or .jsonl). --frozen N: embeddings and the N lower layers stay as they are, on both sides. --share: of the texts. There is no ratio from fewer than five runs.
--to FILE: each run is written there once it is done; those of this machine, these versions and settings that it has count: stop it and call it again.
Trainer runs where a Python with torch, transformers and accelerate is found: COPYDESK_PYTHON=path/to/python, else python3.`;

const { values: flags } = parseArgs({
  options: {
    model: { type: 'string' },
    data: { type: 'string', multiple: true },
    epochs: { type: 'string' },
    frozen: { type: 'string', default: '0' },
    peer: { type: 'string', default: 'default' },
    runs: { type: 'string' },
    share: { type: 'string' },
    batch: { type: 'string', default: '32' },
    'max-tokens': { type: 'string', default: '128' },
    rate: { type: 'string', default: '5e-5' },
    set: { type: 'string', multiple: true, default: [] },
    to: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const asked = { ...(flags.quick ? { epochs: '1', runs: '1', share: '.2' } : { epochs: '3', runs: '5', share: '1' }), ...flags };
const settings: FinetuneSettings = {
  ...(flags.model === undefined ? {} : { model: resolve(flags.model) }),
  epochs: Number(asked.epochs),
  batchSize: Number(flags.batch),
  maxTokens: Number(flags['max-tokens']),
  learningRate: Number(flags.rate),
  frozen: Number(flags.frozen),
  set: flags.set,
};

type Kept = { readonly folder: string; readonly record: FinetuneRecord };
type Row = Comparison & { readonly macroF1: { readonly ours: Spread; readonly theirs: Spread | null } };
type Spread = { readonly median: number; readonly least: number; readonly most: number };

async function main(): Promise<void> {
  console.error(`${machineLine()}; ${asked.runs} runs a side, in turns`);
  const peers = peersAsked();
  const rows: Row[] = [];
  const record = await openFinetuneRecord(flags.to);
  const folder = await mkdtemp(join(tmpdir(), 'copydesk-finetune-'));
  try {
    for (const [name, source] of dataAsked()) {
      const task = await finetuneTask({ name, ...source, share: Number(asked.share), seed: 1 }, join(folder, 'texts'));
      rows.push(...(await measure(task, peers, { folder, record })));
    }
  } finally {
    await discard(folder);
  }
  if (flags.json) console.log(JSON.stringify(rows));
}

async function measure(task: FinetuneTask, peers: readonly Side[], { folder, record }: Kept): Promise<Row[]> {
  const sides = [copydesk(settings), ...peers];
  const seeds = Array.from({ length: Number(asked.runs) }, (_, run) => run + 1);
  const caseOf = ({ name, versions }: Side, seed: number): FinetuneCase => ({
    task,
    settings,
    seed,
    side: name,
    ...(versions === undefined ? {} : { versions }),
  });
  for (const seed of seeds)
    for (const side of sides) {
      if (record.runOf(caseOf(side, seed))) continue;
      const result = await side.run(task, join(folder, 'run'), seed);
      await discard(join(folder, 'run'));
      await record.add(caseOf(side, seed), result);
      console.error(`${task.name}, seed ${seed}: ${side.name} ${result.seconds.toFixed(1)} s, macro F1 ${result.macroF1.toFixed(4)}`);
    }
  const [ours, ...others] = sides.map((side) => seeds.map((seed) => record.runOf(caseOf(side, seed))!));
  const seconds = (side: readonly Finetuned[] = []) => side.map((one) => one.seconds);
  const { sizes, name } = task;
  const frozen = settings.frozen > 0 ? `, embeddings and ${settings.frozen} layers frozen` : '';
  const title = `${name}, ${sizes.train} texts x ${settings.epochs} epochs, ${sizes.val} to choose by${frozen}`;
  return (peers.length > 0 ? peers.map((peer) => peer.name) : ['Trainer']).map((peer, i): Row => {
    const theirs = others[i] ?? [];
    const figures = {
      case: title,
      peer,
      unit: 's',
      better: 'less',
      ours: seconds(ours),
      theirs: seconds(theirs),
      quick: flags.quick,
    } as const;
    const row = { ...compare(figures), macroF1: { ours: f1Of(ours!), theirs: theirs.length > 0 ? f1Of(theirs) : null } };
    const scores = [row.macroF1.ours, ...(row.macroF1.theirs ? [row.macroF1.theirs] : [])].map(
      ({ median, least, most }) => `${median.toFixed(4)} (${least.toFixed(4)} to ${most.toFixed(4)})`,
    );
    console.error(`${sentenceOf(row)}; macro F1 ${scores.join(' and ')}`);
    return row;
  });
}

function f1Of(side: readonly Finetuned[]): Spread {
  const figures = side.map(({ macroF1 }) => macroF1);
  return { median: median(figures), least: Math.min(...figures), most: Math.max(...figures) };
}

function peersAsked(): readonly Side[] {
  const ways: Readonly<Record<string, boolean>> = { default: false, grouped: true };
  const names = flags.peer === 'none' ? [] : flags.peer.split(',');
  return names.flatMap((name) => {
    const grouped = ways[name];
    if (grouped === undefined)
      throw new UsageError('usage/argument', `bench:finetune: there is no peer ${JSON.stringify(name)}`, 'give default, grouped or none.');
    const side = trainer(settings, grouped);
    if (side) console.error(`${side.name}: ${side.versions}`);
    return side ? [side] : [];
  });
}

/** Data by name; in a quick run without any, the headlines that come with the project. */
function dataAsked(): readonly (readonly [name: string, files: { readonly train: string; readonly val: string }])[] {
  const examples = fileURLToPath(new URL(`${import.meta.url.endsWith('.js') ? '../' : ''}../../examples/`, import.meta.url));
  const own = { train: join(examples, 'headlines.train.jsonl'), val: join(examples, 'headlines.val.jsonl') };
  if (flags.data === undefined && flags.quick) return [['headlines', own]];
  if (flags.data === undefined) throw new UsageError('usage/argument', 'bench:finetune: there is no data', 'give --data NAME=FOLDER.');
  return flags.data.map((given) => {
    const [, name, folder] = /^([\w.-]+)=(.+)$/.exec(given) ?? [];
    if (name === undefined || folder === undefined)
      throw new UsageError('usage/argument', `bench:finetune: --data ${JSON.stringify(given)}`, 'write NAME=FOLDER.');
    return [name, { train: fileOf(folder, 'train'), val: fileOf(folder, 'val') }];
  });
}

const fileOf = (folder: string, split: string): string => {
  const plain = join(folder, `${split}.jsonl`);
  return existsSync(plain) ? plain : `${plain}.gz`;
};

if (flags.help) console.log(help);
else {
  await main().catch((error: unknown) => {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  });
}
