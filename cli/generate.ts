/** @file `copydesk generate`: further texts of a scarce label, by a language model. */
import { Command } from 'commander';
import { activate, UsageError } from '../models/index.js';
import { jsonLine } from '../models/rows/node.js';
import { type LikeOptions, openWriter, type RawExample, readExamples, type Tally, writeLike } from '../training/index.js';
import { openClassifier } from './open-classifier.js';
import { progressBar } from './progress.js';
import { untilStopped } from './stop-signal.js';
import { print, say, type Terminal } from './terminal.js';

type Options = {
  readonly like: string;
  readonly label: string;
  readonly count: string;
  readonly not?: readonly string[];
  readonly agree?: string;
  readonly seed: string;
  readonly promptTokens: string;
  readonly leastWords: string;
  readonly temperature: string;
  readonly topP: string;
};

export function generateCommand(terminal: Terminal): Command {
  return new Command('generate')
    .summary('write further texts of a scarce label')
    .description(
      'A language model writes texts that begin as texts of the label do; copies of known texts, short and unfinished ones are dropped. The result is labelled lines, to be one more path in "data.train". Whether they are worth anything is to be measured: train with and without them.',
    )
    .argument('<model>', 'a GPT-2: a run of copydesk pretrain, or a folder as Hugging Face saves it')
    .requiredOption('--like <file>', 'labelled texts, of which those with --label are begun like')
    .requiredOption('--label <label>', 'the label that needs more texts')
    .option('--count <number>', 'how many are wanted', '100')
    .option('--not <file...>', 'texts of val and test: nothing that is one of them is kept')
    .option('--agree <folder>', 'a run or bundle: kept only where its answer is the label')
    .option('--seed <number>', 'the same seed writes the same texts', '1')
    .option('--prompt-tokens <number>', 'most tokens of a beginning that is given', '4')
    .option('--least-words <number>', 'shorter texts are dropped (Chinese: characters)', '4')
    .option('--temperature <number>', 'below 1 the likely becomes likelier', '0.9')
    .option('--top-p <number>', 'draw from the likeliest tokens that together have this probability', '0.9')
    .addHelpText('after', examples)
    .action((model: string, options: Options) => run(terminal, model, options));
}

async function run(terminal: Terminal, model: string, options: Options): Promise<void> {
  const like = await readExamples(options.like);
  const scarce = like.filter((example) => has(example, options.label));
  checkTexts(like, scarce, options);
  const held = (await Promise.all((options.not ?? []).map((path) => readExamples(path, { labelled: false })))).flat();
  const numbers = numbersOf(options);
  const writer = await openWriter(model);
  const classifier = options.agree ? await openClassifier(options.agree) : undefined;
  const bar = progressBar(terminal, 'writing', 'texts');
  try {
    const accept = classifier && agreement(classifier, options.label);
    const known = [...like, ...held].flatMap(({ text, pair }) => (pair === undefined ? [text] : [text, pair]));
    await untilStopped(terminal, 'stopping after this batch', async (signal) => {
      const given: LikeOptions = {
        ...numbers,
        texts: scarce.map(({ text }) => text),
        known,
        noRepeatNgram: 3,
        signal,
        ...(accept ? { accept } : {}),
      };
      const texts = writeLike(writer, given);
      for (let done = 0; ; done++) {
        const next = await texts.next();
        bar.update(done, numbers.count);
        if (next.done) return told(terminal, next.value, numbers.count);
        const label = scarce[0]!.labels ? { labels: [options.label] } : { label: options.label };
        await print(terminal, jsonLine({ text: next.value, ...label, generated: true }));
      }
    });
  } finally {
    bar.stop();
    await Promise.all([writer.close(), classifier?.close()]);
  }
}

const has = ({ label, labels }: RawExample, wanted: string): boolean => label === wanted || (labels?.includes(wanted) ?? false);

function checkTexts(like: readonly RawExample[], scarce: readonly RawExample[], { like: path, label }: Options): void {
  if (scarce.some(({ pair }) => pair !== undefined))
    throw new UsageError('usage/argument', `--like ${path}: its texts are pairs, and only single texts are written`, 'give single texts.');
  if (scarce.length > 0) return;
  const labels = [...new Set(like.flatMap((example) => example.labels ?? [example.label ?? '']))];
  throw new UsageError('usage/argument', `--label ${label}: no text of ${path} has it`, `use one of ${labels.join(', ')}.`);
}

function numbersOf({ count, seed, promptTokens, leastWords, temperature, topP }: Options) {
  const whole = (name: string, text: string, least: number): number => {
    if (/^\d+$/.test(text) && Number(text) >= least) return Number(text);
    throw new UsageError('usage/argument', `--${name}: ${text} is no whole number from ${least} on`, `write --${name} ${least || 1}.`);
  };
  const between = (name: string, text: string, most: number): number => {
    if (Number(text) > 0 && Number(text) <= most) return Number(text);
    throw new UsageError('usage/argument', `--${name}: ${text} is not above 0 and up to ${most}`, `write --${name} 0.9.`);
  };
  return {
    count: whole('count', count, 1),
    seed: whole('seed', seed, 0),
    promptTokens: whole('prompt-tokens', promptTokens, 1),
    leastWords: whole('least-words', leastWords, 1),
    temperature: between('temperature', temperature, 10),
    topP: between('top-p', topP, 1),
  };
}

/** @throws UsageError where the classifier does not know the label */
function agreement({ rules, classifier }: Awaited<ReturnType<typeof openClassifier>>, label: string): NonNullable<LikeOptions['accept']> {
  const index = rules.labels.indexOf(label);
  if (index < 0)
    throw new UsageError('usage/argument', `--agree: ${rules.name} knows no label ${label}`, `it knows ${rules.labels.join(', ')}.`);
  const says: { readonly [A in typeof rules.activation]: (scores: readonly number[]) => boolean } = {
    softmax: (scores) => scores[index] === Math.max(...scores),
    sigmoid: (scores) => scores[index]! >= 0.5,
    none: () => false,
  };
  return async (texts) => {
    const { logits } = await classifier.logits(texts);
    return logits.map((row) => says[rules.activation]([...activate(rules.activation, rules.temperature, row)]));
  };
}

function told(terminal: Terminal, { written, kept, unfinished, short, copies, refused }: Tally, wanted: number): void {
  say(
    terminal,
    `${kept} texts kept of ${written} written: ${unfinished} had no end, ${short} were too short, ${copies} were copies, ${refused} the classifier took for something else`,
  );
  if (kept < wanted)
    say(terminal, `warning: ${wanted} were wanted. A larger --temperature or --top-p, or more training texts, write more that is new.`);
}

const examples = `
  $ copydesk pretrain writer.json --run runs/writer          with "model": {"kind": "gpt2"}
  $ copydesk generate runs/writer --like train.jsonl --label rare --count 500 --not val.jsonl test.jsonl > more.jsonl
  $ copydesk generate runs/writer --like train.jsonl --label rare --agree runs/mine > more.jsonl

then "data": { "train": ["train.jsonl", "more.jsonl"] }. Measure it: copydesk compare runs/without runs/with --on val.jsonl`;
