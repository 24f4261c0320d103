import { Histogram, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createQuickHistogram } from './quick-histogram.js';

const options = { name: 'x_seconds', help: 'Said in "quotes".', labelNames: ['model', 'stage'] as const, buckets: [0.001, 0.5, 1] };

test('it says the same as the histogram of prom-client, to the letter', async () => {
  const [registry, other] = [new Registry(), new Registry()];
  const quick = createQuickHistogram({ ...options, registers: [registry] });
  const slow = new Histogram({ ...options, buckets: [...options.buckets], registers: [other] });
  for (const histogram of [quick, slow]) {
    for (const value of [0, 0.001, 0.0010001, 0.5, 0.7, 1, 1.5, 30]) histogram.labels('a', 'infer').observe(value);
    histogram.labels('a "b"\\\n', 'queue').observe(0.25);
    histogram.labels('gone', 'queue').observe(0.25);
    histogram.remove({ model: 'gone', stage: 'queue' });
  }
  const text = await registry.metrics();
  expect(text).toBe(await other.metrics());
  expect(text).toContain('x_seconds_bucket{le="0.001",model="a",stage="infer"} 2');
  expect(text).not.toContain('gone');
});
