import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClassifier, fromOnnx, type Session } from '../../models/index.js';
import { createSession } from '../../models/runtime/node.js';
import { exampleLines, type PersonalBundle, personalBundle } from '../../test/personal-bundle.js';
import { personaliseModels } from './personalise-models.js';

let texts: readonly string[];
beforeAll(async () => {
  texts = (await exampleLines('headlines.val.jsonl')).map(({ text }) => text);
});

describe.each(['headlines-en', 'comments-en', 'rumours-zh'])('%s', (name) => {
  let bundle: PersonalBundle;
  let sessions: { readonly features: Session; readonly step: Session };
  beforeAll(async () => {
    bundle = await personalBundle(name, texts);
    sessions = await bundle.open();
  });
  afterAll(async () => {
    await Promise.all([sessions.features.dispose(), sessions.step.dispose()]);
    await bundle.dispose();
  });

  test('the head over the features gives the logits of the model, and weights are in one file alone', async () => {
    const { manifest, tokenizer, model, features, step } = bundle;
    const parts = { tokenizer, ...manifest.text };
    const whole = await createSession(model);
    const { logits } = await createClassifier({ session: whole, ...parts }).logits(texts);
    const rows = (await createClassifier({ session: sessions.features, ...parts, output: 'features' }).logits(texts)).logits;
    const [batch, labels, size] = [rows.length, manifest.labels.length, manifest.personalise!.parameters];
    const zeros = (...dims: readonly number[]) => ({
      type: 'float32' as const,
      dims,
      data: new Float32Array(dims.reduce((a, b) => a * b, 1)),
    });
    const data = Float32Array.from(rows.flatMap((row) => [...row]));
    const result = await sessions.step.run({
      features: { type: 'float32', dims: [batch, rows[0]!.length], data },
      target: zeros(batch, labels),
      weight: zeros(batch),
      state: zeros(3, size),
      step: zeros(),
      learning_rate: zeros(),
      anchor: zeros(),
    });
    const own = result.logits!.data as Float32Array;
    expect(Math.max(...logits.flatMap((row, i) => [...row].map((logit, j) => Math.abs(logit - own[i * labels + j]!))))).toBeLessThan(1e-5);
    expect(features.length).toBeLessThan(model.length / 50);
    expect(step.length).toBeLessThan(300_000);
    await whole.dispose();
  });

  test('the step reads the head and nothing below it', () => {
    const { inputs } = fromOnnx(bundle.step);
    expect(inputs.map((input) => input.name)).toEqual(['features', 'target', 'weight', 'state', 'step', 'learning_rate', 'anchor']);
    expect(bundle.manifest.personalise!.parameters).toBe(129 * bundle.manifest.labels.length);
  });
});

test('the same model and texts give the same files', async () => {
  const [one, other] = [await personalBundle('headlines-en', texts), await personalBundle('headlines-en', texts)];
  expect(one.step).toEqual(other.step);
  expect(one.features).toEqual(other.features);
  await Promise.all([one.dispose(), other.dispose()]);
});

test('where a head cannot be taught, the reason is said', async () => {
  const { manifest, model, tokenizer, dispose } = await personalBundle('headlines-en', texts);
  const given = { manifest, model, tokenizer, texts };
  expect(await personaliseModels({ ...given, texts: [] })).toEqual({ impossible: 'there are no texts to hold its answers to' });
  expect(await personaliseModels({ ...given, manifest: { ...manifest, labels: ['news'] } })).toEqual({
    impossible: 'its only label is always certain',
  });
  const wider = { ...manifest, architecture: { ...manifest.architecture, kind: 'bert', width: 256 } };
  expect(await personaliseModels({ ...given, manifest: wider })).toEqual({
    impossible: expect.stringMatching(/^the model does not hold bert\.embeddings\.word_embeddings\.weight/),
  });
  const other = { ...manifest, architecture: { kind: 'oracle' } };
  await expect(personaliseModels({ ...given, manifest: other })).rejects.toMatchObject({ code: 'bundle/invalid' });
  await dispose();
});
