import { describe, expect, test } from 'vitest';
import { HOLD_REASONS } from '../gate/index.js';
import {
  MAY_BECOME, RELEASE_STATES, evaluationPlanOf, isExposed, isOpen, mayApprove, mayBecome, policyOf, quorum, refusalOf, sentenceOfHold, sentenceOfHolds, sentenceOfState,
} from './index.js';
import type { ApprovalQuestion, ReleaseAct, ReleaseState } from './index.js';

describe('R-304 a release moves by the table and by nothing else', () => {
  test('a terminal state has no way out, and FAILED no way in', () => {
    expect(RELEASE_STATES.filter((state) => !isOpen(state))).toEqual(['PROMOTED', 'ROLLED_BACK', 'REJECTED', 'CANCELLED', 'FAILED']);
    expect(Object.values(MAY_BECOME).flat()).not.toContain('FAILED');
  });
  test('out of every exposed state there is a way back', () => {
    expect(RELEASE_STATES.filter(isExposed).filter((state) => !mayBecome(state, 'ROLLING_BACK'))).toEqual([]);
  });
  test.each<[ReleaseState, ReleaseState]>([
    ['CANARY', 'PROMOTED'], ['CANARY', 'CANCELLED'], ['CANARY', 'ROLLED_BACK'], ['PAUSED', 'PROMOTED'], ['BAKING', 'CANARY'],
    ['ROLLING_BACK', 'CANARY'], ['AWAITING_APPROVAL', 'EVALUATING'], ['PROMOTED', 'ROLLING_BACK'], ['EVALUATING', 'REQUESTED'],
  ])('%s may not become %s', (from, to) => { expect(mayBecome(from, to)).toBe(false); });
});

describe('R-305 an act in a state that does not allow it is refused', () => {
  const allowed: Record<ReleaseAct, ReleaseState[]> = {
    approve: ['AWAITING_APPROVAL'], reject: ['REQUESTED', 'EVALUATING', 'AWAITING_APPROVAL'], cancel: ['REQUESTED', 'EVALUATING', 'AWAITING_APPROVAL'],
    pause: ['CANARY', 'BAKING'], resume: ['PAUSED'], acknowledge: ['CANARY', 'PAUSED', 'BAKING'],
  };
  test.each(Object.entries(allowed) as [ReleaseAct, ReleaseState[]][])('%s', (act, states) => {
    for (const state of RELEASE_STATES) expect([state, refusalOf(act, state) === null]).toEqual([state, states.includes(state)]);
  });
});

describe('R-306 an approval counts once, by a person who neither wrote nor asked for it', () => {
  const plan = { count: 2, outsideTeam: 1, expireSec: 60 };
  const ask: ApprovalQuestion = { approver: { id: 'person:ann', kind: 'person', team: 'support' }, requestedBy: 'person:rob', authors: ['person:eve'], approvals: [], ownerTeam: 'support', plan, tier: 'HIGH' };
  test.each<[string, Partial<ApprovalQuestion>, string]>([
    ['a pipeline', { approver: { id: 'ci:github', kind: 'ci', team: '' } }, 'FORBIDDEN'],
    ['an application', { approver: { id: 'application:helpdesk', kind: 'application', team: '' } }, 'FORBIDDEN'],
    ['Slipway itself', { approver: { id: 'slipway:workflow', kind: 'slipway', team: '' } }, 'FORBIDDEN'],
    ['who asked for it', { requestedBy: 'person:ann' }, 'FORBIDDEN'],
    ['an author', { authors: ['person:eve', 'person:ann'] }, 'FORBIDDEN'],
    ['the same person again', { approvals: [{ approver: 'person:ann', team: 'support' }] }, 'CONFLICT'],
    ['one more than needed', { approvals: [{ approver: 'person:b', team: 'support' }, { approver: 'person:c', team: 'risk' }] }, 'CONFLICT'],
  ])('not %s', (_name, change, code) => { expect(mayApprove({ ...ask, ...change })).toMatchObject({ kind: 'refused', code }); });
  test('anybody else', () => { expect(mayApprove(ask)).toEqual({ kind: 'ok' }); });

  test.each<[string, { approver: string; team: string }[], boolean, number, number]>([
    ['nobody', [], false, 2, 1],
    ['one of the team', [{ approver: 'a', team: 'support' }], false, 1, 1],
    ['two of the team', [{ approver: 'a', team: 'support' }, { approver: 'b', team: 'support' }], false, 1, 1],
    ['one person twice', [{ approver: 'a', team: 'risk' }, { approver: 'a', team: 'risk' }], false, 1, 0],
    ['one of each', [{ approver: 'a', team: 'support' }, { approver: 'b', team: 'risk' }], true, 0, 0],
  ])('the quorum with %s', (_name, approvals, reached, missing, missingOutside) => {
    expect(quorum({ approvals, plan, ownerTeam: 'support' })).toEqual({ reached, missing, missingOutside });
  });
});

describe('R-240 the same content is the same evaluation', () => {
  const policy = { name: 'standard', digest: 'sha256:p', plan: policyOf({ name: 'standard', evaluation: { dataset: 'd', evaluators: [{ name: 'e' }] }, metrics: [{ name: 'error' }] }, 'LOW') };
  const pins = { bundle: 'sha256:b', baseline: 'none' as const, dataset: { name: 'd', version: 1, digest: 'sha256:d', items: 200 }, evaluators: [{ name: 'e' }], policy };
  const digestOf = (value: unknown) => `sha256:${Array.from(JSON.stringify(value)).reduce((sum, c) => (sum * 31 + (c.codePointAt(0) ?? 0)) >>> 0, 7).toString(16).padStart(8, '0')}`;
  test('plan and seed repeat, and both change with the baseline', () => {
    expect(evaluationPlanOf(pins, digestOf)).toEqual(evaluationPlanOf({ ...pins }, digestOf));
    expect(evaluationPlanOf({ ...pins, baseline: 'sha256:a' }, digestOf).seed).not.toBe(evaluationPlanOf(pins, digestOf).seed);
  });
});

describe('R-307 every reason to hold and every state has its sentence', () => {
  test.each([...HOLD_REASONS])('%s', (reason) => { expect(sentenceOfHold(reason)).toMatch(/^[A-Z].*\.$/); });
  test.each([...RELEASE_STATES])('%s', (state) => { expect(sentenceOfState(state)).toMatch(/^[A-Z].*\.$/); });
  test('the headline comes first', () => { expect(sentenceOfHolds(['TOO_FEW', 'MIN_DURATION'])).toMatch(/too few.*minimum/); });
});
