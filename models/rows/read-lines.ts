/** @file The lines of a text file, gzipped or not, one at a time, with what can be wrong with a text file said plainly. */
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { createGunzip } from 'node:zlib';
import { UsageError } from '../errors.js';
import { nearest } from '../nearest.js';
import { type BadLine, type Line, strict } from './row.js';

export type ReadLimits = {
  /** Longest line in bytes. Default 1 MiB. */
  readonly lineBytes?: number;
  /** Largest size of the whole text in bytes, once decompressed. Default 2 GiB. */
  readonly totalBytes?: number;
};

const newline = 0x0a;
const mebibyte = 2 ** 20;

/** Lines without their ends, numbered from 1, decoded from UTF-8. The file is streamed: memory holds a line, not the file.
 *  @throws UsageError `data/missing`; `data/invalid` for other encodings, NUL bytes, broken gzip, and what passes the limits */
export const readLines = (path: string, limits: ReadLimits = {}): AsyncGenerator<Line> => strict(scanLines(path, limits));

/** The same from any stream of bytes; `path` is what messages call it. */
export const linesFrom = (path: string, chunks: AsyncIterable<Buffer>, limits: ReadLimits = {}): AsyncGenerator<Line> =>
  strict(scanLinesFrom(path, chunks, limits));

/** Goes on after a line that is not UTF-8, holds a NUL byte or is too long; what is wrong with the whole file is thrown as above. */
export async function* scanLines(path: string, limits: ReadLimits = {}): AsyncGenerator<Line | BadLine> {
  await mustExist(path);
  yield* scanLinesFrom(path, byteChunks(path), limits);
}

export async function* scanLinesFrom(
  path: string,
  chunks: AsyncIterable<Buffer>,
  { lineBytes = mebibyte, totalBytes = 2048 * mebibyte }: ReadLimits = {},
): AsyncGenerator<Line | BadLine> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  let number = 0;
  let total = 0;
  const take = (tail: Buffer): Line | BadLine => {
    number += 1;
    const bytes = rest.length > 0 ? Buffer.concat([...rest, tail]) : tail;
    const long = restBytes + tail.length > lineBytes;
    rest = [];
    restBytes = 0;
    return long ? tooLong(path, number, lineBytes) : decodeLine(path, number, bytes);
  };
  for await (const chunk of chunks) {
    if (total === 0) checkStart(path, chunk);
    total += chunk.length;
    if (total > totalBytes) {
      throw invalid(path, number + 1, `the file is larger than ${totalBytes / mebibyte} MiB`, 'split it, or train on a sample of it.');
    }
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      const tail = chunk.subarray(start, end);
      start = end + 1;
      yield take(tail);
    }
    if (start < chunk.length) {
      restBytes += chunk.length - start;
      // Of a line that is too long nothing need be kept.
      if (restBytes > lineBytes) rest = [];
      else rest.push(chunk.subarray(start));
    }
  }
  if (restBytes > 0) yield take(Buffer.alloc(0));
}

/** An error at a line of a file: `path:line: what. Fix: fix`. */
export function invalid(path: string, line: number, what: string, fix: string): UsageError {
  return new UsageError('data/invalid', `${path}:${line}: ${what}`, fix);
}

async function* byteChunks(path: string): AsyncGenerator<Buffer> {
  const file = createReadStream(path);
  if (!path.endsWith('.gz')) {
    yield* file;
    return;
  }
  const gunzip = createGunzip();
  file.on('error', (error) => gunzip.destroy(error));
  try {
    yield* file.pipe(gunzip);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(
      'data/invalid',
      `${path}: cannot be decompressed: ${reason}`,
      `check it with: gzip -t ${path}; copy it again if it was cut short.`,
    );
  } finally {
    file.destroy();
  }
}

function checkStart(path: string, chunk: Buffer): void {
  const [a, b] = chunk;
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) {
    throw invalid(path, 1, 'the file is UTF-16, not UTF-8', `convert it: iconv -f UTF-16 -t UTF-8 ${path} > NEW`);
  }
  if (a === 0x1f && b === 0x8b) throw invalid(path, 1, 'the file is gzip, but its name does not end in .gz', `rename it to ${path}.gz`);
}

function decodeLine(path: string, number: number, bytes: Buffer): Line | BadLine {
  let text: string;
  try {
    // Also drops a byte order mark, which only the first line may have.
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: number !== 1 }).decode(bytes);
  } catch {
    const what = `not UTF-8 after ${JSON.stringify(validStart(bytes).slice(-30))}`;
    const fix = `convert the file, if it came from Windows with: iconv -f WINDOWS-1252 -t UTF-8 ${path} > NEW`;
    return { line: number, reason: 'not UTF-8', error: invalid(path, number, what, fix) };
  }
  if (text.includes('\0')) {
    const fix = 'save the file as UTF-8 text; UTF-16 without a mark looks like this too (iconv -f UTF-16LE -t UTF-8).';
    return { line: number, reason: 'holds a NUL byte', error: invalid(path, number, 'holds a NUL byte', fix) };
  }
  return { number, text: text.endsWith('\r') ? text.slice(0, -1) : text };
}

function validStart(bytes: Buffer): string {
  const text = new TextDecoder('utf-8').decode(bytes);
  return text.slice(0, text.indexOf('\ufffd'));
}

function tooLong(path: string, number: number, lineBytes: number): BadLine {
  const reason = `the line is longer than ${lineBytes / mebibyte} MiB`;
  const fix = `put one example on each line, with a newline between; a line may have ${lineBytes / mebibyte} MiB.`;
  return { line: number, reason, error: invalid(path, number, reason, fix) };
}

/** @throws UsageError `data/missing` that names what is there instead */
export async function mustExist(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile()) return;
  if (found) throw new UsageError('data/missing', `${path}: is a folder, not a file`, 'name the file in it.');
  const folder = dirname(path);
  const names = await readdir(folder).catch(() => undefined);
  if (!names)
    throw new UsageError(
      'data/missing',
      `${path}: there is no folder ${folder}`,
      'correct the path; it is taken from the folder of the config.',
    );
  const meant = nearest(basename(path), names);
  const there =
    names.length === 0 ? 'nothing' : names.sort().slice(0, 12).join(', ') + (names.length > 12 ? `, and ${names.length - 12} more` : '');
  throw new UsageError(
    'data/missing',
    `${path}: there is no such file; ${folder} holds ${there}`,
    meant ? `did you mean ${meant}?` : 'correct the path.',
  );
}
