/** @file What a run or a bundle answers on labelled texts. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runFiles, type WantedPrecision } from '../models/index.js';
import { answersOf, type Member, readExamples, taskOf } from '../training/index.js';
import { openClassifier } from './open-classifier.js';
import { progressBar } from './progress.js';
import { targetsOf } from './targets.js';
import { say, type Terminal } from './terminal.js';

/** @throws UsageError `data/*` for the file, with the line of a label that the model does not have */
export async function answersOn(terminal: Terminal, folder: string, file: string, precision?: WantedPrecision): Promise<Member> {
  const opened = await openClassifier(folder, { precision, say: (what) => say(terminal, what) });
  const { rules, text, rename, kind, classifier, close } = opened;
  const task = taskOf(rules.activation);
  const examples = await readExamples(file, { task });
  const { inputs, targets } = targetsOf(examples, { file, task, labels: rules.labels, input: text.input, rename });
  say(terminal, `asking ${folder} ${examples.length} texts of ${file}`);
  const bar = progressBar(terminal, folder, 'texts');
  const { logits } = await classifier.logits(inputs, { onProgress: bar.update }).finally(bar.stop);
  await close();
  const predictions = examples.map(({ text: one, pair }, i) => ({
    text: one,
    ...(pair === undefined ? {} : { pair }),
    target: [...targets[i]!],
    logits: [...logits[i]!],
  }));
  const config = kind === 'run' ? JSON.parse(await readFile(join(folder, runFiles.config), 'utf8').catch(() => '{}')) : undefined;
  return { name: folder, answers: answersOf(rules, predictions), fingerprint: file, secondsPerText: null, ...(config ? { config } : {}) };
}
