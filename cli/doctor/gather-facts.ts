/** @file The facts of this machine, each found by asking it. Nothing is changed, and nothing is fetched. */
import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { availableParallelism, cpus, freemem, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { bundleFolders, packageFolder, readBundle } from '../../models/bundle/node.js';
import { UsageError } from '../../models/index.js';
import { containerCores, containerMemory, runtimeProviders, runtimeVersion } from '../../models/runtime/node.js';
import { gatherCuda, type Run, run } from './gather-cuda.js';
import { gatherNode } from './gather-node.js';
import { gatherTensorflow } from './gather-tensorflow.js';
import type { MachineFacts } from './machine-facts.js';
import { probeProvider, type SelfCommand } from './probe-provider.js';

export type GatherOptions = {
  readonly self: SelfCommand;
  /** That a server would listen on. */
  readonly port: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly ask?: Run;
};

export async function gatherFacts({ self, port, env, ask = run }: GatherOptions): Promise<MachineFacts> {
  const cuda = await gatherCuda(ask);
  const models = await gatherModels();
  return {
    node: gatherNode(),
    npm: await gatherNpm(ask, env),
    runtime: gatherRuntime(),
    cpu: {
      model: cpus()[0]?.model.trim() || 'unknown',
      cores: availableParallelism(),
      allowed: containerCores(),
      flags: /^(?:flags|Features)\s*:\s*(.*)$/m.exec(textOf('/proc/cpuinfo'))?.[1]?.split(' ') ?? [],
      probe: await probeProvider('cpu', self),
    },
    memory: { total: totalmem(), free: freemem(), allowed: containerMemory() },
    cuda: { ...cuda, probe: cuda.provider === undefined ? undefined : await probeProvider('cuda', self) },
    webgpu: { probe: await probeProvider('webgpu', self) },
    tensorflow: await gatherTensorflow(self),
    disk: { here: freeBytes('.'), temporary: await temporaryBytes() },
    models: models.map(({ created: _created, ...model }) => model),
    port: { number: port, problem: await problemOfPort(port) },
    clock: { now: new Date().toISOString(), notBefore: models.map(({ created }) => created).sort().at(-1) }, // biome-ignore format: one line
  };
}

async function gatherNpm(ask: Run, env: GatherOptions['env']): Promise<MachineFacts['npm']> {
  const text = await ask('npm', ['config', 'list', '--json']);
  const config = (text.trimStart().startsWith('{') ? JSON.parse(text) : {}) as Readonly<Record<string, unknown>>;
  const install = env.ONNXRUNTIME_NODE_INSTALL ?? config['onnxruntime-node-install'];
  return {
    version: typeof config['npm-version'] === 'string' ? config['npm-version'] : undefined,
    ignoreScripts: config['ignore-scripts'] === true,
    runtimeInstall: typeof install === 'string' ? install : undefined,
  };
}

/** Where it does not load, this module does not either: `load-failure.ts` speaks then. */
function gatherRuntime(): MachineFacts['runtime'] {
  const providers = runtimeProviders().map(({ name, bundled }) => (bundled ? name : `${name} (its library is fetched apart)`));
  return { loads: true, version: runtimeVersion, providers };
}

async function gatherModels(): Promise<readonly (MachineFacts['models'][number] & { readonly created: string })[]> {
  const zoo = join(packageFolder(), 'models', 'zoo');
  if (!existsSync(zoo)) return [];
  const folders = await bundleFolders(zoo);
  return Promise.all(
    folders.map(async (folder) => {
      try {
        const { name, version, created } = (await readBundle(folder)).manifest;
        return { folder, name: `${name}@${version}`, created };
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        return { folder, problem: error.message.slice(0, -` Fix: ${error.fix}`.length), fix: error.fix, created: '' };
      }
    }),
  );
}

async function temporaryBytes(): Promise<number | undefined> {
  try {
    await rm(await mkdtemp(join(tmpdir(), 'copydesk-doctor-')), { recursive: true });
    return freeBytes(tmpdir());
  } catch {
    return undefined;
  }
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

function problemOfPort(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'EADDRINUSE' ? 'something listens there' : `${code}`));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(undefined)));
  });
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
