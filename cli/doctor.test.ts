import { execFile } from 'node:child_process';
import { expect, test } from 'vitest';
import { findings } from './doctor/findings.js';
import { explainLoadFailure } from './load-failure.js';

type Outcome = { readonly code: number; readonly stdout: string; readonly stderr: string };

const doctor = (...args: readonly string[]): Promise<Outcome> =>
  new Promise((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', 'cli/main.ts', 'doctor', ...args], (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });

test('of the machine that this runs on, facts are found, judged and printed, and what the tests need is there', {
  timeout: 240_000,
}, async () => {
  const { code, stdout } = await doctor('--json', '--port', '1');
  const { ok, findings: found, facts } = JSON.parse(stdout);
  expect({ code, ok }).toEqual({ code: 0, ok: true });
  expect(found).toEqual(findings(facts));
  expect(facts.cpu.probe).toMatchObject({ works: true, provider: 'cpu' });
  expect(facts.cpu.probe.textsPerSecond).toBeGreaterThan(0);
  expect(facts.models.map(({ problem }: { problem?: string }) => problem).filter(Boolean)).toEqual([]);
});

test('a port that is none is wrong usage', async () => {
  expect(await doctor('--port', 'http')).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(/--port: "http" is no port\. Fix: /),
  });
});

test('where the native library does not load, the program says so and what to do, without a stack', () => {
  const said = explainLoadFailure(new Error('libc.musl-x86_64.so.1: cannot open shared object file\n    at Module'));
  expect(said).toMatch(
    /could not be loaded\.\nWRONG {2}ONNX Runtime does not load: libc\.musl.*cannot open shared object file\.\n.*npm ci/s,
  );
  expect(said).not.toContain('at Module');
  const stale = explainLoadFailure(new Error("The module './a.js' does not provide an export named 'b'"));
  expect(stale).toMatch(/loaded\.\nThe module .*named 'b'\n.*npm run build/);
});
