/** @file `node loadtest/run.mjs NAME [--models DIR]…`: starts a server, runs k6 against it, stops it, and ends with k6's code. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const program = join(here, '..', 'dist', 'cli', 'main.js');
const port = process.env.PORT ?? '8900';
const baseUrl = `http://127.0.0.1:${port}`;
const [name = '', ...serverOptions] = process.argv.slice(2);
const script = join(here, `${name}.js`);

if (!['smoke', 'average'].includes(name)) fail('give the name of a scenario: smoke or average');
const k6 = process.env.K6 ?? 'k6';
if (spawnSync(k6, ['version']).status !== 0)
  fail(`${k6} does not run; loadtest/README.md says how to install k6, K6=/path/to/k6 where it is`);
if (!existsSync(program)) fail('the program is not built; run npm run build');

const server = spawn(process.execPath, [program, 'serve', '--port', port, '--log', 'warn', ...serverOptions], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
let stopping = false;
const ended = new Promise((resolve) =>
  server.once('exit', (code) => {
    if (!stopping) fail(`the server ended by itself, with code ${code}`);
    resolve(code);
  }),
);
await untilReady();
const code = await run(k6, ['run', script]);
stopping = true;
server.kill('SIGTERM');
const serverCode = await ended;
if (serverCode !== 0) console.error(`the server ended with code ${serverCode}`);
process.exit(code === 0 ? serverCode : code);

async function untilReady() {
  const until = Date.now() + 60_000;
  while (Date.now() < until) {
    const ready = await fetch(`${baseUrl}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  stopping = true;
  server.kill('SIGKILL');
  fail('the server was not ready within a minute');
}

function run(command, args) {
  return new Promise((resolve) => {
    spawn(command, args, { stdio: 'inherit', env: { ...process.env, BASE_URL: baseUrl } }).once('exit', resolve);
  });
}

function fail(message) {
  console.error(`loadtest: ${message}`);
  process.exit(2);
}
