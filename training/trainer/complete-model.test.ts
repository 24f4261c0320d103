import { describe, expect, test } from 'vitest';
import { limitsOf } from '../../models/index.js';
import { completeModel, vocabularyAsked } from './complete-model.js';
import { type Encoder, hubConfigSchema } from './hub-config.js';
import { type ModelConfig, modelSchema } from './model-config.js';

const bert = {
  model_type: 'bert',
  vocab_size: 90,
  hidden_size: 12,
  num_hidden_layers: 3,
  num_attention_heads: 2,
  intermediate_size: 24,
  max_position_embeddings: 40,
};
const encoder = hubConfigSchema.parse(bert);
const complete = (model: object, from?: Encoder & { readonly vocabularySize: number }) =>
  completeModel(modelSchema.parse(model) as ModelConfig, {
    vocabularySize: from?.vocabularySize ?? 70,
    maxTokens: 30,
    ...(from ? { encoder: from } : {}),
  });

describe('from scratch', () => {
  test('a model that says nothing is a small BERT over the vocabulary that was made', () => {
    expect(complete({})).toMatchObject({ kind: 'bert', width: 128, layers: 2, vocabularySize: 70, maxPositions: 128 });
  });

  test('every kind takes its own sizes and the vocabulary', () => {
    expect(complete({ kind: 'xlnet', layers: 3 })).toMatchObject({ kind: 'xlnet', layers: 3, vocabularySize: 70 });
    expect(complete({ kind: 'bigru', hidden: 9 })).toMatchObject({ kind: 'bigru', hidden: 9, width: 128, vocabularySize: 70 });
    expect(complete({ kind: 'endef', content: { kind: 'bigru', hidden: 9 } })).toMatchObject({
      kind: 'endef',
      fusion: 'fixed',
      content: { kind: 'bigru', hidden: 9, vocabularySize: 70 },
    });
    expect(complete({ kind: 'endef', content: { layers: 1 } })).toMatchObject({ content: { kind: 'bert', layers: 1, vocabularySize: 70 } });
    expect(complete({ kind: 'bigru', encoder: { layers: 4 } })).toMatchObject({ encoder: { kind: 'bert', layers: 4, vocabularySize: 70 } });
  });
});

test('the vocabulary to be made is as large as the model inside asks for', () => {
  expect(vocabularyAsked({ vocabularySize: 9 })).toBe(9);
  expect(vocabularyAsked({ content: { vocabularySize: 9 } })).toBe(9);
  expect(vocabularyAsked({ content: { encoder: { vocabularySize: 9 } } })).toBe(9);
  expect(vocabularyAsked({ content: {} })).toBeUndefined();
});

describe('from a pre-trained BERT', () => {
  const sizes = { vocabularySize: 90, width: 12, layers: 3, heads: 2, intermediate: 24, maxPositions: 40 };

  test('a BERT has its sizes, and pooling and dropout of its own', () => {
    expect(complete({ pretrained: 'x', pooling: 'cls', dropout: 0.3 }, encoder)).toMatchObject({ ...sizes, pooling: 'cls', dropout: 0.3 });
  });

  test('recurrent layers read its word vectors, or all of it', () => {
    expect(complete({ kind: 'bigru', pretrained: 'x' }, encoder)).toMatchObject({ width: 12, vocabularySize: 90 });
    expect(complete({ kind: 'bigru', pretrained: 'x', encoder: {} }, encoder)).toMatchObject({ width: 12, encoder: sizes });
  });

  test('the content of ENDEF is it', () => {
    expect(complete({ kind: 'endef', pretrained: 'x' }, encoder)).toMatchObject({ content: { kind: 'bert', ...sizes } });
  });

  test('RoFormer and NEZHA are BERTs with other positions, and read texts of any length', () => {
    for (const [model_type, positions] of [
      ['roformer', 'rotary'],
      ['nezha', 'relative'],
    ] as const) {
      const architecture = complete({ pretrained: 'x' }, hubConfigSchema.parse({ ...bert, model_type }));
      expect(architecture).toMatchObject({ ...sizes, kind: 'bert', positions });
      expect(limitsOf(architecture)).toEqual({ vocabulary: 90, tokens: Number.POSITIVE_INFINITY });
    }
    expect(limitsOf(complete({ pretrained: 'x' }, encoder)).tokens).toBe(40);
  });
});

describe('from a classifier of our own', () => {
  const goOn = (architecture: object, model: object, vocabularySize = 90) =>
    completeModel(modelSchema.parse(model) as ModelConfig, { vocabularySize, maxTokens: 30, encoder: architecture as Encoder });
  const endef = complete({ kind: 'endef', pretrained: 'x', content: { pooling: 'cls' }, entityWeight: 0.5 }, encoder);
  const bigru = complete({ kind: 'bigru', pretrained: 'x', encoder: {} }, encoder);

  test.each([endef, bigru, complete({ pooling: 'cls', mlp: [5] }), complete({ kind: 'xlnet' })])('it is the same: %j', (architecture) => {
    expect(goOn(architecture, { kind: architecture.kind, pretrained: 'x' }, limitsOf(architecture).vocabulary)).toEqual(architecture);
  });

  test('what training may choose is changed, however deep; a vocabulary that was cut is', () => {
    const changed = goOn(endef, { kind: 'endef', pretrained: 'x', entityWeight: 0.1, content: { dropout: 0.3 } }, 50);
    expect(changed).toMatchObject({ entityWeight: 0.1, content: { dropout: 0.3, pooling: 'cls', vocabularySize: 50, width: 12 } });
    expect(limitsOf(goOn(bigru, { kind: 'bigru', pretrained: 'x' }, 50)).vocabulary).toBe(50);
  });

  test.each([
    [endef, { kind: 'endef', content: { width: 9 } }, /model\.content\.width: the pre-trained model has its own sizes/],
    [bigru, { kind: 'bigru', encoder: { layers: 9 } }, /model\.encoder\.layers: the pre-trained/],
    [bigru, { kind: 'bigru', hidden: 9 }, /model\.hidden: the pre-trained/],
    [bigru, { kind: 'bert' }, /model\.kind is bert, x holds bigru\. Fix: .*set model\.kind/],
  ])('%#: what it has learnt cannot change', (architecture, model, message) => {
    expect(() => goOn(architecture, { ...model, pretrained: 'x' })).toThrow(message);
  });
});

describe('what cannot be is refused', () => {
  test.each([
    [{ pretrained: 'x', layers: 2 }, encoder, /model\.layers: the pre-trained model has its own sizes\. Fix: remove model\.layers/],
    [{ kind: 'bigru', pretrained: 'x', width: 9 }, encoder, /model\.width: the pre-trained/],
    [{ kind: 'endef', pretrained: 'x', content: { width: 9 } }, encoder, /model\.content\.width: the pre-trained/],
    [
      { kind: 'xlnet', pretrained: 'x' },
      encoder,
      /model\.kind is xlnet, x holds bert\. Fix: give the weights of a xlnet, or set model\.kind/,
    ],
    [{ heads: 3 }, undefined, /model\.heads: width must be a multiple of heads\. Fix: change the sizes/],
    [{ kind: 'endef', content: { heads: 3 } }, undefined, /model\.content\.heads: width must be/],
  ])('%j', (model, from, message) => {
    expect(() => complete(model, from)).toThrow(message);
  });

  test.each([
    [{ layrs: 2 }, 'layrs'],
    [{ kind: 'bigru', pooling: 'cls' }, 'pooling'],
    [{ kind: 'brt' }, 'expected one of bert'],
    [{ kind: 'endef', content: { kind: 'xlnet' } }, 'expected one of bert, bigru'],
  ])('%j by the schema already', (model, message) => {
    expect(() => modelSchema.parse(model)).toThrow(message);
  });
});
