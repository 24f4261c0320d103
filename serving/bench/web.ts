/** @file `npm run bench:web -- BUNDLE…`: bundles in headless Chromium. */
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measureWeb, type WebRow } from './measure-web.js';

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    threads: { type: 'string', default: String(Math.min(4, cpus().length)) },
    gpu: { type: 'string', default: 'own' },
  },
});
const root = fileURLToPath(new URL('../..', import.meta.url));
const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(2);

function line({ model, provider, threads, precision, figures, weight: { script, runtime, model: bundle, all } }: WebRow): string {
  const way = `${model} ${provider}${provider === 'wasm' ? ` x ${threads}` : ''} ${precision}`.padEnd(36);
  const weighs = `${megabytes(all.brotli)} MB brotli, ${megabytes(all.gzip)} gzip (script ${megabytes(script.brotli)}, runtime ${megabytes(runtime.brotli)}, model ${megabytes(bundle.brotli)})`; // biome-ignore format: one line
  if (typeof figures === 'string') return `${way} ${figures}; ${weighs}`;
  const { textsPerSecond, coldMs, warmMs } = figures;
  return `${way} ${textsPerSecond.toFixed(0).padStart(6)} texts/s, first verdict ${coldMs.toFixed(0)} ms cold, ${warmMs.toFixed(0)} warm; ${weighs}`;
}

if (flags.gpu !== 'none' && flags.gpu !== 'own' && flags.gpu !== 'software') throw new Error('--gpu is none, own or software.');
process.stderr.write(`${cpus()[0]?.model.trim()}, ${cpus().length} cores; Node ${process.versions.node}\n`);
const rows = await measureWeb({
  bundles: positionals.length > 0 ? positionals : [`${root}/models/zoo`],
  root,
  rounds: flags.quick ? 1 : 5,
  threads: Number(flags.threads),
  gpu: flags.gpu,
  onRow: (row) => process.stderr.write(`${line(row)}\n`),
});
if (flags.json) process.stdout.write(`${JSON.stringify(rows)}\n`);
