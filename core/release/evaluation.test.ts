import { describe, expect, test } from 'vitest';
import { evaluationPlanOf, faultsOf, isTightening, policyOf } from './index.js';

const input = { name: 'p', evaluation: { dataset: 'd', evaluators: [{ name: 'e' }] }, metrics: [{ name: 'error' }] };
const policyWith = (spendMaxUsd?: number) => policyOf({ ...input, evaluation: { ...input.evaluation, ...(spendMaxUsd === undefined ? {} : { spendMaxUsd }) } }, 'LOW');
const planWith = (spendMaxUsd?: number) => evaluationPlanOf({
  bundle: 'sha256:b', baseline: 'none', dataset: { name: 'd', version: 1, digest: 'sha256:d', items: 10 }, evaluators: [], policy: { name: 'p', digest: 'sha256:p', plan: policyWith(spendMaxUsd) },
}, (value) => `sha256:${Buffer.from(JSON.stringify(value)).toString('hex').slice(-8)}`);

describe('R-296 a cap on money is asked before each call; a cost that nobody knows stops the run', () => {
  test('a policy without one is what it was, and so is its plan', () => {
    expect(policyWith().evaluation).not.toHaveProperty('spendMaxUsd');
    expect(planWith()).not.toHaveProperty('spendMaxUsd');
  });
  test('one that has it hands it on, and no cap is nothing', () => {
    expect(planWith(2.5)).toMatchObject({ spendMaxUsd: 2.5 });
    expect([...faultsOf(policyWith(2.5))].filter((fault) => fault.includes('USD'))).toEqual([]);
    expect([...faultsOf(policyWith(0))]).toContain('The evaluation may spend 0 USD.');
  });
  test('whoever may only tighten may not change it: less money is less evidence', () => {
    expect(isTightening(policyWith(2), policyWith(2))).toBe(true);
    for (const [before, after] of [[2, 1], [2, 3], [2, undefined], [undefined, 2]] as const) expect(isTightening(policyWith(before), policyWith(after))).toBe(false);
  });
});
