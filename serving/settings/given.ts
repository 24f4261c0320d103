/** @file What was set, and where: by flags, by the environment, by a file. Each becomes values by key, with the place that each came from. */
import { dirname, resolve } from 'node:path';
import { nearest } from '../../models/index.js';
import type { Setting } from './setting.js';
import { flagName, split, variableOf } from './setting.js';
import { compoundFlags, type SettingKey, settingKeys, settings } from './settings.js';

/** Something that is wrong. `where`: a flag, a variable, or a file and the key in it. */
export type Problem = { readonly where: string; readonly what: string; readonly fix: string };

export type Given = {
  readonly values: ReadonlyMap<SettingKey, { readonly value: unknown; readonly where: string }>;
  readonly problems: readonly Problem[];
  /** What may not be meant, but does not stand in the way. */
  readonly remarks: readonly string[];
};

/** Texts of a flag by its long name, such as `--port`. */
export type Flags = ReadonlyMap<string, readonly string[]>;
export type Environment = Readonly<Record<string, string | undefined>>;

const known: Readonly<Record<string, Setting>> = settings;

export function givenByFlags(flags: Flags): Given {
  const collect = collector();
  for (const { flag, form, split } of compoundFlags) {
    const name = flagName(flag);
    for (const text of flags.get(name) ?? []) {
      const parts = split(text);
      if (!parts) collect.problem({ where: `${name} ${text}`, what: `not ${form}`, fix: `write it as ${name} ${form}.` });
      for (const [key, value] of Object.entries(parts ?? {})) {
        if (known[key]) collect.read(key as SettingKey, [value], `${name} ${text}`);
        else collect.problem({ where: `${name} ${text}`, what: `there is no setting ${key}`, fix: choice(key, siblings(key)) });
      }
    }
  }
  for (const key of settingKeys) {
    const { flag } = known[key]!;
    const texts = flag === undefined ? undefined : flags.get(flagName(flag));
    if (flag !== undefined && texts !== undefined) collect.read(key, texts, flagName(flag));
  }
  return collect.given;
}

/** A variable that is empty counts as not set: so do containers pass on what they were not given. */
export function givenByEnvironment(env: Environment, others: readonly string[] = []): Given {
  const collect = collector();
  const keyOf = new Map(settingKeys.map((key) => [variableOf(key), key]));
  const names = [...keyOf.keys(), ...others];
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith('COPYDESK_') || value === undefined || value.trim() === '') continue;
    const key = keyOf.get(name);
    if (isServiceLink(name, value)) {
      if (key)
        collect.remark(
          `${name}=${value} was set by Kubernetes for a service named copydesk, and is not read as a setting; set enableServiceLinks: false`,
        );
    } else if (key) collect.read(key, known[key]!.reading.many ? split(value) : [value.trim()], name);
    else if (!names.includes(name)) collect.remark(`${name} is no variable of this server, and has no effect: ${choice(name, names)}`);
  }
  return collect.given;
}

/** What Kubernetes tells every container about a service named copydesk: `COPYDESK_PORT=tcp://…`, `COPYDESK_SERVICE_HOST`. */
const isServiceLink = (name: string, value: string): boolean =>
  /^COPYDESK_(SERVICE_(HOST|PORT)(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_\w+)?)$/.test(name) ||
  (name === 'COPYDESK_PORT' && /^\w+:\/\//.test(value));

/** @param raw the object in the file; it is checked by whoever has the schema */
export function givenByFile(raw: Readonly<Record<string, unknown>>, file: string): Given {
  const collect = collector();
  const absolute = (value: unknown): unknown => (typeof value === 'string' ? resolve(dirname(file), value) : value);
  for (const key of settingKeys) {
    const value = at(raw, key);
    if (value === undefined) continue;
    const seen = known[key]!.reading.paths ? (Array.isArray(value) ? value.map(absolute) : absolute(value)) : value;
    collect.value(key, seen, `${file}: ${key}`);
  }
  return collect.given;
}

function collector() {
  const values = new Map<SettingKey, { readonly value: unknown; readonly where: string }>();
  const problems: Problem[] = [];
  const remarks: string[] = [];
  const value = (key: SettingKey, value: unknown, where: string): void => void values.set(key, { value, where });
  return {
    given: { values, problems, remarks } satisfies Given,
    value,
    read(key: SettingKey, texts: readonly string[], where: string): void {
      const { reading, secret } = known[key]!;
      const read = reading.read(texts);
      const shown = secret ? 'its value' : JSON.stringify(texts.join(','));
      if (read === undefined) problems.push({ where, what: `${shown} is no ${reading.form}`, fix: `give a ${reading.form}.` });
      else value(key, read, where);
    },
    problem: (problem: Problem): void => void problems.push(problem),
    remark: (remark: string): void => void remarks.push(remark),
  };
}

/** The value at a dotted key. */
export function at(raw: unknown, key: string): unknown {
  return key
    .split('.')
    .reduce<unknown>(
      (inner, part) =>
        typeof inner === 'object' && inner !== null && Object.hasOwn(inner, part) ? (inner as Record<string, unknown>)[part] : undefined,
      raw,
    );
}

/** Keys of the same object. */
export function siblings(key: string): readonly string[] {
  const prefix = key.slice(0, key.lastIndexOf('.') + 1);
  return settingKeys.filter((one) => one.startsWith(prefix));
}

/** Which of `names` may be meant. */
export function choice(name: string, names: readonly string[]): string {
  const meant = nearest(name, names);
  return meant === undefined ? 'docs/settings.md has every setting.' : `did you mean ${meant}?`;
}
