/** @file What each kind of language model is asked in training, as the graphs and batches that an engine runs. One total table. */
import {
  type BertConfig,
  buildMaskedLanguageModel,
  concat,
  type Gpt2Config,
  type GraphBuilder,
  languageModelLoss,
  padBatch,
  type Tensor,
  tensorOf,
  tokenTensors,
  UsageError,
  unsqueeze,
  type Value,
} from '../../models/index.js';
import { createRandom } from '../data/random.js';
import type { EngineGraphs, TrainingBatch } from '../engines/engine.js';
import { stepGraph } from '../objective/step-graph.js';
import { type Masking, maskingSchema, maskRow, type Row } from './masking.js';
import type { LanguageModelConfig, LanguageModelKind } from './model.js';
import type { Vocabulary } from './vocabulary.js';

export type BatchOptions = {
  readonly vocabulary: Vocabulary;
  readonly padId: number;
  readonly masking: Masking | undefined;
  readonly seed: number;
  /** Other tokens are masked in each; the same in the same. -1: val. */
  readonly epoch: number;
};

type Objective<Config> = {
  /** Whether words are masked. */
  readonly masks: boolean;
  /** The evaluation gives [2]: loss and accuracy, means over what is told. */
  readonly graphs: (config: Config) => EngineGraphs;
  /** The rows of one batch by their numbers. Its weight is the number of tokens that are to be told. */
  readonly batch: (rows: readonly Row[], chosen: readonly number[], options: BatchOptions) => TrainingBatch;
  /** The tokens of a row that are to be told, for what is told without a model. */
  readonly wanted: (row: Row, number: number, options: BatchOptions) => readonly number[];
  /** All that could be. */
  readonly tellable: (row: Row) => readonly number[];
};

const objectives: { readonly [K in LanguageModelKind]: Objective<Extract<LanguageModelConfig, { kind: K }>> } = {
  bert: {
    masks: true,
    graphs: (config: BertConfig) => {
      const training = buildMaskedLanguageModel(config, { training: true });
      const evaluation = buildMaskedLanguageModel(config);
      return {
        training: stepGraph({ ...training, parts: {} }),
        evaluation: { ...evaluation, output: pairOf(evaluation) },
      };
    },
    batch: (rows, chosen, options) => {
      const masked = chosen.map((number) => maskedRow(rows[number]!, number, options));
      const tokens = padBatch(
        chosen.map((number, i) => ({ ids: masked[i]!.ids, types: rows[number]!.types, truncated: false })),
        options.padId,
      );
      const places = masked.flatMap(({ places: inRow }, i) => inRow.map((place) => i * tokens.tokens + place));
      const wanted = int64(masked.flatMap((row) => row.wanted));
      return { texts: places.length, tensors: { ...tokenTensors(tokens), places: int64(places), wanted } };
    },
    wanted: (row, number, options) => maskedRow(row, number, options).wanted,
    tellable: ({ ids, words }) => ids.filter((_, at) => words[at]! >= 0),
  },
  gpt2: {
    masks: false,
    graphs: (config: Gpt2Config) => {
      const training = languageModelLoss(config);
      const evaluation = languageModelLoss(config, { training: false });
      return { training: stepGraph({ ...training, parts: {} }), evaluation: { ...evaluation, output: pairOf(evaluation) } };
    },
    batch: (rows, chosen, { padId }) => {
      const encodings = chosen.map((number) => ({ ...rows[number]!, truncated: false }));
      const told = encodings.reduce((sum, { ids }) => sum + ids.length - 1, 0);
      return { texts: told, tensors: tokenTensors(padBatch(encodings, padId)) };
    },
    wanted: ({ ids }) => ids.slice(1),
    tellable: ({ ids }) => ids.slice(1),
  },
};

export const objectiveOf = (kind: LanguageModelKind): Objective<LanguageModelConfig> => objectives[kind] as Objective<LanguageModelConfig>;

/** How words are masked, where they are.
 *  @throws UsageError `config/invalid` where a model masks nothing and is told how to */
export function checkMasking(kind: LanguageModelKind, masking: Masking | undefined): { readonly masking?: Masking } {
  if (objectives[kind].masks) return { masking: masking ?? maskingSchema.parse({}) };
  if (!masking) return {};
  throw new UsageError('config/invalid', `masking: a ${kind} tells each token from those before it and masks none`, 'take masking out.');
}

/** Seed, epoch and number of the row alone decide. */
const maskedRow = (row: Row, number: number, { masking, vocabulary, seed, epoch }: BatchOptions) =>
  maskRow(row, masking!, vocabulary, createRandom(seed, epoch, number));

function pairOf({ builder: g, loss, accuracy }: { readonly builder: GraphBuilder; readonly loss: Value; readonly accuracy: Value }): Value {
  return concat(g, [unsqueeze(g, loss, [0]), unsqueeze(g, accuracy, [0])], 0);
}

const int64 = (values: readonly number[]): Tensor => tensorOf('int64', [values.length], values);
