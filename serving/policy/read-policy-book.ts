/** @file A policy file and its word lists, read from disk. */
import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { UsageError } from '../../models/index.js';
import { parsePolicy } from './parse-policy.js';
import { createPolicyBook, type PolicyBook } from './policy-book.js';
import type { PolicyFile } from './policy-file.js';
import type { WordList } from './word-lists.js';

/** Bytes of a policy file or a word list. */
const mostBytes = 10_000_000;

/** @throws UsageError `config/missing`, `config/invalid` */
export async function readPolicyBook(path: string): Promise<PolicyBook> {
  const file = await readPolicyFile(path);
  return createPolicyBook(file, await readLists(file, path), path);
}

/** @throws UsageError `config/missing`, `config/invalid` */
export async function readPolicyFile(path: string): Promise<PolicyFile> {
  return parsePolicy(await readText(path, path), path);
}

async function readLists({ lists }: PolicyFile, path: string): Promise<readonly WordList[]> {
  return Promise.all(
    Object.entries(lists).map(async ([name, { words, file, ...settings }]) => ({
      name,
      ...settings,
      words: words ?? linesOf(await readText(resolve(dirname(path), file!), `${path}: lists.${name}.file`)),
    })),
  );
}

/** A line that is `#`, or begins with it and a space, is a remark; `#hashtag` is a word. */
function linesOf(text: string): readonly string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^#(\s|$)/.test(line));
}

async function readText(path: string, where: string): Promise<string> {
  const missing = (reason: string): UsageError =>
    new UsageError('config/missing', `${where}: ${path} ${reason}`, 'give the path of a file, seen from the folder of the policy.');
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw missing(error.code === 'ENOENT' ? 'does not exist' : `cannot be read (${error.code})`);
  });
  if (!found.isFile()) throw missing('is not a file');
  if (found.size > mostBytes) throw missing(`has ${found.size} bytes; at most ${mostBytes} are read`);
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw missing(`cannot be read (${error.code})`);
  });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError('config/invalid', `${where}: ${path} is not UTF-8`, 'save it as UTF-8.');
  }
}
