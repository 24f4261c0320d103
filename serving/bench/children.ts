/** @file The processes of a benchmark: the server, and the clients that ask it. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Precision } from '../../models/bundle/node.js';
import { invariant } from '../../models/index.js';
import type { LoadOrder, LoadReport } from './load.js';

export type BenchServer = { readonly url: string; readonly pid: number | undefined; stop(): void };

/** The server of this project with default settings. @param models its folder of bundles */
export async function startOurs(models: string, precision: Precision): Promise<BenchServer> {
  const child = start('server', [models, precision]);
  const { url } = await answerOf<{ url: string }>(child);
  return { url, pid: child.pid, stop: () => void child.kill('SIGTERM') };
}

export type Load = {
  /** @throws Error where a request failed: figures of requests that were refused say nothing */
  drive(order: LoadOrder): Promise<LoadReport>;
  stop(): void;
};

export function startLoad(): Load {
  const child = start('load', []);
  return {
    async drive(order) {
      child.send(order);
      const report = await answerOf<LoadReport>(child);
      invariant(report.failures === 0, `bench: ${report.failures} of ${report.requests} requests to ${order.url} failed`);
      return report;
    },
    stop: () => child.disconnect(),
  };
}

/** A script of this folder as it is here: built or source. */
function start(name: string, args: readonly string[]): ChildProcess {
  return fork(fileURLToPath(new URL(`./${name}${import.meta.url.slice(-3)}`, import.meta.url)), [...args]);
}

function answerOf<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`a process of the benchmark ended with code ${code}`));
    child.once('exit', ended).once('message', (message) => {
      child.off('exit', ended);
      resolve(message as T);
    });
  });
}
