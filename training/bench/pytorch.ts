/** @file PyTorch's training step in a process of its own, one step at a time. */
import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Contestant } from '../../models/bench/node.js';
import type { BertConfig } from '../../models/index.js';

export type Peer = Contestant & { stop(): void };

export type PytorchMode = 'eager' | 'compile';

export type StepShape = Pick<BertConfig, 'layers' | 'width' | 'heads' | 'intermediate' | 'vocabularySize'> & {
  readonly batch: number;
  readonly tokens: number;
};

/** The Python that is compared with. */
export const python = (): string => process.env.COPYDESK_PYTHON ?? 'python3';

/** A script of this folder: the build leaves them where they are. */
export const scriptPath = (name: string): string =>
  fileURLToPath(new URL(`./${name}`, import.meta.url)).replace(/([\\/])dist\1training\1/, '$1training$1');

/** @returns runs in milliseconds; `undefined`, with the reason on stderr, where PyTorch is absent or cannot do it */
export async function startPytorch(shape: StepShape, mode: PytorchMode = 'eager'): Promise<Peer | undefined> {
  if (spawnSync(python(), ['-c', 'import torch, transformers']).status !== 0) {
    console.error(
      `PyTorch: not found by ${python()}, so there is no comparison. Fix: pip install torch transformers, then COPYDESK_PYTHON=path/to/python.`,
    );
    return undefined;
  }
  const { layers, width, heads, intermediate, vocabularySize, batch, tokens } = shape;
  const sizes = [layers, width, heads, intermediate, vocabularySize, batch, tokens].map(String);
  const child = spawn(python(), [scriptPath('step.py'), mode, ...sizes], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`PyTorch (${mode}) ended before it answered`);
    return value;
  };
  const ready = await next();
  if (!ready.startsWith('ready ')) {
    console.error(`PyTorch (${mode}): ${ready}`);
    child.kill();
    return undefined;
  }
  return {
    name: `PyTorch ${ready.slice('ready '.length)}`,
    async run() {
      child.stdin.write('step\n');
      return Number(await next());
    },
    stop: () => child.kill(),
  };
}
