/** @file What a labelled text should have been answered, as a model's labels have it. */
import { inputProblem, nearest, type TextInput, type TextRules, UsageError } from '../models/index.js';
import type { RawExample, Task } from '../training/index.js';

export type Labelled = {
  readonly inputs: readonly TextInput[];
  /** `[examples][labels]` */
  readonly targets: readonly (readonly number[])[];
};

export type TargetOptions = Pick<TextRules, 'input'> & {
  readonly file: string;
  readonly task: Task;
  /** Of the model. */
  readonly labels: readonly string[];
  /** Labels of the file that the model knows by another name. */
  readonly rename: Readonly<Record<string, string>>;
};

/** @throws UsageError `data/invalid` with the line of a label that the model does not have, of too few values, of a pair where single texts
 *  are read or the other way round */
export function targetsOf(examples: readonly RawExample[], { file, task, labels, input, rename }: TargetOptions): Labelled {
  const rows = examples.map((given) => {
    const example = renamed(given, rename);
    const asked: TextInput = example.pair === undefined ? example.text : [example.text, example.pair];
    const fault = inputProblem(asked, input) ?? faults[task](example, labels);
    if (fault) throw new UsageError('data/invalid', `${file}:${example.line}: ${fault.what}`, fault.fix);
    return { asked, target: targets[task](example, labels) };
  });
  return { inputs: rows.map(({ asked }) => asked), targets: rows.map(({ target }) => target) };
}

function renamed({ label, labels, ...example }: RawExample, rename: TargetOptions['rename']): RawExample {
  const named = (one: string): string => rename[one] ?? one;
  return { ...example, ...(label === undefined ? {} : { label: named(label) }), ...(labels ? { labels: labels.map(named) } : {}) };
}

const targets: { readonly [T in Task]: (example: RawExample, labels: readonly string[]) => readonly number[] } = {
  'single-label': ({ label }, labels) => labels.map((one) => (one === label ? 1 : 0)),
  'multi-label': ({ labels: has = [] }, labels) => labels.map((one) => (has.includes(one) ? 1 : 0)),
  regression: ({ value = [] }) => value,
};

type Fault = { readonly what: string; readonly fix: string };

const faults: { readonly [T in Task]: (example: RawExample, labels: readonly string[]) => Fault | undefined } = {
  'single-label': ({ label = '' }, labels) => stranger([label], labels),
  'multi-label': ({ labels: has = [] }, labels) => stranger(has, labels),
  regression: ({ value = [] }, labels) =>
    value.length === labels.length
      ? undefined
      : {
          what: `value holds ${value.length} numbers; the model gives ${labels.length}: ${labels.join(', ')}`,
          fix: 'give as many, in that order.',
        },
};

function stranger(named: readonly string[], labels: readonly string[]): Fault | undefined {
  const label = named.find((one) => !labels.includes(one));
  if (label === undefined) return undefined;
  const meant = nearest(label, labels);
  const fix = meant === undefined ? `use one of [${labels.join(', ')}].` : `did you mean ${JSON.stringify(meant)}?`;
  return { what: `the model has no label ${JSON.stringify(label)}`, fix };
}
