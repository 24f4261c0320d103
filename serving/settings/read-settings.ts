/** @file The settings of a server from flags, environment and file, by one precedence, each with the place that it came from. */
import type { z } from 'zod';
import { UsageError } from '../../models/index.js';
import { type ServerOptions, serverOptionsSchema } from '../http/index.js';
import {
  at,
  choice,
  type Environment,
  type Flags,
  type Given,
  givenByEnvironment,
  givenByFile,
  givenByFlags,
  type Problem,
  siblings,
} from './given.js';
import { variableOf } from './setting.js';
import { type SettingKey, settingKeys, settings } from './settings.js';

export type Origin = 'flag' | 'environment' | 'file' | 'default';
export type Source = { readonly origin: Origin /** A flag, a variable, or a file and the key in it. */; readonly where: string };

export type ReadSettings = {
  /** What was set, and nothing else; where there are problems, of no use. */
  readonly options: ServerOptions;
  /** Of what was set. */
  readonly sources: ReadonlyMap<SettingKey, Source>;
  readonly problems: readonly Problem[];
  readonly remarks: readonly string[];
};

export type SettingsGiven = {
  readonly flags?: Flags;
  readonly env?: Environment;
  /** Names of variables that belong to other parts of the program. */
  readonly otherVariables?: readonly string[];
  readonly file?: { readonly path: string; readonly raw: Readonly<Record<string, unknown>> };
  /** Where nothing else is said; for what the schema cannot know. */
  readonly fallback?: Partial<ServerOptions>;
};

/** A flag stands over a variable, a variable over the file, the file over the default. */
export function readSettings({ flags = new Map(), env = {}, otherVariables, file, fallback = {} }: SettingsGiven): ReadSettings {
  const layers: readonly (readonly [Origin, Given])[] = [
    ['flag', givenByFlags(flags)],
    ['environment', givenByEnvironment(env, otherVariables)],
    ['file', file ? givenByFile(file.raw, file.path) : givenByFile({}, '')],
  ];
  const options: Record<string, unknown> = { ...fallback };
  const sources = new Map<SettingKey, Source>();
  for (const key of settingKeys) {
    const [origin, given] = layers.find(([, { values }]) => values.has(key)) ?? [];
    if (origin === undefined) continue;
    const { value, where } = given!.values.get(key)!;
    put(options, key, value);
    sources.set(key, { origin, where });
  }
  const early = [...(file ? inFile(file.raw, file.path, fallback) : []), ...layers.flatMap(([, { problems }]) => problems)];
  return {
    options: options as ServerOptions,
    sources,
    problems: [
      ...early,
      ...problemsOf(options, sources).filter(({ where }) => !early.some((one) => one.where === where || one.where.startsWith(`${where}.`))),
    ],
    remarks: layers.flatMap(([, { remarks }]) => remarks),
  };
}

/** The one that a person should mend first, as an error; none if there is none. */
export function throwFirst(problems: readonly Problem[]): void {
  const [first] = problems;
  if (!first) return;
  const more = problems.length === 1 ? '' : ` (${problems.length - 1} more: copydesk serve --check tells all)`;
  throw new UsageError(
    first.where.startsWith('--') ? 'usage/argument' : 'config/invalid',
    `${first.where}: ${first.what}${more}`,
    first.fix,
  );
}

/** What is wrong in the file itself, also where something else stands over it. */
function inFile(raw: Readonly<Record<string, unknown>>, path: string, fallback: Partial<ServerOptions>): readonly Problem[] {
  const parsed = serverOptionsSchema.safeParse({ models: ['.'], ...fallback, ...raw }, { reportInput: true });
  const stranger: readonly Problem[] = Object.hasOwn(raw, 'signals') ? [unknownKey(path, 'signals')] : [];
  if (parsed.success) return stranger;
  const found = parsed.error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(path, [...issue.path, key].join('.')));
    const key = issue.path.join('.');
    // A half of what goes together may come from elsewhere: whether it did is seen when all is put together.
    return issue.input === undefined ? [] : [{ where: `${path}: ${key}`, ...wordsOf(issue, key) }];
  });
  return [...stranger, ...found];
}

function unknownKey(path: string, key: string): Problem {
  const last = key.slice(key.lastIndexOf('.') + 1);
  const elsewhere = settingKeys.filter((one) => one.endsWith(`.${last}`)).join(' or ');
  return {
    where: `${path}: ${key}`,
    what: 'there is no such key',
    fix: elsewhere ? `did you mean ${elsewhere}?` : choice(key, siblings(key)),
  };
}

function problemsOf(options: unknown, sources: ReadonlyMap<SettingKey, Source>): readonly Problem[] {
  const parsed = serverOptionsSchema.safeParse(options, { reportInput: true });
  if (parsed.success) return [];
  return parsed.error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') return []; // only a file can have them
    const path = issue.path.join('.');
    const key = settingKeys.find((one) => path === one || path.startsWith(`${one}.`));
    const source = key && sources.get(key);
    if (source) return [{ where: source.where, ...wordsOf(issue, key) }];
    const what = `is missing: ${wanted(issue)}`;
    return [{ where: path, what, fix: key ? `set ${path} in the file, or ${variableOf(path)}.` : 'docs/settings.md has every setting.' }];
  });
}

const wanted = ({ message }: z.core.$ZodIssue): string => message.replace(/^Invalid (input|option): /, '').replace(/, received \w+$/, '');

function wordsOf(issue: z.core.$ZodIssue, key: string): Pick<Problem, 'what' | 'fix'> {
  const shown =
    settings[key as SettingKey]?.secret || typeof issue.input === 'object' ? '' : `${JSON.stringify(issue.input)?.slice(0, 60)}: `;
  return { what: `${shown}${wanted(issue)}`, fix: 'correct it; docs/settings.md has every setting.' };
}

function put(into: Record<string, unknown>, key: string, value: unknown): void {
  const parts = key.split('.');
  const last = parts.pop()!;
  let inner = into;
  for (const part of parts) {
    const next = at(inner, part);
    inner[part] = typeof next === 'object' && next !== null ? { ...next } : {};
    inner = inner[part] as Record<string, unknown>;
  }
  inner[last] = value;
}
