/** @file PyTorch's training step in a process of its own, one step at a time. */
import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';

export type Peer = {
  readonly name: string;
  /** Milliseconds of one step; null where PyTorch is absent. */
  step(): Promise<number | null>;
  stop(): void;
};

/** @param shape layers, width, heads, intermediate, vocabulary, batch, tokens */
export async function startPytorch(shape: readonly number[]): Promise<Peer> {
  const python = process.env.COPYDESK_PYTHON ?? 'python3';
  if (spawnSync(python, ['-c', 'import torch, transformers']).status !== 0) {
    console.error(
      `PyTorch: not found by ${python}, so there is no comparison. Fix: pip install torch transformers, then COPYDESK_PYTHON=path/to/python.`,
    );
    return { name: 'PyTorch', step: async () => null, stop: () => {} };
  }
  const script = new URL('./step.py', import.meta.url).pathname.replace('/dist/training/', '/training/');
  const child = spawn(python, [script, ...shape.map(String)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done) throw new Error('PyTorch ended before it answered');
    return value;
  };
  const name = (await next()).replace('ready', 'PyTorch');
  return {
    name,
    async step() {
      child.stdin.write('step\n');
      return Number(await next());
    },
    stop: () => child.kill(),
  };
}
