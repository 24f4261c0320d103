/** @file A server's settings as a file has them. */
import { readFile } from 'node:fs/promises';
import { UsageError } from '../../models/index.js';
import type { SettingsGiven } from './read-settings.js';

/** @throws UsageError `config/missing`, `config/invalid` */
export async function readSettingsFile(path: string): Promise<NonNullable<SettingsGiven['file']>> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    const what = `${path}: cannot be read (${error.code})`;
    throw new UsageError('config/missing', what, 'give the path of a JSON file of settings; docs/settings.md shows one.');
  });
  let raw: unknown;
  try {
    raw = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    const fix = 'correct it at that place; keys and texts take double quotes, and there are no comments.';
    throw new UsageError('config/invalid', `${path}: not JSON: ${(error as Error).message}`, fix);
  }
  if (typeof raw === 'object' && raw !== null && !Array.isArray(raw)) return { path, raw: raw as Record<string, unknown> };
  throw new UsageError('config/invalid', `${path}: not a JSON object`, 'docs/settings.md shows one.');
}
