import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLocalEmbedder, createProvider, createSandboxModel, SANDBOX_EMBEDDING_MODEL, SANDBOX_MODEL, type CompletionRequest, type SandboxEvent } from './index.js';
import { readPrompt, sentencesOf } from './extract.js';

const embedder = createLocalEmbedder();
const told: SandboxEvent[] = [];
const spans: string[] = [];
const server = createServer(createSandboxModel({
  embedder, nowMs: () => 1_000_000, tell: (event) => told.push(event),
  span: (headers, name, run) => { spans.push(`${name} ${String(headers['traceparent'])}`); return run(); },
}));
let base = '';
beforeAll(async () => { await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); }); base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; });
afterAll(async () => { server.close(); server.closeAllConnections(); await embedder.close(); });

const post = (path: string, body: unknown, headers: Record<string, string> = {}) => fetch(`${base}${path}`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: typeof body === 'string' ? body : JSON.stringify(body) });
type Messages = CompletionRequest['messages'];
const ask = async (messages: Messages, more: Record<string, unknown> = {}): Promise<string> => {
  const response = await post('/v1/chat/completions', { model: SANDBOX_MODEL, messages, ...more });
  const body = await response.json() as { choices: { message: { content: string } }[] };
  return body.choices[0]?.message.content ?? '';
};
const CONTEXT = '<context>\n## Pay\nSalaries are paid on the 25th of each month.\nLaptops are replaced every 38 months.\nThe canteen serves soup on Fridays.\n</context>';
const about = (question: string, system = `Answer. ${CONTEXT}`): Messages => [{ role: 'system', content: system }, { role: 'user', content: question }];

describe('R-230 the sandbox model quotes what the messages give it, and nothing else', () => {
  test('the nearest sentence', async () => {
    expect(await ask(about('When do I get my salary?'))).toBe('Salaries are paid on the 25th of each month.');
    expect(await ask(about('How old may a laptop become?'))).toBe('Laptops are replaced every 38 months.');
  });
  test('context may stand in the user message, in several blocks, in a developer message', async () => {
    expect(await ask([{ role: 'user', content: `${CONTEXT} When is there soup? <context>Dogs sleep in the hall.</context>` }])).toBe('The canteen serves soup on Fridays.');
  });
  test('without context, with an unclosed one, or with nothing near, it does not know', async () => {
    expect(await ask(about('When do I get my salary?', 'Answer.'))).toBe('I do not know.');
    expect(await ask(about('When do I get my salary?', '<context>Salaries are paid on the 25th.'))).toBe('I do not know.');
    expect(await ask(about('Which quarks make a proton?', '<context>The hard disk of every laptop is encrypted with Ironvault.</context>'))).toBe('I do not know.');
    expect(await ask(about('', `Answer. ${CONTEXT}`))).toBe('I do not know.');
    expect(await ask([{ role: 'system', content: CONTEXT }])).toBe('I do not know.');
  });
  test('the last question counts', async () => {
    expect(await ask([{ role: 'system', content: CONTEXT }, { role: 'user', content: 'When is there soup?' }, { role: 'assistant', content: 'On Fridays.' }, { role: 'user', content: 'And when is the salary paid?' }])).toContain('25th');
  });
  test('a second sentence only when it is asked for and as near', async () => {
    const twins = '<context>The canteen opens at eight. The canteen closes at nine. Bicycles are blue.</context>';
    expect(await ask(about('When does the canteen open and close?', `Answer in one sentence. ${twins}`))).toMatch(/^The canteen \w+ at \w+\.$/);
    expect((await ask(about('When does the canteen open and close?', `Answer in two sentences. ${twins}`))).split('. ')).toHaveLength(2);
    expect(await ask(about('What colour are bicycles?', `Answer in two sentences. ${twins}`))).toBe('Bicycles are blue.');
  });
  test('the same messages give the same bytes; parameters, user and metadata change nothing', async () => {
    const body = { model: SANDBOX_MODEL, messages: about('When do I get my salary?') };
    const [a, b] = await Promise.all([post('/v1/chat/completions', body), post('/v1/chat/completions', { ...body, temperature: 2, seed: 9, user: 'u', metadata: { version: 'x' } })]);
    expect(await a.text()).toBe(await b.text());
  });
});

describe('R-231 sentences are read from plain and lightly marked text', () => {
  test.each<[string, string[]]>([
    ['One is here. Two is there! Is three? Yes.', ['One is here.', 'Two is there!', 'Is three?', 'Yes.']],
    ['# Title\n\nA line\nthat goes on.\nTitle without stop\n\n- an item\n* other item. Second.\n1. numbered', ['A line that goes on.', 'an item', 'other item.', 'Second.', 'numbered']],
    ['It costs 2.30 euros, e.g. at noon. Mail a@b.example. "Quoted." (Bracketed.) End', ['It costs 2.30 euros, e.g. at noon.', 'Mail a@b.example.', '"Quoted."', '(Bracketed.)']],
    ['', []], ['\n\n', []], ['Pay', []],
  ])('%j', (text, sentences) => { expect(sentencesOf(text)).toEqual(sentences); });
  test('a sentence counts once, the question loses its blocks', () => {
    expect(readPrompt([{ role: 'user', content: '<context>A b.</context> Why? <context>A b.</context>' }])).toEqual({ sentences: ['A b.'], question: 'Why?', asksForMore: false });
  });
});

describe('R-232 it says that it is a sandbox wherever it appears', () => {
  test('header, fingerprint, owner', async () => {
    const response = await post('/v1/chat/completions', { model: SANDBOX_MODEL, messages: about('When do I get my salary?') }, { traceparent: '00-1' });
    expect(response.headers.get('x-slipway-model')).toBe('sandbox');
    expect(await response.json()).toMatchObject({ model: SANDBOX_MODEL, system_fingerprint: 'sandbox', object: 'chat.completion', created: 1_000, usage: { completion_tokens: 11 } });
    expect(spans.at(-1)).toBe(`chat ${SANDBOX_MODEL} 00-1`);
    const models = await (await fetch(`${base}/v1/models`)).json() as { data: { id: string; owned_by: string }[] };
    expect(models.data.map(({ id, owned_by }) => [id, owned_by])).toEqual([[SANDBOX_MODEL, 'slipway-sandbox'], [SANDBOX_EMBEDDING_MODEL, 'slipway-sandbox']]);
  });
});

describe('R-233 it speaks as an OpenAI-compatible server does', () => {
  test('our own client reads it', async () => {
    const provider = createProvider({ kind: 'sandbox', baseUrl: `${base}/v1` }, { monotonicMs: () => performance.now() });
    const completion = await provider.complete({ model: SANDBOX_MODEL, messages: about('When is there soup?'), parameters: { temperature: 0, maxTokens: 100 } }, new AbortController().signal);
    expect(completion).toMatchObject({ text: 'The canteen serves soup on Fridays.', finishReason: 'stop', model: SANDBOX_MODEL, outputTokens: 9 });
    const vectors = await provider.embed(SANDBOX_EMBEDDING_MODEL, ['a', 'b'], new AbortController().signal);
    expect(vectors.map(({ length }) => length)).toEqual([384, 384]);
  });
  test('embeddings as base64', async () => {
    const body = await (await post('/v1/embeddings', { model: SANDBOX_EMBEDDING_MODEL, input: 'a', encoding_format: 'base64' })).json() as { data: { embedding: string }[] };
    expect(Buffer.from(body.data[0]?.embedding ?? '', 'base64')).toHaveLength(384 * 4);
  });
  test('a stream carries the same text, usage when asked for, and an end', async () => {
    const response = await post('/v1/chat/completions', { model: SANDBOX_MODEL, messages: about('When is there soup?'), stream: true, stream_options: { include_usage: true } });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const events = (await response.text()).trim().split('\n\n').map((line) => line.replace(/^data: /, ''));
    expect(events.at(-1)).toBe('[DONE]');
    const chunks = events.slice(0, -1).map((event) => JSON.parse(event) as { choices: { delta: { content?: string }; finish_reason: string | null }[]; usage: object | null });
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe('The canteen serves soup on Fridays.');
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('stop');
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 9 } });
  });
  test('a small token limit cuts, and says so', async () => {
    expect(await (await post('/v1/chat/completions', { model: SANDBOX_MODEL, messages: about('When is there soup?'), max_tokens: 2 })).json()).toMatchObject({ choices: [{ message: { content: 'The cant' }, finish_reason: 'length' }] });
  });
  test('prewarming computes what is new', async () => {
    const texts = ['A text to warm.', 'Another text to warm.'];
    expect(await (await post('/v1/prewarm', { texts })).json()).toEqual({ texts: 2, computed: 2 });
    expect(await (await post('/v1/prewarm', { texts })).json()).toEqual({ texts: 2, computed: 0 });
  });
});

describe('R-234 what it cannot do is refused in OpenAI\'s error shape', () => {
  const chat = { model: SANDBOX_MODEL, messages: [{ role: 'user', content: 'x' }] };
  test.each<[string, string, unknown, number]>([
    ['another model', '/v1/chat/completions', { ...chat, model: 'gpt-4o' }, 404],
    ['no model', '/v1/chat/completions', { messages: chat.messages }, 400],
    ['no messages', '/v1/chat/completions', { model: SANDBOX_MODEL, messages: [] }, 400],
    ['too many messages', '/v1/chat/completions', { ...chat, messages: Array.from({ length: 201 }, () => chat.messages[0]) }, 400],
    ['an unknown role', '/v1/chat/completions', { ...chat, messages: [{ role: 'tool', content: 'x' }] }, 400],
    ['an image', '/v1/chat/completions', { ...chat, messages: [{ role: 'user', content: [{ type: 'image_url' }] }] }, 400],
    ['no content', '/v1/chat/completions', { ...chat, messages: [{ role: 'user' }] }, 400],
    ['two answers', '/v1/chat/completions', { ...chat, n: 2 }, 400],
    ['tools', '/v1/chat/completions', { ...chat, tools: [{}] }, 400],
    ['a limit of nothing', '/v1/chat/completions', { ...chat, max_tokens: 0 }, 400],
    ['an endless context', '/v1/chat/completions', { ...chat, messages: [{ role: 'user', content: `<context>${Array.from({ length: 600 }, (_, i) => `- item ${i}\n`).join('')}</context>` }] }, 400],
    ['no JSON', '/v1/chat/completions', '{', 400],
    ['a JSON that is no object', '/v1/chat/completions', 'null', 400],
    ['a body too large', '/v1/chat/completions', { ...chat, messages: [{ role: 'user', content: 'x'.repeat(1_100_000) }] }, 413],
    ['another embedding model', '/v1/embeddings', { model: SANDBOX_MODEL, input: 'x' }, 404],
    ['nothing to embed', '/v1/embeddings', { model: SANDBOX_EMBEDDING_MODEL, input: [] }, 400],
    ['a number to embed', '/v1/embeddings', { model: SANDBOX_EMBEDDING_MODEL, input: [7] }, 400],
    ['too long a text', '/v1/embeddings', { model: SANDBOX_EMBEDDING_MODEL, input: 'x'.repeat(8_193) }, 400],
    ['other dimensions', '/v1/embeddings', { model: SANDBOX_EMBEDDING_MODEL, input: 'x', dimensions: 8 }, 400],
    ['nothing to warm', '/v1/prewarm', {}, 400],
    ['an unknown path', '/v1/responses', chat, 404],
    ['a path of the prototype', '/__proto__', chat, 404],
    ['a wrong method', '/v1/models', chat, 405],
  ])('%s', async (_name, path, body, status) => {
    const response = await post(path, body);
    expect(response.status).toBe(status);
    const { error } = await response.json() as { error: Record<string, unknown> };
    expect(error).toMatchObject({ type: 'invalid_request_error', param: null });
    expect(Object.keys(error).sort()).toEqual(['code', 'message', 'param', 'type']);
    expect(told.at(-1)).toMatchObject({ event: 'refused', status });
  });
  test('another content type', async () => { expect((await post('/v1/chat/completions', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' })).status).toBe(415); });
  test('a body that is sent without saying how long it is', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sending = httpRequest(`${base}/v1/chat/completions`, { method: 'POST', headers: { 'content-type': 'application/json' } }, (response) => { response.resume(); resolve(response.statusCode); });
      sending.on('error', reject);
      for (let i = 0; i < 20; i++) sending.write(' '.repeat(64 * 1024));
      sending.end();
    });
    expect(status).toBe(413);
  });
  test('an embedder that fails is 503 with Retry-After, and the server lives', async () => {
    const broken = createServer(createSandboxModel({ embedder: { embed: () => Promise.reject(new Error('gone')), counts: () => ({ computed: 0, cached: 0 }) }, nowMs: () => 0 }));
    await new Promise<void>((resolve) => { broken.listen(0, '127.0.0.1', resolve); });
    const response = await fetch(`http://127.0.0.1:${(broken.address() as AddressInfo).port}/v1/embeddings`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ model: SANDBOX_EMBEDDING_MODEL, input: 'x' }) });
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await response.text()).not.toContain('gone');
    broken.close(); broken.closeAllConnections();
  });
});
