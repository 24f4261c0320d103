/** @file Requests as parts of traces: in the log, and as spans that a collector on this machine receives. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { classify } from '../testing/http.js';
import { writeSampleBundle } from '../testing/sample-bundle.js';
import { openTracing } from '../tracing/index.js';
import { type RunningServer, startServer } from './start-server.js';

type Span = {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly traceState?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly links?: readonly { readonly spanId: string; readonly traceId: string }[];
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
};

const marker = 'marmalade';
const caller = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
const traceparent = `00-${caller.traceId}-${caller.spanId}-01`;

let collector: Server;
let server: RunningServer;
let bundles: string;
const bodies: string[] = [];
const spans: Span[] = [];
const resources: unknown[] = [];
const logged: string[] = [];

beforeAll(async () => {
  collector = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => {
        const body = Buffer.concat(chunks).toString('utf8');
        bodies.push(`${request.method} ${request.url} ${request.headers['content-type']} ${body}`);
        for (const { resource, scopeSpans } of JSON.parse(body).resourceSpans) {
          resources.push(resource);
          for (const scope of scopeSpans) spans.push(...scope.spans);
        }
        response.setHeader('content-type', 'application/json').end('{}');
      });
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', `http://127.0.0.1:${(collector.address() as AddressInfo).port}`);
  vi.stubEnv('OTEL_RESOURCE_ATTRIBUTES', 'deployment.environment.name=test');
  vi.stubEnv('OTEL_BSP_SCHEDULE_DELAY', '100');
  const tracing = await openTracing(process.env, '1.2.3');
  bundles = await writeSampleBundle();
  const log = pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) });
  server = await startServer({ models: [bundles], port: 0, workers: 1, page: '/nowhere' }, log, { tracing });
});
afterAll(async () => {
  await server.close();
  collector.close();
  vi.unstubAllEnvs();
});

const named = (name: string): Span[] => spans.filter((span) => span.name === name);
const attribute = ({ attributes }: Span, key: string): unknown => {
  const value = attributes.find((one) => one.key === key)?.value;
  return value && Object.values(value)[0];
};
const isWithin = (part: Span, whole: Span): boolean => {
  const [began, from, to, ended] = [whole.startTimeUnixNano, part.startTimeUnixNano, part.endTimeUnixNano, whole.endTimeUnixNano].map(
    BigInt,
  );
  return began! <= from! && from! <= to! && to! <= ended!;
};
const arrived = (count: number): Promise<void> =>
  vi.waitFor(() => expect(named('POST').length).toBeGreaterThanOrEqual(count), { timeout: 20_000, interval: 20 });

test('a request goes on in the trace that it came in, stage by stage', async () => {
  await classify(server.url, { text: `A most unusual ${marker}` }, { traceparent, tracestate: 'vendor=1' });
  await arrived(1);
  const [request] = named('POST');
  expect(request).toMatchObject({ traceId: caller.traceId, parentSpanId: caller.spanId, traceState: 'vendor=1' });
  expect(attribute(request!, 'http.route')).toBe('classify');
  expect(Number(attribute(request!, 'http.response.status_code'))).toBe(200);
  expect(attribute(request!, 'copydesk.model')).toBe('sample');
  for (const name of ['tokenize', 'queue', 'infer', 'batch']) {
    const [span] = named(name);
    expect(span, name).toMatchObject({ traceId: caller.traceId, parentSpanId: request!.spanId });
    expect(isWithin(span!, request!), name).toBe(true);
  }
  expect(named('infer')[0]!.links?.map(({ spanId }) => spanId)).toEqual([named('batch')[0]!.spanId]);
});

test('the line in the log names the trace and the span of the request', () => {
  const line = logged.map((text) => JSON.parse(text)).find(({ route }) => route === 'classify');
  expect(line).toMatchObject({ trace_id: caller.traceId, span_id: named('POST')[0]!.spanId });
});

test('one batch for many requests is one span, linked with all of them', async () => {
  spans.length = 0;
  // While the first runs, the others gather.
  const trace = (i: number) => `00-${String(i + 1).padStart(32, '0')}-${caller.spanId}-01`;
  await Promise.all(
    Array.from({ length: 24 }, (_, i) => classify(server.url, { text: `Story ${i} of the harbour` }, { traceparent: trace(i) })),
  );
  await arrived(24);
  const requests = new Map(named('POST').map((span) => [span.spanId, span]));
  expect(new Set([...requests.values()].map(({ traceId }) => traceId)).size).toBe(24);
  const batches = named('batch');
  const linked = batches.flatMap(({ links }) => (links ?? []).map(({ spanId }) => spanId));
  expect([...linked].sort()).toEqual([...requests.keys()].sort());
  const texts = batches.reduce((sum, batch) => sum + Number(attribute(batch, 'copydesk.batch.texts')), 0);
  expect(texts).toBe(24);
  expect(batches.length, 'some ran together').toBeLessThan(24);
  const ids = new Set(batches.map(({ spanId }) => spanId));
  for (const { links } of named('infer')) expect(links?.every(({ spanId }) => ids.has(spanId))).toBe(true);
  const parts = ['tokenize', 'queue', 'infer'].flatMap(named);
  expect(parts.filter((part) => !isWithin(part, requests.get(part.parentSpanId!)!))).toEqual([]);
});

test('a caller that does not sample is not sampled, and still logged', async () => {
  const before = spans.length;
  const unsampled = { traceId: 'f'.repeat(32), spanId: caller.spanId };
  await classify(server.url, { text: 'Quiet' }, { traceparent: `00-${unsampled.traceId}-${unsampled.spanId}-00` });
  await classify(server.url, { text: 'Loud' }, { traceparent: `00-${'e'.repeat(32)}-${unsampled.spanId}-01` });
  await vi.waitFor(() => expect(spans.some(({ traceId }) => traceId === 'e'.repeat(32))).toBe(true), { timeout: 20_000 });
  expect(spans.slice(before).filter(({ traceId }) => traceId === unsampled.traceId)).toEqual([]);
  expect(logged.some((line) => JSON.parse(line).trace_id === unsampled.traceId)).toBe(true);
});

test('a traceparent that is not well formed begins a trace of its own', async () => {
  await classify(server.url, { text: 'Lost' }, { traceparent: `00-${marker}`, tracestate: `${marker}=1` });
  await vi.waitFor(() => expect(named('POST').some(({ parentSpanId }) => !parentSpanId)).toBe(true), { timeout: 20_000 });
});

test('a refusal is a span too; the resource says which program it was', async () => {
  await classify(server.url, { text: marker, model: marker });
  await vi.waitFor(() => expect(named('POST').some((span) => Number(attribute(span, 'http.response.status_code')) === 404)).toBe(true), {
    timeout: 20_000,
  });
  expect(bodies.every((body) => body.startsWith('POST /v1/traces application/json '))).toBe(true);
  expect(JSON.stringify(resources[0])).toContain('"service.name","value":{"stringValue":"copydesk"}');
  expect(JSON.stringify(resources[0])).toContain('"deployment.environment.name","value":{"stringValue":"test"}');
});

test('what people write is in no span', () => expect(bodies.filter((body) => body.includes(marker))).toEqual([]));

test('without traces, the trace that a request came with is in the log, and none is invented', async () => {
  const lines: string[] = [];
  const quiet = await startServer(
    { models: [bundles], port: 0, workers: 1, page: '/nowhere' },
    pino({}, { write: (line: string) => void lines.push(line) }),
  );
  await classify(quiet.url, { text: 'One' }, { traceparent });
  await classify(quiet.url, { text: 'Two' }, { traceparent: `${traceparent}0` });
  await quiet.close();
  const requests = lines.map((line) => JSON.parse(line)).filter(({ route }) => route === 'classify');
  expect(requests.map(({ trace_id, span_id }) => [trace_id, span_id])).toEqual([
    [caller.traceId, caller.spanId],
    [undefined, undefined],
  ]);
});

test('traces are sent only where they are asked for, and only in a form that is spoken', async () => {
  expect(await openTracing({}, '1')).toBeUndefined();
  expect(await openTracing({ OTEL_SERVICE_NAME: 'x' }, '1')).toBeUndefined();
  expect(await openTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://x', OTEL_SDK_DISABLED: 'true' }, '1')).toBeUndefined();
  expect(await openTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://x', OTEL_TRACES_EXPORTER: 'none' }, '1')).toBeUndefined();
  await expect(openTracing({ OTEL_TRACES_EXPORTER: 'jaeger' }, '1')).rejects.toThrow('OTEL_TRACES_EXPORTER is jaeger');
  const grpc = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://x', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
  await expect(openTracing(grpc, '1')).rejects.toMatchObject({ code: 'serving/start' });
});
