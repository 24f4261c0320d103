import { spawn } from 'node:child_process';
import { access, copyFile, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runFiles } from '../../models/index.js';
import { checkpointNames, readCheckpoint } from './checkpoint.js';
import { carryOut, hashOf, readSmallConfig, resultOf, writeSmallData } from './testing/small-run.js';
import { checkpointFolder } from './training-loop.js';

let home: string;
let path: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'copydesk-resume-'));
  path = await writeSmallData(home);
});
afterAll(() => rm(home, { recursive: true }));

const config = (overrides: Readonly<Record<string, unknown>> = {}) => readSmallConfig(path, overrides);

describe('a run that was stopped and gone on with is the unbroken run, bit by bit', () => {
  // 5 steps an epoch, an evaluation every 6, a checkpoint every 4; dropout, two batches a step, an average that starts late.
  test('stopped by a signal: mid-epoch, at its end, right after an evaluation, after a checkpoint, before the average starts', async () => {
    const [whole, broken] = [join(home, 'whole'), join(home, 'broken')];
    const unbroken = await carryOut(whole, await config());
    expect(unbroken.events.filter(({ kind }) => kind === 'step')).toHaveLength(20);
    let last = await carryOut(broken, await config(), { stopAt: 2 });
    for (const stopAt of [5, 6, 8, 9, 18]) {
      expect(last.events.at(-1)).toMatchObject({ kind: 'end', reason: 'interrupted' });
      last = await carryOut(broken, await config(), { resume: true, stopAt });
    }
    last = await carryOut(broken, await config(), { resume: true });
    expect(last.events.at(-1)!.kind).toBe('finished');
    expect(await resultOf(broken)).toEqual(await resultOf(whole));
    expect(last.state).toBe(unbroken.state);
    expect(last.state).toBeDefined();
  });

  test('dropout, order and average are really at work: another seed gives another run', async () => {
    const other = join(home, 'other-seed');
    await carryOut(other, await config({ 'training.seed': 2 }));
    expect((await resultOf(other)).weights).not.toBe((await resultOf(join(home, 'whole'))).weights);
  });

  test('how it is run may change on the way: threads, checkpoints kept and their distance', async () => {
    const changed = join(home, 'changed');
    await carryOut(changed, await config(), { stopAt: 7 });
    await carryOut(changed, await config({ 'training.threads': 2, 'training.keep': 5, 'training.checkpointEvery': 3 }), { resume: true });
    expect(await resultOf(changed)).toEqual(await resultOf(join(home, 'whole')));
  });

  test('stopped before its first checkpoint was written, it begins again', async () => {
    const early = join(home, 'early');
    await carryOut(early, await config(), { stopAt: 3 });
    await rm(checkpointFolder(early), { recursive: true });
    await carryOut(early, await config(), { resume: true });
    expect(await resultOf(early)).toEqual(await resultOf(join(home, 'whole')));
  });

  test('cut off while the end was being written, it ends again', async () => {
    const cut = join(home, 'cut');
    const { state } = await carryOut(cut, await config(), { copyTo: join(home, 'kept') });
    await cp(join(home, 'kept'), checkpointFolder(cut), { recursive: true });
    await rm(join(cut, runFiles.report));
    const again = await carryOut(cut, await config(), { resume: true });
    expect(again.events.map(({ kind }) => kind)).toEqual(['prepared', 'end', 'finished']);
    expect(state).toBe(await hashOf(join(home, 'kept', 'step-00000020', 'state.safetensors')));
    await access(join(cut, runFiles.report));
    expect(await resultOf(cut)).toEqual(await resultOf(join(home, 'whole')));
  });

  test('a log whose last line was cut off, and leftovers of a checkpoint that was being written, do no harm', async () => {
    const torn = join(home, 'torn');
    await carryOut(torn, await config(), { stopAt: 9 });
    const log = await readFile(join(torn, runFiles.log), 'utf8');
    await writeFile(join(torn, runFiles.log), `${log}{"kind":"step","step":10,"lo`);
    const leftover = join(checkpointFolder(torn), 'step-00000012.0b1c.tmp');
    await mkdir(leftover);
    await writeFile(join(leftover, 'state.safetensors'), 'half');
    await carryOut(torn, await config(), { resume: true, stopAt: 13 });
    expect((await readdir(checkpointFolder(torn))).sort()).toEqual(['step-00000012', 'step-00000013']);
    await carryOut(torn, await config(), { resume: true });
    expect(await resultOf(torn)).toEqual(await resultOf(join(home, 'whole')));
  });
});

describe('a damaged checkpoint is named, and the one before it offered', () => {
  let stopped: string;
  const [newest, before] = ['step-00000009', 'step-00000008'];
  beforeAll(async () => {
    stopped = join(home, 'stopped');
    await carryOut(stopped, await config(), { stopAt: 9 });
    expect(await checkpointNames(checkpointFolder(stopped))).toEqual([newest, before]);
  });

  const resume = async (folder: string, from?: string) => carryOut(folder, await config(), { resume: true, ...(from ? { from } : {}) });
  const copy = async (name: string): Promise<string> => {
    await cp(stopped, join(home, name), { recursive: true });
    return join(home, name);
  };

  test.each(['state.safetensors', 'progress.json'])('a flipped byte anywhere in %s', async (file) => {
    const folder = await copy(`flipped-${file}`);
    const damaged = join(checkpointFolder(folder), newest, file);
    const whole = await readFile(damaged);
    for (const at of [0, 9, whole.length >> 1, whole.length - 1]) {
      const flipped = Buffer.from(whole);
      flipped[at]! ^= 1;
      await writeFile(damaged, flipped);
      await expect(resume(folder)).rejects.toMatchObject({
        code: 'training/checkpoint',
        message: expect.stringMatching(
          new RegExp(`${newest} is damaged: ${file}.*Fix: go on from the one before it: add --from ${before}$`),
        ),
      });
    }
    await resume(folder, before);
    expect(await resultOf(folder)).toEqual(await resultOf(join(home, 'whole')));
  });

  test.each(['state.safetensors', 'progress.json'])('%s missing', async (file) => {
    const folder = await copy(`missing-${file}`);
    await rm(join(checkpointFolder(folder), newest, file));
    await expect(resume(folder)).rejects.toThrow(new RegExp(`${newest} is damaged: ${file}.*Fix: .*--from ${before}$`));
  });

  test('with none before it, the only way is anew', async () => {
    const folder = await copy('last-one');
    await rm(join(checkpointFolder(folder), before), { recursive: true });
    await writeFile(join(checkpointFolder(folder), newest, 'progress.json'), '{}');
    await expect(resume(folder)).rejects.toThrow(/Fix: there is none before it: start the run again in a new folder\.$/);
  });

  test('what lies after the one that is gone on from is dropped, in checkpoints and log', async () => {
    const folder = await copy('back');
    await carryOut(folder, await config(), { resume: true, from: before, stopAt: 10 });
    expect(await checkpointNames(checkpointFolder(folder))).toEqual(['step-00000010', before]);
    const steps = (await resultOf(folder)).log.flatMap(({ kind, step }) => (kind === 'step' ? [step] : []));
    expect(steps).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  test('a checkpoint that is not there', async () => {
    await expect(resume(stopped, 'step-00000005')).rejects.toThrow(
      /there is no checkpoint step-00000005\. Fix: use one of step-00000009, step-00000008\.$/,
    );
  });
});

describe('a folder says what can be done with it', () => {
  test('a run lies there already', async () => {
    await expect(carryOut(join(home, 'whole'), await config())).rejects.toThrow(/there is a run here already\. Fix: add --resume/);
  });

  test('nothing lies there to go on with', async () => {
    await expect(carryOut(join(home, 'nowhere'), await config(), { resume: true })).rejects.toThrow(
      /there is no run here to go on with\. Fix: leave --resume out/,
    );
  });

  test('the run is finished: nothing is touched', async () => {
    const whole = join(home, 'whole');
    const before = await resultOf(whole);
    await expect(carryOut(whole, await config(), { resume: true })).rejects.toMatchObject({
      code: 'training/run',
      message: expect.stringMatching(/this run is finished\. Fix: export it: npx copydesk export .*whole --to bundles/),
    });
    expect(await resultOf(whole)).toEqual(before);
  });

  test('a rate that was left open is the one that it then had, in the config as in the run', async () => {
    const folder = join(home, 'open-rate');
    const open = await config({ model: { pretrained: join(home, 'whole') }, 'training.learningRate': undefined });
    await carryOut(folder, open, { stopAt: 4 });
    const own = await readSmallConfig(join(folder, 'config.json'));
    expect(own.training.learningRate).toBeCloseTo(1e-3, 12);
    await carryOut(folder, open, { resume: true, stopAt: 8 });
    await carryOut(folder, own, { resume: true, stopAt: 12 });
    const other = join(home, 'other-rate');
    await carryOut(other, await config({ model: { pretrained: join(home, 'whole') } }), { stopAt: 4 });
    await expect(carryOut(other, open, { resume: true })).rejects.toThrow(/training\.learningRate was 0\.003, now 0\.001/);
  });

  test('another config, or other data, is another run', async () => {
    const folder = join(home, 'other-config');
    await carryOut(folder, await config(), { stopAt: 4 });
    await expect(carryOut(folder, await config({ 'training.ema.decay': 0.5 }), { resume: true })).rejects.toMatchObject({
      code: 'training/checkpoint',
      message: expect.stringMatching(
        /started with another config: training\.ema\.decay was 0\.9, now 0\.5\. Fix: go on with its own: npx copydesk train \S+config\.json/,
      ),
    });
    await expect(carryOut(folder, await config({ 'training.learningRate': 1e-3 }), { resume: true })).rejects.toThrow(
      /learningRate was 0\.003, now 0\.001/,
    );
    await copyFile(join(home, 'train.jsonl'), join(home, 'more.jsonl'));
    await writeFile(join(home, 'more.jsonl'), '\n{"text": "one more", "label": "news"}\n', { flag: 'a' });
    await expect(carryOut(folder, await config({ 'data.train': 'more.jsonl' }), { resume: true })).rejects.toThrow(
      /checkpoint step-00000004 was made with other data\. Fix: give the data as it was/,
    );
  });
});

describe('the program', () => {
  // So many epochs that no test waits for the end of the run.
  const endless = { 'training.epochs': 5000, 'training.checkpointEvery': 3 };
  const train = (folder: string) => {
    const set = Object.entries(endless).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
    const child = spawn(process.execPath, ['--import', 'tsx', 'cli/main.ts', 'train', path, '--run', folder, ...set]);
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
    return { child, closed, said: () => said };
  };
  /** Waits until the run has written its second checkpoint. */
  const underWay = async (folder: string, { closed, said }: ReturnType<typeof train>): Promise<void> => {
    let ended = false;
    void closed.then(() => (ended = true));
    while ((await checkpointNames(checkpointFolder(folder))).length < 2) {
      if (ended) throw new Error(`the run ended before it was stopped: ${said()}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const strays = async (folder: string): Promise<readonly string[]> =>
    ((await readdir(folder, { recursive: true })) as string[]).filter((name) => /\.tmp|(^|\/)\./.test(name));

  test('killed outright, it goes on from its newest checkpoint, bit by bit', async () => {
    const folder = join(home, 'killed');
    const run = train(folder);
    try {
      await underWay(folder, run);
    } finally {
      run.child.kill('SIGKILL');
    }
    expect(await run.closed).toBeNull(); // by the signal, not by an exit of its own
    const [newest] = await checkpointNames(checkpointFolder(folder));
    const stopAt = Number(newest!.slice('step-'.length)) + 10;
    const resumed = await carryOut(folder, await config(endless), { resume: true, stopAt });
    const unbroken = await carryOut(join(home, 'not-killed'), await config(endless), { stopAt });
    expect(await resultOf(folder)).toEqual(await resultOf(join(home, 'not-killed')));
    expect(resumed.state).toBe(unbroken.state);
    expect(await strays(checkpointFolder(folder))).toEqual([]);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('%s: it stops with a checkpoint, says how to go on and exits with 1', async (signal) => {
    const folder = join(home, signal);
    const run = train(folder);
    try {
      await underWay(folder, run);
      run.child.kill(signal);
      expect(await run.closed).toBe(1);
    } finally {
      run.child.kill('SIGKILL');
    }
    const [, step, command] = /stopped at step (\d+)\. Go on with: npx copydesk (.+)\n/.exec(run.said())!;
    expect(command).toBe(`train ${join(folder, 'config.json')} --run ${folder} --resume`);
    expect(await strays(folder)).toEqual([]);
    const [newest] = await checkpointNames(checkpointFolder(folder));
    const { progress } = await readCheckpoint(checkpointFolder(folder), newest!);
    expect(progress.step).toBe(Number(step));
    const resumed = await carryOut(folder, await readSmallConfig(join(folder, 'config.json')), { resume: true, stopAt: progress.step + 1 });
    expect(resumed.events.flatMap((event) => (event.kind === 'step' ? [event.step] : []))).toEqual([progress.step + 1]);
  });
});
