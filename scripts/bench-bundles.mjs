/** `npm run bench:bundles -- BUNDLE… [--data FILE | --data NAME=FILE …] [--quick]`: the table of docs/results.md. What each model file weighs and
 *  answers, how fast it is in Node and in headless Chromium, made of `bench:precision` and `bench:web`. Markdown on stdout. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { shownRate } from '../dist/export/bench/rates.js';

const { values, positionals: bundles } = parseArgs({
  allowPositionals: true,
  options: { data: { type: 'string', multiple: true, default: [] }, quick: { type: 'boolean', default: false } },
});
if (bundles.length === 0) {
  console.error('npm run bench:bundles -- BUNDLE… [--data FILE | --data NAME=FILE …] [--quick]');
  process.exit(2);
}

/** The rows that a bench ends with, as JSON in its last line. */
function rowsOf(name, flags) {
  const { status, stdout } = spawnSync('npm', ['run', '--silent', name, '--', ...bundles, ...flags, '--json'], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (status !== 0) process.exit(status ?? 1);
  return JSON.parse(stdout.trim().split('\n').at(-1));
}

const native = rowsOf('bench:precision', [...values.data.flatMap((one) => ['--data', one]), ...(values.quick ? ['--quick'] : [])]);
const web = rowsOf('bench:web', values.quick ? ['--quick'] : []);

const percent = (share, digits) => (share === null ? '–' : `${(100 * share).toFixed(digits)} %`);
const whole = (number) => Math.round(number).toLocaleString('en');

/** The ways in which some row of the browser ran, in columns of their own; a way that did not run says so below the table. */
const ways = [...new Map(web.map(({ provider, threads }) => [`${provider} ${threads}`, { provider, threads }])).values()];
const titleOf = ({ provider, threads }) => (provider === 'wasm' ? `wasm, ${threads} thread${threads > 1 ? 's' : ''}` : 'WebGPU');
const troubles = new Set();

function inBrowser(bundle, precision, way) {
  const row = web.find((one) => `${one.model}@${one.version}` === bundle && one.precision === precision && one.provider === way.provider && one.threads === way.threads); // biome-ignore format: one line
  if (!row) return '–';
  if (typeof row.figures === 'string') {
    troubles.add(`${titleOf(way)}: ${row.figures}`);
    return '–';
  }
  const { textsPerSecond, coldMs, warmMs } = row.figures;
  return `${whole(textsPerSecond)} (${whole(coldMs)}, ${whole(warmMs)} ms)`;
}

const weightOf = (bundle, precision) => web.find((one) => `${one.model}@${one.version}` === bundle && one.precision === precision)?.weight.all.brotli; // biome-ignore format: one line
const batches = native[0].rates.map(({ batch }) => batch);
const titles = [
  'bundle',
  'file',
  'MB',
  'of fp32',
  'macro F1',
  'agreement',
  ...batches.map((batch) => `Node, ${batch} a call, texts/s`),
  'Node, first verdict',
  ...ways.map((way) => `${titleOf(way)}, texts/s (first verdict cold, warm)`),
  'page, MB brotli',
];
const lines = native.map(({ bundle, precision, bytes, share, figure, agreement, rates, coldMs }) => [
  bundle,
  precision,
  (bytes / 1e6).toFixed(1),
  percent(share, 0),
  figure === null ? '–' : figure.toFixed(4),
  percent(agreement, 2),
  ...rates.map((rate) => shownRate(rate, precision === 'fp32')),
  `${whole(coldMs)} ms`,
  ...ways.map((way) => inBrowser(bundle, precision, way)),
  weightOf(bundle, precision) === undefined ? '–' : (weightOf(bundle, precision) / 1e6).toFixed(1),
]);
for (const row of [titles, titles.map(() => '---'), ...lines]) console.log(`| ${row.join(' | ')} |`);
for (const trouble of troubles) console.log(`\n${trouble}`);
