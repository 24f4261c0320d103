import { expect, test } from 'vitest';
import type { Encoding, TextInput, Tokenizer } from '../text/tokenizer.js';
import { createClassifier } from './classifier.js';
import type { Session, Tensors } from './session.js';

/** One token a letter; 0 pads. */
const tokenizer: Tokenizer = {
  vocabularySize: 128,
  padId: 0,
  encode: async (inputs: readonly TextInput[], maxTokens: number): Promise<Encoding[]> =>
    inputs.map((input) => {
      const letters = [...(typeof input === 'string' ? input : input.join(''))].map((letter) => letter.charCodeAt(0));
      const ids = letters.slice(0, maxTokens);
      return { ids, types: ids.map(() => 0), truncated: letters.length > maxTokens };
    }),
};

/** Logits: the sum of a text's ids, and its count of tokens. */
function fakeSession(inputNames = ['input_ids', 'attention_mask', 'token_type_ids']): Session & { batches: number[][] } {
  const batches: number[][] = [];
  return {
    batches,
    inputNames,
    outputNames: ['logits'],
    provider: 'cpu',
    fallbacks: [],
    dispose: async () => {},
    async run({ input_ids: ids, attention_mask: mask }: Tensors) {
      const [batch, tokens] = ids!.dims as [number, number];
      batches.push([batch, tokens]);
      const row = (data: unknown, i: number): number =>
        Array.from((data as BigInt64Array).subarray(i * tokens, (i + 1) * tokens), Number).reduce((a, b) => a + b, 0);
      const data = Float32Array.from({ length: batch * 2 }, (_, i) => row(i % 2 ? mask!.data : ids!.data, Math.floor(i / 2)));
      return { logits: { type: 'float32', dims: [batch, 2], data } };
    },
  };
}

const sum = (text: string): number => [...text].reduce((a, letter) => a + letter.charCodeAt(0), 0);

test('each text gets its own logits, whatever order it ran in', async () => {
  const texts = ['bb', 'a', 'dddddddd', 'cccc', 'ee', ''];
  const session = fakeSession();
  const { logits, truncated } = await createClassifier({ session, tokenizer, maxTokens: 6 }).logits(texts, { batchTokens: 8 });
  expect(logits.map((values) => [...values])).toEqual(texts.map((text) => [sum(text.slice(0, 6)), Math.min(6, text.length)]));
  expect(truncated).toEqual([false, false, true, false, false, false]);
  expect(session.batches.length).toBeGreaterThan(1);
});

test('progress is told after each batch and ends at the total', async () => {
  const told: number[] = [];
  await createClassifier({ session: fakeSession(), tokenizer, maxTokens: 6 }).logits(['a', 'b', 'c'], {
    maxBatch: 2,
    onProgress: (done) => told.push(done),
  });
  expect(told).toEqual([2, 3]);
});

test('no texts, no run', async () => {
  const session = fakeSession();
  expect(await createClassifier({ session, tokenizer, maxTokens: 6 }).logits([])).toEqual({ logits: [], truncated: [] });
  expect(session.batches).toEqual([]);
});

test('a model that wants another input is refused by name', async () => {
  const { logits } = createClassifier({ session: fakeSession(['input_ids', 'entities']), tokenizer, maxTokens: 6 });
  await expect(logits(['a'])).rejects.toThrow(/it wants an input entities/);
});

test('a pair in both orders is read twice, and answered with the mean, whichever text comes first', async () => {
  // A model that hears the first text better than the second: the sum of ids, each divided by its place.
  const session: Session = {
    ...fakeSession(),
    async run({ input_ids: ids }: Tensors) {
      const [batch, tokens] = ids!.dims as [number, number];
      const at = (row: number) => Array.from(ids!.data as BigInt64Array).slice(row * tokens, (row + 1) * tokens);
      const data = Float32Array.from({ length: batch }, (_, row) => at(row).reduce((sum, id, i) => sum + Number(id) / (i + 1), 0));
      return { logits: { type: 'float32', dims: [batch, 1], data } };
    },
  };
  const told: number[] = [];
  const onProgress = (done: number) => told.push(done);
  const given = createClassifier({ session, tokenizer, maxTokens: 6 });
  const both = createClassifier({ session, tokenizer, maxTokens: 6, input: 'pair', pairs: 'both-orders' });
  const texts = [['aa', 'z'], ['z', 'aa'], ['long', 'longer']] as const; // biome-ignore format: three pairs
  const { logits: one } = await given.logits(texts.flatMap(([a, b]) => [[a, b] as const, [b, a] as const]));
  const { logits, truncated } = await both.logits(texts, { maxBatch: 1, onProgress });
  expect(one[0]).not.toEqual(one[1]);
  expect(logits.map(([value]) => value)).toEqual([0, 1, 2].map((i) => Math.fround((one[2 * i]![0]! + one[2 * i + 1]![0]!) / 2)));
  expect(logits[0]).toEqual(logits[1]);
  expect(truncated).toEqual([false, false, true]);
  expect(told).toEqual([0, 1, 1, 2, 2, 3]); // a text is done when both its readings are
});

test('a single text for a model of pairs, or a pair for one of single texts, is an error that says which text', async () => {
  const parts = { session: fakeSession(), tokenizer, maxTokens: 6 };
  const pairs = createClassifier({ ...parts, input: 'pair' });
  await expect(pairs.logits([['a', 'b'], 'c'])).rejects.toMatchObject({ code: 'data/invalid', message: expect.stringMatching(/^text 2 of 2: .*Fix: give the second text as "pair"/) }); // biome-ignore format: one line
  await expect(createClassifier({ ...parts, input: 'single' }).logits([['a', 'b']])).rejects.toThrow(/leave "pair" out/);
});
