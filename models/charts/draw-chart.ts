/** @file Curves as SVG, drawn here so that a page needs no script and no network. Colours are variables, so the page around it says light or dark. */
import * as echarts from 'echarts';

export type Series = {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** `faint`: noise behind a smoothed curve. `dashed`: a reference. `cloud`: points that no line joins. */
  readonly style?: 'faint' | 'dashed' | 'cloud';
  /** Index of the colour; default the place in the list. */
  readonly color?: number;
  readonly dots?: boolean;
};

export type Chart = {
  /** Said to those who cannot see it. */
  readonly label: string;
  readonly x: string;
  readonly y: string;
  readonly series: readonly Series[];
  readonly xRange?: readonly [number, number];
  readonly yRange?: readonly [number, number];
  readonly logarithmic?: boolean;
  /** Whether as much of the width belongs to each doubling of x. */
  readonly doublings?: boolean;
};

const size = { width: 560, height: 300 };
const mostPoints = 400;

/** @returns an `<svg>`; whoever puts it on a page says what it shows to those who cannot see it */
export function drawChart({ x, y, series, xRange, yRange, logarithmic = false, doublings = false }: Omit<Chart, 'label'>): string {
  const drawing = echarts.init(null, null, { renderer: 'svg', ssr: true, ...size });
  const text = { color: 'var(--muted)', fontFamily: 'system-ui, sans-serif', fontSize: 12 };
  const axis = {
    nameTextStyle: text,
    axisLabel: { ...text, formatter: axisNumber },
    axisLine: { lineStyle: { color: 'var(--line)' } },
    splitLine: { lineStyle: { color: 'var(--line)' } },
  };
  const named = series.filter(({ style }) => style !== 'faint').map(({ name }) => name);
  drawing.setOption({
    animation: false,
    grid: { left: 58, right: 16, top: named.length > 1 ? 40 : 16, bottom: 44 },
    legend: { show: named.length > 1, data: named, top: 4, textStyle: text, icon: 'roundRect', itemHeight: 4, itemWidth: 16, itemGap: 28 },
    xAxis: {
      type: doublings ? 'log' : 'value',
      ...(doublings ? { logBase: 2 } : {}),
      name: x,
      nameLocation: 'middle',
      nameGap: 26,
      min: xRange?.[0] ?? 'dataMin',
      max: xRange?.[1] ?? 'dataMax',
      ...axis,
      splitLine: { show: false },
    },
    yAxis: {
      type: logarithmic ? 'log' : 'value',
      name: y,
      nameLocation: 'middle',
      nameGap: 44,
      scale: true,
      ...axis,
      ...(yRange ? { min: yRange[0], max: yRange[1] } : {}),
    },
    series: series.map(({ name, points, style, color, dots }, i) => ({
      name,
      type: style === 'cloud' ? 'scatter' : 'line',
      data: style === 'cloud' ? sample(points) : thin(points),
      showSymbol: dots ?? false,
      symbolSize: 5,
      itemStyle: { color: `var(--series-${(color ?? i) % 8})`, opacity: style === 'cloud' ? 0.45 : 1 },
      lineStyle: {
        color: `var(--series-${(color ?? i) % 8})`,
        width: style === 'faint' ? 1 : 2,
        opacity: style === 'faint' ? 0.3 : 1,
        type: style === 'dashed' ? 'dashed' : 'solid',
      },
    })),
  } as echarts.EChartsCoreOption);
  const svg = drawing.renderToSVGString();
  drawing.dispose();
  return svg;
}

function axisNumber(value: number): string {
  return value !== 0 && Math.abs(value) < 0.001 ? value.toExponential() : String(value);
}

/** At most three times `mostPoints`, evenly out of all. */
function sample(points: Series['points']): Series['points'] {
  const every = Math.max(1, points.length / (3 * mostPoints));
  return Array.from({ length: Math.floor(points.length / every) }, (_, i) => points[Math.floor(i * every)]!);
}

/** At most `mostPoints`: of each stretch the lowest and the highest, so that no spike is lost. */
function thin(points: Series['points']): Series['points'] {
  if (points.length <= mostPoints) return points;
  const stretch = Math.ceil((2 * points.length) / mostPoints);
  const kept: (readonly [number, number])[] = [];
  for (let start = 0; start < points.length; start += stretch) {
    const part = points.slice(start, start + stretch);
    const low = part.reduce((a, b) => (b[1] < a[1] ? b : a));
    const high = part.reduce((a, b) => (b[1] > a[1] ? b : a));
    kept.push(...(low[0] < high[0] ? [low, high] : low === high ? [low] : [high, low]));
  }
  const last = points.at(-1)!;
  return kept.at(-1) === last ? kept : [...kept, last];
}
