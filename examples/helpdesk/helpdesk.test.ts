import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { createHelpdesk, type HelpdeskAnswer } from './app.js';
import { createReporter, traceOf, type ModelCall } from './reporter.js';
import { createRetrieval, isUngrounded } from './retrieval.js';
import { isAnswered, startUsers, userOf } from './users.js';

interface Seen { readonly path: string; readonly body: string; readonly headers: Record<string, unknown> }
let servers: Server[] = [];
afterEach(() => { for (const server of servers) { server.close(); server.closeAllConnections(); } servers = []; });

async function stub(answer: (seen: Seen, response: ServerResponse) => void): Promise<{ url: string; seen: Seen[] }> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
      const one = { path: request.url ?? '', body: Buffer.concat(chunks).toString(), headers: request.headers };
      seen.push(one); answer(one, response);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}
const json = (response: ServerResponse, body: unknown, status = 200): void => { response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)); };
const PROMPT = { schema: 'slipway.prompt/v1', messages: [{ role: 'system', content: 'Use {{ passages }}' }, { role: 'user', content: '{{question}}' }], model: { provider: 'acme', name: 'm-9' }, params: { temperature: 0.5, maxTokens: 9 } };
const content = { passages: ['## A\nApples are red.', '## B\nBeans are green.', '## C\nCorn is yellow.', '## D\nDates are brown.'], faq: '- Apples are red.' };

/** A model server whose vectors point at the passage that shares the first letter with the question. */
const modelStub = (text: string, status = 200) => stub(({ path, body }, response) => {
  if (path === '/v1/embeddings') {
    const { input } = JSON.parse(body) as { input: string[] };
    json(response, { data: input.map((one, index) => ({ index, embedding: ['A', 'B', 'C', 'D'].map((letter) => (one.includes(`## ${letter}`) || one.startsWith(letter) ? 1 : 0)) })) });
  } else json(response, { model: 'm-9-dated', choices: [{ message: { content: text } }], usage: { prompt_tokens: 3, completion_tokens: 2 } }, status);
});

interface Span { readonly traceId: string; readonly spanId: string; readonly kind: number; readonly status: object; readonly attributes: { readonly key: string; readonly value: object }[] }
const spansOf = (seen: readonly Seen[]): Span[] => seen.filter(({ path }) => path === '/v1/traces').flatMap(({ body }) => (JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] }).resourceSpans.flatMap((one) => one.scopeSpans.flatMap(({ spans }) => spans)));
const valueOf = (span: Span | undefined, key: string): unknown => span?.attributes.find((attribute) => attribute.key === key)?.value;

async function run(options: { edge: (seen: Seen, response: ServerResponse) => void; text?: string; modelStatus?: number }): Promise<{ answer: HelpdeskAnswer; edge: Seen[]; model: Seen[] }> {
  const edge = await stub(options.edge);
  const model = await modelStub(options.text ?? 'Beans are green.', options.modelStatus);
  const helpdesk = createHelpdesk({ edgeUrl: edge.url, edgeKey: 'slp_ap_test', modelUrl: `${model.url}/v1`, content });
  const answer = await helpdesk.answer('user-7', 'Beans, what colour?');
  await helpdesk.thumbsDown(answer);
  await helpdesk.close();
  return { answer, edge: edge.seen, model: model.seen };
}
const serving = (evaluation: unknown) => ({ path }: Seen, response: ServerResponse): void => { json(response, path.startsWith('/ofrep') ? evaluation : {}); };
const good = { key: 'answer', value: PROMPT, reason: 'SPLIT', variant: 'candidate', metadata: { 'slipway.assignment': 'token-1' } };

describe('R-842 the example asks Slipway, fills in, asks the model, and reports', () => {
  test('one answer, all the way', async () => {
    const { answer, edge, model } = await run({ edge: serving(good) });
    expect(answer).toEqual({ text: 'Beans are green.', failed: false, ungrounded: false, isServed: true, token: 'token-1' });
    const asked = edge.find(({ path }) => path.startsWith('/ofrep'));
    expect(asked).toMatchObject({ path: '/ofrep/v1/evaluate/flags/answer', body: '{"context":{"targetingKey":"user-7"}}', headers: { authorization: 'Bearer slp_ap_test' } });
    const chat = model.find(({ path }) => path === '/v1/chat/completions');
    expect(JSON.parse(chat?.body ?? '')).toEqual({ model: 'm-9', temperature: 0.5, max_tokens: 9, messages: [{ role: 'system', content: 'Use ## B\nBeans are green.\n\n## A\nApples are red.\n\n## C\nCorn is yellow.' }, { role: 'user', content: 'Beans, what colour?' }] });
    const [span, ...others] = spansOf(edge);
    expect(others).toEqual([]);
    expect(chat?.headers['traceparent']).toBe(`00-${span?.traceId}-${span?.spanId}-01`);
    expect([span?.kind, span?.status]).toEqual([3, {}]);
    expect(Object.fromEntries(span?.attributes.map(({ key, value }) => [key, value]) ?? [])).toEqual({
      'gen_ai.operation.name': { stringValue: 'chat' }, 'gen_ai.provider.name': { stringValue: 'acme' }, 'gen_ai.request.model': { stringValue: 'm-9' }, 'gen_ai.response.model': { stringValue: 'm-9-dated' },
      'gen_ai.usage.input_tokens': { intValue: '3' }, 'gen_ai.usage.output_tokens': { intValue: '2' }, 'slipway.assignment': { stringValue: 'token-1' }, 'slipway.guardrail.ungrounded': { boolValue: false },
    });
    expect(edge.find(({ path }) => path === '/v1/feedback')?.body).toBe('{"token":"token-1","label":"thumbs_down","value":1}');
  });
  test('an answer from nowhere is ungrounded', async () => {
    const { answer, edge } = await run({ edge: serving(good), text: 'Bananas cost twelve dollars.' });
    expect(answer.ungrounded).toBe(true);
    expect(valueOf(spansOf(edge)[0], 'slipway.guardrail.ungrounded')).toEqual({ boolValue: true });
  });
  test('a failed call is reported as an error, with its token and without a guardrail', async () => {
    const { answer, edge } = await run({ edge: serving(good), modelStatus: 500 });
    expect(answer).toMatchObject({ text: '', failed: true, ungrounded: false });
    const [span] = spansOf(edge);
    expect(span?.status).toEqual({ code: 2 });
    expect(valueOf(span, 'slipway.assignment')).toEqual({ stringValue: 'token-1' });
    expect(valueOf(span, 'slipway.guardrail.ungrounded')).toBeUndefined();
  });
});

describe('R-843 the example never fails because Slipway is away', () => {
  test.each<[string, (seen: Seen, response: ServerResponse) => void]>([
    ['it is down', (_seen, response) => { response.destroy(); }],
    ['it is busy', ({ path }, response) => { json(response, {}, path.startsWith('/ofrep') ? 503 : 200); }],
    ['it says to use the prompt in the code', serving({ key: 'answer', reason: 'DISABLED', variant: 'stable', metadata: {} })],
    ['it serves another shape', serving({ ...good, value: { schema: 'other/v1' } })],
    ['it serves no model', serving({ ...good, value: { ...PROMPT, model: null } })],
    ['it talks nonsense', (_seen, response) => { response.end('<html>'); }],
  ])('%s', async (_name, edge) => {
    const { answer, edge: seen } = await run({ edge });
    expect(answer).toMatchObject({ text: 'Beans are green.', failed: false, isServed: false, token: undefined });
    expect(seen.some(({ path }) => path === '/v1/feedback')).toBe(false);
  }, 20_000);
});

describe('R-844 a report is sent again with the same bytes, or dropped and counted', () => {
  const call: ModelCall = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), startedAtMs: 1_700_000_000_000.25, endedAtMs: 1_700_000_000_001, provider: 'p', requestModel: 'm', responseModel: null, inputTokens: null, outputTokens: null, token: undefined, guardrails: {}, failed: false };
  const reporterTo = (url: string, waits: number[]) => createReporter({ url, apiKey: 'k', serviceName: 's', everyMs: 60_000, wait: (ms) => { waits.push(ms); return Promise.resolve(); } });
  test('busy twice, then taken', async () => {
    const statuses = [429, 503, 200];
    const edge = await stub((_seen, response) => { response.writeHead(statuses.shift() ?? 500, { 'retry-after': '2' }).end(); });
    const waits: number[] = [];
    const reporter = reporterTo(edge.url, waits);
    reporter.report(call); reporter.report(call);
    await reporter.close();
    expect(edge.seen.map(({ body }) => body)).toEqual(Array.from({ length: 3 }, () => edge.seen[0]?.body));
    expect(waits).toEqual([2_000, 2_000]);
    expect(reporter.counts).toEqual({ sent: 2, dropped: 0 });
  });
  test.each([400, 401, 413, 500])('%d is not tried again', async (status) => {
    const edge = await stub((_seen, response) => { response.writeHead(status).end(); });
    const reporter = reporterTo(edge.url, []);
    reporter.report(call);
    await reporter.close();
    expect([edge.seen.length, reporter.counts]).toEqual([1, { sent: 0, dropped: 1 }]);
  });
  test('an edge that never comes back costs six tries and one count', async () => {
    const waits: number[] = [];
    const reporter = reporterTo('http://127.0.0.1:1', waits);
    reporter.report(call);
    await reporter.close();
    expect(waits).toEqual([200, 400, 800, 1_600, 3_200]);
    expect(reporter.counts).toEqual({ sent: 0, dropped: 1 });
  });
  test('unknown is left out, times are nanoseconds', () => {
    const text = JSON.stringify(traceOf('s', [call]));
    expect(text).toContain('"startTimeUnixNano":"1700000000000250000"');
    expect(text).not.toMatch(/usage|response\.model|assignment|null/);
  });
});

describe('R-845 ungrounded means: most of what was said is in none of the passages', () => {
  const passages = ['Beans are green and grow on poles.', 'Corn is yellow.'];
  test.each<[string, boolean]>([
    ['Beans are green.', false], ['Corn is yellow!', false], ['I do not know.', false], ['', false], ['The of and.', false],
    ['Beans cost twelve dollars.', true], ['Submarines dive.', true], ['Salaries are paid on the 25th.', true],
  ])('%j: %s', (answer, ungrounded) => { expect(isUngrounded(answer, passages)).toBe(ungrounded); });
  test('with nothing retrieved every claim is ungrounded', () => { expect(isUngrounded('Beans are green.', [])).toBe(true); });
  test('a retrieval that failed once is tried again, and a known question is not embedded twice', async () => {
    let calls = 0;
    const retrieve = createRetrieval(['x', 'y'], (texts) => { calls += 1; return calls === 1 ? Promise.reject(new Error('away')) : Promise.resolve(texts.map((text) => (text === 'y' ? [1] : [0.5]))); });
    await expect(retrieve('q', 1)).rejects.toThrow('away');
    expect(await retrieve('q', 1)).toEqual(['y']);
    const before = calls;
    expect(await retrieve('q', 2)).toEqual(['y', 'x']);
    expect(calls).toBe(before);
  });
});

describe('R-846 simulated users are the same for the same seed, come once, and judge the answer alone', () => {
  const questions = [{ question: 'a?', contains: ['A'] }, { question: 'b?', contains: ['B'] }];
  test('the same user again; another seed, another user', () => {
    expect(userOf('s', 5, questions)).toEqual(userOf('s', 5, questions));
    expect(userOf('s', 5, questions).targetingKey).not.toBe(userOf('s', 6, questions).targetingKey);
    const presses = Array.from({ length: 2_000 }, (_, i) => userOf('s', i, questions).presses).filter(Boolean).length / 2_000;
    expect(presses).toBeGreaterThan(0.66);
    expect(presses).toBeLessThan(0.74);
    expect(() => userOf('s', 1, [])).toThrow(RangeError);
  });
  test.each([['The answer is A.', true], ['a', false], ['', false]])('%j answers: %s', (text, is) => { expect(isAnswered(text, { question: 'a?', contains: ['A'] })).toBe(is); });
  test('the slow are not joined by more than the bound, and stopping waits for them', async () => {
    const finish: (() => void)[] = [];
    const keys = new Set<string>();
    const users = startUsers({
      questions, ratePerSec: 2_000, concurrencyMax: 3,
      helpdesk: { answer: (key) => { keys.add(key); return new Promise((resolve) => { finish.push(() => { resolve({ text: 'A', failed: false, ungrounded: false, isServed: true, token: undefined }); }); }); }, thumbsDown: () => Promise.resolve(true) },
    });
    while (users.counts.turnedAway === 0) await new Promise((resolve) => { setTimeout(resolve, 1); });
    expect(keys.size).toBe(3);
    const stopped = users.stop();
    for (const one of finish) one();
    await stopped;
    expect(users.counts.visits).toBe(3);
  });
});
