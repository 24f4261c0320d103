/** @file `copydesk audit`: what is wrong with a data set before it is trained on. */
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Command, Option } from 'commander';
import { activate, UsageError } from '../models/index.js';
import { isRun, readRun } from '../models/run/node.js';
import { type Audit, type AuditOptions, type AuditSplit, auditData, failsAt, type Level, levels, parseConfig, readAuditSplit, writeAudit } from '../training/index.js'; // biome-ignore format: one list
import { openBundle } from './open-bundle.js';
import { openClassifier } from './open-classifier.js';
import { progressBar } from './progress.js';
import { print, say, type Terminal } from './terminal.js';

type Options = {
  readonly val?: string;
  readonly test?: string;
  readonly model?: string;
  readonly language?: 'en' | 'zh';
  readonly group?: string;
  readonly names?: string;
  readonly json?: true;
  readonly html?: string;
  readonly failOn: Level;
};

export function auditCommand(terminal: Terminal): Command {
  return new Command('audit')
    .summary('find what is wrong with a data set before it is trained on')
    .description(
      'Looks for repeated and nearly repeated texts within and across splits, contradictory labels, labels that go with a name, a period, a source or a single word, texts that are damaged or far from the others, and shortcuts that give the label away. With --model also: how often its answer changes when names are masked or swapped. Exits with 1 when there is a finding at --fail-on or above.',
    )
    .argument(
      '<file...>',
      'data files (.jsonl, .csv, .tsv, .parquet …), each a split of its own; or one training config, whose data are read',
    )
    .option('--val <file>', 'the split that choices are made on')
    .option('--test <file>', 'the split that is looked at once')
    .option('--model <folder>', 'a bundle or a finished run, to see how much its answers hang on names')
    .addOption(
      new Option('--language <language>', 'what finds names where the data give none; default: by the letters of the texts').choices([
        'en',
        'zh',
      ]),
    )
    .option('--group <field>', 'the field that says where a text comes from; default group')
    .option('--names <count>', 'texts that names are looked for in at most, where the data give none; 0: none (default: 5000)')
    .option('--json', 'print the audit as one JSON object; docs/audit.md has its fields')
    .option('--html <file>', 'write the audit as a page with plots')
    .addOption(new Option('--fail-on <level>', 'lowest level of a finding that makes the exit code 1').choices(levels).default('error'))
    .addHelpText('after', examples)
    .action((files: readonly string[], options: Options) => run(terminal, files, options));
}

async function run(terminal: Terminal, files: readonly string[], options: Options): Promise<void> {
  const namedTexts = countOf(options.names);
  const { splits, language } = await readSplits(terminal, files, options);
  const model = options.model === undefined ? undefined : await openModel(options.model);
  const bar = { what: '', stop: () => {}, update: (_done: number, _total: number) => {} };
  const audit = await auditData(splits, {
    language: options.language ?? language,
    namedTexts,
    model: model?.asked,
    onProgress(what, done, total) {
      if (what !== bar.what) {
        bar.stop();
        say(terminal, what);
        Object.assign(bar, { what, ...progressBar(terminal, what, 'texts') });
      }
      if (done !== undefined && total !== undefined) bar.update(done, total);
    },
  }).finally(() => {
    bar.stop();
    return model?.close();
  });
  if (options.html !== undefined) {
    await writeAudit(options.html, audit, files.length === 1 ? basename(files[0]!) : files.map((file) => basename(file)).join(', '));
    say(terminal, `page: ${options.html}`);
  }
  await print(terminal, options.json ? JSON.stringify(audit) : summary(audit));
  if (failsAt(audit, options.failOn)) throw failed(audit, options);
}

type Read = { readonly splits: readonly AuditSplit[]; readonly language?: 'en' | 'zh' | undefined };

async function readSplits(terminal: Terminal, files: readonly string[], { val, test, group }: Options): Promise<Read> {
  const config = files.length === 1 ? await configIn(files[0]!) : undefined;
  if (config && (val !== undefined || test !== undefined)) {
    throw new UsageError(
      'usage/argument',
      '--val, --test: the config says what is val and test',
      'leave them out, or name the data files.',
    );
  }
  const { data } = config ? parseConfig(config, files[0]!) : { data: undefined };
  const named = data
    ? (['train', 'val', 'test'] as const).flatMap((name) => (data[name] === undefined ? [] : [[name, [data[name]].flat()] as const]))
    : [...namesOf(files, val !== undefined || test !== undefined), ...(val === undefined ? [] : [['val', [val]] as const]), ...(test === undefined ? [] : [['test', [test]] as const])]; // biome-ignore format: a list
  const fields = { ...data?.fields, ...(group === undefined ? {} : { group }) };
  const splits: AuditSplit[] = [];
  for (const [name, paths] of named) {
    const split = await readAuditSplit(name, paths, { fields, task: data?.task });
    say(terminal, `${name}: ${split.records.length} texts of ${paths.join(', ')}`);
    splits.push(split);
  }
  return { splits, language: data?.language };
}

/** The text of the file, where it is a training config and no data. */
async function configIn(path: string): Promise<string | undefined> {
  if (!path.toLowerCase().endsWith('.json')) return undefined;
  const text = await readFile(path, 'utf8').catch(() => undefined); // reading it as data says what is wrong
  if (text === undefined || !text.trimStart().startsWith('{')) return undefined;
  try {
    const value = JSON.parse(text) as Record<string, unknown>;
    return value.text === undefined || value.data !== undefined ? text : undefined;
  } catch {
    return undefined; // several lines of JSON are data
  }
}

/** A split is called as its file is; the only one before --val and --test is train. */
function namesOf(files: readonly string[], others: boolean): (readonly [string, readonly string[]])[] {
  if (files.length === 1 && others) return [['train', files]];
  const short = (path: string) => basename(path).split('.')[0] || basename(path);
  const repeated = (name: string) => files.filter((file) => short(file) === name).length > 1 || (others && ['val', 'test'].includes(name));
  return files.map((file, at) => {
    const name = repeated(short(file)) ? join(basename(dirname(file)), short(file)) : short(file);
    const again = files.slice(0, at).some((other) => join(dirname(other), short(other)) === join(dirname(file), short(file)));
    return [again ? `${name}-${at + 1}` : name, [file]] as const;
  });
}

function countOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  throw new UsageError('usage/argument', `--names: ${JSON.stringify(text)} is no whole number`, 'give a number of texts, or 0.');
}

async function openModel(folder: string): Promise<{ asked: NonNullable<AuditOptions['model']>; close(): Promise<void> }> {
  const tokenizer = (await isRun(folder)) ? (await readRun(folder)).tokenizerJson : (await openBundle(folder)).tokenizerJson;
  const { rules, classifier, close } = await openClassifier(folder);
  if (rules.activation === 'none') {
    await close();
    throw new UsageError('usage/argument', `--model: ${rules.name} answers with numbers, not with labels`, 'name a classifier.');
  }
  const answer: NonNullable<AuditOptions['model']>['answer'] = async (inputs) => {
    const { logits } = await classifier.logits(inputs);
    return logits.map((row) => activate(rules.activation, rules.temperature, row));
  };
  const mask = /"content"\s*:\s*"\[MASK\]"/.test(tokenizer) ? '[MASK]' : '';
  return { asked: { name: `${rules.name}@${rules.version}`, labels: rules.labels, answer, mask }, close };
}

function summary({ findings, splits, counts }: Audit): string {
  const texts = splits.map(({ name, texts: count }) => `${name} ${count}`).join(', ');
  const words: { readonly [L in Level]: string } = { error: 'ERROR', warning: 'WARNING', info: 'note' };
  const lines = findings.flatMap(({ level, kind, message, examples: shown, advice }) => [
    `${words[level]}  ${message}  [${kind}]`,
    ...shown.slice(0, 3).map(({ text, where, note }) => `    ${[note, text].filter(Boolean).join(': ')}${where.length > 0 ? `  (${where.slice(0, 3).join(', ')})` : ''}`), // biome-ignore format: short
    `    → ${advice}`,
    '',
  ]);
  return [...lines, `${texts}: ${counts.error} errors, ${counts.warning} warnings, ${counts.info} notes`].join('\n');
}

function failed({ counts }: Audit, { failOn, html }: Options): UsageError {
  const count = levels.slice(levels.indexOf(failOn)).reduce((sum, level) => sum + counts[level], 0);
  const look = html === undefined ? 'read them above, or write a page with --html' : `read them in ${html}`;
  return new UsageError(
    'data/invalid',
    `${count} finding${count === 1 ? '' : 's'} at ${failOn} or above`,
    `${look}; --fail-on sets the level.`,
  );
}

const examples = `
  $ copydesk audit train.jsonl --val val.jsonl --test test.jsonl --html audit.html
  $ copydesk audit mine.json                                    the data of a training config
  $ copydesk audit posts.csv.gz --group source --language zh
  $ copydesk audit mine.json --model runs/mine --html audit.html     and how its answers hang on names
  $ copydesk audit mine.json --json --fail-on warning | jq '.findings[] | select(.level == "error")'

Exit code: 0 nothing at --fail-on or above, 1 something, or the data cannot be read, 2 wrongly asked.`;
