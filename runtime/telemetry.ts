import type { IncomingMessage, ServerResponse } from 'node:http';
import { SpanStatusCode, context, metrics as otelMetrics, propagation, trace as otelTrace } from '@opentelemetry/api';
import type { Context, Counter, Histogram } from '@opentelemetry/api';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { OpenTelemetryActivityInboundInterceptor, OpenTelemetryActivityOutboundInterceptor, OpenTelemetryWorkflowClientInterceptor } from '@temporalio/interceptors-opentelemetry';
import type { Metrics } from './log.js';

export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** Tracing for rooms that may not load OpenTelemetry. Without an exporter nothing is recorded; incoming context still passes through. */
export interface Trace {
  /** Runs inside a new span. What is thrown marks the span as failed and goes on to the caller. */
  span<T>(name: string, attributes: Attributes, run: () => Promise<T>): Promise<T>;
  /** `traceparent` (and `tracestate`) of the active span, for an outgoing request; empty when there is none */
  headers(): Record<string, string>;
  /** The same as `span`, as a child of the context in these incoming headers */
  fromHeaders<T>(headers: Readonly<Record<string, string | readonly string[] | undefined>>, name: string, run: () => Promise<T>): Promise<T>;
}

export interface Telemetry {
  readonly trace: Trace;
  readonly metrics: Metrics;
  /** Answers `/metrics` in Prometheus' text format. */
  readonly serveMetrics: (request: IncomingMessage, response: ServerResponse) => void;
  /** For Temporal's Client and for Worker.create: with `workflows/trace` between them, one trace from API to activity. */
  temporalInterceptors(): Promise<TemporalInterceptors>;
  /** Sends what is left, bounded by the exporter's own time limit. */
  close(): Promise<void>;
}

export interface TemporalInterceptors {
  readonly client: readonly OpenTelemetryWorkflowClientInterceptor[];
  readonly activity: readonly ((context: ConstructorParameters<typeof OpenTelemetryActivityInboundInterceptor>[0]) => { readonly inbound: OpenTelemetryActivityInboundInterceptor; readonly outbound: OpenTelemetryActivityOutboundInterceptor })[];
}

export interface TelemetryOptions {
  /** `service.name` */
  readonly serviceName: string;
  /** OTLP/HTTP endpoint without `/v1/traces`; nothing is exported without one */
  readonly otlpEndpoint?: string | undefined;
  /** instead of OTLP, for tests */
  readonly exporter?: SpanExporter;
}

/** Starts OpenTelemetry for this process. Once a process, before the first span, because context managers are global. */
export function startTelemetry({ serviceName, otlpEndpoint, exporter }: TelemetryOptions): Telemetry {
  const resource = defaultResource().merge(resourceFromAttributes({ 'service.name': serviceName }));
  const sink = exporter ?? (otlpEndpoint === undefined ? undefined : new OTLPTraceExporter({ url: `${otlpEndpoint.replace(/\/+$/, '')}/v1/traces` }));
  const processor = sink === undefined ? undefined : new BatchSpanProcessor(sink);
  const prometheus = new PrometheusExporter({ preventServerStart: true, withoutScopeInfo: true });
  // Empty lists, not absent ones: an absent list makes the SDK export to localhost on its own.
  const sdk = new NodeSDK({
    resource, autoDetectResources: false, instrumentations: [],
    spanProcessors: processor === undefined ? [] : [processor], metricReaders: [prometheus], logRecordProcessors: [],
  });
  sdk.start();
  return {
    trace: createTrace(), metrics: createMetrics(),
    serveMetrics: (request, response) => { prometheus.getMetricsRequestHandler(request, response); },
    temporalInterceptors: async () => {
      // Loaded when asked for: the data plane never asks.
      const temporal = await import('@temporalio/interceptors-opentelemetry');
      return {
        client: [new temporal.OpenTelemetryWorkflowClientInterceptor()],
        activity: [(activity) => ({ inbound: new temporal.OpenTelemetryActivityInboundInterceptor(activity), outbound: new temporal.OpenTelemetryActivityOutboundInterceptor(activity) })],
      };
    },
    close: async () => { await sdk.shutdown().catch(() => undefined); },
  };
}

/** For a program or test without telemetry: spans only run, metrics vanish. */
export const silentTrace: Trace = {
  span: (_name, _attributes, run) => run(), headers: () => ({}), fromHeaders: (_headers, _name, run) => run(),
};
export const silentMetrics: Metrics = { count: () => undefined, record: () => undefined, gauge: () => undefined };

function createTrace(): Trace {
  const tracer = otelTrace.getTracer('slipway');
  const within = <T>(parent: Context, name: string, attributes: Attributes, run: () => Promise<T>): Promise<T> =>
    tracer.startActiveSpan(name, { attributes }, parent, async (span) => {
      try {
        return await run();
      } catch (error) {
        span.recordException(error instanceof Error ? error : String(error));
        span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : 'error' });
        throw error;
      } finally { span.end(); }
    });
  return {
    span: (name, attributes, run) => within(context.active(), name, attributes, run),
    headers: () => {
      const carrier: Record<string, string> = {};
      propagation.inject(context.active(), carrier);
      delete carrier['baggage'];   // nothing of ours travels in it, and a caller's need not reach third parties
      return carrier;
    },
    fromHeaders: (headers, name, run) => within(propagation.extract(context.active(), headers), name, {}, run),
  };
}

/** Bucket edges that suit both a 50 µs answer and a 10 s evaluation, in milliseconds. */
const EDGES = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000];

function createMetrics(): Metrics {
  const meter = otelMetrics.getMeter('slipway');
  const counters = new Map<string, Counter>();
  const histograms = new Map<string, Histogram>();
  const gauges = new Map<string, () => number>();
  return {
    count: (name, labels, by = 1) => {
      let counter = counters.get(name);
      if (counter === undefined) counters.set(name, counter = meter.createCounter(name));
      counter.add(by, labels);
    },
    record: (name, value, labels) => {
      let histogram = histograms.get(name);
      if (histogram === undefined) histograms.set(name, histogram = meter.createHistogram(name, { advice: { explicitBucketBoundaries: EDGES } }));
      histogram.record(value, labels);
    },
    gauge: (name, read) => {
      const isNew = !gauges.has(name);
      gauges.set(name, read);   // who comes second takes the name over
      if (isNew) meter.createObservableGauge(name).addCallback((result) => { result.observe(gauges.get(name)?.() ?? Number.NaN); });
    },
  };
}
