import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeSampleBundle } from '../../testing/sample-bundle.js';
import { startServer } from '../start-server.js';

test('a file may arrive for longer than a request, which is refused as ever', async () => {
  const home = await mkdtemp(join(tmpdir(), 'copydesk-slow-'));
  const bundles = await writeSampleBundle({ to: join(home, 'bundles') });
  const limits = { requestMs: 400, headersMs: 400, jobMs: 60_000 };
  const common = { models: [bundles], port: 0, workers: 1, page: '/nowhere', logLevel: 'silent' as const, limits };
  const server = await startServer({ ...common, jobs: { folder: join(home, 'jobs') } });
  /** The first byte of the body at once, the last one when the time for requests is over. */
  const slowly = (path: string, type: string, body: string): Promise<string> => {
    const { hostname, port } = new URL(server.url);
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname);
      let received = '';
      const head = `POST ${path} HTTP/1.1\r\nhost: ${hostname}:${port}\r\ncontent-type: ${type}\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n`;
      socket.on('data', (chunk) => {
        received += chunk.toString();
      });
      socket.on('close', () => resolve(received)).on('error', reject);
      socket.write(head + body[0]);
      setTimeout(() => !socket.destroyed && socket.write(body.slice(1)), 1_200);
    });
  };
  try {
    const [request, file] = await Promise.all([
      slowly('/classify', 'application/json', '{"text":"slow"}'),
      slowly('/jobs', 'text/plain', 'slow\n'),
    ]);
    expect(request).toMatch(/^HTTP\/1\.1 408 [\s\S]*"request-timeout"/);
    expect(file).toMatch(/^HTTP\/1\.1 202 [\s\S]*"queued"/);
  } finally {
    await server.close();
    await rm(home, { recursive: true });
  }
});
