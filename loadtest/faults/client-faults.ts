/** @file Faults that clients bring: too many at once, slow ones, ones that go away. */
import { connect } from 'node:net';
import { startTestedServer } from '../server.js';
import { createClients } from './clients.js';
import { eventually, type Fault, metric, pause, percentile } from './fault.js';

export const tenfold: Fault = {
  summary: 'ten times the capacity over 1,500 connections; each request has a deadline of a second, and its client leaves after two',
  async play({ options, seconds }) {
    const server = await startTestedServer({ options, stderr: 'ignore' });
    try {
      const before = createClients({ url: server.url });
      await before.askAgain(32, 2);
      const capacity = await before.askAgain(32, 5);
      const clients = createClients({ url: server.url, timeoutMs: 1_000, connections: 1_500, leaveAfter: () => 2_000 });
      const began = performance.now();
      await clients.arrive(10 * capacity, seconds);
      const goodput = clients.account.answered / ((performance.now() - began) / 1000);
      const calm = createClients({ url: server.url });
      await calm.arrive(10, 2);
      const late = percentile(clients.account.latencies, 0.99);
      return {
        account: clients.account,
        held: [
          { what: 'it goes on answering', ok: clients.account.answered > 0 },
          { what: 'afterwards all is as before', ok: calm.account.answered === 20 },
        ],
        notes: [`capacity ${Math.round(capacity)}/s, answered ${Math.round(goodput)}/s, p99 ${Math.round(late)} ms`],
      };
    } finally {
      await server.stop();
    }
  },
};

export const slowClients: Fault = {
  summary: '300 clients that send their headers, and 100 that send their bodies, byte by byte',
  async play({ options, rate, seconds }) {
    const limits = ['--limit', 'headersMs=3000', '--limit', 'requestMs=5000'];
    const server = await startTestedServer({ options: [...options, ...limits], stderr: 'ignore' });
    try {
      const began = performance.now();
      const head = 'POST /classify HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';
      const slow = Array.from({ length: 400 }, (_, i) =>
        drip(server.url, i < 300 ? head : `${head}content-length: 4000\r\n\r\n{"text": "`),
      );
      const clients = createClients({ url: server.url });
      await clients.arrive(rate, Math.max(seconds, 10));
      const ends = await Promise.race([Promise.all(slow), pause(20_000).then(() => [])]);
      const told = ends.filter(({ received }) => received.startsWith('HTTP/1.1 408')).length;
      const longest = Math.max(...ends.map(({ at }) => at)) - began;
      return {
        account: clients.account,
        held: [{ what: 'every slow connection was ended', ok: ends.length === slow.length }],
        notes: [
          `${slow.length} slow connections, ${told} told 408, ${ends.length - told} closed, the last after ${(longest / 1000).toFixed(1)} s`,
        ],
      };
    } finally {
      await server.stop();
    }
  },
};

/** Sends `start`, then a byte each half second, until the server ends it. */
function drip(url: string, start: string): Promise<{ received: string; at: number }> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let received = '';
    const socket = connect(Number(port), hostname, () => socket.write(start));
    const timer = setInterval(() => socket.write('a'), 500);
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    socket.once('close', () => {
      clearInterval(timer);
      resolve({ received, at: performance.now() });
    });
  });
}

export const clientsLeave: Fault = {
  summary: 'every second client goes away before its answer',
  async play({ options, rate, seconds }) {
    const server = await startTestedServer({ options, stderr: 'ignore' });
    try {
      const clients = createClients({ url: server.url, leaveAfter: (i) => (i % 2 === 0 ? (i * 7) % 20 : undefined) });
      await clients.arrive(4 * rate, seconds);
      const empty = await eventually(async () => (await metric(server.url, 'copydesk_queue_texts')) === 0 && (await metric(server.url, 'copydesk_in_flight_requests')) === 1); // biome-ignore format: one thought
      const abandoned = await metric(server.url, 'copydesk_requests_abandoned_total');
      return {
        account: clients.account,
        held: [
          { what: 'clients went away', ok: clients.account.gaveUp > 0 },
          { what: 'nothing of theirs is left behind', ok: empty },
        ],
        notes: [`${abandoned} requests were abandoned at the server`],
      };
    } finally {
      await server.stop();
    }
  },
};
