/** @file Faults inside the process and around it: workers that die, a clock that jumps, a disk that is full, the end of the server. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startTestedServer } from '../server.js';
import { makeTwoVersions } from '../two-versions.js';
import { createClients } from './clients.js';
import { eventually, type Fault, metric, pause } from './fault.js';

const preload = (name: string): string[] => [fileURLToPath(new URL(name, import.meta.url))];

export const workerKilled: Fault = {
  summary: 'every worker killed under load, five times',
  async play({ options, rate, seconds }) {
    const byWorkers = ['--inline-ms', '0']; // every text, also one that comes alone
    const server = await startTestedServer({
      options: [...options, ...byWorkers],
      preload: preload('./kill-workers.mjs'),
      stderr: 'ignore',
    });
    try {
      const clients = createClients({ url: server.url });
      const load = clients.arrive(rate, seconds);
      for (let i = 0; i < 5; i++) {
        await pause((1000 * seconds) / 6);
        server.child.kill('SIGUSR2');
      }
      await load;
      const losses = await metric(server.url, 'copydesk_worker_losses_total');
      const retried = await metric(server.url, 'copydesk_texts_retried_total');
      const back = await eventually(async () => (await metric(server.url, 'copydesk_workers')) > 0);
      const calm = createClients({ url: server.url });
      await calm.arrive(10, 1);
      return {
        account: clients.account,
        held: [
          { what: 'workers were lost', ok: losses >= 5 },
          { what: 'workers came back', ok: back && calm.account.answered === 10 },
        ],
        notes: [`${losses} workers lost, ${retried} texts run again`],
      };
    } finally {
      await server.stop();
    }
  },
};

export const clockJumps: Fault = {
  summary: 'the time of day jumps by 6 hours, back by 30, and on by 3 days, while requests have deadlines and rates',
  async play({ options, rate, seconds }) {
    const rates = ['--rate-per-address', `${100 * rate}/s`];
    const server = await startTestedServer({ options: [...options, ...rates], preload: preload('./shift-clock.mjs'), stderr: 'ignore' });
    try {
      const clients = createClients({ url: server.url, timeoutMs: 20_000 });
      const load = clients.arrive(rate, seconds);
      for (let i = 0; i < 4; i++) {
        await pause((1000 * seconds) / 5);
        server.child.kill('SIGUSR2');
      }
      await load;
      const { refused429, refused503 } = clients.account;
      const ready = (await fetch(`${server.url}/health/ready`)).ok;
      return {
        account: clients.account,
        held: [
          { what: 'no deadline and no rate was taken for over', ok: refused429 + refused503 === 0 },
          { what: 'it is ready', ok: ready },
        ],
        notes: ['4 jumps'],
      };
    } finally {
      await server.stop();
    }
  },
};

/** In a mount namespace of its own, so that no other program sees the small disk. */
const onFullDisk = 'mount -t tmpfs -o size=64k none "$0" && { head -c 1M /dev/zero > "$0/filled" 2>/dev/null; exec "$@" 2>"$0/log"; }';

export const diskFull: Fault = {
  summary: 'the disk with the log and with the file of quotas is full',
  cannot() {
    try {
      execFileSync('unshare', ['-m', 'sh', '-c', 'mount -t tmpfs none /mnt'], { stdio: 'ignore' });
      return undefined;
    } catch {
      return 'needs Linux and the right to mount';
    }
  },
  async play({ options, rate, seconds }) {
    const disk = await mkdtemp(join(tmpdir(), 'copydesk-full-'));
    const versions = await makeTwoVersions(options);
    try {
      const server = await startTestedServer({
        options: [...versions.options, '--usage', join(disk, 'usage.json'), '--log', 'info'],
        through: ['unshare', '-m', 'sh', '-c', onFullDisk, disk],
      });
      const clients = createClients({ url: server.url, key: versions.key });
      await clients.arrive(rate, seconds);
      const code = await server.stop();
      return {
        account: clients.account,
        held: [{ what: 'it ends with 0', ok: code === 0 }],
        notes: ['no byte of the log nor of the quotas could be written'],
      };
    } finally {
      await versions.remove();
      await rm(disk, { recursive: true, force: true });
    }
  },
};

export const sigterm: Fault = {
  summary: 'SIGTERM under load',
  async play({ options, rate, seconds }) {
    const server = await startTestedServer({ options, stderr: 'ignore' });
    const clients = createClients({ url: server.url });
    const load = clients.arrive(4 * rate, Math.min(6, seconds));
    await pause(1000 * Math.min(3, seconds / 2));
    const began = performance.now();
    server.child.kill('SIGTERM');
    const code = await server.ended;
    const ms = performance.now() - began;
    await load;
    clients.close();
    const { answered, turnedAway, refused503 } = clients.account;
    return {
      account: clients.account,
      held: [
        { what: 'it ends with 0', ok: code === 0 },
        { what: 'it answered before, and turned away afterwards', ok: answered > 0 && turnedAway + refused503 > 0 },
      ],
      notes: [`ended after ${Math.round(ms)} ms`],
    };
  },
};
