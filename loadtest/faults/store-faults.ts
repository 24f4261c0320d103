/** @file Faults of what a server keeps: the file of held texts is taken away under load, and comes back. */
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestedServer } from '../server.js';
import { createClients } from './clients.js';
import { eventually, type Fault, pause } from './fault.js';

/** Holds what the model does not block: nearly every text of `texts.ts` has such a word. */
const policy = { name: 'hold', lists: { common: { action: 'review', words: ['the', 'a'] } } };

export const storeGone: Fault = {
  summary: 'the folder with the SQLite file of held texts is taken away under load, and brought back',
  async play({ options, rate, seconds }) {
    const folder = await mkdtemp(join(tmpdir(), 'copydesk-store-'));
    const [store, away, policyFile] = [join(folder, 'store'), join(folder, 'away'), join(folder, 'policy.json')];
    await mkdir(store);
    await writeFile(policyFile, JSON.stringify(policy));
    try {
      const review = ['--policy', policyFile, '--review', join(store, 'desk.db')];
      const server = await startTestedServer({ options: [...options, ...review], stderr: 'ignore' });
      try {
        const clients = createClients({ url: server.url });
        const { account } = clients;
        const load = clients.arrive(rate, seconds);
        await pause((1000 * seconds) / 3);
        await rename(store, away);
        const noticed = await eventually(async () => account.notKept > 0, (1000 * seconds) / 3);
        const [keptBefore, answeredBefore] = [account.kept.size, account.answered];
        await pause((1000 * seconds) / 4);
        const answeredMeanwhile = account.answered - answeredBefore;
        await rename(away, store);
        const back = await eventually(async () => account.kept.size > keptBefore, (1000 * seconds) / 3);
        await load;
        const there = await idsIn(server.url);
        const lost = [...account.kept].filter((id) => !there.has(id)).length;
        return {
          account,
          held: [
            { what: 'answers said that texts were not kept, and verdicts came all the same', ok: noticed && answeredMeanwhile > 0 },
            { what: 'texts were kept again', ok: back },
            { what: 'every text that was said to be kept is there', ok: lost === 0 },
          ],
          notes: [`${account.kept.size} texts said to be kept, ${account.notKept} not; ${lost} of those kept missing`],
        };
      } finally {
        await server.stop();
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

/** Of every text that waits for a reviewer. */
async function idsIn(url: string): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  for (let cursor: string | undefined = ''; cursor !== undefined; ) {
    const response = await fetch(`${url}/review?limit=100${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`);
    const page = (await response.json()) as { items: { id: string }[]; next?: string };
    for (const { id } of page.items) ids.add(id);
    cursor = page.next;
  }
  return ids;
}
