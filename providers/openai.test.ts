import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { ProviderError, createProvider, type CompletionRequest, type WireDeps } from './index.js';

const KEY = 'sk-planted-marker-0123456789';
const request: CompletionRequest = { model: 'm-1', messages: [{ role: 'user', content: 'Grüße, wie geht’s? 🦊' }], parameters: { temperature: 0, topP: 0.5, maxTokens: 7, seed: 3, stop: ['x'] } };
const good = { model: 'm-1-dated', choices: [{ message: { content: 'Gut, „danke“ 🦊' }, finish_reason: 'stop' }], usage: { prompt_tokens: 5, completion_tokens: 2 } };

let servers: Server[] = [];
afterEach(() => { for (const server of servers) { server.close(); server.closeAllConnections(); } servers = []; });

async function stub(answer: (request: IncomingMessage, response: ServerResponse, body: string) => void, deps: Partial<WireDeps> = {}, apiKey: string | undefined = KEY) {
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => { answer(incoming, response, Buffer.concat(chunks).toString('utf8')); });
  });
  servers.push(server);
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/`;
  return createProvider({ kind: 'openai-compatible', baseUrl, ...(apiKey === undefined ? {} : { apiKey }) }, { monotonicMs: () => performance.now(), ...deps });
}
const reply = (status: number, body: unknown, headers: Record<string, string> = {}) => (_request: IncomingMessage, response: ServerResponse): void => {
  response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
};
async function faultOf(answer: Parameters<typeof stub>[0], deps: Partial<WireDeps> = {}): Promise<ProviderError> {
  const provider = await stub(answer, deps);
  const error: unknown = await provider.complete(request, new AbortController().signal).then(() => undefined, (thrown: unknown) => thrown);
  if (!(error instanceof ProviderError)) throw new Error(`not a ProviderError: ${String(error)}`);
  expect(`${error.message} ${error.stack ?? ''}`).not.toContain(KEY);
  return error;
}

describe('R-220 a model is asked in the shape OpenAI-compatible servers share', () => {
  test('body, headers, answer', async () => {
    let seen: { url: string | undefined; headers: IncomingMessage['headers']; body: unknown } | undefined;
    const provider = await stub((incoming, response, body) => { seen = { url: incoming.url, headers: incoming.headers, body: JSON.parse(body) }; reply(200, good)(incoming, response); }, { headers: () => ({ traceparent: '00-ab' }) });
    const completion = await provider.complete(request, new AbortController().signal);
    expect(completion).toMatchObject({ text: 'Gut, „danke“ 🦊', finishReason: 'stop', model: 'm-1-dated', inputTokens: 5, outputTokens: 2 });
    expect(completion.durationMs).toBeGreaterThan(0);
    expect(seen?.url).toBe('/v1/chat/completions');
    expect(seen?.headers).toMatchObject({ authorization: `Bearer ${KEY}`, traceparent: '00-ab' });
    expect(seen?.body).toEqual({ model: 'm-1', messages: request.messages, temperature: 0, top_p: 0.5, max_tokens: 7, seed: 3, stop: ['x'], stream: false });
  });
  test('without a key nothing is sent for one', async () => {
    let authorization: string | undefined = 'unset';
    const provider = await stub((incoming, response) => { authorization = incoming.headers.authorization; reply(200, good)(incoming, response); }, {}, '');
    await createProvider({ kind: 'sandbox', baseUrl: `http://127.0.0.1:${(servers[0]?.address() as AddressInfo).port}/v1` }, { monotonicMs: () => 0 }).complete(request, new AbortController().signal);
    expect(authorization).toBeUndefined();
    expect(provider.kind).toBe('openai-compatible');
  });
  test('connections are kept', async () => {
    const ports = new Set<number | undefined>();
    const provider = await stub((incoming, response) => { ports.add(incoming.socket.remotePort); reply(200, good)(incoming, response); });
    for (let i = 0; i < 3; i++) await provider.complete(request, new AbortController().signal);
    expect(ports.size).toBe(1);
  });
  test('embeddings come back in the order of the texts, whatever the order of the answer', async () => {
    const provider = await stub((incoming, response, body) => {
      const { input } = JSON.parse(body) as { input: string[] };
      reply(200, { data: input.map((text, index) => ({ index, embedding: [Number(text), 0.5] })).reverse() })(incoming, response);
    });
    const texts = Array.from({ length: 60 }, (_, i) => String(i));
    const vectors = await provider.embed('e', texts, new AbortController().signal);
    expect(vectors.map((vector) => vector[0])).toEqual(texts.map(Number));
    expect(await provider.embed('e', [], new AbortController().signal)).toEqual([]);
  });
  test.each([{ data: [] }, { data: [{ index: 1, embedding: [1] }] }, { data: [{ index: 0, embedding: ['1'] }] }, { data: [{ index: 0, embedding: [] }] }, { data: [{ index: 0, embedding: 'AAAA' }] }, null])('vectors that are none: %j', async (body) => {
    const provider = await stub(reply(200, body));
    await expect(provider.embed('e', ['a'], new AbortController().signal)).rejects.toMatchObject({ kind: 'malformed' });
  });
});

describe('R-221 what a provider did not report is null, never 0', () => {
  test.each([undefined, null, {}, { prompt_tokens: '5', completion_tokens: -1 }, { prompt_tokens: 1.5 }])('usage %j', async (usage) => {
    const provider = await stub(reply(200, { choices: [{ message: { content: 'x' } }], usage }));
    expect(await provider.complete(request, new AbortController().signal)).toMatchObject({ inputTokens: null, outputTokens: null, finishReason: null, model: 'm-1' });
  });
  test('a refusal and a cut answer are results', async () => {
    const refused = await stub(reply(200, { choices: [{ message: { content: null, refusal: 'No.' }, finish_reason: 'content_filter' }] }));
    expect(await refused.complete(request, new AbortController().signal)).toMatchObject({ text: 'No.', finishReason: 'content_filter' });
    const empty = await stub(reply(200, { choices: [{ message: { content: null }, finish_reason: 'length' }] }));
    expect(await empty.complete(request, new AbortController().signal)).toMatchObject({ text: '', finishReason: 'length' });
  });
});

describe('R-222 every failure has one kind, which says whether another try can help', () => {
  test.each<[number, string]>([
    [429, 'rateLimit'], [408, 'overload'], [409, 'overload'], [500, 'overload'], [502, 'overload'], [503, 'overload'], [529, 'overload'], [402, 'quota'],
    [401, 'auth'], [403, 'auth'], [413, 'contextLength'], [301, 'refused'], [400, 'refused'], [404, 'refused'], [422, 'refused'],
  ])('HTTP %d is %s', async (status, kind) => {
    expect(await faultOf(reply(status, { error: { message: `you sent ${KEY}`, type: 'some_type', code: KEY } }, { location: 'http://127.0.0.1:1/' }))).toMatchObject({ kind, status, message: `HTTP ${status} (some_type).` });
  });
  test('a 429 that no waiting ends is a quota', async () => { expect(await faultOf(reply(429, { error: { type: 'insufficient_quota', code: 'insufficient_quota' } }, { 'retry-after': '5' }))).toMatchObject({ kind: 'quota', retryAfterMs: undefined }); });
  test('a page of a proxy is no JSON and no matter', async () => { expect(await faultOf(reply(502, '<html>Bad gateway</html>'))).toMatchObject({ kind: 'overload', message: 'HTTP 502.' }); });
  test.each<[Record<string, string>, number | undefined]>([
    [{ 'retry-after': '2' }, 2_000], [{ 'retry-after': '2', 'retry-after-ms': '150.2' }, 151], [{ 'retry-after': '999999' }, 3_600_000], [{ 'retry-after': '-1' }, undefined], [{ 'retry-after': 'soon' }, undefined],
    [{ date: 'Sat, 21 Nov 2026 10:00:00 GMT', 'retry-after': 'Sat, 21 Nov 2026 10:00:07 GMT' }, 7_000], [{ date: 'Sat, 21 Nov 2026 10:00:07 GMT', 'retry-after': 'Sat, 21 Nov 2026 10:00:00 GMT' }, undefined], [{}, undefined],
  ])('%j asks for a wait of %s ms', async (headers, retryAfterMs) => { expect(await faultOf(reply(503, {}, headers))).toMatchObject({ kind: 'overload', retryAfterMs }); });
  test.each<[string, unknown]>([
    ['not JSON', 'hello'], ['empty', ''], ['no choices', {}], ['no message', { choices: [{}] }], ['content in parts', { choices: [{ message: { content: [{ type: 'text' }] } }] }], ['a list', []], ['null', 'null'], ['a number as content', { choices: [{ message: { content: 5 } }] }],
  ])('a 200 that is %s is malformed', async (_name, body) => { expect(await faultOf(reply(200, body))).toMatchObject({ kind: 'malformed', status: 200 }); });
  test('bytes that are no UTF-8 are malformed', async () => {
    expect(await faultOf((_request, response) => { response.end(Buffer.from([0x22, 0xff, 0xfe, 0x22])); })).toMatchObject({ kind: 'malformed' });
  });
  test('more than the cap is malformed; a large error is that error', async () => {
    const limits = { answerBytesMax: 1_000 };
    expect(await faultOf(reply(200, 'x'.repeat(2_000)), { limits })).toMatchObject({ kind: 'malformed' });
    expect(await faultOf(reply(503, 'x'.repeat(2_000)), { limits })).toMatchObject({ kind: 'overload' });
  });
  test('an answer that breaks off, and none at all', async () => {
    expect(await faultOf((_request, response) => { response.writeHead(200, { 'content-length': '100' }); response.write('{"cho'); setImmediate(() => response.destroy()); })).toMatchObject({ kind: 'transport' });
    expect(await faultOf((incoming) => { incoming.socket.destroy(); })).toMatchObject({ kind: 'transport' });
    const nobody = createProvider({ kind: 'openai-compatible', baseUrl: 'http://127.0.0.1:1' }, { monotonicMs: () => 0 });
    await expect(nobody.complete(request, new AbortController().signal)).rejects.toMatchObject({ kind: 'transport', message: 'No answer: ECONNREFUSED.' });
  });
  test('silence, and an answer that drips for ever', async () => {
    expect(await faultOf(() => undefined, { limits: { idleMs: 30 } })).toMatchObject({ kind: 'timeout' });
    let dripping: NodeJS.Timeout | undefined;
    const error = await faultOf((_request, response) => { response.writeHead(200); dripping = setInterval(() => { response.write(' '); }, 5); }, { limits: { idleMs: 1_000, totalMs: 60 } });
    clearInterval(dripping);
    expect(error).toMatchObject({ kind: 'timeout' });
  });
  test('an abort throws its own reason, before and during the call', async () => {
    const reason = new Error('cancelled');
    const provider = await stub(() => undefined);
    await expect(provider.complete(request, AbortSignal.abort(reason))).rejects.toBe(reason);
    const controller = new AbortController();
    const asked = provider.complete(request, controller.signal);
    setImmediate(() => { controller.abort(reason); });
    await expect(asked).rejects.toBe(reason);
  });
});

describe('R-223 a base URL that hides something is refused', () => {
  test.each(['', 'localhost:8080', 'ftp://example.com', 'file:///etc/passwd', 'http://user:pass@example.com/v1', 'https://example.com/v1?key=1', 'https://example.com/v1#x'])('%j', (baseUrl) => {
    const make = (): unknown => createProvider({ kind: 'openai-compatible', baseUrl }, { monotonicMs: () => 0 });
    expect(make).toThrow(RangeError);
    try { make(); } catch (error) { expect(String(error)).not.toContain('pass@'); }
  });
});
