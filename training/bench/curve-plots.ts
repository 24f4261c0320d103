/** @file Cost curves as SVG files that stand alone, in light and in dark. */
import { type Series, standaloneChart } from '../../models/charts/node.js';
import type { CurvePoint } from './curve.js';

export type Plot = { readonly name: string; readonly svg: string };

const axes: { readonly [A in CurvePoint['axis']]: string } = {
  width: 'width',
  layers: 'layers',
  tokens: 'tokens a text',
  batch: 'texts a batch',
};

/** Two for each axis: the time of a step beside the least that it could be, and the memory that it takes. */
export function curvePlots(points: readonly CurvePoint[]): Plot[] {
  return [...new Set(points.map(({ axis }) => axis))].flatMap((axis) => {
    const own = points.filter((point) => point.axis === axis);
    const line = (name: string, of: (point: CurvePoint) => number, more: Partial<Series> = {}): Series => ({
      name,
      points: own.map((point) => [point.size[axis], of(point)] as const),
      dots: true,
      ...more,
    });
    const [{ size }] = own as [CurvePoint];
    const fixed = Object.entries({ layers: size.layers, width: size.width, texts: size.batch, tokens: size.tokens });
    const rest = fixed.filter(([name]) => name !== (axis === 'batch' ? 'texts' : axis)).map(([name, value]) => `${value} ${name}`);
    const label = (what: string) => `${what} by ${axes[axis]}, with ${rest.join(', ')}`;
    const time = [line('measured', ({ ms }) => ms), line('products and memory alone', (point) => point.leastMs, { style: 'dashed' })];
    return [
      {
        name: `step-${axis}`,
        svg: standaloneChart({ label: label('Time of a step'), x: axes[axis], y: 'ms a step', series: time }),
      },
      {
        name: `memory-${axis}`,
        svg: standaloneChart({ label: label('Peak memory'), x: axes[axis], y: 'MB', series: [line('peak', ({ peakMB }) => peakMB)] }),
      },
    ];
  });
}
