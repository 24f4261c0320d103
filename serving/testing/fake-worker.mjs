/** @file A worker thread without a model, in which a token can cause every accident. The logits of a row are [sum of its ids, its length]. */
import { parentPort, workerData } from 'node:worker_threads';

/** Models it has; one whose path is `bad` cannot be loaded, one whose path is `fatal` ends the thread. */
const models = new Set(workerData.models.map(({ key }) => key));

const accidents = {
  901: () => process.exit(7),
  902: () => {
    throw new Error('thrown on purpose');
  },
  903: () => 'hang',
  904: (id) => parentPort.postMessage({ kind: 'refused', id, message: 'refused on purpose' }),
};

parentPort.on('message', (message) => {
  if (message === 'end') process.exit(0);
  const { id, job, load, unload, widen } = message;
  if (widen) return parentPort.postMessage({ kind: 'settled', id });
  if (load) {
    if (load.path === 'fatal') process.exit(8);
    if (load.path === 'bad') return parentPort.postMessage({ kind: 'refused', id, message: 'cannot be loaded' });
    models.add(load.key);
    return parentPort.postMessage({ kind: 'settled', id });
  }
  if (unload) {
    models.delete(unload);
    return parentPort.postMessage({ kind: 'settled', id });
  }
  if (job.model !== 'm' && !models.has(job.model)) return parentPort.postMessage({ kind: 'refused', id, message: `no model ${job.model}` });
  const ids = Array.from(job.ids, Number);
  const accident = ids.find((token) => token in accidents);
  if (accident !== undefined) return accidents[accident](id);
  const logits = new Float32Array(job.batch * 2);
  for (let row = 0; row < job.batch; row++) {
    const from = row * job.tokens;
    for (let i = from; i < from + job.tokens; i++) {
      if (job.mask[i] === 0n) continue;
      logits[row * 2] += ids[i];
      logits[row * 2 + 1]++;
    }
  }
  parentPort.postMessage({ kind: 'done', id, logits, seconds: 0.001, wide: false }, [logits.buffer]);
});

parentPort.postMessage({ kind: 'ready', opened: [] });
