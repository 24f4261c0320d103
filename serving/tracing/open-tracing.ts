/** @file Spans by OpenTelemetry, sent by OTLP over HTTP, as the standard variables of its SDKs say. Its packages are loaded only when asked for. */
import type { Link, SpanContext, Tracer } from '@opentelemetry/api';
import { UsageError } from '../../models/index.js';
import type { TraceContext } from './trace-context.js';
import type { Attributes, TraceSpan, Tracing } from './tracing.js';

type Environment = Readonly<Record<string, string | undefined>>;
type Libraries = Awaited<ReturnType<typeof load>>;

/**
 * On where `OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` or `OTEL_TRACES_EXPORTER=otlp` is set, and not
 * `OTEL_SDK_DISABLED=true` or `OTEL_TRACES_EXPORTER=none`. The other `OTEL_*` variables are read by OpenTelemetry itself.
 *
 * @throws UsageError `serving/start` where traces are asked for in a form that is not spoken
 */
export async function openTracing(env: Environment, release: string): Promise<Tracing | undefined> {
  if (!isAskedFor(env)) return undefined;
  const libraries = await load();
  const { BasicTracerProvider, BatchSpanProcessor, OTLPTraceExporter, resources } = libraries;
  const provider = new BasicTracerProvider({
    resource: resources
      .resourceFromAttributes({ 'service.name': 'copydesk', 'service.version': release })
      .merge(resources.detectResources({ detectors: [resources.envDetector] })),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  const write = spanWriter(libraries, provider.getTracer('copydesk', release));
  return {
    request: (name, began, context, attributes) => write.request(name, began, context, attributes),
    // A collector that is not there must not keep a server from stopping.
    close: () => provider.shutdown().catch(() => undefined),
  };
}

/** A sixth of a second at start, and memory, for those who ask for it only. */
async function load() {
  const [api, sdk, exporter, resources] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace-base'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  return { api, resources, ...sdk, ...exporter };
}

function isAskedFor(env: Environment): boolean {
  const of = (name: string): string => env[name]?.trim() ?? '';
  const exporter = of('OTEL_TRACES_EXPORTER');
  if (of('OTEL_SDK_DISABLED').toLowerCase() === 'true' || exporter === 'none') return false;
  if (!exporter && !of('OTEL_EXPORTER_OTLP_ENDPOINT') && !of('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT')) return false;
  if (exporter && exporter !== 'otlp') throw refused(`OTEL_TRACES_EXPORTER is ${exporter}`, 'set it to otlp, or to none');
  if ((of('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL') || of('OTEL_EXPORTER_OTLP_PROTOCOL')) === 'grpc')
    throw refused('OTEL_EXPORTER_OTLP_PROTOCOL is grpc', 'set it to http/json, and the endpoint to the HTTP port of the collector (4318)');
  return true;
}

const refused = (what: string, fix: string): UsageError =>
  new UsageError('serving/start', `tracing: ${what}`, `${fix}; or switch tracing off with OTEL_SDK_DISABLED=true.`);

function spanWriter({ api }: Libraries, tracer: Tracer) {
  const { SpanKind, SpanStatusCode, TraceFlags, trace, ROOT_CONTEXT, createTraceState } = api;
  const contexts = new WeakMap<TraceSpan, SpanContext>();
  const linksTo = (spans: readonly TraceSpan[]): Link[] =>
    spans.flatMap((span) => {
      const context = contexts.get(span);
      return context && span.sampled ? [{ context }] : [];
    });

  /** @param clock what `performance.now()` is behind `Date.now()`: the same for a request and all its parts, or a part could end after the whole */
  const beginBy = (clock: number) => {
    const begin = (
      name: string,
      began: number,
      parent: SpanContext | undefined,
      kind: (typeof SpanKind)[keyof typeof SpanKind],
      attributes: Attributes,
      links: Link[] = [],
    ): TraceSpan => {
      const context = parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT;
      const inner = tracer.startSpan(name, { kind, startTime: clock + began, attributes: { ...attributes }, links }, context);
      const own = inner.spanContext();
      const span: TraceSpan = {
        traceId: own.traceId,
        spanId: own.spanId,
        sampled: inner.isRecording(),
        part(part, from, to, linked = []) {
          if (!inner.isRecording()) return;
          begin(part, from, own, SpanKind.INTERNAL, {}, linksTo(linked)).end(to, {});
        },
        shared: (part, from, others, more) => begin(part, from, own, SpanKind.INTERNAL, more, linksTo(others)),
        end(ended, more, failed = false) {
          inner.setAttributes({ ...more });
          if (failed) inner.setStatus({ code: SpanStatusCode.ERROR });
          inner.end(clock + ended);
        },
      };
      contexts.set(span, own);
      return span;
    };
    return begin;
  };

  return {
    request(name: string, began: number, context: TraceContext | undefined, attributes: Attributes): TraceSpan {
      const parent = context && {
        traceId: context.traceId,
        spanId: context.spanId,
        traceFlags: context.sampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
        isRemote: true,
        ...(context.state === undefined ? {} : { traceState: createTraceState(context.state) }),
      };
      return beginBy(Date.now() - performance.now())(name, began, parent, SpanKind.SERVER, attributes);
    },
  };
}
