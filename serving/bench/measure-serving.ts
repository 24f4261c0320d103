/** @file Servers and raw ONNX Runtime, turn by turn, on the same texts. */
import type { Precision } from '../../models/bundle/node.js';
import { type BenchServer, startLoad, startOurs } from './children.js';
import type { LoadReport } from './load.js';
import { type PeerName, peers, startPeer } from './peers.js';
import { less, type ProcessorTime, processorTime } from './processor-time.js';
import { aloneCases, likelyCases, measureRaw, quickCases, type RawCase, type RawRate, rawCases } from './raw.js';
import type { Asked, Subject } from './subject.js';

/** A server, and what was seen of it, round by round: with all clients, and with one. */
export type Served = {
  readonly name: string;
  /** Of ours. */
  readonly precision?: Precision;
  readonly many: readonly LoadReport[];
  readonly one: readonly LoadReport[];
  /** Processor time with all clients, in ms a request. */
  readonly spent: readonly ProcessorTime[];
};

export type RawServed = {
  readonly precision: Precision;
  readonly rawCase: RawCase;
  /** Whether it is asked one text after the other, as by one client. */
  readonly alone: boolean;
  readonly rates: readonly RawRate[];
};

export type ServingFigures = { readonly ours: readonly Served[]; readonly peers: readonly Served[]; readonly raw: readonly RawServed[] };

export type ServingPlan = {
  readonly precisions: readonly Precision[];
  readonly clients: number;
  readonly rounds: number;
  /** Of a turn with all clients; the others take half as long. */
  readonly seconds: number;
  readonly peers: readonly PeerName[];
  /** Whether one raw way of each kind will do. */
  readonly quick: boolean;
  /** The package's root. */
  readonly root: string;
  say(line: string): void;
};

/** Of the texts, those that one client asks for, again and again: raw and servers see the same. */
const few = 60;

/** @throws Error where a server refuses requests or ends */
export async function measureServing(subject: Subject, { texts, encodings }: Asked, plan: ServingPlan): Promise<ServingFigures> {
  const { clients, rounds, seconds, say } = plan;
  const raw = rawPlan(plan);
  const servers = await startServers(subject, plan);
  const load = startLoad();
  const ask = ({ url }: BenchServer, connections: number, duration: number): Promise<LoadReport> =>
    load.drive({ url, clients: connections, seconds: duration, texts: connections === 1 ? texts.slice(0, few) : texts });
  try {
    for (const { server } of servers) await ask(server, clients, Math.min(1, seconds));
    for (let round = 1; round <= rounds; round++) {
      for (const { precision, rawCase, alone, rates } of raw) {
        const given = alone ? encodings.slice(0, few) : encodings;
        rates.push(await measureRaw(subject.modelPath(precision), rawCase, given, subject.tokenizer.padId, seconds / 2));
      }
      for (const { server, many, one, spent } of servers) {
        await ask(server, clients, Math.min(1, seconds)); // what lay idle meanwhile comes back to memory
        const before = processorTime(server.pid);
        const report = await ask(server, clients, seconds);
        const { first, others } = less(processorTime(server.pid), before);
        many.push(report);
        spent.push({ first: first / report.requests, others: others / report.requests });
        one.push(await ask(server, 1, seconds / 2));
      }
      const served = servers.map(({ name, many }) => `${name} ${rateOf(many.at(-1)!).toFixed(0)}`).join(', ');
      const rates = raw.filter(({ alone }) => !alone).map((one) => one.rates.at(-1)!.textsPerSecond.toFixed(0));
      say(`round ${round} of ${rounds}, texts/s: ${served}; raw ${rates.join(' ')}`);
    }
  } finally {
    load.stop();
    for (const { server } of servers) server.stop();
  }
  return { ours: servers.filter(({ precision }) => precision), peers: servers.filter(({ precision }) => !precision), raw };
}

export const rateOf = ({ requests, seconds }: LoadReport): number => requests / seconds;

async function startServers(subject: Subject, { precisions, peers: names, root, say }: ServingPlan) {
  const seen = () => ({ many: [] as LoadReport[], one: [] as LoadReport[], spent: [] as ProcessorTime[] });
  const servers: (ReturnType<typeof seen> & { name: string; precision?: Precision; server: BenchServer })[] = [];
  for (const precision of precisions)
    servers.push({ name: `Copydesk ${precision}`, precision, server: await startOurs(subject.models, precision), ...seen() });
  for (const name of names) {
    const server = await startPeer(name, root, subject.folder, say);
    if (server) servers.push({ name: peers[name].title, server, ...seen() });
  }
  return servers;
}

/** Of fp32 everything one would try, of other files what can be the fastest. */
function rawPlan({ precisions, quick }: ServingPlan) {
  const measured = (precision: Precision, rawCase: RawCase, alone: boolean) => ({ precision, rawCase, alone, rates: [] as RawRate[] });
  const cases = (precision: Precision) => (quick ? quickCases : precision === 'fp32' ? rawCases : likelyCases);
  return precisions.flatMap((precision) => [
    ...cases(precision).map((rawCase) => measured(precision, rawCase, false)),
    ...aloneCases.slice(0, quick ? 1 : undefined).map((rawCase) => measured(precision, rawCase, true)),
  ]);
}
