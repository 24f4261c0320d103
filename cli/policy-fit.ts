/** @file `copydesk policy fit`: wished-for precisions and recalls of a policy file to numbers, with their evidence. */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, relative, resolve } from 'node:path';
import { activate, UsageError, type VerdictRules } from '../models/index.js';
import { checkLabels, type Fitted, type FittedThreshold, fittedThresholdSchema, parseJson, parsePolicy } from '../serving/index.js';
import { type Fields, fitThreshold, type ThresholdFit, type ThresholdWish, wilson } from '../training/index.js';
import { askTexts } from './ask-texts.js';
import { print, say, type Terminal } from './terminal.js';

export type FitOptions = {
  readonly model: string;
  readonly data: string;
  readonly to: string;
  readonly fields?: Fields;
  readonly json?: true;
};

type Json = Record<string, unknown>;
type Place = {
  readonly where: string;
  readonly label: string;
  readonly rule: Json;
  readonly decision: 'review' | 'block';
  readonly wish: FittedThreshold;
};
type Outcome = { readonly where: string; readonly wanted: string; readonly at: number; readonly fitted: Fitted };

/** Held texts that it takes to believe a precision, where the file does not say. */
const usualSupport = 20;

/** @throws UsageError `config/*` for the policy, `data/*` for the texts, `data/invalid` for what cannot be reached, with what can */
export async function fitPolicyFile(terminal: Terminal, path: string, { model, data, to, fields, json }: FitOptions): Promise<void> {
  if (resolve(to) === resolve(path))
    throw new UsageError('usage/argument', `--to ${to}: that is the policy itself`, 'name another file, so that the two can be compared.');
  const text = await readFile(path, 'utf8').catch(() => {
    throw new UsageError('config/missing', `${path}: it cannot be read`, 'give the path of a policy file.');
  });
  const file = parsePolicy(text, path);
  const raw = parseJson(text, path);
  const { rules, scores, targets, sha256 } = await scored(terminal, model, data, fields);
  checkLabels(file, [rules], path);
  const places = wishesFor(raw, rules);
  if (places.length === 0) {
    const fix = `write {"precision": 0.98} or {"recall": 0.9} in place of a number under thresholds.${rules.name}.`;
    throw new UsageError('config/invalid', `${path}: nothing is to be fitted for ${rules.name}`, fix);
  }
  const faults: string[] = [];
  const outcomes = places.flatMap((place): Outcome[] => {
    const at = rules.labels.indexOf(place.label);
    const truth = truthOf(place, rules, path);
    const values = scores.map((row) => row[at]!);
    const wish = wishOf(place.wish);
    const fit = fitThreshold(values, targets.map((row) => row[at]! >= truth), wish, rules.activation === 'none' ? undefined : 0); // biome-ignore format: one line
    if (!fit.reached) {
      faults.push(`${place.where} asks for ${wanted(place.wish)}: ${unreached(fit, wish)}`);
      return [];
    }
    const fitted = evidence(fit, wish, { model: `${rules.name}@${rules.version}`, data: `${basename(data)} sha256:${sha256}`, texts: scores.length }); // biome-ignore format: one line
    place.rule[place.decision] = { ...place.wish, at: fit.at, fitted };
    return [{ where: place.where, wanted: wanted(place.wish), at: fit.at, fitted }];
  });
  if (faults.length > 0) {
    const fix = 'ask for what can be reached, give more labelled texts, or train a better model.';
    throw new UsageError('data/invalid', `${path}, on ${data}: ${faults.join('; ')}`, fix);
  }
  moveListFiles(raw, dirname(resolve(path)), dirname(resolve(to)));
  await writeFile(to, `${JSON.stringify(raw, null, 2)}\n`);
  say(terminal, `wrote ${to}; try it with copydesk policy try ${to} --model ${model} --data OTHER_TEXTS.jsonl`);
  await print(terminal, json ? JSON.stringify(outcomes) : table(outcomes));
}

async function scored(terminal: Terminal, folder: string, data: string, fields: Fields | undefined) {
  const { rules, logits, targets = [] } = await askTexts(terminal, folder, data, { fields, labels: 'required' });
  const scores = logits.map((row) => activate(rules.activation, rules.temperature, row));
  const sha256 = createHash('sha256').update(await readFile(data)).digest('hex').slice(0, 12); // biome-ignore format: one line
  return { rules, scores, targets, sha256 };
}

/** What the file wishes for this model, by its name and by its name and version, in the file and in its variants. */
function wishesFor(raw: Json, { name, version }: VerdictRules): Place[] {
  const variants = Object.entries((raw.variants ?? {}) as Record<string, Json>).map(
    ([variant, one]) => [`variants.${variant}.thresholds`, one.thresholds] as const,
  );
  return [['thresholds', raw.thresholds] as const, ...variants].flatMap(([where, thresholds]) =>
    [name, `${name}@${version}`].flatMap((key) =>
      Object.entries(((thresholds ?? {}) as Record<string, Record<string, Json>>)[key] ?? {}).flatMap(([label, rule]) =>
        (['review', 'block'] as const).flatMap((decision): Place[] => {
          const wish = fittedThresholdSchema.safeParse(rule[decision]).data;
          if ((wish?.precision ?? wish?.recall) === undefined) return [];
          return [{ where: `${where}.${key}.${label}.${decision}`, label, rule, decision, wish: wish! }];
        }),
      ),
    ),
  );
}

const wishOf = ({ precision, recall, support = usualSupport }: FittedThreshold): ThresholdWish =>
  precision === undefined ? { recall: recall! } : { precision, support };

/** The target from which on a text has the label. */
function truthOf({ where, wish }: Place, { activation }: VerdictRules, path: string): number {
  if (activation === 'none' && wish.truth === undefined) {
    const fix = 'add "truth": the true value from which on a text should be held.';
    throw new UsageError('config/invalid', `${path}: ${where}: the model gives values, and nothing says which are too high`, fix);
  }
  if (activation !== 'none' && wish.truth !== undefined)
    throw new UsageError('config/invalid', `${path}: ${where}.truth: the model gives labels, not values`, 'leave it out.');
  return wish.truth ?? 0.5;
}

function evidence(
  { held, right, positives }: Extract<ThresholdFit, { reached: true }>,
  wish: ThresholdWish,
  about: Pick<Fitted, 'model' | 'data' | 'texts'>,
): Fitted {
  const { low, high } = wilson(right, 'recall' in wish ? positives : held);
  const interval: [number, number] = [round(low), round(high)];
  return { ...about, positives, held, right, precision: round(right / held), recall: round(right / positives), interval };
}

const round = (share: number): number => Number(share.toFixed(4));

const wanted = ({ precision, recall, truth, support = usualSupport }: FittedThreshold): string =>
  `${precision === undefined ? `a recall of ${recall}` : `a precision of ${precision} over ${support} texts`}${truth === undefined ? '' : ` of values from ${truth}`}`;

function unreached({ positives, best }: Extract<ThresholdFit, { reached: false }>, wish: ThresholdWish): string {
  if (positives === 0) return 'none of the texts should be held';
  if (!best) return `there are fewer than ${'support' in wish ? wish.support : 1} texts`;
  return `the highest is ${round(best.right / best.held)} (${best.right} of ${best.held} texts, from ${best.at} on)`;
}

/** Paths of word lists are seen from the folder of the file that names them. */
function moveListFiles({ lists }: Json, from: string, to: string): void {
  if (from === to) return;
  for (const list of Object.values((lists ?? {}) as Record<string, Json>))
    if (typeof list.file === 'string') list.file = relative(to, resolve(from, list.file)).replaceAll('\\', '/');
}

function table(outcomes: readonly Outcome[]): string {
  return outcomes
    .map(({ where, wanted: wish, at, fitted: { precision, recall, held, right, positives, interval } }) => {
      const counts = `${right} of ${held} held rightly, ${right} of ${positives} found`;
      return `${where}: ${at}\n  for ${wish}: precision ${precision}, recall ${recall} (${counts}; 95 % interval ${interval.join(' to ')})`;
    })
    .join('\n');
}
