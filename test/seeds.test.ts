/** @file docs/seeds.md, walked: every item stands there once, and what a row names is there. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { overridesOf } from '../cli/config-option.js';
import { generationSchema } from '../models/index.js';
import { parsePretrainConfig, pretrainConfigSchema } from '../training/pretraining/config.js';
import { trainConfigSchema } from '../training/trainer/config.js';
import { parseConfig } from '../training/trainer/parse-config.js';
import { leavesOf } from '../training/trainer/schema-keys.js';
import { copydesk } from './copydesk.js';

/** How many items of each letter the documents have. */
const items = { M: 18, L: 12, O: 20, D: 31, T: 19, E: 14, G: 7, X: 30 };
const theirKeys = `
  emb_dim model.mlp.dims model.mlp.dropout lr weight_decay epoch batchsize use_cuda save_param_dir model_name early_stop root_path max_len aug_prob
  num_layers dropout mlp_dims vocab_size use_pretrained_bert bert_model_name finetune_bert use_residual warmup_steps grad_clip use_amp log_interval
  train_file_path dev_file_path test_file_path output_path model_path batch_size num_epochs max_seq_len learning_rate use_bucket bucket_multiplier
  unsup_data_ratio uda_softmax_temp uda_confidence_threshold device n_gpus logging_step ema_start_step ema_start seed
  config_path checkpoint_path keep_tokens num_hidden_layers epochs weight_decay_rate exclude_from_weight_decay lr_schedule alpha T`;

type Row = Readonly<Record<string, string>>;
const at = (path: string) => new URL(`../${path}`, import.meta.url);
const rows = tables(readFileSync(at('docs/seeds.md'), 'utf8'));
const listed = rows.filter(({ id }) => id !== undefined).map((row) => [row.id!, row] as const);
const keyRows = rows.filter(({ theirs }) => theirs !== undefined);

test('every item and every key of the documents stands there once', () => {
  const wanted = Object.entries(items).flatMap(([letter, count]) => Array.from({ length: count }, (_, i) => `${letter}${i + 1}`));
  expect(listed.map(([id]) => id)).toEqual(wanted);
  expect(keyRows.map(({ theirs }) => spans(theirs!)[0])).toEqual(theirKeys.trim().split(/\s+/));
});

test.each(listed)('%s: the files, switches and tests that it names are there', async (_id, row) => {
  const { files, 'switched by': switches, 'shown by': shown, ...said } = row;
  for (const [column, cell] of Object.entries(row)) expect(cell, column).not.toBe('');
  if (files !== undefined) expect(missingFiles(files)).toEqual([]);
  if (switches !== undefined && switches !== 'always on') await checkSwitches(switches);
  expect(spans(Object.values(said).join(' ')).filter((span) => looksLikeKey.test(span) && !forms.train.keys.has(span))).toEqual([]);
  expect(missingTests(shown!)).toEqual([]);
});

test.each(keyRows)('the key $theirs is one of ours, or it is said why not', async ({ theirs, ours }) => {
  const { commands, settings, keys, generation } = switchesIn(ours!);
  expect([...settings, ...generation], theirs).toEqual([]);
  expect(keys.filter((key) => !forms.train.keys.has(key))).toEqual([]);
  await knownCommands(commands);
  if (commands.length + keys.length === 0) expect(ours).toMatch(/^none: ./);
});

const looksLikeKey = /^(data|model|text|augmentation|objective|training|policy)\.[\w.]+$/;

function missingFiles(cell: string): readonly string[] {
  const files = spans(cell);
  expect(files.length).toBeGreaterThan(0);
  return files.filter((file) => !existsSync(at(file)));
}

async function checkSwitches(cell: string): Promise<void> {
  const { commands, settings, keys, generation } = switchesIn(cell);
  expect(commands.length + settings.length + keys.length + generation.length).toBeGreaterThan(0);
  await knownCommands(commands);
  const form = forms[commands.some((command) => /^copydesk pretrain\b/.test(command)) ? 'pretrain' : 'train'];
  expect([...keys, ...settings.map(keyOf)].filter((key) => !form.keys.has(key))).toEqual([]);
  form.parse(overridesOf(settings));
  for (const json of generation) generationSchema.parse(JSON.parse(json));
}

function missingTests(cell: string): readonly string[] {
  const tests = spans(cell);
  expect(tests.length).toBeGreaterThan(0);
  return tests.filter((one) => {
    const [file, title] = one.split(' › ') as [string, string | undefined];
    return !title || !existsSync(at(file)) || !titlesIn(file).some((text) => text.includes(title));
  });
}

/** Rows of all tables, by the names of their columns. */
function tables(page: string): readonly Row[] {
  let columns: readonly string[] = [];
  return page.split('\n').flatMap((line, i, lines) => {
    if (!line.startsWith('|') || /^\|[-| ]+\|$/.test(line)) return [];
    const cells = line.slice(1, -1).split('|').map((cell) => cell.trim()); // biome-ignore format: short
    if (/^\|[-| ]+\|$/.test(lines[i + 1] ?? '')) {
      columns = cells;
      return [];
    }
    expect(cells, line).toHaveLength(columns.length);
    return [Object.fromEntries(columns.map((column, k) => [column, cells[k]!]))];
  });
}

function spans(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, span]) => span!);
}

/** `copydesk verb --option`, `generate {…}`, `key=value` or a key. */
function switchesIn(cell: string) {
  const all = spans(cell);
  const commands = all.filter((span) => span.startsWith('copydesk '));
  const generation = all.filter((span) => span.startsWith('generate ')).map((span) => span.slice('generate '.length));
  const rest = all.filter((span) => !/^(copydesk|generate) /.test(span));
  return {
    commands,
    generation,
    settings: rest.filter((span) => span.includes('=')),
    keys: rest.filter((span) => !span.includes('=')),
  };
}

const keyOf = (setting: string): string => setting.slice(0, setting.indexOf('='));

async function knownCommands(commands: readonly string[]): Promise<void> {
  for (const command of commands) {
    const [, verb = '', ...options] = command.split(' ');
    const { code, stdout } = await copydesk([verb, '--help']);
    expect(code, command).toBe(0);
    expect(options.filter((option) => !new RegExp(`^ +(-\\w, )?${option}\\b`, 'm').test(stdout))).toEqual([]);
  }
}

/** Keys of a schema, and the objects that they are in. */
function everyKey(schema: unknown): ReadonlySet<string> {
  return new Set(
    leavesOf(schema).flatMap((leaf) => {
      const parts = leaf.split('.');
      return parts.map((_, i) => parts.slice(0, i + 1).join('.'));
    }),
  );
}

type Overrides = Readonly<Record<string, unknown>>;
const least = (data: object) => JSON.stringify({ name: 'x', data });
const forms = {
  train: {
    keys: everyKey(trainConfigSchema),
    parse: (set: Overrides): unknown => parseConfig(least({ train: 'x.jsonl' }), 'x.json', set),
  },
  pretrain: {
    keys: everyKey(pretrainConfigSchema),
    parse: (set: Overrides): unknown => parsePretrainConfig(least({ texts: 'x.jsonl' }), 'x.json', set),
  },
};

/** What a test file puts between quotation marks, and the keys of its tables. */
function titlesIn(file: string): readonly string[] {
  const source = readFileSync(at(file), 'utf8');
  const quoted = [...source.matchAll(/(?<=[\s([{,:?`])(['"`])((?:\\.|(?!\1)[^\\\n])*)\1/g)].map(([, , text]) => text!.replace(/\\(.)/g, '$1')); // biome-ignore format: a pattern
  const keys = [...source.matchAll(/^ +(\w+):/gm)].map(([, key]) => key!);
  return [...quoted, ...keys];
}
