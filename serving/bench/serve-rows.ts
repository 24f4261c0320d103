/** @file What may be said of servers that were measured in one run. */
import { type Comparison, compare, type Measured, median } from '../../models/bench/node.js';
import { invariant } from '../../models/index.js';
import { type RawServed, rateOf, type Served, type ServingFigures } from './measure-serving.js';
import { rawName } from './raw.js';

export type RowOptions = { readonly description: string; readonly clients: number; readonly quick: boolean };

/**
 * Each of our model files beside raw ONNX Runtime on the same file, with all clients and with one; each beside our own fp32; and the other servers,
 * which run fp32, beside ours. Of the raw ways the one that was best in this run is the peer.
 */
export function serveRows({ ours, peers, raw }: ServingFigures, { description, clients, quick }: RowOptions): readonly Comparison[] {
  const [fp32] = ours;
  const row = (how: string, engine: string, peer: string, more: Pick<Measured, 'unit' | 'better' | 'ours' | 'theirs'>): Comparison =>
    compare({ case: `serve ${description}, ${how}`, engine, peer, quick, ...more });
  const many = `${clients} clients`;
  return [
    ...ours.flatMap((served) => {
      const best = bestRaw(raw, served);
      const soonest = soonestRaw(raw, served);
      return [
        row(many, served.name, `raw ${served.precision}, ${rawName(best.rawCase)}`, {
          ...texts,
          ours: ratesOf(served),
          theirs: best.rates.map(({ textsPerSecond }) => textsPerSecond),
        }),
        row('1 client, p50', served.name, `raw ${served.precision}, ${rawName(soonest.rawCase)}`, {
          ...milliseconds,
          ours: served.one.map(({ p50Ms }) => p50Ms),
          theirs: soonest.rates.map(({ p50Ms }) => p50Ms),
        }),
      ];
    }),
    ...ours.slice(1).flatMap((served) => besideServer(served, fp32!)),
    ...peers.flatMap((peer) => besideServer(fp32!, peer)),
  ];

  function besideServer(served: Served, peer: Served): readonly Comparison[] {
    const p99 = (of: Served) => of.many.map(({ p99Ms }) => p99Ms);
    return [
      row(many, served.name, peer.name, { ...texts, ours: ratesOf(served), theirs: ratesOf(peer) }),
      row(`${many}, p99`, served.name, peer.name, { ...milliseconds, ours: p99(served), theirs: p99(peer) }),
    ];
  }
}

const texts = { unit: 'texts/s', better: 'more' } as const;
const milliseconds = { unit: 'ms', better: 'less' } as const;

const ratesOf = ({ many }: Served): readonly number[] => many.map(rateOf);

/** By the median, among those that know no text beforehand. */
function bestRaw(raw: readonly RawServed[], { precision }: Served): RawServed {
  return most(raw.filter((one) => one.precision === precision && !one.alone && !one.rawCase.sorted), ({ rates }) => median(rates.map(({ textsPerSecond }) => textsPerSecond))); // biome-ignore format: one idea
}

function soonestRaw(raw: readonly RawServed[], { precision }: Served): RawServed {
  return most(
    raw.filter((one) => one.precision === precision && one.alone),
    ({ rates }) => -median(rates.map(({ p50Ms }) => p50Ms)),
  );
}

function most<T>(items: readonly T[], by: (item: T) => number): T {
  invariant(items.length > 0, 'bench: nothing raw was measured for a model file');
  return items.reduce((a, b) => (by(b) > by(a) ? b : a));
}
