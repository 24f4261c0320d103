/** @file `copydesk doctor --build-tensorflow`: the addon of tfjs-node compiled against the TensorFlow of a Python, where its own download is refused. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { UsageError } from '../../models/index.js';
import { findTfjs, type TfjsPackage } from './gather-tensorflow.js';

export type PythonTensorflow = {
  /** Folder of the package. */
  readonly folder: string;
  readonly version: string;
};
export type BuildOptions = { readonly python: string; readonly say: (text: string) => void };

const version = '4.22.0';
const run = promisify(execFile);

/** @returns the addon that was written
 *  @throws UsageError `training/engine` where something that it takes is missing, with how to get it */
export async function buildTensorflow({ python, say }: BuildOptions): Promise<string> {
  if (process.platform !== 'linux')
    throw unbuilt(
      `${process.platform}: the addon is built on Linux only`,
      `install @tensorflow/tfjs-node@${version}, which brings its own library.`,
    );
  const tfjs = findTfjs();
  if (!tfjs)
    throw unbuilt(
      'TensorFlow.js is not installed',
      `run \`npm install --ignore-scripts @tensorflow/tfjs-node@${version}\` here, or in a folder of its own that COPYDESK_TFJS then names.`,
    );
  const tensorflow = await askPython(python);
  say(`TensorFlow ${tensorflow.version} of ${python}: ${tensorflow.folder}`);
  say(`${tfjs.name}: ${tfjs.folder}`);
  await compile(tfjs, tensorflow, nodeHeaders(), say);
  return tfjs.addon;
}

/** What the compiler is asked. Libraries are found again at the place where they are now. */
export function compilerArguments(tensorflow: string, headers: string, sources: readonly string[], to: string): readonly string[] {
  return [
    ...['-shared', '-fPIC', '-O2', '-std=c++17', '-DNAPI_VERSION=8'],
    ...[`-I${headers}`, `-I${join(tensorflow, 'include')}`, ...sources, `-L${tensorflow}`],
    ...['-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2', `-Wl,-rpath,${tensorflow}`, '-o', to],
  ];
}

async function compile(tfjs: TfjsPackage, { folder }: PythonTensorflow, headers: string, say: BuildOptions['say']): Promise<void> {
  const binding = join(tfjs.folder, 'binding');
  const sources = (await readdir(binding)).filter((name) => name.endsWith('.cc')).map((name) => join(binding, name));
  const compiler = process.env.CXX || 'g++';
  const unfinished = `${tfjs.addon}.${process.pid}`;
  await mkdir(dirname(tfjs.addon), { recursive: true });
  say(`compiling ${sources.length} files with ${compiler}`);
  try {
    await run(compiler, compilerArguments(folder, headers, sources, unfinished), { maxBuffer: 1e7 });
    await rename(unfinished, tfjs.addon);
  } catch (error) {
    await rm(unfinished, { force: true });
    const { code, stderr = '' } = error as { readonly code?: unknown; readonly stderr?: string };
    if (code === 'ENOENT')
      throw unbuilt(`there is no compiler ${compiler}`, 'install g++ (Debian: `apt-get install g++`), or name another by CXX.');
    const reason = stderr.split('\n').find((line) => line.includes('error')) ?? String(error).split('\n')[0];
    throw unbuilt(`${compiler} could not compile the addon: ${reason}`, 'use a TensorFlow from 2.9 on, and a g++ that knows C++17.');
  }
}

/** Where the package lies, and its version, without loading it. */
async function askPython(python: string): Promise<PythonTensorflow> {
  const { stdout } = await run(python, ['-c', lookUp]).catch((error: Error) => {
    throw unbuilt(`${python} does not answer: ${error.message.split('\n')[0]}`, 'name a Python that has TensorFlow by --python.');
  });
  const [folder, found] = stdout.trim().split('\n');
  if (!folder || !existsSync(join(folder, 'libtensorflow_cc.so.2')))
    throw unbuilt(
      `${python} has no TensorFlow`,
      `\`${python} -m pip install tensorflow-cpu\` (or tensorflow[and-cuda] for an NVIDIA GPU), or name another Python by --python.`,
    );
  return { folder, version: found ?? 'unknown' };
}

const lookUp = `
import importlib.util, importlib.metadata
spec = importlib.util.find_spec('tensorflow')
print(spec.submodule_search_locations[0] if spec else '')
names = importlib.metadata.packages_distributions().get('tensorflow', []) if spec else []
print(importlib.metadata.version(names[0]) if names else 'unknown')`;

/** Those of Node's C interface, which are the same in every version. */
function nodeHeaders(): string {
  const places = [join(dirname(process.execPath), '..', 'include', 'node'), '/usr/include/node', '/usr/local/include/node'];
  const found = places.find((place) => existsSync(join(place, 'node_api.h')));
  if (found) return found;
  throw unbuilt(
    `Node's headers are in none of ${places.join(', ')}`,
    'install Node from nodejs.org, whose archive has them, or the package libnode-dev.',
  );
}

const unbuilt = (what: string, fix: string): UsageError => new UsageError('training/engine', `doctor --build-tensorflow: ${what}`, fix);
