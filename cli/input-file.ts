/** @file A file before it is worked on for hours: what it is, and how much. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { hashFile } from '../models/bundle/node.js';
import { mustExist } from '../models/rows/node.js';

export type InputFile = {
  readonly sha256: string;
  /** Lines in it, a header among them; of CSV at least as many as rows. `undefined` where there are none, or they cannot be counted. */
  readonly lines: number | undefined;
};

/** @throws UsageError `data/missing` */
export async function inputFile(path: string): Promise<InputFile> {
  await mustExist(path);
  if (/\.(parquet|json)$/i.test(path)) return { sha256: await hashFile(path), lines: undefined };
  if (path.endsWith('.gz')) return { sha256: await hashFile(path), lines: await countLines(unzipped(path)).catch(() => undefined) };
  const hash = createHash('sha256');
  const lines = await countLines(createReadStream(path, { highWaterMark: 1 << 20 }), (chunk) => hash.update(chunk));
  return { sha256: hash.digest('hex'), lines };
}

function unzipped(path: string): AsyncIterable<Buffer> {
  const gunzip = createGunzip({ chunkSize: 1 << 18 });
  createReadStream(path)
    .on('error', (error) => gunzip.destroy(error))
    .pipe(gunzip);
  return gunzip;
}

async function countLines(chunks: AsyncIterable<Buffer>, look: (chunk: Buffer) => void = () => {}): Promise<number> {
  let lines = 0;
  let last = newline;
  for await (const chunk of chunks) {
    look(chunk);
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, at + 1)) lines++;
    last = chunk.at(-1) ?? last;
  }
  return last === newline ? lines : lines + 1;
}

const newline = 0x0a;
