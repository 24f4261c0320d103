/** @file `npm run bench:precision`: what each model file of some bundles costs and gives, as one table. */
import { parseArgs } from 'node:util';
import { measureBundle, type PrecisionRow } from './measure-bundle.js';

const help = `npm run bench:precision -- BUNDLE… [--data FILE | --data NAME=FILE …] [--threads 1] [--rounds 9] [--turn-ms 400] [--most 2000] [--json]

For each bundle and each of its model files: megabytes and share of fp32; macro F1 (of a regression its correlation) and the share of texts
that are answered as fp32 answers them, on labelled texts; texts a second at 1, 8 and 32 texts a call, with the ratio to fp32 within the same
round, by one session of --threads threads (a worker of the server has one), tokenising left out; and milliseconds from the file to the first verdict, in a process that runs. --data FILE is for every bundle, NAME=FILE for one.
Files in other precisions are written by copydesk export --precision fp32,int8,fp16.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: 'string', multiple: true, default: [] },
    threads: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '9' },
    'turn-ms': { type: 'string', default: '400' },
    most: { type: 'string', default: '2000' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const batches = [1, 8, 32];

async function main(): Promise<void> {
  if (values.help || positionals.length === 0) return void console.log(help);
  const rows: PrecisionRow[] = [];
  for (const folder of positionals) {
    const named = values.data.find((one) => one.includes('=') && folder.split('/').includes(one.split('=')[0]!));
    rows.push(
      ...(await measureBundle(folder, {
        data: named?.slice(named.indexOf('=') + 1) ?? values.data.find((one) => !one.includes('=')),
        batches,
        threads: Number(values.threads),
        rounds: Number(values.rounds),
        turnMs: Number(values['turn-ms']),
        most: Number(values.most),
      })),
    );
  }
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
    ...rates.map(({ textsPerSecond, ratio }) => `${textsPerSecond.toFixed(0)} (${ratio.toFixed(2)}x)`),
    coldMs.toFixed(0),
  ]);
  return [titles, titles.map(() => '---'), ...cells].map((row) => `| ${row.join(' | ')} |`);
}

await main();
