import { expect, test } from 'vitest';
import { buildMaskedLanguageModel, fromStored, matchWeights, storedShapes, type Tensor, tensorOf, toOnnx } from '../models/index.js';
import { createSession } from '../models/runtime/node.js';
import { differentiate } from '../training/autodiff/differentiate.js';
import { goldenArchitecture, goldenCase, goldenTensors, relativeDifference } from './golden.js';

type Case = { readonly config: Readonly<Record<string, number>>; readonly loss: number; readonly accuracy: number };

test('masked words: logits, loss and the gradient of every weight are those of BertForMaskedLM', async () => {
  const { config, loss: theirLoss, accuracy: theirAccuracy } = goldenCase<Case>('mlm');
  const [model, tensors, gradients] = await Promise.all(['model', 'case', 'grads'].map((part) => goldenTensors(`mlm/${part}.safetensors`)));
  const { builder, logits, loss, accuracy, parameters } = buildMaskedLanguageModel(goldenArchitecture(config));
  const matched = matchWeights(storedShapes(parameters), model!);
  expect(matched).toMatchObject({ missing: [], mismatched: [], unused: [] });
  const own = differentiate(
    builder,
    loss,
    parameters.map(({ value }) => value),
  );
  const session = await createSession(toOnnx(builder.graph([logits, loss, accuracy, ...own])));
  const results = await session.run({
    ...inputsOf(tensors!),
    ...Object.fromEntries(fromStored(parameters, matched.weights)),
  });
  await session.dispose();

  const numbers = (name: string) => results[name]!.data as Float32Array;
  expect(relativeDifference(numbers(logits.name), tensors!.get('logits')!.data as Float32Array)).toBeLessThan(1e-5);
  expect(relativeDifference(numbers(loss.name), [theirLoss])).toBeLessThan(1e-5);
  expect(numbers(accuracy.name)[0]).toBeCloseTo(theirAccuracy, 6);
  const expected = fromStored(parameters, gradients!);
  expect(expected.size).toBe(parameters.length);
  for (const [i, { value }] of parameters.entries()) {
    const [actual, wanted] = [numbers(own[i]!.name), expected.get(value.name)!.data as Float32Array];
    // What all keys have in common no softmax sees: the gradient of their bias is nothing but rounding.
    if (value.name.endsWith('key.bias')) expect(Math.max(...actual.map(Math.abs)), value.name).toBeLessThan(1e-6);
    else expect(relativeDifference(actual, wanted), value.name).toBeLessThan(1e-4);
  }
});

test('nothing in the step is as large as every token times the vocabulary', () => {
  const config = { ...goldenArchitecture(goldenCase<Case>('mlm').config), dropout: 0.1 };
  const { builder, loss, parameters } = buildMaskedLanguageModel(config, { training: true });
  differentiate(
    builder,
    loss,
    parameters.map(({ value }) => value),
  );
  const shapes = builder.nodes.flatMap(({ outputs }) => outputs.map(({ shape }) => shape));
  const large = shapes.filter((shape) => shape.includes(config.vocabularySize) && shape.some((dim) => /batch|tokens/.test(String(dim))));
  expect(large).toEqual([]);
  expect(shapes.filter((shape) => shape.join() === `predictions,${config.vocabularySize}`).length).toBeGreaterThan(0);
});

/** What transformers asks by -100 in a label of every token, we ask by places. */
function inputsOf(tensors: ReadonlyMap<string, Tensor>): Readonly<Record<string, Tensor>> {
  const labels = Array.from(tensors.get('labels')!.data as BigInt64Array, Number);
  const places = labels.flatMap((label, place) => (label === -100 ? [] : [place]));
  const named = ['input_ids', 'attention_mask', 'token_type_ids'].map((name) => [name, tensors.get(name)!] as const);
  const int64 = (values: readonly number[]): Tensor => tensorOf('int64', [values.length], values);
  return { ...Object.fromEntries(named), places: int64(places), wanted: int64(places.map((place) => labels[place]!)) };
}
