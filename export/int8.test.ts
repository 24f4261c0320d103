import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Bundle, findBundles, packageFolder } from '../models/bundle/node.js';
import { createClassifier, fromOnnx, type Graph, type Prediction, probeTexts, type Session, toOnnx } from '../models/index.js';
import { createSession } from '../models/runtime/node.js';
import { createTokenizer } from '../models/text/node.js';
import { layerHarm, layersNamed, roundedLayers } from './layer-harm.js';
import { type ModelSource, modelFile } from './model-file.js';
import { applyPasses } from './passes/passes.js';
import { ask, largestDifference, randomTexts } from './passes/testing/small-model.js';

let bundle: Bundle;
let source: ModelSource;
let graph: Graph;
beforeAll(async () => {
  [bundle] = (await findBundles([join(packageFolder(), 'models', 'zoo', 'headlines-en')])) as [Bundle];
  const { manifest, tokenizerJson } = bundle;
  const bytes = await bundle.modelBytes();
  graph = fromOnnx(bytes);
  const tokenizer = createTokenizer(tokenizerJson);
  const probes = probeTexts('single');
  const session = await createSession(bytes);
  const { logits } = await createClassifier({ session, tokenizer, ...manifest.text }).logits(probes);
  await session.dispose();
  const predictions = probes.map((text, i): Prediction => ({ text: String(text), target: [...logits[i]!].map((x) => Number(x === Math.max(...logits[i]!))), logits: [...logits[i]!] })); // biome-ignore format: one thought
  source = { name: 'headlines-en', bytes, graph, weights: new Set(), rules: manifest, predictions, tokenizer, text: manifest.text, probes };
});

describe('the model that ships with the project, in int8', () => {
  test('is at most 30 % of fp32, and answers as it does', async () => {
    const { bytes, parity, passes } = await modelFile(source, 'int8');
    expect(bytes.length).toBeLessThan(0.3 * source.bytes.length);
    expect(parity).toMatchObject({ labelAgreement: 1, accuracy: { trained: 1, exported: 1 } });
    expect(passes).toContain('quantize-products');
  });

  test('gives a text the same logits alone, in any batch and with padding, over 60 batches from seeds', async () => {
    const bytes = toOnnx(applyPasses(graph, 'int8', { weights: new Set() }).graph);
    const session: Session = await createSession(bytes, { threads: 2, optimization: 'all' });
    let largest = 0;
    for (let seed = 100; seed < 160; seed++) {
      const texts = randomTexts(seed, 1 + (seed % 12), { longest: 100, vocabulary: 7000 });
      const together = await ask(session, texts, seed % 23);
      for (const [i, text] of texts.entries()) largest = Math.max(largest, largestDifference(await ask(session, [text]), [together[i]!]));
    }
    await session.dispose();
    expect(largest).toBeLessThan(1e-6);
  });
});

describe('a model that int8 spoils', () => {
  /** One weight of a layer a thousand times larger than the others: rounding leaves those nothing. */
  const spoiled = 'bert.encoder.layer.0.intermediate.dense';
  const broken = (): ModelSource => {
    const copy = fromOnnx(source.bytes);
    const weight = copy.nodes.flatMap(({ inputs }) => inputs).find(({ name }) => name === `${spoiled}.weight`)!;
    const [rows, columns] = weight.shape as [number, number];
    const data = weight.constant!.data as Float32Array;
    // What is multiplied is the same for every token and nearly nothing, so the trained model does not notice.
    for (let column = 0; column < columns; column++) data[(rows - 1) * columns + column] = 1e4;
    const norm = copy.nodes.find(({ name }) => name.startsWith('bert.encoder.layer.0.attention.output.LayerNorm/'))!;
    for (const input of norm.inputs.slice(1)) (input.constant!.data as Float32Array)[rows - 1] = 0;
    return { ...source, graph: copy, bytes: toOnnx(copy) };
  };

  const withAnswers = async (given: ModelSource): Promise<ModelSource> => {
    const session = await createSession(given.bytes);
    const { logits } = await createClassifier({ session, tokenizer: given.tokenizer, ...given.text }).logits(given.probes);
    await session.dispose();
    const predictions = given.predictions.map((prediction, i) => ({ ...prediction, logits: [...logits[i]!], target: [...logits[i]!].map((x) => Number(x === Math.max(...logits[i]!))) })); // biome-ignore format: one thought
    return { ...given, predictions };
  };

  let model: ModelSource;
  beforeAll(async () => {
    model = await withAnswers(broken());
  });

  test('is refused with the layer that hurts most, by name', async () => {
    await expect(modelFile(model, 'int8')).rejects.toMatchObject({
      code: 'bundle/parity',
      message: expect.stringContaining(`each rounded by itself: ${spoiled} (moves a logit by`),
      fix: expect.stringContaining('--keep-fp32 auto'),
    });
  });

  test('is written when that layer is left in fp32, by name or by itself', async () => {
    const named = await modelFile(model, 'int8', { keepFp32: ['*.layer.0.intermediate.*'] });
    expect(named.passes).toContain(`keep-fp32 ${spoiled}`);
    const found = await modelFile(model, 'int8', { keepFp32: 'auto' });
    expect(found.passes.filter((pass) => pass.startsWith('keep-fp32'))).toEqual([`keep-fp32 ${spoiled}`]);
  });
});

test('layers are named by patterns, and one that names none is an error with the names there are', () => {
  const layers = roundedLayers(graph);
  expect(layers).toContain('bert.embeddings.word_embeddings');
  const named = layersNamed(layers, ['*.query', 'bert.embeddings.word_embeddings']);
  expect(layers.filter(named)).toHaveLength(3);
  expect(() => layersNamed(layers, ['*.nothing'])).toThrow(/no layer is called "\*.nothing"/);
});

test('the harm of a layer is measured with all others in fp32', async () => {
  let open = 0;
  const harm = await layerHarm(graph, {
    rules: source.rules,
    predictions: source.predictions,
    open: async (rounded) => {
      open += 1;
      expect(rounded.nodes.filter(({ op }) => op === 'MatMulInteger').length).toBeLessThanOrEqual(1);
      const session = await createSession(toOnnx(rounded));
      return { classifier: createClassifier({ session, tokenizer: source.tokenizer, ...source.text }), close: () => session.dispose() };
    },
  });
  expect(harm.map(({ moves }) => moves)).toEqual([...harm.map(({ moves }) => moves)].sort((a, b) => b - a));
  expect(harm).toHaveLength(open);
});
