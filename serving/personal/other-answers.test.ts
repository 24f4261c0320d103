/** @file Heads of several labels and of values, and pairs that are read in both orders. */
import { expect, test } from 'vitest';
import { type Manifest, type TextInput, toVerdict } from '../../models/index.js';
import { exampleLines, personalBundle } from '../../test/personal-bundle.js';
import { createPersonalHead, type PersonalHead } from './index.js';

/** The zoo's comments, three labels, as if each logit had another meaning. */
async function withHead(change: Partial<Manifest>, use: (head: PersonalHead, manifest: Manifest) => Promise<void>): Promise<void> {
  const texts = (await exampleLines('headlines.val.jsonl')).map(({ text }) => text);
  const inputs = change.text?.input === 'pair' ? texts.map((one, i): TextInput => [one, texts.at(i - 1)!]) : texts;
  const bundle = await personalBundle('comments-en', inputs, { policy: { labels: {} }, ...change });
  const sessions = await bundle.open();
  await use(createPersonalHead({ ...sessions, tokenizer: bundle.tokenizer, manifest: bundle.manifest }), bundle.manifest);
  await Promise.all([sessions.features.dispose(), sessions.step.dispose(), bundle.dispose()]);
}

const text = 'The council voted to repair the old bridge before winter.';

test('several labels: those that were corrected are given, each by its own threshold, and no others', () =>
  withHead({ activation: 'sigmoid', thresholds: { hate: 0.8 } }, async (head, manifest) => {
    const given = async () => {
      const verdict = toVerdict(manifest, (await head.logits([text])).logits[0]!);
      return 'labels' in verdict ? [...verdict.labels!].sort() : undefined;
    };
    const before = await given();
    for (const labels of [['hate', 'neither'], [], ['offensive']]) {
      expect(await head.learn([{ text, labels }], { maxChanged: 1 })).toMatchObject({ right: 1, missed: [] });
      expect(await given()).toEqual(labels);
    }
    head.forget();
    expect(await given()).toEqual(before);
  }));

test('values: one that was corrected is met to within half a deviation', () =>
  withHead({ activation: 'none', temperature: 1 }, async (head) => {
    const [before] = (await head.logits([text])).logits;
    const value = [...before!].map((one, i) => one + [1, -1, 0.5][i]!);
    const learnt = await head.learn([{ text, value }], { maxChanged: 1, margin: 0.8 });
    expect(learnt).toMatchObject({ right: 1 });
    const [after] = (await head.logits([text])).logits;
    for (const [i, wanted] of value.entries()) expect(Math.abs(after![i]! - wanted)).toBeLessThan(0.5);
    expect(learnt.loss.after).toBeLessThan(0.1 * learnt.loss.before);
  }));

test('a pair that is read in both orders is learnt in both, and answered alike whichever text comes first', () =>
  withHead({ text: { maxTokens: 64, input: 'pair', pairs: 'both-orders' } }, async (head, manifest) => {
    const [one, other] = [text, 'Rail strike called off after late-night talks'];
    const [before] = (await head.logits([[one, other]])).logits;
    const label = manifest.labels.find((_, i) => before![i] === Math.min(...before!))!;
    expect(await head.learn([{ text: one, pair: other, label }], { maxChanged: 1 })).toMatchObject({ corrections: 1, right: 1 });
    const { logits } = await head.logits([[one, other], [other, one]]); // biome-ignore format: a pair
    expect(logits[0]).toEqual(logits[1]);
    expect(toVerdict(manifest, logits[0]!)).toMatchObject({ label });
    await expect(head.learn([{ text: one, label }])).rejects.toMatchObject({ code: 'data/invalid' });
  }));
