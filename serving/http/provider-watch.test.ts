import { expect, test } from 'vitest';
import { createMetrics } from '../desk/index.js';
import type { Opened } from '../workers/index.js';
import { createProviderWatch } from './provider-watch.js';

function watch() {
  const said: { readonly level: 'info' | 'warn'; readonly fields: unknown }[] = [];
  const metrics = createMetrics();
  const log = { info: (fields: unknown) => void said.push({ level: 'info', fields }), warn: (fields: unknown) => void said.push({ level: 'warn', fields }) }; // biome-ignore format: one line
  const made = createProviderWatch({ wanted: ['cuda', 'cpu'], metrics, log: log as never });
  const open = (worker: number, opened: Partial<Opened>) =>
    made.on({ kind: 'opened', worker, opened: { key: 'a@1', provider: 'cuda', fallbacks: [], ...opened } });
  const scrape = async (name: string) =>
    (await metrics.registry.getSingleMetric(name)!.get()).values.map(({ labels, value }) => [labels, value]);
  return { ...made, open, said, scrape };
}
const fallen = { provider: 'cpu', fallbacks: ['cuda: out of memory'] } as const;

test('a worker that comes back with another provider than the others is noticed: counted, logged once, told', async () => {
  const { open, of, on, said, scrape } = watch();
  open(0, { placement: { cuda: 40, cpu: 3 } });
  open(1, {});
  expect(of('a@1')).toEqual({ providers: { cuda: 2 }, fallbacks: [], operations: { cuda: 40, cpu: 3 } });
  expect(said.map(({ level }) => level)).toEqual(['info']);
  on({ kind: 'lost', worker: 1, reason: 'gone', restartMs: 1 });
  expect(of('a@1').providers).toEqual({ cuda: 1 });
  open(1, fallen);
  expect(of('a@1')).toMatchObject({ providers: { cuda: 1, cpu: 1 }, fallbacks: ['cuda: out of memory'] });
  expect(said[1]).toMatchObject({ level: 'warn', fields: { model: 'a@1', provider: 'cpu', wanted: 'cuda', fallbacks: fallen.fallbacks } });
  const labels = { model: 'a', version: '1' };
  expect(await scrape('copydesk_model_workers')).toEqual([[{ ...labels, provider: 'cuda' }, 1], [{ ...labels, provider: 'cpu' }, 1]]); // biome-ignore format: one line
  expect(await scrape('copydesk_provider_fallback')).toEqual([[{ ...labels, wanted: 'cuda' }, 1]]);
});

test('a model that is let go is forgotten', () => {
  const { open, of, on } = watch();
  open(0, {});
  on({ kind: 'unloaded', model: 'a@1' });
  expect(of('a@1')).toEqual({ providers: {}, fallbacks: [] });
});
