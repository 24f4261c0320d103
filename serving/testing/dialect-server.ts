/** @file A server for the clients of dialects: a model of two labels, one of several, one of values and one of pairs. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSampleBundle } from './sample-bundle.js';

/** For a server whose first label is what Perspective calls TOXICITY. */
export const attributes = { TOXICITY: 'clickbait', NEWSWORTHY: 'news' };

export const text = 'The council voted on Tuesday to repair the harbour wall';
export const otherText = 'You will never guess what this baker hid in her oldest oven';

/** @returns folders to serve, a policy file with `attributes`, and what removes them */
export async function writeDialectModels() {
  const made = await Promise.all([
    writeSampleBundle(),
    writeSampleBundle({
      name: 'topics',
      manifest: { labels: ['arts', 'rumour', '7'], activation: 'sigmoid', policy: { labels: { rumour: { review: 0.01, block: null } } } },
    }),
    writeSampleBundle({ name: 'values', manifest: { labels: ['anger', 'joy'], activation: 'none', policy: { labels: {} } } }),
    writeSampleBundle({ name: 'pairs', manifest: { text: { maxTokens: 40, input: 'pair', pairs: 'as-given' } } }),
  ]);
  const extra = await mkdtemp(join(tmpdir(), 'copydesk-dialects-'));
  const policy = join(extra, 'policy.json');
  await writeFile(policy, JSON.stringify({ name: 'desk', attributes }));
  const remove = async (): Promise<void> => {
    for (const folder of [...made, extra]) await rm(folder, { recursive: true });
  };
  return { models: made, policy, remove };
}
