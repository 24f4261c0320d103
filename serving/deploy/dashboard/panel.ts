/** @file What a panel is, and the words in which its expressions are written. */

export type Unit = 'reqps' | 'ops' | 's' | 'percentunit' | 'short' | 'bytes';
export type Form = 'timeseries' | 'stat' | 'heatmap' | 'table';

export type Panel = {
  readonly title: string;
  readonly about: string;
  readonly unit: Unit;
  readonly form?: Form;
  /** Of 24. */
  readonly width: number;
  readonly lines: readonly (readonly [expression: string, legend: string])[];
  /** Why no data is good news, or no news, where that may be. */
  readonly mayBeEmpty?: string;
  /** Values at which the colour changes to yellow and to red. */
  readonly steps?: readonly [number, number];
};

export type Row = { readonly title: string; readonly panels: readonly Panel[] };

/** The instances chosen; and of those, the models. */
export const S = 'job=~"$job",instance=~"$instance"';
export const M = `${S},model=~"$model",version=~"$version"`;
export const R = '[$__rate_interval]';
/** Routes that machines ask. */
export const asked = `${S},route!~"live|ready|metrics|page|openapi"`;

export const rate = (metric: string, labels = S): string => `rate(${metric}{${labels}}${R})`;
export const by = (labels: string, expression: string): string => `sum by (${labels}) (${expression})`;
export const quantile = (q: number, metric: string, labels: string, of = ''): string =>
  `histogram_quantile(${q}, sum by (${of ? `${of}, ` : ''}le) (rate(${metric}_bucket{${labels}}${R})))`;
/** 0 where nothing came. */
export const share = (part: string, whole: string): string => `sum(${part}) / clamp_min(sum(${whole}), 1e-9)`;
