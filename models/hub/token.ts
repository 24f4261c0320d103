/** @file The token that a person has given the hub's own tools; found where they look for it. */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../errors.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * HF_TOKEN, else the file that `hf auth login` writes: HF_TOKEN_PATH, HF_HOME/token, ~/.cache/huggingface/token.
 *
 * @returns `undefined` where there is none: public repositories need none
 * @throws UsageError `hub/refused` for what cannot be a token, without showing it
 */
export async function hubToken(env: Environment): Promise<string | undefined> {
  const given = env.HF_TOKEN || env.HUGGING_FACE_HUB_TOKEN;
  const path = tokenPath(env);
  const token = (given ?? (await readFile(path, 'utf8').catch(() => ''))).trim();
  if (token === '') return undefined;
  if (/^[\x21-\x7e]{1,4096}$/.test(token)) return token;
  const where = given === undefined ? path : 'HF_TOKEN';
  throw new UsageError(
    'hub/refused',
    `${where}: it holds something that cannot be a token`,
    'put a token of the hub there, alone on one line.',
  );
}

function tokenPath(env: Environment): string {
  const home = env.HOME || homedir();
  const cache = env.XDG_CACHE_HOME || join(home, '.cache');
  const path = env.HF_TOKEN_PATH || join(env.HF_HOME || join(cache, 'huggingface'), 'token');
  return path.replace(/^~(?=\/)/, home);
}
