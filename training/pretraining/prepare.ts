/** @file Everything that pre-training starts from: rows of tokens, the graphs, and the first weights. */
import { type Parameter, trainWordPiece, UsageError } from '../../models/index.js';
import { createTokenizer } from '../../models/text/node.js';
import type { Unlabelled } from '../data/example.js';
import { detectLanguage, type Language } from '../data/language/language.js';
import type { EngineGraphs } from '../engines/engine.js';
import { toInput } from '../trainer/prepare.js';
import { type FirstWeights, firstWeights, startingPoint } from '../trainer/starting-point.js';
import type { PretrainConfig } from './config.js';
import { frequencyGuess, type Guess } from './guess.js';
import type { Masking, Row } from './masking.js';
import { completeLanguageModel, type LanguageModelConfig } from './model.js';
import { type BatchOptions, objectiveOf } from './objectives.js';
import { toRows } from './rows.js';
import { readTexts, type Texts } from './texts.js';
import { readVocabulary, type Vocabulary } from './vocabulary.js';
import { createWordFinder } from './words.js';

export type Prepared = FirstWeights & {
  readonly config: PretrainConfig;
  readonly texts: Texts;
  readonly model: LanguageModelConfig;
  readonly graphs: EngineGraphs;
  /** Of the model as it is saved. */
  readonly parameters: readonly Parameter[];
  readonly tokenizerJson: string;
  readonly vocabulary: Vocabulary;
  readonly padId: number;
  readonly train: readonly Row[];
  readonly val: readonly Row[];
  /** On val, without a model. */
  readonly guess: Guess;
  readonly language: Language | undefined;
};

/** @param tokenizerJson of the run that is resumed: a vocabulary is made once */
export async function preparePretraining(config: PretrainConfig, tokenizerJson?: string): Promise<Prepared> {
  const texts = await readTexts(config);
  const start = await startingPoint(config.model, texts.train.map(toInput), tokenizerJson);
  const json = tokenizerJson ?? start?.tokenizerJson ?? (await makeVocabulary(config, texts.train));
  const tokenizer = createTokenizer(json);
  const { maxTokens } = config.text;
  const model = completeLanguageModel(config.model, {
    vocabularySize: start?.vocabularySize ?? tokenizer.vocabularySize,
    maxTokens,
    encoder: start?.encoder,
  });
  if (tokenizer.vocabularySize > model.vocabularySize)
    throw new UsageError(
      'weights/invalid',
      `tokenizer.json has ${tokenizer.vocabularySize} tokens, the model has embeddings for ${model.vocabularySize}`,
      'give the tokenizer.json that belongs to these weights.',
    );
  const objective = objectiveOf(model.kind);
  const vocabulary = readVocabulary(json, { masked: objective.masks });
  const language = wordLanguage(config, texts.train);
  const words = await createWordFinder(vocabulary, language);
  const train = await toRows(texts.train, { tokenizer, maxTokens, words });
  const val = await toRows(texts.val, { tokenizer, maxTokens, words });
  if (train.length === 0 || val.length === 0)
    throw new UsageError('data/invalid', 'data.texts: no token of them is in the vocabulary', 'give texts that the model can read.');
  const graphs = objective.graphs(model);
  const { padId } = tokenizer;
  const options = batchOptions({ config, vocabulary, padId }, -1);
  const wanted = val.map((row, number) => objective.wanted(row, number, options));
  return {
    config,
    texts,
    model,
    graphs,
    parameters: graphs.evaluation.parameters,
    tokenizerJson: json,
    vocabulary,
    padId,
    train,
    val,
    guess: frequencyGuess(train.map(objective.tellable), wanted, model.vocabularySize),
    language,
    ...firstWeights(graphs.training.parameters, config.training.seed, start),
  };
}

/** @param epoch -1 for val, which is masked alike each time */
export const batchOptions = (
  { config, vocabulary, padId }: Pick<Prepared, 'config' | 'vocabulary' | 'padId'>,
  epoch: number,
): BatchOptions => ({ vocabulary, padId, masking: config.masking, seed: config.training.seed, epoch });

const makeVocabulary = ({ model, text }: PretrainConfig, train: readonly Unlabelled[]): Promise<string> =>
  trainWordPiece({
    texts: train.flatMap(({ text: one, pair }) => (pair === undefined ? [one] : [one, pair])),
    vocabularySize: (model.vocabularySize as number | undefined) ?? 8000,
    lowercase: text.lowercase,
    alphabetLimit: 6000, // a character of Chinese is a word
  });

/** Whose words are kept whole; undefined where each token stands for itself. */
function wordLanguage({ masking, data }: PretrainConfig, train: readonly Unlabelled[]): Language | undefined {
  const { wholeWord = false }: Partial<Masking> = masking ?? {};
  if (wholeWord === false) return undefined;
  return wholeWord === true ? (data.language ?? detectLanguage(train.map(({ text }) => text)) ?? 'en') : wholeWord;
}
