import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { SlipwayError } from '../core/errors.js';
import { createClient } from './client.js';
import { findConnection } from './connection.js';
import { InterruptedError, type Stack } from './context.js';
import { subscribe } from './events.js';

/** A stub of the API: every request is handed to one function of the test. */
const servers: Server[] = [];
async function stub(answer: (request: IncomingMessage, response: ServerResponse, body: { query: string; variables: Record<string, unknown> }, number: number) => void): Promise<string> {
  let number = 0;
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => { text += chunk.toString(); }).on('end', () => { number += 1; answer(request, response, JSON.parse(text) as never, number); });
  });
  servers.push(server);
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
afterEach(() => { for (const server of servers.splice(0)) { server.closeAllConnections(); server.close(); } });

const atOnce = (): Promise<void> => Promise.resolve();
const clientOf = (url: string, more: { timeoutMs?: number; signal?: AbortSignal } = {}) => createClient({ url, key: 'slp_st_x', signal: new AbortController().signal, pause: atOnce, ...more });
const errorOf = async (work: Promise<unknown>): Promise<SlipwayError> => work.then(() => { throw new Error('it did not fail'); }, (error: unknown) => { if (error instanceof SlipwayError) return error; throw error; });

describe('R-850 a failed call says its code and what to do, never half an answer', () => {
  test('code, message and hint of the API arrive as they are', async () => {
    const url = await stub((_request, response) => { response.end(JSON.stringify({ data: null, errors: [{ message: 'No.', extensions: { code: 'FORBIDDEN', hint: 'Ask an ADMIN.' } }] })); });
    expect(await errorOf(clientOf(url).ask('{ me { id } }'))).toMatchObject({ code: 'FORBIDDEN', message: 'No.', hint: 'Ask an ADMIN.' });
  });
  test('an error beside data is an error', async () => {
    const url = await stub((_request, response) => { response.end(JSON.stringify({ data: { me: null }, errors: [{ message: 'Half.', extensions: { code: 'NOT_FOUND' } }] })); });
    expect(await errorOf(clientOf(url).ask('{ me { id } }'))).toMatchObject({ code: 'NOT_FOUND' });
  });
  test.each<[string, (response: ServerResponse) => void, string]>([
    ['a page of HTML', (response) => { response.writeHead(502).end('<html>'); }, 'UNAVAILABLE'],
    ['no data', (response) => { response.writeHead(503).end('{}'); }, 'UNAVAILABLE'],
    ['an unknown code', (response) => { response.end('{"errors":[{"message":"x","extensions":{"code":"WHAT"}}]}'); }, 'INTERNAL'],
    ['another version of the schema', (response) => { response.end('{"errors":[{"message":"x","extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}'); }, 'BAD_INPUT'],
    ['a connection that breaks', (response) => { response.destroy(); }, 'UNAVAILABLE'],
    ['an answer that breaks', (response) => { response.writeHead(200, { 'content-length': '1000' }); response.write('{'); setImmediate(() => { response.destroy(); }); }, 'UNAVAILABLE'],
  ])('%s', async (_name, answer, code) => {
    const url = await stub((_request, response) => { answer(response); });
    expect((await errorOf(clientOf(url).ask('{ me { id } }'))).code).toBe(code);
  });
  test('silence ends after the time-out', async () => {
    const url = await stub(() => undefined);
    expect(await errorOf(clientOf(url, { timeoutMs: 60 }).ask('{ me { id } }'))).toMatchObject({ code: 'UNAVAILABLE' });
  });
  test('nobody there', async () => { expect((await errorOf(clientOf('http://127.0.0.1:9').ask('{ me { id } }'))).hint).toContain('slipway dev'); });
  test('Ctrl-C ends a call at once', async () => {
    const stop = new AbortController();
    const url = await stub(() => { stop.abort(); });
    await expect(clientOf(url, { signal: stop.signal }).ask('{ me { id } }')).rejects.toThrow(InterruptedError);
  });
});

describe('R-851 a mutation whose answer is lost is sent again under the same idempotency key', () => {
  test('and only then', async () => {
    const keys: unknown[] = [];
    const url = await stub((_request, response, body, number) => {
      keys.push((body.variables['input'] as { idempotencyKey: string }).idempotencyKey);
      if (number < 3) response.destroy(); else response.end('{"data":{"startRelease":{"id":"r1"}}}');
    });
    expect(await clientOf(url).mutate('startRelease', { application: 'helpdesk' }, '{ id }')).toEqual({ id: 'r1' });
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
  });
  test('a refusal is not repeated', async () => {
    let calls = 0;
    const url = await stub((_request, response) => { calls += 1; response.end('{"errors":[{"message":"x","extensions":{"code":"CONFLICT"}}]}'); });
    expect((await errorOf(clientOf(url).mutate('startRelease', {}, '{ id }'))).code).toBe('CONFLICT');
    expect(calls).toBe(1);
  });
  test('the API says UNAVAILABLE: told at once, unless patience was asked for', async () => {
    let calls = 0;
    const url = await stub((_request, response) => { calls += 1; response.end(calls < 4 ? '{"errors":[{"message":"x","extensions":{"code":"UNAVAILABLE"}}]}' : '{"data":{"startRelease":{"id":"r1"}}}'); });
    expect((await errorOf(clientOf(url).mutate('startRelease', {}, '{ id }'))).code).toBe('UNAVAILABLE');
    expect(calls).toBe(1);
    expect(await createClient({ url, key: 'k', signal: new AbortController().signal, pause: atOnce, patienceMs: [1, 1, 1] }).mutate('startRelease', {}, '{ id }')).toEqual({ id: 'r1' });
  });
  test('it gives up', async () => {
    let calls = 0;
    const url = await stub((_request, response) => { calls += 1; response.destroy(); });
    expect((await errorOf(clientOf(url).mutate('startRelease', {}, '{ id }'))).code).toBe('UNAVAILABLE');
    expect(calls).toBe(3);
  });
});

describe('R-852 a broken event stream goes on from the last event, nothing missed, nothing twice', () => {
  interface Event { readonly seq: number }
  const next = (seq: number): string => `event: next\ndata: ${JSON.stringify({ data: { releaseEvents: { seq } } })}\n\n`;
  const events = async (url: string, signal = new AbortController().signal): Promise<number[]> => {
    const seen: number[] = [];
    for await (const event of subscribe<Event>(clientOf(url), { query: 'subscription', field: 'releaseEvents', variables: (last) => ({ since: last?.seq ?? 0 }), signal, pause: atOnce })) seen.push(event.seq);
    return seen;
  };
  test('it asks for what comes after the last one', async () => {
    const asked: unknown[] = [];
    const url = await stub((_request, response, body, number) => {
      asked.push(body.variables['since']);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      if (number === 1) { response.write(`:\n\n${next(1)}${next(2).slice(0, 9)}`); setImmediate(() => { response.write(next(2).slice(9)); setTimeout(() => { response.destroy(); }, 20); }); }
      else response.end(`: ping\n\n${next(3)}event: complete\ndata:\n\n`);
    });
    expect(await events(url)).toEqual([1, 2, 3]);
    expect(asked).toEqual([0, 2]);
  });
  test('an error of the API ends it', async () => {
    const url = await stub((_request, response) => { response.writeHead(200, { 'content-type': 'text/event-stream' }); response.end('event: next\ndata: {"errors":[{"message":"No.","extensions":{"code":"FORBIDDEN"}}]}\n\n'); });
    expect((await errorOf(events(url))).code).toBe('FORBIDDEN');
  });
  test('an answer that is no stream ends it with what it says', async () => {
    const url = await stub((_request, response) => { response.writeHead(401, { 'content-type': 'application/json' }); response.end('{"errors":[{"message":"Who?","extensions":{"code":"UNAUTHENTICATED"}}]}'); });
    expect((await errorOf(events(url))).code).toBe('UNAUTHENTICATED');
  });
  test('streams that bring nothing are not opened for ever', async () => {
    let calls = 0;
    const url = await stub((_request, response) => { calls += 1; response.writeHead(200, { 'content-type': 'text/event-stream' }); response.end(); });
    expect((await errorOf(events(url))).code).toBe('UNAVAILABLE');
    expect(calls).toBeLessThan(30);
  });
});

describe('R-853 a key goes to the API it belongs to: flags, then the environment, then the stack of this directory', () => {
  const stack: Stack = { api: 'http://127.0.0.1:4000', edge: '', model: '', temporal: '', temporalUi: null, mongodb: '', people: { releaseManager: 'key-of-manager', author: 'key-of-author' }, keys: {} };
  test.each<[string, Record<string, string>, Record<string, string>, Stack | undefined, object]>([
    ['flags win', { api: 'https://one.example/', key: 'k1' }, { SLIPWAY_API_URL: 'https://two.example', SLIPWAY_API_KEY: 'k2' }, stack, { url: 'https://one.example', key: 'k1' }],
    ['then the environment', {}, { SLIPWAY_API_URL: 'https://two.example/graphql', SLIPWAY_API_KEY: 'k2' }, stack, { url: 'https://two.example', key: 'k2' }],
    ['then the stack, as who fits', {}, {}, stack, { url: 'http://127.0.0.1:4000', key: 'key-of-manager' }],
    ['or as who is named', { as: 'author' }, { SLIPWAY_API_KEY: 'k2' }, stack, { url: 'http://127.0.0.1:4000', key: 'key-of-author' }],
    ['the address of the stack, given by hand', { api: 'http://127.0.0.1:4000/' }, {}, stack, { url: 'http://127.0.0.1:4000', key: 'key-of-manager' }],
  ])('%s', (_name, options, env, found, wanted) => { expect(findConnection(options, env, found, 'releaseManager')).toEqual(wanted); });
  test.each<[string, Record<string, string>, Record<string, string>, Stack | undefined, string]>([
    ['a key of the stack is not sent elsewhere', { api: 'https://one.example' }, {}, stack, 'UNAUTHENTICATED'],
    ['not even to another port', { api: 'http://127.0.0.1:4001' }, {}, stack, 'UNAUTHENTICATED'],
    ['nobody is named so', { as: 'root' }, {}, stack, 'BAD_INPUT'],
    ['the stack has no such person', { as: 'admin' }, {}, stack, 'UNAUTHENTICATED'],
    ['no address at all', {}, { SLIPWAY_API_KEY: 'k2' }, undefined, 'UNAVAILABLE'],
    ['an address of another kind', { api: 'ftp://one.example' }, {}, stack, 'BAD_INPUT'],
  ])('%s', (_name, options, env, found, code) => {
    let error: unknown;
    try { findConnection(options, env, found, 'releaseManager'); } catch (caught) { error = caught; }
    expect(error).toMatchObject({ code });
  });
});
