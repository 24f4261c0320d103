/** @file The command line in this process: what is typed, and what comes back. */
import { PassThrough, Readable, Writable } from 'node:stream';
import { runProgram } from '../cli/program.js';

export type Said = { readonly code: number; readonly stdout: string; readonly stderr: string };

/**
 * @param input on stdin
 * @param watched whether a person is looking: progress bars are shown
 */
export async function copydesk(args: readonly string[], { input = '', watched = false } = {}): Promise<Said> {
  const [out, err]: [string[], string[]] = [[], []];
  const stdin = input === '' ? new PassThrough().end() : Readable.from([Buffer.from(input)]);
  const stderr = Object.assign(sink(err), watched ? { isTTY: true, columns: 120 } : {});
  const code = await runProgram(args, { stdin, stdout: sink(out), stderr, env: {} });
  return { code, stdout: out.join(''), stderr: err.join('') };
}

const sink = (chunks: string[]): Writable =>
  new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk));
      done();
    },
  });
