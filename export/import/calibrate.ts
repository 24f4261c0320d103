/** @file What turns the logits of a model that was trained elsewhere into verdicts, fitted on labelled texts by what training fits it with. */
import type { Manifest, Run } from '../../models/index.js';
import { activationOf, chooseHold, computeMetrics, dataFingerprint, fitRules, type RawExample, type Task } from '../../training/index.js';
import type { LabelledTexts } from '../answer.js';

export type Labelled = LabelledTexts & {
  /** Labels of the file that the model knows by another name. */
  readonly rename?: Readonly<Record<string, string>>;
  /** Labels that hold a text back. Default: chosen by their names, as training does. */
  readonly hold?: readonly string[] | undefined;
};

export type Rules = Pick<Run, 'activation' | 'temperature' | 'policy' | 'thresholds' | 'metrics' | 'data'>;
export type Calibration = { readonly rules: Rules; readonly input: Run['text']['input']; readonly holdReason: string };

/** @param logits `[examples][labels]`, what the model answers */
export function calibrate(
  { task, labels }: { readonly task: Task; readonly labels: readonly string[] },
  { examples, targets, rename = {}, hold }: Labelled,
  logits: readonly ArrayLike<number>[],
): Calibration {
  const counts = Object.fromEntries(labels.map((label, at) => [label, targets.filter((target) => target[at] === 1).length]));
  const choice = hold
    ? { hold, reason: `Texts are held back for ${hold.join(', ') || 'no label'}, as asked.` }
    : chooseHold(task, labels, counts);
  const fitted = fitRules({ task, labels, hold: choice.hold, logits, targets });
  const { temperature, thresholds } = fitted;
  const val = computeMetrics({ task, labels, temperature, thresholds, logits, targets });
  const data: Manifest['data'] = {
    fingerprint: { val: dataFingerprint(examples, task) },
    examples: { val: examples.length },
    ...(Object.keys(rename).length > 0 ? { rename } : {}),
  };
  return { rules: { ...fitted, metrics: { val: { ...val } }, data }, input: inputOf(examples), holdReason: choice.reason };
}

/** Of a model that nothing is known about but its logits. */
export const uncalibrated = (task: Task): Rules => ({
  activation: activationOf(task),
  temperature: 1,
  policy: { labels: {} },
  metrics: {},
  data: { fingerprint: {}, examples: {} },
});

function inputOf(examples: readonly RawExample[]): Run['text']['input'] {
  const pairs = examples.filter(({ pair }) => pair !== undefined).length;
  return pairs === 0 ? 'single' : pairs === examples.length ? 'pair' : 'any';
}
