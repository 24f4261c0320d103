import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClassifier, type Session, toVerdict } from '../../models/index.js';
import { createSession } from '../../models/runtime/node.js';
import { createSession as createWebSession } from '../../models/runtime/web.js';
import { exampleLines, type PersonalBundle, personalBundle } from '../../test/personal-bundle.js';
import { type Correction, createPersonalHead, type PersonalHead } from './index.js';

/** Which the model reads as the other: sober ones with the words of clickbait, and the reverse. */
const corrections: readonly Correction[] = [
  { text: 'Seven Charts That Explain the Drought', label: 'news' },
  { text: 'This Town Runs on Geothermal Heat', label: 'news' },
  { text: 'How a Quiet Clerk Uncovered the Harbour Fraud', label: 'news' },
  { text: 'The Bridge Nobody Wanted Opens on Monday', label: 'news' },
  { text: 'Doctor reveals the truth about bread', label: 'news' },
  { text: 'Local woman discovers secret that banks fear', label: 'clickbait' },
  { text: "Minister's diet shocks nation", label: 'clickbait' },
  { text: 'Scientists stunned by what lies beneath lake', label: 'clickbait' },
];
const corrected = corrections.map(({ text }) => text);
const wanted = corrections.map(({ label }) => label);

let bundle: PersonalBundle;
let sessions: { readonly features: Session; readonly step: Session };
let others: readonly string[];
let exported: readonly string[];
const answersOf = async (head: Pick<PersonalHead, 'logits'>, texts: readonly string[]): Promise<readonly string[]> =>
  (await head.logits(texts)).logits.map((logits) => {
    const verdict = toVerdict(bundle.manifest, logits);
    return 'label' in verdict ? verdict.label : '';
  });
const share = (one: readonly string[], other: readonly string[]): number =>
  one.filter((label, i) => label !== other[i]).length / one.length;
const open = (): PersonalHead => createPersonalHead({ ...sessions, tokenizer: bundle.tokenizer, manifest: bundle.manifest });

beforeAll(async () => {
  bundle = await personalBundle('headlines-en', (await exampleLines('headlines.val.jsonl')).map(({ text }) => text)); // biome-ignore format: one line
  sessions = await bundle.open();
  others = (await exampleLines('headlines.train.jsonl')).map(({ text }) => text);
  const { manifest, tokenizer, model } = bundle;
  const session = await createSession(model, { threads: 1 });
  exported = await answersOf(createClassifier({ session, tokenizer, ...manifest.text }), others);
  await session.dispose();
});
afterAll(async () => {
  await Promise.all([sessions.features.dispose(), sessions.step.dispose()]);
  await bundle.dispose();
});

test('a head that was taught nothing answers as the model', async () => {
  const head = open();
  expect(head.corrections).toBe(0);
  expect(await answersOf(head, others)).toEqual(exported);
  expect(await head.logits([])).toEqual({ logits: [], truncated: [] });
});

test.each([1, 5, 8])('%i wrong answers hold as they were corrected, and few others change', async (count) => {
  const head = open();
  const before = await answersOf(head, corrected);
  expect(before.every((label, i) => label !== wanted[i])).toBe(true);
  const learnt = await head.learn(corrections.slice(0, count));
  expect(learnt).toMatchObject({ corrections: count, right: count, missed: [] });
  expect(learnt.loss.after).toBeLessThan(0.25 * learnt.loss.before);
  expect(learnt.changed).toBeLessThanOrEqual(0.05);
  expect(await answersOf(head, corrected.slice(0, count))).toEqual(wanted.slice(0, count));
  expect(share(await answersOf(head, others), exported)).toBeLessThan(0.04);
});

test('corrections that speak against everything are told apart, and what was known stays', async () => {
  const head = open();
  const contrary = others.slice(0, 12).map((text, i) => ({ text, label: exported[i] === 'news' ? 'clickbait' : 'news' }));
  const learnt = await head.learn([...corrections.slice(0, 2), ...contrary], { epochs: 400 });
  expect(learnt.missed.length).toBeGreaterThan(6);
  expect(learnt.right + learnt.missed.length).toBe(14);
  expect(learnt.changed).toBeLessThanOrEqual(0.05);
  expect(share(await answersOf(head, others.slice(12)), exported.slice(12))).toBeLessThan(0.1);
});

test('texts that a person agreed with stay as they are answered', async () => {
  const head = open();
  await head.learn(corrections);
  const after = await answersOf(head, others);
  const lost = others.filter((_, i) => after[i] !== exported[i]);
  expect(lost.length).toBeGreaterThan(0);
  await head.learn(corrections, { keep: [...lost, corrected[0]!], maxChanged: 0.5 });
  const kept = await answersOf(head, lost);
  expect(kept.filter((label, i) => label === exported[others.indexOf(lost[i]!)]).length).toBeGreaterThan(lost.length / 2);
  expect((await answersOf(head, corrected)).filter((label, i) => label === wanted[i]).length).toBe(8);
});

test('what is learnt is a function of the corrections: lessons before do not matter, and the last word on a text counts', async () => {
  const [one, other] = [open(), open()];
  await one.learn(corrections.slice(0, 3));
  await one.learn(corrections.slice(2, 5));
  await other.learn([{ text: corrected[3]!, label: 'clickbait' }, ...corrections.slice(2, 5)]);
  expect(one.corrections).toBe(3);
  await one.learn([corrections[2]!, corrections[3]!, corrections[4]!]);
  expect(one.toBytes()).toEqual(await taught(corrections.slice(2, 5)));
  expect(await answersOf(other, corrected.slice(2, 5))).toEqual(wanted.slice(2, 5));
});

async function taught(list: readonly Correction[]): Promise<Uint8Array> {
  const head = open();
  await head.learn(list);
  return head.toBytes();
}

test('its state goes to bytes and back, and is forgotten when told', async () => {
  const head = open();
  await head.learn(corrections.slice(0, 5));
  const answers = await answersOf(head, [...corrected, ...others.slice(0, 50)]);
  const again = open();
  again.fromBytes(head.toBytes());
  expect(again.corrections).toBe(5);
  expect(await answersOf(again, [...corrected, ...others.slice(0, 50)])).toEqual(answers);
  head.forget();
  expect(head.corrections).toBe(0);
  expect(await answersOf(head, others)).toEqual(exported);
  expect(() => again.fromBytes(new Uint8Array(3))).toThrow(/safetensors/);
  expect(again.corrections).toBe(5);
});

test('a corrected text is run through the model once', async () => {
  let texts = 0;
  const counting: Session = {
    ...sessions.features,
    run(feeds, outputs) {
      texts += feeds.input_ids!.dims[0]!;
      return sessions.features.run(feeds, outputs);
    },
  };
  const head = createPersonalHead({ ...sessions, features: counting, tokenizer: bundle.tokenizer, manifest: bundle.manifest });
  await head.learn(corrections.slice(0, 3), { epochs: 5 });
  await head.learn(corrections.slice(0, 4), { epochs: 5 });
  await head.logits(corrected.slice(0, 4));
  expect(texts).toBe(4);
});

test('it can be watched and stopped, and is then as it was', async () => {
  const head = open();
  await head.learn(corrections.slice(0, 1));
  const before = head.toBytes();
  const stop = new AbortController();
  const seen: number[] = [];
  const onProgress = ({ epoch, right }: { readonly epoch: number; readonly right: number }) => {
    seen.push(epoch);
    expect(right).toBeLessThanOrEqual(8);
    if (epoch === 40) stop.abort(new Error('enough'));
  };
  await expect(head.learn(corrections, { signal: stop.signal, onProgress })).rejects.toThrow('enough');
  expect(seen).toEqual([0, 20, 40]);
  expect(head.toBytes()).toEqual(before);
});

test('nothing to learn, a label that is not there, and a bundle without the graphs are refused', async () => {
  const head = open();
  await expect(head.learn([])).rejects.toMatchObject({ code: 'data/invalid' });
  await expect(head.learn([corrections[0]!, { text: 'x', label: 'sport' }])).rejects.toThrow(/correction 2: "sport"/);
  const { personalise: _, ...manifest } = bundle.manifest;
  expect(() => createPersonalHead({ ...sessions, tokenizer: bundle.tokenizer, manifest })).toThrow(
    expect.objectContaining({ code: 'bundle/missing' }),
  );
});

test('in WebAssembly, as a page runs it, the same is learnt', async () => {
  const [features, step] = [
    await createWebSession(bundle.features, { threads: 1, beside: { 'model.onnx': bundle.model } }),
    await createWebSession(bundle.step, { threads: 1 }),
  ];
  const head = createPersonalHead({ features, step, tokenizer: bundle.tokenizer, manifest: bundle.manifest });
  const learnt = await head.learn(corrections.slice(0, 5));
  expect(learnt).toMatchObject({ right: 5, missed: [] });
  expect(await answersOf(head, corrected.slice(0, 5))).toEqual(wanted.slice(0, 5));
  expect(share(await answersOf(head, others), exported)).toBeLessThan(0.04);
  const native = open();
  native.fromBytes(head.toBytes()); // learnt in a page, opened elsewhere
  expect(await answersOf(native, corrected)).toEqual(await answersOf(head, corrected));
  await Promise.all([features.dispose(), step.dispose()]);
});
