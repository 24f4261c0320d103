/** @file Python's runtimes: a script beside this file opens the bundle, reads texts from its input and writes a row of scores for each. */
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../../models/index.js';
import type { Question, Runtime } from './runtime.js';

type PythonRuntime = {
  readonly title: string;
  readonly script: string;
  /** What it imports. */
  readonly packages: readonly string[];
};

export const onnxruntimePython = pythonRuntime({
  title: 'onnxruntime (Python)',
  script: 'onnxruntime_scores.py',
  packages: ['onnxruntime', 'tokenizers', 'numpy'],
});

export const optimum = pythonRuntime({
  title: 'Optimum and transformers (Python)',
  script: 'optimum_scores.py',
  packages: ['optimum', 'onnxruntime', 'transformers', 'torch'],
});

const program = (): string => process.env.COPYDESK_PYTHON ?? 'python3';

function pythonRuntime({ title, script, packages }: PythonRuntime): Runtime {
  const find = 'import importlib.util, sys; print(*[n for n in sys.argv[1:] if importlib.util.find_spec(n) is None])';
  return {
    title,
    async absent() {
      const missing = await run(['-c', find, ...packages]).catch(() => 'Python');
      return missing.trim() === ''
        ? undefined
        : `${program()} does not have ${missing.trim().split(' ').join(', ')}; COPYDESK_PYTHON names another Python`;
    },
    async scores({ bundle, precision, texts }: Question) {
      const { manifest, folder } = bundle;
      const { labels, activation, text } = manifest;
      const settings = { folder: resolve(folder), model: manifest.models[precision], labels, activation, maxTokens: text.maxTokens };
      const path = fileURLToPath(new URL(script, import.meta.url));
      const output = await run([path, JSON.stringify(settings)], JSON.stringify(texts.map((input) => [input].flat())));
      return JSON.parse(output.trim().split('\n').at(-1)!) as readonly (readonly number[])[];
    },
  };
}

/** @throws UsageError `runtime/model` with the last lines of what Python had to say */
async function run(args: readonly string[], input = ''): Promise<string> {
  // Everything is read from the folder that is given; nothing is asked of any hub.
  const env = { ...process.env, HF_HUB_OFFLINE: '1', TRANSFORMERS_OFFLINE: '1', PYTHONIOENCODING: 'utf-8' };
  const child = spawn(program(), args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((settle, fail) => child.on('close', settle).on('error', fail));
  child.stdin.on('error', () => undefined).end(input); // a program that ends early is told of by its exit code
  const [code, output, said] = await Promise.all([ended, readAll(child.stdout), readAll(child.stderr)]);
  if (code === 0) return output;
  const last = said.trim().split('\n').slice(-3).join(' ');
  throw new UsageError('runtime/model', `${program()} ${args[0]}: ${last}`, 'see that its packages fit each other.');
}
