/** @file The hub of the tests speaks the protocol for real: the hub's own client works with it, and reads what we wrote. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect } from 'vitest';
import { pythonTest } from '../../test/python.js';
import { openHub, parseSource, pullBundle, pushBundle } from './node.js';
import { type HubServer, startHub } from './testing/hub-server.js';
import { digestsIn, filesOf, writeSample } from './testing/sample.js';

let home: string;
let folder: string;
let server: HubServer;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'copydesk-hub-python-'));
  ({ folder } = await writeSample(join(home, 'origin')));
  server = await startHub({ partBytes: 100_000 });
});
afterAll(async () => {
  await server.close();
  await rm(home, { recursive: true });
});

const env = () => ({ HF_ENDPOINT: server.url, HF_TOKEN: 'hf_test', HF_HOME: join(home, 'hf'), HOME: home });

async function client(...args: readonly string[]): Promise<unknown> {
  const script = fileURLToPath(new URL('testing/hub_client.py', import.meta.url));
  // The hub of the tests has the storage of Git LFS, which every client falls back to; Xet is a service of its own.
  const lfs = { HF_HUB_DISABLE_XET: '1' };
  const quiet = { HF_HUB_DISABLE_TELEMETRY: '1', HF_HUB_DISABLE_PROGRESS_BARS: '1', NO_PROXY: '127.0.0.1', no_proxy: '127.0.0.1' };
  const run = promisify(execFile)(process.env.COPYDESK_PYTHON ?? 'python3', [script, ...args], {
    env: { ...process.env, ...env(), ...lfs, ...quiet },
  });
  return JSON.parse((await run).stdout.trim().split('\n').at(-1)!);
}

pythonTest('huggingface_hub downloads what copydesk pushed, file by file', ['huggingface_hub'], async () => {
  await pushBundle({ folder, hub: await openHub(env()), repository: 'desk/ours', isPrivate: true });
  await client('download', 'desk/ours', join(home, 'theirs'));
  const { '.gitattributes': _, ...files } = await filesOf(join(home, 'theirs'));
  expect(digestsIn(Object.fromEntries(Object.entries(files).filter(([path]) => !path.startsWith('.cache/'))))).toEqual(
    digestsIn(await filesOf(folder)),
  );
});

pythonTest('copydesk pulls what huggingface_hub uploaded', ['huggingface_hub'], async () => {
  const { files } = (await client('upload', 'desk/theirs', folder)) as { files: string[] };
  expect(files).toEqual(['.gitattributes', ...Object.keys(await filesOf(folder))].sort());
  const hub = await openHub(env());
  const { bundle } = await pullBundle({ source: parseSource('desk/theirs', hub.url), hub, to: join(home, 'pulled') });
  expect(digestsIn(await filesOf(bundle.folder))).toEqual(digestsIn(await filesOf(folder)));
});
