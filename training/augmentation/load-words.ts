/** @file The word lists of a language, for easy data augmentation. */
import type { Language } from '../data/language/language.js';
import { loadStopWords } from '../data/language/stop-words.js';
import { loadThesaurus } from '../data/language/thesaurus.js';
import { createSegmenter } from '../data/language/tokens.js';
import type { Words } from './eda.js';

const between: { readonly [L in Language]: string } = { en: ' ', zh: '' };

/** About a second. Nothing keeps them: hold on to what comes. */
export async function loadWords(language: Language): Promise<Words> {
  const [segment, synonyms, stopWords] = await Promise.all([createSegmenter(language), loadThesaurus(language), loadStopWords(language)]);
  return { segment, synonyms, stopWords, between: between[language] };
}
