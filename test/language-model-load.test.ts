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

for (const { title, how, model: given } of cases)
  pythonTest(
    `Python's transformers loads what pre-training saves as ${title} and gives the same logits`,
    ['torch', 'transformers'],
    async () => {
      const folder = join(await mkdtemp(join(tmpdir(), 'copydesk-language-model-')), 'model');
      try {
        const tokenizerJson = await trainWordPiece({
          texts: ['bakers vote on bridges', 'bridges on a vote'],
          vocabularySize,
          minFrequency: 1,
        });
        const keys = languageModelSchema.parse({ ...given, ...sizes });
        const model = completeLanguageModel(keys, { vocabularySize, maxTokens: 12, encoder: undefined });
        const all = ids.flatMap((row, i) => row.map((_, k) => i * row.length + k));
        const { builder, logits, parameters } = model.kind === 'bert' ? buildMaskedLanguageModel(model) : buildLanguageModel(model);
        const weights = weightsFor(storedShapes(parameters));
        await writeHubFolder(folder, { model, tokenizerJson, weights, tokens: { start: 2, end: 3, pad: 0 } });
        const shared = { input_ids: ids, attention_mask: mask };
        const typed = model.kind === 'bert' ? { ...shared, token_type_ids: [[0, 0, 0, 1, 1], [0, 0, 0, 0, 0]] } : shared; // biome-ignore format: a matrix
        await writeFile(join(folder, 'inputs.json'), JSON.stringify(typed));

        const session = await createSession(toOnnx(builder.graph([logits]), { initializers: fromStored(parameters, weights) }));
        const rows = Object.entries(typed).map(([name, matrix]) => [name, tensorOf('int64', [2, 5], matrix.flat())] as const);
        const places = model.kind === 'bert' ? { places: tensorOf('int64', [10], all) } : {};
        const ours = (await session.run({ ...Object.fromEntries(rows), ...places }))[logits.name]!.data as Float32Array;
        await session.dispose();

        const theirs = await runPython<Loaded>('language_model_load.py', folder, how);
        expect(theirs.model).toBe(title);
        expect([theirs.missing, theirs.unexpected]).toEqual([[], []]);
        expect(relativeDifference(ours, theirs.logits)).toBeLessThan(1e-5);
        const [encoding] = await createTokenizer(tokenizerJson).encode(['bakers vote on bridges'], 64);
        expect(theirs.tokens).toEqual(encoding!.ids);
      } finally {
        await rm(join(folder, '..'), { recursive: true });
      }
    },
  );
