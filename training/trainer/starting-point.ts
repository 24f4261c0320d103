/** @file What a model starts from: pre-trained weights, all of them or the word vectors alone, and new ones for the rest. */
import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import { fromStored, matchWeights, type Parameter, storedShapes, type TextInput, UsageError, type Weights } from '../../models/index.js';
import type { NamedArrays } from '../engines/engine.js';
import { vocabularyAsked } from './complete-model.js';
import { initialWeights } from './initial-weights.js';
import { keepTokens } from './keep-tokens.js';
import type { startKeys } from './model-config.js';
import { type Pretrained, readPretrained } from './pretrained.js';
import { fittingWordVectors, wordVectorsOf } from './word-vectors.js';

/** Without `encoder`, which says kind and sizes that the model then has, where only the word vectors are taken. */
export type StartingPoint = Omit<Pretrained, 'encoder'> & Partial<Pick<Pretrained, 'encoder'>>;

type StartKeys = z.infer<z.ZodObject<typeof startKeys>> & { readonly [key: string]: unknown };

/**
 * @param texts what `keepTokens` counts
 * @param tokenizerJson of the run that is resumed, which says what was kept
 * @throws UsageError `config/invalid` for keys that say what to take where there is nothing to take from; `weights/missing`, `weights/invalid`
 */
export async function startingPoint(
  { pretrained: folder, keepTokens: keep, take = 'all', ...sizes }: StartKeys,
  texts: readonly TextInput[],
  tokenizerJson?: string,
): Promise<StartingPoint | undefined> {
  if (folder === undefined) {
    if (keep !== undefined) throw withoutPretrained('keepTokens: a vocabulary made here has only what the training texts use');
    if (take !== 'all') throw withoutPretrained(`take: there is nothing to take the ${take} from`);
    return undefined;
  }
  if (take === 'words' && vocabularyAsked(sizes) !== undefined)
    throw new UsageError(
      'config/invalid',
      'model.vocabularySize: with model.take the vocabulary is the pre-trained one',
      'say in model.keepTokens how many of its pieces to keep.',
    );
  const whole = await readPretrained(folder);
  const pretrained = keep === undefined ? whole : await keepTokens(whole, { keep, texts, tokenizerJson });
  if (take === 'all') return pretrained;
  const { encoder: _, ...rest } = pretrained;
  return { ...rest, weights: wordVectorsOf(pretrained, folder) };
}

const withoutPretrained = (what: string): UsageError =>
  new UsageError('config/invalid', `model.${what}`, 'take it out, or give model.pretrained.');

export type FirstWeights = {
  readonly weights: NamedArrays;
  /** Pre-trained weights that nothing took, and parameters that none was for. Both empty from scratch. */
  readonly unused: readonly string[];
  readonly initialised: readonly string[];
};

export type Head = {
  /** Parameters that stand between the features and the logits: theirs is the number of labels, which other data have otherwise. */
  readonly names: ReadonlySet<string>;
  readonly labels: readonly string[];
};

/**
 * New weights by the seed, and over them those that the start has.
 *
 * @param head what is new where the start has other labels, or another number of them; without it nothing may differ
 * @throws UsageError `weights/invalid`
 */
export function firstWeights(parameters: readonly Parameter[], seed: number, start: StartingPoint | undefined, head?: Head): FirstWeights {
  if (!start) return { weights: initialWeights(parameters, seed), unused: [], initialised: [] };
  const wanted = storedShapes(parameters);
  const given = start.encoder ? withoutForeignHead(start, head) : fittingWordVectors(start.weights, wanted);
  const { weights: matched, unused, missing, mismatched } = matchWeights(wanted, given);
  const wrong = mismatched.find(({ name }) => !head?.names.has(name));
  if (wrong)
    throw new UsageError(
      'weights/invalid',
      `pre-trained ${wrong.name} is [${wrong.given}], the model wants [${wrong.expected}]`,
      'give the config.json that belongs to these weights, and take what it says out of model.',
    );
  const known = new Map([...fromStored(parameters, matched)].map(([name, { data }]) => [name, data as Float32Array]));
  return { weights: initialWeights(parameters, seed, known), unused, initialised: [...missing, ...mismatched.map(({ name }) => name)] };
}

/** What a head of ours has learnt is of use where it told the same labels. */
function withoutForeignHead({ weights, classifier }: StartingPoint, head: Head | undefined): Weights {
  if (!classifier || !head || isDeepStrictEqual(classifier.labels, head.labels)) return weights;
  return new Map([...weights].filter(([name]) => !head.names.has(name)));
}
