/** @file The other servers of the benchmark, as most people would write them; each is installed, out of the way, the first time it is asked for. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export type PeerServer = { readonly url: string; readonly pid: number | undefined; stop(): void };

export const peerNames = ['transformers-js', 'fastapi'] as const;
export type PeerName = (typeof peerNames)[number];

type Peer = {
  readonly title: string;
  /** What is there once the peer is installed, below its folder. */
  readonly installed: string;
  /** Commands run in the peer's folder. */
  readonly install: readonly (readonly [string, ...string[]])[];
  readonly start: readonly [string, ...string[]];
};

const venv = join('.venv', 'bin');

export const peers: Readonly<Record<PeerName, Peer>> = {
  'transformers-js': {
    title: 'Express + transformers.js',
    installed: join('node_modules', '@huggingface', 'transformers'),
    install: [['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund']],
    start: [process.execPath, 'server.mjs'],
  },
  fastapi: {
    title: 'FastAPI + onnxruntime',
    installed: join('.venv', 'ready'),
    install: [
      ['python3', '-m', 'venv', '.venv'],
      [join(venv, 'python'), '-m', 'pip', 'install', '-q', '-r', 'requirements.txt'],
      ['touch', join('.venv', 'ready')],
    ],
    start: [join(venv, 'python'), 'server.py'],
  },
};

/**
 * @param root the package's root, where the peers' sources are
 * @param bundle the bundle's own folder
 * @returns null where the peer cannot be installed here; `say` is told why
 */
export async function startPeer(name: PeerName, root: string, bundle: string, say: (line: string) => void): Promise<PeerServer | null> {
  const { installed, install, start } = peers[name];
  const folder = join(root, 'node_modules', '.cache', 'copydesk-bench', name);
  cpSync(join(root, 'serving', 'bench', 'peers', name), folder, { recursive: true });
  if (!existsSync(join(folder, installed))) {
    say(`installing ${name}`);
    for (const [command, ...args] of install) {
      const { status, stderr, error } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' });
      if (status === 0) continue;
      say(`${name} is left out: ${command} ${args.join(' ')} failed (${(stderr || String(error)).trim().split('\n').at(-1)})`);
      return null;
    }
  }
  const [command, ...args] = start;
  const child = spawn(command, [...args, bundle], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  return { url: await firstLine(child, name), pid: child.pid, stop: () => void child.kill('SIGTERM') };
}

function firstLine(child: ChildProcess, name: string): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('error', reject).once('exit', (code) => reject(new Error(`${name} ended with code ${code} before it listened`)));
    createInterface({ input: child.stdout! }).once('line', resolve);
  });
}
