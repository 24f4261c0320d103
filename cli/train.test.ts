import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { copydesk } from '../test/copydesk.js';
import { writeSmallData } from '../training/trainer/testing/small-run.js';

let home: string;
let config: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'copydesk-cli-train-'));
  config = await writeSmallData(home); // 20 steps, looked at every 6, averaged from step 4
});
afterAll(() => rm(home, { recursive: true }));

describe('what train says', () => {
  test('before: data, weights, what holds, when the average starts, and what runs it', async () => {
    const { code, stderr } = await copydesk(['train', config, '--run', join(home, 'before')]);
    expect(code).toBe(0);
    expect(stderr).toContain('37 texts to train on, 12 to choose by; labels clickbait, news\n');
    expect(stderr).toMatch(/^0\.0 M weights from scratch$/m);
    expect(stderr).toContain('is a moving average of the weights, which starts at step 4\n');
    expect(stderr).toMatch(/^20 steps in 4 epochs by the onnx engine on cpu; \d+\.\d % of what they compute is padding$/m);
    const none = await copydesk(['train', config, '--run', join(home, 'none'), '--set', 'training.ema.decay=0']);
    expect(none.stderr).not.toContain('moving average');
    expect(stderr).not.toContain('unknown');
  });

  test('texts whose words the vocabulary does not have', async () => {
    const val = join(home, 'other-language.jsonl');
    const texts = ['市议会批准两座新桥', '震惊：面包师从不告诉你'];
    await writeFile(val, texts.map((text, i) => JSON.stringify({ text, label: ['news', 'clickbait'][i] })).join('\n'));
    const { stderr } = await copydesk(['train', config, '--run', join(home, 'other-language'), '--set', `data.val=${val}`]);
    expect(stderr).toMatch(
      /^warning: 8\d % of the tokens of val are unknown to the vocabulary and read alike\. Fix: train on texts like them$/m,
    );
  });

  test('at each evaluation: the mean loss since the last, the rate, the figures on val, and whether it is the best', async () => {
    const run = join(home, 'evaluations');
    const { stderr } = await copydesk(['train', config, '--run', run]);
    const told = [...stderr.matchAll(/^step (\d+), epoch (\d): mean loss (\S+), rate (\S+), val macro F1 [01]\.\d{4}, accuracy [01]\.\d{4}( \(best so far\))?$/gm)]; // biome-ignore format: a pattern
    expect(told.map(([, step, epoch]) => [step, epoch])).toEqual([['6', '2'], ['12', '3'], ['18', '4'], ['20', '4']]); // biome-ignore format: pairs
    expect(told[0]![5]).toBe(' (best so far)');
    const steps = (await readFile(join(run, 'log.jsonl'), 'utf8')).trim().split('\n').map((line) => JSON.parse(line)).filter(({ kind }) => kind === 'step'); // biome-ignore format: one thought
    for (const [i, [, , , mean, rate]] of told.entries()) {
      const window = steps.slice([0, 6, 12, 18][i], [6, 12, 18, 20][i]);
      expect(Number(mean)).toBeCloseTo(window.reduce((sum, { loss }) => sum + loss, 0) / window.length, 4);
      expect(Number(rate) / window.at(-1).learningRate).toBeCloseTo(1, 1);
    }
  });

  test('after: figures on val and test beside the baselines, where the run and its report are; as JSON the same', async () => {
    const test = ['--set', `data.test=${join(home, 'val.jsonl')}`];
    const { stdout } = await copydesk(['train', config, '--run', join(home, 'after'), ...test]);
    const run = join(home, 'after');
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(/^val \(step \d+, macroF1 [01]\.\d{4}\) +macro F1 [01]\.\d{4} {3}accuracy [01]\.\d{4}$/),
      expect.stringMatching(/^test +macro F1 /),
      expect.stringMatching(/^baseline: TF-IDF, linear +macro F1 /),
      expect.stringMatching(/^baseline: always “clickbait” +macro F1 /),
      `run: ${run}`,
      `report: ${join(run, 'report.html')}`,
      '',
    ]);
    const json = await copydesk(['train', config, '--run', join(home, 'json'), '--json', ...test]);
    const told = JSON.parse(json.stdout);
    expect(told).toMatchObject({ run: join(home, 'json'), best: { metric: 'macroF1' }, val: { examples: 12 }, test: { examples: 12 } });
    // Test is val here; it is asked of the weights that were kept, in the form that is exported.
    expect(told.test.logLoss).toBeCloseTo(told.val.logLoss, 5);
  });

  test('what to do where the words alone do better, and nothing of it where they do not', async () => {
    const figure = (line: string, stdout: string) => Number(new RegExp(`^${line}.* macro F1 (\\S+)`, 'm').exec(stdout)![1]);
    for (const [rate, isBehind] of [
      ['1e-9', true],
      ['2e-2', false],
    ] as const) {
      const { stdout, stderr } = await copydesk(['train', config, '--run', join(home, rate), '--set', `training.learningRate=${rate}`]);
      expect(figure('val', stdout) < figure('baseline: TF-IDF', stdout)).toBe(isBehind);
      expect(/do better than this model on val\. Fix: start from a pre-trained model/.test(stderr)).toBe(isBehind);
    }
  });

  test('to a person who is looking: a bar with steps, loss, rate and speed', async () => {
    const { stderr } = await copydesk(['train', config, '--run', join(home, 'watched')], { watched: true });
    expect(stderr).toMatch(/step 0\/20 /);
    expect(stderr).toMatch(/loss \S+ {2}rate \S+ {2}\S+ texts\/s/);
    expect((await copydesk(['train', config, '--run', join(home, 'alone')])).stderr).not.toContain('texts/s');
  });
});

describe('empty splits', () => {
  const empty = async (...names: readonly string[]) => {
    await writeFile(join(home, 'empty.json'), '[]');
    return names.flatMap((name) => ['--set', `data.${name}=${join(home, 'empty.json')}`]);
  };

  test('test of no text: said, and the run is whole', async () => {
    const { code, stdout, stderr } = await copydesk(['train', config, '--run', join(home, 'empty'), ...(await empty('test'))]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^val \(step .*\ntest .*macro F1 - /) });
    expect(stderr).toContain('warning: test holds no example');
    expect(await readFile(join(home, 'empty', 'report.html'), 'utf8')).not.toMatch(/NaN|undefined/);
  });

  test('val of no text is refused: nothing would choose the weights', async () => {
    const { code, stderr } = await copydesk(['train', config, '--run', join(home, 'nothing'), ...(await empty('val'))]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/empty\.json: val holds no example, .*Fix: .*take data\.val out/);
  });

  test('train of no text is refused', async () => {
    const { code, stderr } = await copydesk(['train', config, '--run', join(home, 'nothing'), ...(await empty('train'))]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/empty\.json: holds no example to train on\. Fix: /);
  });
});
