/** @file The program as a function of a test: arguments, input and environment in, exit code and what it said out. */
import { PassThrough, Readable, Writable } from 'node:stream';
import { runProgram } from '../program.js';

export type Said = { readonly code: number; readonly stdout: string; readonly stderr: string };
export type Given = { readonly stdin?: string; readonly env?: Readonly<Record<string, string>> };

export async function copydesk(args: readonly string[], { stdin = '', env = {} }: Given = {}): Promise<Said> {
  const [out, err]: [string[], string[]] = [[], []];
  const input = stdin === '' ? new PassThrough().end() : Readable.from([Buffer.from(stdin)]);
  const code = await runProgram(args, { stdin: input, stdout: sink(out), stderr: sink(err), env });
  return { code, stdout: out.join(''), stderr: err.join('') };
}

function sink(chunks: string[]): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk));
      done();
    },
  });
}
