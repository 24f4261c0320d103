/** @file Everything that pre-training starts from: rows of tokens, the graphs, and the first weights. */
import { fromStored, matchWeights, type Parameter, storedShapes, trainWordPiece, UsageError } from '../../models/index.js';
import { createTokenizer } from '../../models/text/node.js';
import type { Unlabelled } from '../data/example.js';
import { detectLanguage, type Language } from '../data/language/language.js';
import type { EngineGraphs, NamedArrays } from '../engines/engine.js';
import { initialWeights } from '../trainer/initial-weights.js';
import { checkKeepTokens, keepTokens } from '../trainer/keep-tokens.js';
import { toInput } from '../trainer/prepare.js';
import { type Pretrained, readPretrained } from '../trainer/pretrained.js';
import type { PretrainConfig } from './config.js';
import { frequencyGuess, type Guess } from './guess.js';
import type { Masking, Row } from './masking.js';
import { completeLanguageModel, type LanguageModelConfig } from './model.js';
import { type BatchOptions, objectiveOf } from './objectives.js';
import { toRows } from './rows.js';
import { readTexts, type Texts } from './texts.js';
import { readVocabulary, type Vocabulary } from './vocabulary.js';
import { createWordFinder } from './words.js';

export type Prepared = {
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
  readonly weights: NamedArrays;
  /** Pre-trained weights that nothing took, and parameters that none was for. Both empty from scratch. */
  readonly unused: readonly string[];
  readonly initialised: readonly string[];
};

/** @param tokenizerJson of the run that is resumed: a vocabulary is made once */
export async function preparePretraining(config: PretrainConfig, tokenizerJson?: string): Promise<Prepared> {
  checkKeepTokens(config.model);
  const texts = await readTexts(config);
  const pretrained = await startingPoint(config, texts.train, tokenizerJson);
  const json = tokenizerJson ?? pretrained?.tokenizerJson ?? (await makeVocabulary(config, texts.train));
  const tokenizer = createTokenizer(json);
  const { maxTokens } = config.text;
  const model = completeLanguageModel(config.model, {
    vocabularySize: pretrained?.encoder.vocabularySize ?? tokenizer.vocabularySize,
    maxTokens,
    encoder: pretrained?.encoder,
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
    ...firstWeights(graphs, config.training.seed, pretrained),
  };
}

/** @param epoch -1 for val, which is masked alike each time */
export const batchOptions = (
  { config, vocabulary, padId }: Pick<Prepared, 'config' | 'vocabulary' | 'padId'>,
  epoch: number,
): BatchOptions => ({ vocabulary, padId, masking: config.masking, seed: config.training.seed, epoch });

async function startingPoint({ model }: PretrainConfig, train: readonly Unlabelled[], tokenizerJson: string | undefined) {
  if (!model.pretrained) return undefined;
  const pretrained = await readPretrained(model.pretrained);
  const keep = model.keepTokens;
  return keep === undefined ? pretrained : keepTokens(pretrained, { keep, texts: train.map(toInput), tokenizerJson });
}

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

function firstWeights(
  { training: { parameters } }: EngineGraphs,
  seed: number,
  pretrained: Pretrained | undefined,
): Pick<Prepared, 'weights' | 'unused' | 'initialised'> {
  const weights = new Map(initialWeights(parameters, seed));
  if (!pretrained) return { weights, unused: [], initialised: [] };
  const { weights: matched, unused, missing, mismatched } = matchWeights(storedShapes(parameters), pretrained.weights);
  const [wrong] = mismatched;
  if (wrong)
    throw new UsageError(
      'weights/invalid',
      `pre-trained ${wrong.name} is [${wrong.given}], the model wants [${wrong.expected}]`,
      'give the config.json that belongs to these weights.',
    );
  for (const [name, { data }] of fromStored(parameters, matched)) weights.set(name, data as Float32Array);
  return { weights, unused, initialised: missing };
}
