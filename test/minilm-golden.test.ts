import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { architectureSchema, buildClassifier, fromStored, matchWeights, padBatch, storedShapes, toOnnx } from '../models/index.js';
import { createSession } from '../models/runtime/node.js';
import { createTokenizer } from '../models/text/node.js';
import { readPretrained } from '../training/index.js';
import { goldenCase, goldenPath, goldenTensors, relativeDifference } from './golden.js';

const folder = fileURLToPath(new URL('../../shared/pretrained/all-MiniLM-L6-v2/', import.meta.url));

test.skipIf(!existsSync(folder))('MiniLM: texts become the vectors that Python gave (needs ../shared/pretrained)', async () => {
  const { texts, max_length } = goldenCase<{ texts: string[]; max_length: number }>('minilm');
  const expected = (await goldenTensors('minilm/case.safetensors')).get('mean_pooled')!;
  const { encoder, weights } = await readPretrained(folder);
  const architecture = architectureSchema.parse({ ...encoder, pooling: 'mean' });
  const { builder, logits, parameters } = buildClassifier(architecture, { labels: 2 });
  const matched = matchWeights(storedShapes(parameters), weights);
  expect(matched.missing).toEqual(['classifier.weight', 'classifier.bias']);
  expect(matched.unused.toSorted()).toEqual(['pooler.dense.bias', 'pooler.dense.weight']);

  const head = builder.nodes.findLast(({ op, inputs }) => op === 'MatMul' && inputs[1]!.name === 'classifier.weight')!;
  expect(logits.shape).toEqual(['batch', 2]);
  const pooled = head.inputs[0]!;
  const session = await createSession(toOnnx(builder.graph([pooled]), { initializers: fromStored(parameters, matched.weights) }));
  const tokenizer = createTokenizer(gunzipSync(readFileSync(goldenPath('minilm/tokenizer.json.gz'))).toString());
  const { batch, tokens, ids, mask, types } = padBatch(await tokenizer.encode(texts, max_length), tokenizer.padId);
  const tensor = (data: BigInt64Array) => ({ type: 'int64', dims: [batch, tokens], data }) as const;
  const results = await session.run({ input_ids: tensor(ids), attention_mask: tensor(mask), token_type_ids: tensor(types) });
  await session.dispose();
  expect(relativeDifference(results[pooled.name]!.data as Float32Array, expected.data as Float32Array)).toBeLessThan(1e-5);
});
