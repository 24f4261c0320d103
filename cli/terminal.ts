/** @file Where a verb reads and writes: results on stdout, talk on stderr. */
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';

export type Terminal = {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
};

/** Writes a line of the result. Waits while the reader is behind, so that memory stays bounded. */
export async function print({ stdout }: Terminal, line: string): Promise<void> {
  if (!stdout.write(`${line}\n`)) await once(stdout, 'drain');
}

/** Says what is being done. */
export function say({ stderr }: Terminal, line: string): void {
  stderr.write(`${line}\n`);
}
