/** @file What verbs that train share: the config's file, and values of it changed by --set. */
import { readFile } from 'node:fs/promises';
import { Option } from 'commander';
import { UsageError } from '../models/index.js';

/** `--set key=value`, as often as needed; its value is the list. */
export const setOption = (): Option =>
  new Option('--set <key=value>', 'change a value of the config, e.g. training.epochs=5; may be repeated')
    .default([] as readonly string[], 'none')
    .argParser((value: string, list: readonly string[]) => [...list, value]);

/** What `--set` was given, by dotted key. Values are JSON; a word without quotes is a text. */
export const overridesOf = (set: readonly string[]): Readonly<Record<string, unknown>> => Object.fromEntries(set.map(keyAndValue));

function keyAndValue(pair: string): [string, unknown] {
  const at = pair.indexOf('=');
  if (at < 1) throw new UsageError('usage/argument', `--set ${pair}: not key=value`, 'write it as --set training.epochs=5.');
  const value = pair.slice(at + 1);
  try {
    return [pair.slice(0, at), JSON.parse(value)];
  } catch {
    return [pair.slice(0, at), value];
  }
}

/** @throws UsageError `config/missing` */
export async function readConfig(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError(
      'config/missing',
      `${path}: cannot be read (${(error as NodeJS.ErrnoException).code})`,
      'give the path of a training config; examples/headlines.json is one.',
    );
  }
}
