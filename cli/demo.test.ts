import { describe, expect, test } from 'vitest';
import { textsOf } from './demo-crowd.js';
import { costLines, outcomeOf, redacted, storyLines, summaryOf } from './demo-summary.js';
import type { ReleaseView } from './release-view.js';

const view = (more: Partial<ReleaseView> = {}): ReleaseView => ({
  id: 'r3', kind: 'RELEASE', application: 'helpdesk', environment: 'production', state: 'ROLLED_BACK', open: false, message: '', baseline: 'sha256:b',
  candidate: { digest: 'sha256:c', prompts: [{ prompt: 'answer', version: 3 }] }, policy: null, approvals: [], approvalsNeeded: 0, stages: [{ weightBp: 1_000 }], stage: null, holds: [], waitingFor: [], evidence: [], assignment: null, progress: null,
  evaluation: { id: 'e', state: 'FINISHED', bundle: 'sha256:c', baseline: 'sha256:b', error: null, finishedAt: null, dataset: { name: 'q', version: 1, items: 180 }, progress: { items: 180, itemsTotal: 180, calls: 360, errors: 0, costUsd: null }, verdict: { kind: 'PASS', reasons: [], moreCasesNeeded: null, evidence: {} } },
  rollback: { rev: 9, forCause: true, reason: 'ungrounded is at least 0.22, stable 0.02', decidedBy: 'slipway:workflow', receipt: 'r3/9', committedAt: '2030-01-01T00:00:10.000Z', convergedAt: '2030-01-01T00:00:10.400Z', convergeMs: 400, stragglers: [], leaseEnded: false },
  exposure: { metric: 'ungrounded', users: 31, requests: 31, badResponses: 15, waldBoundBadResponses: 5, firstBadAt: null, detectMs: 8_000, settled: true },
  timeline: [], createdAt: '2030-01-01T00:00:00.000Z', terminalAt: '2030-01-01T00:00:11.000Z', ...more,
});

describe('R-870 the demo reports what the API says, in stable names', () => {
  test('a release that was taken back', () => {
    expect(outcomeOf(view(), [1_000])).toEqual({
      candidate: 'answer@3', release: 'r3', outcome: 'ROLLED_BACK', verdict: 'PASS', weightsBp: [1_000], durationMs: 11_000, decidedBy: 'ungrounded', reason: 'ungrounded is at least 0.22, stable 0.02',
      metric: 'ungrounded', users: 31, canaryRequests: 31, badResponses: 15, waldBoundBadResponses: 5, ratioToBound: 3, detectMs: 8_000, convergeMs: 400, settled: true,
    });
  });
  test('a person who took it back is named', () => {
    expect(outcomeOf(view({ rollback: { ...(view().rollback as NonNullable<ReleaseView['rollback']>), decidedBy: 'person:sam' } }), []).decidedBy).toBe('person:sam');
  });
  test('what is not known is null, never 0, and there is no ratio to nothing', () => {
    expect(outcomeOf(view({ exposure: null, rollback: null, evaluation: null, terminalAt: null, timeline: [] }), [])).toMatchObject({ users: null, canaryRequests: null, badResponses: null, waldBoundBadResponses: null, ratioToBound: null, detectMs: null, convergeMs: null, verdict: null, durationMs: null, reason: null });
    for (const bound of [null, 0]) expect(outcomeOf(view({ exposure: { ...(view().exposure as NonNullable<ReleaseView['exposure']>), waldBoundBadResponses: bound } }), []).ratioToBound).toBeNull();
  });
  test('the outcome is the state of the release, whichever candidate it was', () => {
    for (const state of ['PROMOTED', 'ROLLED_BACK', 'REJECTED', 'CANCELLED', 'FAILED'] as const) for (const version of [1, 2, 3, 4, 7]) {
      expect(outcomeOf(view({ state, candidate: { digest: 'd', prompts: [{ prompt: 'answer', version }] } }), [])).toMatchObject({ outcome: state, candidate: `answer@${version}` });
    }
  });
  test('the summary keeps the order and leaves the first release apart', () => {
    const [a, b] = [outcomeOf(view(), []), outcomeOf(view({ state: 'REJECTED', rollback: null, exposure: null }), [])];
    expect(summaryOf({ temporal: 't', mongodb: 'm', model: 's' }, a, [a, b], 9)).toEqual({ engines: { temporal: 't', mongodb: 'm', model: 's' }, first: a, releases: [a, b], tookMs: 9 });
  });
});

describe('R-871 the story is told in the lines of the first screen', () => {
  const told = (release: ReleaseView, weights: number[] = []): string => storyLines(release, outcomeOf(release, weights)).join('\n');
  test('taken back', () => { expect(told(view(), [1_000])).toBe('helpdesk v3  evaluated   PASS: no worse on 180 cases\nhelpdesk v3  canary      10 %, rolled back: ungrounded is at least 0.22, stable 0.02; 31 users saw it'); });
  test('promoted', () => { expect(told(view({ state: 'PROMOTED', rollback: null }), [1_000, 5_000])).toContain('canary      10 % → 50 %, promoted'); });
  test('the first', () => { expect(told(view({ state: 'PROMOTED', rollback: null, exposure: null }))).toContain('the first release here'); });
  test('refused', () => {
    const evaluation = view().evaluation as NonNullable<ReleaseView['evaluation']>;
    const release = view({ state: 'REJECTED', rollback: null, exposure: null, evaluation: { ...evaluation, verdict: { kind: 'FAIL', reasons: ['grounded: 0.00, floor 0.9'], moreCasesNeeded: null, evidence: {} } } });
    expect(told(release)).toBe('helpdesk v3  evaluated   FAIL on 180 cases: grounded: 0.00, floor 0.9\nhelpdesk v3  rejected    before any user saw it');
  });
  test('what it cost, against the theoretical minimum; nothing where nothing was taken back', () => {
    expect(costLines(outcomeOf(view(), [])).join('\n')).toContain('5.0, for any test at this alpha; this was 3.0 times that');
    expect(costLines(outcomeOf(view({ exposure: null }), [])).join('\n')).toContain('unknown');
    expect(costLines(outcomeOf(view({ state: 'PROMOTED' }), []))).toEqual([]);
  });
  test('a connection string loses its password', () => { expect(redacted('mongodb://user:secret@127.0.0.1/x')).toBe('mongodb://…@127.0.0.1/x'); });
});

describe('R-872 what is read beforehand is every line of the texts, once', () => {
  test('headings and marks are left out', () => {
    expect(textsOf([{ id: 'a', variables: { passage: '## Leave\n- One.\nTwo.', question: 'Why?' }, expected: 'Two.' }, { id: 'b', variables: {} }])).toEqual(['One.', 'Two.', 'Why?']);
  });
});
