import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type ArchitectureConfig,
  architectureSchema,
  buildClassifier,
  type Encoding,
  fromStored,
  matchWeights,
  padBatch,
  type Session,
  storedShapes,
  type TextInput,
  tokenTensors,
  toOnnx,
  type Weights,
} from '../models/index.js';
import { createSession } from '../models/runtime/node.js';
import { createTokenizer } from '../models/text/node.js';
import { readWeights } from '../models/weights/node.js';
import { differentiate } from '../training/autodiff/differentiate.js';
import { classifierStep } from '../training/objective/classifier-step.js';
import { hubConfigSchema } from '../training/trainer/hub-config.js';
import { goldenPath, oneHot, relativeDifference } from './golden.js';

type Case = {
  readonly texts: readonly TextInput[];
  readonly labels: readonly string[];
  readonly targets: readonly number[];
  readonly ids: readonly (readonly number[])[];
  readonly logits: readonly (readonly number[])[];
  readonly loss: number;
};
const none = { dropout: 0, attentionDropout: 0 };

describe.each([
  ['bert', { ...none, pooling: 'cls' }, 'bert.embeddings.token_type_embeddings.weight'],
  ['distilbert', { ...none, headDropout: 0 }, 'pre_classifier.weight'],
  ['roberta', none, 'classifier.dense.weight'],
])('%s against transformers', (name, change, own) => {
  const folder = goldenPath(`classifiers/${name}`);
  const json = <T>(file: string) => JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')) as T;
  const golden = json<Case>('case.json');
  const architecture: ArchitectureConfig = architectureSchema.parse({ ...hubConfigSchema.parse(json('config.json')), ...change });
  const padId = name === 'roberta' ? 1 : 0;
  let weights: Weights;
  let encodings: readonly Encoding[];
  beforeAll(async () => {
    weights = await readWeights(folder, { widen: true });
    encodings = await createTokenizer(await readFile(`${folder}/tokenizer.json`, 'utf8')).encode(golden.texts, 32);
  });

  async function open(): Promise<{ readonly session: Session; readonly logits: string }> {
    const { builder, logits, parameters } = buildClassifier(architecture, { labels: 3 });
    const matched = matchWeights(storedShapes(parameters), weights, { prefixes: [] });
    expect(matched).toMatchObject({ missing: [], mismatched: [], unused: [] });
    expect(matched.weights.has(own)).toBe(true);
    const bytes = toOnnx(builder.graph([logits]), { initializers: fromStored(parameters, matched.weights) });
    return { session: await createSession(bytes), logits: logits.name };
  }
  const fed = (session: Session, tensors: ReturnType<typeof tokenTensors>) =>
    Object.fromEntries(session.inputNames.map((input) => [input, tensors[input]!]));

  test('texts and pairs are cut into the same tokens', () => {
    expect(encodings.map(({ ids }) => ids)).toEqual(golden.ids);
    expect(encodings.some(({ truncated }) => truncated)).toBe(true);
  });

  test('the logits of a padded batch, and those of each text alone', async () => {
    const { session, logits } = await open();
    const answer = async (of: readonly Encoding[]) => {
      const results = await session.run(fed(session, tokenTensors(padBatch(of, padId))));
      return [...(results[logits]!.data as Float32Array)];
    };
    const together = await answer(encodings);
    expect(relativeDifference(together, golden.logits.flat())).toBeLessThan(1e-5);
    for (const [row, encoding] of encodings.entries()) {
      const alone = await answer([encoding]);
      expect(Math.max(...alone.map((x, label) => Math.abs(x - together[3 * row + label]!)))).toBeLessThan(1e-6);
    }
    await session.dispose();
  });

  test('the loss and the gradient of every weight', async () => {
    const { builder, loss, parameters } = classifierStep({ architecture, labels: 3 });
    const gradients = differentiate(
      builder,
      loss,
      parameters.map(({ value }) => value),
    );
    const session = await createSession(toOnnx(builder.graph([loss, ...gradients])));
    const targets = oneHot({ type: 'int64', dims: [11], data: BigInt64Array.from(golden.targets, BigInt) }, 3);
    const tensors = { ...tokenTensors(padBatch(encodings, padId)), targets, ...Object.fromEntries(fromStored(parameters, weights)) };
    const results = await session.run(fed(session, tensors));
    await session.dispose();
    expect(Number(results[loss.name]!.data[0])).toBeCloseTo(golden.loss, 5);

    const theirs = fromStored(parameters, await readWeights(`${folder}/grads.safetensors`));
    expect(theirs.size).toBe(parameters.length);
    const largest = Math.max(...[...theirs.values()].flatMap(({ data }) => [...(data as Float32Array)].map(Math.abs)));
    for (const [i, { value }] of parameters.entries()) {
      const expected = theirs.get(value.name)!.data as Float32Array;
      const actual = results[gradients[i]!.name]!.data as Float32Array;
      // The bias of a key shifts all scores of a row alike: its gradient is rounding.
      if (Math.max(...expected.map(Math.abs)) < 1e-6 * largest) expect(value.name).toMatch(/\.(key|k_lin)\.bias$/);
      else expect(relativeDifference(actual, expected), value.name).toBeLessThan(1e-4);
    }
  });
});

test('RoBERTa counts places from the padding’s number on, wherever the padding stands', async () => {
  const sizes = { vocabularySize: 20, width: 8, layers: 1, heads: 2, intermediate: 8, maxPositions: 8, initializerRange: 0.5 };
  const { builder, logits, parameters } = buildClassifier(architectureSchema.parse({ kind: 'roberta', ...sizes }), { labels: 2 });
  const initializers = new Map(
    parameters.map(({ value }, k) => {
      const dims = value.shape as number[];
      const data = Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => 0.4 * Math.sin(1 + i * (k + 0.7)));
      return [value.name, { type: 'float32', dims, data }] as const;
    }),
  );
  const session = await createSession(toOnnx(builder.graph([logits]), { initializers }));
  const ask = async (...ids: number[]) => {
    const row = (values: readonly number[]) =>
      ({ type: 'int64', dims: [1, ids.length], data: BigInt64Array.from(values, BigInt) }) as const;
    const mask = ids.map((id) => (id === 1 ? 0 : 1));
    const results = await session.run({ input_ids: row(ids), attention_mask: row(mask) });
    return [...(results[logits.name]!.data as Float32Array)];
  };
  // The first token is what the head reads, so padding may stand anywhere but there.
  const alone = await ask(0, 5, 9, 2);
  expect(relativeDifference(await ask(0, 5, 9, 2, 1, 1), alone)).toBeLessThan(1e-5);
  expect(relativeDifference(await ask(0, 1, 1, 5, 9, 2), alone)).toBeLessThan(1e-5);
  expect(relativeDifference(await ask(0, 9, 5, 2), alone)).toBeGreaterThan(1e-2);
  await session.dispose();
});
