/** @file Everything a run starts from: texts as token ids, targets, the graphs, and the first weights. */
import {
  bertSchema,
  type Encoding,
  limitsOf,
  type Parameter,
  readingsOf,
  type Tensors,
  type TextInput,
  type Tokenizer,
  trainWordPiece,
  UsageError,
} from '../../models/index.js';
import { createTokenizer } from '../../models/text/node.js';
import { type Dataset, loadDataset } from '../data/dataset.js';
import { countLabels, type Example, type Unlabelled } from '../data/example.js';
import type { EngineGraphs } from '../engines/engine.js';
import { defaultLoss, resolveLoss } from '../losses/loss.js';
import { type ClassifierDefinition, classifierGraphs } from '../objective/classifier-step.js';
import { checkObjective, checkPasses } from './check-objective.js';
import { completeModel, vocabularyAsked } from './complete-model.js';
import { defaultRate, type RatedConfig, type TrainConfig, withRate } from './config.js';
import { entityColumn } from './entity-column.js';
import { type Column, createEpochs, type Epochs } from './epochs.js';
import { type FirstWeights, firstWeights, type StartingPoint, startingPoint } from './starting-point.js';
import { openTeacher, type Teacher } from './teacher.js';
import { createUnlabelledFeed, type UnlabelledFeed } from './unlabelled-feed.js';
import { variation } from './variation.js';

export type EncodedVal = {
  readonly examples: readonly Example[];
  /** What is run for each: the text, or a pair in both orders. */
  readonly encodings: readonly Encoding[];
  /** Which example each encoding is of. */
  readonly of: readonly number[];
  readonly truncated: number;
  /** Share of the tokens that the vocabulary has no piece for, 0 to 1. */
  readonly unknown: number;
  /** Where frozen layers are not run again: what they make of the encodings at these places, as inputs of the evaluation graph. */
  readonly features?: (rows: readonly number[]) => Tensors;
};

export type Prepared = FirstWeights & {
  readonly config: RatedConfig;
  readonly dataset: Dataset;
  readonly definition: ClassifierDefinition;
  readonly graphs: EngineGraphs;
  /** Of the classifier as it is evaluated and exported. */
  readonly parameters: readonly Parameter[];
  readonly tokenizerJson: string;
  readonly padId: number;
  readonly train: { readonly epochs: Epochs; readonly truncated: number };
  readonly val: EncodedVal;
  /** Inputs that come with each step and belong to no row of train. */
  readonly unlabelled: UnlabelledFeed | undefined;
  readonly teacher: Teacher | undefined;
  /** What goes on with the weights that it started from. */
  readonly terms: { readonly license?: string; readonly notice?: string };
  /** What frozen layers make of the texts, where it is kept: how much that is, and whether the steps too read it. */
  readonly kept?: { readonly bytes: number; readonly training: boolean };
};

/** @param tokenizerJson of the run that is resumed: a vocabulary is made once */
export async function prepare(given: TrainConfig, tokenizerJson?: string): Promise<Prepared> {
  const dataset = await loadDataset(given.data);
  const { splits, labels, task } = dataset;
  checkPolicy(given, labels);
  checkObjective(given, dataset);
  const start = await startingPoint(given.model, splits.train.map(toInput), tokenizerJson);
  const json = tokenizerJson ?? start?.tokenizerJson ?? (await makeVocabulary(given, splits.train));
  const tokenizer = createTokenizer(json);
  const architecture = completeModel(given.model, {
    vocabularySize: start?.vocabularySize ?? tokenizer.vocabularySize,
    maxTokens: given.text.maxTokens,
    encoder: start?.encoder,
  });
  const config = withRate(given, defaultRate((architecture.kind === 'endef' ? architecture.content : architecture).width));
  checkTexts(config, architecture, tokenizer);

  const { distillation } = config.objective;
  const student = { labels, task, example: toInput(splits.train[0]!) };
  const teacher =
    distillation &&
    (await openTeacher(distillation.teacher, student, { features: distillation.features > 0, threads: config.training.threads }));
  try {
    return await assemble(config, { dataset, start, tokenizerJson: json, tokenizer, architecture, teacher });
  } catch (error) {
    await teacher?.dispose();
    throw error;
  }
}

type Material = Pick<Prepared, 'dataset' | 'tokenizerJson' | 'teacher'> & {
  readonly start: StartingPoint | undefined;
  readonly tokenizer: Tokenizer;
  readonly architecture: ClassifierDefinition['architecture'];
};

async function assemble(
  config: RatedConfig,
  { dataset, start, tokenizerJson, tokenizer, architecture, teacher }: Material,
): Promise<Prepared> {
  const { splits, labels, task } = dataset;
  const { loss, distillation, ...others } = config.objective;
  const definition: ClassifierDefinition = {
    architecture,
    labels: labels.length,
    task,
    loss: resolveLoss(loss ?? defaultLoss(task), countLabels(splits.train, labels.length)),
    regularisers: { ...others, ...(distillation ? { distillation } : {}) },
    ...(teacher?.width === undefined ? {} : { teacherWidth: teacher.width }),
    ...trainedBy(config),
  };
  const graphs = classifierGraphs(definition);
  checkPasses(config, graphs.training.masks.length);
  if (!graphs.evaluation.parameters.some(({ value }) => graphs.training.trained.has(value.name)))
    throw new UsageError(
      'config/invalid',
      `training.trainOnly: no parameter matches ${config.training.trainOnly?.join(', ')}`,
      'name parameters such as "^classifier".',
    );

  const encode = (examples: readonly Unlabelled[]) => tokenizer.encode(examples.map(toInput), config.text.maxTokens);
  const needsEntities = graphs.training.builder.graph([graphs.training.loss]).inputs.some(({ name }) => name === 'entity_ids');
  const columns: Column[] = [
    ...(needsEntities ? [entityColumn(tokenizer, specialToken(tokenizerJson, 'sep'))] : []),
    ...(teacher ? [teacher.column] : []),
  ];
  const { examples, vary, reword } = await variation(config, dataset, specialToken(tokenizerJson, 'mask'));
  const epochs = await createEpochs({ examples, vary, encode, padId: tokenizer.padId, columns });
  return {
    config,
    dataset,
    definition,
    graphs,
    parameters: graphs.evaluation.parameters,
    tokenizerJson,
    padId: tokenizer.padId,
    train: { epochs, truncated: (await epochs.load(0)).truncated },
    val: await encodeVal(splits.val, { config, tokenizer, tokenizerJson }),
    unlabelled: unlabelledFeed(config, dataset, { reword, encode, padId: tokenizer.padId }),
    teacher,
    terms: start?.classifier ?? {},
    ...firstWeights(graphs.training.parameters, config.training.seed, start, { names: headOf(graphs.evaluation), labels }),
  };
}

export const toInput = ({ text, pair }: Pick<Example, 'text' | 'pair'>): TextInput => (pair === undefined ? text : [text, pair]);

type ValParts = { readonly config: TrainConfig; readonly tokenizer: Tokenizer; readonly tokenizerJson: string };

async function encodeVal(
  examples: readonly Example[],
  { config: { data, text }, tokenizer, tokenizerJson }: ValParts,
): Promise<EncodedVal> {
  const { inputs, of } = readingsOf(examples.map(toInput), data.pairs);
  const encodings = await tokenizer.encode(inputs, text.maxTokens);
  const cut = new Set(encodings.flatMap(({ truncated }, i) => (truncated ? [of[i]!] : [])));
  return { examples, encodings, of, truncated: cut.size, unknown: unknownShare(encodings, tokenizerJson) };
}

type FeedParts = Pick<Parameters<typeof createUnlabelledFeed>[0], 'reword' | 'encode' | 'padId'>;

function unlabelledFeed({ objective: { uda }, training }: TrainConfig, { unlabelled = [] }: Dataset, parts: FeedParts) {
  if (!uda) return undefined;
  const { batchSize: labelledBatch, bucketMultiplier, seed } = training;
  return createUnlabelledFeed({ texts: unlabelled, labelledBatch, ratio: uda.ratio, bucketMultiplier, seed, ...parts });
}

function headOf({ builder, parameters, features }: EngineGraphs['evaluation']): ReadonlySet<string> {
  const below = new Set(builder.graph(features ? [features] : []).inputs.map(({ name }) => name));
  return new Set(parameters.flatMap(({ value }) => (below.has(value.name) ? [] : [value.name])));
}

const makeVocabulary = ({ model, text }: TrainConfig, train: readonly Example[]): Promise<string> =>
  trainWordPiece({
    texts: train.flatMap(({ text: one, pair }) => (pair === undefined ? [one] : [one, pair])),
    vocabularySize: vocabularyAsked(model) ?? bertSchema.shape.vocabularySize.parse(undefined),
    lowercase: text.lowercase,
  });

function checkTexts({ text }: TrainConfig, architecture: ClassifierDefinition['architecture'], tokenizer: Tokenizer): void {
  const { tokens: longest, vocabulary } = limitsOf(architecture);
  if (text.maxTokens > longest) {
    throw new UsageError(
      'config/invalid',
      `text.maxTokens ${text.maxTokens}: the model has positions for ${longest} tokens`,
      `set text.maxTokens to at most ${longest}.`,
    );
  }
  if (tokenizer.vocabularySize > vocabulary) {
    throw new UsageError(
      'weights/invalid',
      `tokenizer.json has ${tokenizer.vocabularySize} tokens, the model has embeddings for ${vocabulary}`,
      'give the tokenizer.json that belongs to these weights.',
    );
  }
}

/** A special token of the tokenizer by what it is for, such as `[SEP]` or `<sep>`; nothing where it has none. */
const specialToken = (tokenizerJson: string, name: 'sep' | 'mask'): string => addedToken(tokenizerJson, name)?.content ?? '';

function addedToken(tokenizerJson: string, name: 'sep' | 'mask' | 'unk') {
  const { added_tokens: added = [] } = JSON.parse(tokenizerJson) as { added_tokens?: readonly { content: string; id: number }[] };
  return added.find(({ content }) => content.replace(/\W/g, '').toLowerCase() === name);
}

function unknownShare(encodings: readonly Encoding[], tokenizerJson: string): number {
  const unknown = addedToken(tokenizerJson, 'unk')?.id;
  const count = (of: (id: number) => boolean): number => encodings.reduce((sum, { ids }) => sum + ids.filter(of).length, 0);
  return (
    count((id) => id === unknown) /
    Math.max(
      1,
      count(() => true),
    )
  );
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
