/** @file How much a trained model's answers hang on names: what happens to them when names are masked, or others put in their place. */
import type { TextInput } from '../../models/index.js';
import { createRandom, type Random } from '../data/random.js';
import { indexOfLargest } from '../metrics/confusion.js';
import { positionOf } from './entity-names.js';
import { entityKey } from './entity-rates.js';
import { counted, exampleOf, type Finding, finding, levelByShare, shareOf } from './findings.js';
import { dayOf, periodsOf } from './label-rates.js';
import { type AuditData, type AuditRecord, labelKey } from './records.js';
import { wilson } from './statistics.js';

/** A trained model: a score in 0..1 for each of its labels, for each text. */
export type Answerer = (inputs: readonly TextInput[]) => Promise<readonly (readonly number[])[]>;

export type Flips = {
  readonly texts: number;
  /** Texts whose label changed. */
  readonly flipped: number;
  readonly rate: number;
  /** 95 %. */
  readonly low: number;
  readonly high: number;
  /** Mean change of the score of the label that was answered before, and its mean size. */
  readonly change: number;
  readonly absoluteChange: number;
};

export const perturbations = ['masked', 'swapped', 'control'] as const;
/** `control`: as many other words masked, drawn at random: what any loss of words does. */
export type Perturbation = (typeof perturbations)[number];

export type FlipSlice = { readonly by: 'label' | 'length' | 'period' | 'entity'; readonly name: string } & Readonly<
  Record<Perturbation, Flips>
>;

export type EntityFlips = {
  /** Texts that hold one of their names, of those that were looked at. */
  readonly texts: number;
  readonly of: number;
  readonly split: string;
  readonly all: Readonly<Record<Perturbation, Flips>>;
  readonly slices: readonly FlipSlice[];
  readonly findings: readonly Finding[];
};

export type FlipOptions = {
  readonly answer: Answerer;
  readonly labels: readonly string[];
  /** What stands for a masked name: the model's own token, or nothing. */
  readonly mask: string;
  readonly seed: number;
  /** Texts at most, drawn at random. Default 2000. */
  readonly limit?: number;
};

type Changed = { readonly flipped: boolean; readonly change: number; readonly before: number; readonly after: number };
type Tried = {
  readonly record: AuditRecord;
  readonly entities: readonly string[];
  readonly results: Readonly<Record<Perturbation, Changed>>;
};

const fewestInSlice = 10;

/** On the last split: the one that the model has learned least from. `undefined` where no text there holds a name of its own. */
export async function entityFlips(data: AuditData, options: FlipOptions): Promise<EntityFlips | undefined> {
  const split = data.splits.filter(({ records }) => records.length > 0).at(-1);
  if (!split) return undefined;
  const random = createRandom(options.seed);
  const holding = split.records.flatMap((record) => {
    const entities = [...new Map(namesIn(record).map((entity) => [entityKey(entity), entity])).values()];
    return entities.length > 0 ? [{ record, entities }] : [];
  });
  const chosen = random.shuffle(holding).slice(0, options.limit ?? 2000);
  const pool = data.records.flatMap(namesIn);
  if (chosen.length === 0 || pool.length === 0) return undefined;
  const inputs = {
    plain: chosen.map(({ record }) => inputOf(record)),
    masked: chosen.map(({ record, entities }) => change(record, (text) => replaceNames(text, entities, () => options.mask))),
    swapped: chosen.map(({ record, entities }) => change(record, (text) => replaceNames(text, entities, (entity) => otherName(pool, entity, random)))), // biome-ignore format: short
    control: chosen.map(({ record, entities }) => change(record, (text) => maskOthers(text, entities, options.mask, random))),
  };
  const plain = await options.answer(inputs.plain);
  const changed = async (perturbation: Perturbation): Promise<Changed[]> => {
    const scores = await options.answer(inputs[perturbation]);
    return plain.map((before, i) => {
      const label = indexOfLargest(before);
      const after = indexOfLargest(scores[i]!);
      return { flipped: label !== after, change: scores[i]![label]! - before[label]!, before: label, after };
    });
  };
  const [masked, swapped, control] = [await changed('masked'), await changed('swapped'), await changed('control')];
  const tried = chosen.map((one, i): Tried => ({ ...one, results: { masked: masked[i]!, swapped: swapped[i]!, control: control[i]! } }));
  const all = flipsOf(tried);
  return { texts: tried.length, of: split.records.length, split: split.name, all, slices: slicesOf(tried), findings: [findingOf(tried, all, options.labels, split.name)] }; // biome-ignore format: short
}

const inputOf = ({ text, pair }: Pick<AuditRecord, 'text' | 'pair'>): TextInput => (pair === undefined ? text : [text, pair]);

const change = ({ text, pair }: AuditRecord, by: (text: string) => string): TextInput =>
  inputOf({ text: by(text), ...(pair === undefined ? {} : { pair: by(pair) }) });

function namesIn({ text, pair, entities }: AuditRecord): string[] {
  return (entities ?? []).filter((entity) => positionOf(text, entity) >= 0 || (pair !== undefined && positionOf(pair, entity) >= 0));
}

/** Every occurrence of every name, the longest name first; each name gets the same replacement throughout the text. */
function replaceNames(text: string, entities: readonly string[], replacement: (entity: string) => string): string {
  const marked = [...entities].sort((a, b) => b.length - a.length);
  let result = text;
  const replaced: string[] = [];
  for (const entity of marked) {
    const by = replacement(entity);
    // A place holder first: a name that was put in must not be taken for one that was there.
    for (let at = positionOf(result, entity); at >= 0; at = positionOf(result, entity)) {
      result = `${result.slice(0, at)}\ue000${String.fromCharCode(0xe100 + replaced.length)}${result.slice(at + entity.length)}`;
    }
    replaced.push(by);
  }
  return result.replace(/\ue000([\ue100-\uf8ff])/g, (_, index: string) => replaced[index.charCodeAt(0) - 0xe100]!);
}

/** Drawn by how often names are used; another one than this, where there is one. */
function otherName(pool: readonly string[], entity: string, random: Random): string {
  for (let i = 0; i < 20; i++) {
    const drawn = pool[random.below(pool.length)]!;
    if (entityKey(drawn) !== entityKey(entity)) return drawn;
  }
  return entity;
}

/** Masks as many words outside the names as the names have. */
function maskOthers(text: string, entities: readonly string[], mask: string, random: Random): string {
  const segments = Array.from(words.segment(text), ({ segment, isWordLike }) => ({ segment, isWord: isWordLike ?? false }));
  const ofNames = new Set(entities.flatMap((entity) => Array.from(words.segment(entity.toLowerCase()), ({ segment }) => segment)));
  const others = segments.flatMap(({ segment, isWord }, i) => (isWord && !ofNames.has(segment.toLowerCase()) ? [i] : []));
  const inNames = segments.filter(({ segment, isWord }) => isWord && ofNames.has(segment.toLowerCase())).length;
  const masked = new Set(random.shuffle(others).slice(0, inNames));
  return segments.map(({ segment }, i) => (masked.has(i) ? mask : segment)).join('');
}

const words = new Intl.Segmenter('zh', { granularity: 'word' });

function flipsOf(tried: readonly Tried[]): Readonly<Record<Perturbation, Flips>> {
  const of = (perturbation: Perturbation): Flips => {
    const results = tried.map(({ results: all }) => all[perturbation]);
    const flipped = results.filter((result) => result.flipped).length;
    const mean = (value: (result: Changed) => number) => results.reduce((total, result) => total + value(result), 0) / results.length;
    const absoluteChange = mean((result) => Math.abs(result.change));
    return { texts: results.length, flipped, rate: flipped / results.length, ...wilson(flipped, results.length), change: mean((result) => result.change), absoluteChange }; // biome-ignore format: short
  };
  return { masked: of('masked'), swapped: of('swapped'), control: of('control') };
}

function slicesOf(tried: readonly Tried[]): FlipSlice[] {
  const slices: FlipSlice[] = [];
  const add = (by: FlipSlice['by'], name: string, own: readonly Tried[]): void => {
    if (own.length >= fewestInSlice) slices.push({ by, name, ...flipsOf(own) });
  };
  const byLabel = new Set(tried.flatMap(({ record }) => labelKey(record) ?? []));
  for (const label of [...byLabel].sort()) add('label', label, tried.filter(({ record }) => labelKey(record) === label)); // biome-ignore format: short
  const lengths = tried.map(({ record }) => record.text.length).sort((a, b) => a - b);
  const [third, twoThirds] = [lengths[Math.floor(lengths.length / 3)]!, lengths[Math.floor((2 * lengths.length) / 3)]!];
  const lengthOf = ({ record: { text } }: Tried) => text.length;
  add('length', `below ${third} characters`, tried.filter((one) => lengthOf(one) < third)); // biome-ignore format: short
  add('length', `${third} to ${twoThirds - 1} characters`, tried.filter((one) => lengthOf(one) >= third && lengthOf(one) < twoThirds)); // biome-ignore format: short
  add('length', `${twoThirds} characters and more`, tried.filter((one) => lengthOf(one) >= twoThirds)); // biome-ignore format: short
  const byRecord = new Map(tried.map((one) => [one.record, one]));
  for (const period of periodsOf(
    tried.map(({ record }) => record),
    4,
  )) {
    add('period', `${dayOf(period[0]!.time!)} – ${dayOf(period.at(-1)!.time!)}`, period.map((record) => byRecord.get(record)!)); // biome-ignore format: short
  }
  const byEntity = new Map<string, Tried[]>();
  for (const one of tried)
    for (const entity of one.entities) byEntity.set(entityKey(entity), [...(byEntity.get(entityKey(entity)) ?? []), one]);
  const frequent = [...byEntity].sort(([a, first], [b, second]) => second.length - first.length || (a < b ? -1 : 1)).slice(0, 20);
  for (const [entity, own] of frequent) add('entity', entity, own);
  return slices;
}

function findingOf(
  tried: readonly Tried[],
  { masked, swapped, control }: EntityFlips['all'],
  labels: readonly string[],
  split: string,
): Finding {
  const above = Math.max(masked.rate, swapped.rate) - control.rate;
  const sure = Math.max(masked.low, swapped.low) > control.high;
  const level = sure ? levelByShare(above, { error: 0.2, warning: 0.05 }) : 'info';
  const message = `In ${counted(tried.length, 'text')} of ${split} with names the answer changes for ${shareOf(masked.flipped, tried.length)} when names are masked and for ${shareOf(swapped.flipped, tried.length)} when other names are put in their place; masking as many other words changes ${shareOf(control.flipped, tried.length)}.`;
  const flipped = tried.filter(({ results }) => results.masked.flipped).sort((a, b) => a.results.masked.change - b.results.masked.change);
  const examples = flipped.slice(0, 5).map(({ record, entities, results }) => exampleOf([record], `${labels[results.masked.before]} → ${labels[results.masked.after]} without ${entities.slice(0, 3).join(', ')}`)); // biome-ignore format: short
  return finding('entity-flips', level, masked.flipped, message, examples);
}
