/** @file A server under traffic and a real Prometheus that scrapes it and evaluates the alerts. Both listen on this machine only. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startServer } from '../../http/index.js';
import { freePort } from '../../testing/free-port.js';
import { classify } from '../../testing/http.js';
import { writeSampleBundle } from '../../testing/sample-bundle.js';

export type Sample = {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: [number, string];
  readonly values?: [number, string][];
};

export type ScrapedServer = {
  /** Answers of Prometheus' API. */
  ask<T>(path: string, parameters?: Readonly<Record<string, string>>): Promise<T>;
  close(): Promise<void>;
};

/** Drift is measured from val here, so that there is some after 200 texts. */
const scoreCounts = { clickbait: [40, 10, 5, 5, 5, 5, 5, 5, 10, 10], news: [10, 10, 5, 5, 5, 5, 5, 5, 10, 40] };
const metrics = { val: { task: 'single-label' as const, macroF1: 0.9, accuracy: 0.9, scoreCounts } };

export async function startScrapedServer(): Promise<ScrapedServer> {
  const bundles = await writeSampleBundle({ manifest: { metrics, policy: held(0.2, 0.2575) } });
  await writeSampleBundle({ to: bundles, version: 'v2', manifest: { created: '2025-01-01T00:00:00.000Z', policy: held(0.25, 0.258) } });
  const folder = await mkdtemp(join(tmpdir(), 'copydesk-prometheus-'));
  const limits = { queueTexts: 64, texts: 64, cacheBytes: 1_000_000 };
  const shadow = { model: 'sample@v2', share: 0.5 };
  const review = { file: join(folder, 'review.db'), items: 100 };
  const server = await startServer({
    models: [bundles],
    port: 0,
    workers: 2,
    page: '/nowhere',
    logLevel: 'silent',
    limits,
    shadow,
    review,
    jobs: { folder: join(folder, 'jobs') },
  });
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  await writeFile(join(folder, 'alerts.yml'), await readFile(fileURLToPath(new URL('../prometheus/alerts.yml', import.meta.url))));
  await writeFile(join(folder, 'prometheus.yml'), quickened(await shipped('prometheus.yml'), new URL(server.url).host));
  const prometheus = spawn(
    'prometheus',
    [`--config.file=${folder}/prometheus.yml`, `--storage.tsdb.path=${folder}/data`, `--web.listen-address=127.0.0.1:${port}`],
    { stdio: 'ignore' },
  );
  const traffic = makeTraffic(server.url);
  return {
    async ask<T>(path: string, parameters: Readonly<Record<string, string>> = {}): Promise<T> {
      const response = await fetch(`${address}/api/v1/${path}?${new URLSearchParams(parameters)}`);
      const { status, data, error } = (await response.json()) as { status: string; data: T; error?: string };
      if (status !== 'success') throw new Error(`${path} ${JSON.stringify(parameters)}: ${error}`);
      return data;
    },
    async close() {
      await traffic.stop();
      prometheus.kill('SIGTERM');
      if (prometheus.exitCode === null && prometheus.signalCode === null) await once(prometheus, 'exit');
      await server.close();
      for (const made of [bundles, folder]) await rm(made, { recursive: true, force: true });
    },
  };
}

/** The scores of the untrained model lie close together: near .26. Another policy is enough for a second version that disagrees. */
const held = (review: number, block: number) => ({ labels: { clickbait: { review, block } } });

const shipped = (name: string): Promise<string> => readFile(fileURLToPath(new URL(`../prometheus/${name}`, import.meta.url)), 'utf8');

/** The configuration as it is delivered, but every half second and from where the server of the test listens. */
function quickened(config: string, target: string): string {
  const changed = config.replaceAll(/_interval: 15s/g, '_interval: 500ms').replace('copydesk:8000', target);
  if (!changed.includes(target) || changed.includes('15s')) throw new Error('prometheus.yml is otherwise than this test knows it');
  return changed;
}

/** Of every kind: a file, texts of all lengths, lists, the same text again, mistakes, what is too late, what is given up. */
function makeTraffic(url: string): { stop(): Promise<void> } {
  let stopped = false;
  const words = 'the council voted to repair harbour wall before winter storms secret tricks you will never guess this baker hid'.split(
    ' ',
  );
  const text = (i: number): string =>
    Array.from({ length: 2 + ((i * 7) % 60) }, (_, j) => words[(i * 13 + j * (1 + (i % 5))) % words.length]).join(' ');
  const file = fetch(`${url}/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'text/plain' },
    body: Array.from({ length: 2_000 }, (_, i) => `${text(i)}\n`).join(''),
  });
  const flow = async (from: number): Promise<void> => {
    for (let i = from; !stopped; i += 10) {
      const kind = (i / 10) % 10;
      const given = new AbortController();
      const ask =
        kind < 5
          ? classify(url, { text: text(i) })
          : kind < 7
            ? classify(url, { texts: Array.from({ length: 12 }, (_, j) => text(i * 31 + j)) })
            : kind === 7
              ? classify(url, { text: 'The same for everybody' })
              : kind === 8
                ? Promise.all(
                    Array.from({ length: 6 }, (_, k) =>
                      classify(url, { texts: Array.from({ length: 50 }, (_, j) => text(i * 77 + k * 50 + j)) }),
                    ),
                  )
                : classify(url, { texts: [] });
      if (i % 70 === from) {
        const gone = fetch(`${url}/classify`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ texts: Array.from({ length: 60 }, (_, j) => text(i + j)) }),
          signal: given.signal,
        }).catch(() => undefined);
        setTimeout(() => given.abort(), 1);
        await gone;
      }
      await ask;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const flows = [0, 1, 2, 3].map(flow);
  return {
    async stop() {
      stopped = true;
      await Promise.all([file, ...flows]);
    },
  };
}
