/** @file What requests have to do with one another: turns, texts in common, answers that were given before. */
import { expect, test, vi } from 'vitest';
import type { ServedModel } from './catalogue.js';
import { numberModel as model, setUpDispatcher as setUp, numberTokenizer as tokenizer } from './testing/fake-desk.js';

test('a client with a single text does not wait behind the list of another', async () => {
  const { dispatcher, jobs, nextJob } = setUp({ batchTexts: 1 });
  const list = dispatcher.dispatch(model, ['1', '2', '3', '4'], { client: 'importer' });
  await nextJob(1);
  const single = dispatcher.dispatch(model, ['9'], { client: 'reader' });
  await new Promise(setImmediate);
  for (let job = 1; job <= 5; job++) {
    await nextJob(job);
    jobs[job - 1]!.answer();
  }
  await Promise.all([list.answers, single.answers]);
  expect(jobs.findIndex(({ job }) => job.ids[0] === 9n)).toBeLessThanOrEqual(2);
});

test('a text that is asked for again while it waits or runs is computed once, and everybody gets its row', async () => {
  const { dispatcher, jobs, metrics, nextJob } = setUp();
  const encode = vi.spyOn(tokenizer, 'encode');
  const first = dispatcher.dispatch(model, ['5 5'], { client: 'a' });
  await nextJob(1);
  const whileRunning = dispatcher.dispatch(model, ['5 5', '6', '6'], { client: 'b' });
  await new Promise(setImmediate);
  const whileWaiting = dispatcher.dispatch(model, ['6'], { client: 'c' });
  const leaver = dispatcher.dispatch(model, ['6'], { client: 'd' });
  const left = expect(leaver.answers).rejects.toThrow('gone');
  await new Promise(setImmediate);
  leaver.cancel();
  await left;
  jobs[0]!.answer();
  expect((await first.answers).logits.map((row) => [...row])).toEqual([[5, 5.5]]);
  await nextJob(2);
  expect([...jobs[1]!.job.ids]).toEqual([6n]);
  jobs[1]!.answer();
  expect((await whileRunning.answers).logits.map((row) => row[0])).toEqual([5, 6, 6]);
  expect(await whileWaiting.answers).toMatchObject({ tokens: [1], truncated: [false] });
  expect(encode.mock.calls.map(([inputs]) => inputs)).toEqual([['5 5'], ['6']]);
  encode.mockRestore();
  expect((await metrics.deduplicated.get()).values[0]!.value).toBe(3);
});

test('everybody who waits for a text survives the loss of its batch', async () => {
  const { dispatcher, jobs, nextJob } = setUp();
  const first = dispatcher.dispatch(model, ['5']);
  await nextJob(1);
  const second = dispatcher.dispatch(model, ['5']);
  await new Promise(setImmediate);
  jobs[0]!.fail();
  await nextJob(2);
  expect(jobs[1]!.job.batch).toBe(1);
  jobs[1]!.answer();
  expect((await first.answers).logits[0]![0]).toBe(5);
  expect((await second.answers).logits[0]![0]).toBe(5);
  expect(jobs).toHaveLength(2);
});

test('the cache, when it is on, answers at once, even when the queue is full; another bundle of the same name is not answered by it', async () => {
  const { dispatcher, jobs, metrics, nextJob } = setUp({ cacheBytes: 10_000, queueTexts: 1, texts: 1 });
  const first = dispatcher.dispatch(model, ['5 5']);
  await nextJob(1);
  jobs[0]!.answer();
  await first.answers;
  const running = dispatcher.dispatch(model, ['1']);
  await nextJob(2);
  const waiting = dispatcher.dispatch(model, ['2']);
  await new Promise(setImmediate);
  const cached = await dispatcher.dispatch(model, ['5 5']).answers;
  expect(cached).toEqual({ ...(await first.answers), timings: { tokenizeMs: 0, queueMs: 0, inferMs: 0 } });
  const retrained: ServedModel = { ...model, manifest: { ...model.manifest, files: [{ path: 'onnx/model.onnx', bytes: 1, sha256: 'b' }] } };
  await expect(dispatcher.dispatch(retrained, ['5 5']).answers).rejects.toMatchObject({ code: 'queue-full' });
  for (const job of [2, 3]) {
    await nextJob(job);
    jobs[job - 1]!.answer();
  }
  await Promise.all([running.answers, waiting.answers]);
  const lookups = (await metrics.cacheLookups.get()).values.map(({ labels, value }) => [labels.outcome, value]);
  expect(lookups).toEqual([
    ['hit', 1],
    ['miss', 4],
  ]);
});

test('without a cache, which is the default, a text is computed each time', async () => {
  const { dispatcher, jobs, nextJob } = setUp();
  for (const job of [1, 2]) {
    const request = dispatcher.dispatch(model, ['5']);
    await nextJob(job);
    jobs[job - 1]!.answer();
    await request.answers;
  }
});

test('whatever happens to clients, batches and deadlines: every request has one end, and every answer is its own', async () => {
  let state = 17;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const { dispatcher, jobs, clock, metrics } = setUp({ queueTexts: 60, texts: 60, waitMs: 5_000, batchMs: 5_000, cacheBytes: 8_000 }, 3);
  const ends = new Map<number, string[]>();
  const open: (() => void)[] = [];
  let settled = 0;
  for (let step = 0; step < 3_000; step++) {
    clock.now += random(20);
    const what = random(10);
    if (what < 5) {
      const texts = Array.from({ length: 1 + random(6) }, () => `${1 + random(40)}${' 1'.repeat(random(5))}`);
      const options = { client: `c${random(5)}`, timeoutMs: random(4) === 0 ? 1 + random(400) : undefined };
      const { answers, cancel } = dispatcher.dispatch(model, texts, options);
      const mine: string[] = [];
      ends.set(step, mine);
      answers.then(
        ({ logits }) => {
          mine.push('answered');
          expect(logits.map((row) => row[0])).toEqual(texts.map((text) => Number(text.split(' ')[0])));
        },
        (error: { code: string }) => mine.push(error.code),
      );
      open.push(cancel);
    } else if (what < 6) open[random(open.length)]?.();
    else if (what < 7) dispatcher.sweep();
    else if (settled < jobs.length) jobs[settled++]![random(12) === 0 ? 'fail' : 'answer']();
    if (step % 3 === 0) await new Promise(setImmediate);
  }
  for (let calm = 0; calm < 5; calm++) {
    while (settled < jobs.length) {
      jobs[settled++]!.answer();
      calm = 0;
    }
    await new Promise(setImmediate);
  }
  const all = [...ends.values()];
  expect(all.every((mine) => mine.length === 1)).toBe(true);
  const kinds = new Set(all.flat());
  expect([...kinds].sort()).toEqual(['answered', 'deadline-exceeded', 'internal', 'model-failed', 'queue-full']);
  expect(all.flat().filter((end) => end === 'answered').length).toBeGreaterThan(300);
  expect((await metrics.queueTexts.get()).values[0]!.value).toBe(0);
  expect((await metrics.queueTokens.get()).values[0]!.value).toBe(0);
});
