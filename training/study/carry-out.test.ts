/** @file Real runs of a second each, below one folder: carried out once, stopped, gone on with. */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runFiles } from '../../models/index.js';
import { readSmallConfig, resultOf, writeSmallData } from '../trainer/testing/small-run.js';
import { ablationResult, ablationRuns } from './ablation-result.js';
import { carryOut, type PlannedRun, type StudyEvent } from './carry-out.js';
import { planAblation } from './plan-ablation.js';
import { planFolds, planSeeds } from './plan-study.js';
import { writeAblation, writeStudy } from './write-results.js';

let home: string;
let path: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'copydesk-study-'));
  path = await writeSmallData(home);
});
afterAll(() => rm(home, { recursive: true }));

const config = (overrides: Readonly<Record<string, unknown>> = {}) => readSmallConfig(path, { 'training.epochs': 2, ...overrides });

/** @param stopAt run and step at which a person stops it */
async function all(folder: string, runs: readonly PlannedRun[], stopAt?: { run: number; step: number }): Promise<StudyEvent[]> {
  const stop = new AbortController();
  const events: StudyEvent[] = [];
  let at = 0;
  for await (const event of carryOut({ folder, runs, signal: stop.signal })) {
    events.push(event);
    if (event.kind === 'run') at = event.at;
    if (event.kind === 'training' && event.event.kind === 'step' && at === stopAt?.run && event.event.step === stopAt.step) stop.abort();
  }
  return events;
}
const states = (events: readonly StudyEvent[]) => events.flatMap((event) => (event.kind === 'run' ? [event.state] : []));

describe('seeds', () => {
  test('stopped in the second run, the same plan goes on: what is finished stays, and nothing differs from an unbroken study', async () => {
    const runs = planSeeds(await config(), [1, 2]);
    const [whole, broken] = [join(home, 'whole'), join(home, 'broken')];
    expect((await all(whole, runs)).at(-1)).toEqual({ kind: 'end', interrupted: false, failed: [] });
    const stopped = await all(broken, runs, { run: 2, step: 5 });
    expect(stopped.at(-1)).toEqual({ kind: 'end', interrupted: true, failed: [] });
    const { mtimeMs } = await stat(join(broken, 'seed-1', runFiles.run));
    const resumed = await all(broken, runs);
    expect(states(resumed)).toEqual(['finished', 'begun']);
    expect((await stat(join(broken, 'seed-1', runFiles.run))).mtimeMs).toBe(mtimeMs);
    for (const name of ['seed-1', 'seed-2']) expect(await resultOf(join(broken, name))).toEqual(await resultOf(join(whole, name)));
    expect(states(await all(broken, runs))).toEqual(['finished', 'finished']);
    const curves = async (name: string) => (await readdir(join(broken, name))).filter((file) => file.startsWith('events.out.tfevents.'));
    expect([(await curves('seed-1')).length, (await curves('seed-2')).length]).toEqual([1, 2]);
  });

  test('the summary is that of the run records, and the page names every run', async () => {
    const folder = join(home, 'whole');
    const input = { folder, kind: 'seeds', names: ['seed-1', 'seed-2'], failed: [], samples: 200 } as const;
    const { result, page } = await writeStudy(input);
    const values = await Promise.all(
      input.names.map(async (name) => JSON.parse(await readFile(join(folder, name, runFiles.run), 'utf8')).metrics.val),
    );
    const [a, b] = values.map(({ macroF1 }) => macroF1 as number) as [number, number];
    expect(result.summary.val!.macroF1).toMatchObject({ min: Math.min(a, b), max: Math.max(a, b), runs: 2 });
    expect(result.summary.val!.macroF1!.mean).toBeCloseTo((a + b) / 2, 12);
    expect(result.summary.val!.macroF1!.deviation).toBeCloseTo(Math.abs(a - b) / Math.SQRT2, 12);
    expect(result.summary.val!['perClass.clickbait.f1']!.max).toBe(
      Math.max(...values.map(({ perClass }) => perClass.clickbait.f1 as number)),
    );
    expect(result.intervals.macroF1!.value).toBeCloseTo((a + b) / 2, 12);
    expect(JSON.parse(await readFile(join(folder, 'study.json'), 'utf8'))).toEqual(JSON.parse(JSON.stringify(result)));
    const html = await readFile(page, 'utf8');
    for (const shown of ['seed-1', 'seed-2', 'clickbait', 'macro F1 while training']) expect(html).toContain(shown);
    expect(html).not.toContain('NaN');
  });

  test('a folder that holds a run with another config is refused before anything is trained', async () => {
    const other = planSeeds(await config({ 'training.batchSize': 4 }), [3, 1]);
    await expect(all(join(home, 'whole'), other)).rejects.toThrow(
      /seed-1: there is a run here with another config: training.batchSize was 8, now 4/,
    );
    await expect(stat(join(home, 'whole', 'seed-3'))).rejects.toThrow();
  });
});

test('folds: every text is held out once, no text is learned from and measured on, each fold is a run of its own', async () => {
  const folder = join(home, 'folds');
  const { by, texts, runs } = await planFolds(await config(), folder, 3);
  expect({ by, texts }).toEqual({ by: 'label', texts: 49 });
  const lines = async (file: unknown) => (await readFile(String(file), 'utf8')).trim().split('\n');
  const held = await Promise.all(runs.map(({ config: { data } }) => lines(data.val)));
  expect(new Set(held.flat()).size).toBe(49);
  for (const [
    i,
    {
      config: { data },
    },
  ] of runs.entries()) {
    const learned = new Set(await lines(data.train));
    expect(learned.size + held[i]!.length).toBe(49);
    expect(held[i]!.filter((line) => learned.has(line))).toEqual([]);
  }
  await all(folder, runs);
  const { result } = await writeStudy({ folder, kind: 'folds', by, names: runs.map(({ name }) => name), failed: [], samples: 200 });
  expect(result.runs).toHaveLength(3);
  const { mean } = result.summary.val!.accuracy!;
  expect(result.intervals.accuracy!.value).toBeCloseTo(mean, 12);
  expect(result.intervals.accuracy!.low).toBeLessThan(mean);
});

test('folds of a file with a column for each label, or each value, are files with those columns', async () => {
  const file = join(home, 'columns.csv');
  await writeFile(
    file,
    `text,toxic,threat\n${Array.from({ length: 12 }, (_, i) => `text ${i},${i % 2},${i % 3 === 0 ? 1 : 0}\n`).join('')}`,
  );
  for (const field of ['labels', 'value']) {
    const given = { 'data.train': file, 'data.val': undefined, [`data.fields.${field}`]: ['toxic', 'threat'] };
    const { runs } = await planFolds(await config(given), join(home, `folds-${field}`), 2);
    for (const { config: fold } of runs) {
      expect(fold.data.labels).toEqual(['toxic', 'threat']);
      const rows = (await readFile(String(fold.data.train), 'utf8')).trim().split('\n').map((line) => JSON.parse(line)); // biome-ignore format: one thought
      for (const row of rows) {
        const i = Number(row.text.split(' ')[1]);
        expect(row).toEqual({ text: `text ${i}`, toxic: i % 2, threat: i % 3 === 0 ? 1 : 0 });
      }
    }
  }
});

describe('an ablation', () => {
  const tricks = { 'training.ema.decay': 0.9, 'training.optimizer.clip': 1, 'training.schedule': { kind: 'constant', warmup: 0 } };
  const only = ['ema', 'optimizer.clip'];

  test('switches off one trick at a time, and says what each was worth against the whole', async () => {
    const base = await config(tricks);
    const text = await readFile(path, 'utf8');
    const { parseConfig } = await import('../trainer/parse-config.js');
    const plan = planAblation((changed) => parseConfig(text, path, { 'training.epochs': 2, ...tricks, ...changed }), {
      mode: 'remove',
      only,
    });
    expect(plan.base.config).toEqual(base);
    const folder = join(home, 'ablation');
    const runs = ablationRuns(plan, [1, 2]);
    expect(runs.map(({ name }) => name)).toEqual([
      ...['full/seed-1', 'full/seed-2', 'without-training.ema/seed-1', 'without-training.ema/seed-2'],
      ...['without-training.optimizer.clip/seed-1', 'without-training.optimizer.clip/seed-2'],
    ]);
    expect(runs[3]!.config.training).toMatchObject({ seed: 2, ema: { decay: 0 }, optimizer: { clip: 1 } });
    expect(runs[5]!.config.training).toMatchObject({ seed: 2, ema: { decay: 0.9 }, optimizer: { clip: 0 } });
    await all(folder, runs);
    const { result, page } = await writeAblation({ folder, plan, seeds: [1, 2], failed: [], samples: 200 });
    expect(result.rows.map(({ key }) => key)).toEqual(['training.ema', 'training.optimizer.clip']);
    for (const { worth, figure, cost } of result.rows) {
      expect(worth.difference).toBeCloseTo(result.base.figure!.mean - figure!.mean, 12);
      expect(cost).toBeGreaterThan(0);
    }
    expect(await readFile(page, 'utf8')).toContain('training.optimizer.clip');
  });

  test('a variant that fails is told and left out, and the others are carried on with', async () => {
    const folder = join(home, 'failing');
    const good = await config();
    const bad = { ...good, training: { ...good.training, learningRate: 1e30, optimizer: { ...good.training.optimizer, clip: 0 } } };
    const runs = [
      { name: 'full/seed-1', config: good },
      { name: 'with-a/seed-1', config: bad },
      { name: 'with-b/seed-1', config: good },
    ];
    const events = await all(folder, runs);
    expect(events.at(-1)).toMatchObject({
      interrupted: false,
      failed: [{ name: 'with-a/seed-1', message: expect.stringMatching(/step \d+/) }],
    });
    const end = events.at(-1) as Extract<StudyEvent, { kind: 'end' }>;
    const trick = (key: string) => ({ key, what: key, off: {}, on: {} });
    const plan = {
      mode: 'add' as const,
      base: { name: 'full', config: good },
      variants: [{ name: 'with-a', trick: trick('a'), config: bad }, { name: 'with-b', trick: trick('b'), config: good }], // biome-ignore format: short
    };
    const result = await ablationResult({ folder, plan, seeds: [1], failed: end.failed, samples: 50 });
    expect(result.rows.map(({ key, worth }) => [key, worth.difference])).toEqual([['b', 0]]);
    expect(result.failed).toHaveLength(1);
    await expect(all(join(home, 'first'), [{ name: 'full', config: bad }])).rejects.toThrow(/step \d+/);
  });
});

test('a study that was gone on with after the data had changed is refused', async () => {
  const data = join(home, 'changed');
  const other = await writeSmallData(data);
  const runs = planSeeds(await readSmallConfig(other, { 'training.epochs': 1 }), [1, 2]);
  await all(join(data, 'study'), runs, { run: 2, step: 1 });
  await rm(join(data, 'study', 'seed-2'), { recursive: true });
  const train = join(data, 'train.jsonl');
  await writeFile(train, `${await readFile(train, 'utf8')}\n{"text": "Cats vote on snow in May", "label": "news"}`);
  await all(join(data, 'study'), runs);
  const input = { folder: join(data, 'study'), kind: 'seeds', names: ['seed-1', 'seed-2'], failed: [], samples: 10 } as const;
  await expect(writeStudy(input)).rejects.toThrow(/seed-2 was trained on other data than seed-1: their train differ/);
});
