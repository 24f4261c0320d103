import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { huggingFaceConfig } from '../export/hugging-face-config.js';
import { architectureSchema, buildClassifier, type Tensor, tensorOf, toOnnx, toStored } from '../models/index.js';
import { createSession } from '../models/runtime/node.js';
import { writeWeights } from '../models/weights/node.js';
import { initialWeights } from '../training/trainer/initial-weights.js';
import { relativeDifference } from './golden.js';
import { pythonTest, runPython } from './python.js';

type Loaded = {
  readonly hidden: readonly number[];
  readonly logits: readonly number[];
  readonly encoderMissing: readonly string[];
  readonly classifierMissing: readonly string[];
  readonly classifierUnexpected: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
};

/** Two texts of 5 tokens, the second padded, with both segments. */
const inputs = {
  input_ids: [[2, 7, 8, 9, 3], [2, 11, 3, 0, 0]], // biome-ignore format: a matrix
  attention_mask: [[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]], // biome-ignore format: a matrix
  token_type_ids: [[0, 0, 0, 1, 1], [0, 0, 0, 0, 0]], // biome-ignore format: a matrix
};

/** Writes a classifier as a Hugging Face folder, as a run and its bundle hold it, and answers `inputs` with our graph. */
async function write(folder: string, pooling: 'cls' | 'mean') {
  const labels = ['clickbait', 'news', 'opinion'];
  const sizes = { vocabularySize: 40, width: 16, layers: 3, heads: 2, intermediate: 24, maxPositions: 12, initializerRange: 0.3 };
  const architecture = architectureSchema.parse({ kind: 'bert', ...sizes, pooling });
  const { builder, logits, parameters } = buildClassifier(architecture, { labels: labels.length });
  const weights = new Map(
    [...initialWeights(parameters, 5)].map(([name, data], i): [string, Tensor] => {
      const { shape } = parameters[i]!.value;
      return [
        name,
        tensorOf(
          'float32',
          shape as number[],
          data.map((x, k) => x + 0.01 * ((k % 7) - 3)),
        ),
      ]; // biases and scales that are not all alike
    }),
  );
  await writeWeights(join(folder, 'model.safetensors'), toStored(parameters, weights));
  await writeFile(join(folder, 'config.json'), JSON.stringify(huggingFaceConfig({ architecture, labels, activation: 'softmax' })));
  await writeFile(join(folder, 'inputs.json'), JSON.stringify(inputs));

  const last = builder.nodes.findLast(({ op }) => op === 'LayerNormalization')!.outputs[0]!;
  const session = await createSession(toOnnx(builder.graph([last, logits]), { initializers: weights }));
  const feeds = Object.entries(inputs).map(([name, rows]) => [name, tensorOf('int64', [2, 5], rows.flat())]);
  const results = await session.run(Object.fromEntries(feeds));
  await session.dispose();
  return { labels, hidden: results[last.name]!.data as Float32Array, logits: results[logits.name]!.data as Float32Array };
}

for (const pooling of ['cls', 'mean'] as const) {
  pythonTest(
    `Python's transformers loads what we save and gives the same numbers, ${pooling} pooling`,
    ['torch', 'transformers'],
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'copydesk-transformers-'));
      try {
        const ours = await write(folder, pooling);
        const theirs = await runPython<Loaded>('transformers_load.py', folder);
        expect(relativeDifference(ours.hidden, theirs.hidden)).toBeLessThan(1e-5);
        expect(theirs.encoderMissing).toEqual([]);
        expect(theirs.classifierUnexpected).toEqual([]);
        expect(Object.values(theirs.labels)).toEqual(ours.labels);
        // With cls pooling ours is BertForSequenceClassification to the last weight; other poolings have no pooler to give it.
        const poolerOnly = theirs.classifierMissing.every((name) => name.startsWith('bert.pooler.'));
        expect([theirs.classifierMissing.length, poolerOnly]).toEqual([pooling === 'cls' ? 0 : 2, true]);
        if (pooling === 'cls') expect(relativeDifference(ours.logits, theirs.logits)).toBeLessThan(1e-5);
      } finally {
        await rm(folder, { recursive: true });
      }
    },
  );
}
