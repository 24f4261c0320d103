import { expect, test } from 'vitest';
import { evaluate } from '../graph/evaluate.js';
import { sizeOf } from '../graph/tensor.js';
import { storedShapes } from '../weights/stored-weights.js';
import { buildDecoder, buildLanguageModel, gpt2Schema } from './gpt2.js';
import { languageModelLoss } from './language-model-loss.js';

const tiny = { kind: 'gpt2', vocabularySize: 11, width: 4, layers: 2, heads: 2, intermediate: 8, maxPositions: 6 } as const;
const config = gpt2Schema.parse(tiny);

test('weights have the names and shapes that Hugging Face stores for GPT2LMHeadModel: its matrices lie as they are multiplied by', () => {
  const stored = Object.fromEntries(storedShapes(buildLanguageModel(config).parameters).map(({ name, shape }) => [name, shape.join('x')]));
  const layer = (i: number) => ({
    [`transformer.h.${i}.ln_1.weight`]: '4',
    [`transformer.h.${i}.ln_1.bias`]: '4',
    [`transformer.h.${i}.attn.c_attn.weight`]: '4x12',
    [`transformer.h.${i}.attn.c_attn.bias`]: '12',
    [`transformer.h.${i}.attn.c_proj.weight`]: '4x4',
    [`transformer.h.${i}.attn.c_proj.bias`]: '4',
    [`transformer.h.${i}.ln_2.weight`]: '4',
    [`transformer.h.${i}.ln_2.bias`]: '4',
    [`transformer.h.${i}.mlp.c_fc.weight`]: '4x8',
    [`transformer.h.${i}.mlp.c_fc.bias`]: '8',
    [`transformer.h.${i}.mlp.c_proj.weight`]: '8x4',
    [`transformer.h.${i}.mlp.c_proj.bias`]: '4',
  });
  const ends = { 'transformer.ln_f.weight': '4', 'transformer.ln_f.bias': '4' };
  expect(stored).toEqual({ 'transformer.wte.weight': '11x4', 'transformer.wpe.weight': '6x4', ...layer(0), ...layer(1), ...ends });
});

test('whole texts give logits of every token; a step of decoding those of the last, and what the next step takes', () => {
  expect(buildLanguageModel(config).logits.shape).toEqual(['batch', 'tokens', 11]);
  const { logits, presents, inputs } = buildDecoder(config);
  expect(logits.shape).toEqual(['batch', 11]);
  expect(presents.map(({ key, value }) => [key.shape, value.shape])).toEqual([0, 1].map(() => [['batch', 2, 'past+tokens', 2], ['batch', 2, 'past+tokens', 2]])); // biome-ignore format: a table
  expect(inputs.map(({ name }) => name)).toEqual([
    ...['input_ids', 'position_ids', 'attention_mask'],
    ...['0.key', '0.value', '1.key', '1.value'].map((part) => `past_key_values.${part}`),
  ]);
  expect(buildDecoder(config, { cache: false }).presents).toEqual([]);
});

/** Weights that are all unlike, and one text. */
function run(ids: readonly number[], { mask = ids.map(() => 1) } = {}): { logits: Float64Array; loss: number } {
  const { builder, logits, loss, parameters } = languageModelLoss(config, { training: false, float: 'float64' });
  const text = (values: readonly number[]) => ({ dims: [1, ids.length], data: Float64Array.from(values) });
  const weights = parameters.map(({ value }, n) => {
    const dims = value.shape as number[];
    return [value.name, { dims, data: Float64Array.from({ length: sizeOf(dims) }, (_, i) => Math.sin(1 + n + 1.7 * i)) }] as const;
  });
  const results = evaluate(builder.graph([logits, loss]), new Map([['input_ids', text(ids)], ['attention_mask', text(mask)], ...weights])); // biome-ignore format: a list
  return { logits: results.get(logits.name)!.data, loss: results.get(loss.name)!.data[0]! };
}

test('no token sees one that comes after it', () => {
  const [one, other] = [run([1, 5, 6, 7]).logits, run([1, 5, 9, 2]).logits];
  expect([...one.subarray(0, 22)]).toEqual([...other.subarray(0, 22)]);
  expect([...one.subarray(22, 33)]).not.toEqual([...other.subarray(22, 33)]);
});

test('the loss is that of the tokens that are there, each told from those before it', () => {
  const { logits, loss } = run([1, 5, 6]);
  const surprise = (place: number, next: number): number => {
    const row = logits.subarray(place * 11, place * 11 + 11);
    return Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0)) - row[next]!;
  };
  expect(loss).toBeCloseTo((surprise(0, 5) + surprise(1, 6)) / 2, 10);
  expect(run([1, 5, 6, 0, 0], { mask: [1, 1, 1, 0, 0] }).loss).toBeCloseTo(loss, 10);
  expect(run([1]).loss).toBe(0); // nothing to tell
});

test.each([
  [{ heads: 3 }, /width must be a multiple of heads/],
  [{ pooling: 'mean' }, /pooling/],
  [{ dropout: 1 }, /dropout/],
])('%j is refused by the schema', (change, message) => {
  expect(() => gpt2Schema.parse({ ...tiny, ...change })).toThrow(message);
});
