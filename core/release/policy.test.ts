import { describe, expect, test } from 'vitest';
import { RISK_TIERS, TIER_RULES, faultsOf, policyOf } from './index.js';
import type { PolicyInput, RiskTier } from './index.js';

const least: PolicyInput = { name: 'standard', evaluation: { dataset: 'cases', evaluators: [{ name: 'exact' }] }, metrics: [{ name: 'error' }] };
const put = (change: Partial<PolicyInput> = {}, tier: RiskTier = 'LIMITED') => policyOf({ ...least, ...change }, tier);

describe('R-331 what a policy leaves out is the default of its tier', () => {
  test.each([
    ['LOW', 1, 60_000, 0, 30], ['LIMITED', 4, 60_000, 1, 14], ['HIGH', 5, 30_000, 2, 7],
  ] as const)('%s', (tier, stages, leaseMs, approvals, ageDays) => {
    const policy = put({}, tier);
    expect(policy.stages).toHaveLength(stages);
    expect(policy).toMatchObject({ tier, leaseMs, approvals: { count: approvals }, evaluation: { ageMaxSec: ageDays * 86_400 } });
    expect(faultsOf(policy, { datasetItems: TIER_RULES[tier].datasetMin })).toEqual([]);
  });

  test('a stage without a maximum takes the tier\'s', () => {
    expect(put({ stages: [{ weightBp: 1_000, durationMinSec: 3 }] }).stages).toEqual([{ weightBp: 1_000, durationMinSec: 3, durationMaxSec: 43_200 }]);
  });

  test('a null is the same as nothing', () => {
    expect(put({ leaseMs: null, alpha: { harm: null }, metrics: [{ name: 'error', from: null, share: null }] })).toEqual(put());
  });

  test('thumbsDown is written out as the feed on the wire', () => {
    expect(put({ metrics: [{ name: 'thumbsDown' }] }).metrics[0]).toMatchObject({ name: 'thumbsDown', from: 'feedback:thumbs_down', missingAs: 0, excessWeight: 0 });
  });

  test('only error and guardrails count against the error budget, and only a missing error is bad', () => {
    const { metrics } = put({ metrics: [{ name: 'error' }, { name: 'ungrounded', from: 'guardrail:ungrounded' }, { name: 'thumbsDown' }] });
    expect(metrics.map(({ excessWeight }) => excessWeight)).toEqual([1, 1, 0]);
    expect(metrics.map(({ missingAs }) => missingAs)).toEqual([1, 0, 0]);
  });

  test('tier LOW never promotes on a margin below two points by default', () => {
    expect(put({}, 'LOW').metrics[0]?.margin).toBe(0.02);
  });

  test('an observed metric has neither share nor margin', () => {
    expect(put({ metrics: [{ name: 'error' }, { name: 'thumbsDown', role: 'observe', share: 0.5 }] }).metrics[1]).toMatchObject({ share: 0, margin: null });
  });
});

describe('R-302 shares that are left out are what remains, in proportion', () => {
  test('none is given', () => {
    const shares = put({ metrics: [{ name: 'error' }, { name: 'guardrail' }, { name: 'thumbsDown' }] }).metrics.map(({ share }) => share);
    expect(shares[0]).toBeCloseTo(0.25 / 0.65, 12);
    expect(shares.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
  });

  test('one is given', () => {
    const shares = put({ metrics: [{ name: 'error', share: 0.4 }, { name: 'guardrail' }, { name: 'thumbsDown' }] }).metrics.map(({ share }) => share);
    expect(shares[0]).toBe(0.4);
    expect(shares[1]).toBeCloseTo(0.45, 12);
    expect(shares[2]).toBeCloseTo(0.15, 12);
  });
});

describe('R-303 a policy that could not keep its promises is refused, with the reason', () => {
  test.each<[string, Partial<PolicyInput>, RegExp, RiskTier?]>([
    ['no guardrail metric', { metrics: [{ name: 'error', role: 'signal' }] }, /No metric has the role guardrail/],
    ['no metric at all', { metrics: [] }, /No metric has the role guardrail/],
    ['a metric nothing feeds by name', { metrics: [{ name: 'error' }, { name: 'slow' }] }, /nothing feeds slow yet/],
    ['a metric nothing feeds by its feed', { metrics: [{ name: 'error' }, { name: 'quality', from: 'evaluation:helpful' }] }, /nothing feeds evaluation:helpful yet/],
    ['cost', { metrics: [{ name: 'error' }, { name: 'cost', role: 'signal' }] }, /nothing feeds cost yet/],
    ['an attribute', { metrics: [{ name: 'x', from: 'attribute:retries' }] }, /nothing feeds attribute:retries yet/],
    ['a guardrail without a name', { metrics: [{ name: 'x', from: 'guardrail:' }] }, /nothing feeds guardrail: yet/],
    ['two metrics of one name', { metrics: [{ name: 'error' }, { name: 'error' }] }, /Two metrics are called error/],
    ['a name that no key may have', { metrics: [{ name: 'a b', from: 'error' }] }, /is no name for a metric/],
    ['shares above one', { metrics: [{ name: 'error', share: 0.7 }, { name: 'guardrail', share: 0.4 }] }, /sum to 1\.1/],
    ['shares below one', { metrics: [{ name: 'error', share: 0.7 }] }, /sum to 0\.7/],
    ['a share left over as nothing', { metrics: [{ name: 'error', share: 1 }, { name: 'guardrail' }] }, /guardrail has a share of 0/],
    ['a margin at its tolerance', { metrics: [{ name: 'error', margin: 0.01, tolerance: 0.01 }] }, /not above its tolerance/],
    ['a margin of all', { metrics: [{ name: 'error', margin: 1 }] }, /below 1/],
    ['a narrow margin at tier LOW', { metrics: [{ name: 'error', margin: 0.01 }] }, /at least 0\.02/, 'LOW'],
    ['weights that do not rise', { stages: [{ weightBp: 500, durationMinSec: 1 }, { weightBp: 500, durationMinSec: 1 }] }, /not above the 5 % before it/],
    ['a weight above all traffic', { stages: [{ weightBp: 10_001, durationMinSec: 1 }] }, /at most 100 %/],
    ['no stage', { stages: [] }, /There is no stage/],
    ['a minimum above its maximum', { stages: [{ weightBp: 500, durationMinSec: 9, durationMaxSec: 8 }] }, /at least 9 s and at most 8 s/],
    ['a bake minimum above its maximum', { bake: { durationMinSec: 9, durationMaxSec: 8 } }, /The bake lasts/],
    ['a bake below the last stage', { stages: [{ weightBp: 9_000, durationMinSec: 1 }], bake: { holdbackBp: 2_000 } }, /below the last stage/],
    ['a lease below three blocks', { blockSec: 30 }, /shorter than 90000 ms/],
    ['a lease below five seconds', { blockSec: 1, leaseMs: 4_000 }, /shorter than 5000 ms/],
    ['an alpha of nothing', { alpha: { harm: 0 } }, /alpha harm is 0/],
    ['an error budget of nothing', { errorBudget: 0 }, /error budget is 0/],
    ['no evaluator that could fail it', { evaluation: { dataset: 'cases', evaluators: [{ name: 'exact', role: 'signal' }] } }, /No evaluator has the role guardrail/],
    ['an evaluator twice', { evaluation: { dataset: 'cases', evaluators: [{ name: 'exact' }, { name: 'exact' }] } }, /used twice/],
    ['a floor above one', { evaluation: { dataset: 'cases', evaluators: [{ name: 'exact', floor: 1.5 }] } }, /floor of 1\.5/],
    ['a verdict kept too long', { evaluation: { ...least.evaluation, ageMaxSec: 15 * 86_400 } }, /tier LIMITED allows/],
    ['fewer approvals than the tier', { approvals: { count: 0 } }, /tier LIMITED asks for 1/],
    ['nobody from outside at tier HIGH', { approvals: { outsideTeam: 0 } }, /tier HIGH asks for 1/, 'HIGH'],
    ['more from outside than in all', { approvals: { count: 1, outsideTeam: 2 } }, /only 1 in all/],
    ['floating models at tier HIGH', { floatingModels: 'allow' }, /refuses floating models/, 'HIGH'],
  ])('%s', (_name, change, fault, tier = 'LIMITED') => {
    expect(faultsOf(put(change, tier)).join('\n')).toMatch(fault);
  });

  test.each(RISK_TIERS)('a dataset below the minimum of %s', (tier) => {
    expect(faultsOf(put({}, tier), { datasetItems: TIER_RULES[tier].datasetMin - 1 })).toEqual([expect.stringContaining(`tier ${tier} asks for ${TIER_RULES[tier].datasetMin}`)]);
  });

  test('a floating model where the policy refuses one', () => {
    expect(faultsOf(put({ floatingModels: 'refuse' }), { floatingModel: true })).toHaveLength(1);
    expect(faultsOf(put({ floatingModels: 'refuse' }), { floatingModel: false })).toEqual([]);
  });

  test('the demo of the delivery page is accepted', () => {
    const demo = policyOf({
      name: 'demo', approvals: { count: 0 }, blockSec: 1, leaseMs: 30_000, alpha: { harm: 0.001, promote: 0.05 }, errorBudget: 50,
      evaluation: { dataset: 'handbook-questions', evaluators: [{ name: 'grounded' }, { name: 'similar' }], margin: 0.05, repetitions: 1, callsMax: 600 },
      stages: [{ weightBp: 1_000, durationMinSec: 3, durationMaxSec: 600 }, { weightBp: 5_000, durationMinSec: 3, durationMaxSec: 600 }],
      metrics: [
        { name: 'ungrounded', from: 'guardrail:ungrounded', role: 'guardrail', maturityMs: 2_000, tolerance: 0, margin: 0.1, share: 0.6 },
        { name: 'thumbsDown', from: 'feedback:thumbs_down', role: 'guardrail', maturityMs: 2_000, tolerance: 0, margin: 0.1, share: 0.4 },
      ],
      bake: { durationMinSec: 3, durationMaxSec: 600, holdbackBp: 500 },
    }, 'LOW');
    expect(faultsOf(demo, { datasetItems: 150 })).toEqual([]);
  });
});
