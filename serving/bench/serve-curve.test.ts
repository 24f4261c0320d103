import { expect, test } from 'vitest';
import { packageFolder } from '../../models/bundle/node.js';
import { axes, pointsOf, type ServePoint, weightsOf, wholePlan } from './serve-curve.js';
import { servePlots } from './serve-plots.js';
import { openSubject } from './subject.js';
import { textsOfTokens } from './texts.js';

test('each axis goes through its values with all else as in the base', () => {
  const points = pointsOf(wholePlan, axes);
  expect(points.filter(({ axis }) => axis === 'tokens').map(({ tokens }) => tokens)).toEqual(wholePlan.values.tokens);
  for (const { axis, ...point } of points) expect({ ...point, [axis]: 0 }).toEqual({ ...wholePlan.base, [axis]: 0 });
  expect(pointsOf(wholePlan, ['size'])).toHaveLength(wholePlan.values.size.length);
});

test('a layer has twelve squares of its width in weights', () => {
  expect(weightsOf('12x768')).toBeCloseTo(84.9, 1); // BERT-base: 85 million beside its embeddings
});

test('texts of a length have it, and no two are alike', async () => {
  const { tokenizer } = await openSubject(`${packageFolder()}/models/zoo/headlines-en`);
  const texts = await textsOfTokens(24, tokenizer, 50);
  expect(new Set(texts).size).toBe(50);
  for (const { ids } of await tokenizer.encode(texts, 64)) expect(ids).toHaveLength(24);
});

test('a drawing has both precisions, and beside them what the runtime alone would do', () => {
  const point = (clients: number, precision: 'fp32' | 'int8'): ServePoint => ({
    ...wholePlan.base,
    axis: 'clients',
    clients,
    precision,
    textsPerSecond: 100 + clients,
    spread: [90, 110],
    p50Ms: 5,
    p99Ms: 10 * clients,
    requests: 300,
    raw: { way: 'raw', textsPerSecond: 200 },
  });
  const plots = servePlots([point(1, 'fp32'), point(1, 'int8'), point(4, 'fp32'), point(4, 'int8')]);
  expect(plots.map(({ name }) => name)).toEqual(['serve-rate-clients', 'serve-p99-clients']);
  for (const { svg } of plots) expect(svg).toContain('by clients, with a model of 6x384, texts of 32 tokens</title>');
  for (const name of ['fp32', 'int8', 'fp32, runtime alone', 'int8, runtime alone']) expect(plots[0]!.svg).toContain(`>${name}</text>`);
  expect(plots[1]!.svg).toContain('>fp32, a turn of all</text>');
});
