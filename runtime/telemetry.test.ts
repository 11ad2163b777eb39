import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { context, metrics, propagation, trace as otelTrace } from '@opentelemetry/api';
import { InMemorySpanExporter } from '@opentelemetry/sdk-trace-base';
import { afterEach, describe, expect, test } from 'vitest';
import { silentTrace, startTelemetry } from './telemetry.js';
import type { Telemetry } from './telemetry.js';

let running: Telemetry | undefined;
const start = (options: Partial<Parameters<typeof startTelemetry>[0]>): Telemetry => (running = startTelemetry({ serviceName: 'slipway-test', ...options }));
afterEach(async () => {
  await running?.close();
  for (const global of [context, metrics, propagation, otelTrace]) global.disable();
});
const parent = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };

async function page(telemetry: Telemetry): Promise<string> {
  const server = createServer(telemetry.serveMetrics);
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`);
  const text = await response.text();
  await new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); });
  return text;
}

describe('R-811 one trace goes on over the walls of a process, and without an exporter nothing is recorded', () => {
  test('a span inside an incoming context is its child, and outgoing headers name the span', async () => {
    const exporter = new InMemorySpanExporter();
    const { trace } = start({ exporter });
    const out = await trace.fromHeaders(parent, 'POST /graphql', () => trace.span('read', { rows: 3 }, () => Promise.resolve(trace.headers())));
    expect(out['traceparent']).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/);
    await (otelTrace.getTracerProvider() as unknown as { getDelegate(): { forceFlush(): Promise<void> } }).getDelegate().forceFlush();
    const [inner, outer] = exporter.getFinishedSpans();
    expect(inner).toMatchObject({ name: 'read', attributes: { rows: 3 }, parentSpanContext: { spanId: outer?.spanContext().spanId } });
    expect(outer).toMatchObject({ name: 'POST /graphql', parentSpanContext: { spanId: 'b7ad6b7169203331' } });
    expect(out['traceparent']).toContain(inner?.spanContext().spanId);
    expect(outer?.resource.attributes['service.name']).toBe('slipway-test');
  });
  test('what is thrown marks the span and reaches the caller', async () => {
    const exporter = new InMemorySpanExporter();
    const { trace } = start({ exporter });
    await expect(trace.span('fails', {}, () => Promise.reject(new RangeError('no')))).rejects.toThrow('no');
    await (otelTrace.getTracerProvider() as unknown as { getDelegate(): { forceFlush(): Promise<void> } }).getDelegate().forceFlush();
    expect(exporter.getFinishedSpans()[0]?.status).toEqual({ code: 2, message: 'RangeError' });
  });
  test('without an exporter a root has no headers, and an incoming context passes through', async () => {
    const { trace } = start({});
    expect(await trace.span('x', {}, () => Promise.resolve(trace.headers()))).toEqual({});
    expect(await trace.fromHeaders(parent, 'x', () => Promise.resolve(trace.headers()))).toEqual(parent);
  });
  test.each([['nonsense', { traceparent: 'x' }], ['none', {}], ['a list', { traceparent: ['a', 'b'] }]])('headers with %s are no context', async (_name, headers) => {
    const { trace } = start({});
    expect(await trace.fromHeaders(headers, 'x', () => Promise.resolve(trace.headers()))).toEqual({});
  });
  test('OTLP reaches a collector', async () => {
    const got: { url: string | undefined; body: string }[] = [];
    const collector = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => { body += chunk.toString(); }).on('end', () => { got.push({ url: request.url, body }); response.end('{}'); });
    });
    await new Promise<void>((resolve) => { collector.listen(0, '127.0.0.1', resolve); });
    const telemetry = start({ otlpEndpoint: `http://127.0.0.1:${(collector.address() as AddressInfo).port}/` });
    await telemetry.trace.span('counted', {}, () => Promise.resolve());
    await telemetry.close();
    await new Promise((resolve) => { collector.close(resolve); collector.closeAllConnections(); });
    expect(got).toHaveLength(1);
    expect(got[0]?.url).toBe('/v1/traces');
    expect(got[0]?.body).toContain('"counted"');
  });
  test('the silent trace only runs', async () => {
    expect(await silentTrace.span('x', {}, () => Promise.resolve(1))).toBe(1);
    expect(silentTrace.headers()).toEqual({});
  });
});

describe('R-812 what is counted, measured and gauged is on /metrics', () => {
  test('in Prometheus\' text format, with labels, and without a server of its own', async () => {
    const telemetry = start({});
    telemetry.metrics.count('slipway_serving_answered_total', { arm: 'stable' }, 2);
    telemetry.metrics.count('slipway_serving_answered_total', { arm: 'stable' });
    telemetry.metrics.record('slipway_look_ms', 7);
    telemetry.metrics.gauge('slipway_lease_ms', () => 1);
    telemetry.metrics.gauge('slipway_lease_ms', () => 42);
    const text = await page(telemetry);
    expect(text).toMatch(/^slipway_serving_answered_total\{arm="stable"\} 3$/m);
    expect(text).toMatch(/^slipway_look_ms_bucket\{le="10"\} 1$/m);
    expect(text).toMatch(/^slipway_lease_ms 42$/m);
  });
});
