import { setMaxListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { UnavailableError } from '../core/errors.js';
import { NO_CALLS_YET, takeFrom, type LimitState } from '../core/limit/index.js';
import type { ConnectionDoc, LimitWrites } from '../store/index.js';
import { createPermits, PERMIT_LEASE_MS, type Permits } from './permits.js';

const connection = (more: Partial<ConnectionDoc> = {}): ConnectionDoc => ({
  _id: 'helpdesk/c', shape: 1, application: 'helpdesk', name: 'c', kind: 'openai-compatible', baseUrl: 'http://127.0.0.1/v1', secretRef: null, once: { key: 'k', args: 'a' }, createdBy: 'person:eve', createdAt: new Date(0), intents: [], ...more,
});
const never = new AbortController().signal;
setMaxListeners(0, never);
const wait = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });

beforeEach(() => { vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }); });
afterEach(() => { vi.useRealTimers(); });

/** The store in memory: some milliseconds away, deciding as the real one does. */
function limitsAt(latencyMs = 5) {
  let state: LimitState = NO_CALLS_YET;
  let asked = 0;
  let isAway = false;
  const limits: LimitWrites = {
    take: async (_application, _connection, rules, take) => {
      asked += 1;
      await wait(latencyMs);
      if (isAway) throw new UnavailableError('away');
      const next = takeFrom(state, rules, take, 1_700_000_000_000 + performance.now());
      state = next.state;
      await wait(latencyMs);
      return next.allotment;
    },
  };
  return { limits, asked: () => asked, state: () => state, away: (is: boolean) => { isAway = is; } };
}
const permitsOf = (limits: LimitWrites, holder: string): Permits => createPermits({ limits, holder, monotonicMs: () => performance.now() });

/** A provider that refuses what its bucket does not hold. */
function provider(perSec: number, burst: number, latencyMs = 50, retryAfterMs?: number) {
  let tokens = burst;
  let atMs = performance.now();
  const counted = { calls: 0, refused: 0, open: 0, openMax: 0 };
  return {
    counted,
    async call(): Promise<{ readonly refused: boolean; readonly retryAfterMs: number | undefined }> {
      counted.calls += 1;
      counted.open += 1;
      counted.openMax = Math.max(counted.openMax, counted.open);
      const nowMs = performance.now();
      tokens = Math.min(burst, tokens + ((nowMs - atMs) * perSec) / 1_000);
      atMs = nowMs;
      const refused = tokens < 1;
      if (refused) counted.refused += 1; else tokens -= 1;
      await wait(refused ? 5 : latencyMs);
      counted.open -= 1;
      return { refused, retryAfterMs };
    },
  };
}

/** So many callers of each worker, until all work is done; a refused call is queued again. Virtual milliseconds it took. */
async function run(work: number, workers: readonly Permits[], callers: number, call: ReturnType<typeof provider>['call'], of = connection()): Promise<number> {
  const begunMs = performance.now();
  let left = work;
  let endedMs = begunMs;
  const caller = async (permits: Permits): Promise<void> => {
    while (left > 0) {
      left -= 1;
      for (let isDone = false; !isDone;) {
        const end = await permits.take(of, never);
        const { refused, retryAfterMs } = await call();
        end(refused ? { kind: 'refused', retryAfterMs } : { kind: 'done' });
        isDone = !refused;
      }
      endedMs = performance.now();
    }
  };
  const all = Promise.all(workers.flatMap((permits) => Array.from({ length: callers }, () => caller(permits))));
  let isOver = false;
  all.finally(() => { isOver = true; }).catch(() => undefined);
  while (!isOver) await vi.advanceTimersByTimeAsync(20);
  await all;
  return endedMs - begunMs;
}

describe('R-293 the rate of a connection is one for all workers: hardly a call is refused, hardly a chance is missed', () => {
  const CALLERS = 5;
  /** 60 % of what four workers of five callers could call at 50 ms. */
  const PER_SEC = 0.6 * 4 * CALLERS / 0.05;
  const four = (limits: LimitWrites) => ['a', 'b', 'c', 'd'].map((holder) => permitsOf(limits, holder));

  test('a rate that was said: at most 1 % are refused, and at least 97 % of the rate is used', async () => {
    const { limits, asked } = limitsAt();
    const stub = provider(PER_SEC, PER_SEC / 20);
    const work = 4_000;
    const tookMs = await run(work, four(limits), CALLERS, stub.call, connection({ requestsPerMin: PER_SEC * 60 }));
    expect(stub.counted.refused / stub.counted.calls).toBeLessThanOrEqual(0.01);
    expect(work / PER_SEC / (tookMs / 1_000)).toBeGreaterThanOrEqual(0.97);
    expect(asked()).toBeLessThan(work / 6);
  });
  test('a rate that nobody said is learned: after the first refusals at most 1 %, and 90 % of the rate, rests included', async () => {
    const { limits, state } = limitsAt();
    const stub = provider(PER_SEC, PER_SEC / 20, 50, 300);
    const workers = four(limits);
    await run(2_000, workers, CALLERS, stub.call);
    expect(state().learned.ratePerSec).toBeGreaterThan(0.8 * PER_SEC);
    const before = { ...stub.counted };
    const work = 8_000;
    const tookMs = await run(work, workers, CALLERS, stub.call);
    expect((stub.counted.refused - before.refused) / (stub.counted.calls - before.calls)).toBeLessThanOrEqual(0.01);
    expect(work / PER_SEC / (tookMs / 1_000)).toBeGreaterThanOrEqual(0.9);
  });
  test('a provider that refuses nothing is called as fast as it answers', async () => {
    const { limits, asked } = limitsAt();
    const stub = provider(1_000_000, 1_000_000);
    const tookMs = await run(4_000, four(limits), CALLERS, stub.call);
    expect(tookMs).toBeLessThan(1.02 * (4_000 / 20) * 50);
    expect(asked()).toBeLessThan(100);
  });
  test('what the provider asks to wait, everybody waits', async () => {
    const { limits } = limitsAt();
    const [a, b] = [permitsOf(limits, 'a'), permitsOf(limits, 'b')];
    const of = connection({ requestsPerMin: 6_000 });
    const took = async (permits: Permits): Promise<number> => { const from = performance.now(); const end = await permits.take(of, never); end({ kind: 'done' }); return performance.now() - from; };
    const warm = Promise.all([took(a), took(b)]);
    await vi.advanceTimersByTimeAsync(1_000);
    await warm;
    const refused = a.take(of, never).then((end) => { end({ kind: 'refused', retryAfterMs: 30_000 }); });
    await vi.advanceTimersByTimeAsync(1_500);
    await refused;
    const both = Promise.all([took(a), took(b)]);
    await vi.advanceTimersByTimeAsync(60_000);
    for (const ms of await both) expect(ms).toBeGreaterThan(28_000);
  });
});

describe('R-294 slots are lent: not held while a call waits for another try, given back when nobody calls, and taken back from the dead', () => {
  const of = connection({ concurrencyMax: 6 });
  test('all workers together have no more calls open than the connection allows, and use them', async () => {
    const { limits } = limitsAt();
    const stub = provider(1_000_000, 1_000_000);
    const work = 2_000;
    const tookMs = await run(work, ['a', 'b', 'c', 'd'].map((holder) => permitsOf(limits, holder)), 5, stub.call, of);
    expect(stub.counted.openMax).toBe(6);
    expect(tookMs).toBeLessThan(1.1 * (work / 6) * 50);
  });
  test('of more workers than slots nobody waits for ever', async () => {
    const { limits } = limitsAt();
    const stub = provider(1_000_000, 1_000_000);
    const turns = new Map<string, number>();
    const workers = ['a', 'b', 'c', 'd', 'e'].map((holder): Permits => { const permits = permitsOf(limits, holder); return { take: (...args) => { turns.set(holder, (turns.get(holder) ?? 0) + 1); return permits.take(...args); } }; });
    await run(1_000, workers, 2, stub.call, connection({ concurrencyMax: 2 }));
    expect(stub.counted.openMax).toBeLessThanOrEqual(2);
    for (const holder of ['a', 'b', 'c', 'd', 'e']) expect(turns.get(holder)).toBeGreaterThan(50);
  });
  test('a call that backs off holds none: another has its slot meanwhile', async () => {
    const { limits } = limitsAt();
    const [a, b] = [permitsOf(limits, 'a'), permitsOf(limits, 'b')];
    const one = connection({ concurrencyMax: 1 });
    const first = a.take(one, never);
    await vi.advanceTimersByTimeAsync(500);
    let isIn = false;
    const second = b.take(one, never).then((end) => { isIn = true; return end; });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(isIn).toBe(false);
    (await first)({ kind: 'done' });   // and waits for its next try
    await vi.advanceTimersByTimeAsync(5_000);
    expect(isIn).toBe(true);
    (await second)({ kind: 'done' });
  });
  test('a worker that has nothing to call gives all back, and is asked for nothing more', async () => {
    const { limits, asked, state } = limitsAt();
    const stub = provider(1_000_000, 1_000_000);
    await run(20, [permitsOf(limits, 'a')], 5, stub.call, of);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(state().holders).toEqual([]);
    const before = asked();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked()).toBe(before);
  });
  test('slots of a worker that died come back with its lease', async () => {
    const { limits, state } = limitsAt();
    const dead = permitsOf({ take: (...args) => (isDead ? new Promise(() => undefined) : limits.take(...args)) }, 'dead');
    let isDead = false;
    const held = Promise.all(Array.from({ length: 6 }, () => dead.take(of, never)));
    await vi.advanceTimersByTimeAsync(500);
    expect((await held).length).toBe(6);
    isDead = true;
    const diedMs = performance.now();
    const begun = permitsOf(limits, 'b').take(of, never).then(() => performance.now());
    await vi.advanceTimersByTimeAsync(2 * PERMIT_LEASE_MS);
    const waitedMs = (await begun) - diedMs;
    expect(waitedMs).toBeGreaterThan(PERMIT_LEASE_MS - 1_500);
    expect(waitedMs).toBeLessThan(PERMIT_LEASE_MS + 1_000);
    expect(state().holders.map(({ id }) => id)).toEqual(['b']);
  });
  test('whoever is given up leaves the queue, and the store being away is said to all who wait', async () => {
    const { limits, away } = limitsAt();
    const permits = permitsOf(limits, 'a');
    const aborted = new AbortController();
    const given = permits.take(of, aborted.signal);
    const reason = new Error('cancelled');
    aborted.abort(reason);
    await expect(given).rejects.toBe(reason);
    await expect(permits.take(of, aborted.signal)).rejects.toBe(reason);
    await vi.advanceTimersByTimeAsync(2_000);
    away(true);
    const refused = Promise.allSettled([permits.take(of, never), permits.take(of, never)]);
    await vi.advanceTimersByTimeAsync(3_000);
    for (const one of await refused) expect(one).toMatchObject({ status: 'rejected', reason: { code: 'UNAVAILABLE' } });
    away(false);
    const again = permits.take(of, never);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(typeof await again).toBe('function');
  });
});
