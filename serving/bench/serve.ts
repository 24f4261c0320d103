/** @file `npm run bench:serve`: texts a second and latency through HTTP, beside raw ONNX Runtime and other servers, in the same run. */
import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { LoadOrder, LoadReport } from './load.js';
import { median, spread } from './median.js';
import { type PeerName, peerNames, peers, startPeer } from './peers.js';
import { less, type ProcessorTime, processorTime } from './processor-time.js';
import { aloneCases, measureRaw, type RawCase, type RawRate, rawCases, rawName } from './raw.js';
import { prepareSubject } from './subject.js';

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    bundle: { type: 'string' },
    pretrained: { type: 'string' },
    clients: { type: 'string', default: '32' },
    peers: { type: 'string', default: peerNames.join(',') },
    rounds: { type: 'string' },
  },
});
const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..', '..');
const clients = Number(flags.clients);
const rounds = Number(flags.rounds ?? (flags.quick ? 2 : 5));
const seconds = flags.quick ? 1.5 : 4;
/** Of the texts, those that one client asks for, again and again: raw and servers see the same. */
const few = 60;
const say = (line: string): void => void process.stderr.write(`${line}\n`);

const subject = await prepareSubject({
  root,
  ...(flags.bundle ? { bundle: flags.bundle } : {}),
  ...(flags.pretrained ? { pretrained: flags.pretrained } : {}),
});
const lengths = subject.encodings.map(({ ids }) => ids.length).sort((a, b) => a - b);
const ort = (JSON.parse(readFileSync(join(root, 'node_modules/onnxruntime-node/package.json'), 'utf8')) as { version: string }).version;
say(`${cpus()[0]?.model.trim()}, ${cpus().length} cores; Node ${process.versions.node}; onnxruntime-node ${ort}`);
say(`${subject.description}; ${lengths.length} texts of ${lengths[0]} to ${lengths.at(-1)} tokens, median ${median(lengths)}`);

/** A server, and what was seen of it with all clients and with one. */
type Served = {
  readonly name: string;
  readonly url: string;
  readonly pid: number | undefined;
  stop(): void;
  readonly many: LoadReport[];
  readonly one: LoadReport[];
  /** Processor time with all clients, in ms a request. */
  readonly spent: ProcessorTime[];
};

const ours = fork(join(here, 'server.js'), [subject.models]);
const { url } = await answerOf<{ url: string }>(ours);
const servers: Served[] = [{ name: 'Copydesk', url, pid: ours.pid, stop: () => void ours.kill('SIGTERM'), many: [], one: [], spent: [] }];
for (const name of flags.peers.split(',').filter((name): name is PeerName => name in peers)) {
  const peer = await startPeer(name, root, subject.folder, say);
  if (peer) servers.push({ name: peers[name].title, ...peer, many: [], one: [], spent: [] });
}
const load = fork(join(here, 'load.js'));
const drive = async (server: Served, connections: number, duration: number): Promise<LoadReport> => {
  const texts = connections === 1 ? subject.texts.slice(0, few) : subject.texts;
  load.send({ url: server.url, clients: connections, seconds: duration, texts } satisfies LoadOrder);
  const report = await answerOf<LoadReport>(load);
  if (report.failures > 0) throw new Error(`${server.name}: ${report.failures} of ${report.requests} requests failed`);
  return report;
};

const measured = (rawCase: RawCase) => ({ rawCase, rates: [] as RawRate[] });
const raw = rawCases.map(measured);
const alone = aloneCases.map(measured);
for (const server of servers) await drive(server, clients, 1);
for (let round = 1; round <= rounds; round++) {
  for (const { rawCase, rates } of raw)
    rates.push(await measureRaw(subject.modelPath, rawCase, subject.encodings, subject.padId, seconds / 2));
  for (const { rawCase, rates } of alone)
    rates.push(await measureRaw(subject.modelPath, rawCase, subject.encodings.slice(0, few), subject.padId, seconds / 2));
  for (const server of servers) {
    await drive(server, clients, 1); // what lay idle meanwhile comes back to memory
    const before = processorTime(server.pid);
    const report = await drive(server, clients, seconds);
    const { first, others } = less(processorTime(server.pid), before);
    server.many.push(report);
    server.spent.push({ first: first / report.requests, others: others / report.requests });
    server.one.push(await drive(server, 1, seconds / 2));
  }
  const rates = servers.map(({ name, many }) => `${name} ${rate(many.at(-1)!).toFixed(0)}`).join(', ');
  say(`round ${round} of ${rounds}, texts/s: ${rates}; raw ${raw.map(({ rates }) => rates.at(-1)!.textsPerSecond.toFixed(0)).join(' ')}`);
}
load.disconnect();
for (const server of servers) server.stop();
await subject.cleanUp();

const textsOf = (rates: readonly RawRate[]): number[] => rates.map(({ textsPerSecond }) => textsPerSecond);
const p50Of = (reports: readonly { readonly p50Ms: number }[]): number => median(reports.map(({ p50Ms }) => p50Ms));
const p99Of = (reports: readonly LoadReport[]): number => median(reports.map(({ p99Ms }) => p99Ms));
for (const { rawCase, rates } of raw)
  say(`raw, ${rawName(rawCase)}: ${spread(textsOf(rates))} texts/s${rawCase.sorted ? ' (not a peer: sees all texts beforehand)' : ''}`);
for (const { rawCase, rates } of alone) say(`raw, one text after the other, ${rawName(rawCase)}: p50 ${p50Of(rates).toFixed(2)} ms`);
const fair = raw.filter(({ rawCase }) => !rawCase.sorted);
const best = fair.reduce((a, b) => (median(textsOf(b.rates)) > median(textsOf(a.rates)) ? b : a));
const soonest = alone.reduce((a, b) => (p50Of(b.rates) < p50Of(a.rates) ? b : a));
for (const { name, many, one, spent } of servers) {
  const busy = `${clients} clients ${spread(many.map(rate))} texts/s, p50 ${p50Of(many).toFixed(1)}, p99 ${p99Of(many).toFixed(1)} ms`;
  say(`${name}: ${busy}; 1 client ${spread(one.map(rate))} texts/s, p50 ${p50Of(one).toFixed(2)}, p99 ${p99Of(one).toFixed(2)} ms`);
  const [first, others] = [median(spent.map((time) => time.first)), median(spent.map((time) => time.others))];
  if (first > 0) say(`  processor time a request: ${first.toFixed(2)} ms in its first thread, ${others.toFixed(2)} in the others`);
}

const [copydesk, ...others] = servers;
const mine = median(copydesk!.many.map(rate));
const over = p50Of(copydesk!.one) - p50Of(soonest.rates);
say(`to the best raw case (${rawName(best.rawCase)}): ${(mine / median(textsOf(best.rates))).toFixed(3)} of its texts/s`);
say(`over the soonest raw case (${rawName(soonest.rawCase)}) at 1 client: ${over.toFixed(2)} ms at p50`);
for (const { name, many } of others)
  say(
    `to ${name}: ${(mine / median(many.map(rate))).toFixed(2)} of its texts/s, ${(p99Of(copydesk!.many) / p99Of(many)).toFixed(2)} of its p99`,
  );

if (flags.json) {
  const lines = [
    { peer: `raw ONNX Runtime, ${rawName(best.rawCase)}`, theirs: median(textsOf(best.rates)) },
    ...others.map(({ name, many }) => ({ peer: name, theirs: median(many.map(rate)), theirP99Ms: p99Of(many) })),
  ].map((line) => ({
    case: `serve ${subject.description}, ${clients} clients`,
    ...line,
    ours: mine,
    unit: 'texts/s',
    ratio: mine / line.theirs,
    runs: rounds,
    p50Ms: p50Of(copydesk!.many),
    p99Ms: p99Of(copydesk!.many),
    overheadMs: over,
  }));
  process.stdout.write(`${JSON.stringify(lines)}\n`);
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
