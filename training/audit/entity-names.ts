/** @file The names in each text: as the data give them, or found. */
import { extractEntities } from '../data/language/extract-entities.js';
import type { Language } from '../data/language/language.js';
import { createRandom } from '../data/random.js';
import type { EntityRates } from './entity-rates.js';
import { type AuditData, type AuditRecord, wholeText } from './records.js';

/** Names of each text. */
export type EntityFinder = (texts: readonly string[]) => Promise<readonly (readonly string[])[]>;

export type NamingOptions = {
  readonly find?: EntityFinder | undefined;
  /** Texts that names are looked for in, at most: a sample of more. */
  readonly limit: number;
  readonly seed: number;
};

export type NamedData = {
  readonly data: AuditData;
  readonly source: EntityRates['source'];
};

/** The finder of `training/data`, a part of the texts at a time. */
export function entityFinder(language: Language, onProgress: (done: number, total: number) => void): EntityFinder {
  return async (texts) => {
    const found: (readonly string[])[] = [];
    for (let at = 0; at < texts.length; at += 250) {
      onProgress(at, texts.length);
      found.push(...(await extractEntities(texts.slice(at, at + 250), language)));
    }
    onProgress(texts.length, texts.length);
    return found;
  };
}

/** Given names where any text has some; else those that are found. */
export async function withEntities(data: AuditData, options: NamingOptions): Promise<NamedData> {
  if (data.records.some(({ entities }) => (entities?.length ?? 0) > 0)) return { data, source: 'given' };
  const none = !options.find || options.limit === 0 || data.records.length === 0;
  return none ? { data, source: 'none' } : { data: await replaceEntities(data, options), source: 'extracted' };
}

/** The names that stand in the texts, for masking and swapping: given names often do not (a speaker, a subject), so where fewer than a tenth
 *  of the texts hold one of theirs, names are found instead. */
export async function entitiesInTexts({ data, source }: NamedData, options: NamingOptions): Promise<AuditData> {
  if (source !== 'given' || !options.find || options.limit === 0) return data;
  const holding = data.records.filter(({ text, entities }) => entities?.some((entity) => positionOf(text, entity) >= 0)).length;
  return holding * 10 < data.records.length ? replaceEntities(data, options) : data;
}

/** Where a name stands in a text, whatever its case, and not within a longer word; -1 where it does not. */
export function positionOf(text: string, entity: string, from = 0): number {
  const lower = text.toLowerCase();
  // A text that changes length when lower-cased would shift every position.
  const searched = lower.length === text.length ? lower : text;
  const name = searched === lower ? entity.toLowerCase() : entity;
  if (name === '') return -1;
  for (let at = searched.indexOf(name, from); at >= 0; at = searched.indexOf(name, at + 1)) {
    const before = searched.slice(Math.max(0, at - 1), at);
    const after = searched.slice(at + name.length, at + name.length + 1);
    if (!joins(before, name[0]!) && !joins(name.at(-1)!, after)) return at;
  }
  return -1;
}

/** Letters of scripts with spaces that stand together are one word. */
function joins(left: string, right: string): boolean {
  const letter = /[\p{L}\p{N}]/u;
  const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;
  return letter.test(left) && letter.test(right) && !unspaced.test(left) && !unspaced.test(right);
}

/** Two fifths of the sample are of the last split, which a model is tried on. Texts outside the sample are left without names. */
async function replaceEntities(data: AuditData, { find, limit, seed }: NamingOptions): Promise<AuditData> {
  const last = data.splits.filter(({ records }) => records.length > 0).at(-1)?.name;
  const shuffled = createRandom(seed).shuffle(data.records);
  const favoured = shuffled.filter(({ split }) => split === last).slice(0, Math.ceil(limit * 0.4));
  const sample = new Set<AuditRecord>(favoured);
  for (const record of shuffled) if (sample.size < limit) sample.add(record);
  const looked = data.records.filter((record) => sample.has(record));
  const found = await find!(looked.map(wholeText));
  const names = new Map(looked.map((record, i) => [record, found[i] ?? []]));
  const named = (record: AuditRecord): AuditRecord => {
    const { entities: _, ...rest } = record;
    const entities = names.get(record);
    return entities ? { ...rest, entities } : rest;
  };
  const splits = data.splits.map((split) => ({ ...split, records: split.records.map(named) }));
  return { ...data, splits, records: splits.flatMap(({ records }) => records) };
}
