import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  NO_SCORE, NO_WATCHED, asymptoticDifference, asymptoticRadius, bestRho, bettingLogFactor, dirichletLogE, lambdaOf, momentsLogFactor, normalMixtureLogE,
  radiusParameter, scoreLogE, startMixture, stepMixture, mixtureLogE, stepScore, stepWatched, tiltLogFactors, watchedInterval,
} from './index.js';
import type { Histogram, Interval, Sides, Sums } from './index.js';

/** The methods of the live comparison: bounded means, the score process and its intervals, the assignment. The others are in vectors.test.ts. */
type Numbers = {
  readonly [count in 'lambdaB' | 'ca' | 'rho' | 'tau' | 'cap' | 'effect' | 'va' | 'vb' | 'na' | 'nb' | 'trunc' | 'alpha' | 'repeat' | 'tStar' | 's' | 'S' | 'I' | 's2' | 'v' | 'K']: number
};
interface MeanBlock { readonly na: number; readonly ma: number; readonly nb: number; readonly mb: number }
interface Input extends Numbers {
  readonly stable: Histogram & Sums; readonly candidate: Histogram & Sums; readonly sided: Sides; readonly relative: boolean; readonly pattern: number[]; readonly t?: number; readonly vOpt?: number;
  readonly counts: number[]; readonly theta0: number[]; readonly dirichlet?: number[]; readonly tiltBlocks?: [number, number, number][]; readonly tilts: number[]; readonly blocks?: MeanBlock[];
}
interface Case { readonly input: Input; readonly expected: Readonly<Record<string, unknown>>; readonly tolerance: { readonly abs: number; readonly rel: number } }
interface Vector { readonly id: string; readonly title: string; readonly cases: readonly Case[] }

const { vectors } = JSON.parse(readFileSync(new URL('./vectors.json', import.meta.url), 'utf8')) as { vectors: Vector[] };

function runBounded(input: Input): Record<string, unknown> {
  const { effect, rho, tau: line, cap, trunc, ca, va, vb, na, nb, lambdaB, stable, candidate } = input;
  if (effect !== undefined) return { lambdaB: lambdaOf(effect, { direction: 'harm', rho, line, cap, trunc, ca, va, vb, na, nb }) };
  const bet = { direction: 'harm', rho, line, ca, lambdaB } as const;
  return { logE: Array.isArray(stable) ? bettingLogFactor({ stable, candidate }, bet) : momentsLogFactor({ stable, candidate }, bet, cap) };
}

function runWatched({ pattern, repeat, alpha }: Input, at: readonly number[]): Record<string, unknown> {
  let watched = NO_WATCHED;
  const intervals = new Map<number, number[]>();
  for (let i = 0; i < pattern.length * repeat; i += 1) {
    const x = pattern[i % pattern.length] ?? NaN;
    watched = stepWatched(watched, { n: 1, sum: x, sumsq: x * x }, alpha);
    const ends = watchedInterval(watched, alpha);
    intervals.set(i + 1, [ends?.lower ?? NaN, ends?.upper ?? NaN]);
  }
  return { at, interval: at.map((n) => intervals.get(n)) };
}

function runAsymptotic({ alpha, tStar, sided: sides, t, s, stable, candidate, relative }: Input): Record<string, unknown> {
  const plan = { alpha, sides, tStar };
  if (stable !== undefined) {
    const { lower, upper } = asymptoticDifference({ stable, candidate }, plan, relative) ?? ({ lower: NaN, upper: NaN } satisfies Interval);
    return { lower, interval: [lower, upper] };
  }
  return { r2: radiusParameter(plan), r2Exact: radiusParameter(plan, true), radius: t === undefined ? null : asymptoticRadius(plan, t, s) };
}

function runScore(input: Input): Record<string, unknown> {
  const { S: score, I: info, s2, s, v, vOpt, alpha, sided, blocks, va, vb, rho, tau: line } = input;
  if (blocks !== undefined) {
    // The variances of the vector are given; a prior of so much weight keeps them.
    expect(va).toBe(vb);
    const test = { direction: 'harm', rho, line, scale: s, prior: { mean: 0, variance: va, kappa: 1 } } as const;
    let state = NO_SCORE;
    const logE = blocks.map(({ na, ma, nb, mb }) => {
      state = stepScore(test, state, { stable: { n: 0, sum: 0, sumsq: 0 }, candidate: { n: 0, sum: 0, sumsq: 0 } },
        { stable: { n: na, sum: na * ma, sumsq: 0 }, candidate: { n: nb, sum: nb * mb, sumsq: 0 } });
      return scoreLogE(state, s);
    });
    return { S: state.score, I: state.info, logE };
  }
  if (score !== undefined) return { logE: scoreLogE({ score, info }, Math.sqrt(s2)) };
  const rho0 = bestRho(vOpt ?? NaN, alpha, sided);
  return { bestRho: rho0, logE: normalMixtureLogE(s, v, rho0) };
}

function runAssignment({ counts, theta0, dirichlet, K, tiltBlocks, tilts }: Input): Record<string, unknown> {
  if (tiltBlocks === undefined) return { logE: dirichletLogE({ counts, shares: theta0, prior: dirichlet ?? K }) };
  let mixture = startMixture(tilts.length);
  return { logE: tiltBlocks.map(([stable, candidate, weight]) => {
    mixture = stepMixture(mixture, tiltLogFactors(tilts, { stable, candidate }, weight), null);
    return mixtureLogE(mixture, null);
  }) };
}

const RUN: Readonly<Record<string, (input: Input, expected: Case['expected']) => Record<string, unknown>>> = {
  V6: runBounded, V7: (input, { at }) => runWatched(input, at as number[]), V8: runAsymptotic, V8b: runAsymptotic, V9: runScore, V10: runAssignment,
};

function expectClose(got: unknown, expected: unknown, { abs, rel }: Case['tolerance'], where: string): void {
  if (Array.isArray(expected)) {
    expect(Array.isArray(got) && got.length, where).toBe(expected.length);
    for (const [i, value] of expected.entries()) expectClose((got as unknown[])[i], value, { abs, rel }, `${where}[${i}]`);
    return;
  }
  const distance = Math.abs(Number(got) - Number(expected));
  expect(distance <= Math.max(abs, rel * Math.abs(Number(expected))), `${where}: got ${String(got)}, expected ${String(expected)}`).toBe(true);
}

describe('R-508 every method gives the numbers of the published vectors', () => {
  const own = Object.keys(RUN).map((id) => vectors.find((one) => one.id === id) ?? expect.fail(id));
  it.each(own.flatMap((v) => v.cases.map((c, i) => [`${v.id}.${i}`, v.title, v.id, c] as const)))('%s %s', (name, _title, id, { input, expected, tolerance }) => {
    const got = RUN[id]?.(input, expected) ?? {};
    expect(Object.keys(expected).length).toBeGreaterThan(0);
    for (const field of Object.keys(expected)) expectClose(got[field], expected[field], tolerance, `${name}.${field}`);
  });
});
