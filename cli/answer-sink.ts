/** @file Where answers go that are not simply a file: stdout, or a file in a zip. */
import { createReadStream } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { Zip, ZipDeflate } from 'fflate';
import type { Output } from '../serving/index.js';
import { print, type Terminal } from './terminal.js';

/** Nothing can be gone on from there. */
export async function toTerminal(terminal: Terminal, head: string | undefined): Promise<Output> {
  if (head !== undefined) await print(terminal, head);
  const at = { rows: 0, bad: 0, bytes: 0, asideBytes: 0 };
  return {
    at,
    async append({ text, rows, bad }) {
      if (text !== '') await print(terminal, text.replace(/\n$/, ''));
      at.rows += rows;
      at.bad += bad;
    },
    finish: async () => {},
    stop: async () => {},
  };
}

/** @param inside what the file is called in the zip */
export const zipAs =
  (inside: string) =>
  async (answers: string, path: string): Promise<void> => {
    const temporary = `${path}.zipped`;
    const file = await open(temporary, 'w');
    const chunks: Uint8Array[] = [];
    const zip = new Zip((error, chunk) => {
      if (error) throw error;
      chunks.push(chunk);
    });
    const entry = new ZipDeflate(inside, { level: 9 });
    entry.mtime = new Date(1980, 0, 1); // the same answers make the same file
    zip.add(entry);
    const flush = async () => {
      for (const chunk of chunks.splice(0)) await file.write(chunk);
    };
    for await (const bytes of createReadStream(answers)) {
      entry.push(bytes as Uint8Array);
      await flush();
    }
    entry.push(new Uint8Array(), true);
    zip.end();
    await flush();
    await file.close();
    await rename(temporary, path);
  };
