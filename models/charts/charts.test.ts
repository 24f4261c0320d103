import { expect, test } from 'vitest';
import { drawChart, standaloneChart } from './node.js';

const series = [
  { name: 'measured', points: [[1, 10] as const, [8, 20] as const, [64, 30] as const] },
  { name: 'least', points: [[1, 5] as const, [64, 25] as const], style: 'dashed' as const },
];

/** Where the first line of a drawing goes through its points, from left to right. */
function across(svg: string): readonly number[] {
  const [, path = ''] = /<path d="([^"]+)"[^>]*stroke="var\(--series-0\)"/.exec(svg) ?? [];
  return [...path.matchAll(/[ML]([\d.]+)/g)].map(([, x]) => Number(x));
}

test('a drawing takes its colours from the page, and one that stands alone brings them along, in light and in dark', () => {
  const drawn = { x: 'clients', y: 'texts/s', series };
  expect(drawChart(drawn)).toMatch(/var\(--series-1\)/);
  expect(drawChart(drawn)).not.toContain('--series-1:');
  const alone = standaloneChart({ label: 'Rate <by> clients & more', ...drawn });
  expect(alone.match(/--series-1:/g)).toHaveLength(2);
  expect(alone).toContain('prefers-color-scheme: dark');
  expect(alone).toContain('<title>Rate &lt;by> clients &amp; more</title>');
  expect(alone.match(/<svg/g)).toHaveLength(1);
});

test('with doublings, 8 is halfway between 1 and 64', () => {
  const at = (doublings: boolean) => {
    const [left, middle, right] = across(drawChart({ x: 'x', y: 'y', series, doublings })) as [number, number, number];
    return (middle - left) / (right - left);
  };
  expect(at(true)).toBeCloseTo(1 / 2, 2);
  expect(at(false)).toBeCloseTo(7 / 63, 2);
});
