import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeTinyRun } from '../test/tiny-run.js';
import { copydesk } from './testing/copydesk.js';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'copydesk-pretrain-cli-'));
  const rows = ['clickbait', 'news'].flatMap((label) =>
    'bakers ministers rivers cats judges trains farmers poets'.split(' ').flatMap((who) =>
      'soup bridges budgets bees'.split(' ').map((what) => ({
        text: label === 'news' ? `${who} vote on ${what} after a long debate` : `ten things ${who} never say about ${what}`,
        label,
      })),
    ),
  );
  await writeFile(join(home, 'texts.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'));
  const config = {
    name: 'writer',
    data: { texts: 'texts.jsonl' },
    model: { kind: 'gpt2', layers: 1, width: 24, heads: 2, intermediate: 48, vocabularySize: 150, maxPositions: 24, dropout: 0 },
    text: { maxTokens: 24 },
    training: { batchSize: 16, learningRate: 1e-2, threads: 1 },
  };
  await writeFile(join(home, 'writer.json'), JSON.stringify(config));
});
afterAll(() => rm(home, { recursive: true }));

test('texts become a model that writes, and that model further texts of a label', async () => {
  const run = join(home, 'run');
  const trained = await copydesk(['pretrain', join(home, 'writer.json'), '--run', run, '--set', 'training.epochs=30', '--json']);
  expect(trained.code).toBe(0);
  expect(trained.stderr).toMatch(/61 texts to learn from .*\n.*M weights from scratch/);
  expect(trained.stderr).toMatch(/step 120, epoch 30: loss \d\.\d+, val loss .* told rightly/);
  const result = JSON.parse(trained.stdout) as { model: string; report: string };
  expect(result).toMatchObject({ run, model: join(run, 'model'), loss: expect.any(Number), accuracy: expect.any(Number) });
  expect(JSON.parse(await readFile(join(result.model, 'config.json'), 'utf8'))).toMatchObject({ model_type: 'gpt2', n_embd: 24 });

  const like = ['--like', join(home, 'texts.jsonl'), '--label', 'clickbait'];
  const written = await copydesk(['generate', run, ...like, '--count', '5', '--top-p', '1', '--temperature', '1.2']);
  expect(written.code).toBe(0);
  const rows = written.stdout.trim().split('\n').map((line) => JSON.parse(line) as object); // biome-ignore format: short
  expect(rows).toHaveLength(5);
  expect(rows).toEqual(rows.map(() => ({ text: expect.stringMatching(/^ten /), label: 'clickbait', generated: true })));
  expect(written.stderr).toMatch(/^5 texts kept of \d+ written: /);
  expect(await copydesk(['generate', result.model, ...like, '--count', '5', '--top-p', '1', '--temperature', '1.2'])).toEqual(written);
}, 60_000);

test('what is asked wrongly is said, with what would be right', async () => {
  const like = ['--like', join(home, 'texts.jsonl')];
  expect(await copydesk(['pretrain', join(home, 'writer.json'), '--resume'])).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/add --run/),
  });
  expect(await copydesk(['generate', 'nowhere', ...like, '--label', 'sport'])).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/--label sport: no text of .* has it\. Fix: use one of clickbait, news\./),
  });
  expect(await copydesk(['generate', 'nowhere', ...like, '--label', 'news'])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/config\.json/),
  });
  expect(await copydesk(['generate', 'nowhere', ...like, '--label', 'news', '--top-p', '2'])).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/--top-p: 2 is not above 0 and up to 1/),
  });
  await writeTinyRun(join(home, 'classifier'));
  const asked = ['generate', join(home, 'run'), ...like, '--label', 'news', '--count', '2', '--agree', join(home, 'classifier')];
  expect(await copydesk([...asked])).toMatchObject({ code: 0, stderr: expect.stringMatching(/the classifier took for something else/) });
}, 60_000);
