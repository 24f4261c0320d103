/** @file Cost curves of serving as SVG files that stand alone. */
import { type Chart, type Series, standaloneChart } from '../../models/charts/node.js';
import { type ServeAt, type ServePoint, weightsOf } from './serve-curve.js';

export type Plot = { readonly name: string; readonly svg: string };

type Axis = Pick<Chart, 'x' | 'logarithmic'> & {
  readonly at: (point: ServePoint) => number;
  readonly fixed: (point: ServePoint) => string;
};

const clients = ({ clients: many }: ServeAt): string => `${many} clients`;
const tokens = ({ tokens: long }: ServeAt): string => `texts of ${long} tokens`;
const size = ({ size: model }: ServeAt): string => `a model of ${model}`;

const axes: { readonly [A in ServePoint['axis']]: Axis } = {
  clients: { x: 'clients', at: (point) => point.clients, fixed: (point) => `${size(point)}, ${tokens(point)}` },
  tokens: { x: 'tokens a text', logarithmic: true, at: (point) => point.tokens, fixed: (point) => `${size(point)}, ${clients(point)}` },
  size: {
    x: 'million weights in layers',
    logarithmic: true,
    at: (point) => weightsOf(point.size),
    fixed: (point) => `${tokens(point)}, ${clients(point)}`,
  },
};

/** Two for each axis: texts a second beside what the runtime alone reaches, and the p99 beside what a client would wait if all had their turn at that rate. */
export function servePlots(points: readonly ServePoint[]): Plot[] {
  return [...new Set(points.map(({ axis }) => axis))].flatMap((axis) => {
    const own = points.filter((point) => point.axis === axis);
    const { x, at, fixed, logarithmic = false } = axes[axis];
    const precisions = [...new Set(own.map(({ precision }) => precision))];
    const lines = (name: string, of: (point: ServePoint) => number, more: Partial<Series>): Series[] =>
      precisions.map((precision, color) => {
        const line = own.filter((point) => point.precision === precision);
        return { name: `${precision}${name}`, points: line.map((point) => [at(point), of(point)] as const), color, ...more };
      });
    const plot = (name: string, what: string, y: string, series: readonly Series[], logarithmicY: boolean): Plot => ({
      name: `serve-${name}-${axis}`,
      svg: standaloneChart({
        label: `${what} by ${x}, with ${fixed(own[0]!)}`,
        x,
        y,
        series,
        doublings: true,
        ...(logarithmicY ? { logarithmic: true } : { yRange: [0, above(series)] }),
      }),
    });
    const dashed = { style: 'dashed' } as const;
    const dots = { dots: true };
    const rates = [
      ...lines('', (point) => point.textsPerSecond, dots),
      ...lines(', runtime alone', ({ raw }) => raw.textsPerSecond, dashed),
    ];
    const waits = [
      ...lines('', ({ p99Ms }) => p99Ms, dots),
      ...lines(', a turn of all', (point) => (1000 * point.clients) / point.raw.textsPerSecond, dashed),
    ];
    return [plot('rate', 'Texts a second', 'texts/s', rates, logarithmic), plot('p99', 'p99', 'ms', waits, true)];
  });
}

/** The next round number above all points. */
function above(series: readonly Series[]): number {
  const most = Math.max(...series.flatMap(({ points }) => points.map(([, y]) => y)));
  const step = 10 ** Math.floor(Math.log10(most)) / 2;
  return Math.ceil(most / step) * step;
}
