/** @file Faults of models: broken bundles in a watched folder, reloads under load. */
import { createHash } from 'node:crypto';
import { cp, readdir, readFile, rename, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startTestedServer } from '../server.js';
import { makeTwoVersions } from '../two-versions.js';
import { createClients } from './clients.js';
import { eventually, type Fault, metric } from './fault.js';

type Manifest = { name: string; version: string; models: { fp32: string }; files: { path: string; bytes: number; sha256: string }[] };

/** What can be wrong with a bundle; each is given the folder of a whole one. */
const breakages: Readonly<Record<string, (folder: string, manifest: Manifest) => Promise<void>>> = {
  'half a model': (folder, { models }) => truncate(join(folder, models.fp32), 1_000),
  'no manifest to speak of': (folder) => writeFile(join(folder, 'copydesk.json'), '{"name": "half'),
  'a model that is none, with the right hash': async (folder, manifest) => {
    const nonsense = Buffer.from('this is not a model');
    await writeFile(join(folder, manifest.models.fp32), nonsense);
    const files = manifest.files.map((file) =>
      file.path === manifest.models.fp32
        ? { ...file, bytes: nonsense.length, sha256: createHash('sha256').update(nonsense).digest('hex') }
        : file,
    );
    await writeFile(join(folder, 'copydesk.json'), JSON.stringify({ ...manifest, files }));
  },
};

export const corruptBundle: Fault = {
  summary: 'three broken bundles appear in a watched folder',
  async play({ options, rate, seconds }) {
    const versions = await makeTwoVersions(options);
    const server = await startTestedServer({ options: [...versions.options, '--watch', '1'], stderr: 'ignore' });
    try {
      const clients = createClients({ url: server.url, key: versions.key });
      const load = clients.arrive(rate, Math.max(seconds, 10));
      for (const [i, breakage] of Object.values(breakages).entries()) await plant(versions.folder, i, breakage);
      const count = Object.keys(breakages).length;
      const refused = (): Promise<number> => metric(server.url, 'copydesk_model_changes_total', 'refused', versions.key);
      const all = await eventually(async () => (await refused()) >= count, 15_000);
      await load;
      return {
        account: clients.account,
        held: [
          { what: 'each was refused', ok: all },
          { what: 'none of them answered', ok: [...clients.account.versions].every((version) => !version.includes('broken')) },
        ],
        notes: [`${await refused()} bundles refused`],
      };
    } finally {
      await server.stop();
      await versions.remove();
    }
  },
};

/** A copy of the first bundle, broken, and only then moved to where the server looks. */
async function plant(folder: string, index: number, breakage: (folder: string, manifest: Manifest) => Promise<void>): Promise<void> {
  const [name = ''] = await readdir(folder);
  const [version = ''] = await readdir(join(folder, name));
  const copy = join(folder, '..', `broken-${index}`);
  await cp(join(folder, name, version), copy, { recursive: true });
  const manifest = JSON.parse(await readFile(join(copy, 'copydesk.json'), 'utf8')) as Manifest;
  const renamed = { ...manifest, version: `${manifest.version}-broken-${index}` };
  await writeFile(join(copy, 'copydesk.json'), JSON.stringify(renamed));
  await breakage(copy, renamed);
  await rename(copy, join(folder, name, renamed.version));
}

export const reloadUnderLoad: Fault = {
  summary: 'two versions of a model take turns, ten times',
  async play({ options, rate, seconds }) {
    const versions = await makeTwoVersions(options);
    const server = await startTestedServer({ options: versions.options, stderr: 'ignore' });
    try {
      const clients = createClients({ url: server.url, key: versions.key });
      const load = clients.arrive(rate, seconds);
      const first = versions.other.replace(/-b$/, '');
      const statuses: number[] = [];
      const change = async (what: string, model: string): Promise<void> => {
        const headers = { authorization: `Bearer ${versions.key}`, 'content-type': 'application/json' };
        const response = await fetch(`${server.url}/admin/models/${what}`, { method: 'POST', headers, body: JSON.stringify({ model }) });
        await response.arrayBuffer();
        statuses.push(response.status);
      };
      await change('unload', versions.other);
      for (let i = 0; i < 10; i++) {
        const [next, old] = i % 2 === 0 ? [versions.other, first] : [first, versions.other];
        await change('load', next);
        await change('unload', old);
      }
      await load;
      const { refused429, refused503 } = clients.account;
      return {
        account: clients.account,
        held: [
          { what: 'every reload was done', ok: statuses.every((status) => status === 200) },
          { what: 'nothing was refused', ok: refused429 + refused503 === 0 },
          { what: 'both versions answered', ok: clients.account.versions.size === 2 },
        ],
        notes: ['10 reloads'],
      };
    } finally {
      await server.stop();
      await versions.remove();
    }
  },
};
