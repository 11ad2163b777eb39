import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startProviderStub, type ProviderStub, type StubAnswer } from '../test/harness/provider-stub.js';
import { createProvider, ProviderError, type Completion, type CompletionRequest, type Provider, type ProviderKind, type WireDeps } from './index.js';
import { guardedLookup } from './wire-address.js';

const KEY = 'sk-planted-marker-0123456789';
const KINDS = ['openai-compatible', 'openai-responses', 'anthropic'] as const satisfies readonly ProviderKind[];
const WAYS = KINDS.flatMap((kind) => [[kind, false], [kind, true]] as const);
let stub: ProviderStub;
let said: Partial<StubAnswer> = {};
beforeAll(async () => { stub = await startProviderStub({ answer: () => said }); });
afterAll(() => stub.close());
beforeEach(() => { said = {}; stub.behave(null); stub.limit(null); });

const providerOf = (kind: ProviderKind, limits: WireDeps['limits'] = {}): Provider => createProvider({ kind, baseUrl: stub.baseUrl, apiKey: KEY }, { monotonicMs: () => performance.now(), limits });
const requestOf = (stream: boolean, more: Partial<CompletionRequest> = {}): CompletionRequest =>
  ({ model: 'm-1', messages: [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: 'Grüße 🦊' }], parameters: { temperature: 0.5, topP: 0.9, maxTokens: 7, ...(stream ? { stream } : {}) }, ...more });
const complete = (kind: ProviderKind, stream: boolean, limits: WireDeps['limits'] = {}): Promise<Completion> => providerOf(kind, limits).complete(requestOf(stream), new AbortController().signal);
async function faultOf(kind: ProviderKind, stream: boolean, limits: WireDeps['limits'] = {}): Promise<ProviderError> {
  const error: unknown = await complete(kind, stream, limits).then(() => undefined, (thrown: unknown) => thrown);
  if (!(error instanceof ProviderError)) throw new Error(`not a ProviderError: ${String(error)}`);
  expect(`${error.message} ${error.stack ?? ''} ${JSON.stringify(error)}`).not.toContain(KEY);
  return error;
}
const TOOLS = [{ name: 'look_up', description: 'Looks up.', schema: { type: 'object', properties: { q: { type: 'string' } } } }] as const;
const called = [{ name: 'look_up', arguments: '{"q":"Grüße 🦊"}' }, { name: 'look_up', arguments: '{}' }];

describe('R-290 every wire says the same: text, calls of tools, reason, model, fingerprint and usage, in one piece or as a stream', () => {
  test.each(WAYS)('%s, as a stream: %s', async (kind, stream) => {
    expect(await complete(kind, stream)).toEqual({
      text: 'Gut, „danke“ 🦊', toolCalls: [], finishReason: kind === 'anthropic' ? 'end_turn' : 'stop', model: 'm-1-dated', fingerprint: kind === 'openai-compatible' ? 'fp-1' : null,
      inputTokens: 12, outputTokens: 5, cachedInputTokens: 4, reasoningTokens: kind === 'anthropic' ? null : 2, durationMs: expect.any(Number) as number, firstTokenMs: stream ? expect.any(Number) as number : null,
    });
  });
  test.each(WAYS)('%s calls tools, as a stream: %s', async (kind, stream) => {
    said = { text: 'So:', toolCalls: called };
    const completion = await providerOf(kind).complete(requestOf(stream, { tools: TOOLS }), new AbortController().signal);
    expect(completion).toMatchObject({ text: 'So:', toolCalls: called, finishReason: kind === 'anthropic' ? 'tool_use' : 'tool_calls' });
    expect(JSON.stringify(stub.calls.at(-1)?.body['tools'])).toContain('"look_up"');
  });
  test.each(WAYS)('%s: usage that is not reported is null, as a stream: %s', async (kind, stream) => {
    stub.behave({ kind: 'missingUsage' });
    expect(await complete(kind, stream)).toMatchObject({ text: 'Gut, „danke“ 🦊', inputTokens: null, outputTokens: null, cachedInputTokens: null, reasoningTokens: null });
  });
  test.each(WAYS)('%s: another model that answers is named, as a stream: %s', async (kind, stream) => {
    stub.behave({ kind: 'wrongModel', model: 'm-other' });
    expect(await complete(kind, stream)).toMatchObject({ model: 'm-other', fingerprint: kind === 'openai-compatible' ? 'fp-other' : null });
  });
  test('the first token comes before the last', async () => {
    let nowMs = 0;
    const provider = createProvider({ kind: 'openai-compatible', baseUrl: stub.baseUrl }, { monotonicMs: () => (nowMs += 10) });
    expect(await provider.complete(requestOf(true), new AbortController().signal)).toMatchObject({ firstTokenMs: 10, durationMs: 20 });
  });
  test('a server that knows no streams is read in one piece', async () => {
    const provider = providerOf('openai-compatible');
    stub.behave((_call, body) => { Object.assign(body, { stream: false }); return null; });
    expect(await provider.complete(requestOf(true), new AbortController().signal)).toMatchObject({ text: 'Gut, „danke“ 🦊', firstTokenMs: null });
  });
  test('what an API has no word for is refused before anything is sent', async () => {
    const before = stub.calls.length;
    const ask = (kind: ProviderKind, parameters: CompletionRequest['parameters']) => providerOf(kind).complete({ ...requestOf(false), parameters }, new AbortController().signal);
    await expect(ask('anthropic', { seed: 1 })).rejects.toMatchObject({ kind: 'refused' });
    await expect(ask('openai-responses', { seed: 1, stop: ['x'] })).rejects.toMatchObject({ kind: 'refused', message: expect.stringContaining('seed and no stop') as string });
    await expect(providerOf('anthropic').embed('e', ['a'], new AbortController().signal)).rejects.toMatchObject({ kind: 'refused' });
    expect(stub.calls.length).toBe(before);
  });
  test('embeddings of both wires of OpenAI', async () => {
    for (const kind of ['openai-compatible', 'openai-responses'] as const) expect((await providerOf(kind).embed('e', ['a', 'bcd'], new AbortController().signal)).map((vector) => [...vector])).toEqual([[1, 1], [3, 1]]);
  });
});

describe('R-290 every wire says the same: text, calls of tools, reason, model, fingerprint and usage, in one piece or as a stream (the official clients as oracle)', () => {
  const openai = (): OpenAI => new OpenAI({ apiKey: KEY, baseURL: stub.baseUrl, maxRetries: 0 });
  const anthropic = (): Anthropic => new Anthropic({ apiKey: KEY, baseURL: stub.baseUrl.replace(/\/v1$/, ''), maxRetries: 0 });
  const lastBody = (): unknown => { const { stream, ...rest } = stub.calls.at(-1)?.body ?? {}; return { ...rest, stream: stream === true }; };
  const parameters = { temperature: 0.5, top_p: 0.9 };
  const messages = [{ role: 'system' as const, content: 'Be brief.' }, { role: 'user' as const, content: 'Grüße 🦊' }];
  const [tool] = TOOLS;
  beforeEach(() => { said = { text: 'So: 🦊', toolCalls: called }; });

  test.each([false, true])('chat/completions, as a stream: %s', async (stream) => {
    const ours = await providerOf('openai-compatible').complete(requestOf(stream, { tools: TOOLS }), new AbortController().signal);
    const body = lastBody();
    const asked = { model: 'm-1', messages, ...parameters, max_tokens: 7, tools: [{ type: 'function' as const, function: { name: tool.name, description: tool.description, parameters: tool.schema } }] };
    const theirs = stream ? await openai().chat.completions.stream({ ...asked, stream_options: { include_usage: true } }).finalChatCompletion() : await openai().chat.completions.create(asked);
    expect(body).toEqual(lastBody());
    const [choice] = theirs.choices;
    expect(ours).toMatchObject({
      text: choice?.message.content, finishReason: choice?.finish_reason, model: theirs.model, fingerprint: theirs.system_fingerprint, inputTokens: theirs.usage?.prompt_tokens, outputTokens: theirs.usage?.completion_tokens,
      cachedInputTokens: theirs.usage?.prompt_tokens_details?.cached_tokens, reasoningTokens: theirs.usage?.completion_tokens_details?.reasoning_tokens,
      toolCalls: choice?.message.tool_calls?.map((one) => (one.type === 'function' ? { name: one.function.name, arguments: one.function.arguments } : null)),
    });
  });
  test.each([false, true])('responses, as a stream: %s', async (stream) => {
    const ours = await providerOf('openai-responses').complete(requestOf(stream, { tools: TOOLS }), new AbortController().signal);
    const body = lastBody();
    const asked = { model: 'm-1', input: messages, ...parameters, max_output_tokens: 7, store: false, tools: [{ type: 'function' as const, name: tool.name, description: tool.description, parameters: tool.schema, strict: false }] };
    let theirs: OpenAI.Responses.Response | undefined;
    if (stream) { for await (const event of await openai().responses.create({ ...asked, stream: true })) if (event.type === 'response.completed') theirs = event.response; } else theirs = await openai().responses.create(asked);
    expect(body).toEqual(lastBody());
    expect(ours).toMatchObject({
      text: theirs?.output.flatMap((one) => (one.type === 'message' ? one.content.map((part) => (part.type === 'output_text' ? part.text : '')) : [])).join(''), model: theirs?.model, inputTokens: theirs?.usage?.input_tokens, outputTokens: theirs?.usage?.output_tokens,
      toolCalls: theirs?.output.flatMap((one) => (one.type === 'function_call' ? [{ name: one.name, arguments: one.arguments }] : [])),
    });
  });
  test.each([false, true])('messages, as a stream: %s', async (stream) => {
    const ours = await providerOf('anthropic').complete(requestOf(stream, { tools: TOOLS }), new AbortController().signal);
    const body = lastBody();
    const ourHeaders = stub.calls.at(-1)?.headers;
    const asked = { model: 'm-1', max_tokens: 7, system: 'Be brief.', messages: [{ role: 'user' as const, content: 'Grüße 🦊' }], ...parameters, tools: [{ name: tool.name, description: tool.description, input_schema: tool.schema }] };
    const theirs = stream ? await anthropic().messages.stream(asked).finalMessage() : await anthropic().messages.create(asked as Anthropic.MessageCreateParamsNonStreaming);
    expect(body).toEqual(lastBody());
    for (const name of ['x-api-key', 'anthropic-version']) expect(ourHeaders?.[name]).toBe(stub.calls.at(-1)?.headers[name]);
    expect(ours).toMatchObject({
      text: theirs.content.map((one) => (one.type === 'text' ? one.text : '')).join(''), finishReason: theirs.stop_reason, model: theirs.model, outputTokens: theirs.usage.output_tokens,
      inputTokens: theirs.usage.input_tokens + (theirs.usage.cache_read_input_tokens ?? 0), cachedInputTokens: theirs.usage.cache_read_input_tokens,
    });
    expect(ours.toolCalls?.map((one) => JSON.parse(one.arguments) as unknown)).toEqual(theirs.content.flatMap((one) => (one.type === 'tool_use' ? [one.input] : [])));
  });
  test('embeddings', async () => {
    const [ours] = await providerOf('openai-compatible').embed('e', ['Grüße'], new AbortController().signal);
    const body = stub.calls.at(-1)?.body;
    const theirs = await openai().embeddings.create({ model: 'e', input: ['Grüße'], encoding_format: 'float' });
    expect(body).toEqual(stub.calls.at(-1)?.body);
    expect([...ours ?? []]).toEqual(theirs.data[0]?.embedding);
  });
});

describe('R-291 whatever a provider does, its call ends with one named error, in bounded time and memory', () => {
  test.each(WAYS)('%s refuses, as a stream: %s', async (kind, stream) => {
    stub.behave({ kind: 'rateLimit', retryAfterSec: 2 });
    expect(await faultOf(kind, stream)).toMatchObject({ kind: 'rateLimit', status: 429, retryAfterMs: 2_000 });
    stub.behave({ kind: 'rateLimit' });
    expect(await faultOf(kind, stream)).toMatchObject({ kind: 'rateLimit', retryAfterMs: undefined });
    for (const status of [500, 529] as const) { stub.behave({ kind: 'overload', status }); expect(await faultOf(kind, stream)).toMatchObject({ kind: 'overload', status }); }
    for (const wrong of ['quota', 'contextLength', 'contentFilter', 'auth'] as const) { stub.behave({ kind: wrong }); expect(await faultOf(kind, stream)).toMatchObject({ kind: wrong }); }
  });
  test.each(WAYS)('%s answers what is no answer, as a stream: %s', async (kind, stream) => {
    for (const wrong of ['html', 'invalidUtf8', 'deep'] as const) { stub.behave({ kind: wrong }); expect([wrong, (await faultOf(kind, stream)).kind]).toEqual([wrong, 'malformed']); }
  });
  test.each(WAYS)('%s breaks off, as a stream: %s', async (kind, stream) => {
    for (const wrong of ['truncated', 'hangUp', ...(stream ? ['emptyStream' as const] : [])] as const) { stub.behave({ kind: wrong }); expect([wrong, (await faultOf(kind, stream)).kind]).toEqual([wrong, 'transport']); }
  });
  test.each(WAYS)('%s: an error after 200 is that error, as a stream: %s', async (kind, stream) => {
    stub.behave({ kind: 'errorAfter200' });
    expect(await faultOf(kind, stream)).toMatchObject({ kind: 'overload', status: 200 });
  });
  test.each(WAYS)('%s is silent, or drips a byte at a time, as a stream: %s', async (kind, stream) => {
    stub.behave({ kind: 'silence' });
    expect(await faultOf(kind, stream, { idleMs: 50 })).toMatchObject({ kind: 'timeout', message: 'No byte for 50 ms.' });
    stub.behave({ kind: 'drip', everyMs: 20 });
    expect(await faultOf(kind, stream, { idleMs: 20_000, totalMs: 150 })).toMatchObject({ kind: 'timeout', message: 'No complete answer within 150 ms.' });
  });
  test.each(WAYS)('%s sends 1 GB: little more than the cap is ever taken, as a stream: %s', async (kind, stream) => {
    stub.behave({ kind: 'huge', bytes: 1024 ** 3 });
    const before = stub.bytesWritten();
    const heldBefore = process.memoryUsage().arrayBuffers;
    expect(await faultOf(kind, stream)).toMatchObject({ kind: 'malformed', message: 'The answer is larger than 2097152 bytes.' });
    // What the sockets' buffers held when it was cut off comes on top.
    expect(stub.bytesWritten() - before).toBeLessThan(64 * 1024 ** 2);
    expect(process.memoryUsage().arrayBuffers - heldBefore).toBeLessThan(64 * 1024 ** 2);
  });
  test('the socket is let go of when a call is given up', async () => {
    stub.behave({ kind: 'silence' });
    const aborted = new AbortController();
    const reason = new Error('cancelled');
    const asked = providerOf('anthropic').complete(requestOf(true), aborted.signal);
    await expect.poll(() => stub.calls.at(-1)?.wrong?.kind, { timeout: 30_000 }).toBe('silence');
    aborted.abort(reason);
    await expect(asked).rejects.toBe(reason);
  });
  test.each(KINDS)('%s: a stream that stays open after its last event is done all the same', async (kind) => {
    stub.behave({ kind: 'lingers' });
    expect(await complete(kind, true, { idleMs: 60_000 })).toMatchObject({ text: 'Gut, „danke“ 🦊' });
  });
});

describe('R-298 no connection leads to where a cloud keeps a machine’s own credentials', () => {
  test.each(['http://169.254.169.254/v1', 'http://[fe80::1]/v1', 'http://[::ffff:169.254.169.254]/v1', 'http://0xa9fea9fe/v1', 'http://2852039166/v1', 'http://100.100.100.200/v1', 'http://[fd00:ec2::254]/'])('%s', (baseUrl) => {
    expect(() => createProvider({ kind: 'anthropic', baseUrl }, { monotonicMs: () => 0 })).toThrow(RangeError);
  });
  test('a name is asked where it leads, each time', async () => {
    const lead = (name: string) => new Promise<unknown>((resolve) => { guardedLookup(name, { all: true }, (error, addresses) => { resolve(error === null ? addresses : error.code); }); });
    expect(await lead('169.254.169.254')).toBe('EFORBIDDEN');
    expect(await lead('127.0.0.1')).toEqual([{ address: '127.0.0.1', family: 4 }]);
  });
});
