/** @file Checks a body against a dialect's schema, and says what is wrong without repeating what was sent. */
import type { z } from 'zod';
import { ServiceError, shown } from '../protocol/index.js';

/** @throws ServiceError `invalid-request`, with the field at fault */
export function parseBody<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const { path, message } = deepest(parsed.error.issues[0]!);
  const field = path.map(stepText).join('').replace(/^\./, '');
  const where = field === '' ? 'the body' : `"${field}"`;
  throw invalidRequest(`${where}: ${message}`, 'GET /openapi.json describes what is accepted', field || undefined);
}

/** Names that are long or odd may be somebody's text in the wrong place. */
function stepText(step: PropertyKey): string {
  if (typeof step === 'number') return `[${step}]`;
  return `.${/^[\w-]{1,40}$/.test(String(step)) ? String(step) : '…'}`;
}

export function invalidRequest(message: string, fix: string, field?: string): ServiceError {
  return new ServiceError('invalid-request', message, fix, {}, field);
}

/** For what the other service does and ours does not. */
export function unsupported(message: string, fix: string, field?: string): ServiceError {
  return new ServiceError('unsupported', message, fix, {}, field);
}

/** Said anew: the schema's own message repeats whatever was sent for a name. */
const unknownNames = (names: readonly string[]): string =>
  `there is no ${names.slice(0, 5).map((name) => shown(name, 'such name')).join(', no ')} here`; // biome-ignore format: one sentence

type Problem = { readonly path: readonly PropertyKey[]; readonly message: string };

/** Of a union, the problem of the branch that fits farthest; where none is ahead, all that would have fitted. */
function deepest(issue: z.core.$ZodIssue): Problem {
  const message = issue.code === 'unrecognized_keys' ? unknownNames(issue.keys) : issue.message.replace(/^Invalid input: /, '');
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return { path: issue.path, message };
  const branches = issue.errors.map(([first]) => deepest(first!));
  const depth = Math.max(...branches.map(({ path }) => path.length));
  const farthest = branches.filter(({ path }) => path.length === depth);
  const messages = [...new Set(farthest.map((branch) => branch.message))].join(', or ');
  return { path: [...issue.path, ...farthest[0]!.path], message: messages };
}
