/** @file The two sides of `bench:finetune`, each a process of its own that is timed from its start to its end. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../../models/index.js';
import { readRun } from '../../models/run/node.js';
import { type Answers, type FinetuneTask, macroF1 } from './finetune-task.js';
import { python, scriptPath } from './pytorch.js';

export type FinetuneSettings = {
  /** A folder as Hugging Face saves it; without it a small model is trained from nothing. */
  readonly model?: string;
  readonly epochs: number;
  readonly batchSize: number;
  readonly maxTokens: number;
  readonly learningRate: number;
  /** Lower layers that stay as they are, and the embeddings with them; 0: all is trained. */
  readonly frozen: number;
  /** Further keys of our config, as `--set` takes them. */
  readonly set: readonly string[];
};

/** @param seconds from the start of the process to its end
 *  @param macroF1 on val, of the epoch that is best by it */
export type Finetuned = { readonly seconds: number; readonly macroF1: number };

/** One of those compared. */
export type Side = {
  /** For lines and files. */
  readonly name: string;
  /** What it runs on, where that is not this program. */
  readonly versions?: string;
  /** One whole fine-tuning, in an empty folder. @param seed of order, dropout and new weights */
  run(task: FinetuneTask, folder: string, seed: number): Promise<Finetuned>;
};

/** `copydesk train`, as a person calls it. */
export function copydesk(settings: FinetuneSettings): Side {
  return {
    name: 'copydesk train',
    async run(task, folder, seed) {
      const path = join(folder, 'config.json');
      await mkdir(folder, { recursive: true });
      await writeFile(path, JSON.stringify(trainConfig(settings, task, seed)));
      const run = join(folder, 'run');
      const seconds = await timed(process.execPath, [...program(), 'train', path, '--run', run, ...sets(settings.set)], folder);
      const opened = await readRun(run);
      const logits = (await opened.predictions()).map((prediction) => prediction.logits);
      return { seconds, macroF1: macroF1({ logits, labels: opened.run.labels, truth: task.truth }) };
    },
  };
}

/** Python's Trainer, or `undefined`, with the reason on stderr, where it cannot be had.
 *  @param grouped batches of like length, as Trainer makes them when it is asked to */
export function trainer(settings: FinetuneSettings, grouped: boolean): Side | undefined {
  const name = grouped ? 'Trainer, grouped by length' : 'Trainer';
  if (settings.model === undefined) {
    console.error(`${name}: left out, because it starts from a pre-trained model. Fix: --model FOLDER.`);
    return undefined;
  }
  const { status, stdout } = spawnSync(python(), ['-c', tellVersions], { encoding: 'utf8' });
  if (status !== 0) {
    console.error(
      `${name}: left out, because ${python()} has no torch, transformers and accelerate. Fix: pip install them, then COPYDESK_PYTHON=path/to/python.`,
    );
    return undefined;
  }
  return {
    name,
    versions: stdout.trim(),
    async run(task, folder, seed) {
      await mkdir(folder, { recursive: true });
      const { train, val, labels } = task;
      const path = join(folder, 'asked.json');
      await writeFile(path, JSON.stringify({ ...settings, seed, train, val, labels, grouped, out: folder }));
      const seconds = await timed(python(), [scriptPath('finetune.py'), path], folder);
      const epochs = (await readFile(join(folder, 'epochs.jsonl'), 'utf8')).trim().split('\n');
      const figures = epochs.map((line) => macroF1({ ...(JSON.parse(line) as Pick<Answers, 'logits' | 'truth'>), labels }));
      return { seconds, macroF1: Math.max(...figures) };
    },
  };
}

const tellVersions = `import platform, torch, transformers, accelerate
print("Python " + platform.python_version(), *(f"{one.__name__} {one.__version__}" for one in (torch, transformers, accelerate)), sep=", ")`;

/** The least of a config that says what Trainer is told; all else is our default. */
export function trainConfig(
  { model, epochs, batchSize, maxTokens, learningRate, frozen }: FinetuneSettings,
  { name, train, val }: Pick<FinetuneTask, 'name' | 'train' | 'val'>,
  seed: number,
): object {
  const lower = Array.from({ length: frozen }, (_, layer) => `layer\\.${layer}\\.`);
  return {
    name,
    data: { train, val },
    ...(model === undefined ? {} : { model: { pretrained: model } }),
    text: { maxTokens },
    training: {
      epochs,
      batchSize,
      learningRate,
      seed,
      // Dropout among frozen layers would only keep them from being computed once.
      ...(frozen > 0 ? { trainOnly: [`^(?!.*embeddings\\.|.*(${lower.join('|')}))`], frozenDropout: false } : {}),
    },
  };
}

const sets = (pairs: readonly string[]): string[] => pairs.flatMap((pair) => ['--set', pair]);

/** The program as it was built, or its source where this file is source. */
function program(): readonly string[] {
  const built = import.meta.url.endsWith('.js');
  const main = fileURLToPath(new URL(`../../cli/main.${built ? 'js' : 'ts'}`, import.meta.url));
  return built ? [main] : ['--import', 'tsx', main];
}

async function timed(command: string, args: readonly string[], folder: string): Promise<number> {
  const log = join(folder, 'output.log');
  const file = await open(log, 'w');
  try {
    const start = performance.now();
    const child = spawn(command, args, { stdio: ['ignore', file.fd, file.fd] });
    const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('exit', resolve));
    const seconds = (performance.now() - start) / 1000;
    if (code === 0) return seconds;
  } finally {
    await file.close();
  }
  const said = (await readFile(log, 'utf8')).trim().split('\n').slice(-5).join('\n');
  throw new UsageError('usage/argument', `bench:finetune: ${command} ${args.join(' ')} failed:\n${said}`, 'mend what it says.');
}

/** Runs and checkpoints are large: each is removed once its figures are taken. */
export const discard = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });
