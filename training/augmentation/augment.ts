/** @file Texts in other words: what the config asks for, put together. Each wording hangs on seed, epoch and the text's place alone. */
import { UsageError } from '../../models/index.js';
import type { Unlabelled } from '../data/example.js';
import type { Language } from '../data/language/language.js';
import { createSegmenter, type Segmenter } from '../data/language/tokens.js';
import { createRandom, type Random } from '../data/random.js';
import { swapped } from '../data/text-key.js';
import type { AugmentationConfig, EdaConfig } from './augmentation-config.js';
import { chooseOperation, eda } from './eda.js';
import { augmentEntities } from './entity-augmentation.js';
import { loadWords } from './load-words.js';

/** Further texts to an example, such as a language model's. Pure: the same random numbers give the same texts. */
export type TextAugmenter = <T extends Unlabelled>(example: T, random: Random) => readonly T[];

export type AugmenterOptions = {
  /** What words are cut by; `undefined` where the texts are in none of the known languages. */
  readonly language: Language | undefined;
  /** The mask token of the tokenizer. */
  readonly mask: string;
  /** Their texts come after all others. */
  readonly further?: readonly TextAugmenter[];
};

/** Where in a run the texts are wanted. */
export type Moment = { readonly seed: number; readonly epoch: number };

export type Augmenter = {
  /** The examples, some changed where the config says so, then as often as there are copies the copies of all of them: the copy c of example i
   *  is at c · examples + i. Then what further augmenters give. */
  augment<T extends Unlabelled>(examples: readonly T[], moment: Moment): readonly T[];
  /** Each example in other words, one for one. */
  reword<T extends Unlabelled>(examples: readonly T[], moment: Moment): readonly T[];
};

/** Loads the word lists that the config needs and no others.
 *  @throws UsageError `config/invalid` where words are wanted of a language that nothing here knows */
export async function createAugmenter(config: AugmentationConfig, { language, mask, further = [] }: AugmenterOptions): Promise<Augmenter> {
  const copy = config.eda ? await createCopier(config.eda, known(language, 'augmentation.eda')) : undefined;
  const change = await createChanger(config, language, mask);
  const copies = config.eda?.copies ?? 0;
  return {
    augment(examples, moment) {
      const worded = Array.from({ length: copies }, (_, turn) =>
        examples.map((example, at) => copy!(example, randomAt(moment, at, 1 + turn))),
      ).flat();
      const changed = [...examples, ...worded].map((example, at) => change(example, randomAt(moment, at, 0)));
      const more = further.flatMap((augmenter, turn) =>
        examples.flatMap((example, at) => augmenter(example, randomAt(moment, at, -1 - turn))),
      );
      return [...changed, ...more];
    },
    reword: (examples, moment) =>
      examples.map((example, at) => change(copy ? copy(example, randomAt(moment, at, 1)) : example, randomAt(moment, at, 0))),
  };
}

/** The same at once, for one epoch. */
export async function augment<T extends Unlabelled>(
  examples: readonly T[],
  config: AugmentationConfig,
  { seed, epoch, ...options }: AugmenterOptions & Moment,
): Promise<readonly T[]> {
  return (await createAugmenter(config, options)).augment(examples, { seed, epoch });
}

const randomAt = ({ seed, epoch }: Moment, at: number, stage: number): Random => createRandom(seed, epoch, at, stage);

type Change = <T extends Unlabelled>(example: T, random: Random) => T;

async function createCopier(config: EdaConfig, language: Language): Promise<Change> {
  const words = await loadWords(language);
  return (example, random) => {
    const operation = chooseOperation(config, random);
    if (!operation) return example;
    const change = (text: string) => eda(text, operation, config, words, random) || text;
    return { ...example, text: change(example.text), ...(example.pair === undefined ? {} : { pair: change(example.pair) }) };
  };
}

/** What is done to texts in place, one after another. */
async function createChanger({ entities, swapPair }: AugmentationConfig, language: Language | undefined, mask: string): Promise<Change> {
  const segment: Segmenter | undefined = entities && (await createSegmenter(known(language, 'augmentation.entities')));
  return (example, random) => {
    const named = entities
      ? augmentEntities(example, { probability: entities.probability, mask, segment: segment!, language: language! }, random)
      : example;
    return swapPair && random.next() < swapPair.probability ? swapped(named) : named;
  };
}

function known(language: Language | undefined, key: string): Language {
  if (language) return language;
  const what = `${key}: the texts are neither English nor Chinese, and words are known in these alone`;
  throw new UsageError('config/invalid', what, `take ${key} out, or set data.language if the texts are English or Chinese after all.`);
}
