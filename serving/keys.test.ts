import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { composeKey, parseKey } from '../core/access.js';
import { DATABASE_MS, digest, keyDoc } from '../test/edge-world.js';
import { createKeys } from './index.js';
import type { KeyEvent } from './index.js';

const KEY = composeKey('ap', 'A'.repeat(30)).secret;
const request = (key: string | null, address = '10.0.0.1', header: 'authorization' | 'x-api-key' = 'authorization'): IncomingMessage =>
  ({ headers: key === null ? {} : header === 'authorization' ? { authorization: `Bearer ${key}` } : { 'x-api-key': key }, socket: { remoteAddress: address } }) as unknown as IncomingMessage;

function world(over: Parameters<typeof keyDoc>[1] = {}) {
  const state = { monotonicMs: 1_000, databaseMs: DATABASE_MS, isAway: false, doc: keyDoc(KEY, over) as ReturnType<typeof keyDoc> | null, asked: 0, told: [] as KeyEvent[], hangs: false };
  const keys = createKeys({
    apiKeys: { find: async () => { state.asked += 1; if (state.hangs) await new Promise(() => undefined); if (state.isAway) throw new Error('away'); return state.doc; } },
    parseKey, digest, clock: { nowMs: () => state.databaseMs }, monotonicMs: () => state.monotonicMs, tell: (event) => { state.told.push(event); }, waitMaxMs: 1,
  });
  return { state, keys };
}
const good = { kind: 'granted', application: 'helpdesk', environment: 'production', keyId: 'AAAAAAAA' };

describe('R-410 a key is checked by form before any query, by hash after it, and for its scope', () => {
  test.each(['authorization', 'x-api-key'] as const)('a live key in %s is granted', async (header) => {
    expect(await world().keys.check(request(KEY, '10.0.0.1', header), 'serve')).toEqual(good);
  });
  test.each([
    ['none', null], ['a wrong checksum', `${KEY.slice(0, -1)}${KEY.endsWith('0') ? '1' : '0'}`], ['another alphabet', `slp_ap_${'é'.repeat(36)}`], ['far too long', KEY.repeat(50)],
    ['a session', composeKey('st', 'A'.repeat(30)).secret], ['a query', "slp_ap_' OR 1=1 --"],
  ])('%s is 401 and asks nothing of the database', async (_name, key) => {
    const { keys, state } = world();
    expect(await keys.check(request(key), 'serve')).toMatchObject({ kind: 'refused', status: 401 });
    expect(state.asked).toBe(0);
  });
  test.each([
    ['unknown', null], ['revoked or expired', keyDoc(KEY, { live: false })], ['of another hash', keyDoc('slp_ap_other')], ['of CI', keyDoc(KEY, { kind: 'ci' })], ['for every application', keyDoc(KEY, { application: '*' })],
  ])('a key that is %s is 401', async (_name, doc) => {
    const { keys, state } = world();
    state.doc = doc;
    expect(await keys.check(request(KEY), 'serve')).toMatchObject({ kind: 'refused', status: 401 });
  });
  test('a scope it lacks is 403', async () => {
    const { keys } = world({ scopes: ['ingest'] });
    expect(await keys.check(request(KEY), 'ingest')).toEqual(good);
    expect(await keys.check(request(KEY), 'serve')).toMatchObject({ kind: 'refused', status: 403 });
  });
});

describe('R-411 a key is fresh for 5 s and honoured for 24 h without the database', () => {
  test('within 5 s nobody asks again, and the answer is there at once', async () => {
    const { keys, state } = world();
    await keys.check(request(KEY), 'serve');
    state.monotonicMs += 4_999;
    expect(keys.check(request(KEY), 'serve')).toEqual(good);
    expect(state.asked).toBe(1);
  });
  test('after 5 s a revocation counts', async () => {
    const { keys, state } = world();
    await keys.check(request(KEY), 'serve');
    state.doc = keyDoc(KEY, { live: false });
    state.monotonicMs += 5_000;
    expect(await keys.check(request(KEY), 'serve')).toMatchObject({ status: 401 });
    expect(await keys.check(request(KEY), 'serve')).toMatchObject({ status: 401 });
  });
  test.each(['isAway', 'hangs'] as const)('when the database %s a known key is honoured up to 24 h', async (how) => {
    const { keys, state } = world({ expiresAt: new Date(DATABASE_MS + 30 * 86_400_000) });
    await keys.check(request(KEY), 'serve');
    state[how] = true;
    state.monotonicMs += 6_000;
    expect(await keys.check(request(KEY), 'serve')).toEqual(good);
    expect(keys.check(request(KEY), 'serve')).toEqual(good);   // the next waits for nobody
    state.monotonicMs += 23 * 3_600_000;
    expect(await keys.check(request(KEY), 'serve')).toEqual(good);
    if (how === 'isAway') { state.monotonicMs += 2 * 3_600_000; expect(await keys.check(request(KEY), 'serve')).toMatchObject({ status: 503 }); }
  });
  test('it expires meanwhile, by the clock of the database', async () => {
    const { keys, state } = world();
    await keys.check(request(KEY), 'serve');
    state.databaseMs += 86_400_000;
    expect(keys.check(request(KEY), 'serve')).toMatchObject({ status: 401 });
  });
  test('a key never seen is 503 without the database, not 401: a client must not give up for ever', async () => {
    const { keys, state } = world();
    state.isAway = true;
    expect(await keys.check(request(KEY), 'serve')).toMatchObject({ status: 503, retryAfterSec: 2 });
  });
});

describe('R-412 ten failed keys a minute and address, then 429', () => {
  const bad = `${KEY.slice(0, -1)}${KEY.endsWith('0') ? '1' : '0'}`;
  test('the eleventh, until the minute is over; other addresses and good keys go on', async () => {
    const { keys, state } = world();
    await keys.check(request(KEY), 'serve');
    for (let i = 0; i < 10; i += 1) expect(await keys.check(request(bad), 'serve')).toMatchObject({ status: 401 });
    expect(await keys.check(request(bad), 'serve')).toMatchObject({ status: 429, retryAfterSec: 60 });
    expect(await keys.check(request(bad, '10.0.0.2'), 'serve')).toMatchObject({ status: 401 });
    expect(keys.check(request(KEY), 'serve')).toEqual(good);
    expect(state.told).toEqual([{ event: 'keys.limited', level: 'warn', address: '10.0.0.1' }]);
    state.monotonicMs += 60_000;
    expect(await keys.check(request(bad), 'serve')).toMatchObject({ status: 401 });
  });
});
