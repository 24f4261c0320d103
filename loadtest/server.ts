/** @file A server in a process of its own, as people start it, and how it ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

export type TestedServer = {
  readonly url: string;
  readonly child: ChildProcess;
  /** The exit code, whenever it ends. */
  readonly ended: Promise<number | null>;
  /** Asks it to end and waits. @returns its exit code */
  stop(): Promise<number | null>;
};

export type StartOptions = {
  /** Further options of `copydesk serve`. */
  readonly options?: readonly string[];
  /** Modules that are loaded before the program, to play a fault in it. */
  readonly preload?: readonly string[];
  /** What the command is started through, such as `unshare`. */
  readonly through?: readonly string[];
  readonly stderr?: 'inherit' | 'ignore' | 'pipe' | number;
};

const program = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));

/** Resolves when it is ready. @throws Error when it ends before, or is not ready within a minute */
export async function startTestedServer({
  options = [],
  preload = [],
  through = [],
  stderr = 'inherit',
}: StartOptions = {}): Promise<TestedServer> {
  const port = process.env.PORT ?? String(await freePort());
  const url = `http://127.0.0.1:${port}`;
  const [command = '', ...args] = [
    ...through,
    process.execPath,
    ...preload.flatMap((module) => ['--import', module]),
    program,
    'serve',
    ...['--port', port, '--log', 'warn', ...options],
  ];
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', stderr] });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const stop = (): Promise<number | null> => {
    child.kill('SIGTERM');
    return ended;
  };
  try {
    await untilReady(url, ended);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  return { url, child, ended, stop };
}

async function untilReady(url: string, ended: Promise<number | null>): Promise<void> {
  let code: number | null | undefined;
  void ended.then((value) => {
    code = value;
  });
  for (const until = performance.now() + 60_000; performance.now() < until; ) {
    if (code !== undefined) throw new Error(`the server ended with code ${code} before it was ready`);
    const ready = await fetch(`${url}/health/ready`).then(({ ok }) => ok, () => false); // biome-ignore format: short
    if (ready) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the server was not ready within a minute');
}

/** A port that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
