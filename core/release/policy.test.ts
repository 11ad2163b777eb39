import { describe, expect, test } from 'vitest';
import { COST_CAP_USD, RISK_TIERS, TIER_RULES, asMeant, assignmentMaturityMs, costCapOf, faultsOf, isFedBy, policyOf } from './index.js';
import type { MetricInput, PolicyInput, RiskTier } from './index.js';

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
    ['a metric nothing feeds by name', { metrics: [{ name: 'error' }, { name: 'latency' }] }, /nothing feeds latency\. What is fed: error, slow, cost/],
    ['a metric nothing feeds by its feed', { metrics: [{ name: 'error' }, { name: 'quality', from: 'judge:helpful' }] }, /nothing feeds judge:helpful/],
    ['a guardrail without a name', { metrics: [{ name: 'x', from: 'guardrail:' }] }, /nothing feeds guardrail:/],
    ['an attribute whose key is no key', { metrics: [{ name: 'x', from: 'attribute:a b' }] }, /nothing feeds attribute:a b/],
    ['a metric called as what watches the arms', { metrics: [{ name: 'error' }, { name: 'assignment', from: 'error' }] }, /No metric may be called assignment/],
    ['two metrics of one name', { metrics: [{ name: 'error' }, { name: 'error' }] }, /Two metrics are called error/],
    ['a name that no key may have', { metrics: [{ name: 'a b', from: 'error' }] }, /is no name for a metric/],
    ['shares above one', { metrics: [{ name: 'error', share: 0.7 }, { name: 'guardrail', share: 0.4 }] }, /sum to 1\.1/],
    ['shares below one', { metrics: [{ name: 'error', share: 0.7 }] }, /sum to 0\.7/],
    ['a share left over as nothing', { metrics: [{ name: 'error', share: 1 }, { name: 'guardrail' }] }, /guardrail has a share of 0/],
    ['a margin at its tolerance', { metrics: [{ name: 'error', margin: 0.01, tolerance: 0.01 }] }, /not above its tolerance/],
    ['a margin that equals a tolerance of nothing', { metrics: [{ name: 'error', margin: 0 }] }, /margin of 0, not above its tolerance of 0/],
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

/** All of them beside an error metric, which keeps the rest of the policy whole. */
const with_ = (...metrics: readonly MetricInput[]): Partial<PolicyInput> => ({ metrics: [{ name: 'error' }, ...metrics] });
const slow: MetricInput = { name: 'slow', objectiveMs: 4_000 };

describe('R-130 every feed has its kind, role, limits, maturity and share where a policy says nothing', () => {
  test.each<[MetricInput, object]>([
    [slow, { from: 'slow', role: 'guardrail', kind: 'rate', maturityMs: 23_000, tolerance: 0, margin: 0.02, objectiveMs: 4_000, excessWeight: 0, missingAs: 1 }],
    [{ name: 'cost' }, { from: 'cost', role: 'signal', kind: 'mean', maturityMs: 45_000, tolerance: 0.05, margin: 0.1, relative: true, excessWeight: 0, missingAs: null }],
    [{ name: 'quality', from: 'evaluation:helpful' }, { role: 'observe', kind: 'score', maturityMs: 300_000, tolerance: 0, margin: null, share: 0, missingAs: null }],
    [{ name: 'quality', from: 'evaluation:helpful', role: 'guardrail' }, { kind: 'score', margin: 0.02, excessWeight: 0 }],
    [{ name: 'retries', from: 'attribute:retries' }, { role: 'guardrail', kind: 'rate', margin: 0.01, missingAs: 0 }],
    [{ name: 'steps', from: 'attribute:steps', kind: 'mean', cap: 50 }, { role: 'signal', kind: 'mean', tolerance: 0.05, margin: 0.1, relative: true, cap: 50 }],
    [{ name: 'steps', from: 'attribute:steps', kind: 'mean', cap: 50, relative: false, tolerance: 1, margin: 2 }, { tolerance: 1, margin: 2 }],
    [{ name: 'fit', from: 'attribute:fit', kind: 'score' }, { role: 'observe', kind: 'score' }],
  ])('%j', (metric, wanted) => {
    const policy = put(with_(metric));
    expect(policy.metrics[1]).toMatchObject(wanted);
    expect(faultsOf(policy)).toEqual([]);
  });

  test('the shares of those that are there, in proportion, sum to one', () => {
    const metrics = [{ name: 'error' }, { name: 'guardrail' }, slow, { name: 'cost' }, { name: 'thumbsDown' }, { name: 'quality', from: 'evaluation:helpful', role: 'guardrail' as const }];
    const shares = put({ metrics }).metrics.map(({ share }) => share);
    for (const [index, usual] of [0.25, 0.3, 0.1, 0.05, 0.1, 0.2].entries()) expect(shares[index]).toBeCloseTo(usual, 12);
    expect(faultsOf(put({ metrics }))).toEqual([]);
  });

  test('tier LOW promotes rates and scores on two points at least, and a mean on its part', () => {
    const { metrics } = put(with_(slow, { name: 'quality', from: 'evaluation:x', role: 'guardrail' }, { name: 'cost' }), 'LOW');
    expect(metrics.map(({ margin }) => margin)).toEqual([0.02, 0.02, 0.02, 0.1]);
  });

  test('the new stable is watched for a day, against no topline, and the aim is not to be worse', () => {
    for (const tier of RISK_TIERS) expect(put({}, tier)).toMatchObject({ watchSec: 86_400, topline: [], aim: 'notWorse' });
    expect(put({ watchSec: 0 })).toMatchObject({ watchSec: 0 });
  });

  test('the standard policy of the delivery page is accepted', () => {
    const standard = policyOf({
      name: 'standard', approvals: { count: 1, expireSec: 259_200 }, evaluation: { dataset: 'support-regression', evaluators: [{ name: 'exact-facts' }], margin: 0.05, ageMaxSec: 14 * 86_400 },
      metrics: [{ name: 'error', margin: 0.005 }, slow, { name: 'quality', from: 'evaluation:helpful', role: 'guardrail' }, { name: 'cost', role: 'signal', tolerance: 0.05, margin: 0.1 }],
      topline: [{ metric: 'error', max: 0.05 }], bake: { durationMinSec: 7_200, durationMaxSec: 43_200, holdbackBp: 500 }, watchSec: 86_400,
    }, 'LIMITED');
    expect(faultsOf(standard, { datasetItems: 400, unpriced: [] })).toEqual([]);
  });
});

describe('R-131 limits, kinds and objectives that contradict each other are refused with the numbers', () => {
  test.each<[string, Partial<PolicyInput>, string, RiskTier?]>([
    ['slow without an objective', with_({ name: 'slow' }), 'Metric slow has no objective: from how many milliseconds on is a call slow?'],
    ['an objective of nothing', with_({ name: 'slow', objectiveMs: 0 }), 'Metric slow has an objective of 0 ms'],
    ['slow that matures before its objective', with_({ ...slow, maturityMs: 2_000 }), 'matures after 2000 ms, before its objective of 4000 ms'],
    ['an objective of something else', with_({ name: 'guardrail', objectiveMs: 4_000 }), 'Metric guardrail has an objective of 4000 ms; only slow has one.'],
    ['a cost that is a rate', with_({ name: 'cost', kind: 'rate' }), 'Metric cost is a rate; cost feeds a mean.'],
    ['a score that is a mean', with_({ name: 'q', from: 'evaluation:q', kind: 'mean', cap: 1 }), 'Metric q is a mean; evaluation:q feeds a score.'],
    ['an error that is a score', with_({ name: 'e', from: 'error', kind: 'score' }), 'error feeds a rate'],
    ['a mean of an attribute without a cap', with_({ name: 'steps', from: 'attribute:steps', kind: 'mean' }), 'Metric steps has no cap'],
    ['a cap of nothing', with_({ name: 'cost', cap: 0 }), 'Metric cost has a cap of 0; it must be above 0.'],
    ['a cap of a rate', with_({ ...slow, cap: 5 }), 'Metric slow has a cap of 5; only a mean has one.'],
    ['a cost margin at its tolerance', with_({ name: 'cost', tolerance: 0.1, margin: 0.1 }), 'Metric cost has a margin of 10 %, not above its tolerance of 10 %'],
    ['a cost margin without end', with_({ name: 'cost', margin: 10 }), 'and below 1000 %'],
    ['an absolute margin at the cap', with_({ name: 'steps', from: 'attribute:steps', kind: 'mean', cap: 5, relative: false, tolerance: 0, margin: 5 }), 'and below 5'],
    ['a relative margin of a rate', with_({ ...slow, relative: true }), 'Metric slow has relative limits; a rate has absolute ones'],
    ['a score margin at its tolerance', with_({ name: 'q', from: 'evaluation:q', role: 'guardrail', tolerance: 0.02 }), 'margin of 0.02, not above its tolerance of 0.02'],
    ['a narrow score margin at tier LOW', with_({ name: 'q', from: 'evaluation:q', role: 'guardrail', margin: 0.01 }), 'at this tier it must be at least 0.02', 'LOW'],
    ['a mean in the error budget', with_({ name: 'cost', excessWeight: 1 }), 'the error budget counts bad responses, which a mean has none of'],
    ['a missing cost', with_({ name: 'cost', missingAs: 0 }), 'Metric cost: a unit that says nothing has no cost, not the value 0.'],
    ['a topline of no metric', { topline: [{ metric: 'toxic', max: 0.1 }] }, 'The topline of toxic is of no metric of this policy.'],
    ['a topline of a mean', { ...with_({ name: 'cost' }), topline: [{ metric: 'cost', max: 0.1 }] }, 'Metric cost is a mean; a topline is held by a rate.'],
    ['a topline of all', { topline: [{ metric: 'error', max: 1 }] }, 'The topline of error is 1; it must lie between 0 and 1.'],
    ['two toplines of one metric', { topline: [{ metric: 'error', max: 0.1 }, { metric: 'error', max: 0.2 }] }, 'Metric error has two toplines.'],
    ['to be better on a ramp', { aim: 'better', metrics: [{ name: 'error', margin: 0 }] }, 'on one fixed weight; there are 4 stages'],
    ['to be better in nothing', { aim: 'better', stages: [{ weightBp: 5_000, durationMinSec: 60 }] }, 'no guardrail metric has a margin of 0'],
    ['to be better by less than is tolerated', { aim: 'better', stages: [{ weightBp: 5_000, durationMinSec: 60 }], metrics: [{ name: 'error', margin: 0, tolerance: 0.01 }] }, 'margin of 0, not above its tolerance of 0.01'],
  ])('%s', (_name, change, said, tier = 'LIMITED') => { expect(faultsOf(put(change, tier)).join('\n')).toContain(said); });

  test('to be better in one thing and not worse in the others is accepted', () => {
    const policy = put({ aim: 'better', stages: [{ weightBp: 5_000, durationMinSec: 60 }], metrics: [{ name: 'thumbsDown', margin: 0 }, { name: 'error' }] });
    expect(faultsOf(policy)).toEqual([]);
  });

  test('cost where a model has no price, as soon as the models are known', () => {
    const policy = put(with_({ name: 'cost' }));
    expect(faultsOf(policy, { unpriced: ['small/1'] })).toEqual(['Metric cost needs the price of a token: small/1 has none.']);
    expect(faultsOf(policy, { unpriced: ['small/1', 'large/2'] })).toEqual([expect.stringContaining('small/1 and large/2 have none')]);
    expect([faultsOf(policy), faultsOf(policy, { unpriced: [] }), faultsOf(put(), { unpriced: ['small/1'] })]).toEqual([[], [], []]);
  });
});

describe('R-132 a policy put by an earlier version means what it meant then', () => {
  test('no watch, no topline, not worse; nothing is added to what its digest is of', () => {
    const { aim: _aim, watchSec: _watchSec, topline: _topline, ...earlier } = put();
    expect(asMeant(earlier)).toEqual({ aim: 'notWorse', watchSec: 0, topline: [] });
    expect(faultsOf(earlier)).toEqual([]);
  });
  test('what it says is what is meant', () => {
    expect(asMeant(put({ aim: 'better', watchSec: 60, topline: [{ metric: 'error', max: 0.1 }] }))).toEqual({ aim: 'better', watchSec: 60, topline: [{ metric: 'error', max: 0.1 }] });
  });
});

describe('R-133 what a cost counts at most is fixed once, from what is known when a release opens', () => {
  const model = { maxTokens: 1_000, priceUsdPerMTok: { input: 1, output: 10 } };
  test.each<[string, Parameters<typeof costCapOf>[0], number]>([
    ['the longest answer of the dearer arm', { stableMeanUsd: null, models: [model, { ...model, maxTokens: 3_000 }] }, 0.03],
    ['20 times the mean', { stableMeanUsd: 0.001, models: [] }, 0.02],
    ['the smaller of both', { stableMeanUsd: 0.001, models: [model] }, 0.01],
    ['a model that costs nothing bounds nothing', { stableMeanUsd: 0.001, models: [{ maxTokens: 10, priceUsdPerMTok: { input: 0, output: 0 } }] }, 0.02],
    ['nothing is known', { stableMeanUsd: null, models: [{ maxTokens: null, priceUsdPerMTok: null }] }, COST_CAP_USD],
  ])('%s', (_name, known, wanted) => { expect(costCapOf(known)).toBeCloseTo(wanted, 12); });
});

describe('R-134 the shares of the arms are counted when the last metric fed by calls is', () => {
  const maturity = (...metrics: readonly MetricInput[]): number => assignmentMaturityMs(put({ metrics }));
  test('feedback does not make it late', () => { expect(maturity({ name: 'error' }, { name: 'thumbsDown' }, { ...slow, maturityMs: 60_000 })).toBe(60_000); });
  test('where there is feedback only, it is that', () => { expect(maturity({ name: 'thumbsDown', maturityMs: 2_000 })).toBe(2_000); });
  test('a metric reads its own feed, and guardrail any guardrail', () => {
    expect([isFedBy({ from: 'guardrail' }, 'guardrail:pii'), isFedBy({ from: 'guardrail:pii' }, 'guardrail:pii'), isFedBy({ from: 'guardrail:pii' }, 'guardrail:x'), isFedBy({ from: 'slow' }, 'error')]).toEqual([true, true, false, false]);
  });
});

describe('R-949 a policy of tier LIMITED or HIGH needs a dataset with a hundred attacks', () => {
  test.each<[RiskTier, number, boolean]>([['LOW', 0, true], ['LIMITED', 99, false], ['LIMITED', 100, true], ['HIGH', 99, false], ['HIGH', 100, true]])('tier %s, %i attacks: %s', (tier, adversarialItems, isEnough) => {
    const faults = faultsOf(put({}, tier), { datasetItems: 2_000, adversarialItems });
    expect(faults.filter((fault) => fault.includes('tagged adversarial'))).toHaveLength(isEnough ? 0 : 1);
  });
  test('what is not known is not checked', () => { expect(faultsOf(put({}, 'HIGH')).filter((fault) => fault.includes('adversarial'))).toEqual([]); });
});
