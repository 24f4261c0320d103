import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readBundle } from '../../models/bundle/node.js';
import { createSession } from '../../models/runtime/node.js';
import { createTokenizer } from '../../models/text/node.js';
import { createPersonalHead } from '../../serving/personal/index.js';
import { tinyTexts, writeTinyRun } from '../../test/tiny-run.js';
import { exportBundle } from '../index.js';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'copydesk-personalise-'));
});
afterEach(() => rm(home, { recursive: true }));

test('an exported run can be taught from its folder', async () => {
  const run = join(home, 'run');
  await writeTinyRun(run);
  const { folder } = await exportBundle({ run, to: join(home, 'models') });
  const { manifest, tokenizerJson } = await readBundle(folder);
  expect(manifest.personalise).toEqual({ features: 'onnx/features.onnx', step: 'onnx/personalise.onnx', parameters: 34 });
  const head = createPersonalHead({
    features: await createSession(join(folder, manifest.personalise!.features)),
    step: await createSession(join(folder, manifest.personalise!.step)),
    tokenizer: createTokenizer(tokenizerJson),
    manifest,
  });
  const [logits] = (await head.logits([tinyTexts[0]!])).logits;
  const label = logits![0]! > logits![1]! ? 'news' : 'clickbait';
  expect(await head.learn([{ text: tinyTexts[0]!, label }], { maxChanged: 1 })).toMatchObject({ right: 1 });
});
