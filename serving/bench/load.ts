/** @file A light HTTP client in a process of its own: a number of keep-alive connections, each with one request under way at a time. */
import { connect, type Socket } from 'node:net';

export type LoadOrder = { readonly url: string; readonly clients: number; readonly seconds: number; readonly texts: readonly string[] };

export type LoadReport = {
  readonly requests: number;
  readonly failures: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
};

process.on('message', (order: LoadOrder) => {
  void drive(order).then((report) => process.send?.(report));
});
process.once('disconnect', () => process.exit(0));

async function drive({ url, clients, seconds, texts }: LoadOrder): Promise<LoadReport> {
  const { hostname, port } = new URL(url);
  const requests = texts.map((text) => requestBytes(`${hostname}:${port}`, text));
  const latencies: number[] = [];
  let failures = 0;
  let next = 0;
  const began = performance.now();
  const until = began + seconds * 1000;
  const client = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = connect({ host: hostname, port: Number(port), noDelay: true });
      let sent = 0;
      const send = (): void => {
        sent = performance.now();
        socket.write(requests[next++ % requests.length]!);
      };
      onResponse(socket, (ok) => {
        const now = performance.now();
        latencies.push(now - sent);
        if (!ok) failures++;
        if (now < until) return send();
        socket.destroy();
        resolve();
      });
      socket.on('connect', send).on('error', reject);
    });
  await Promise.all(Array.from({ length: clients }, client));
  const elapsed = (performance.now() - began) / 1000;
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))]!;
  return { requests: latencies.length, failures, seconds: elapsed, p50Ms: at(0.5), p99Ms: at(0.99) };
}

function requestBytes(host: string, text: string): Buffer {
  const body = Buffer.from(JSON.stringify({ text }));
  const head = `POST /classify HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

/** Calls `done` after each whole response. One request is under way at a time, so bytes never belong to two. */
function onResponse(socket: Socket, done: (ok: boolean) => void): void {
  let received = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    const headEnd = received.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    const head = received.toString('latin1', 0, headEnd);
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
    if (received.length < headEnd + 4 + length) return;
    received = Buffer.alloc(0);
    done(head.startsWith('HTTP/1.1 200'));
  });
}
