/** @file One file from the network to the disk: it goes on where it was cut, and is taken only when its digests are right. */
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UsageError } from '../errors.js';
import { type CarefulFetch, reasonOf, unreachable } from './careful-fetch.js';
import { type Digests, faultOf } from './digests.js';
import { pieces } from './read-body.js';
import { refusal } from './refusal.js';

export type RemoteFile = Digests & {
  /** Where it goes, relative to the folder. */
  readonly path: string;
  readonly url: URL;
};

export type DownloadOptions = {
  readonly net: CarefulFetch;
  /** The folder that whole files go to. */
  readonly files: string;
  /** The folder of what is not whole yet; each part is named after the content that it will have. */
  readonly parts: string;
  /** How many bytes of the file are here. */
  readonly onProgress?: (bytes: number) => void;
};

/**
 * A file that is already there and right is left alone.
 *
 * @throws UsageError `hub/unreachable`, `hub/refused`, or `bundle/hash` when what the server holds is not what the record says
 */
export async function downloadFile(file: RemoteFile, { net, files, parts, onProgress = () => {} }: DownloadOptions): Promise<void> {
  const target = join(files, file.path);
  if ((await faultOf(target, file)) === undefined) return onProgress(file.bytes);
  const part = join(parts, `${file.sha256 ?? file.gitSha1}.part`);
  const begun = (await sizeOf(part)) > 0;
  await fill(part, file, net, onProgress);
  let fault = await faultOf(part, file);
  if (fault !== undefined && begun) {
    // The part was of another content: only a fresh download tells whose fault it is.
    await rm(part);
    await fill(part, file, net, onProgress);
    fault = await faultOf(part, file);
  }
  if (fault !== undefined) {
    await rm(part);
    throw wrong(file, fault);
  }
  await mkdir(dirname(target), { recursive: true });
  await rename(part, target);
  await rm(etagOf(part), { force: true });
}

/** Asks until the part is as long as the file. */
async function fill(part: string, file: RemoteFile, net: CarefulFetch, onProgress: (bytes: number) => void): Promise<void> {
  if (file.bytes === 0) await writeFile(part, '');
  let failures = 0;
  for (;;) {
    const before = await sizeOf(part);
    if (before === file.bytes) break;
    const problem = await receive(part, before > file.bytes ? 0 : before, file, net, onProgress);
    const after = await sizeOf(part);
    if (after === file.bytes) break;
    failures = after > before ? 1 : failures + 1;
    const what = `${file.url.host}: ${file.path}: ${problem ?? 'the connection was cut'} after ${after} of ${file.bytes} bytes`;
    if (!(await net.again(failures, what))) throw unreachable(what, failures);
  }
  onProgress(file.bytes);
}

const etagOf = (part: string): string => `${part}.etag`;

/** @returns what went wrong and may pass; what arrived is in the part in any case */
async function receive(
  part: string,
  have: number,
  file: RemoteFile,
  net: CarefulFetch,
  onProgress: (bytes: number) => void,
): Promise<string | undefined> {
  const known = have > 0 ? await readFile(etagOf(part), 'utf8').catch(() => '') : '';
  const response = await net.fetch(file.url, {
    headers: {
      // The record counts the bytes of the file, and ranges count those that travel.
      'accept-encoding': 'identity',
      ...(have > 0 ? { range: `bytes=${have}-` } : {}),
      ...(known ? { 'if-range': known } : {}),
    },
  });
  const goesOn = response.status === 206 && rangeFits(response, have, file.bytes);
  if (!goesOn && (response.status === 206 || response.status === 416)) {
    await response.body?.cancel();
    await rm(part, { force: true });
    return 'the server cannot go on where it stopped';
  }
  if (!response.ok) throw await refusal(response, file.url.href);
  const length = response.headers.has('content-encoding') ? null : response.headers.get('content-length');
  const expected = file.bytes - (goesOn ? have : 0);
  if (length !== null && Number(length) !== expected) {
    await response.body?.cancel();
    throw wrong(file, `has ${length} bytes to come, not the ${expected} of its record`);
  }
  const etag = response.headers.get('etag') ?? '';
  // A weak one says that contents are alike, not that their bytes are.
  if (etag.startsWith('"')) await writeFile(etagOf(part), etag);
  else await rm(etagOf(part), { force: true });
  const out = await open(part, goesOn ? 'a' : 'w');
  let at = goesOn ? have : 0;
  try {
    for await (const piece of pieces(response, net.idleMs)) {
      at += piece.length;
      if (at > file.bytes) throw wrong(file, `is longer than the ${file.bytes} bytes of its record`);
      await out.writeFile(piece);
      onProgress(at);
    }
    return undefined;
  } catch (error) {
    if (error instanceof UsageError || isOfDisk(error)) throw error;
    return reasonOf(error as Error);
  } finally {
    await out.sync().catch(() => {});
    await out.close();
  }
}

function rangeFits(response: Response, from: number, bytes: number): boolean {
  const [, first, , total] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '') ?? [];
  return Number(first) === from && (total === '*' || Number(total) === bytes) && !response.headers.has('content-encoding');
}

/** A full disk does not become emptier by asking again. */
const isOfDisk = (error: unknown): boolean => (error as NodeJS.ErrnoException).syscall === 'write';

const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );

const wrong = ({ url, path }: RemoteFile, fault: string): UsageError =>
  new UsageError(
    'bundle/hash',
    `${url.host}: ${path} ${fault}`,
    'the file was damaged or changed after its record was written: tell whoever publishes it, or take another revision.',
  );
