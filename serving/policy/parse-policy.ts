/** @file The text of a policy file to a policy that can be relied on, as far as it can be without its models and word lists. */
import type { z } from 'zod';
import { nearest, UsageError } from '../../models/index.js';
import { type PolicyFile, policyFileSchema } from './policy-file.js';

/** @throws UsageError `config/invalid` that names the key and, for an unknown one, the nearest known one */
export function parsePolicy(text: string, path: string): PolicyFile {
  const parsed = policyFileSchema.safeParse(parseJson(text, path), { reportInput: true });
  if (!parsed.success) throw explain(parsed.error.issues[0]!, path);
  checkNames(parsed.data, path);
  return parsed.data;
}

/** @throws UsageError `config/invalid` */
export function parseJson(text: string, path: string): Record<string, unknown> {
  let raw: unknown;
  try {
    raw = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    const fix = 'correct it at that place; keys and texts take double quotes, and there are no comments.';
    throw new UsageError('config/invalid', `${path}: not JSON: ${(error as Error).message}`, fix);
  }
  if (typeof raw === 'object' && raw !== null && !Array.isArray(raw)) return raw as Record<string, unknown>;
  throw new UsageError('config/invalid', `${path}: not a JSON object`, 'start from examples/policy.json.');
}

/** An error about a name that is not among those it may be. */
export function unknownName(path: string, where: string, given: string, kind: string, known: readonly string[]): UsageError {
  const meant = nearest(given, known);
  const fix =
    meant !== undefined ? `did you mean ${JSON.stringify(meant)}?` : known.length > 0 ? `use one of ${known.join(', ')}.` : 'leave it out.';
  return new UsageError('config/invalid', `${path}: ${where}: there is no ${kind} ${JSON.stringify(given)}`, fix);
}

function checkNames({ lists, use = [], variants, clients }: PolicyFile, path: string): void {
  const check = (where: string, names: readonly string[], kind: string, known: readonly string[]): void => {
    const stranger = names.find((name) => !known.includes(name));
    if (stranger !== undefined) throw unknownName(path, where, stranger, kind, known);
  };
  check('use', use, 'list', Object.keys(lists));
  for (const [name, variant] of Object.entries(variants)) check(`variants.${name}.use`, variant.use ?? [], 'list', Object.keys(lists));
  for (const [client, variant] of Object.entries(clients)) check(`clients.${client}`, [variant], 'variant', Object.keys(variants));
}

type Issue = z.core.$ZodIssue;

function explain(given: Issue, path: string): UsageError {
  const issue = innermost(given);
  const where = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0]!;
    const known = keysAt(policyFileSchema, issue.path);
    const meant = nearest(key, known);
    const fix = meant ? `did you mean ${[...issue.path, meant].join('.')}?` : `use one of ${known.join(', ')}.`;
    return new UsageError('config/invalid', `${path}: unknown key ${[...issue.path, key].join('.')}`, fix);
  }
  const wanted = issue.message.replace(/^Invalid (input|option): /, '').replace(/, received \w+$/, '');
  const shown = typeof issue.input === 'object' ? '' : ` is ${JSON.stringify(issue.input)?.slice(0, 60)}`;
  return new UsageError('config/invalid', `${path}: ${where}${shown}: ${wanted}`, `correct ${where}; docs/policy.md has every key.`);
}

/** Of a value that may have several forms: what is wrong with it in the form that it has. */
function innermost(issue: Issue): Issue {
  if (issue.code === 'invalid_key') return { ...issue, message: issue.issues[0]?.message ?? issue.message } as Issue;
  if (issue.code !== 'invalid_union') return issue;
  const branch = issue.errors.find((found) =>
    found.every(({ code, path }) => path.length > 0 || (code !== 'invalid_type' && code !== 'invalid_value')),
  );
  const [inner] = branch ?? [];
  return inner ? innermost({ ...inner, path: [...issue.path, ...inner.path] } as Issue) : issue;
}

type Schema = {
  readonly shape?: Readonly<Record<string, Schema>>;
  readonly def: { readonly innerType?: Schema; readonly valueType?: Schema; readonly options?: readonly Schema[] };
};

/** The keys of the object at a path. */
function keysAt(schema: unknown, path: readonly PropertyKey[]): readonly string[] {
  const objects = (one: Schema): readonly Schema[] => {
    if (one.def.innerType) return objects(one.def.innerType);
    return one.def.options ? one.def.options.flatMap(objects) : [one];
  };
  const below = (one: Schema, key: PropertyKey): readonly Schema[] =>
    objects(one.shape?.[String(key)] ?? one.def.valueType ?? { def: { options: [] } });
  const found = path.reduce<readonly Schema[]>((all, key) => all.flatMap((one) => below(one, key)), objects(schema as Schema));
  return [...new Set(found.flatMap(({ shape }) => Object.keys(shape ?? {})))];
}
