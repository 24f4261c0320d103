/** Loaded before the server: at SIGUSR2 every worker thread gets a message that it cannot understand, which ends it and the batch it has. */
import { createRequire, syncBuiltinESMExports } from 'node:module';

const threads = createRequire(import.meta.url)('node:worker_threads');
const live = new Set();

threads.Worker = class extends threads.Worker {
  constructor(entry, options) {
    super(entry, options);
    if (!String(entry).includes('/serving/workers/')) return;
    live.add(this);
    this.once('exit', () => live.delete(this));
  }
};
syncBuiltinESMExports();

process.on('SIGUSR2', () => {
  for (const worker of live) worker.postMessage(null);
});
