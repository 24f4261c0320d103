/** @file What a file must be: its length and its digests, as a bundle and as git name them. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

export type Digests = {
  readonly bytes: number;
  readonly sha256?: string | undefined;
  /** Git's name of the content: sha1 over a header with the length, and the content. */
  readonly gitSha1?: string | undefined;
};

/** @returns what is wrong with the file at `path`; `undefined` where nothing is, or `missing` where there is none */
export async function faultOf(path: string, expected: Digests): Promise<string | undefined> {
  const size = await stat(path).then(
    ({ size }) => size,
    () => undefined,
  );
  if (size === undefined) return 'is missing';
  if (size !== expected.bytes) return `is ${size} bytes long, not the ${expected.bytes} of its record`;
  const found = await digestsOf(path, size);
  for (const [title, key] of named) {
    const wanted = expected[key];
    if (wanted !== undefined && wanted !== found[key]) return `has the ${title} ${found[key]}, not the ${wanted} of its record`;
  }
  return undefined;
}

const named = [['sha256', 'sha256'], ['git id', 'gitSha1']] as const; // biome-ignore format: a table

export async function digestsOf(path: string, bytes: number): Promise<Required<Digests>> {
  const [sha256, sha1] = [createHash('sha256'), createHash('sha1').update(`blob ${bytes}\0`)];
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    sha256.update(piece);
    sha1.update(piece);
  }
  return { bytes, sha256: sha256.digest('hex'), gitSha1: sha1.digest('hex') };
}
