import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { costUsdOf, mayCall, mostUsdOf, NOTHING_SPENT, withCost, withLoss, type Price, type Spending, type Usage } from './index.js';

const usage: Usage = { inputTokens: 1_000, outputTokens: 200, cachedInputTokens: 400, reasoningTokens: 50 };
describe('R-295 a call costs what its tokens cost by kind, and never less; what cannot be known is null, never 0', () => {
  test.each<[string, Price | null, Usage, number | null]>([
    ['two prices', { input: 1, output: 10 }, usage, 3_000e-6],
    ['four prices', { input: 1, output: 10, cachedInput: 0.1, reasoning: 20 }, usage, (600 + 40 + 1_500 + 1_000) * 1e-6],
    ['nothing came from the cache', { input: 1, output: 10, cachedInput: 0.1 }, { ...usage, cachedInputTokens: 0 }, 3_000e-6],
    ['nobody says what came from the cache', { input: 1, output: 10, cachedInput: 0.1 }, { ...usage, cachedInputTokens: null }, 3_000e-6],
    ['nobody says what was thought', { input: 1, output: 10, reasoning: 20 }, { inputTokens: 1_000, outputTokens: 200 }, 5_000e-6],
    ['more came from the cache than went in', { input: 1, output: 10, cachedInput: 0.1 }, { ...usage, cachedInputTokens: 1_001 }, 3_000e-6],
    ['a model that is free', { input: 0, output: 0 }, usage, 0],
    ['no price', null, usage, null], ['no input', { input: 1, output: 10 }, { ...usage, inputTokens: null }, null], ['no output', { input: 1, output: 10 }, { ...usage, outputTokens: null }, null],
  ])('%s', (_name, price, used, cost) => { if (cost === null) expect(costUsdOf(price, used)).toBeNull(); else expect(costUsdOf(price, used)).toBeCloseTo(cost, 12); });
  test('what is not reported never makes a call cheaper', () => {
    const amount = fc.double({ min: 0, max: 100, noNaN: true });
    const tokens = fc.nat(1_000_000);
    fc.assert(fc.property(amount, amount, amount, amount, tokens, tokens, fc.nat(100), fc.nat(100), (input, output, cachedInput, reasoning, inputTokens, outputTokens, cachedShare, thoughtShare) => {
      const price = { input, output, cachedInput, reasoning };
      const told = costUsdOf(price, { inputTokens, outputTokens, cachedInputTokens: Math.floor((inputTokens * cachedShare) / 100), reasoningTokens: Math.floor((outputTokens * thoughtShare) / 100) });
      expect(costUsdOf(price, { inputTokens, outputTokens }) ?? -1).toBeGreaterThanOrEqual((told ?? 0) * (1 - 1e-12));
    }));
  });
});

describe('R-296 a cap on money is asked before each call; a cost that nobody knows stops the run', () => {
  const spent = (costUsd: number | null, more: Partial<Spending> = {}): Spending => ({ calls: 5, costUsd, ...more });
  test.each<[string, Parameters<typeof mayCall>, ReturnType<typeof mayCall>]>([
    ['no cap', [{ callsMax: 10 }, spent(1_000_000), 0], 'yes'], ['no cap and no price', [{ callsMax: 10 }, spent(null), 0], 'yes'],
    ['the calls are spent', [{ callsMax: 5 }, spent(0), 0], 'spent'], ['below the cap', [{ callsMax: 10, spendMaxUsd: 1 }, spent(0.99), 0], 'yes'],
    ['at the cap', [{ callsMax: 10, spendMaxUsd: 1 }, spent(1), 0], 'spent'], ['a cost that nobody knows', [{ callsMax: 10, spendMaxUsd: 1 }, spent(null), 0], 'unknown'],
    ['one more like the dearest would be above', [{ callsMax: 10, spendMaxUsd: 1 }, spent(0.9, { dearestUsd: 0.11 }), 0], 'spent'], ['one more fits', [{ callsMax: 10, spendMaxUsd: 1 }, spent(0.9, { dearestUsd: 0.1 }), 0], 'yes'],
    ['those under way may be as dear', [{ callsMax: 10, spendMaxUsd: 1 }, spent(0.5, { dearestUsd: 0.1 }), 5], 'spent'], ['what may have been billed counts', [{ callsMax: 10, spendMaxUsd: 1 }, spent(0.5, { assumedUsd: 0.5 }), 0], 'spent'],
  ])('%s', (_name, args, outcome) => { expect(mayCall(...args)).toBe(outcome); });
  test('what broke off is assumed to have cost what the dearest did', () => {
    const after = withLoss(withLoss(withCost(withCost(NOTHING_SPENT, 0.2), 0.1)));
    expect(after).toMatchObject({ costUsd: expect.closeTo(0.3, 12) as number, dearestUsd: 0.2, assumedUsd: 0.4 });
    expect(withLoss(NOTHING_SPENT, 0.7)).toEqual({ calls: 0, costUsd: 0, assumedUsd: 0.7 });
    expect(mostUsdOf({ input: 1, output: 10, reasoning: 20 }, 1_000, 100)).toBeCloseTo(3_000e-6, 12);
    expect([mostUsdOf(null, 1_000, 100), mostUsdOf({ input: 1, output: 10 }, 1_000, undefined)]).toEqual([0, 1_000e-6]);
    expect(withCost(after, null)).toMatchObject({ costUsd: null, dearestUsd: 0.2 });
  });
  test('calls of any price, so many at once, end at most one price of each of them above the cap', () => {
    fc.assert(fc.property(fc.array(fc.double({ min: 0.001, max: 1, noNaN: true }), { minLength: 1, maxLength: 200 }), fc.integer({ min: 1, max: 20 }), fc.double({ min: 0.1, max: 10, noNaN: true }), (prices, concurrency, spendMaxUsd) => {
      let spending = NOTHING_SPENT;
      const underway: number[] = [];
      for (const price of prices) {
        if (underway.length === concurrency) spending = withCost(spending, underway.shift() ?? 0);
        if (mayCall({ callsMax: 1_000, spendMaxUsd }, spending, underway.length) !== 'yes') break;
        underway.push(price);
      }
      for (const price of underway) spending = withCost(spending, price);
      expect(spending.costUsd ?? Infinity).toBeLessThanOrEqual(spendMaxUsd + concurrency * Math.max(...prices));
    }));
  });
});
