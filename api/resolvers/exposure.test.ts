import { describe, expect, test } from 'vitest';
import { release } from '../../test/stand-ins.js';
import type { BlockDoc, BlockReads, ReceiptDoc, ReleaseDoc, ReleaseReads } from '../../store/index.js';
import { exposureOf } from './exposure.js';

const block = (index: number, stable: readonly [number, number], candidate: readonly [number, number]): BlockDoc =>
  ({ _id: String(index), shape: 1, application: 'helpdesk', release: 'R1', metric: 'error', block: index, stable: { n: stable[0], k: stable[1] }, candidate: { n: candidate[0], k: candidate[1] }, at: new Date(0) });
const stage = { index: 0, weightBp: 5000, since: new Date(0), stillMs: 0, stillSince: null };
const ask = (doc: ReleaseDoc, rows: readonly BlockDoc[], through?: number, decision?: ReceiptDoc['decision']) => exposureOf(doc, {
  blocks: { after: (_application: string, _release: string, metric: string) => Promise.resolve(metric === 'error' ? rows : []), folded: () => Promise.resolve({ through: through === undefined ? {} : { error: through }, at: null }) } as unknown as BlockReads,
  releases: { lastReceipt: () => Promise.resolve(decision === undefined ? null : { decision } as ReceiptDoc) } as unknown as ReleaseReads,
});
// Blocks of the tier LOW last 10 s.
const ended = release('R1', { stage, state: 'ROLLED_BACK', open: false, terminalAt: new Date(65_000), rollback: { rev: 1, forCause: true, reason: 'r', decidedBy: 'error', receipt: null, committedAt: new Date(58_000), convergedAt: null, convergeMs: null, stragglers: [], leaseEnded: false } });

describe('R-590 what a candidate cost is what the folded blocks say, and unknown is null', () => {
  test('sums, the first bad block, and from there to the decision', async () => {
    expect(await ask(ended, [block(3, [10, 0], [10, 0]), block(4, [10, 1], [10, 4]), block(5, [20, 1], [12, 6])], 6)).toMatchObject({
      metric: 'error', users: 32, requests: 32, badResponses: 10, firstBadAt: new Date(40_000), detectMs: 18_000, settled: true,
    });
  });
  test('the bound, by hand: alpha 0.01, rates 0.1 and 0.5, half of the traffic', async () => {
    // I = (kl(0.5||0.3) + kl(0.1||0.3)) / 2 where 0.3 is the common rate that is hardest to tell apart (the mean, at equal weight).
    const kl = (p: number, q: number): number => p * Math.log(p / q) + (1 - p) * Math.log((1 - p) / (1 - q));
    const info = (kl(0.5, 0.3) + kl(0.1, 0.3)) / 2;
    const answer = await ask(ended, [block(4, [100, 10], [100, 50])]);
    expect(answer?.waldBoundBadResponses).toBeCloseTo((Math.log(100) / info) * 0.5 * 0.5, 6);
  });
  test.each<[string, readonly BlockDoc[]]>([['no worse', [block(4, [10, 5], [10, 5])]], ['better', [block(4, [10, 5], [10, 1])]], ['without stable units', [block(4, [0, 0], [10, 1])]], ['nothing', []]])('no bound where there is nothing to find: %s', async (_name, rows) => {
    expect((await ask(ended, rows))?.waldBoundBadResponses).toBeNull();
  });
  test('nothing bad: no first, no delay', async () => { expect(await ask(ended, [block(4, [10, 0], [10, 0])])).toMatchObject({ badResponses: 0, firstBadAt: null, detectMs: null }); });
  test.each<[string, ReleaseDoc, number | undefined, boolean]>([
    ['open', { ...ended, terminalAt: null }, 99, false], ['the fold is behind', ended, 5, false], ['the fold has not begun', ended, undefined, false], ['the fold has passed the end', ended, 6, true],
  ])('settled: %s', async (_name, doc, through, isSettled) => { expect((await ask(doc, [], through))?.settled).toBe(isSettled); });
  test('before it had weight there is none', async () => { expect(await ask({ ...ended, stage: null }, [block(4, [1, 1], [1, 1])])).toBeNull(); });
  test('the metric that decided is the one', async () => {
    expect((await ask(ended, [], 6, { decision: 'ROLLBACK', reason: 'HARM', metric: 'error', block: 4 }))?.metric).toBe('error');
    const other = { ...ended, policy: { ...ended.policy, plan: { ...ended.policy.plan, metrics: [...ended.policy.plan.metrics.map((metric) => ({ ...metric, name: 'first' })), ...ended.policy.plan.metrics] } } };
    expect((await ask(other, [], 6, { decision: 'ROLLBACK', reason: 'HARM', metric: 'error', block: 4 }))?.metric).toBe('error');
    expect((await ask(other, [], 6, { decision: 'ROLLBACK', reason: 'STAGE_MAX' }))?.metric).toBe('first');
  });
});
