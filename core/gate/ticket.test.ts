import { describe, expect, it } from 'vitest';
import { admits } from './ticket.js';
import type { Ticket, Wanted } from './ticket.js';

const DAY_MS = 86_400_000;
const ticket: Ticket = {
  bundle: 'sha256:candidate', baseline: 'sha256:stable', datasetDigest: 'sha256:data', evaluatorDigests: ['sha256:a', 'sha256:b'], policyDigest: 'sha256:policy',
  verdict: 'PASS', finishedAtMs: 100 * DAY_MS,
};
const wanted: Wanted = {
  bundle: 'sha256:candidate', baseline: 'sha256:stable', datasetDigest: 'sha256:data', evaluatorDigests: ['sha256:b', 'sha256:a'], policyDigest: 'sha256:policy',
  maxAgeMs: 14 * DAY_MS, nowMs: 110 * DAY_MS,
};

describe('R-001 no traffic without a ticket for exactly these digests', () => {
  it('admits what was evaluated, whatever the order of evaluators', () => { expect(admits(ticket, wanted)).toEqual({ ok: true }); });
  it('admits until the last millisecond of its age', () => {
    expect(admits(ticket, { ...wanted, nowMs: 114 * DAY_MS })).toEqual({ ok: true });
    expect(admits(ticket, { ...wanted, nowMs: 114 * DAY_MS + 1 })).toEqual({ ok: false, reason: 'TOO_OLD' });
  });
  it.each<[string, Partial<Ticket>, string]>([
    ['a FAIL', { verdict: 'FAIL' }, 'NOT_PASSED'], ['an INCONCLUSIVE', { verdict: 'INCONCLUSIVE' }, 'NOT_PASSED'], ['another bundle', { bundle: 'sha256:other' }, 'OTHER_BUNDLE'],
    ['another baseline', { baseline: 'sha256:older' }, 'OTHER_BASELINE'], ['no baseline where there is a stable', { baseline: 'none' }, 'OTHER_BASELINE'],
    ['another dataset', { datasetDigest: 'sha256:more' }, 'OTHER_DATASET'], ['another policy', { policyDigest: 'sha256:lax' }, 'OTHER_POLICY'],
    ['an evaluator less', { evaluatorDigests: ['sha256:a'] }, 'OTHER_EVALUATORS'], ['an evaluator more', { evaluatorDigests: ['sha256:a', 'sha256:b', 'sha256:c'] }, 'OTHER_EVALUATORS'],
    ['one evaluator twice instead of two', { evaluatorDigests: ['sha256:a', 'sha256:a'] }, 'OTHER_EVALUATORS'], ['no evaluator', { evaluatorDigests: [] }, 'OTHER_EVALUATORS'],
    ['the future', { finishedAtMs: 111 * DAY_MS }, 'FROM_THE_FUTURE'], ['no time', { finishedAtMs: NaN }, 'TOO_OLD'],
  ])('refuses %s', (_name, change, reason) => { expect(admits({ ...ticket, ...change }, wanted)).toEqual({ ok: false, reason }); });
  it('a first release has its own kind of ticket', () => {
    expect(admits({ ...ticket, baseline: 'none' }, { ...wanted, baseline: 'none' })).toEqual({ ok: true });
    expect(admits(ticket, { ...wanted, baseline: 'none' })).toEqual({ ok: false, reason: 'OTHER_BASELINE' });
  });
});
