/** @file Everything a run starts from: texts as token ids, labels, and the first weights. */
import {
  type ArchitectureConfig,
  bertSchema,
  type Encoding,
  fromStored,
  matchWeights,
  type Parameter,
  storedShapes,
  type TextInput,
  trainWordPiece,
  UsageError,
  type Weights,
} from '../../models/index.js';
import { createTokenizer } from '../../models/text/node.js';

import { type Dataset, type Example, loadDataset } from '../data/dataset.js';
import type { EngineGraphs, NamedArrays } from '../engines/engine.js';
import { type ClassifierDefinition, classifierGraphs } from '../objective/classifier-step.js';
import type { TrainConfig } from './config.js';
import { initialWeights } from './initial-weights.js';
import { readPretrained } from './pretrained.js';

export type EncodedSplit = { readonly examples: readonly Example[]; readonly encodings: readonly Encoding[]; readonly truncated: number };

export type Prepared = {
  readonly config: TrainConfig;
  readonly dataset: Dataset;
  readonly definition: ClassifierDefinition;
  readonly graphs: EngineGraphs;
  /** Of the classifier as it is evaluated and exported. */
  readonly parameters: readonly Parameter[];
  readonly tokenizerJson: string;
  readonly padId: number;
  readonly train: EncodedSplit;
  readonly val: EncodedSplit;
  readonly weights: NamedArrays;
  /** Pre-trained weights that nothing took, and parameters that none was for. Both empty from scratch. */
  readonly unused: readonly string[];
  readonly initialised: readonly string[];
};

/** @param tokenizerJson of the run that is resumed: a vocabulary is made once */
export async function prepare(config: TrainConfig, tokenizerJson?: string): Promise<Prepared> {
  const dataset = await loadDataset(config.data);
  checkPolicy(config, dataset.labels);
  const { splits, labels } = dataset;
  const pretrained = config.model.pretrained ? await readPretrained(config.model.pretrained, config.model) : undefined;
  const json = tokenizerJson ?? pretrained?.tokenizerJson ?? (await makeVocabulary(config, splits.train));
  const tokenizer = createTokenizer(json);
  const architecture = pretrained?.architecture ?? fromScratch(config, tokenizer.vocabularySize);
  if (config.text.maxTokens > architecture.maxPositions) {
    throw new UsageError(
      'config/invalid',
      `text.maxTokens ${config.text.maxTokens}: the model has positions for ${architecture.maxPositions} tokens`,
      `set text.maxTokens to at most ${architecture.maxPositions}.`,
    );
  }
  if (tokenizer.vocabularySize > architecture.vocabularySize) {
    throw new UsageError(
      'weights/invalid',
      `tokenizer.json has ${tokenizer.vocabularySize} tokens, the model has embeddings for ${architecture.vocabularySize}`,
      'give the tokenizer.json that belongs to these weights.',
    );
  }
  const definition = { architecture, labels: labels.length, ...trainedBy(config) };
  const graphs = classifierGraphs(definition);
  if (graphs.training.trained.size === 0)
    throw new UsageError(
      'config/invalid',
      `training.trainOnly: no parameter matches ${config.training.trainOnly?.join(', ')}`,
      'name parameters such as "^classifier".',
    );
  const encode = async (examples: readonly Example[]): Promise<EncodedSplit> => {
    const encodings = await tokenizer.encode(examples.map(toInput), config.text.maxTokens);
    return { examples, encodings, truncated: encodings.filter(({ truncated }) => truncated).length };
  };
  return {
    config,
    dataset,
    definition,
    graphs,
    parameters: graphs.evaluation.parameters,
    tokenizerJson: json,
    padId: tokenizer.padId,
    train: await encode(splits.train),
    val: await encode(splits.val),
    ...firstWeights(graphs.training.parameters, config.training.seed, pretrained?.weights),
  };
}

export const toInput = ({ text, pair }: Pick<Example, 'text' | 'pair'>): TextInput => (pair === undefined ? text : [text, pair]);

function firstWeights(
  parameters: readonly Parameter[],
  seed: number,
  stored: Weights | undefined,
): Pick<Prepared, 'weights' | 'unused' | 'initialised'> {
  const weights = new Map(initialWeights(parameters, seed));
  if (!stored) return { weights, unused: [], initialised: [] };
  const { weights: matched, unused, missing, mismatched } = matchWeights(storedShapes(parameters), stored);
  const wrong = mismatched.find(({ name }) => !name.startsWith('classifier.'));
  if (wrong) {
    throw new UsageError(
      'weights/invalid',
      `pre-trained ${wrong.name} is [${wrong.given}], the model wants [${wrong.expected}]`,
      'give the config.json that belongs to these weights.',
    );
  }
  for (const [name, { data }] of fromStored(parameters, matched)) weights.set(name, data as Float32Array);
  return { weights, unused, initialised: [...missing, ...mismatched.map(({ name }) => name)] };
}

const makeVocabulary = ({ model, text }: TrainConfig, train: readonly Example[]): Promise<string> =>
  trainWordPiece({
    texts: train.flatMap(({ text: one, pair }) => (pair === undefined ? [one] : [one, pair])),
    vocabularySize: model.vocabularySize ?? bertSchema.shape.vocabularySize.parse(undefined),
    lowercase: text.lowercase,
  });

/** A BERT of the sizes asked for, its table as large as the vocabulary turned out. */
function fromScratch({ model, text }: TrainConfig, vocabularySize: number): ArchitectureConfig {
  const { pretrained: _, maxPositions = Math.max(128, text.maxTokens), ...sizes } = model;
  const parsed = bertSchema.safeParse({ ...sizes, maxPositions, vocabularySize });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UsageError('config/invalid', `model.${issue!.path.join('.')}: ${issue!.message}`, 'change the sizes of the model.');
}

function trainedBy({ training }: TrainConfig): Pick<ClassifierDefinition, 'trained'> {
  if (!training.trainOnly) return {};
  const patterns = training.trainOnly.map((pattern) => new RegExp(pattern));
  return { trained: (name) => patterns.some((pattern) => pattern.test(name)) };
}

function checkPolicy({ policy }: TrainConfig, labels: readonly string[]): void {
  const stranger = policy.hold?.find((label) => !labels.includes(label));
  if (stranger !== undefined)
    throw new UsageError(
      'config/invalid',
      `policy.hold: there is no label ${JSON.stringify(stranger)}`,
      `use some of ${labels.join(', ')}.`,
    );
}
