import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gql, reaches, startStack, until, type Stack, type Json } from './harness.js';
import { GOOD, push, settle, start } from './world.js';

interface Span { readonly traceId: string; readonly spanId: string; readonly parentSpanId?: string; readonly name: string; readonly service: string }

/** Keeps every span that the programs send; answers as a collector would. */
function collector(): { readonly server: Server; readonly spans: Span[] } {
  const spans: Span[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString('utf8'));
      for (const { resource, scopeSpans } of body.resourceSpans ?? []) {
        const service = String(resource.attributes.find((a: Json) => a.key === 'service.name')?.value?.stringValue);
        for (const scope of scopeSpans ?? []) for (const span of scope.spans ?? []) spans.push({ ...span, service });
      }
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  return { server, spans };
}

let stack: Stack;
const { server, spans } = collector();
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stack = await startStack({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`, OTEL_BSP_SCHEDULE_DELAY: '200' } });
  await settle(stack);
}, 180_000);
afterAll(async () => { await stack?.stop(); server.closeAllConnections(); server.close(); });

describe('R-811 one trace runs from the mutation through workflow and activity to the model call', () => {
  test('over three processes, by names and parent ids', async () => {
    const { id } = await start(stack, await push(stack, GOOD));
    await reaches(stack, id, ['PROMOTED']);
    const model = await until('the model call to be exported', async () => spans.find((span) => span.service === 'slipway-model' && span.name.startsWith('chat ')), 30_000);
    const path = await until('every ancestor of the model call to be exported', async () => {
      const byId = new Map(spans.map((span) => [span.spanId, span]));
      const up: Span[] = [];
      for (let at: Span | undefined = model; at !== undefined; at = at.parentSpanId === undefined || at.parentSpanId === '' ? undefined : byId.get(at.parentSpanId)) up.push(at);
      return up.at(-1)?.service === 'slipway-api' ? up : null;
    }, 30_000).catch((error: unknown) => { throw new Error(`${String(error)}\n${spans.filter((s) => s.traceId === model.traceId).map((s) => `${s.service} ${s.name} ${s.spanId} < ${s.parentSpanId ?? ''}`).join('\n')}`); });
    expect(new Set(path.map((span) => span.traceId)).size).toBe(1);
    expect([...new Set(path.map((span) => span.service))]).toEqual(['slipway-model', 'slipway-worker', 'slipway-api']);
    const names = path.map((span) => span.name);
    expect(names[0]).toMatch(/^chat /);
    expect(names.some((name) => name.startsWith('RunActivity:'))).toBe(true);
    expect(names.some((name) => /^(UpdateWith)?Start(Update|Workflow)/.test(name))).toBe(true);
    expect(names.at(-1)).toMatch(/^mutation startRelease|^POST \/graphql/);
  });

  test('every program answers /metrics in the format of Prometheus', async () => {
    const { send } = await import('./harness.js');
    for (const url of [stack.api, stack.edge, stack.model]) {
      const reply = await send('GET', new URL('/metrics', url).href, {});
      expect(reply.status).toBe(200);
      expect(reply.text).toMatch(/^# (HELP|TYPE) /m);
    }
    expect(await gql(stack.api, stack.people.admin, '{ me { kind } }')).toEqual({ me: { kind: 'person' } });
  });
});
