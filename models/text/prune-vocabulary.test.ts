import { expect, test } from 'vitest';
import type { Tensor } from '../runtime/session.js';
import { createTokenizer } from './node.js';
import { keptIds, pruneVocabulary, pruneWeights, vocabularyPieces } from './prune-vocabulary.js';
import { trainWordPiece } from './train.js';

const texts = [
  'the harbour bridge is closed for repairs',
  'repairs to the bridge close the harbour again',
  'seven bakers share one tiny trick',
  'a trick that seven bakers never share',
];

test('WordPiece: texts of kept pieces are cut into the same pieces, and ids are numbered anew', async () => {
  const original = await trainWordPiece({ texts, vocabularySize: 120, minFrequency: 1 });
  const before = createTokenizer(original);
  const [first] = await before.encode([texts[0]!], 64);
  const { tokenizerJson, kept } = pruneVocabulary(original, first!.ids);
  const after = createTokenizer(tokenizerJson);
  expect(after.vocabularySize).toBe(kept.length);
  expect(kept.length).toBeLessThan(before.vocabularySize / 2);
  expect(after.padId).toBe(kept.indexOf(before.padId));

  const again = (await after.encode([texts[0]!, [texts[0]!, texts[0]!]], 64)).map(({ ids, types }) => [ids.map((id) => kept[id]), types]);
  const wanted = (await before.encode([texts[0]!, [texts[0]!, texts[0]!]], 64)).map(({ ids, types }) => [ids, types]);
  expect(again).toEqual(wanted);
  const pieces = vocabularyPieces(original);
  expect(vocabularyPieces(tokenizerJson)).toEqual(kept.map((id) => pieces[id]));
  expect(keptIds(original, tokenizerJson)).toEqual(kept);
});

test('special tokens are always kept; characters when asked, and then no word of known letters is unknown', async () => {
  const original = await trainWordPiece({ texts, vocabularySize: 120, minFrequency: 1 });
  const nothing = pruneVocabulary(original, []);
  expect(nothing.kept).toEqual([0, 1, 2, 3, 4]);
  const letters = pruneVocabulary(original, [], { characters: true });
  const pieces = vocabularyPieces(letters.tokenizerJson);
  expect(pieces.slice(5).every((piece) => /^(##)?.$/u.test(piece!))).toBe(true);
  const [spelt] = await createTokenizer(letters.tokenizerJson).encode(['harbour'], 64);
  expect(spelt!.ids.map((id) => pieces[id])).toEqual(['[CLS]', 'h', '##a', '##r', '##b', '##o', '##u', '##r', '[SEP]']);
});

test('Unigram: the likeliest path stays, the unknown token with its id, and what is unknown costs what it did', async () => {
  const vocab: [string, number][] = [
    ['<pad>', 0], ['<unk>', 0], ['<s>', 0], ['</s>', 0], ['▁', -4], ['▁har', -5], ['bour', -5], ['▁harbour', -6], ['▁bridge', -6],
    ['b', -7], ['r', -7], ['i', -7], ['d', -7], ['g', -7], ['e', -7], ['zz', -12],
  ]; // biome-ignore format: a table
  const special = ['<pad>', '<unk>', '<s>', '</s>'];
  const original = JSON.stringify({
    version: '1.0',
    added_tokens: special.map((content, id) => ({ id, content, special: true, normalized: false, single_word: false, lstrip: false, rstrip: false })), // biome-ignore format: short
    normalizer: null,
    pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true },
    post_processor: { type: 'RobertaProcessing', sep: ['</s>', 3], cls: ['<s>', 2], trim_offsets: true, add_prefix_space: true },
    decoder: null,
    model: { type: 'Unigram', unk_id: 1, vocab, byte_fallback: false },
  });
  const before = createTokenizer(original);
  const text = 'harbour bridge qq';
  const [{ ids } = { ids: [] }] = await before.encode([text], 16);
  expect(ids).toEqual([2, 7, 8, 4, 1, 3]);
  const { tokenizerJson, kept } = pruneVocabulary(original, ids);
  expect(kept).toEqual([0, 1, 2, 3, 4, 7, 8, 15]); // the least likely piece, `zz`, stays
  const [pruned] = await createTokenizer(tokenizerJson).encode([text], 16);
  expect(pruned!.ids.map((id) => kept[id])).toEqual(ids);
});

test('BPE is refused: its pieces are made of each other', () => {
  const bpe = JSON.stringify({ model: { type: 'BPE', vocab: { a: 0, b: 1, ab: 2 }, merges: ['a b'] } });
  expect(() => pruneVocabulary(bpe, [2])).toThrow(/pieces of a BPE model cannot be left out.*Fix: take model\.keepTokens out/);
});

test('rows of word vectors, of a decoder and of its bias go with their pieces; others stay', () => {
  const tensor = (dims: readonly number[]): Tensor => {
    const data = Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => i);
    return { type: 'float32', dims, data };
  };
  const given = new Map([
    ['bert.embeddings.word_embeddings.weight', tensor([4, 2])],
    ['cls.predictions.bias', tensor([4])],
    ['bert.embeddings.position_embeddings.weight', tensor([4, 2])],
    ['transformer.wte.weight', tensor([5, 2])], // not a table of this vocabulary
  ]);
  const pruned = pruneWeights(given, [0, 3], 4);
  expect([...pruned.get('bert.embeddings.word_embeddings.weight')!.data]).toEqual([0, 1, 6, 7]);
  expect(pruned.get('bert.embeddings.word_embeddings.weight')!.dims).toEqual([2, 2]);
  expect([...pruned.get('cls.predictions.bias')!.data]).toEqual([0, 3]);
  expect(pruned.get('bert.embeddings.position_embeddings.weight')!.dims).toEqual([4, 2]);
  expect(pruned.get('transformer.wte.weight')!.dims).toEqual([5, 2]);
});
