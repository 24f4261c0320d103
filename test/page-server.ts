/** @file A server in a process of its own, so that a test can end it: `start` it with options of `startServer`; it says its address on its first line. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type ServerOptions, startServer } from '../serving/http/index.js';

export type PageServer = { readonly url: string; readonly port: number; end(): Promise<void> };

const own = fileURLToPath(import.meta.url);

/** @param options plain data, as far as they are given; on one worker, silent */
export async function startPageServer(options: Pick<ServerOptions, 'models'> & Partial<ServerOptions>): Promise<PageServer> {
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', own, JSON.stringify({ port: 0, ...options })], { stdio: ['ignore', 'pipe', 'inherit'] }); // biome-ignore format: one line
  const [line] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string];
  return {
    url: line,
    port: Number(new URL(line).port),
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      process.kill(child.pid!, 'SIGKILL');
      await ended;
    },
  };
}

if (process.argv[1] === own) {
  const { url } = await startServer({ workers: 1, logLevel: 'silent', ...(JSON.parse(process.argv[2]!) as ServerOptions) });
  console.log(url);
}
