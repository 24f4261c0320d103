/** @file `npm run bench:serve`: texts a second and latency through HTTP, as a ratio to raw ONNX Runtime on the same texts in the same run. */
import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { LoadOrder, LoadReport } from './load.js';
import { measureRaw, rawCases, rawName } from './raw.js';
import { prepareSubject } from './subject.js';

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    bundle: { type: 'string' },
    pretrained: { type: 'string' },
    clients: { type: 'string', default: '32' },
    rounds: { type: 'string' },
  },
});
const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..', '..');
const clients = Number(flags.clients);
const rounds = Number(flags.rounds ?? (flags.quick ? 2 : 5));
const seconds = flags.quick ? 1.5 : 4;
const say = (line: string): void => void process.stderr.write(`${line}\n`);

const subject = await prepareSubject({
  root,
  ...(flags.bundle ? { bundle: flags.bundle } : {}),
  ...(flags.pretrained ? { pretrained: flags.pretrained } : {}),
});
const lengths = subject.encodings.map(({ ids }) => ids.length).sort((a, b) => a - b);
const ort = (JSON.parse(readFileSync(join(root, 'node_modules/onnxruntime-node/package.json'), 'utf8')) as { version: string }).version;
say(`${cpus()[0]?.model.trim()}, ${cpus().length} cores; Node ${process.versions.node}; onnxruntime-node ${ort}`);
say(
  `${subject.description}; ${lengths.length} headlines of ${lengths[0]} to ${lengths.at(-1)} tokens, median ${median(lengths)}; ${clients} clients`,
);

const server = fork(join(here, 'server.js'), [subject.models]);
const { url } = await answerOf<{ url: string }>(server);
const load = fork(join(here, 'load.js'));
const drive = (duration: number): Promise<LoadReport> => {
  load.send({ url, clients, seconds: duration, texts: subject.texts } satisfies LoadOrder);
  return answerOf<LoadReport>(load);
};

const raw = rawCases.map((rawCase) => ({ rawCase, rates: [] as number[] }));
const http: LoadReport[] = [];
await drive(1);
for (let round = 1; round <= rounds; round++) {
  for (const { rawCase, rates } of raw) {
    rates.push(await measureRaw(subject.modelPath, rawCase, subject.encodings, subject.padId, seconds / 2));
  }
  const report = await drive(seconds);
  if (report.failures > 0) throw new Error(`${report.failures} of ${report.requests} requests failed`);
  http.push(report);
  say(
    `round ${round} of ${rounds}: HTTP ${rate(report).toFixed(0)} texts/s, raw ${raw.map(({ rates }) => rates.at(-1)!.toFixed(0)).join(' ')}`,
  );
}
load.disconnect();
server.kill('SIGTERM');
await subject.cleanUp();

const best = raw.filter(({ rawCase }) => !rawCase.sorted).reduce((a, b) => (median(b.rates) > median(a.rates) ? b : a));
const ours = http.map(rate);
for (const { rawCase, rates } of raw)
  say(`raw, ${rawName(rawCase)}: ${spread(rates)} texts/s${rawCase.sorted ? ' (not a peer: sees all texts beforehand)' : ''}`);
say(
  `HTTP, ${clients} clients: ${spread(ours)} texts/s; p50 ${median(http.map(({ p50Ms }) => p50Ms)).toFixed(1)} ms, p99 ${median(http.map(({ p99Ms }) => p99Ms)).toFixed(1)} ms`,
);
const ratio = median(ours) / median(best.rates);
say(`ratio to the best raw case (${rawName(best.rawCase)}): ${ratio.toFixed(3)}`);
if (flags.json) {
  const name = `serve ${subject.description}, ${clients} clients`;
  const line = {
    case: name,
    peer: `raw ONNX Runtime, ${rawName(best.rawCase)}`,
    ours: median(ours),
    theirs: median(best.rates),
    unit: 'texts/s',
    ratio,
    runs: rounds,
  };
  const p50 = median(http.map(({ p50Ms }) => p50Ms));
  const p99 = median(http.map(({ p99Ms }) => p99Ms));
  process.stdout.write(`${JSON.stringify([{ ...line, p50Ms: p50, p99Ms: p99 }])}\n`);
}

function answerOf<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`a process of the benchmark ended with code ${code}`));
    child.once('exit', ended).once('message', (message) => {
      child.off('exit', ended);
      resolve(message as T);
    });
  });
}

function rate({ requests, seconds: elapsed }: LoadReport): number {
  return requests / elapsed;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function spread(values: readonly number[]): string {
  return `${median(values).toFixed(0)} (${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)})`;
}
