import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NO_CALLS_YET, takeFrom, type LimitRules, type LimitState, type Take } from './index.js';

const NOW = 1_700_000_000_000;
const take = (holder: string, more: Partial<Take> = {}): Take => ({ holder, slots: 5, underway: 0, tokens: 5, leaseMs: 10_000, report: { passed: 0, refused: 0, retryAfterMs: null }, ...more });
const free: LimitRules = { ratePerSec: null, concurrencyMax: null };

const step = fc.record({
  holder: fc.constantFrom('a', 'b', 'c', 'd'), slots: fc.nat(12), underway: fc.nat(3), tokens: fc.nat(50), afterMs: fc.nat(3_000), passed: fc.nat(30), refused: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(5) }), retryAfterMs: fc.option(fc.nat(5_000)),
});
const rules = fc.record({ ratePerSec: fc.option(fc.double({ min: 0.02, max: 2_000, noNaN: true })), concurrencyMax: fc.option(fc.integer({ min: 1, max: 20 })) });

describe('R-293 the rate of a connection is one for all workers: hardly a call is refused, hardly a chance is missed', () => {
  test('whoever asks, and when: no two tokens are due within one step of the rate, and none while the provider rests', () => {
    fc.assert(fc.property(fc.double({ min: 0.02, max: 2_000, noNaN: true }), fc.array(step, { maxLength: 60 }), (ratePerSec, steps) => {
      let state: LimitState = NO_CALLS_YET;
      let nowMs = NOW;
      let lastMs = 0;
      for (const { afterMs, passed, holder, slots, underway, tokens } of steps) {
        nowMs += afterMs;
        const { state: next, allotment } = takeFrom(state, { ratePerSec, concurrencyMax: null }, take(holder, { slots, underway, tokens, report: { passed, refused: 0, retryAfterMs: null } }), nowMs);
        state = next;
        const given = allotment.tokens;
        if (given === null) throw new Error('a rate that was said gives tokens');
        expect(given.count).toBeLessThanOrEqual(tokens);
        if (given.count === 0) continue;
        const firstMs = nowMs + given.firstInMs;
        expect(firstMs).toBeGreaterThanOrEqual(lastMs === 0 ? nowMs : lastMs + (1_000 / ratePerSec) - 0.01);
        expect(given.firstInMs).toBeLessThanOrEqual(Math.max(500, 1_000 / ratePerSec) + 0.01);
        lastMs = firstMs + (given.count - 1) * given.everyMs;
      }
    }));
  });
  test('a refusal makes everybody rest as long as was asked, and lowers a rate that nobody said', () => {
    const report = { passed: 100, refused: 3, retryAfterMs: 7_000 };
    const { state, allotment } = takeFrom({ ...NO_CALLS_YET, seenMs: NOW, learned: { ...NO_CALLS_YET.learned, passed: 100, sinceMs: NOW - 2_000 } }, free, take('a', { report }), NOW);
    expect(allotment).toMatchObject({ pausedMs: 7_000, tokens: { firstInMs: 7_000 } });
    expect(state.learned.ratePerSec).toBeCloseTo(98, 6);
    expect(takeFrom(state, free, take('b'), NOW + 1_000).allotment.pausedMs).toBe(6_000);
    expect(takeFrom(state, free, take('b'), NOW + 7_000).allotment.pausedMs).toBe(0);
  });
  test('refusals of what was granted before do not lower it again; later ones do, by what is refused', () => {
    const lowered: LimitState = { ...NO_CALLS_YET, seenMs: NOW, learned: { ratePerSec: 100, passed: 0, refused: 0, sinceMs: NOW, isGuess: true } };
    const report = { passed: 30, refused: 20, retryAfterMs: null };
    expect(takeFrom(lowered, free, take('a', { report }), NOW + 999).state.learned.ratePerSec).toBe(100);
    expect(takeFrom(lowered, free, take('a', { report }), NOW + 1_000).state.learned).toMatchObject({ ratePerSec: expect.closeTo(100 * 0.98 * 40 / 60, 6) as number, isGuess: false });
  });
  test('what was said is never exceeded by what is learned', () => {
    const state: LimitState = { ...NO_CALLS_YET, learned: { ratePerSec: 500, passed: 0, refused: 0, sinceMs: NOW, isGuess: false } };
    expect(takeFrom(state, { ratePerSec: 10, concurrencyMax: null }, take('a'), NOW).allotment.tokens?.everyMs).toBe(100);
    expect(takeFrom(state, { ratePerSec: 1_000, concurrencyMax: null }, take('a'), NOW).allotment.tokens?.everyMs).toBe(2);
  });
});

describe('R-294 slots are lent: not held while a call waits for another try, given back when nobody calls, and taken back from the dead', () => {
  test('whoever asks, and when: what is lent to those alive is never more than there is', () => {
    fc.assert(fc.property(rules, fc.array(step, { maxLength: 80 }), (given, steps) => {
      let state: LimitState = NO_CALLS_YET;
      let nowMs = NOW;
      const lent = new Map<string, { readonly slots: number; readonly untilMs: number }>();
      for (const { afterMs, passed, refused, retryAfterMs, ...more } of steps) {
        nowMs += afterMs;
        // Nobody has more under way than it was lent, or anything once its lease has run out.
        const held = lent.get(more.holder);
        const underway = held === undefined || held.untilMs <= nowMs ? 0 : Math.min(more.underway, more.slots, held.slots);
        const { state: next, allotment } = takeFrom(state, given, take(more.holder, { ...more, underway, report: { passed, refused, retryAfterMs } }), nowMs);
        state = next;
        if (given.concurrencyMax === null) { expect(allotment.slots).toBeNull(); continue; }
        expect(allotment.slots).toBeLessThanOrEqual(more.slots);
        lent.set(more.holder, { slots: Math.max(allotment.slots ?? 0, underway), untilMs: nowMs + 10_000 });
        const now = nowMs;
        const alive = [...lent.values()].filter(({ untilMs }) => untilMs > now);
        expect(alive.reduce((sum, one) => sum + one.slots, 0)).toBeLessThanOrEqual(given.concurrencyMax);
      }
    }));
  });
  test('who wants none has none, and who is silent for its lease is nobody', () => {
    const some = { ratePerSec: null, concurrencyMax: 6 };
    const { state } = takeFrom(NO_CALLS_YET, some, take('a', { slots: 6 }), NOW);
    expect(takeFrom(state, some, take('b'), NOW + 9_999).allotment.slots).toBe(0);
    expect(takeFrom(state, some, take('b'), NOW + 10_000).allotment.slots).toBe(5);
    expect(takeFrom(state, some, take('a', { slots: 0, tokens: 0 }), NOW).state.holders).toEqual([]);
  });
  test('two that want all have half each, as soon as the first has asked again', () => {
    const some = { ratePerSec: null, concurrencyMax: 6 };
    const a = takeFrom(NO_CALLS_YET, some, take('a', { slots: 6 }), NOW);
    const b = takeFrom(a.state, some, take('b', { slots: 6 }), NOW);
    const again = takeFrom(b.state, some, take('a', { slots: 6, underway: 3 }), NOW);
    const last = takeFrom(again.state, some, take('b', { slots: 6 }), NOW);
    expect([a, b, again, last].map(({ allotment }) => allotment.slots)).toEqual([6, 0, 3, 3]);
  });
});
