import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { flagger, statsigCriticalZ } from './competitors.js';

interface Case { readonly input: { readonly w: number; readonly alpha: number }; readonly expected: { readonly z: number } }
const { vectors } = JSON.parse(readFileSync(new URL('../../core/stats/vectors.json', import.meta.url), 'utf8')) as { vectors: { readonly id: string; readonly cases: readonly Case[] }[] };

describe('R-578 the rules the bench compares with are those of their documentation', () => {
  it.each(vectors.find(({ id }) => id === 'V15')?.cases ?? [])('V15: the Statsig formula asks for z $expected.z at $input.w', ({ input, expected }) => {
    expect(Math.abs(statsigCriticalZ(input.w, input.alpha) - expected.z)).toBeLessThanOrEqual(1e-9 * expected.z);
  });

  it('Flagger style gives up at the tenth failed look, not before', () => {
    const rule = flagger({ base: 0.01, weight: 0.05, alpha: 0.05 });
    const bad = { stable: { n: 190, k: 2 }, candidate: { n: 10, k: 1 } };
    const good = { stable: { n: 190, k: 2 }, candidate: { n: 10, k: 0 } };
    for (let look = 0; look < 9; look += 1) { expect(rule.step(bad)).toBe(false); expect(rule.step(good)).toBe(false); }
    expect(rule.step(bad)).toBe(true);
  });
});
