/** @file The file of keys: who may ask for what, and how much. Holds no secret, but is kept from other users all the same. */
import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { writeWhole } from '../../models/bundle/node.js';
import { UsageError } from '../../models/index.js';
import { quotaSchema, rateSchema } from './allowance.js';
import { scopes } from './scopes.js';

export const storedKeySchema = z.strictObject({
  /** Public: it is in the key, in logs and in metrics. */
  id: z.string().regex(/^[0-9a-f]{12}$/, 'is no id of a key'),
  /** For people. */
  name: z.string().min(1).max(100),
  /** SHA-256 of the secret, in hex. */
  hash: z.string().regex(/^[0-9a-f]{64}$/, 'is no SHA-256 in hex'),
  scopes: z.array(z.enum(scopes)).min(1),
  rates: z.array(rateSchema).default([]),
  quotas: z.array(quotaSchema).default([]),
  created: z.iso.datetime(),
  /** From then on it opens nothing. */
  revoked: z.iso.datetime().optional(),
});

export const keyFileSchema = z
  .strictObject({ version: z.literal(1), keys: z.array(storedKeySchema) })
  .refine(({ keys }) => new Set(keys.map(({ id }) => id)).size === keys.length, { path: ['keys'], error: 'two keys have the same id' });

export type StoredKey = z.infer<typeof storedKeySchema>;
export type KeyFile = z.infer<typeof keyFileSchema>;

const howToMake = 'make it with: copydesk keys add --name NAME --scopes classify --file FILE';

/** @throws UsageError `config/missing` or `config/invalid`, never with what the file holds in its message */
export async function readKeyFile(path: string): Promise<KeyFile> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new UsageError('config/missing', `keys: there is no file ${path}`, `${howToMake}.`);
    throw invalid(path, `cannot be read (${error.code})`, 'let the user that runs copydesk read it.');
  });
  await checkMode(path);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw invalid(path, 'is not JSON', `mend it, or ${howToMake}.`);
  }
  const parsed = keyFileSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalid(path, `${issue?.path.join('.') || 'the file'}: ${issue?.message}`, 'mend that entry, or revoke the key and add another.');
}

export async function writeKeyFile(path: string, file: KeyFile): Promise<void> {
  await writeWhole(path, `${JSON.stringify(file, null, 2)}\n`, 0o600);
}

/** A group may read it, so that a container can be given it; other users of the machine may not. Windows has no such modes. */
async function checkMode(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const { mode } = await stat(path);
  if ((mode & 0o007) === 0) return;
  const octal = (mode & 0o777).toString(8).padStart(3, '0');
  throw invalid(path, `can be used by every user of this machine (mode ${octal})`, `chmod 600 ${path}`);
}

function invalid(path: string, what: string, fix: string): UsageError {
  return new UsageError('config/invalid', `keys: ${path} ${what}`, fix);
}
