import { describe, expect, it } from 'vitest';
import { informationOf, marginGrid } from '../stats/index.js';
import { TIER_DATASETS, faultOfDataset, faultsOfForecast, forecastOf, nextUnitsOf, plannedCases, smallestEffectsOf } from './planning.js';
import { policyOf } from '../release/index.js';
import { gatePlanOf } from './pinned.js';
import type { StagePlan } from './planning.js';
import type { GatePlan, HistogramMetric } from './policy.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const stage = (weightBp: number, minMs: number, maxMs = 12 * HOUR_MS): StagePlan => ({ weightBp, minMs, maxMs });
const planOf = (p0: number, margin: number, fields: Partial<GatePlan> = {}): GatePlan => ({
  format: 1, metrics: [{ id: 'error', type: 'binary', role: 'guardrail', share: 1, excessWeight: 1, prior: { p0 }, ni: { margins: marginGrid(margin), act: margin } }], ...fields,
});
const ramp = [stage(100, 10 * MINUTE_MS), stage(500, 10 * MINUTE_MS), stage(2_500, 10 * MINUTE_MS), stage(5_000, 10 * MINUTE_MS)];

describe('R-529 what a release will take is said before it starts', () => {
  it('the full loop of the published table: about 54 minutes at 200 units a minute', () => {
    const { msToPromote, stages } = forecastOf(planOf(0.01, 0.01), { stages: ramp, unitsPerSec: 200 / 60 });
    expect(stages.length).toBe(4);
    expect(msToPromote).toBeGreaterThan(40 * MINUTE_MS);
    expect(msToPromote).toBeLessThan(70 * MINUTE_MS);
  });
  it('the demo: about 250 units, some 17 seconds at 15 users/s', () => {
    const metrics = ['ungrounded', 'thumbsDown'].map((id, i) => ({
      id, type: 'binary' as const, role: 'guardrail' as const, share: 0.5, excessWeight: 1 - i, prior: { p0: 0.02 }, ni: { margins: marginGrid(0.1), act: 0.1 },
    }));
    const traffic = { stages: [stage(1_000, 3_000, 10 * MINUTE_MS), stage(5_000, 3_000, 10 * MINUTE_MS)], unitsPerSec: 15 };
    const plan: GatePlan = { format: 1, alpha: 0.001, errorBudget: 50, metrics };
    expect(forecastOf(plan, traffic).unitsToPromote).toBeGreaterThan(180);
    expect(forecastOf(plan, traffic).unitsToPromote).toBeLessThan(300);
    expect(faultsOfForecast(plan, traffic)).toEqual([]);
  });
  it('a doubled rate costs bad responses that hardly depend on traffic', () => {
    const at = (unitsPerSec: number) => forecastOf(planOf(0.01, 0.01), { stages: ramp, unitsPerSec }).rollbacks[0];
    expect(at(3)?.badResponses).toBe(at(300)?.badResponses);
    expect(at(3)?.doubled).toBe(0.02);
    expect(at(300)?.ms).toBeLessThan(at(3)?.ms ?? 0);
  });
  it('without traffic it says units, and no time', () => {
    const forecast = forecastOf(planOf(0.01, 0.01), { stages: ramp, unitsPerSec: null });
    expect(forecast).toMatchObject({ msToPromote: null, unitsToPromote: null, stages: [] });
    expect(forecast.unitsAtLastWeight).toBeCloseTo(1.4 * 2_617, -2);
    expect(forecast.rollbacks[0]).toMatchObject({ ms: null });
  });
  it('the next stage counts at least the units of a large regression', () => {
    const plan = planOf(0.02, 0.1);
    expect(nextUnitsOf(plan, stage(5_000, 3_000), 1e5)).toBe(150_000);
    const least = nextUnitsOf(plan, stage(5_000, 3_000), 0.001);
    expect(least).toBeGreaterThan(5);
    expect(least).toBeLessThan(200);
  });
  it('a rate that cannot double goes half of the way', () => {
    expect(forecastOf(planOf(0.6, 0.1), { stages: ramp, unitsPerSec: null }).rollbacks[0]?.doubled).toBeCloseTo(0.8, 12);
    expect(forecastOf(planOf(0, 0.1), { stages: ramp, unitsPerSec: null }).rollbacks).toEqual([]);
  });
});

describe('R-549 what a mean will take is said by its spread', () => {
  const prior = { mean: 0.2, variance: 0.0225 };
  const scored: GatePlan = { format: 1, metrics: [{ id: 'quality', type: 'histogram', role: 'guardrail', share: 1, prior, ni: { margins: [0.02, 0.04], act: 0.04 } }, { id: 'assignment', type: 'units' }] };
  it('a Gaussian mean: twice the noise over the squared distance, times what the test costs', () => {
    const { unitsAtLastWeight, rollbacks } = forecastOf(scored, { stages: ramp, unitsPerSec: null });
    expect(unitsAtLastWeight).toBeCloseTo(1.4 * -Math.log(0.05) * 2 * 0.0225 * 4 / 0.04 ** 2, 6);
    expect(rollbacks).toEqual([]);
  });
  it('the next stage counts at least the units of the largest effect', () => {
    const least = nextUnitsOf(scored, stage(5_000, 3_000), 1e-9);
    expect(least).toBeCloseTo(0.5 * -Math.log(0.01) * 2 * 0.0225 * 4 / 0.16 ** 2, 6);
    const silent: GatePlan = { ...scored, metrics: [{ ...scored.metrics[0] as HistogramMetric, harm: null }] };
    expect(nextUnitsOf(silent, stage(5_000, 3_000), 1)).toBeCloseTo(1.5, 12);
  });
  it('a margin that cannot be shown says so', () => {
    const relative: GatePlan = { format: 1, metrics: [{ id: 'cost', type: 'moments', role: 'guardrail', share: 1, prior: { mean: 0, variance: 1 }, harm: { rho: 1.05, scale: 0.1 }, ni: { rho: 1.1, margins: [0], act: 0, scale: 0.1 } }] };
    expect(forecastOf(relative, { stages: ramp, unitsPerSec: 5 })).toMatchObject({ unitsAtLastWeight: null, msToPromote: null });
  });
});

describe('R-530 a policy that cannot be shown within its maxima is refused with the number', () => {
  it('fits at enough traffic', () => { expect(faultsOfForecast(planOf(0.01, 0.01), { stages: ramp, unitsPerSec: 200 / 60 })).toEqual([]); });
  it('does not fit at a hundredth of it', () => {
    const faults = faultsOfForecast(planOf(0.01, 0.01), { stages: ramp, unitsPerSec: 2 / 60 });
    expect(faults.join('\n')).toMatch(/expected to take \d+ s at 0\.0333\d* units\/s, its maximum is 43200 s/);
  });
  it('no traffic at all promotes nothing; unknown traffic is no fault', () => {
    expect(faultsOfForecast(planOf(0.01, 0.01), { stages: ramp, unitsPerSec: 0 })).toEqual(['no unit arrives: nothing can be promoted']);
    expect(faultsOfForecast(planOf(0.01, 0.01), { stages: ramp, unitsPerSec: null })).toEqual([]);
  });
  it('a guardrail without a margin never passes', () => {
    const bare: GatePlan = { format: 1, metrics: [{ id: 'error', type: 'binary', role: 'guardrail', share: 1, prior: { p0: 0.01 } }] };
    expect(faultsOfForecast(bare, { stages: ramp, unitsPerSec: null })).toEqual(['metric error is a guardrail without a margin: it can never pass']);
    expect(forecastOf(bare, { stages: ramp, unitsPerSec: 3 })).toMatchObject({ msToPromote: null, unitsAtLastWeight: null });
  });
  it('a budget below every margin lets no stage follow', () => {
    const faults = faultsOfForecast(planOf(0.01, 0.1, { errorBudget: 0.01 }), { stages: ramp, unitsPerSec: 3 });
    expect(faults[0]).toMatch(/stage 1 \(1 %\) never ends/);
  });
});

describe('R-276 a dataset too small for its margin is refused with the number', () => {
  it.each(Object.entries(TIER_DATASETS))('tier %s: its minimum is enough for its margin', (_tier, { minimumItems, margin, sd }) => {
    expect(faultOfDataset({ items: minimumItems, minimumItems, margin, sd })).toBeNull();
    expect(faultOfDataset({ items: minimumItems - 1, minimumItems, margin, sd })).toMatch(/tier asks for at least/);
  });
  it.each([[0.05, 78], [0.03, 131], [0.02, 198], [0.01, 399]])('outputs that never differed still need cases: at %f %i', (margin, cases) => {
    expect(faultOfDataset({ items: cases, minimumItems: 1, margin, sd: 0 })).toBeNull();
    expect(faultOfDataset({ items: cases - 1, minimumItems: 1, margin, sd: 0 })).toMatch(`about ${String(cases)} at`);
  });
  it('a narrower margin or a wider spread needs more', () => {
    expect(faultOfDataset({ items: 150, minimumItems: 150, margin: 0.02, sd: 0.25 })).toMatch(/needs about 1933/);
    expect(faultOfDataset({ items: 400, minimumItems: 400, margin: 0.05, sd: 0.4 })).toMatch(/needs about 79[12]/);
  });
});

describe('R-924 the smallest worsening that would be found at this traffic is said before a release starts', () => {
  const at = (unitsPerSec: number | null, plan = planOf(0.01, 0.01), stages = ramp) => smallestEffectsOf(plan, { stages, unitsPerSec });
  it('by hand, in one stage: just there the test is expected to cross', () => {
    const [found] = at(1, planOf(0.01, 0.01), [stage(5_000, 10 * HOUR_MS)]);
    const difference = found?.difference ?? NaN;
    const info = (d: number) => informationOf({ stable: 0.01, candidate: 0.01 + d, weight: 0.5 });
    expect(36_000 * info(difference)).toBeCloseTo(1.4 * Math.log(100), 6);
    expect(difference).toBeLessThan(0.01);
  });
  it('more traffic within the same minimum finds less', () => {
    const within = (unitsPerSec: number): number => at(unitsPerSec, planOf(0.01, 0.01), [stage(5_000, HOUR_MS)])[0]?.difference ?? NaN;
    expect(within(100)).toBeLessThan(within(10));
  });
  it('of a score and of a mean; an observed metric has no part of alpha, and the assignment none', () => {
    const prior = { mean: 0.2, variance: 0.04 };
    const plan: GatePlan = { format: 1, metrics: [
      { id: 'quality', type: 'histogram', role: 'guardrail', share: 0.5, prior, ni: { margins: [0.02], act: 0.02 } }, { id: 'cost', type: 'moments', role: 'signal', share: 0.5, prior: { mean: 5, variance: 25 }, harm: { rho: 1.05, scale: 1 } },
      { id: 'seen', type: 'binary', role: 'observe', prior: { p0: 0.1 } }, { id: 'assignment', type: 'units' }] };
    const [quality, cost, ...others] = at(1, plan, [stage(5_000, 10 * HOUR_MS)]);
    expect(others).toEqual([]);
    expect(36_000 * (quality?.difference ?? 0) ** 2 / (2 * 0.04 * 4)).toBeCloseTo(1.4 * Math.log(200), 6);
    expect(cost?.difference).toBeGreaterThan(0.25);
  });
  it('is unknown without traffic, or when a stage never ends, and when no difference would be found in time', () => {
    expect(at(null)).toEqual([{ metric: 'error', difference: null }]);
    expect(at(3, planOf(0.01, 0.1, { errorBudget: 0.01 }))).toEqual([{ metric: 'error', difference: null }]);
    expect(at(3, planOf(0.5, 0.9, { alpha: 1e-9, alphaPromote: 0.99 }), [stage(1, 1_000)])).toEqual([{ metric: 'error', difference: null }]);
  });
});

describe('R-925 how many cases a margin needs is said before an evaluation starts', () => {
  it.each([[0.05, 0.25, 310, 78], [0.02, 0.25, 1_933, 198], [0.05, 0, 78, 78], [0.01, 0.05, 399, 399]])('margin %f, spread %f: %i, identical outputs %i', (margin, sd, cases, identical) => {
    expect(plannedCases({ margin, sd })).toEqual({ cases, identical });
  });
});

describe('R-933 a policy that cannot be shown within its maxima at known traffic is refused with the numbers', () => {
  const LIMITED = policyOf({ name: 'p', evaluation: { dataset: 'd', evaluators: [{ name: 'e' }] }, metrics: [{ name: 'error' }, { name: 'guardrail' }] }, 'LIMITED');
  const faults = (unitsPerSec: number, errorBudget = LIMITED.errorBudget): readonly string[] => faultsOfForecast(gatePlanOf({ ...LIMITED, errorBudget }, {}), {
    unitsPerSec, stages: LIMITED.stages.map(({ weightBp, durationMinSec, durationMaxSec }) => ({ weightBp, minMs: durationMinSec * 1_000, maxMs: durationMaxSec * 1_000 })),
  });
  it.each([100, 1_000, 20_000])('at %d units/s it says which error budget could be kept, and with that it is not refused', (unitsPerSec) => {
    const said = faults(unitsPerSec).map((fault) => Number(/an error budget of (\d+) could be kept in time$/.exec(fault)?.[1]));
    expect(said.length).toBeGreaterThan(0);
    expect(faults(unitsPerSec, Math.max(...said))).toEqual([]);
    expect(faults(unitsPerSec, Math.max(...said) * 0.7)).not.toEqual([]);
  });
  it('a budget that is kept is not spoken of', () => { expect(faults(20)).toEqual([]); });
});
