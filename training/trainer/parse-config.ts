import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import { nearest, UsageError } from '../../models/index.js';
import { mapPaths } from '../data/data-config.js';
import { type TrainConfig, trainConfigSchema, withDefaults } from './config.js';
import { keysAt } from './schema-keys.js';

/**
 * The config in `text`, defaults filled in, paths made absolute from the folder of `path`.
 *
 * @param overrides values by dotted key (`training.epochs`), as given after `--set`
 * @throws UsageError `config/invalid` that names the key, and for an unknown key the nearest known one
 */
export function parseConfig(text: string, path: string, overrides: Readonly<Record<string, unknown>> = {}): TrainConfig {
  const parsed = parseBy({ schema: trainConfigSchema, example: 'examples/headlines.json' }, text, path, overrides);
  return absolute(withDefaults(parsed), dirname(resolve(path)));
}

export type ConfigForm<T> = { readonly schema: z.ZodType<T> /** A page or a file that shows a whole one. */; readonly example: string };

/** A config of any form, defaults filled in, paths as they stand there. Throws as `parseConfig` does. */
export function parseBy<T>(form: ConfigForm<T>, text: string, path: string, overrides: Readonly<Record<string, unknown>> = {}): T {
  const raw = parseJson(text, path, form.example);
  for (const [key, value] of Object.entries(overrides)) assign(raw, key, value);
  const parsed = form.schema.safeParse(raw, { reportInput: true });
  if (!parsed.success) throw invalid(parsed.error.issues[0]!, path, form, raw);
  return parsed.data;
}

function parseJson(text: string, path: string, example: string): Record<string, unknown> {
  try {
    const raw: unknown = JSON.parse(text);
    if (typeof raw === 'object' && raw !== null && !Array.isArray(raw)) return raw as Record<string, unknown>;
  } catch (error) {
    throw new UsageError(
      'config/invalid',
      `${path}: not JSON: ${(error as Error).message}`,
      'correct it at that place; keys and texts take double quotes, and there are no comments.',
    );
  }
  throw new UsageError('config/invalid', `${path}: not a JSON object`, `start from ${example}.`);
}

function assign(raw: Record<string, unknown>, key: string, value: unknown): void {
  const parts = key.split('.');
  if (parts.some((part) => part === '__proto__' || part === ''))
    throw new UsageError('config/invalid', `--set ${key}: no such key`, 'name a key of the config, such as training.epochs.');
  const last = parts.pop()!;
  let at = raw;
  for (const part of parts) {
    if (!Object.hasOwn(at, part)) at[part] = {};
    const inner = at[part];
    if (typeof inner !== 'object' || inner === null)
      throw new UsageError('config/invalid', `--set ${key}: ${part} is ${JSON.stringify(inner)} and has no keys`, `set ${part} itself.`);
    at = inner as Record<string, unknown>;
  }
  at[last] = value;
}

function invalid(issue: z.core.$ZodIssue, path: string, { schema, example }: ConfigForm<unknown>, raw: unknown): UsageError {
  const where = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const [key] = issue.keys;
    const known = keysAt(schema, issue.path, raw);
    const meant = nearest(key!, known);
    return new UsageError(
      'config/invalid',
      `${path}: unknown key ${[...issue.path, key].join('.')}`,
      meant ? `did you mean ${[...issue.path, meant].join('.')}?` : `use one of ${known.join(', ')}.`,
    );
  }
  const wanted = issue.message.replace(/^Invalid (input|option): /, '').replace(/, received \w+$/, '');
  if (issue.input === undefined)
    return new UsageError('config/invalid', `${path}: ${where} is missing: ${wanted}`, `add ${where}; ${example} shows a whole config.`);
  const given = typeof issue.input === 'object' ? '' : ` is ${JSON.stringify(issue.input).slice(0, 60)}`;
  return new UsageError('config/invalid', `${path}: ${where}${given}: ${wanted}`, `correct ${where}.`);
}

function absolute(config: TrainConfig, folder: string): TrainConfig {
  const at = (path: string) => resolve(folder, path);
  const { model, objective } = config;
  const { distillation } = objective;
  return {
    ...config,
    data: mapPaths(config.data, at),
    model: { ...model, ...(model.pretrained ? { pretrained: at(model.pretrained) } : {}) },
    objective: { ...objective, ...(distillation ? { distillation: { ...distillation, teacher: at(distillation.teacher) } } : {}) },
  };
}
