import { describe, expect, test, vi } from 'vitest';
import type { Manifest } from '../../models/index.js';
import { ServiceError } from '../protocol/index.js';
import type { ServedModel } from './catalogue.js';
import type { PointOptions } from './dispatch-points.js';
import type { Dispatcher, DispatchOptions } from './dispatcher.js';
import { createDeskExplainer, type Judged } from './explain.js';
import { limitsSchema } from './limits.js';
import { createMetrics } from './metrics/metrics.js';
import { gone } from './refusals.js';
import { numberModel, setUpDispatcher, shedAt } from './testing/fake-desk.js';

const manifest = { ...numberModel.manifest, labels: ['a', 'b'], activation: 'softmax', temperature: 1 } as unknown as Manifest;
const model: ServedModel = { ...numberModel, manifest };
const verdict = { label: 'a', score: 0.6, scores: { a: 0.6, b: 0.4 }, decision: 'publish', threshold: null, decidedBy: null, rule: { kind: 'none' }, model: 'm', version: '1' } as const; // biome-ignore format: one line
const judged = (texts: number): Judged => ({
  verdicts: Array(texts).fill(verdict),
  logits: Array(texts).fill([1, 0]),
  truncated: Array(texts).fill(false),
});

/** A dispatcher whose answers the test gives. */
function setUp(limits: Record<string, number> = {}, answer: 'at once' | 'never' | Error = 'at once', waiting = 0) {
  const asked: { readonly texts: readonly string[]; readonly options: DispatchOptions }[] = [];
  const points: { readonly progress: readonly number[]; readonly options: PointOptions }[] = [];
  const cancelled = vi.fn();
  const dispatcher: Dispatcher = {
    waiting,
    sweep: () => {},
    dispatch(_model, texts, options = {}) {
      asked.push({ texts: texts as readonly string[], options });
      let cancel = (): void => {};
      const answers = new Promise<never>((resolve, reject) => {
        cancel = () => {
          cancelled();
          reject(gone());
        };
        if (answer === 'at once') resolve({ logits: texts.map((text) => Float32Array.of(String(text).length, 0)) } as never);
        if (answer instanceof Error) reject(answer);
      });
      return { answers, cancel };
    },
    dispatchPoints(_model, given, options) {
      points.push({ progress: given.map(({ progress }) => progress), options });
      const rows = given.map(({ encoding: { ids }, progress }) => Float32Array.from([progress * 3, ...ids]));
      let cancel = (): void => {};
      const never = new Promise<never>((_, reject) => {
        cancel = () => {
          cancelled();
          reject(gone());
        };
      });
      return { answers: answer === 'at once' ? Promise.resolve(rows) : never, cancel };
    },
  };
  const metrics = createMetrics();
  const explainer = createDeskExplainer({ dispatcher, limits: limitsSchema.parse(limits), metrics, now: () => performance.now() });
  return { explainer, asked, points, cancelled, metrics };
}

describe('what may be explained', () => {
  test('not more texts than the limit, and no label that the model does not have', () => {
    const { explainer } = setUp({ explainTexts: 2 });
    expect(() => explainer.begin({ model, texts: ['a', 'b', 'c'], explain: {} })).toThrow(/3 texts are to be explained; at most 2/);
    expect(() => explainer.begin({ model, texts: ['a'], explain: { label: 'c' } })).toThrow(/has no label "c" to explain/);
    expect(() => explainer.begin({ model, texts: ['a'], explain: { label: 'a secret sentence' } })).toThrow(/no label of that name/);
  });

  test('with a limit of 0 nothing is, and the verdicts stay', async () => {
    const { explainer, asked } = setUp({ explainTexts: 0 });
    expect(await explainer.begin({ model, texts: ['a', 'b'], explain: {} })(judged(2))).toEqual([{ unexplained: 'off' }, { unexplained: 'off' }]); // biome-ignore format: short
    expect(asked).toEqual([]);
  });
});

describe('what it costs', () => {
  test('never more calls than the limit for each text, in batches of the size of others, as probes in the name of the client', async () => {
    const { explainer, asked, metrics } = setUp({ explainCalls: 20, batchTexts: 8 });
    const text = 'one two three '.repeat(30);
    const explained = await explainer.begin({ model, texts: [text, `${text}.`], explain: {}, client: 'wire', timeoutMs: 900 })(judged(2));
    expect(explained.every((one) => 'explanation' in one)).toBe(true);
    const sizes = asked.map(({ texts }) => texts.length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(8);
    const calls = sizes.reduce((a, b) => a + b, 0);
    expect(calls).toBeGreaterThan(20);
    expect(calls).toBeLessThanOrEqual(40);
    for (const { options } of asked) {
      expect(options).toMatchObject({ client: 'wire', probe: true });
      expect(options.timeoutMs).toBeLessThanOrEqual(890);
    }
    expect((await metrics.explainCalls.get()).values[0]?.value).toBe(calls);
  });

  test('a pair that is read in both orders counts twice', async () => {
    const both = { ...model, manifest: { ...manifest, text: { ...manifest.text, pairs: 'both-orders' as const } } };
    const { explainer, asked } = setUp({ explainCalls: 20 });
    await explainer.begin({ model: both, texts: [['one two three four five six seven', 'eight nine ten eleven twelve']], explain: {} })(judged(1)); // biome-ignore format: short
    expect(asked.reduce((sum, { texts }) => sum + texts.length, 0)).toBeLessThanOrEqual(10);
  });
});

describe('a model with an explain graph', () => {
  const files = [{ path: 'onnx/model.onnx', bytes: 1, sha256: 'a' }];
  const withGraph = { ...manifest, explain: 'onnx/explain.onnx', models: { fp32: 'onnx/model.onnx' }, files } as unknown as Manifest;
  const placed = { ...numberModel.tokenizer, encode: async (inputs: readonly unknown[]) => inputs.map((input) => ({ ids: String(input).trim().split(' ').map((word) => word.length), types: [], truncated: false, places: [{ start: 0, end: String(input).trim().split(' ').length }] })) }; // biome-ignore format: one idea
  const explainable: ServedModel = { ...model, manifest: withGraph, modelPath: 'onnx/model.onnx', tokenizer: placed };
  const text = 'one three';

  test('is asked for points on the way, in the name of the client, and counted so', async () => {
    const { explainer, asked, points, metrics } = setUp();
    const [first] = await explainer.begin({ model: explainable, texts: [text], explain: {}, client: 'wire', timeoutMs: 900 })(judged(1));
    expect(first).toMatchObject({ explanation: { method: 'integrated-gradients', empty: 0 } });
    expect(asked).toEqual([]);
    expect(points[0]!.progress).toEqual([0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1]);
    for (const { options } of points) {
      expect(options.client).toBe('wire');
      expect(options.timeoutMs).toBeLessThanOrEqual(890);
    }
    expect((await metrics.explainCalls.get()).values[0]?.value).toBe(points.flatMap(({ progress }) => progress).length);
    expect((await metrics.explanations.get()).values[0]?.labels).toMatchObject({ outcome: 'integrated-gradients' });
  });

  test.each([
    ['the request asks for it', { method: 'occlusion' as const }, explainable, {}],
    [
      'another file than the one whose weights the graph reads is served',
      {},
      { ...explainable, modelPath: 'onnx/model_quantized.onnx' },
      {},
    ],
    ['there is no room for a way', {}, explainable, { explainCalls: 26 }],
  ])('has words left out where %s', async (_what, explain, served, limits) => {
    const { explainer, asked, points } = setUp(limits);
    const [first] = await explainer.begin({ model: served, texts: [text], explain })(judged(1));
    expect(first).toMatchObject({ explanation: { method: 'occlusion' } });
    expect(points).toEqual([]);
    expect(asked.length).toBeGreaterThan(0);
  });

  test('that does not answer in time has its work given up', async () => {
    const { explainer, points, cancelled } = setUp({ explainMs: 30 }, 'never');
    const explained = await explainer.begin({ model: explainable, texts: [text, text], explain: {} })(judged(2));
    expect(explained).toEqual([{ unexplained: 'time' }, { unexplained: 'time' }]);
    expect(cancelled).toHaveBeenCalledOnce();
    expect(points).toHaveLength(1);
  });
});

describe('points on the way', () => {
  const encoding = { ids: [4, 5], types: [0, 0], truncated: false };
  const points = [0, 0.5, 1].map((progress) => ({ encoding, baseline: [4, 0], progress, label: 1 }));

  test('run together, apart from texts, with what the explain graph wants', async () => {
    const { dispatcher, jobs, nextJob } = setUpDispatcher();
    const busy = dispatcher.dispatch(model, ['1']);
    await nextJob(1);
    const way = dispatcher.dispatchPoints(model, points, { timeoutMs: 1_000 });
    const text = dispatcher.dispatch(model, ['2 2']);
    await vi.waitFor(() => expect(dispatcher.waiting).toBe(4));
    jobs[0]!.answer();
    await nextJob(2);
    expect([jobs[1]!.job.batch, jobs[1]!.job.way]).toEqual([1, undefined]);
    jobs[1]!.answer();
    await nextJob(3);
    const { batch, tokens, ids, way: given } = jobs[2]!.job;
    expect([batch, tokens, [...ids]]).toEqual([3, 2, [4n, 5n, 4n, 5n, 4n, 5n]]);
    expect(given).toEqual({ baseline: BigInt64Array.of(4n, 0n, 4n, 0n, 4n, 0n), progress: Float32Array.of(0, 0.5, 1), label: Float32Array.of(0, 1, 0, 1, 0, 1) }); // biome-ignore format: one idea
    jobs[2]!.answer();
    expect((await way.answers).map((row) => [...row])).toEqual(Array(3).fill([4, 4.5]));
    await Promise.all([busy.answers, text.answers]);
  });

  test('take turns with the files of the same client, and wait behind everybody who waits for a verdict', async () => {
    const { dispatcher, jobs, nextJob } = setUpDispatcher({ batchTexts: 1 });
    const file = dispatcher.dispatch(model, ['1', '2', '3', '4', '5', '6'], { client: 'wire', background: true });
    await nextJob(1);
    const way = dispatcher.dispatchPoints(model, points.slice(0, 1), { client: 'wire', timeoutMs: 1_000 });
    const reader = dispatcher.dispatch(model, ['9'], { client: 'reader' });
    await vi.waitFor(() => expect(dispatcher.waiting).toBe(7));
    for (let job = 1; job <= 8; job++) {
      await nextJob(job);
      jobs[job - 1]!.answer();
    }
    await Promise.all([file.answers, way.answers, reader.answers]);
    expect(Number(jobs[1]!.job.ids[0])).toBe(9);
    expect(jobs.findIndex(({ job }) => job.way)).toBeLessThanOrEqual(3);
  });

  test('that fail are not run again, and points of one who has gone leave the queue', async () => {
    const { dispatcher, jobs, nextJob } = setUpDispatcher();
    const failing = dispatcher.dispatchPoints(model, points, { timeoutMs: 1_000 });
    await nextJob(1);
    const waiting = dispatcher.dispatchPoints(model, points, { timeoutMs: 1_000 });
    expect(dispatcher.waiting).toBe(3);
    waiting.cancel();
    await expect(waiting.answers).rejects.toThrow('the client has gone');
    expect(dispatcher.waiting).toBe(0);
    jobs[0]!.fail();
    await expect(failing.answers).rejects.toMatchObject({ code: 'model-failed' });
  });

  test('are refused where the background has no room', async () => {
    const { dispatcher, nextJob } = setUpDispatcher({ queueTexts: 8 });
    void dispatcher.dispatch(model, ['1']).answers;
    await nextJob(1);
    void dispatcher.dispatch(model, ['2']).answers;
    await vi.waitFor(() => expect(dispatcher.waiting).toBe(1));
    await expect(dispatcher.dispatchPoints(model, points, { timeoutMs: 1_000 }).answers).rejects.toMatchObject({ code: 'queue-full' });
  });
});

describe('what cannot be explained has a reason, and the next text none either', () => {
  const explain = (given: ReturnType<typeof setUp>, more: { readonly timeoutMs?: number } = {}) =>
    given.explainer.begin({ model, texts: ['one two', 'three four'], explain: {}, ...more })(judged(2));

  test('no time left after the verdict', async () => {
    const given = setUp();
    expect(await explain(given, { timeoutMs: 1 })).toEqual([{ unexplained: 'time' }, { unexplained: 'time' }]);
    expect(given.asked).toEqual([]);
  });

  test('an answer that does not come: the work is given up', async () => {
    const given = setUp({ explainMs: 30 }, 'never');
    expect(await explain(given)).toEqual([{ unexplained: 'time' }, { unexplained: 'time' }]);
    expect(given.cancelled).toHaveBeenCalledOnce();
    expect(given.asked).toHaveLength(1);
  });

  test('a queue that is half full, or refuses', async () => {
    expect(await explain(setUp({ queueTexts: 256 }, 'at once', 129))).toEqual([{ unexplained: 'busy' }, { unexplained: 'busy' }]);
    const refused = setUp({}, new ServiceError('queue-full', '', ''));
    expect(await explain(refused)).toEqual([{ unexplained: 'busy' }, { unexplained: 'busy' }]);
    expect(refused.asked).toHaveLength(1);
  });

  test('too late for the queue; and a model that failed, which the next text does not suffer for', async () => {
    expect(await explain(setUp({}, new ServiceError('deadline-exceeded', '', '')))).toEqual([
      { unexplained: 'time' },
      { unexplained: 'time' },
    ]);
    const failed = setUp({}, new ServiceError('model-failed', '', ''));
    expect(await explain(failed)).toEqual([{ unexplained: 'failed' }, { unexplained: 'failed' }]);
    expect(failed.asked).toHaveLength(2);
  });

  test('a fault of our own is not hidden', async () => {
    await expect(explain(setUp({}, new TypeError('a bug')))).rejects.toThrow('a bug');
  });

  test('outcomes are counted', async () => {
    const given = setUp({ explainMs: 5 }, 'never');
    await explain(given);
    const [counted] = (await given.metrics.explanations.get()).values;
    expect(counted).toMatchObject({ value: 2, labels: { outcome: 'time' } });
  });
});

test('a client that goes away takes its work along', async () => {
  const { explainer, asked, cancelled } = setUp({}, 'never');
  const client = new AbortController();
  const answer = explainer.begin({ model, texts: ['one two', 'three'], explain: {}, signal: client.signal })(judged(2));
  await vi.waitFor(() => expect(asked).toHaveLength(1));
  client.abort();
  await expect(answer).rejects.toThrow('the client has gone');
  expect(cancelled).toHaveBeenCalledOnce();
  expect(asked).toHaveLength(1);
});

describe('probes', () => {
  test('run after everything that somebody wrote, and are not kept', async () => {
    const { dispatcher, jobs, nextJob } = setUpDispatcher({ cacheBytes: 100_000 });
    const first = dispatcher.dispatch(model, ['1']);
    await nextJob(1);
    const probe = dispatcher.dispatch(model, ['2'], { client: 'x', probe: true });
    const plain = dispatcher.dispatch(model, ['3'], { client: 'x' });
    await vi.waitFor(() => expect(dispatcher.waiting).toBe(2));
    jobs[0]!.answer();
    await nextJob(2);
    expect(Number(jobs[1]!.job.ids[0])).toBe(3);
    jobs[1]!.answer();
    await nextJob(3);
    jobs[2]!.answer();
    await Promise.all([first, probe, plain].map(({ answers }) => answers));
    const known = dispatcher.dispatch(model, ['3']);
    expect((await known.answers).timings.inferMs).toBe(0);
    void dispatcher.dispatch(model, ['2']).answers;
    await nextJob(4);
  });

  test('do not run again when their batch fails, and are not counted as shed', async () => {
    const { dispatcher, jobs, clock, metrics, nextJob } = setUpDispatcher();
    const failing = dispatcher.dispatch(model, ['2'], { probe: true });
    await nextJob(1);
    jobs[0]!.fail();
    await expect(failing.answers).rejects.toMatchObject({ code: 'model-failed' });
    void dispatcher.dispatch(model, ['4']);
    await nextJob(2);
    const late = dispatcher.dispatch(model, ['5'], { probe: true, timeoutMs: 10 });
    await vi.waitFor(() => expect(dispatcher.waiting).toBe(1));
    clock.now = 11;
    dispatcher.sweep();
    await expect(late.answers).rejects.toMatchObject({ code: 'deadline-exceeded' });
    for (const stage of ['queue', 'batch', 'admission']) expect(await shedAt(metrics, stage)).toBe(0);
  });
});
