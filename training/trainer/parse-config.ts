import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import { nearest, UsageError } from '../../models/index.js';
import { type TrainConfig, trainConfigSchema, withDefaults } from './config.js';

/**
 * The config in `text`, defaults filled in, paths made absolute from the folder of `path`.
 *
 * @param overrides values by dotted key (`training.epochs`), as given after `--set`
 * @throws UsageError `config/invalid` that names the key, and for an unknown key the nearest known one
 */
export function parseConfig(text: string, path: string, overrides: Readonly<Record<string, unknown>> = {}): TrainConfig {
  const raw = parseJson(text, path);
  for (const [key, value] of Object.entries(overrides)) assign(raw, key, value);
  const parsed = trainConfigSchema.safeParse(raw, { reportInput: true });
  if (!parsed.success) throw invalid(parsed.error.issues[0]!, path);
  return absolute(withDefaults(parsed.data), dirname(resolve(path)));
}

function parseJson(text: string, path: string): Record<string, unknown> {
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
  throw new UsageError('config/invalid', `${path}: not a JSON object`, 'start from examples/headlines.json.');
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

function invalid(issue: z.core.$ZodIssue, path: string): UsageError {
  const where = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const [key] = issue.keys;
    const known = keysAt(issue.path as readonly string[]);
    const meant = nearest(key!, known);
    return new UsageError(
      'config/invalid',
      `${path}: unknown key ${[...issue.path, key].join('.')}`,
      meant ? `did you mean ${[...issue.path, meant].join('.')}?` : `use one of ${known.join(', ')}.`,
    );
  }
  const wanted = issue.message.replace(/^Invalid (input|option): /, '').replace(/, received \w+$/, '');
  if (issue.input === undefined)
    return new UsageError(
      'config/invalid',
      `${path}: ${where} is missing: ${wanted}`,
      `add ${where}; examples/headlines.json shows a whole config.`,
    );
  const given = typeof issue.input === 'object' ? '' : ` is ${JSON.stringify(issue.input).slice(0, 60)}`;
  return new UsageError('config/invalid', `${path}: ${where}${given}: ${wanted}`, `correct ${where}.`);
}

/** The keys that the schema has at a path. */
function keysAt(path: readonly string[]): readonly string[] {
  let schema: unknown = trainConfigSchema;
  for (const key of ['', ...path]) {
    if (key !== '') schema = (schema as { shape: Record<string, unknown> }).shape[key];
    while (schema && !(schema as { shape?: object }).shape) schema = (schema as { def: { innerType?: unknown } }).def.innerType;
    if (!schema) return [];
  }
  return Object.keys((schema as { shape: object }).shape);
}

function absolute(config: TrainConfig, folder: string): TrainConfig {
  const { train, val, test } = config.data;
  const at = (path: string) => resolve(folder, path);
  return {
    ...config,
    data: { ...config.data, train: at(train), ...(val ? { val: at(val) } : {}), ...(test ? { test: at(test) } : {}) },
    model: { ...config.model, ...(config.model.pretrained ? { pretrained: at(config.model.pretrained) } : {}) },
  };
}
