import { createHash } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, test } from 'vitest';
import { digestOf } from '../core/canonical.js';
import { createMemory } from '../test/memory.js';
import type { Memory } from '../test/memory.js';
import { orderOf } from '../test/release-script.js';
import type { PolicyInput, RiskTier } from '../core/release/index.js';
import type { ReceiptDoc, ReleaseDoc } from '../store/index.js';
import { createReleaseActivities } from './release.js';
import type { CommitAct } from './release.js';
import { createReleaseEvaluationActivities } from './release-evaluation.js';
import { createReleaseSplitActivities } from './release-split.js';

const logger = new DefaultLogger('ERROR', () => undefined);
const digest = (value: unknown): string => digestOf(value, (text) => createHash('sha256').update(text).digest('hex'));
const run = <T>(work: () => Promise<T>, attempt = 1): Promise<T> => new MockActivityEnvironment({ attempt }, { logger }).run(work);

function world(tier: RiskTier = 'LOW', change: Partial<PolicyInput> = {}, stable: string | null = 'sha256:a') {
  const memory = createMemory(stable);
  const order = orderOf(tier, { leaseMs: 5_000, ...change });
  const made = { ...order, release: { ...order.release, environment: 'production' } };
  const release = createReleaseActivities({ releases: memory.releases, environments: memory.environments, blocks: memory.blocks, bundles: memory.bundles, digest, tell: () => undefined });
  const at = { release: made.release._id, application: 'helpdesk', environment: 'production', epoch: 4 };
  return { memory, order: made, at, release, split: createReleaseSplitActivities(memory), open: () => run(() => release.openRelease(made)) };
}
const pass = (memory: Memory, id: string): void => {
  const doc = memory.release(id);
  doc.ticket = {
    evaluation: 'E1', bundle: doc.candidate, baseline: doc.baseline ?? 'none', datasetDigest: doc.dataset.digest, evaluatorDigests: doc.evaluators.map((one) => one.digest),
    policyDigest: doc.policy.digest, verdict: 'PASS', finishedAt: new Date(memory.nowMs - 1_000),
  };
};
const actOf = (at: CommitAct['at'], act: CommitAct['act'], change: Partial<CommitAct> = {}): CommitAct =>
  ({ act, at, actor: { id: 'person:ann', kind: 'person', authMethod: 'dev' }, name: 'Ann', team: 'risk', reason: 'because', id: `act/${act}`, ...change });

describe('R-315 opening is safe to repeat, and a refusal holds nothing of anybody', () => {
  test('the release first, then the epoch, then what is pinned; a second run finds all of it', async () => {
    const { open, memory, order } = world();
    const first = await open();
    expect(first).toMatchObject({ kind: 'opened', epoch: 4, baseline: 'sha256:a' });
    expect(memory.release(order.release._id).gate).toMatchObject({ format: 1 });
    expect(await open()).toEqual(first);
    expect(memory.environment.epoch).toBe(4);
    expect(memory.intents).toEqual([`${order.release._id}/requested`, `${order.release._id}/opened`]);
  });

  test('a crash between the two writes is carried on', async () => {
    const { open, memory, order } = world();
    await memory.releases.insert(order.release, { id: `${order.release._id}/requested`, type: 'release.requested', actor: order.release.requestedBy }, { id: 'x', application: 'helpdesk', action: 'release.requested', actor: order.release.requestedBy, subject: 'x' });
    expect(await open()).toMatchObject({ kind: 'opened', epoch: 4 });
  });

  test('without a stable nothing is compared', async () => {
    const { open, memory, order } = world('LOW', {}, null);
    expect(await open()).toMatchObject({ kind: 'opened', baseline: 'none' });
    expect(memory.release(order.release._id)).toMatchObject({ gate: null, baseline: 'none' });
  });

  test('a quarantined bundle is refused, and its release is over', async () => {
    const { open, memory, order } = world();
    memory.environment.quarantine = [{ digest: 'sha256:b', contents: 'sha256:c', release: 'R000', reason: 'it lied', at: new Date(0) }];
    expect(await open()).toMatchObject({ kind: 'refused', code: 'QUARANTINED' });
    expect(memory.release(order.release._id)).toMatchObject({ state: 'REJECTED', open: false });
    expect(await open()).toMatchObject({ kind: 'refused', code: 'QUARANTINED' });
  });

  test('an open release is named and left alone', async () => {
    const { open, memory, order, release } = world();
    await open();
    const other = { ...order, release: { ...order.release, _id: 'R900', once: { key: 'another', args: 'sha256:args' } } };
    expect(await run(() => release.openRelease(other))).toMatchObject({ kind: 'refused', code: 'CONFLICT', message: expect.stringContaining(order.release._id) as string });
    expect(memory.environment.open).toEqual({ release: order.release._id, epoch: 4 });
  });

  test('a holder that is just ending is waited for, one that stays is named', async () => {
    const { memory, order, release } = world();
    memory.environment.open = { release: 'R000', epoch: 3 };
    await expect(run(() => release.openRelease(order))).rejects.toMatchObject({ type: 'Undecided' });
    expect(await run(() => release.openRelease(order), 8)).toMatchObject({ kind: 'refused', code: 'CONFLICT' });
    expect(memory.environment.open).toEqual({ release: 'R000', epoch: 3 });
  });

  test('a key that was used for another input is refused', async () => {
    const { open, order, release } = world();
    await open();
    expect(await run(() => release.openRelease({ ...order, release: { ...order.release, _id: 'R901', once: { ...order.release.once, args: 'sha256:other' } } }))).toMatchObject({ kind: 'refused', code: 'CONFLICT' });
  });

  test('a repeated key finds its own release', async () => {
    const { open, order, release } = world();
    await open();
    expect(await run(() => release.openRelease({ ...order, release: { ...order.release, _id: 'R902' } }))).toEqual({ kind: 'repeated', release: order.release._id, state: 'REQUESTED' });
  });
});

describe('R-316 a move is written once, and whoever was first is followed', () => {
  test('a repeat changes nothing; a move from a state that is gone answers with the state that is', async () => {
    const { open, memory, at, release } = world();
    await open();
    const move = { at, id: 'm1', from: 'REQUESTED', to: 'EVALUATING' } as const;
    const first = await release.recordState(move);
    expect(await release.recordState(move)).toEqual(first);
    expect(await release.recordState({ at, id: 'm2', from: 'REQUESTED', to: 'CANCELLED' })).toEqual(first);
    expect(memory.intents.filter((id) => id === 'm1' || id === 'm2')).toEqual(['m1']);
  });

  test('an end before any weight lets go of the environment', async () => {
    const { open, memory, at, release } = world();
    await open();
    await release.recordState({ at, id: 'm1', from: 'REQUESTED', to: 'REJECTED', reason: 'no' });
    expect(memory.environment.open).toBeNull();
  });
});

describe('R-317 an act is committed once, by whom it may be', () => {
  const awaiting = async (tier: RiskTier = 'LIMITED', change: Partial<PolicyInput> = {}) => {
    const made = world(tier, change);
    await made.open();
    made.memory.release(made.at.release).state = 'AWAITING_APPROVAL';
    return made;
  };
  test('an approval binds to the digests and repeats harmlessly', async () => {
    const { memory, at, release } = await awaiting();
    expect(await release.commitAct(actOf(at, 'approve'))).toMatchObject({ kind: 'done', standing: { approved: true } });
    expect(await release.commitAct(actOf(at, 'approve'))).toMatchObject({ kind: 'repeated' });
    expect(memory.release(at.release).approvals).toMatchObject([{ approver: 'person:ann', digest: expect.stringMatching(/^sha256:/) as string }]);
  });
  test.each<[string, Partial<CommitAct>, string]>([
    ['by who asked for it', { actor: { id: 'person:rob', kind: 'person' } }, 'FORBIDDEN'],
    ['by an author', { actor: { id: 'person:eve', kind: 'person' } }, 'FORBIDDEN'],
    ['by a pipeline', { actor: { id: 'ci:github', kind: 'ci' } }, 'FORBIDDEN'],
  ])('no approval %s', async (_name, change, code) => {
    const { memory, at, release } = await awaiting();
    expect(await release.commitAct(actOf(at, 'approve', change))).toMatchObject({ kind: 'refused', code });
    expect(memory.release(at.release).approvals).toEqual([]);
  });
  test('no second approval by the same person', async () => {
    const { at, release } = await awaiting('LIMITED', { approvals: { count: 2 } });
    await release.commitAct(actOf(at, 'approve'));
    expect(await release.commitAct(actOf(at, 'approve', { id: 'again' }))).toMatchObject({ kind: 'refused', code: 'CONFLICT' });
  });
  test('of two approvals by one person at once, from two tabs, one is told', async () => {
    const { memory, at, release } = await awaiting('LIMITED', { approvals: { count: 2 } });
    const both = await Promise.all([1, 2].map((tab) => release.commitAct(actOf(at, 'approve', { id: `tab-${tab}` }))));
    expect(both.map((answer) => (answer.kind === 'refused' ? answer.code : answer.kind)).toSorted()).toEqual(['CONFLICT', 'done']);
    const { approvals, timeline } = memory.release(at.release);
    expect([approvals.length, timeline.filter(({ type }) => type === 'release.approved').length]).toEqual([1, 1]);
  });
  test('reject wins over a later approval, and lets go', async () => {
    const { memory, at, release } = await awaiting();
    expect(await release.commitAct(actOf(at, 'reject'))).toMatchObject({ kind: 'done', standing: { state: 'REJECTED' } });
    expect(await release.commitAct(actOf(at, 'approve'))).toMatchObject({ kind: 'refused', code: 'CONFLICT' });
    expect(memory.environment.open).toBeNull();
  });
  test('a pause stops the stage\'s clock, a resume goes on where it was', async () => {
    const { memory, at, release } = await awaiting();
    const doc = memory.release(at.release);
    doc.state = 'CANARY';
    doc.stage = { index: 0, weightBp: 1_000, since: new Date(memory.nowMs - 5_000), stillMs: 0, stillSince: null };
    expect(await release.commitAct(actOf(at, 'pause'))).toMatchObject({ kind: 'done', standing: { state: 'PAUSED' } });
    expect(memory.release(at.release)).toMatchObject({ holds: ['MANUAL_PAUSE'], stage: { stillSince: new Date(memory.nowMs) } });
    memory.nowMs += 60_000;
    expect(await release.commitAct(actOf(at, 'resume'))).toMatchObject({ kind: 'done', standing: { state: 'CANARY' } });
    expect(memory.release(at.release)).toMatchObject({ holds: [], stage: { stillMs: 60_000, stillSince: null } });
  });
  test('nothing is acknowledged that is not in alarm', async () => {
    const { memory, at, release } = await awaiting();
    memory.release(at.release).state = 'CANARY';
    expect(await release.commitAct(actOf(at, 'acknowledge', { metric: 'error' }))).toMatchObject({ kind: 'refused', code: 'CONFLICT' });
  });
});

describe('R-318 weight is given with a ticket, under the epoch, and never over a lapsed lease', () => {
  const canary = async () => {
    const made = world();
    await made.open();
    pass(made.memory, made.at.release);
    made.memory.release(made.at.release).state = 'CANARY';
    return made;
  };
  test('once, under a fresh lease; a repeat writes no second revision', async () => {
    const { memory, at, split } = await canary();
    expect(await split.setWeight({ at, id: 'w1', weightBp: 1_000 })).toEqual({ kind: 'written', rev: 8 });
    expect(await split.setWeight({ at, id: 'w1', weightBp: 1_000 })).toEqual({ kind: 'written', rev: 8 });
    expect(memory.environment.split).toMatchObject({ candidate: 'sha256:b', weightBp: 1_000, leaseMs: 5_000 });
  });
  test.each<[string, (memory: Memory, id: string) => void]>([
    ['no ticket', (memory, id) => { memory.release(id).ticket = null; }],
    ['one for another baseline', (memory, id) => { const doc = memory.release(id); doc.ticket = doc.ticket && { ...doc.ticket, baseline: 'sha256:z' }; }],
    ['one for another policy', (memory, id) => { const doc = memory.release(id); doc.ticket = doc.ticket && { ...doc.ticket, policyDigest: 'sha256:z' }; }],
    ['one that is too old', (memory, id) => { const doc = memory.release(id); doc.ticket = doc.ticket && { ...doc.ticket, finishedAt: new Date(0) }; }],
  ])('not with %s', async (_name, spoil) => {
    const { memory, at, split } = await canary();
    spoil(memory, at.release);
    await expect(split.setWeight({ at, id: 'w1', weightBp: 1_000 })).rejects.toMatchObject({ type: 'EVIDENCE_MISSING', nonRetryable: true });
    await expect(split.promote({ at, id: 'p1' })).rejects.toMatchObject({ type: 'EVIDENCE_MISSING', nonRetryable: true });
    expect(memory.environment.rev).toBe(7);
  });
  test('a ticket that grows old on a long ramp stays good', async () => {
    const { memory, at, split } = await canary();
    await split.setWeight({ at, id: 'w1', weightBp: 1_000 });
    const doc = memory.release(at.release);
    doc.ticket = doc.ticket && { ...doc.ticket, finishedAt: new Date(0) };
    expect(await split.setWeight({ at, id: 'w2', weightBp: 5_000 })).toMatchObject({ kind: 'written' });
  });
  test('not after a rollback', async () => {
    const { memory, at, split } = await canary();
    await memory.environments.rollback({ application: 'helpdesk', environment: 'production', release: at.release, candidate: 'sha256:b', contents: 'sha256:c', forCause: true, reason: 'bad', intent: { id: 'i', application: 'helpdesk', action: 'x', actor: { id: 'person:o', kind: 'person' }, subject: 's' } });
    expect(await split.setWeight({ at, id: 'w1', weightBp: 1_000 })).toEqual({ kind: 'superseded' });
    expect(await split.promote({ at, id: 'p1' })).toEqual({ kind: 'superseded' });
  });
  test('not over a lease that ran out unseen, but down to nothing always', async () => {
    const { memory, at, split } = await canary();
    await split.setWeight({ at, id: 'w1', weightBp: 1_000 });
    memory.nowMs += 5_000;
    expect(await split.setWeight({ at, id: 'w2', weightBp: 5_000 })).toEqual({ kind: 'lapsed' });
    expect(await split.promote({ at, id: 'p1' })).toEqual({ kind: 'lapsed' });
    expect(await split.setWeight({ at, id: 'w3', weightBp: 0 })).toMatchObject({ kind: 'written' });
    expect(await split.setWeight({ at, id: 'w4', weightBp: 1_000 })).toMatchObject({ kind: 'written' });
  });
  test('not more in the moment of a pause', async () => {
    const { memory, at, split } = await canary();
    await split.setWeight({ at, id: 'w1', weightBp: 1_000 });
    memory.release(at.release).state = 'PAUSED';
    await split.setWeight({ at, id: 'w2', weightBp: 5_000 });
    expect(memory.environment.split).toMatchObject({ weightBp: 1_000 });
  });
  test('promotion ends the release\'s hold and repeats harmlessly', async () => {
    const { memory, at, split } = await canary();
    await split.setWeight({ at, id: 'w1', weightBp: 9_500 });
    const first = await split.promote({ at, id: 'p1' });
    expect(await split.promote({ at, id: 'p1' })).toEqual(first);
    expect(memory.environment).toMatchObject({ open: null, previous: 'sha256:a', split: { stable: 'sha256:b', weightBp: 0 } });
  });
});

describe('R-341 a promotion whose answer was lost stays one, whatever happened since', () => {
  test('a revert in between is no rollback of the release', async () => {
    const { memory, at, open } = world();
    await open();
    pass(memory, at.release);
    memory.environment.open = null;
    memory.environment.epoch = 5;
    memory.environment.split = { stable: 'sha256:a', weightBp: 0, leaseMs: 5_000, release: 'revert/helpdesk/production/9' };
    const asked: string[] = [];
    const split = createReleaseSplitActivities({ ...memory, environments: { ...memory.environments, promote: async ({ epoch, intent }) => { asked.push(`${epoch} ${intent.id}`); return { kind: 'repeated', rev: 8, epoch: 4 }; } } });
    expect(await split.promote({ at, id: 'p1' })).toEqual({ kind: 'written', rev: 8 });
    expect(asked).toEqual(['4 p1']);
  });
});

describe('R-006 a rollback is finished when it is proven', () => {
  const back = async () => {
    const made = world();
    await made.open();
    pass(made.memory, made.at.release);
    await made.split.setWeight({ at: made.at, id: 'w1', weightBp: 1_000 });
    const reader = (name: string, rev: number, ageMs = 0, epoch = 4) => ({ application: 'helpdesk', environment: 'production', reader: name, epoch, rev, leaseSeq: 0, at: new Date(made.memory.nowMs - ageMs), revAt: new Date(made.memory.nowMs - ageMs) });
    const taken = await made.split.takeBack({ at: made.at, id: 'b1', note: null, cause: { forCause: true, reason: 'HARM', receipt: 'R/1' } });
    return { ...made, reader, order: { at: made.at, rev: taken.rev, epoch: taken.epoch }, taken };
  };
  test('it quarantines for cause, and a repeat finds the same revision', async () => {
    const { memory, split, at, taken } = await back();
    expect(memory.environment.quarantine).toMatchObject([{ digest: 'sha256:b', reason: 'HARM' }]);
    expect(await split.takeBack({ at, id: 'b1', note: null, cause: { forCause: true, reason: 'HARM', receipt: 'R/1' } })).toEqual(taken);
    expect(memory.environment.epoch).toBe(5);
  });
  test('a change of mind that comes first does not wipe out the harm', async () => {
    const made = world();
    await made.open();
    const note = { release: made.at.release, rev: 8, epoch: 5, forCause: false, reason: 'no reason given', actor: { id: 'person:o', kind: 'person' as const } };
    const orders: boolean[] = [];
    const split = createReleaseSplitActivities({ ...made.memory, environments: { ...made.memory.environments, rollback: (order) => { orders.push(order.forCause); return made.memory.environments.rollback(order); } } });
    expect(await split.takeBack({ at: made.at, id: 'b1', note, cause: { forCause: true, reason: 'HARM', receipt: 'R/1' } })).toMatchObject({ reason: 'HARM' });
    expect(orders).toEqual([true]);
    expect(made.memory.release(made.at.release).rollback).toMatchObject({ forCause: true, reason: 'HARM', decidedBy: 'person:o', receipt: 'R/1' });
  });
  test('each connected reader is waited for, by name', async () => {
    const { memory, split, order, reader } = await back();
    memory.readers.push(reader('edge-1', order.rev, 0, 5), reader('edge-2', order.rev - 1));
    await expect(split.awaitReaders(order)).rejects.toMatchObject({ type: 'Undecided', message: expect.stringContaining('edge-2') as string });
    expect(memory.release(order.at.release).rollback?.convergedAt).toBeNull();
    memory.nowMs += 900;
    memory.readers[1] = reader('edge-2', order.rev, 0, 5);
    expect(await split.awaitReaders(order)).toEqual({ convergeMs: 900, stragglers: [], leaseEnded: false });
    expect(memory.release(order.at.release).rollback).toMatchObject({ convergeMs: 900, forCause: true, receipt: 'R/1', decidedBy: 'slipway:workflow' });
  });
  test('a reader of an older epoch is not there, whatever its revision says', async () => {
    const { memory, split, order, reader } = await back();
    memory.readers.push(reader('edge-1', order.rev + 5, 0, 4));
    await expect(split.awaitReaders(order)).rejects.toMatchObject({ type: 'Undecided' });
  });
  test('one that stays away is named once its lease has run out', async () => {
    const { memory, split, order, reader } = await back();
    memory.readers.push(reader('edge-1', order.rev - 1));
    memory.nowMs += 5_000;
    memory.readers[0] = reader('edge-1', order.rev - 1);
    expect(await split.awaitReaders(order)).toEqual({ convergeMs: 5_000, stragglers: ['edge-1'], leaseEnded: true });
  });
  test('what the API has taken back is found, with its time', async () => {
    const { memory, split, at } = await back();
    const note = { release: at.release, rev: 9, epoch: 5, forCause: true, reason: 'bad', actor: { id: 'person:o', kind: 'person' as const } };
    expect(await split.takeBack({ at, id: 'b2', note, cause: null })).toMatchObject({ rev: 9, epoch: 5, reason: 'bad' });
    expect(memory.release(at.release).rollback).toMatchObject({ rev: 9 });
  });
});

describe('R-241 a release joins the evaluation of its own digests, and starts one only where none stands', () => {
  const joining = async (stable: string | null = 'sha256:a') => {
    const made = world('LOW', {}, stable);
    await made.open();
    const started: number[] = [];
    const activities = createReleaseEvaluationActivities({
      releases: made.memory.releases, evaluations: made.memory.evaluations, environments: made.memory.environments, digest, newId: () => `E${started.length + 1}`,
      orders: { startEvaluation: async (order) => { started.push(order.attempt); await made.memory.evaluations.insert({ ...order, _id: order.evaluation }, { id: order.evaluation, application: 'helpdesk', action: 'x', actor: order.requestedBy, subject: 's' }); } },
    });
    const finish = async (id: string, kind: 'PASS' | 'INCONCLUSIVE'): Promise<void> => {
      const evidence = { items: 0, available: null, evaluators: [] };
      await made.memory.evaluations.finish(id, { state: 'FINISHED', error: null, verdict: kind === 'PASS' ? { kind, evidence } : { kind, evidence, holds: ['TOO_FEW'] } }, { id, application: 'helpdesk', action: 'x', actor: { id: 'ci:x', kind: 'ci' }, subject: 's' });
    };
    return { ...made, started, finish, join: () => run(() => activities.joinEvaluation({ at: made.at, id: 'evaluated' })) };
  };
  test('started once, polled, and its PASS becomes the ticket', async () => {
    const { join, started, finish, memory, at } = await joining();
    await expect(join()).rejects.toMatchObject({ type: 'Undecided' });
    await expect(join()).rejects.toMatchObject({ type: 'Undecided' });
    expect(started).toEqual([1]);
    await finish('E1', 'PASS');
    expect(await join()).toEqual({ kind: 'PASS' });
    expect(memory.release(at.release).ticket).toMatchObject({ evaluation: 'E1', bundle: 'sha256:b', baseline: 'sha256:a', verdict: 'PASS' });
  });
  test('a PASS that is too old is no ticket: the next attempt starts', async () => {
    const { join, started, finish, memory } = await joining();
    await expect(join()).rejects.toMatchObject({ type: 'Undecided' });
    await finish('E1', 'PASS');
    memory.nowMs += 31 * 86_400_000;
    await expect(join()).rejects.toMatchObject({ type: 'Undecided' });
    expect(started).toEqual([1, 2]);
  });
  test('one that was inconclusive before this release is tried again; one since then is the answer', async () => {
    const { join, started, finish, memory } = await joining();
    await expect(join()).rejects.toMatchObject({ type: 'Undecided' });
    const first = memory.evaluationDocs.get('E1');
    if (first === undefined) throw new Error('nothing was started');
    first.createdAt = new Date(0);
    await finish('E1', 'INCONCLUSIVE');
    await expect(join()).rejects.toMatchObject({ type: 'Undecided' });
    await finish('E2', 'INCONCLUSIVE');
    expect(await join()).toMatchObject({ kind: 'INCONCLUSIVE', reason: expect.stringContaining('TOO_FEW') as string });
    expect(started).toEqual([1, 2]);
  });
});

describe('R-902 a release starts from what is known of stable: rates, spreads, and the most a call can cost', () => {
  const METRICS: PolicyInput['metrics'] = [
    { name: 'error', share: 0.4 }, { name: 'quality', from: 'evaluation:quality', role: 'guardrail', share: 0.3 }, { name: 'cost', share: 0.3 },
  ];
  const arms = (n: number, sum: number, sumsq: number, k = 0) => ({ n, k, sum, sumsq });
  const withFormer = (totals: readonly (readonly [string, ReturnType<typeof arms>])[], change: Partial<ReleaseDoc> = {}) => {
    const made = world('LOW', { metrics: METRICS });
    const { release } = made.order;
    made.memory.former({
      ...release, _id: 'R000', candidate: 'sha256:a', baseline: 'sha256:z', stage: { index: 1, weightBp: 9_500, since: new Date(0), stillMs: 0, stillSince: null }, open: false,
      createdAt: new Date(made.memory.nowMs - 1_000), timeline: [], once: { key: 'former', args: '' }, ...change,
    } as unknown as ReleaseDoc);
    made.memory.totals.set('R000', totals.map(([metric, candidate]) => ({ metric, candidate, stable: arms(9_999, 9_999, 9_999, 9_999) })));
    return made;
  };
  const planOf = async ({ open, memory, order }: ReturnType<typeof world>) => { await open(); return memory.release(order.release._id).gate?.metrics ?? []; };
  const KNOWN = [['error', arms(999, 20, 20, 20)], ['quality', arms(1_000, 100, 60)], ['cost', arms(1_000, 2, 0.008)]] as const;

  test('by the arm that stable was', async () => {
    const [error, quality, cost] = await planOf(withFormer(KNOWN));
    expect(error).toMatchObject({ id: 'error', prior: { p0: 0.0205 } });
    expect(quality).toMatchObject({ id: 'quality', prior: { mean: 0.1, variance: expect.closeTo(0.05005, 5) as number } });
    expect(cost).toMatchObject({ id: 'cost', cap: expect.closeTo(0.04, 9) as number, prior: { mean: 0.002 } });
    const [, , ofOthers] = await planOf(withFormer(KNOWN, { candidate: 'sha256:y', baseline: 'sha256:a' }));
    expect(ofOthers).toMatchObject({ cap: 20 });   // twenty times the mean of the arm that stable was then
  });
  test('too few units, or another kind of metric, say nothing', async () => {
    const few = await planOf(withFormer(KNOWN.map(([name, { sum, sumsq, k }]) => [name, arms(199, sum, sumsq, k)] as const)));
    const none = await planOf(world('LOW', { metrics: METRICS }));
    expect(few).toEqual(none);
  });
  test('the longest answer of the dearer arm bounds the cost, and what is older than a week does not', async () => {
    const made = withFormer(KNOWN, { createdAt: new Date(0) });
    made.memory.models.set('sha256:a', { maxTokens: 1_000, priceUsdPerMTok: { input: 1, output: 10 } });
    made.memory.models.set('sha256:b', { maxTokens: 2_000, priceUsdPerMTok: { input: 1, output: 10 } });
    expect((await planOf(made))[2]).toMatchObject({ cap: 0.02, prior: { mean: 0.002 } });
  });
});

describe('R-335 an alarm of a signal metric holds until a person acknowledges it', () => {
  test('only what is in alarm, once: a signal, or the shares of the arms', async () => {
    const { open, memory, at, release } = world('LOW', { metrics: [{ name: 'error', share: 0.5 }, { name: 'cost', share: 0.25 }, { name: 'thumbsDown', role: 'signal', share: 0.25 }] });
    await open();
    const doc = memory.release(at.release);
    doc.state = 'CANARY';
    const acknowledge = (metric: string, id = `ack-${metric}`) => release.commitAct(actOf(at, 'acknowledge', { metric, id }));
    const alarms = (...ids: readonly string[]): void => {
      memory.receipts.set('r', { release: at.release, seq: 1, state: { metrics: (doc.gate?.metrics ?? []).map(({ id }) => ({ id, alarm: ids.includes(id) ? 7 : null })) } } as unknown as ReceiptDoc);
    };
    alarms('thumbsDown', 'assignment', 'error');
    expect(await acknowledge('cost')).toMatchObject({ kind: 'refused', code: 'CONFLICT' });
    expect(await acknowledge('error')).toMatchObject({ kind: 'refused', code: 'CONFLICT' });
    expect(await acknowledge('thumbsDown')).toMatchObject({ kind: 'done' });
    expect(await acknowledge('assignment')).toMatchObject({ kind: 'done' });
    expect(await acknowledge('assignment', 'again')).toMatchObject({ kind: 'refused', code: 'CONFLICT' });
    expect(memory.release(at.release).timeline.flatMap(({ type, data }) => (type === 'release.acknowledged' ? [data?.['metric']] : []))).toEqual(['thumbsDown', 'assignment']);
  });
});
