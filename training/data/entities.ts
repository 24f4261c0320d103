/** @file The names of each example, from where the config says. */
import { UsageError } from '../../models/index.js';
import type { DataConfig } from './data-config.js';
import { extractEntities } from './language/extract-entities.js';
import { detectLanguage, type Language } from './language/language.js';

type Named = { readonly text: string; readonly pair?: string; readonly entities?: readonly string[] };
type Finish = <T extends Named>(examples: readonly T[]) => Promise<readonly T[]>;

const sources: { readonly [E in DataConfig['entities']]: (language: Language | undefined) => Finish } = {
  given: () => async (examples) => examples,
  none: () => async (examples) => examples.map(({ entities: _, ...rest }) => rest as (typeof examples)[number]),
  extract: (language) => {
    if (!language) {
      const what = 'data.entities is extract, but the texts of train are neither English nor Chinese, and names are found in these alone';
      throw new UsageError(
        'config/invalid',
        what,
        'give the names in the file, or set data.language if the texts are English or Chinese after all.',
      );
    }
    return async (examples) => {
      const found = await extractEntities(
        examples.map(({ text, pair }) => (pair === undefined ? text : `${text}\n${pair}`)),
        language,
      );
      return examples.map((example, at) => ({ ...example, entities: found[at]! }));
    };
  },
};

/** The language of the texts, and what gives each example its names.
 *  @throws UsageError `config/invalid` where names shall be found in a language that nothing here knows */
export async function withEntities(
  { entities, language: given }: Pick<DataConfig, 'entities' | 'language'>,
  train: readonly Named[],
): Promise<{ readonly finish: Finish; readonly language: Language | undefined }> {
  const language = given ?? detectLanguage(train.map(({ text }) => text));
  return { finish: sources[entities](language), language };
}
