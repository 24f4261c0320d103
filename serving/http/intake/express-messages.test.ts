import { once } from 'node:events';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { afterEach, expect, test, vi } from 'vitest';
import { classify } from '../../testing/http.js';
import { writeSampleBundle } from '../../testing/sample-bundle.js';
import { startServer } from '../start-server.js';
import { expressMessages } from './express-messages.js';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const close of closing.splice(0)) await close();
});

test('what Node makes is what Express expects, and does all that it did', async () => {
  const app = express();
  app.use(express.json());
  app.post('/echo', (request, response) => void response.json({ body: request.body, ip: request.ip, type: request.get('content-type') }));
  const seen: unknown[] = [];
  const server = createServer(expressMessages(app), app).prependListener('request', (request, response) => {
    seen.push(request instanceof IncomingMessage && response instanceof ServerResponse);
    seen.push(Object.getPrototypeOf(request) === app.request && Object.getPrototypeOf(response) === app.response);
  });
  closing.push(async () => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/echo`;
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":1}' });
  expect(await answer.json()).toEqual({ body: { a: 1 }, ip: '127.0.0.1', type: 'application/json' });
  expect(seen).toEqual([true, true]);
});

test('in the server no request or response changes its prototype', async () => {
  const server = await startServer({ models: [await writeSampleBundle()], port: 0, workers: 1, page: '/nowhere', logLevel: 'silent' });
  closing.push(() => server.close());
  const set = Object.setPrototypeOf;
  const changes: boolean[] = [];
  vi.spyOn(Object, 'setPrototypeOf').mockImplementation((object, prototype) => {
    if (object instanceof IncomingMessage || object instanceof ServerResponse) changes.push(Object.getPrototypeOf(object) !== prototype);
    return set(object, prototype);
  });
  expect((await classify(server.url, { text: 'a plain text' })).status).toBe(200);
  expect(changes).toEqual([false, false]);
});
