/** @file The names of persons, places and bodies that texts speak of. */
import { setImmediate } from 'node:timers/promises';
import { knownNames } from './dictionary.js';
import { loadJieba } from './jieba.js';
import type { Language } from './language.js';

type Extractor = (text: string) => readonly string[];
const extractors: { readonly [L in Language]: () => Promise<Extractor> } = { en: englishNames, zh: chineseNames };

/** For each text its names, each once, in the order in which they come. Lets other work run in between.
 *  @throws UsageError `data/missing` where the library of the language does not load */
export async function extractEntities(texts: readonly string[], language: Language): Promise<readonly (readonly string[])[]> {
  const extract = await extractors[language]();
  const found: (readonly string[])[] = [];
  for (const [at, text] of texts.entries()) {
    if (at % 50 === 0) await setImmediate();
    found.push([...new Set(extract(text))].sort((a, b) => text.indexOf(a) - text.indexOf(b)));
  }
  return found;
}

/** compromise knows words and guesses the rest by how they are written. It takes titles and headings for persons at times: a name has a
 *  capital letter. */
async function englishNames(): Promise<Extractor> {
  const { default: nlp } = await import('compromise');
  return (text) =>
    (nlp(text).topics().out('array') as string[])
      .map((name) => name.replace(/^[^\p{L}\p{N}#@]+|[^\p{L}\p{N}.]+$/gu, '').replace(/['’]s?$/u, ''))
      .map((name) => (/\.\p{L}+\.$/u.test(name) ? name : name.replace(/\.+$/, ''))) // U.S. keeps its dot
      .filter((name) => /^\p{Lu}/u.test(name) && name.length > 1 && !titles.has(name.toLowerCase()));
}

const titles = new Set(['president', 'minister', 'governor', 'senator', 'director-general', 'prime minister', 'mr', 'mrs', 'dr', 'pm']);

/** Two dictionaries must agree: jieba takes a word for a name (nr, ns, nt, nz), and the other does not have it as anything but one. Each is
 *  wrong alone (jieba's has "seat belt" as a person). Names of bodies of four characters or more need jieba only. Persons that no dictionary
 *  has are known by their surname. */
async function chineseNames(): Promise<Extractor> {
  const [jieba, names] = await Promise.all([loadJieba(), knownNames()]);
  const isName = (word: string, tag: string): boolean => {
    if (!/^\p{Script=Han}[\p{Script=Han}·]+$/u.test(word)) return false;
    if (/^n[rstz]/.test(tag)) return names.get(word) ?? true;
    return tag === 'x' && !names.has(word) && person.test(word);
  };
  return (text) => jieba.tag(text, true).flatMap(({ word, tag }) => (isName(word, tag) || isBody(word, tag) ? [word] : []));
}

const isBody = (word: string, tag: string): boolean => tag === 'nt' && word.length >= 4;

/** The commonest surnames that are not also common words, and one or two characters of a given name; a surname with 某 is nobody. */
const person =
  /^[王李张刘陈杨赵吴周徐孙胡朱郭何林郑梁谢宋唐许韩冯邓曹彭曾肖董袁潘蒋蔡杜叶程魏吕丁任沈姚卢姜崔谭陆汪范廖贾邹熊秦邱尹薛闫侯陶黎贺郝龚邵严覃戴][^某\p{P}]{1,2}$/u;
