import { describe, expect, test } from 'vitest';
import { isTightening, policyOf, type RolloutPolicy } from './index.js';

const policy = policyOf({
  name: 'usual', evaluation: { dataset: 'facts', evaluators: [{ name: 'knows', margin: 0.05, floor: 0.5 }] },
  metrics: [{ name: 'error', share: 0.5 }, { name: 'ungrounded', from: 'guardrail:ungrounded', share: 0.5 }],
}, 'LIMITED');
const [stage] = policy.stages;
const [evaluator] = policy.evaluation.evaluators;
const [metric, other] = policy.metrics;
if (stage === undefined || evaluator === undefined || metric === undefined || other === undefined) throw new Error('the policy is empty');
const with_ = (change: Partial<RolloutPolicy>): RolloutPolicy => ({ ...policy, ...change });

describe('R-714 a policy that is laxer anywhere does not count as tightening', () => {
  test('the same, and stricter ones', () => {
    expect(isTightening(policy, policy)).toBe(true);
    expect(isTightening(policy, with_({ approvals: { ...policy.approvals, count: 3 } }))).toBe(true);
    expect(isTightening(policy, with_({ evaluation: { ...policy.evaluation, evaluators: [{ ...evaluator, margin: 0.02, floor: 0.9 }, { ...evaluator, name: 'more' }] } }))).toBe(true);
    expect(isTightening(policy, with_({ errorBudget: 1, floatingModels: 'refuse' }))).toBe(true);
  });
  test.each<[string, Partial<RolloutPolicy>]>([
    ['fewer approvals', { approvals: { ...policy.approvals, count: 0 } }],
    ['approvals that live longer', { approvals: { ...policy.approvals, expireSec: policy.approvals.expireSec + 1 } }],
    ['another dataset', { evaluation: { ...policy.evaluation, dataset: 'easy' } }],
    ['an evaluator less', { evaluation: { ...policy.evaluation, evaluators: [] } }],
    ['an evaluator that is only a signal', { evaluation: { ...policy.evaluation, evaluators: [{ ...evaluator, role: 'signal' }] } }],
    ['a larger margin', { evaluation: { ...policy.evaluation, evaluators: [{ ...evaluator, margin: 0.06 }] } }],
    ['a lower floor', { evaluation: { ...policy.evaluation, evaluators: [{ ...evaluator, floor: 0.4 }] } }],
    ['no floor', { evaluation: { ...policy.evaluation, evaluators: [{ ...evaluator, floor: null }] } }],
    ['an older verdict', { evaluation: { ...policy.evaluation, ageMaxSec: policy.evaluation.ageMaxSec + 1 } }],
    ['a longer lease', { leaseMs: policy.leaseMs + 1 }],
    ['a later alarm', { alpha: { ...policy.alpha, harm: policy.alpha.harm / 2 } }],
    ['an easier promotion', { alpha: { ...policy.alpha, promote: policy.alpha.promote * 2 } }],
    ['a larger error budget', { errorBudget: policy.errorBudget + 1 }],
    ['a stage less', { stages: policy.stages.slice(1) }],
    ['a heavier stage', { stages: [{ ...stage, weightBp: stage.weightBp + 1 }, ...policy.stages.slice(1)] }],
    ['a shorter stage', { stages: [{ ...stage, durationMinSec: stage.durationMinSec - 1 }, ...policy.stages.slice(1)] }],
    ['a metric less', { metrics: [metric] }],
    ['a metric that is only observed', { metrics: [metric, { ...other, role: 'observe' }] }],
    ['a metric that tolerates more', { metrics: [{ ...metric, tolerance: 0.01 }, other] }],
    ['a metric with a larger margin', { metrics: [{ ...metric, margin: 0.9 }, other] }],
    ['another feed', { metrics: [{ ...metric, from: 'guardrail' }, other] }],
    ['a shorter bake', { bake: { ...policy.bake, durationMinSec: 0 } }],
    ['a smaller holdback', { bake: { ...policy.bake, holdbackBp: 1 } }],
    ['another kind', { metrics: [{ ...metric, kind: 'score' }, other] }],
    ['an objective that allows more', { metrics: [{ ...metric, objectiveMs: 5_000 }, other] }],
    ['a shorter watch', { watchSec: 60 }],
    ['another aim', { aim: 'better' }],
    ['a longer pause', { pausedMaxSec: policy.pausedMaxSec + 1 }],
  ])('%s', (_name, change) => { expect(isTightening(policy, with_(change))).toBe(false); });
  test('a higher topline, and one less', () => {
    const held = with_({ topline: [{ metric: 'error', max: 0.1 }] });
    expect([isTightening(policy, held), isTightening(held, with_({ topline: [{ metric: 'error', max: 0.2 }] })), isTightening(held, policy)]).toEqual([true, false, false]);
  });
  test('floating models that were refused', () => { expect(isTightening(with_({ floatingModels: 'refuse' }), policy)).toBe(false); });
});
