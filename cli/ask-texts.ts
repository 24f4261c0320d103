/** @file A model's answers on a file of texts, and what would have been right where the file says so. */
import { inputProblem, UsageError, type VerdictRules } from '../models/index.js';
import { askedOf } from '../serving/index.js';
import { type Fields, readExamples, type Task, taskOf } from '../training/index.js';
import { openClassifier } from './open-classifier.js';
import { progressBar } from './progress.js';
import { type Input, readInputs } from './read-inputs.js';
import { targetsOf } from './targets.js';
import { say, type Terminal } from './terminal.js';

export type AskedTexts = {
  readonly rules: VerdictRules;
  readonly rows: readonly Input[];
  /** `[texts][labels]`, as the model gives them. */
  readonly logits: readonly ArrayLike<number>[];
  readonly truncated: readonly boolean[];
  /** `[texts][labels]`; `undefined` where the file has no labels. */
  readonly targets: readonly (readonly number[])[] | undefined;
};

export type AskOptions = {
  readonly fields?: Fields | undefined;
  /** `required`: a file without labels is an error. */
  readonly labels: 'required' | 'if-there';
};

/** @param file a file, or `-` for stdin, whose labels are not looked at
 *  @throws UsageError `data/*` for the file */
export async function askTexts(terminal: Terminal, folder: string, file: string, { fields = {}, labels }: AskOptions): Promise<AskedTexts> {
  const { rules, text, rename, classifier, close } = await openClassifier(folder);
  const rows: Input[] = [];
  for await (const row of readInputs(file, terminal.stdin, fields)) {
    const problem = inputProblem(askedOf(row), text.input);
    if (problem) throw new UsageError('data/invalid', `${row.where}: ${problem.what}`, `${problem.fix}.`);
    rows.push(row);
  }
  if (rows.length === 0) throw new UsageError('data/invalid', `${file}: holds no text`, 'write at least one row with a text.');
  const task = taskOf(rules.activation);
  const labelled = labels === 'required' || (file !== '-' && targetField(task, fields) in rows[0]!.fields);
  const options = { file, task, labels: rules.labels, input: text.input, rename };
  const targets = labelled ? targetsOf(await readExamples(file, { task, fields }), options).targets : undefined;
  say(terminal, `asking ${rules.name} ${rows.length} texts of ${file}`);
  const bar = progressBar(terminal, 'asking', 'texts');
  const { logits, truncated } = await classifier.logits(rows.map(askedOf), { onProgress: bar.update }).finally(bar.stop);
  await close();
  return { rules, rows, logits, truncated, targets };
}

/** The first field that says what a text is labelled with. */
function targetField(task: Task, { label = 'label', labels = 'labels', value = 'value' }: Fields): string {
  return [{ 'single-label': label, 'multi-label': labels, regression: value }[task]].flat()[0]!;
}
