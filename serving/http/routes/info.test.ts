import { rm } from 'node:fs/promises';
import { pino } from 'pino';
import { afterAll, expect, test } from 'vitest';
import { findBundles } from '../../../models/bundle/node.js';
import { createSession } from '../../../models/runtime/node.js';
import { infoResponseSchema } from '../../protocol/index.js';
import { writeSampleBundle } from '../../testing/sample-bundle.js';
import type { ServerOptions } from '../options.js';
import { type RunningServer, startServer } from '../start-server.js';

const bundles = await writeSampleBundle();
const [bundle] = await findBundles([bundles]);
/** Whether CUDA works on this machine: two tests are about machines on which it does not. */
const cuda = await createSession(bundle!.modelPath(), { providers: ['cuda'] }).then(
  () => true,
  () => false,
);
const servers: RunningServer[] = [];
const logged: string[] = [];
const log = pino({ level: 'info' }, { write: (line: string) => void logged.push(line) });

afterAll(async () => {
  await Promise.all(servers.map((one) => one.close()));
  await rm(bundles, { recursive: true });
});

async function start(options: Partial<ServerOptions>): Promise<RunningServer> {
  const server = await startServer({ models: [bundles], port: 0, workers: 2, page: '/nowhere', ...options }, log);
  servers.push(server);
  return server;
}

const info = async ({ url }: RunningServer) => {
  const response = await fetch(`${url}/info`);
  expect(response.status).toBe(200);
  return infoResponseSchema.strict().parse(await response.json());
};

test('/info says what runs: versions, the model with the hash of its file, workers, limits', async () => {
  const said = await info(await start({ limits: { waitMs: 1234 } }));
  expect(said.models).toEqual([
    {
      name: 'sample',
      version: 'v1',
      default: true,
      precision: 'fp32',
      sha256: bundle!.manifest.files.find(({ path }) => path === 'onnx/model.onnx')!.sha256,
      providers: { cpu: 2 },
      fallbacks: [],
    },
  ]);
  expect(said).toMatchObject({ node: process.version, workers: { wanted: 2, alive: 2, threads: 1 }, providers: ['cpu'], policy: null });
  expect(said.limits).toMatchObject({ waitMs: 1234, texts: 256 });
  expect(said.onnxruntime).toMatch(/^\d+\.\d+\.\d+$/);
  expect(Date.parse(said.started)).toBeLessThanOrEqual(Date.now());
});

test.skipIf(cuda)('where CUDA is asked for first and missing, the CPU computes, and /info, metrics and log say so and why', async () => {
  logged.length = 0;
  const server = await start({ providers: ['cuda', 'cpu'] });
  const said = await info(server);
  expect(said.providers).toEqual(['cuda', 'cpu']);
  expect(said.models).toMatchObject([
    { providers: { cpu: 2 }, fallbacks: [expect.stringMatching(/^cuda: /)], operations: { cpu: expect.any(Number) } },
  ]);
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  expect(metrics).toContain('copydesk_model_workers{model="sample",version="v1",provider="cuda"} 0');
  expect(metrics).toContain('copydesk_model_workers{model="sample",version="v1",provider="cpu"} 2');
  expect(metrics).toContain('copydesk_provider_fallback{model="sample",version="v1",wanted="cuda"} 1');
  const warnings = logged.map((line) => JSON.parse(line)).filter(({ level }) => level === 40);
  expect(warnings).toMatchObject([{ model: 'sample@v1', provider: 'cpu', wanted: 'cuda', fallbacks: [expect.stringMatching(/^cuda: /)] }]);
});

test.skipIf(cuda)('where CUDA alone is asked for and missing, the server does not start, and says where to look', async () => {
  await expect(start({ providers: ['cuda'] })).rejects.toMatchObject({
    code: 'serving/start',
    message: expect.stringMatching(/none of the providers \[cuda\] works here: cuda: /),
    fix: expect.stringMatching(/--providers cuda,cpu.*copydesk doctor/),
  });
});
