/** @file `npm run bench:start [-- SETTING…]`: milliseconds from a command to its first verdict. What follows `--` goes to `copydesk serve`. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { machineLine, median, range } from '../../models/bench/node.js';

const root = fileURLToPath(new URL('../../..', import.meta.url)); // of dist/serving/bench
const commands: Readonly<Record<string, readonly [program: string, ...args: string[]]>> = {
  'npm start': ['npm', 'start', '--silent', '--'],
  'copydesk serve': [process.execPath, 'dist/cli/main.js', 'serve'],
};
const settings = process.argv.slice(2).filter((one) => one !== '--quick');
const runs = process.argv.includes('--quick') ? 1 : 7;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

async function firstVerdict([program, ...args]: readonly [string, ...string[]]): Promise<number> {
  const port = await freePort();
  const began = performance.now();
  const child = spawn(program, [...args, '--port', String(port), ...settings], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  let said = '';
  child.stderr!.on('data', (piece: Buffer) => {
    said += piece;
  });
  try {
    while (!(await isAnswered(`http://127.0.0.1:${port}/classify`))) {
      if (child.exitCode !== null) throw new Error(`${program} ended with ${child.exitCode}: ${said}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return performance.now() - began;
  } finally {
    await end(child);
  }
}

async function isAnswered(url: string): Promise<boolean> {
  const ask = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text: 'The council votes on the bridge tonight' }),
  };
  const answer = await fetch(url, ask).catch(() => undefined); // nobody listens yet
  await answer?.arrayBuffer();
  return answer?.ok === true;
}

/** npm and what it started are a group of their own. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  process.kill(-child.pid!, 'SIGTERM');
  await once(child, 'exit');
}

console.log(machineLine());
const taken = new Map(Object.keys(commands).map((name) => [name, [] as number[]]));
for (let run = 0; run < runs; run++)
  for (const [name, command] of Object.entries(commands)) taken.get(name)!.push(await firstVerdict(command));
for (const [name, values] of taken)
  console.log(`${name}: first verdict after ${median(values).toFixed(0)} ms (${range(values)}; ${values.length} runs)`);
