/** @file Where answers go: stdout, a file, or a file in a zip. */
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Zip, ZipDeflate } from 'fflate';
import { print, type Terminal } from './terminal.js';

/** Where answers go, line by line. */
export type Sink = { line(text: string): Promise<void>; close(): Promise<void>; discard(): Promise<void> };

export const toTerminal = (terminal: Terminal): Sink => ({
  line: (text) => print(terminal, text),
  close: async () => {},
  discard: async () => {},
});

/** Written beside its place and moved there at the end.
 *  @param path with .zip the lines are a file in it
 *  @param inside its name */
export async function toFile(path: string, inside: string): Promise<Sink> {
  await mkdir(dirname(path), { recursive: true });
  const partial = `${path}.partial`;
  const file = await open(partial, 'w');
  const { write, end } = /\.zip$/i.test(path) ? zipped(file, inside) : plain(file);
  return {
    line: (text) => write(`${text}\n`),
    close: async () => {
      await end();
      await file.close();
      await rename(partial, path);
    },
    discard: async () => {
      await file.close().catch(() => {}); // it may be closed already
      await rm(partial, { force: true });
    },
  };
}

type Writer = { write(text: string): Promise<void>; end(): Promise<void> };

const plain = (file: FileHandle): Writer => ({
  write: async (text) => void (await file.write(text)),
  end: async () => {},
});

function zipped(file: FileHandle, name: string): Writer {
  const chunks: Uint8Array[] = [];
  const zip = new Zip((error, chunk) => {
    if (error) throw error;
    chunks.push(chunk);
  });
  const entry = new ZipDeflate(name, { level: 9 });
  entry.mtime = new Date(1980, 0, 1); // the same answers make the same file
  zip.add(entry);
  const flush = async () => {
    for (const chunk of chunks.splice(0)) await file.write(chunk);
  };
  return {
    write: async (text) => {
      entry.push(Buffer.from(text));
      await flush();
    },
    end: async () => {
      entry.push(new Uint8Array(), true);
      zip.end();
      await flush();
    },
  };
}
