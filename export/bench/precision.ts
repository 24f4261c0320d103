/** @file `npm run bench:precision`: what each model file of some bundles costs and gives, as one table. */
import { parseArgs } from 'node:util';
import { machineLine } from '../../models/bench/node.js';
import { findBundles } from '../../models/bundle/node.js';
import { UsageError } from '../../models/index.js';
import { measureBundle, type PrecisionRow } from './measure-bundle.js';
import { shownRate } from './rates.js';

const help = `npm run bench:precision -- BUNDLE… [--data FILE | --data NAME=FILE …] [--threads 1] [--rounds 9] [--turn-ms 400] [--most 2000] [--quick] [--json]

For each bundle and each of its model files: megabytes and share of fp32; macro F1 (of a regression its correlation) and the share of texts
that are answered as fp32 answers them, on labelled texts; texts a second at 1, 8 and 32 texts a call (packed by length, as a classifier packs
them), with the ratio to fp32 within the same round and its quartiles (none from fewer than five rounds), by one session of --threads threads (a
worker of the server has one), tokenising left out; and milliseconds from the file to the first verdict, in a process that runs. A BUNDLE is
a bundle's folder or one that holds several. --data FILE is for every bundle, NAME=FILE for one. --quick only shows that everything works.
Files in other precisions are written by copydesk export --precision fp32,int8,fp16.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: 'string', multiple: true, default: [] },
    threads: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '9' },
    'turn-ms': { type: 'string', default: '400' },
    most: { type: 'string', default: '2000' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const batches = [1, 8, 32];

async function main(): Promise<void> {
  if (values.help || positionals.length === 0) return void console.log(help);
  const rows: PrecisionRow[] = [];
  for (const bundle of await findBundles(positionals)) {
    const named = values.data.find((one) => one.startsWith(`${bundle.manifest.name}=`));
    rows.push(
      ...(await measureBundle(bundle, {
        data: named?.slice(named.indexOf('=') + 1) ?? values.data.find((one) => !one.includes('=')),
        batches,
        threads: Number(values.threads),
        rounds: values.quick ? 1 : Number(values.rounds),
        turnMs: values.quick ? 20 : Number(values['turn-ms']),
        most: values.quick ? 50 : Number(values.most),
      })),
    );
  }
  console.error(machineLine());
  console.log(table(rows).join('\n'));
  if (values.json) console.log(JSON.stringify(rows));
}

function table(rows: readonly PrecisionRow[]): readonly string[] {
  const titles = ['bundle', 'file', 'MB', 'of fp32', 'macro F1', 'agreement', ...batches.map((batch) => `texts/s, ${batch} a call`), 'first verdict, ms']; // biome-ignore format: a row
  const cells = rows.map(({ bundle, precision, bytes, share, figure, agreement, rates, coldMs }) => [
    bundle,
    precision,
    (bytes / 1e6).toFixed(1),
    `${(100 * share).toFixed(0)} %`,
    figure === null ? '-' : figure.toFixed(4),
    agreement === null ? '-' : `${(100 * agreement).toFixed(2)} %`,
    ...rates.map((rate) => shownRate(rate, precision === 'fp32')),
    coldMs.toFixed(0),
  ]);
  return [titles, titles.map(() => '---'), ...cells].map((row) => `| ${row.join(' | ')} |`);
}

await main().catch((error: unknown) => {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
});
