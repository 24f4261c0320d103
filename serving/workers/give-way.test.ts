import { readFileSync, readlinkSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';

/** Of a thread, as `/proc` has it: the 19th field, behind a name in brackets. */
const niceness = (stat: string): number => Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);

test.skipIf(process.platform !== 'linux')('the thread that calls it is nicer than the others, and they stay as they are', async () => {
  const own = () => niceness(readFileSync(`/proc/${readlinkSync('/proc/thread-self')}/stat`, 'utf8'));
  const before = own();
  const module = new URL('./give-way.ts', import.meta.url).href;
  const program = `
    import('tsx/esm/api').then(({ tsImport }) => tsImport(${JSON.stringify(module)}, ${JSON.stringify(import.meta.url)})).then(({ giveWay }) => {
      giveWay();
      const { readFileSync, readlinkSync } = require('node:fs');
      require('node:worker_threads').parentPort.postMessage(readFileSync('/proc/' + readlinkSync('/proc/thread-self') + '/stat', 'utf8'));
    });`;
  const worker = new Worker(program, { eval: true });
  const stat = await new Promise<string>((resolve, reject) => worker.once('message', resolve).once('error', reject));
  await worker.terminate();
  expect(niceness(stat)).toBe(Math.min(19, before + 10));
  expect(own()).toBe(before);
});
