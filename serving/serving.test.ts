import { request as httpRequest } from 'node:http';
import { OFREPApi, OFREPApiUnauthorizedError, OFREPForbiddenError, toResolutionDetails } from '@openfeature/ofrep-core';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { composeKey, parseKey } from '../core/access.js';
import type { Scope } from '../core/access.js';
import { bucketOf, saltOf } from '../core/assignment/index.js';
import type { BundleContent, ServedEnvironment } from '../store/index.js';
import { CANDIDATE, DATABASE_MS, RELEASE, STABLE, bundleContent, digest, keyDoc, listen, row, split, tokens, withoutCandidate } from '../test/edge-world.js';
import { createCors, createDatabaseClock, createKeys, createServing, createSnapshot } from './index.js';

/** JSON that a test looks into. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Json = any;
const KEY = composeKey('ap', 'A'.repeat(30)).secret;
const FLAGS = '/ofrep/v1/evaluate/flags';
const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => { for (const close of closing.splice(0).reverse()) await close(); });

async function edge(rows: readonly ServedEnvironment[] = [row()], { scopes = ['serve'], origins = [] }: { scopes?: readonly Scope[]; origins?: readonly string[] } = {}) {
  const state = { monotonicMs: 50_000, rows, isAway: false, isLive: true, acks: [] as string[] };
  const monotonicMs = () => state.monotonicMs;
  const away = () => { if (state.isAway) throw new Error('away'); };
  const clock = createDatabaseClock(monotonicMs);
  const bundles: Record<string, BundleContent> = { [STABLE]: bundleContent(STABLE, 'old {{question}}', ['answer', 'title']), [CANDIDATE]: bundleContent(CANDIDATE, 'new {{question}}') };
  const readers = { acknowledge: async (ack: { reader: string; epoch: number; rev: number; leaseSeq: number }) => { away(); state.acks.push(`${ack.reader} ${ack.epoch}.${ack.rev}.${ack.leaseSeq}`); } };
  const snapshot = createSnapshot({
    environments: { now: async () => { away(); return new Date(DATABASE_MS + state.monotonicMs - 50_000); }, touched: async () => { away(); return state.rows; } },
    bundles: { content: async (_application, bundle) => bundles[bundle] ?? null }, readers, reader: 'edge-1', clock, monotonicMs, tell: () => undefined,
  });
  const keys = createKeys({ apiKeys: { find: async () => { away(); return keyDoc(KEY, { scopes, live: state.isLive }); } }, parseKey, digest, clock, monotonicMs, tell: () => undefined });
  const serving = createServing({ snapshot, keys, readers, clock, reader: 'edge-1', monotonicMs, count: () => undefined, seal: tokens.seal, unitOf: tokens.unitOf });
  const cors = createCors(origins);
  const server = await listen((request, response) => cors(request, response) || serving.handle(request, response));
  closing.push(() => server.close(), () => { serving.close(); });
  const post = async (path: string, body: unknown = {}, headers: Record<string, string> = {}) => {
    const response = await fetch(`${server.url}${path}`, { method: 'POST', redirect: 'error', headers: { 'content-type': 'application/json', authorization: `Bearer ${KEY}`, ...headers }, body: typeof body === 'string' ? body : JSON.stringify(body) });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: JSON.parse(text === '' ? 'null' : text) };
  };
  const ask = (targetingKey: string | undefined, key = 'answer') => post(`${FLAGS}/${key}`, { context: { targetingKey } });
  return { state, snapshot, server, serving, post, ask };
}
/** Someone on each side of the middle. */
const salt = saltOf('helpdesk', 'production', CANDIDATE);
const personOn = (isCandidate: boolean): string => Array.from({ length: 100 }, (_, i) => `user-${i}`).find((key) => (bucketOf(salt, key) < 5_000) === isCandidate) ?? '';
const [INSIDE, OUTSIDE] = [personOn(true), personOn(false)];

describe('R-430 an answer has key, value, reason, variant and metadata, and follows the split', () => {
  test('the candidate for those below the weight, with a token that says so', async () => {
    const { snapshot, ask } = await edge();
    await snapshot.poll();
    const { status, body } = await ask(INSIDE);
    expect(status).toBe(200);
    expect(body).toEqual({
      key: 'answer', reason: 'SPLIT', variant: 'candidate',
      value: {
        schema: 'slipway.prompt/v1', name: 'answer', version: 3, digest: `sha256:${'c'.repeat(64)}`, model: { provider: 'openai', name: 'gpt-5-2026-01-01' }, params: { temperature: 0.2 },
        messages: [{ role: 'system', content: 'new {{question}}' }, { role: 'user', content: '{{question}}' }], variables: ['question'], tools: [{ name: 'lookup', schema: { type: 'object' } }],
      },
      metadata: { flagSetId: 'helpdesk/production', version: '7', contextId: INSIDE, 'slipway.bundle': CANDIDATE, 'slipway.promptVersion': 3, 'slipway.release': RELEASE, 'slipway.epoch': 2, 'slipway.assignment': expect.any(String) },
    });
    expect(tokens.open(body.metadata['slipway.assignment'])).toEqual({
      rev: 7, assignedAtSec: DATABASE_MS / 1000, bucket: bucketOf(salt, INSIDE), arm: 'candidate', unit: tokens.unitOf('helpdesk', INSIDE), application: 'helpdesk', environment: 'production', release: RELEASE, reader: 'edge-1',
    });
  });
  test('stable for the others, and the same for every prompt and for the bundle', async () => {
    const { snapshot, ask, post } = await edge();
    await snapshot.poll();
    for (const key of ['answer', 'title', 'bundle']) expect((await ask(OUTSIDE, key)).body).toMatchObject({ reason: 'SPLIT', variant: 'stable', metadata: { 'slipway.bundle': STABLE } });
    const { body } = await ask(INSIDE, 'bundle');
    expect(body).toMatchObject({ variant: 'candidate', value: { schema: 'slipway.bundle/v1', digest: CANDIDATE, prompts: { answer: { version: 3 } }, model: { provider: 'openai', version: 1 } } });
    expect(body.metadata['slipway.promptVersion']).toBeUndefined();
    const bulk = await post(FLAGS, { context: { targetingKey: INSIDE } });
    expect(bulk.body.flags.map((flag: Json) => `${flag.key} ${flag.variant}`)).toEqual(['answer candidate']);
  });
  test('STATIC without a candidate, with a token of the release that made it stable, and nobody need be named', async () => {
    const { snapshot, ask } = await edge([row({ split: withoutCandidate })]);
    await snapshot.poll();
    const named = (await ask(INSIDE)).body;
    expect(named).toMatchObject({ reason: 'STATIC', variant: 'stable' });
    expect(tokens.open(named.metadata['slipway.assignment'])).toMatchObject({ arm: 'stable', bucket: 0, release: RELEASE });
    for (const context of [undefined, '']) {
      const { status, body } = await ask(context);
      expect(status).toBe(200);
      expect(body.metadata).not.toHaveProperty('slipway.assignment');
      expect(body.metadata).not.toHaveProperty('contextId');
    }
  });
  test('a prompt that only the other arm has is not found for this one', async () => {
    const { snapshot, ask } = await edge();
    await snapshot.poll();
    expect((await ask(OUTSIDE, 'title')).status).toBe(200);
    expect((await ask(INSIDE, 'title')).body).toMatchObject({ errorCode: 'FLAG_NOT_FOUND' });
  });
  test('an empty body is an empty context', async () => {
    const { snapshot, post } = await edge([row({ split: withoutCandidate })]);
    await snapshot.poll();
    for (const body of ['', '{}', '{"context":{}}', '{"context":null}']) expect((await post(`${FLAGS}/answer`, body)).status).toBe(200);
  });
});

describe('R-431 when the lease is over, or the snapshot is old, the answer says so and carries no token', () => {
  test('the lease ends on the monotonic clock: stable, marked stale', async () => {
    const { state, snapshot, ask } = await edge();
    await snapshot.poll();
    state.monotonicMs += 60_000;
    await snapshot.poll();   // the database answers, and nobody renewed
    const { body } = await ask(INSIDE);
    expect(body).toMatchObject({ reason: 'STATIC', variant: 'stable', metadata: { 'slipway.bundle': STABLE, 'slipway.stale': true, 'slipway.ageMs': 0 } });
    expect(body.metadata).not.toHaveProperty('slipway.assignment');
    expect((await ask(undefined)).status).toBe(200);
  });
  test('without the database it goes on serving: the split while the lease runs, then stable', async () => {
    const { state, snapshot, ask } = await edge();
    await snapshot.poll();
    await ask(INSIDE);
    state.isAway = true;
    state.monotonicMs += 10_000;
    await snapshot.poll();
    expect((await ask(INSIDE)).body).toMatchObject({ variant: 'candidate', metadata: { 'slipway.stale': true, 'slipway.ageMs': 10_000 } });
    expect((await ask(INSIDE)).body.metadata).not.toHaveProperty('slipway.assignment');
    state.monotonicMs += 3_600_000;
    expect((await ask(INSIDE)).body).toMatchObject({ variant: 'stable', metadata: { 'slipway.stale': true } });
  });
  test('before anything was read, and where nothing is live, the code\'s own default', async () => {
    const { state, snapshot, ask, post } = await edge([row({ split: null })]);
    expect((await ask('x')).body).toEqual({ key: 'answer', reason: 'DEFAULT', variant: 'default', metadata: { 'slipway.stale': true } });
    await snapshot.poll();
    expect((await ask('x')).body).toEqual({ key: 'answer', reason: 'DEFAULT', variant: 'default', metadata: { flagSetId: 'helpdesk/production' } });
    expect((await post(FLAGS)).body).toEqual({ flags: [], metadata: {} });
    state.rows = [];
  });
});

describe('R-432 every refusal is JSON with key, errorCode, errorDetails and metadata; never a redirect, never a 500', () => {
  const shape = (key: string, errorCode: string) => ({ key, errorCode, errorDetails: expect.any(String), metadata: {} });
  test.each([
    ['no such prompt', 'nothing', { context: { targetingKey: 'x' } }, 404, 'FLAG_NOT_FOUND'],
    ['a key with a slash', 'a/b', { context: { targetingKey: 'x' } }, 404, 'FLAG_NOT_FOUND'],
    ['a key with a broken escape', '%zz', { context: { targetingKey: 'x' } }, 404, 'FLAG_NOT_FOUND'],
    ['a key of a prototype', '__proto__', { context: { targetingKey: 'x' } }, 404, 'FLAG_NOT_FOUND'],
    ['nobody named while a candidate is open', 'answer', {}, 400, 'TARGETING_KEY_MISSING'],
    ['an empty name while a candidate is open', 'answer', { context: { targetingKey: '' } }, 400, 'TARGETING_KEY_MISSING'],
    ['no JSON', 'answer', '{"context"', 400, 'PARSE_ERROR'],
    ['a list', 'answer', [], 400, 'PARSE_ERROR'],
    ['a context in words', 'answer', { context: 'me' }, 400, 'INVALID_CONTEXT'],
    ['a number for a name', 'answer', { context: { targetingKey: 7 } }, 400, 'INVALID_CONTEXT'],
    ['a name of 513 bytes', 'answer', { context: { targetingKey: 'x'.repeat(513) } }, 400, 'INVALID_CONTEXT'],
    ['a body over 64 KiB', 'answer', { context: { targetingKey: 'x', blob: 'x'.repeat(66_000) } }, 413, 'GENERAL'],
  ])('%s', async (_name, key, sent, status, code) => {
    const { snapshot, post } = await edge();
    await snapshot.poll();
    const answer = await post(`${FLAGS}/${key}`, sent);
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual(shape(key, code));
  });
  test('an environment without any release', async () => {
    const { snapshot, ask } = await edge([]);
    await snapshot.poll();
    const { status, body } = await ask('x');
    expect([status, body]).toEqual([404, shape('answer', 'FLAG_NOT_FOUND')]);
  });
  test('no key, a wrong key, a key without the scope, another method, compression', async () => {
    const { server, post, snapshot } = await edge([row()], { scopes: ['ingest'] });
    await snapshot.poll();
    expect((await post(`${FLAGS}/answer`, {}, { authorization: '' }))).toMatchObject({ status: 401, body: shape('answer', 'GENERAL') });
    expect((await post(`${FLAGS}/answer`, {}, { authorization: 'Bearer slp_ap_x' })).status).toBe(401);
    expect((await post(`${FLAGS}/answer`)).status).toBe(403);
    const got = await fetch(`${server.url}${FLAGS}/answer`, { redirect: 'error' });
    expect([got.status, await got.json()]).toEqual([405, shape('answer', 'GENERAL')]);
    const open = await edge();
    await open.snapshot.poll();
    expect((await open.post(`${FLAGS}/answer`, {}, { 'content-encoding': 'gzip' })).status).toBe(415);
  });
  test('the removed configuration door is not there', async () => {
    const { server } = await edge();
    expect((await fetch(`${server.url}/ofrep/v1/configuration`)).status).toBe(404);
  });
});

describe('R-433 a bulk answer has a strong ETag of its result for this context, without token and age', () => {
  test('the same result is a 304 without a body, also later, also in a list or weak', async () => {
    const { state, snapshot, post } = await edge();
    await snapshot.poll();
    const first = await post(FLAGS, { context: { targetingKey: INSIDE } });
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[\w-]{27}"$/);
    expect(first.body.flags[0].metadata['slipway.assignment']).toBeDefined();
    state.monotonicMs += 3_000;   // another second in the token
    for (const tag of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
      const again = await post(FLAGS, { context: { targetingKey: INSIDE } }, { 'if-none-match': tag });
      expect([again.status, again.text]).toEqual([304, '']);
    }
  });
  test.each([
    ['another person', async () => undefined, OUTSIDE],
    ['another revision', async (world: Awaited<ReturnType<typeof edge>>) => { world.state.rows = [row({ rev: 8 })]; await world.snapshot.poll(); }, INSIDE],
    ['a lease that is over', async (world: Awaited<ReturnType<typeof edge>>) => { world.state.monotonicMs += 60_000; await world.snapshot.poll(); }, INSIDE],
    ['a snapshot that is old', async (world: Awaited<ReturnType<typeof edge>>) => { world.state.isAway = true; world.state.monotonicMs += 10_000; }, INSIDE],
  ])('%s is another tag', async (_name, change, person) => {
    const world = await edge();
    await world.snapshot.poll();
    const etag = (await world.post(FLAGS, { context: { targetingKey: INSIDE } })).headers.get('etag') ?? '';
    await change(world);
    const next = await world.post(FLAGS, { context: { targetingKey: person } }, { 'if-none-match': etag });
    expect(next.status).toBe(200);
    expect(next.headers.get('etag')).not.toBe(etag);
  });
  test('without a name, while a candidate is open, it is refused, without a key in the body', async () => {
    const { snapshot, post } = await edge();
    await snapshot.poll();
    expect((await post(FLAGS)).body).toEqual({ errorCode: 'TARGETING_KEY_MISSING', errorDetails: expect.any(String), metadata: {} });
  });
});

describe('R-434 the official client reads every answer', () => {
  test('ofrep-core: values, defaults, errors, 304', async () => {
    const { snapshot, server, state } = await edge();
    const api = new OFREPApi({ baseUrl: server.url, headers: [['X-API-Key', KEY]] });
    const before = await api.postEvaluateFlag('answer', { context: { targetingKey: INSIDE } });
    expect(toResolutionDetails(before.value as never, { fallback: true })).toMatchObject({ value: { fallback: true }, reason: 'DEFAULT' });
    await snapshot.poll();
    const single = await api.postEvaluateFlag('answer', { context: { targetingKey: INSIDE } });
    expect(toResolutionDetails(single.value as never, {})).toMatchObject({ reason: 'SPLIT', variant: 'candidate', value: { version: 3 }, flagMetadata: { flagSetId: 'helpdesk/production', 'slipway.epoch': 2 } });
    expect(await api.postEvaluateFlag('a b/c', { context: { targetingKey: INSIDE } })).toMatchObject({ httpStatus: 404, value: { errorCode: 'FLAG_NOT_FOUND' } });
    expect(await api.postEvaluateFlag('answer')).toMatchObject({ httpStatus: 400, value: { errorCode: 'TARGETING_KEY_MISSING' } });
    const bulk = await api.postBulkEvaluateFlags({ context: { targetingKey: INSIDE } });
    expect(bulk.httpStatus).toBe(200);
    expect(await api.postBulkEvaluateFlags({ context: { targetingKey: INSIDE } }, bulk.httpResponse?.headers.get('etag'))).toMatchObject({ httpStatus: 304 });
    await expect(new OFREPApi({ baseUrl: server.url }).postEvaluateFlag('answer')).rejects.toBeInstanceOf(OFREPApiUnauthorizedError);
    state.isAway = true;
    const ingestOnly = await edge([row()], { scopes: ['ingest'] });
    await expect(new OFREPApi({ baseUrl: ingestOnly.server.url, headers: [['Authorization', `Bearer ${KEY}`]] }).postEvaluateFlag('answer')).rejects.toBeInstanceOf(OFREPForbiddenError);
  });
});

/** Reads server-sent events until `n` came. */
function listenTo(url: string, n: number, headers: Record<string, string> = {}): { events: Promise<{ event: string; id: string; data: Json }[]>; opened: Promise<number> } {
  let opened: (status: number) => void = () => undefined;
  const whenOpened = new Promise<number>((resolve) => { opened = resolve; });
  const events = new Promise<{ event: string; id: string; data: Json }[]>((resolve, reject) => {
    const request = httpRequest(`${url}/v1/snapshot/stream`, { headers: { authorization: `Bearer ${KEY}`, ...headers } }, (response) => {
      opened(response.statusCode ?? 0);
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        const read = text.split('\n\n').slice(0, -1).filter((part) => part.startsWith('event:')).map((part) => {
          const of = (name: string): string => part.split('\n').find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? '';
          return { event: of('event'), id: of('id'), data: JSON.parse(of('data')) as unknown };
        });
        if (read.length >= n) { request.destroy(); resolve(read); }
      }).on('error', () => undefined);
    });
    request.on('error', (error: NodeJS.ErrnoException) => { if (error.code !== 'ECONNRESET') reject(error); }).end();
    closing.push(() => { request.destroy(); });
  });
  return { events, opened: whenOpened };
}

describe('R-435 a snapshot is read, streamed on change, and hands on what remains of the lease', () => {
  test('read', async () => {
    const { state, snapshot, server } = await edge();
    const get = async () => fetch(`${server.url}/v1/snapshot`, { headers: { authorization: `Bearer ${KEY}` } });
    expect((await get()).status).toBe(404);
    await snapshot.poll();
    state.monotonicMs += 20_000;
    await snapshot.poll();
    const body = await (await get()).json();
    expect(body).toMatchObject({ schema: 'slipway.snapshot/v1', application: 'helpdesk', environment: 'production', epoch: 2, rev: 7, split: split(), salt, lease: { epoch: 2, rev: 7, seq: 1, leftMs: 40_000 } });
    expect(Object.keys(body.bundles)).toEqual([STABLE, CANDIDATE]);
    expect(body.bundles[STABLE].answer.messages[0].content).toBe('old {{question}}');
    expect((await fetch(`${server.url}/v1/snapshot`)).status).toBe(401);
    expect((await fetch(`${server.url}/v1/snapshot`, { method: 'POST' })).status).toBe(405);
  });
  test('streamed: the snapshot, then a renewal, then a revision', async () => {
    const { state, snapshot, server } = await edge();
    await snapshot.poll();
    const { events, opened } = listenTo(server.url, 3);
    expect(await opened).toBe(200);
    state.rows = [row({ seq: 2 })];
    await snapshot.poll();
    state.rows = [row({ rev: 8, epoch: 3, split: withoutCandidate })];
    await snapshot.poll();
    const [first, second, third] = await events;
    expect([first?.event, first?.id, first?.data.rev]).toEqual(['snapshot', '2.7.1', 7]);
    expect([second?.event, second?.id, second?.data.lease.seq, second?.data.bundles]).toEqual(['lease', '2.7.2', 2, undefined]);
    expect([third?.event, third?.id, third?.data.split]).toEqual(['snapshot', '3.8.1', withoutCandidate]);
  });
  test('resumed at the same revision: only the lease', async () => {
    const { snapshot, server } = await edge();
    await snapshot.poll();
    expect((await listenTo(server.url, 1, { 'last-event-id': '2.7.0' }).events)[0]?.event).toBe('lease');
    expect((await listenTo(server.url, 1, { 'last-event-id': '2.6.9' }).events)[0]?.event).toBe('snapshot');
    expect((await listenTo(server.url, 1, { 'last-event-id': 'x' }).events)[0]?.event).toBe('snapshot');
  });
  test('a heartbeat each 10 s; the stream of a key that was revoked ends', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      const { state, server, serving } = await edge();
      const response = await fetch(`${server.url}/v1/snapshot/stream`, { headers: { authorization: `Bearer ${KEY}` } });
      const reader = response.body?.getReader();
      const next = async () => new TextDecoder().decode((await reader?.read())?.value);
      expect(await next()).toBe('retry: 1000\n\n');
      vi.advanceTimersByTime(10_000);
      expect(await next()).toBe(': beat\n\n');
      state.isLive = false;
      state.monotonicMs += 6_000;
      vi.advanceTimersByTime(10_000);
      let part = await reader?.read();
      while (part?.done === false) part = await reader?.read();
      expect(part?.done).toBe(true);
      expect(serving.streams()).toBe(0);
    } finally { vi.useRealTimers(); }
  });
  test('a stream needs a key', async () => {
    const { server } = await edge();
    expect((await fetch(`${server.url}/v1/snapshot/stream`)).status).toBe(401);
  });
});

describe('R-436 readers acknowledge what they serve, and none speaks for an edge', () => {
  const ack = { reader: 'shop-1', epoch: 2, rev: 7, leaseSeq: 1 };
  test('stored under the application\'s own name', async () => {
    const { state, post } = await edge();
    expect((await post('/v1/snapshot/ack', ack)).status).toBe(204);
    expect((await post('/v1/snapshot/ack', { ...ack, reader: 'edge-1' })).status).toBe(204);
    expect(state.acks).toEqual(['sdk:shop-1 2.7.1', 'sdk:edge-1 2.7.1']);
  });
  test.each([[{ ...ack, reader: '' }], [{ ...ack, reader: 'a/b' }], [{ ...ack, reader: 7 }], [{ ...ack, rev: -1 }], [{ ...ack, rev: 1.5 }], [{ ...ack, epoch: '2' }], [{}], ['null'], ['{'], [{ ...ack, leaseSeq: null }]])('%j is 400', async (sent) => {
    const { state, post } = await edge();
    expect((await post('/v1/snapshot/ack', sent)).status).toBe(400);
    expect(state.acks).toEqual([]);
  });
  test('too large is 413, without the database 503', async () => {
    const { state, post } = await edge();
    expect((await post('/v1/snapshot/ack', { ...ack, x: 'x'.repeat(5_000) })).status).toBe(413);
    state.isAway = true;
    const away = await post('/v1/snapshot/ack', ack);
    expect([away.status, away.headers.get('retry-after')]).toEqual([503, '2']);
  });
});

describe('R-437 only named origins may call from a page', () => {
  test('preflight and answer of a listed and of another origin', async () => {
    const { server } = await edge([], { origins: ['https://shop.example'] });
    const preflight = (origin: string) => fetch(`${server.url}${FLAGS}`, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } });
    expect((await preflight('https://shop.example')).headers.get('access-control-allow-origin')).toBe('https://shop.example');
    expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
    const none = await edge();
    expect((await fetch(`${none.server.url}${FLAGS}`, { method: 'OPTIONS', headers: { origin: 'https://shop.example', 'access-control-request-method': 'POST' } })).headers.get('access-control-allow-origin')).toBeNull();
  });
});
