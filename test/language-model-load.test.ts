import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import {
  buildLanguageModel,
  buildMaskedLanguageModel,
  fromStored,
  storedShapes,
  type Tensor,
  tensorOf,
  toOnnx,
  trainWordPiece,
  type Weights,
} from '../models/index.js';
import { createSession } from '../models/runtime/node.js';
import { createTokenizer } from '../models/text/node.js';
import { writeHubFolder } from '../training/pretraining/hub-folder.js';
import { completeLanguageModel, languageModelSchema } from '../training/pretraining/model.js';
import { relativeDifference } from './golden.js';
import { pythonTest, runPython } from './python.js';

type Loaded = {
  readonly model: string;
  readonly logits: readonly number[];
  readonly tokens: readonly number[];
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
};

const sizes = { width: 16, layers: 2, heads: 2, intermediate: 24, initializerRange: 0.3, maxPositions: 12 };
/** Two texts of 5 tokens, the second padded. */
const [ids, mask] = [[[2, 7, 8, 9, 3], [2, 11, 3, 0, 0]], [[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]]]; // biome-ignore format: matrices
const vocabularySize = 60;

/** Numbers without a pattern, the same each time; scales around 1. */
function weightsFor(expected: ReturnType<typeof storedShapes>): Weights {
  let state = 7;
  const next = () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647 - 0.5;
  };
  return new Map(
    expected.map(({ name, shape }): [string, Tensor] => {
      const around = /(LayerNorm|ln_[12f])\.weight$/.test(name) ? 1 : 0;
      return [
        name,
        tensorOf(
          'float32',
          shape as number[],
          Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => around + next()),
        ),
      ];
    }),
  );
}

const cases = [
  { title: 'BertForMaskedLM', how: 'masked', model: { kind: 'bert' } },
  { title: 'RoFormerForMaskedLM', how: 'masked', model: { kind: 'bert', positions: 'rotary' } },
  { title: 'GPT2LMHeadModel', how: 'causal', model: { kind: 'gpt2' } },
] as const;

/** Writes a model as pre-training does, with what it is asked. @returns what our graph answers */
async function write(folder: string, given: (typeof cases)[number]['model']) {
  const keys = languageModelSchema.parse({ ...given, ...sizes });
  const model = completeLanguageModel(keys, { vocabularySize, maxTokens: 12, encoder: undefined });
  const { builder, logits, parameters } = model.kind === 'bert' ? buildMaskedLanguageModel(model) : buildLanguageModel(model);
  const weights = weightsFor(storedShapes(parameters));
  await writeHubFolder(folder, { model, tokenizerJson, weights, tokens: { start: 2, end: 3, pad: 0 } });
  const types = model.kind === 'bert' ? { token_type_ids: [[0, 0, 0, 1, 1], [0, 0, 0, 0, 0]] } : {}; // biome-ignore format: a matrix
  const inputs = { input_ids: ids, attention_mask: mask, ...types };
  await writeFile(join(folder, 'inputs.json'), JSON.stringify({ ...inputs, text }));

  const session = await createSession(toOnnx(builder.graph([logits]), { initializers: fromStored(parameters, weights) }));
  const rows = Object.entries(inputs).map(([name, matrix]) => [name, tensorOf('int64', [2, 5], matrix.flat())] as const);
  const places = tensorOf('int64', [10], [...ids.flat().keys()]);
  const results = await session.run({ ...Object.fromEntries(rows), ...(model.kind === 'bert' ? { places } : {}) });
  await session.dispose();
  return results[logits.name]!.data as Float32Array;
}

const text = 'bakers vote on bridges';
const tokenizerJson = await trainWordPiece({ texts: [text, 'bridges on a vote'], vocabularySize, minFrequency: 1 });

pythonTest("Python's transformers loads what pre-training saves and gives the same logits", ['torch', 'transformers'], async () => {
  const home = await mkdtemp(join(tmpdir(), 'copydesk-language-model-'));
  try {
    const [encoding] = await createTokenizer(tokenizerJson).encode([text], 64);
    const folders = cases.map(({ title }) => join(home, title));
    const ours: Float32Array[] = [];
    for (const [i, { model }] of cases.entries()) ours.push(await write(folders[i]!, model));
    const theirs = await runPython<Loaded[]>('language_model_load.py', ...cases.map(({ how }, i) => `${how}=${folders[i]}`));
    for (const [i, { title }] of cases.entries()) {
      expect(theirs[i]).toMatchObject({ model: title, missing: [], unexpected: [], tokens: encoding!.ids });
      expect(relativeDifference(ours[i]!, theirs[i]!.logits), title).toBeLessThan(1e-5);
    }
  } finally {
    await rm(home, { recursive: true });
  }
});
