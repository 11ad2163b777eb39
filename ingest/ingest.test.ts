import { createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import protobuf from 'protobufjs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { RecentSplits } from './index.js';
import { DATABASE_MS, RELEASE, listen, split, token, tokens } from '../test/edge-world.js';
import { createAttribution, createBatches, createIngest, createReport } from './index.js';
import type { NewBatch } from './batch.js';
import { createInflow } from './inflow.js';
import type { KeyAnswer } from './index.js';
import { descriptor } from './otlp.generated.js';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => { for (const close of closing.splice(0).reverse()) await close(); });
const root = protobuf.Root.fromJSON(descriptor);
const MiB = 1024 * 1024;

async function ingest({ inflow = createInflow(), flushMs = 1 } = {}) {
  const state = {
    stored: new Map<string, NewBatch>(), writes: 0, isAway: false, refreshed: 0, recent: [{ ...split(), rev: 7 }] as RecentSplits, next: null as RecentSplits | null, counted: {} as Record<string, number>,
    answer: { kind: 'granted', application: 'helpdesk', environment: 'production' } as KeyAnswer, scopes: [] as string[],
    unread: new Set<string>(), keys: new Set<string>(),
  };
  const attribution = createAttribution({ open: (text) => tokens.open(text), recentOf: () => state.recent, databaseMs: () => DATABASE_MS, windows: { isClosed: () => false } });
  const batches = createBatches({ flushMs, batches: { accept: async (all) => { if (state.isAway) throw new Error('away'); state.writes += 1; for (const batch of all) if (!state.stored.has(batch._id)) state.stored.set(batch._id, batch); } } });
  const handler = createIngest({
    keys: { check: (_request, scope) => { state.scopes.push(scope); return state.answer; } }, attribution, windows: { reads: (_release, feed) => !state.unread.has(feed), attributeKeys: () => state.keys }, batches, inflow,
    refresh: async () => { state.refreshed += 1; if (state.next !== null) state.recent = state.next; },
    count: (name, labels, by) => { const id = `${name}${labels?.['cause'] === undefined ? '' : ` ${labels['cause']}`}`; state.counted[id] = (state.counted[id] ?? 0) + (by ?? 1); }, tell: () => undefined,
  });
  const server = await listen(handler);
  closing.push(() => server.close());
  const post = async (path: string, body: Uint8Array | string, headers: Record<string, string> = { 'content-type': 'application/json' }) => {
    const response = await fetch(`${server.url}${path}`, { method: 'POST', headers, body: body as unknown as ArrayBuffer });
    const bytes = new Uint8Array(await response.arrayBuffer());
    return { status: response.status, type: response.headers.get('content-type'), retryAfter: response.headers.get('retry-after'), bytes, text: Buffer.from(bytes).toString('utf8') };
  };
  return { state, server, post, batch: () => [...state.stored.values()][0] };
}
const PROTOBUF = { 'content-type': 'application/x-protobuf' };
let next = 0;
const attribute = (key: string, value: unknown) => ({ key, value: typeof value === 'boolean' ? { boolValue: value } : { stringValue: value } });
function call(over: { token?: string; error?: boolean; attributes?: readonly object[] } = {}) {
  next += 1;
  return { traceId: next.toString(16).padStart(32, '0'), spanId: next.toString(16).padStart(16, '0'), name: 'chat', status: { code: over.error === true ? 2 : 0 }, attributes: [attribute('gen_ai.operation.name', 'chat'), attribute('gen_ai.request.model', 'm'), ...(over.token === undefined ? [] : [attribute('slipway.assignment', over.token)]), ...(over.attributes ?? [])] };
}
const traces = (spans: readonly object[]) => JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
const idOf = (body: Uint8Array | string) => `helpdesk/${createHash('sha256').update(body).digest('hex').slice(0, 32)}`;

describe('R-616 a call is stored as the feeds that its release reads, whichever way it is written', () => {
  const at = DATABASE_MS * 1_000_000;
  const spanOf = (over: object = {}) => ({ ...call({ token: token() }), startTimeUnixNano: String(BigInt(at)), endTimeUnixNano: String(BigInt(at) + 1_500_000_000n), ...over });
  const withUsage = (of: ReturnType<typeof spanOf>) => ({ ...of, attributes: [...of.attributes, { key: 'gen_ai.usage.input_tokens', value: { intValue: '103' } }, { key: 'gen_ai.usage.output_tokens', value: { intValue: '21' } }, { key: 'agent.steps', value: { intValue: 3 } }] });
  const fedOf = (batch: NewBatch | undefined) => batch?.obs.map(({ feed, value, output, call: id }) => [feed, value, output, id]);

  test('JSON and protobuf alike', async () => {
    const { state, post } = await ingest();
    state.keys.add('agent.steps');
    const one = withUsage(spanOf());
    const wanted = [['attribute:agent.steps', 3, undefined, one.spanId], ['error', 0, undefined, undefined], ['slow', 1_500, undefined, undefined], ['cost', 103, 21, one.spanId]];
    expect((await post('/v1/traces', traces([one]))).status).toBe(200);
    const type = root.lookupType('opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest');
    const ids = { traceId: Buffer.from(one.traceId, 'hex'), spanId: Buffer.from(one.spanId, 'hex') };
    expect((await post('/v1/traces', type.encode(type.fromObject({ resourceSpans: [{ scopeSpans: [{ spans: [{ ...one, ...ids }] }] }] })).finish(), PROTOBUF)).status).toBe(200);
    expect([...state.stored.values()].map(fedOf)).toEqual([wanted, wanted]);
  });
  test('what nobody reads is not stored, and is nothing that went wrong', async () => {
    const { state, post, batch } = await ingest();
    state.unread = new Set(['slow', 'cost']);
    await post('/v1/traces', traces([withUsage(spanOf())]));
    expect([fedOf(batch()), batch()?.uncounted]).toEqual([[['error', 0, undefined, undefined]], {}]);
  });
  test('two calls of a unit are two costs, and one slowest call', async () => {
    const { post, batch } = await ingest();
    const [one, other] = [withUsage(spanOf()), withUsage(spanOf({ endTimeUnixNano: String(BigInt(at) + 9_000_000_000n) }))];
    await post('/v1/traces', traces([one, other]));
    expect(fedOf(batch())).toEqual([['error', 0, undefined, undefined], ['slow', 9_000, undefined, undefined], ['cost', 103, 21, one.spanId], ['cost', 103, 21, other.spanId]]);
  });
  test.each<[string, object]>([['no end', { endTimeUnixNano: undefined }], ['an end before the start', { endTimeUnixNano: '1' }], ['a start of nothing', { startTimeUnixNano: '0' }], ['times in words', { startTimeUnixNano: 'noon' }]])('%s is no duration, and the call still counts', async (_name, over) => {
    const { post, batch } = await ingest();
    expect((await post('/v1/traces', traces([spanOf(over)]))).status).toBe(200);
    expect(fedOf(batch())).toEqual([['error', 0, undefined, undefined]]);
  });
});

describe('R-640 an accepted request is one batch under the digest of its inflated body, acknowledged after the write', () => {
  test('what counts, and what does not, by cause; and the client is told nothing of it', async () => {
    const { state, post, batch } = await ingest();
    const body = traces([call({ token: token(), error: true, attributes: [attribute('slipway.guardrail.pii', true)] }), call({ token: token() }), call(), call({ token: 'forged' }), call({ token: token({ application: 'shop' }) }), call({ token: token({ assignedAtSec: 4_000_000_000 }) }), { ...call(), attributes: [] }]);
    const answer = await post('/v1/traces', body);
    expect([answer.status, answer.text, answer.type]).toEqual([200, '{}', 'application/json']);
    const common = { release: RELEASE, arm: 'stable', rev: 7, sec: DATABASE_MS / 1000, unit: tokens.unitOf('helpdesk', 'user-1'), reader: 'edge-1' };
    expect(batch()).toEqual({ _id: idOf(body), application: 'helpdesk', obs: [{ ...common, feed: 'guardrail:pii', value: 1 }, { ...common, feed: 'error', value: 1 }], uncounted: { no_token: 1, bad_signature: 1, foreign: 1, future: 1, not_a_call: 1 } });
    expect(state.counted).toEqual({ 'slipway_ingest_observations_total': 2, 'slipway_ingest_uncounted_total no_token': 1, 'slipway_ingest_uncounted_total bad_signature': 1, 'slipway_ingest_uncounted_total foreign': 1, 'slipway_ingest_uncounted_total future': 1, 'slipway_ingest_uncounted_total not_a_call': 1 });
    expect(state.scopes).toEqual(['ingest']);
  });
  test('the same body again, compressed or not, is the same batch; an empty request is none', async () => {
    const { state, post } = await ingest();
    const body = traces([call({ token: token() })]);
    for (let i = 0; i < 3; i += 1) expect((await post('/v1/traces', body)).status).toBe(200);
    expect((await post('/v1/traces', gzipSync(body), { 'content-type': 'application/json; charset=utf-8', 'content-encoding': 'gzip' })).status).toBe(200);
    for (const empty of ['{}', '{"resourceSpans":[]}']) expect(await post('/v1/traces', empty)).toMatchObject({ status: 200, text: '{}' });
    expect(await post('/v1/traces', new Uint8Array(0), PROTOBUF)).toMatchObject({ status: 200, bytes: new Uint8Array(0), type: 'application/x-protobuf' });
    expect([...state.stored.keys()]).toEqual([idOf(body)]);
  });
  test('many requests at once are few writes', async () => {
    const { state, post } = await ingest({ flushMs: 20 });
    await Promise.all(Array.from({ length: 100 }, () => post('/v1/traces', traces([call({ token: token() })]))));
    expect(state.stored.size).toBe(100);
    expect(state.writes).toBeLessThan(30);
  });
  test('without the database it is 503 with Retry-After, never 200, and the repeat is taken', async () => {
    const { state, post } = await ingest();
    state.isAway = true;
    const body = traces([call({ token: token() })]);
    expect(await post('/v1/traces', body)).toMatchObject({ status: 503, retryAfter: '2' });
    expect(await post('/v1/feedback', JSON.stringify({ token: token(), label: 'x', value: 1 }))).toMatchObject({ status: 503, retryAfter: '2' });
    expect(state.counted['slipway_ingest_observations_total']).toBeUndefined();
    state.isAway = false;
    expect((await post('/v1/traces', body)).status).toBe(200);
  });
  test('a token of a revision that is newer than any known makes the edge look again first', async () => {
    const { state, post, batch } = await ingest();
    state.next = [{ ...split(), rev: 7 }, { ...split({ weightBp: 8_001 }), rev: 8 }];
    await post('/v1/traces', traces([call({ token: token({ rev: 8, arm: 'candidate' }) }), call({ token: token() })]));
    expect([state.refreshed, batch()?.obs.length, batch()?.uncounted]).toEqual([1, 2, {}]);
  });
  test('logs: an evaluation\'s result, tied by the token on the record', async () => {
    const { post, batch } = await ingest();
    const record = (label: string, ...more: object[]) => ({ eventName: 'gen_ai.evaluation.result', attributes: [attribute('gen_ai.evaluation.name', 'pii'), attribute('gen_ai.evaluation.score.label', label), ...more] });
    const answer = await post('/v1/logs', JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [record('fail', attribute('slipway.assignment', token())), record('pass'), { eventName: 'x' }] }] }] }));
    expect(answer.status).toBe(200);
    expect(batch()).toMatchObject({ obs: [{ feed: 'guardrail:pii', value: 1 }], uncounted: { no_token: 1, not_a_call: 1 } });
  });
  test('metrics are answered kindly and not stored', async () => {
    const { state, post } = await ingest();
    expect(JSON.parse((await post('/v1/metrics', '{}')).text)).toEqual({ partialSuccess: { errorMessage: expect.stringContaining('not stored') } });
    const binary = await post('/v1/metrics', new Uint8Array([1, 2, 3]), PROTOBUF);
    const Response = root.lookupType('opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse');
    expect(Response.toObject(Response.decode(binary.bytes))).toEqual({ partialSuccess: { errorMessage: expect.stringContaining('not stored') } });
    expect(state.stored.size).toBe(0);
  });
  test('what is over the limits is a partial success', async () => {
    const { post, batch } = await ingest();
    const answer = await post('/v1/traces', traces([call({ token: token() }), { ...call(), traceId: 'x' }]));
    expect(JSON.parse(answer.text)).toEqual({ partialSuccess: { rejectedSpans: '1', errorMessage: expect.stringContaining('valid ids') } });
    expect(batch()?.obs.length).toBe(1);
  });
});

describe('R-641 bodies are bounded after inflation, and a bomb costs what the bound allows', () => {
  const gzip = { 'content-encoding': 'gzip' };
  test('a gzip bomb of 64 MiB is 413, in either encoding, and ten at once do not grow the process', async () => {
    const { post, state } = await ingest();
    const bomb = gzipSync(Buffer.alloc(64 * MiB));
    const before = process.memoryUsage().rss;
    const all = await Promise.all(Array.from({ length: 10 }, (_, i) => post('/v1/traces', bomb, i % 2 === 0 ? { ...PROTOBUF, ...gzip } : { 'content-type': 'application/json', ...gzip })));
    expect(all.map(({ status }) => status)).toEqual(all.map(() => 413));
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * MiB);
    expect(state.stored.size).toBe(0);
  });
  test.each([
    ['JSON over 4 MiB', '/v1/traces', 'x'.repeat(4 * MiB + 1), { 'content-type': 'application/json' }, 413],
    ['protobuf over 16 MiB', '/v1/traces', Buffer.alloc(16 * MiB + 1), PROTOBUF, 413],
    ['feedback over 16 KiB', '/v1/feedback', 'x'.repeat(17_000), { 'content-type': 'application/json' }, 413],
    ['no gzip though it says so', '/v1/traces', 'plain', { ...PROTOBUF, ...gzip }, 400],
    ['gzip cut short', '/v1/traces', gzipSync('{"resourceSpans":[]}').subarray(0, 20), { 'content-type': 'application/json', ...gzip }, 400],
    ['two layers of gzip', '/v1/traces', gzipSync(gzipSync('{}')), { 'content-type': 'application/json', 'content-encoding': 'gzip, gzip' }, 415],
    ['gzip within gzip, said once', '/v1/traces', gzipSync(gzipSync('{}')), { 'content-type': 'application/json', ...gzip }, 400],
    ['deflate', '/v1/traces', '{}', { 'content-type': 'application/json', 'content-encoding': 'deflate' }, 415],
    ['text', '/v1/traces', '{}', { 'content-type': 'text/plain' }, 415],
    ['no type', '/v1/traces', '{}', { 'content-type': '' }, 415],
    ['malformed protobuf', '/v1/traces', new Uint8Array([10, 255, 255, 255, 255, 15, 1]), PROTOBUF, 400],
    ['malformed protobuf logs', '/v1/logs', new Uint8Array([10, 5, 1]), PROTOBUF, 400],
    ['malformed JSON', '/v1/logs', '{"resourceLogs":', { 'content-type': 'application/json' }, 400],
    ['a deep nest of JSON', '/v1/traces', `{"resourceSpans":${'['.repeat(1_000_000)}`, { 'content-type': 'application/json' }, 400],
  ])('%s', async (_name, path, body, headers, status) => {
    const { post, state } = await ingest();
    const answer = await post(path, body, headers);
    expect(answer.status).toBe(status);
    expect(state.stored.size).toBe(0);
    if (path !== '/v1/feedback' && answer.type === 'application/json') expect(JSON.parse(answer.text)).toEqual({ code: 3, message: expect.any(String) });
    if (answer.type === 'application/x-protobuf') expect(answer.bytes[1]).toBe(3);   // google.rpc.Status, INVALID_ARGUMENT
  });
  test('too many bodies at once are 429, and the memory comes back', async () => {
    const { post } = await ingest({ inflow: createInflow({ bytesMax: 1_000 }) });
    expect(await post('/v1/traces', traces([call({ token: token(), attributes: [attribute('x', 'y'.repeat(2_000))] })]))).toMatchObject({ status: 429, retryAfter: '1' });
    for (let i = 0; i < 5; i += 1) expect((await post('/v1/traces', traces([call({ token: token() })]))).status).toBe(200);
  });
  test('inflations beyond four wait, within bounds', async () => {
    const { post } = await ingest({ inflow: createInflow({ waitersMax: 0 }) });
    const body = gzipSync(traces(Array.from({ length: 5_000 }, () => call())));
    const all = await Promise.all(Array.from({ length: 24 }, () => post('/v1/traces', body, { 'content-type': 'application/json', ...gzip })));
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([200, 429]));
    expect((await post('/v1/traces', body, { 'content-type': 'application/json', ...gzip })).status).toBe(200);
  });
  test('a client that goes away in the middle gives its memory back', async () => {
    const inflow = createInflow({ bytesMax: 2_000 });
    const { server, post } = await ingest({ inflow });
    for (let i = 0; i < 3; i += 1) {
      await new Promise<void>((resolve) => {
        const request = httpRequest(`${server.url}/v1/traces`, { method: 'POST', headers: { 'content-type': 'application/json', 'content-length': '1900' } });
        request.on('error', () => { resolve(); });
        request.write('x'.repeat(1_500), () => { setImmediate(() => { request.destroy(); resolve(); }); });
      });
    }
    await vi.waitFor(async () => { expect((await post('/v1/traces', traces([call({ token: token() })]))).status).toBe(200); });
  });
});

describe('R-642 doors and keys of ingest', () => {
  test.each([[401, 16], [403, 7], [429, 8], [503, 14]] as const)('a key that is refused with %i is answered in the request\'s type', async (status, code) => {
    const { state, post } = await ingest();
    state.answer = { kind: 'refused', status, message: 'no', ...(status === 429 ? { retryAfterSec: 60 } : {}) };
    const json = await post('/v1/traces', traces([call({ token: token() })]));
    expect([json.status, JSON.parse(json.text)]).toEqual([status, { code, message: 'no' }]);
    const binary = await post('/v1/traces', new Uint8Array(0), PROTOBUF);
    expect([binary.status, [...binary.bytes]]).toEqual([status, [8, code, 18, 2, 110, 111]]);
    expect((await post('/v1/feedback', '{}')).status).toBe(status);
    expect(json.retryAfter).toBe(status === 429 ? '60' : status === 503 ? '2' : null);
    expect(state.stored.size).toBe(0);
  });
  test('GET is 405; another path is somebody else\'s', async () => {
    const { server } = await ingest();
    expect((await fetch(`${server.url}/v1/traces`)).status).toBe(405);
    for (const path of ['/v1/profiles', '/v1/traces/', '/constructor']) expect((await fetch(`${server.url}${path}`, { method: 'POST' })).status).toBe(404);
  });
});

describe('R-643 feedback is one value for one label of one assignment', () => {
  const good = { label: 'thumbs_down', value: 1 };
  test('counted, with a comment, as a boolean', async () => {
    const { state, post, batch } = await ingest();
    const answer = await post('/v1/feedback', JSON.stringify({ ...good, value: true, token: token(), comment: 'x'.repeat(4_000), id: 'click-1' }));
    expect([answer.status, JSON.parse(answer.text)]).toEqual([200, { counted: true }]);
    expect(batch()).toMatchObject({ obs: [{ feed: 'feedback:thumbs_down', value: 1, unit: tokens.unitOf('helpdesk', 'user-1') }], uncounted: {} });
    expect(state.scopes).toEqual(['feedback']);
  });
  test('a token that proves nothing is stored, not counted, and said', async () => {
    const { post, batch } = await ingest();
    expect(JSON.parse((await post('/v1/feedback', JSON.stringify({ ...good, token: 'forged' }))).text)).toEqual({ counted: false, cause: 'bad_signature' });
    expect(batch()).toMatchObject({ obs: [], uncounted: { bad_signature: 1 } });
  });
  test.each([
    ['no token', good], ['no label', { token: 't', value: 1 }], ['a label with a space', { ...good, token: 't', label: 'a b' }], ['a value in words', { ...good, token: 't', value: 'bad' }], ['no value', { token: 't', label: 'x' }],
    ['a comment of 4001 characters', { ...good, token: 't', comment: 'x'.repeat(4_001) }], ['a misspelt field', { ...good, token: 't', coment: '' }], ['a list', []], ['an empty id', { ...good, token: 't', id: '' }], ['a token without end', { ...good, token: 'x'.repeat(2_000) }],
  ])('%s is 400', async (_name, body) => {
    const { state, post } = await ingest();
    const answer = await post('/v1/feedback', JSON.stringify(body));
    expect([answer.status, JSON.parse(answer.text)]).toEqual([400, { error: expect.any(String) }]);
    expect(state.stored.size).toBe(0);
  });
  test.each([['a value without end', '{"token":"t","label":"x","value":1e999}'], ['no JSON', 'thumbs down']])('%s is 400', async (_name, body) => { expect((await (await ingest()).post('/v1/feedback', body)).status).toBe(400); });
  test('protobuf is 415', async () => { expect((await (await ingest()).post('/v1/feedback', '{}', PROTOBUF)).status).toBe(415); });
});

describe('R-644 the control plane reports through the same checks', () => {
  function report() {
    const state = { batches: [] as NewBatch[], asked: [] as string[] };
    const run = createReport({
      open: (text) => tokens.open(text), windows: { isClosed: () => false, reads: () => true },
      environments: { find: async (application, environment) => { state.asked.push(`${application}/${environment}`); return environment === 'production' ? { recent: [{ ...split(), rev: 7 }] } as never : null; } },
      batches: { accept: async (all) => { state.batches.push(...all); }, now: async () => new Date(DATABASE_MS) },
    });
    return { state, run };
  }
  test('counted, under an id that a repeat meets', async () => {
    const { state, run } = report();
    const feedback = { token: token(), label: 'thumbs_down', value: 1, id: 'k1' };
    expect(await run('helpdesk', feedback)).toEqual({ counted: true });
    await run('helpdesk', feedback);
    await run('helpdesk', { ...feedback, id: 'k2' });
    expect(new Set(state.batches.map(({ _id }) => _id)).size).toBe(2);
    expect(state.batches[0]).toMatchObject({ application: 'helpdesk', obs: [{ feed: 'feedback:thumbs_down', value: 1 }] });
  });
  test.each([['of another application', token({ application: 'shop' }), 'foreign'], ['of an environment that is not there', token({ environment: 'staging' }), 'unknown_rev'], ['forged', 'x', 'bad_signature']])('a token %s is stored and not counted', async (_name, text, cause) => {
    const { state, run } = report();
    expect(await run('helpdesk', { token: text, label: 'x', value: 1 })).toEqual({ counted: false, cause });
    expect(state.batches[0]).toMatchObject({ application: 'helpdesk', obs: [], uncounted: { [cause]: 1 } });
  });
});

describe('R-645 the official exporters deliver, and understand what is answered', () => {
  async function spansOf(text: string) {
    const memory = new InMemorySpanExporter();
    const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(memory)] });
    const span = provider.getTracer('t').startSpan('chat m', { startTime: DATABASE_MS, attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm', 'slipway.assignment': text, score: 1 } });
    span.setStatus({ code: 2, message: 'no' });
    span.addEvent('gen_ai.evaluation.result', { 'gen_ai.evaluation.name': 'pii', 'gen_ai.evaluation.score.label': 'fail' });
    span.end(DATABASE_MS + 1_500);
    await provider.forceFlush();
    return memory.getFinishedSpans();
  }
  test.each([['protobuf', ProtobufExporter], ['JSON', JsonExporter]] as const)('%s, plain and compressed', async (_name, Exporter) => {
    const { server, state } = await ingest();
    for (const compression of ['none', 'gzip'] as const) {
      const exporter = new Exporter({ url: `${server.url}/v1/traces`, compression: compression as never });
      const spans = await spansOf(token({ unit: tokens.unitOf('helpdesk', compression) }));
      const result = await new Promise<{ code: number; error?: Error }>((resolve) => { exporter.export(spans, resolve); });
      expect(result.code).toBe(0);
      await exporter.shutdown();
    }
    expect([...state.stored.values()].map(({ obs }) => obs.map(({ feed, value }) => `${feed}=${value}`))).toEqual([['guardrail:pii=1', 'error=1', 'slow=1500'], ['guardrail:pii=1', 'error=1', 'slow=1500']]);
  });
  test('a refusal that is final is not sent again', async () => {
    const { server, state } = await ingest();
    state.answer = { kind: 'refused', status: 401, message: 'no' };
    const exporter = new ProtobufExporter({ url: `${server.url}/v1/traces` });
    const result = await new Promise<{ code: number }>((resolve) => { void spansOf('x').then((spans) => { exporter.export(spans, resolve); }); });
    expect([result.code, state.scopes.length]).toEqual([1, 1]);
    await exporter.shutdown();
  });
});

describe('R-646 a batch is acknowledged by its own write', () => {
  const one = (id: string): NewBatch => ({ _id: id, application: 'helpdesk', obs: [], uncounted: {} });
  test('nobody is told before the write is done, and a failed write fails those in it alone', async () => {
    const writes: { ids: string[]; end: (error?: Error) => void }[] = [];
    const { accept } = createBatches({ flushMs: 0, batches: { accept: (all) => new Promise((resolve, reject) => { writes.push({ ids: all.map(({ _id }) => _id), end: (error) => { if (error === undefined) resolve(); else reject(error); } }); }) } });
    const outcomes: string[] = [];
    const first = ['a', 'a', 'b'].map((id) => accept(one(id)).then((outcome) => outcomes.push(`${id} ${outcome}`)));
    await vi.waitFor(() => { expect(writes.length).toBe(1); });
    const second = accept(one('c')).then((outcome) => outcomes.push(`c ${outcome}`));
    await vi.waitFor(() => { expect(writes.length).toBe(2); });
    expect([writes[0]?.ids, outcomes]).toEqual([['a', 'b'], []]);
    writes[1]?.end();
    await second;
    writes[0]?.end(new Error('away'));
    await Promise.all(first);
    expect(outcomes).toEqual(['c stored', 'a unavailable', 'a unavailable', 'b unavailable']);
  });
  test('what waits is bounded', async () => {
    const { accept } = createBatches({ flushMs: 0, batches: { accept: () => new Promise(() => undefined) } });
    const all = Array.from({ length: 3_000 }, (_, i) => accept(one(String(i))));
    expect(await all.at(-1)).toBe('busy');
    expect(await Promise.race([all[0], Promise.resolve('waits')])).toBe('waits');
  });
});
