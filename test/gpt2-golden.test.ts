import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  buildLanguageModel,
  createDecoder,
  type Decoder,
  decoderFile,
  fromStored,
  type GenerationConfig,
  type Gpt2Config,
  generate,
  generationSchema,
  gpt2Schema,
  languageModelLoss,
  matchWeights,
  type Session,
  storedShapes,
  tokenLogProbabilities,
  toOnnx,
  topCandidates,
  type Weights,
} from '../models/index.js';
import { createSession } from '../models/runtime/node.js';
import { differentiate } from '../training/autodiff/differentiate.js';
import { createRandom } from '../training/data/random.js';
import { goldenCase, goldenPath, goldenTensors, relativeDifference } from './golden.js';

type Case = {
  readonly config: Readonly<Record<string, number>>;
  readonly loss: number;
  readonly prompt: readonly number[];
  readonly top5_next: readonly { readonly id: number; readonly p: number }[];
} & { readonly [K in Decoded]: readonly number[] } & { readonly [K in Decoded as `${K}_log_prob_after_prompt`]: number };
type Decoded = 'greedy' | 'greedy_no_repeat_2' | 'beam3_no_repeat_2';

type Decodings = {
  readonly prompts: readonly (readonly number[])[];
  readonly max_new_tokens: number;
  readonly cases: readonly {
    readonly end: number;
    readonly written: readonly (readonly number[])[];
    readonly num_beams?: number;
    readonly length_penalty?: number;
    readonly early_stopping?: boolean;
    readonly no_repeat_ngram_size?: number;
  }[];
};

const decodings: Readonly<Record<Decoded, object>> = {
  greedy: { kind: 'greedy' },
  greedy_no_repeat_2: { kind: 'greedy', noRepeatNgram: 2 },
  beam3_no_repeat_2: { kind: 'beam', beams: 3, noRepeatNgram: 2 },
};
const settings = (change: object): GenerationConfig => generationSchema.parse({ maxNewTokens: 16, endToken: 2, ...change });
const never = (): number => {
  throw new Error('nothing is drawn');
};

describe('GPT-2 against PyTorch and transformers', () => {
  let golden: { case: Case; model: Weights; tensors: Weights; gradients: Weights };
  let config: Gpt2Config;
  let sessions: { whole: Session; cached: Session; plain: Session };
  let decoders: Readonly<Record<'cached' | 'plain', Decoder>>;
  beforeAll(async () => {
    const [weights, biases, tensors, gradients] = await Promise.all(
      ['model', 'c_attn_bias', 'case', 'grads'].map((part) => goldenTensors(`gpt2/${part}.safetensors`)),
    );
    const model = new Map([...weights!, ...biases!]);
    golden = { case: goldenCase<Case>('gpt2'), model, tensors: tensors!, gradients: gradients! };
    const { vocab_size, n_positions, n_embd, n_layer, n_head, layer_norm_epsilon } = golden.case.config;
    const sizes = { vocabularySize: vocab_size, width: n_embd, layers: n_layer, heads: n_head, maxPositions: n_positions };
    const none = { dropout: 0, attentionDropout: 0 };
    config = gpt2Schema.parse({ kind: 'gpt2', ...sizes, intermediate: 4 * n_embd!, layerNormEpsilon: layer_norm_epsilon, ...none });

    const { builder, logits, parameters } = buildLanguageModel(config);
    const matched = matchWeights(storedShapes(parameters), golden.model);
    expect(matched).toMatchObject({ missing: [], mismatched: [], unused: [] });
    const initializers = fromStored(parameters, matched.weights);
    const whole = toOnnx(builder.graph([logits]), { initializers, outputNames: new Map([[logits.name, 'logits']]) });
    sessions = {
      whole: await createSession(whole),
      cached: await createSession(decoderFile(config, golden.model)),
      plain: await createSession(decoderFile(config, golden.model, { cache: false })),
    };
    decoders = { cached: createDecoder(sessions.cached, config), plain: createDecoder(sessions.plain, config) };
  });
  afterAll(() => Promise.all(Object.values(sessions).map((session) => session.dispose())));

  const inputs = () => Object.fromEntries(['input_ids', 'attention_mask'].map((name) => [name, golden.tensors.get(name)!]));

  test('the logits of every token', async () => {
    const { logits } = await sessions.whole.run(inputs());
    expect(relativeDifference(logits!.data as Float32Array, golden.tensors.get('logits')!.data as Float32Array)).toBeLessThan(1e-5);
  });

  test('the loss, and the gradient of every weight; that of the word vectors as they are read and as they answer', async () => {
    const { builder, loss, predicted, parameters } = languageModelLoss(config);
    const gradients = differentiate(
      builder,
      loss,
      parameters.map(({ value }) => value),
    );
    const session = await createSession(toOnnx(builder.graph([loss, predicted, ...gradients])));
    const results = await session.run({ ...inputs(), ...Object.fromEntries(fromStored(parameters, golden.model)) });
    await session.dispose();
    expect(Number(results[loss.name]!.data[0])).toBeCloseTo(golden.case.loss, 5);
    expect(Number(results[predicted.name]!.data[0])).toBe(10 + 7 + 4); // texts of 11, 8 and 5 tokens

    const theirs = fromStored(parameters, golden.gradients);
    expect(theirs.size).toBe(parameters.length);
    for (const [i, { value }] of parameters.entries()) {
      const [actual, expected] = [results[gradients[i]!.name]!, theirs.get(value.name)!];
      expect(relativeDifference(actual.data as Float32Array, expected.data as Float32Array), value.name).toBeLessThan(1e-4);
    }
  });

  describe.each(['cached', 'plain'] as const)('a decoder, %s', (which) => {
    test.each(Object.keys(decodings) as Decoded[])('writes what transformers writes: %s', async (name) => {
      const options = { prompts: [golden.case.prompt], config: settings(decodings[name]), random: never };
      const [written] = await generate(decoders[which], options);
      expect(written!.ids).toEqual(golden.case[name]);
      expect(written!.logProbability).toBeCloseTo(golden.case[`${name}_log_prob_after_prompt`], 4);
      expect(written).toMatchObject({ promptLength: 4, ended: false });
    });

    test('the five likeliest tokens, with their probabilities', async () => {
      const { logits } = await decoders[which].start([golden.case.prompt]);
      const top = topCandidates(logits[0]!, 5);
      expect(top.map(({ id }) => id)).toEqual(golden.case.top5_next.map(({ id }) => id));
      for (const [i, { probability }] of top.entries()) expect(probability).toBeCloseTo(golden.case.top5_next[i]!.p, 6);
    });

    test('prompts of unlike length in one batch are written on as each is alone', async () => {
      const prompts = [[1, 17, 42, 8], [1, 30], [1, 5, 6, 7, 8, 9, 10], [44]]; // biome-ignore format: a matrix
      for (const change of [
        { kind: 'greedy', noRepeatNgram: 3 },
        { kind: 'beam', noRepeatNgram: 2, beams: 2 },
      ]) {
        // biome-ignore format: a table
        const together = await generate(decoders[which], { prompts, config: settings(change), random: never });
        for (const [i, prompt] of prompts.entries()) {
          const [alone] = await generate(decoders[which], { prompts: [prompt], config: settings(change), random: never });
          expect(together[i]!.ids).toEqual(alone!.ids);
          expect(together[i]!.logProbability).toBeCloseTo(alone!.logProbability, 4);
        }
      }
    });
  });

  test('with end tokens and length penalties, in one batch, what transformers writes for each prompt', async () => {
    const {
      prompts,
      max_new_tokens: maxNewTokens,
      cases,
    } = JSON.parse(readFileSync(goldenPath('gpt2/decoding.json'), 'utf8')) as Decodings;
    for (const { end: endToken, written: expected, num_beams, length_penalty, early_stopping, no_repeat_ngram_size = 0 } of cases) {
      const common = { maxNewTokens, endToken, noRepeatNgram: no_repeat_ngram_size };
      const beam = { kind: 'beam', beams: num_beams, lengthPenalty: length_penalty, earlyStopping: early_stopping };
      const config = settings(num_beams === undefined ? { kind: 'greedy', ...common } : { ...beam, ...common });
      const written = await generate(decoders.cached, { prompts, config, random: never });
      expect(
        written.map(({ ids }) => ids),
        JSON.stringify(config),
      ).toEqual(expected);
      for (const { ids, ended } of written) expect(ended).toBe(ids.at(-1) === endToken);
    }
    expect(cases.flatMap(({ written, end }) => written.filter((ids) => ids.at(-1) === end)).length).toBeGreaterThan(cases.length); // many do end
  });

  test('with and without a cache the same tokens are drawn', async () => {
    const change = { kind: 'sample', temperature: 1.5, topK: 20, topP: 0.95, maxNewTokens: 40 };
    const draw = (which: 'cached' | 'plain', seed: number) =>
      generate(decoders[which], { prompts: [[1, 17], [1, 40, 3]], config: settings(change), random: createRandom(seed).next }); // biome-ignore format: a matrix
    const ids = (written: Awaited<ReturnType<typeof draw>>) => written.map((text) => text.ids);
    expect(ids(await draw('cached', 7))).toEqual(ids(await draw('plain', 7)));
    expect(ids(await draw('cached', 7))).not.toEqual(ids(await draw('cached', 8)));
  });

  test('the log-probability of a sequence is the sum over its tokens, alone or in a batch', async () => {
    const names = Object.keys(decodings) as Decoded[];
    const all = await tokenLogProbabilities(sessions.whole, [...names.map((name) => golden.case[name]), [1, 17, 42]]);
    for (const [i, name] of names.entries()) {
      const afterPrompt = all[i]!.slice(golden.case.prompt.length - 1).reduce((a, b) => a + b, 0);
      expect(afterPrompt).toBeCloseTo(golden.case[`${name}_log_prob_after_prompt`], 4);
    }
    expect(all.at(-1)).toHaveLength(2);
  });
});
