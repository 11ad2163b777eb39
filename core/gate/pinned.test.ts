import { describe, expect, test } from 'vitest';
import { policyOf } from '../release/index.js';
import type { PolicyInput } from '../release/index.js';
import type { BinaryMetric } from './index.js';
import { startGate } from './index.js';
import { PRIOR_RATE, gatePlanOf } from './pinned.js';
import { faultsOfPlan } from './plan.js';

const policy = policyOf({
  name: 'standard', evaluation: { dataset: 'd', evaluators: [{ name: 'e' }] }, errorBudget: 7, alpha: { harm: 0.002, promote: 0.03 },
  metrics: [{ name: 'error', margin: 0.03 }, { name: 'guardrail', role: 'signal' }, { name: 'thumbsDown', role: 'observe' }],
} satisfies PolicyInput, 'LOW');

describe('R-501 the plan that decides says what the policy says', () => {
  const plan = gatePlanOf(policy, { error: 0.04 });
  const [error, guardrail, thumbsDown] = plan.metrics;
  test('it has no faults and can be started', () => {
    expect(faultsOfPlan(plan)).toEqual([]);
    expect(startGate(plan).latch).toBeNull();
  });
  test('levels and budget are those of the policy', () => { expect(plan).toMatchObject({ alpha: 0.002, alphaPromote: 0.03, errorBudget: 7, weightBp: 2_500 }); });
  test('the margin of the policy is the one that acts, and lies on the grid', () => {
    expect(error).toMatchObject({ role: 'guardrail', ni: { act: 0.03 }, harm: { tolerance: 0 }, excessWeight: 1 });
    expect((error as BinaryMetric).ni?.margins).toContain(0.03);
  });
  test('a known rate is the prior, an unknown one the default', () => {
    expect(error).toMatchObject({ prior: { p0: 0.04 } });
    expect(guardrail).toMatchObject({ prior: { p0: PRIOR_RATE }, ni: null });
  });
  test('an observed metric can neither alarm nor promote', () => {
    expect(thumbsDown).toMatchObject({ role: 'observe', harm: null, ni: null });
    expect(thumbsDown).not.toHaveProperty('share');
  });
  test('every tier and every number of stages gives a plan without faults', () => {
    for (const tier of ['LOW', 'LIMITED', 'HIGH'] as const) {
      expect(faultsOfPlan(gatePlanOf(policyOf({ name: 'p', evaluation: { dataset: 'd', evaluators: [{ name: 'e' }] }, metrics: [{ name: 'error' }, { name: 'x', from: 'guardrail:x' }, { name: 'thumbsDown' }] }, tier), {}))).toEqual([]);
    }
  });
});

const kinds = policyOf({
  name: 'kinds', evaluation: { dataset: 'd', evaluators: [{ name: 'e' }] },
  metrics: [
    { name: 'error' }, { name: 'slow', objectiveMs: 4_000 }, { name: 'quality', from: 'evaluation:helpful', role: 'guardrail' }, { name: 'cost' },
    { name: 'length', from: 'attribute:length', kind: 'mean', cap: 500, relative: false, role: 'guardrail', tolerance: 5, margin: 20 }, { name: 'tone', from: 'evaluation:tone' },
  ],
} satisfies PolicyInput, 'LIMITED');

describe('R-548 every kind of metric becomes the test that decides it', () => {
  const plan = gatePlanOf(kinds, { quality: { mean: 0.3, variance: 0.01 }, cost: { mean: 0.02, variance: 0.001, cap: 0.4 } });
  const metricOf = (id: string) => plan.metrics.find((metric) => metric.id === id) ?? expect.fail(id);
  test('it has no faults, also where nothing is known of stable', () => {
    expect(faultsOfPlan(plan)).toEqual([]);
    expect(faultsOfPlan(gatePlanOf(kinds, {}))).toEqual([]);
    expect(startGate(plan).latch).toBeNull();
  });
  test('rates are counted', () => { expect([metricOf('error'), metricOf('slow')].map(({ type }) => type)).toEqual(['binary', 'binary']); });
  test('a score is bet on, with what is known of it', () => {
    expect(metricOf('quality')).toMatchObject({ type: 'histogram', prior: { mean: 0.3, variance: 0.01 }, harm: { tolerance: 0 }, ni: { act: 0.02 } });
    expect(metricOf('quality')).not.toHaveProperty('cap');
    expect(metricOf('tone')).toMatchObject({ type: 'histogram', role: 'observe', harm: null });
  });
  test('a relative limit is a factor on stable\'s mean, and the cap is that of the release', () => {
    expect(metricOf('cost')).toMatchObject({ type: 'histogram', role: 'signal', cap: 0.4, prior: { mean: 0.02, variance: 0.001 }, harm: { rho: 1.05 }, ni: { rho: 1.1, margins: [0], act: 0 } });
    expect(metricOf('length')).toMatchObject({ cap: 500, harm: { tolerance: 5 }, ni: { act: 20 } });
  });
  test('the assignment is always there, and last', () => { expect(plan.metrics.at(-1)).toEqual({ id: 'assignment', type: 'units' }); });
  test.each([[{ quality: { mean: -1, variance: 0 } }], [{ quality: { mean: 7 } }], [{ cost: { mean: 0 } }], [{ cost: { mean: 9, cap: 0.1 } }], [{ error: 0 }], [{ error: 1 }]])('%j is no fault of the plan', (priors) => {
    expect(faultsOfPlan(gatePlanOf(kinds, priors))).toEqual([]);
  });
});

describe('R-545 better is shown by the same test at a margin of 0', () => {
  test('the grid goes both ways, and 0 acts', () => {
    const compared = policyOf({ name: 'ab', aim: 'better', evaluation: { dataset: 'd', evaluators: [{ name: 'e' }] }, stages: [{ weightBp: 5_000, durationMinSec: 600 }], metrics: [{ name: 'error' }, { name: 'quality', from: 'evaluation:q', role: 'guardrail', margin: 0 }] }, 'LIMITED');
    const plan = gatePlanOf(compared, {});
    expect(faultsOfPlan(plan)).toEqual([]);
    const [error, quality] = plan.metrics as BinaryMetric[];
    expect(error?.ni?.act).toBeGreaterThan(0);
    expect(quality?.ni?.act).toBe(0);
    const margins = quality?.ni?.margins ?? [];
    expect(margins.filter((margin) => margin < 0).length).toBe(margins.filter((margin) => margin > 0).length);
    expect(margins).toContain(0);
    expect(plan.stage?.last).toBe(true);
  });
});
