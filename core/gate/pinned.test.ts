import { describe, expect, test } from 'vitest';
import { policyOf } from '../release/index.js';
import type { PolicyInput } from '../release/index.js';
import type { BinaryMetric } from './index.js';
import { startGate } from './online.js';
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
