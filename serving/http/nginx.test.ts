/** @file The configuration of docs/deployment.md, in front of a real server. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePort } from '../testing/free-port.js';
import { writeSampleBundle } from '../testing/sample-bundle.js';
import { startServer } from './start-server.js';

const nginx = process.env.COPYDESK_NGINX ?? 'nginx';
const missing = ['openssl version', `${nginx} -v`].filter((command) => {
  const [program = '', argument = ''] = command.split(' ');
  return spawnSync(program, [argument]).error !== undefined;
});

test.skipIf(missing.length > 0)(
  'nginx as documented: TLS, the address of the client, and nothing private in its log (needs nginx and openssl)',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'copydesk-nginx-'));
    const bundles = await writeSampleBundle();
    const server = await startServer({ models: [bundles], port: 0, workers: 1, page: '/nowhere', logLevel: 'silent', trustProxy: ['127.0.0.1'], addressRates: ['4/h'] }); // biome-ignore format: one line
    const port = await freePort();
    const config = await documented(folder, new URL(server.url).host, port);
    const proxy = spawn(nginx, ['-p', folder, '-c', config, '-e', join(folder, 'error.log')], { stdio: 'inherit' });
    try {
      await expect.poll(() => ask(port, 'GET', '/health/live').catch(() => undefined), { timeout: 10_000 }).toMatchObject({ status: 200 });
      const first = await ask(port, 'POST', '/classify?key=marmalade', { text: 'a' });
      expect(first).toMatchObject({
        status: 200,
        headers: { 'strict-transport-security': 'max-age=31536000', 'x-ratelimit-remaining-requests': '3' },
      });
      const large = await ask(port, 'POST', '/classify', { text: 'a'.repeat(1_500_000) });
      expect([large.status, large.body]).toEqual([413, expect.stringMatching(/"body-too-large"/)]);
      // Whatever address it claims, it is one client: nginx replaces what it wrote.
      const claims = [];
      for (let i = 0; i < 3; i++)
        claims.push((await ask(port, 'POST', '/classify', { text: 'a' }, { 'x-forwarded-for': `192.0.2.${i}` })).status);
      expect(claims).toEqual([200, 200, 429]);
      // The server behind it is asked by an address that is believed: another client.
      const direct = await fetch(`${server.url}/models`, { headers: { 'x-forwarded-for': '192.0.2.77' } });
      expect(direct.headers.get('x-ratelimit-remaining-requests')).toBe('3');
      proxy.kill('SIGQUIT');
      await once(proxy, 'exit');
      const log = await readFile(join(folder, 'copydesk.log'), 'utf8');
      expect(log).toMatch(/^127\.0\.0\.1 \[.*\] POST \/classify 200 /m);
      expect(log).not.toMatch(/marmalade/);
    } finally {
      proxy.kill('SIGTERM');
      if (proxy.exitCode === null) await once(proxy, 'exit');
      await server.close();
      for (const made of [folder, bundles]) await rm(made, { recursive: true });
    }
  },
);

/** The block of the document, with its addresses and files replaced by ones of the test. */
async function documented(folder: string, upstream: string, port: number): Promise<string> {
  const document = await readFile(new URL('../../docs/deployment.md', import.meta.url), 'utf8');
  const [, block = ''] = /```nginx\n(.*?)```/s.exec(document) ?? [];
  const subject = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=moderation.example.org'];
  execFileSync('openssl', ['req', ...subject, '-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')], { stdio: 'ignore' });
  const replaced = [
    ['127.0.0.1:8000', upstream],
    ['listen 443 ssl', `listen 127.0.0.1:${port} ssl`],
    ['/etc/ssl/moderation.pem', join(folder, 'cert.pem')],
    ['/etc/ssl/moderation.key', join(folder, 'key.pem')],
    ['/var/log/nginx/copydesk.log', join(folder, 'copydesk.log')],
  ].reduce((text, [from = '', to = '']) => {
    expect(text).toContain(from);
    return text.replace(from, to);
  }, block);
  await mkdir(join(folder, 'tmp'));
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${join(folder, 'tmp', kind)};`);
  const path = join(folder, 'nginx.conf');
  await writeFile(
    path,
    `daemon off;\npid ${join(folder, 'nginx.pid')};\nevents {}\nhttp {\nclient_body_buffer_size 4m;\n${paths.join('\n')}\n${replaced}\n}\n`,
  );
  return path;
}

function ask(port: number, method: string, path: string, body?: object, headers: Record<string, string> = {}) {
  type Answer = { status: number | undefined; headers: Readonly<Record<string, unknown>>; body: string };
  return new Promise<Answer>((resolve, reject) => {
    const all = { ...headers, host: 'moderation.example.org', ...(body ? { 'content-type': 'application/json' } : {}) };
    request({ host: '127.0.0.1', port, path, method, headers: all, rejectUnauthorized: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: text }));
    })
      .on('error', reject)
      .end(body && JSON.stringify(body));
  });
}
