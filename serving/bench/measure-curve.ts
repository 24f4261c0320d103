/** @file Points of one size of model: its server in each precision, asked as each point says, turn by turn with raw ONNX Runtime. */
import { median, quartiles } from '../../models/bench/node.js';
import type { Precision } from '../../models/bundle/node.js';
import { type BenchServer, type Load, startOurs } from './children.js';
import type { LoadReport } from './load.js';
import { rateOf } from './measure-serving.js';
import { likelyCases, measureRaw, quickCases, rawName } from './raw.js';
import type { ServeAt, ServePoint } from './serve-curve.js';
import { type Asked, askedOf, type Subject } from './subject.js';
import { textsOfTokens } from './texts.js';

export type CurveOptions = {
  readonly runs: number;
  readonly seconds: number;
  readonly load: Load;
  /** Whether one raw way will do. */
  readonly quick: boolean;
};
type Point = ServeAt & Pick<ServePoint, 'axis'>;

export async function measureCurve(subject: Subject, points: readonly Point[], options: CurveOptions): Promise<readonly ServePoint[]> {
  const precisions = subject.precisions.filter((one) => one === 'fp32' || one === 'int8');
  const asked = new Map<number, Asked>();
  for (const { tokens } of points)
    if (!asked.has(tokens)) asked.set(tokens, await askedOf(subject, await textsOfTokens(tokens, subject.tokenizer)));
  const servers = new Map<Precision, BenchServer>();
  try {
    for (const precision of precisions) servers.set(precision, await startOurs(subject.models, precision));
    return await takeTurns({ subject, points, asked, servers, ...options });
  } finally {
    for (const server of servers.values()) server.stop();
  }
}

type Turns = CurveOptions & {
  readonly subject: Subject;
  readonly points: readonly Point[];
  readonly asked: ReadonlyMap<number, Asked>;
  readonly servers: ReadonlyMap<Precision, BenchServer>;
};

async function takeTurns({ subject, points, asked, servers, runs, seconds, load, quick }: Turns): Promise<readonly ServePoint[]> {
  const precisions = [...servers.keys()];
  const reports = points.flatMap((point) => precisions.map((precision) => ({ point, precision, seen: [] as LoadReport[] })));
  const raws = [...asked.keys()].flatMap((tokens) =>
    precisions.flatMap((precision) => (quick ? quickCases : likelyCases).map((way) => ({ tokens, precision, way, rates: [] as number[] }))),
  );
  for (let run = 0; run < runs; run++) {
    for (const { tokens, precision, way, rates } of raws) {
      const { encodings } = asked.get(tokens)!;
      rates.push((await measureRaw(subject.modelPath(precision), way, encodings, subject.tokenizer.padId, seconds / 2)).textsPerSecond);
    }
    for (const { point, precision, seen } of reports) {
      const order = { url: servers.get(precision)!.url, clients: point.clients, texts: asked.get(point.tokens)!.texts };
      await load.drive({ ...order, seconds: seconds / 5 }); // what lay idle meanwhile comes back to memory
      seen.push(await load.drive({ ...order, seconds }));
    }
  }
  return reports.map(({ point, precision, seen }) => {
    const [best] = raws
      .filter((one) => one.tokens === point.tokens && one.precision === precision)
      .map(({ way, rates }) => ({ way: rawName(way), textsPerSecond: median(rates) }))
      .sort((a, b) => b.textsPerSecond - a.textsPerSecond);
    const rates = seen.map(rateOf);
    return {
      ...point,
      precision,
      textsPerSecond: median(rates),
      spread: quartiles(rates),
      p50Ms: median(seen.map(({ p50Ms }) => p50Ms)),
      p99Ms: median(seen.map(({ p99Ms }) => p99Ms)),
      requests: seen.reduce((sum, { requests }) => sum + requests, 0),
      raw: best!,
    };
  });
}
