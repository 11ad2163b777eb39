import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { digestOf } from '../core/canonical.js';
import { objectivesOf, replayWatched } from '../core/gate/index.js';
import type { PolicyInput } from '../core/release/index.js';
import { createMemory } from '../test/memory.js';
import type { Memory } from '../test/memory.js';
import { orderOf } from '../test/release-script.js';
import type { ActivityEvent } from './deps.js';
import { createWatchActivities } from './watch.js';

const digest = (value: unknown): string => digestOf(value, (text) => createHash('sha256').update(text).digest('hex'));
const QUICK: Partial<PolicyInput> = {
  blockSec: 10, metrics: [{ name: 'bad', from: 'guardrail:bad', maturityMs: 2_000 }, { name: 'error' }], topline: [{ metric: 'bad', max: 0.05 }, { metric: 'error', max: 0.1 }], watchSec: 3_600,
};

/** What a release has just made stable, where `sha256:a` was before. */
async function promoted({ previous = 'sha256:a', change = {} }: { readonly previous?: string | null; readonly change?: Partial<PolicyInput> } = {}) {
  const memory: Memory = createMemory();
  const events: ActivityEvent[] = [];
  const release = { ...orderOf('LOW', { ...QUICK, ...change }).release, environment: 'production' };
  const { _id } = release;
  const intent = (id: string) => ({ id, application: 'helpdesk', action: 'a', actor: { id: 'x', kind: 'slipway' as const }, subject: _id });
  await memory.releases.insert(release, { id: `${_id}/requested`, type: 'release.requested', actor: { id: 'x', kind: 'slipway' } }, intent('requested'));
  const make = (id: string, stable: string): void => {
    Object.assign(memory.environment, { rev: memory.environment.rev + 1, split: { stable, weightBp: 0, leaseMs: 30_000, release: id }, open: null });
    memory.environment.recent = [...memory.environment.recent, { ...memory.environment.split as NonNullable<typeof memory.environment.split>, rev: memory.environment.rev }];
  };
  make(_id, release.candidate);
  memory.environment.previous = previous;
  Object.assign(memory.release(_id), { state: 'PROMOTED', open: false, terminalAt: new Date(memory.nowMs) });
  const first = Math.floor(memory.nowMs / 10_000);
  const { watchStable } = createWatchActivities({ ...memory, digest, code: 'test', trace: { span: (_name, _attributes, run) => run() }, tell: (event) => { events.push(event); } });
  const look = () => watchStable({ release: _id, application: 'helpdesk', environment: 'production', releaseWorkflow: 'release/helpdesk/production' });
  const undecided = async (): Promise<string> => { try { return `decided: ${(await look()).kind}`; } catch (error) { expect(error).toMatchObject({ type: 'Undecided' }); return (error as Error).message; } };
  let next = first;
  /** Blocks pass, and have these counts of `bad`. */
  const pass = (count: number, n: number, k: number, metric = 'watch/bad'): void => {
    for (let i = 0; i < count; i += 1, next += 1) memory.block(metric, next, [n, k], [0, 0]);
    memory.nowMs += count * 10_000;
  };
  return { memory, id: _id, doc: () => memory.release(_id), first, look, undecided, pass, make, events, objectives: objectivesOf(release.policy.plan) };
}
const types = (doc: { readonly timeline: readonly { readonly type: string }[] }): readonly string[] => doc.timeline.map(({ type }) => type);

describe('R-912 a watch ends when its time is over, or something else is stable', () => {
  test('it begins with the promotion, at its revision, and ends by the database\'s clock', async () => {
    const { memory, doc, undecided, look } = await promoted();
    memory.nowMs += 1_800_000;
    expect(await undecided()).toMatch(/Nothing is above/);
    expect(doc().watch).toMatchObject({ rev: 8, open: true, since: doc().terminalAt, until: new Date((doc().terminalAt?.getTime() ?? 0) + 3_600_000) });
    memory.nowMs += 1_799_999;
    await undecided();
    memory.nowMs += 1;
    expect(await look()).toEqual({ kind: 'OVER', reason: null });
    expect([await look(), doc().watch?.open, types(doc()).filter((type) => type === 'release.watch_ended')]).toEqual([{ kind: 'OVER', reason: null }, false, ['release.watch_ended']]);
  });
  test.each<[string, string, string]>([['another bundle', 'R900', 'sha256:z'], ['the same bundle, put back by a person', 'revert/helpdesk/production/9', 'sha256:b']])('%s', async (_name, by, stable) => {
    const { doc, undecided, look, make, pass, memory } = await promoted();
    await undecided();
    make(by, stable);
    pass(60, 50, 50);
    const { rev } = memory.environment;
    expect(await look()).toEqual({ kind: 'SUPERSEDED', reason: null });
    expect([doc().watch?.outcome, memory.environment.rev, memory.environment.quarantine]).toEqual(['SUPERSEDED', rev, []]);
  });
  test('the watch that follows ends the one it replaces', async () => {
    const { memory, doc, undecided, id } = await promoted();
    await undecided();
    const later = { ...orderOf('LOW', QUICK).release, environment: 'production', candidate: 'sha256:z' };
    memory.release(id).open = false;
    await memory.releases.insert(later, { id: 'later', type: 'release.requested', actor: { id: 'x', kind: 'slipway' } }, { id: 'later', application: 'helpdesk', action: 'a', actor: { id: 'x', kind: 'slipway' }, subject: later._id });
    Object.assign(memory.release(later._id), { state: 'PROMOTED', open: false, terminalAt: new Date(memory.nowMs) });
    Object.assign(memory.environment, { rev: 9, split: { stable: 'sha256:z', weightBp: 0, leaseMs: 30_000, release: later._id }, previous: 'sha256:b' });
    const { watchStable } = createWatchActivities({ ...memory, digest, code: 'test', trace: { span: (_name, _attributes, run) => run() }, tell: () => undefined });
    await expect(watchStable({ release: later._id, application: 'helpdesk', environment: 'production', releaseWorkflow: 'w' })).rejects.toMatchObject({ type: 'Undecided' });
    expect([doc().watch?.outcome, memory.release(later._id).watch?.open]).toEqual(['SUPERSEDED', true]);
  });
  test('a release that was not promoted is not watched', async () => {
    const { look, doc } = await promoted();
    doc().state = 'ROLLED_BACK';
    await expect(look()).rejects.toMatchObject({ type: 'NOT_FOUND', nonRetryable: true });
  });
});

describe('R-913 an alarm of the watch brings the previous bundle back, for cause, and says why', () => {
  test('in one write, once, quarantined, with the metric, its rate, its objective and since when', async () => {
    const { memory, doc, look, pass, undecided, first, events } = await promoted();
    pass(30, 50, 1);
    await undecided();
    pass(30, 50, 15);
    const { kind, reason } = await look();
    expect(kind).toBe('REVERTED');
    expect(reason).toMatch(/^bad is above its objective: \d+ of \d+ bad \(\d+ %\) since \S+Z, at most 5 % may be\.$/);
    const since = Date.parse(/since (\S+),/.exec(reason ?? '')?.[1] ?? '');
    expect(since).toBe((first + 30) * 10_000);
    expect(memory.environment).toMatchObject({ rev: 9, epoch: 4, previous: null, split: { stable: 'sha256:a', weightBp: 0 }, quarantine: [{ digest: 'sha256:b', contents: 'sha256:c', release: doc()._id, reason }] });
    expect(types(doc()).slice(1)).toEqual(['release.watch_alarm', 'release.watch_ended']);
    expect(events.map(({ event }) => event)).toEqual(['watch.alarm', 'watch.ended']);
    expect(await look()).toEqual({ kind: 'REVERTED', reason });
    expect([memory.environment.rev, memory.intents.filter((id) => id.endsWith('/reverted')).length]).toEqual([9, 1]);
  });
  test('what stays below every objective stays', async () => {
    const { memory, undecided, pass } = await promoted();
    pass(300, 50, 2);
    expect(await undecided()).toMatch(/Nothing is above/);
    expect(memory.environment.split?.stable).toBe('sha256:b');
  });
  test('an attempt whose answer was lost is found again, and is no other\'s', async () => {
    const { memory, doc, look, pass } = await promoted();
    pass(30, 50, 15);
    const { annotate } = memory.releases;
    memory.releases.annotate = (id, entry, ...rest) => (entry?.type === 'release.watch_ended' ? Promise.reject(new Error('lost')) : annotate(id, entry, ...rest));
    const { watchStable } = createWatchActivities({ ...memory, digest, code: 'test', trace: { span: (_name, _attributes, run) => run() }, tell: () => undefined });
    await expect(watchStable({ release: doc()._id, application: 'helpdesk', environment: 'production', releaseWorkflow: 'w' })).rejects.toThrow('lost');
    expect(memory.environment.split?.stable).toBe('sha256:a');
    memory.releases.annotate = annotate;
    expect((await look()).kind).toBe('REVERTED');
    expect(memory.environment.rev).toBe(9);
  });
  test('without a previous bundle it is told once, and the watch goes on', async () => {
    const { memory, doc, undecided, look, pass } = await promoted({ previous: null });
    pass(30, 50, 15);
    expect(await undecided()).toMatch(/no previous bundle/);
    pass(30, 50, 15);
    expect(await undecided()).toMatch(/no previous bundle/);
    expect(types(doc()).slice(1)).toEqual(['release.watch_alarm']);
    expect(memory.environment).toMatchObject({ rev: 8, split: { stable: 'sha256:b' }, quarantine: [] });
    pass(2_000, 50, 0);
    expect(await look()).toMatchObject({ kind: 'OVER' });
  });
});

describe('R-914 of the watch and whoever else writes at the same moment exactly one wins', () => {
  test('a person\'s rollback comes between reading and writing', async () => {
    const { memory, look, pass, make, doc } = await promoted();
    pass(30, 50, 15);
    const { revert } = memory.environments;
    memory.environments.revert = async (order) => {
      if (order.rev >= 0) { make('revert/helpdesk/production/9', 'sha256:a'); memory.environment.previous = null; }
      return revert(order);
    };
    expect(await look()).toEqual({ kind: 'SUPERSEDED', reason: null });
    expect([memory.environment.rev, memory.environment.quarantine, doc().watch?.outcome]).toEqual([9, [], 'SUPERSEDED']);
  });
  test('a release that has no weight yet gives way: what it was measured against is taken back', async () => {
    const { memory, look, pass } = await promoted();
    pass(30, 50, 15);
    await memory.releases.insert({ ...orderOf('LOW', QUICK).release, _id: 'R901', environment: 'production' }, { id: 'o', type: 'release.requested', actor: { id: 'x', kind: 'slipway' } }, { id: 'o', application: 'helpdesk', action: 'a', actor: { id: 'x', kind: 'slipway' }, subject: 'R901' });
    memory.environment.open = { release: 'R901', epoch: 4 };
    const { rollback } = memory.environments;
    // As the store has it: stable alone, under the release that made it stable.
    memory.environments.rollback = async (order) => { const by = memory.environment.split?.release; const outcome = await rollback(order); if (memory.environment.split !== null) memory.environment.split = { ...memory.environment.split, release: by ?? '' }; return outcome; };
    expect((await look()).kind).toBe('REVERTED');
    expect(memory.environment).toMatchObject({ rev: 10, open: null, split: { stable: 'sha256:a' } });
    expect(memory.notes).toEqual([{ workflowId: 'release/helpdesk/production', release: 'R901' }]);
    expect(memory.environment.quarantine.map(({ digest: one }) => one)).toEqual(['sha256:b']);
  });
  test('while another release has weight the watch waits for its end', async () => {
    const { memory, id, look, undecided, pass } = await promoted();
    pass(30, 50, 15);
    await memory.releases.insert({ ...orderOf('LOW', QUICK).release, _id: 'R902', environment: 'production' }, { id: 'o', type: 'release.requested', actor: { id: 'x', kind: 'slipway' } }, { id: 'o', application: 'helpdesk', action: 'a', actor: { id: 'x', kind: 'slipway' }, subject: 'R902' });
    Object.assign(memory.environment, { open: { release: 'R902', epoch: 4 }, split: { stable: 'sha256:b', candidate: 'sha256:n', weightBp: 500, leaseMs: 30_000, release: 'R902' } });
    expect(await undecided()).toMatch(/R902 is under way/);
    Object.assign(memory.environment, { open: null, split: { stable: 'sha256:b', weightBp: 0, leaseMs: 30_000, release: id } });
    expect((await look()).kind).toBe('REVERTED');
  });
});

describe('R-911 every look of a watch follows from its lines and the look before, bit for bit', () => {
  test('one receipt a look that saw something, without gaps; what is beyond the fold is left', async () => {
    const { memory, undecided, pass, look, objectives } = await promoted();
    await undecided();
    expect(memory.looks).toEqual([]);
    pass(3, 50, 1);
    await undecided();
    await undecided();
    memory.through['watch/bad'] = (memory.through['watch/bad'] ?? 0) + 1;
    pass(2, 50, 1);
    memory.through['watch/bad'] = (memory.through['watch/bad'] ?? 0) - 1;
    await undecided();
    expect(memory.looks.map(({ seq, lines }) => [seq, lines.length])).toEqual([[1, 3], [2, 1]]);
    memory.through['watch/bad'] = (memory.through['watch/bad'] ?? 0) + 1;
    pass(20, 50, 30, 'watch/error');
    expect((await look()).kind).toBe('REVERTED');
    expect(memory.looks.at(-1)?.breaches.map(({ metric }) => metric)).toEqual(['error']);
    expect(replayWatched(objectives, memory.looks)).toBe('same');
  });
  test('two looks at once write one receipt', async () => {
    const { memory, undecided, pass, objectives } = await promoted();
    pass(3, 50, 1);
    await Promise.all([undecided(), undecided(), undecided()]);
    expect(memory.looks).toHaveLength(1);
    expect(replayWatched(objectives, memory.looks)).toBe('same');
  });
});
