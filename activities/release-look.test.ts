import { createHash } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, test } from 'vitest';
import { digestOf } from '../core/canonical.js';
import { consume, nextReceipt, replayText, startGate } from '../core/gate/index.js';
import type { Receipt } from '../core/gate/index.js';
import type { PolicyInput, RiskTier } from '../core/release/index.js';
import { createMemory } from '../test/memory.js';
import { orderOf } from '../test/release-script.js';
import { createReleaseActivities } from './release.js';
import { createReleaseLookActivities } from './release-look.js';
import type { LookMode, LookOrder } from './release-look.js';
import { delayMs } from './release-stage.js';

const logger = new DefaultLogger('ERROR', () => undefined);
const digest = (value: unknown): string => digestOf(value, (text) => createHash('sha256').update(text).digest('hex'));
const QUICK: Partial<PolicyInput> = {
  blockSec: 1, leaseMs: 30_000, alpha: { harm: 0.01, promote: 0.05 }, errorBudget: 50, metrics: [{ name: 'bad', from: 'guardrail:bad', margin: 0.1, maturityMs: 2_000 }],
  stages: [{ weightBp: 1_000, durationMinSec: 3, durationMaxSec: 600 }, { weightBp: 5_000, durationMinSec: 3, durationMaxSec: 600 }], bake: { durationMinSec: 3, durationMaxSec: 600, holdbackBp: 500 },
};

/** A release in its first stage, on a live lease. */
async function canary(change: Partial<PolicyInput> = {}, tier: RiskTier = 'LOW') {
  const memory = createMemory();
  const order = orderOf(tier, { ...QUICK, ...change });
  const release = { ...order.release, environment: 'production' };
  const { openRelease } = createReleaseActivities({ releases: memory.releases, environments: memory.environments, blocks: memory.blocks, bundles: memory.bundles, digest, tell: () => undefined });
  await new MockActivityEnvironment({}, { logger }).run(() => openRelease({ ...order, release }));
  const doc = memory.release(release._id);
  const at = { release: release._id, application: 'helpdesk', environment: 'production', epoch: 4 };
  const enter = (index: number, weightBp: number, state: 'CANARY' | 'PAUSED' | 'BAKING' = 'CANARY'): void => {
    doc.state = state;
    doc.stage = { index, weightBp, since: new Date(memory.nowMs), stillMs: 0, stillSince: null };
    memory.environment.split = { stable: 'sha256:a', candidate: 'sha256:b', weightBp, leaseMs: 30_000, release: release._id };
    memory.environment.rev += 1;
    memory.environment.lease = { seq: 0, at: new Date(memory.nowMs), ms: 30_000 };
  };
  enter(0, 1_000);
  let lagSec = 0;
  const { watchStage } = createReleaseLookActivities({
    releases: memory.releases, environments: memory.environments, blocks: memory.blocks, digest, code: 'test', auditLagSec: async () => lagSec, trace: { span: (_name, _attributes, run) => run() },
  });
  const look = (mode: LookMode = 'climb', paused: Partial<LookOrder> = {}) => watchStage({ at, mode, paused: { manual: mode === 'paused', lost: false }, mayResume: false, ...paused });
  const first = Math.ceil(memory.nowMs / 1_000);
  /** Seconds pass, looked at as they should be; every block that is due by then has these counts. */
  let folded = first - 1;
  const pass = (seconds: number, stable: readonly [number, number], candidate: readonly [number, number]): void => {
    memory.nowMs += seconds * 1_000;
    memory.environment.lease = { ...memory.environment.lease, at: new Date(memory.nowMs) };
    for (const to = Math.floor((memory.nowMs - 2_250) / 1_000) - 1; folded < to;) { folded += 1; memory.block('bad', folded, stable, candidate); }
  };
  const holds = async (mode: LookMode = 'climb'): Promise<readonly string[]> => { await expect(look(mode)).rejects.toMatchObject({ type: 'Undecided' }); return memory.release(release._id).holds; };
  return { memory, doc, at, look, pass, holds, enter, lag: (seconds: number) => { lagSec = seconds; }, watchStage };
}

describe('R-319 a look is safe to repeat: receipts are contiguous, and each block is consumed once', () => {
  test('a repeat without news writes no receipt and still renews', async () => {
    const { memory, look, pass } = await canary();
    pass(5, [9, 0], [1, 0]);
    await expect(look()).rejects.toMatchObject({ type: 'Undecided' });
    const written = memory.receipts.size;
    const { seq } = memory.environment.lease;
    await expect(look()).rejects.toMatchObject({ type: 'Undecided' });
    expect([memory.receipts.size, memory.environment.lease.seq]).toEqual([written, seq + 1]);
  });

  test('two at once: one appends, the other reads again; nothing is counted twice', async () => {
    const { memory, look, pass, doc } = await canary();
    pass(6, [9, 0], [1, 0]);
    await Promise.allSettled([look(), look(), look()]);
    pass(4, [9, 0], [1, 0]);
    await Promise.allSettled([look(), look()]);
    const receipts = [...memory.receipts.values()].sort((a, b) => a.seq - b.seq);
    expect(receipts.map(({ seq }) => seq)).toEqual(receipts.map((_, index) => index + 1));
    const blocks = receipts.flatMap(({ lines }) => lines.flatMap((line) => ('block' in line ? [line.block.i] : [])));
    expect(blocks).toEqual(memory.folded.map(({ block }) => block));
    if (doc.gate === null) throw new Error('no plan');
    let state = startGate(doc.gate);
    for (const { lines, state: stored } of receipts) {
      for (const line of lines) state = consume(doc.gate, state, line);
      expect(stored).toEqual(state);
    }
  });

  test('a block that is there before one in front of it waits, and neither is skipped', async () => {
    const { memory, look, pass } = await canary();
    pass(6, [9, 0], [1, 0]);
    const last = memory.folded.at(-1)?.block ?? 0;
    const { through } = memory;
    memory.through = { ...through };
    memory.block('bad', last + 2, [9, 0], [1, 0]);   // a fold writes in no order, and says last how far it is
    memory.through = through;
    await look().catch(() => undefined);
    memory.block('bad', last + 1, [9, 0], [1, 0]);
    memory.through = { bad: last + 2 };
    await look().catch(() => undefined);
    const blocks = [...memory.receipts.values()].flatMap(({ lines }) => lines.flatMap((line) => ('block' in line ? [line.block.i] : [])));
    expect(blocks.slice(-2)).toEqual([last + 1, last + 2]);
    expect(blocks).toEqual(memory.folded.map(({ block }) => block).sort((a, b) => a - b));
  });

  test('every decision follows from its lines and the receipt before, in a bake that has seen nothing yet too', async () => {
    const { memory, look, pass, enter, doc } = await canary({ stages: [{ weightBp: 5_000, durationMinSec: 3, durationMaxSec: 600 }] });
    for (let second = 0; second < 60; second += 1) { pass(1, [40, 0], [40, 0]); if ((await look().catch(() => null)) !== null) break; }
    enter(1, 9_500, 'BAKING');
    for (let second = 0; second < 4; second += 1) { pass(1, [40, 0], [40, 0]); await look('bake').catch(() => null); }
    const receipts = [...memory.receipts.values()].sort((a, b) => a.seq - b.seq);
    expect(receipts.some(({ mode, reasons }) => mode === 'bake' && reasons.includes('IMMATURE'))).toBe(true);
    if (doc.gate === null) throw new Error('no plan');
    let before: Receipt | null = null;
    for (const { seq, mode, lines, planDigest, code, decision, reasons } of receipts) {
      before = nextReceipt(doc.gate, before, { mode, lines, planDigest, code });
      expect([seq, before.decision, before.reasons]).toEqual([seq, decision, reasons]);
    }
  });

  test('the lines of its receipts are a replay file', async () => {
    const { memory, look, pass, doc } = await canary();
    for (let second = 0; second < 8; second += 1) { pass(1, [9, 0], [1, 0]); await look().catch(() => undefined); }
    const lines = [{ plan: doc.gate }, ...[...memory.receipts.values()].flatMap((receipt) => receipt.lines)];
    const replayed = replayText(lines.map((line) => JSON.stringify(line)).join('\n'));
    expect(replayed).toMatchObject({ error: null, decision: { decision: 'HOLD' } });
    expect(replayed.outputs).toHaveLength(memory.folded.length);
  });
});

describe('R-004 time alone never promotes, and no data means hold', () => {
  test('at first nothing is due', async () => {
    const { holds } = await canary();
    expect(await holds()).toEqual(['NO_DATA', 'TOO_FEW', 'IMMATURE', 'MIN_DURATION']);
  });
  test('an arm that nobody met', async () => {
    const { holds, pass } = await canary();
    pass(30, [9, 0], [0, 0]);
    expect((await holds())[0]).toBe('NO_DATA');
  });
  test('a new stage wants its own units', async () => {
    const { holds, pass, enter, look } = await canary();
    pass(60, [90, 0], [10, 0]);
    expect(await look()).toEqual({ kind: 'ADVANCE' });
    enter(1, 5_000);
    pass(8, [9, 0], [0, 0]);
    expect(await holds()).toContain('NO_DATA');
    pass(3, [5, 0], [5, 0]);
    expect(await look()).toEqual({ kind: 'PROMOTE' });
  });
  test('a fold that stands still', async () => {
    const { holds, pass, memory } = await canary();
    pass(10, [9, 0], [1, 0]);
    await holds();
    memory.nowMs += 12_000;
    expect(await holds()).toContain('STALE_DATA');
  });
  test('an audit relay that lags', async () => {
    const { holds, pass, lag, look } = await canary();
    pass(60, [90, 0], [10, 0]);
    lag(61);
    expect(await holds()).toEqual(['AUDIT_LAG']);
    lag(60);
    expect(await look()).toEqual({ kind: 'ADVANCE' });
  });
  test('the maximum takes it back, not for cause', async () => {
    const { look, pass } = await canary({ stages: [{ weightBp: 1_000, durationMinSec: 3, durationMaxSec: 10 }] });
    pass(11, [9, 0], [0, 0]);
    expect(await look()).toMatchObject({ kind: 'ROLLBACK', forCause: false, reason: expect.stringContaining('STAGE_MAX') as string });
  });
  test('what stood still does not count', async () => {
    const { look, pass, doc } = await canary({ stages: [{ weightBp: 1_000, durationMinSec: 3, durationMaxSec: 10 }] });
    if (doc.stage === null) throw new Error('no stage');
    doc.stage = { ...doc.stage, stillMs: 5_000 };
    pass(11, [9, 0], [0, 0]);
    await expect(look()).rejects.toMatchObject({ type: 'Undecided' });
  });
});

describe('R-332 evidence decides, and says with what', () => {
  test('harm takes it back for cause, with its receipt', async () => {
    const { look, pass, memory } = await canary();
    pass(12, [50, 1], [6, 5]);
    const outcome = await look();
    expect(outcome).toMatchObject({ kind: 'ROLLBACK', forCause: true, reason: expect.stringMatching(/^HARM: bad is worse: \d+ of \d+ bad on the candidate/) as string });
    expect(memory.receipts.has((outcome as { receipt: string }).receipt)).toBe(true);
  });
  test('from the last stage it goes on to the bake, from the bake to the end, when both arms have been seen there', async () => {
    const { look, pass, enter, holds } = await canary();
    pass(60, [90, 0], [10, 0]);
    expect(await look()).toEqual({ kind: 'ADVANCE' });
    enter(1, 5_000);
    pass(20, [50, 0], [50, 0]);
    expect(await look()).toEqual({ kind: 'PROMOTE' });
    enter(2, 9_500, 'BAKING');
    pass(1, [5, 0], [95, 0]);
    expect(await holds('bake')).toContain('MIN_DURATION');
    pass(5, [5, 0], [95, 0]);
    expect(await look('bake')).toEqual({ kind: 'PROMOTE' });
  });
  test('harm in the bake takes it back', async () => {
    const { look, pass, enter } = await canary();
    pass(60, [90, 0], [10, 0]);
    enter(1, 5_000);
    pass(20, [50, 0], [50, 0]);
    expect(await look()).toEqual({ kind: 'PROMOTE' });
    enter(2, 9_500, 'BAKING');
    pass(20, [10, 0], [90, 70]);
    expect(await look('bake')).toMatchObject({ kind: 'ROLLBACK', forCause: true });
  });
  test('a change of stage brings a birth, a change of weight its line', async () => {
    const { look, pass, enter, memory } = await canary();
    pass(10, [9, 0], [1, 0]);
    await look().catch(() => undefined);
    enter(1, 5_000);
    pass(1, [5, 0], [5, 0]);
    await look().catch(() => undefined);
    const last = [...memory.receipts.values()].at(-1);
    expect(last?.lines.slice(0, 2)).toEqual([{ weight: { bp: 5_000 } }, { birth: { note: 'weight' } }]);
  });
  test('every half hour another birth', async () => {
    const { look, pass, memory } = await canary({ stages: [{ weightBp: 1_000, durationMinSec: 7_200 }], leaseMs: 30_000 });
    pass(10, [9, 0], [1, 0]);
    await look().catch(() => undefined);
    const births = (): number => [...memory.receipts.values()].flatMap(({ lines }) => lines).filter((line) => 'birth' in line).length;
    expect(births()).toBe(0);
    memory.nowMs += 1_800_000;
    memory.environment.lease = { seq: 1, at: new Date(memory.nowMs), ms: 30_000 };
    await look().catch(() => undefined);
    await look().catch(() => undefined);
    expect(births()).toBe(1);
  });
});

describe('R-002 a candidate serves on a lease: what lapsed is not renewed', () => {
  test('a lapsed lease is lost, but what was read is written down', async () => {
    const { look, pass, memory } = await canary();
    pass(5, [9, 0], [1, 0]);
    memory.nowMs += 30_000;
    expect(await look()).toEqual({ kind: 'LEASE_LOST' });
    expect(memory.receipts.size).toBe(1);
  });
  test('harm is told rather than the lapse', async () => {
    const { look, pass, memory } = await canary();
    pass(12, [50, 1], [6, 5]);
    memory.nowMs += 30_000;
    expect(await look()).toMatchObject({ kind: 'ROLLBACK', forCause: true });
  });
  test('one read that fails costs no lease: it is tried again within a quarter of it', async () => {
    const { look, pass, memory } = await canary();
    pass(5, [9, 0], [1, 0]);
    const { after } = memory.blocks;
    let failures = 1;
    Object.assign(memory.blocks, { after: (...args: Parameters<typeof after>) => (failures-- > 0 ? Promise.reject(new Error('the network')) : after(...args)) });
    await expect(look()).rejects.toThrow('the network');
    memory.nowMs += 1_000;   // what the retry policy waits for after an ordinary error
    await expect(look()).rejects.toMatchObject({ type: 'Undecided' });
    expect(memory.environment.lease.seq).toBe(1);
  });
  test('an epoch that is gone is told', async () => {
    const { look, memory } = await canary();
    memory.environment.epoch += 1;
    memory.environment.open = null;
    expect(await look()).toEqual({ kind: 'SUPERSEDED' });
  });
  test('it looks again well before the lease ends', async () => {
    const { memory, doc } = await canary();
    const clock = { nowMs: memory.nowMs, sinceMs: memory.nowMs, elapsedMs: 0, stillForMs: 0 };
    const { plan } = doc.policy;
    expect(delayMs(plan, clock, {})).toBe(1_000);
    expect(delayMs(plan, { ...clock, nowMs: clock.nowMs + 6_000 }, {})).toBe(3_000);
    expect(delayMs(plan, { ...clock, nowMs: clock.nowMs + 3_600_000 }, {})).toBe(7_500);
  });
});

describe('R-333 a pause is watched and never advances', () => {
  test('with all the evidence for it', async () => {
    const { look, pass, enter, memory, doc } = await canary();
    pass(60, [90, 0], [10, 0]);
    enter(1, 5_000);
    pass(20, [50, 0], [50, 0]);
    doc.state = 'PAUSED';
    await expect(look('paused')).rejects.toMatchObject({ type: 'Undecided' });
    expect([...memory.receipts.values()].at(-1)?.state.latch).toBeNull();
    expect(memory.environment.lease.seq).toBe(1);
    doc.state = 'CANARY';
    expect(await look()).toEqual({ kind: 'PROMOTE' });
  });
  test('harm takes it back', async () => {
    const { look, pass } = await canary();
    pass(12, [50, 1], [6, 5]);
    expect(await look('paused')).toMatchObject({ kind: 'ROLLBACK', forCause: true });
  });
  test('one that is too long takes it back, not for cause', async () => {
    const { look, doc, memory } = await canary({ pausedMaxSec: 60 });
    if (doc.stage === null) throw new Error('no stage');
    doc.stage = { ...doc.stage, stillSince: new Date(memory.nowMs - 61_000) };
    expect(await look('paused')).toMatchObject({ kind: 'ROLLBACK', forCause: false, reason: 'Paused for longer than 60 s.' });
  });
  test.each<[string, number, { manual: boolean; lost: boolean }, boolean, boolean]>([
    ['after a lapse, everything read', 0, { manual: false, lost: true }, true, true],
    ['not where the tier wants a person', 0, { manual: false, lost: true }, false, false],
    ['not out of a person\'s pause', 0, { manual: true, lost: true }, true, false],
    ['not while the audit lags', 99, { manual: false, lost: true }, true, false],
  ])('it mends itself %s', async (_name, lagSec, paused, mayResume, isClean) => {
    const { look, enter, lag, memory } = await canary();
    enter(0, 0, 'PAUSED');
    memory.nowMs += 40_000;   // at weight 0 there is no lease to lose
    lag(lagSec);
    const outcome = look('paused', { paused, mayResume });
    await (isClean ? expect(outcome).resolves.toEqual({ kind: 'CLEAN' }) : expect(outcome).rejects.toMatchObject({ type: 'Undecided' }));
  });
});

describe('R-334 a hold is told when its headline changes, not at every look', () => {
  test('once for each', async () => {
    const { holds, pass, doc } = await canary();
    for (let second = 0; second < 12; second += 1) { await holds(); pass(1, [9, 0], [1, 0]); }
    const told = doc.timeline.filter(({ type }) => type === 'release.held').map(({ data }) => (data?.['reasons'] as readonly string[])[0]);
    expect(told[0]).toBe('NO_DATA');
    expect(told.every((headline, index) => headline !== told[index - 1])).toBe(true);
    expect(told.length).toBeLessThan(6);
  });
});

describe('R-335 an alarm of a signal metric holds until a person acknowledges it', () => {
  test('with a cause', async () => {
    const { look, pass, memory, holds, doc } = await canary({ metrics: [{ name: 'bad', from: 'guardrail:bad', margin: 0.1, maturityMs: 2_000, share: 0.5 }, { name: 'thumbsDown', role: 'signal', maturityMs: 2_000, share: 0.5 }] });
    pass(60, [90, 0], [10, 0]);
    for (const { block } of [...memory.folded]) memory.block('thumbsDown', block, [90, 0], [10, 8]);
    expect(await holds()).toContain('SIGNAL_ALARM');
    doc.timeline = [...doc.timeline, { id: 'a', seq: 9, type: 'release.acknowledged', at: new Date(memory.nowMs), actor: { id: 'person:ann', kind: 'person' }, state: 'CANARY', data: { metric: 'thumbsDown' } }];
    expect(await look()).toEqual({ kind: 'ADVANCE' });
    expect([...memory.receipts.values()].flatMap(({ lines }) => lines).filter((line) => 'acknowledge' in line)).toHaveLength(1);
  });
});

/** Values by value, ascending. */
const values = (...h: readonly (readonly [number, number])[]) => ({ n: h.reduce((sum, [, count]) => sum + count, 0), h });
const BAD = { name: 'bad', from: 'guardrail:bad', margin: 0.1, maturityMs: 2_000, share: 0.5 } as const;

describe('R-900 a look reads the blocks of every kind of metric, and says what it found in the metric\'s own words', () => {
  const QUALITY = { name: 'quality', from: 'evaluation:quality', role: 'guardrail', margin: 0.1, maturityMs: 2_000, share: 0.5 } as const;
  const COST = { name: 'cost', role: 'guardrail', margin: 0.5, maturityMs: 2_000, share: 0.5, cap: 0.5 } as const;
  test.each([
    ['a score', QUALITY, values([0.1, 40]), values([0.1, 10], [0.8, 30]), /^HARM: quality is worse: 0\.375 on average of \d+ on the candidate, 0\.900 on average of \d+ on stable\.$/],
    ['a mean', COST, values([0.1, 40]), values([0.1, 10], [0.5, 30]), /^HARM: cost is worse: 0\.4 on average of \d+ on the candidate, 0\.1 on average of \d+ on stable\.$/],
  ] as const)('%s that is worse takes the candidate back, and equal ones promote it', async (_name, metric, good, bad, said) => {
    const plan = { metrics: [BAD, metric], stages: [{ weightBp: 5_000, durationMinSec: 3, durationMaxSec: 600 }] };
    const ended = async (candidate: ReturnType<typeof values>) => {
      const { look, pass, memory } = await canary(plan);
      pass(90, [40, 0], [40, 0]);
      for (const { block } of [...memory.folded]) memory.fold(metric.name, block, { stable: good, candidate });
      return look();
    };
    expect(await ended(bad)).toMatchObject({ kind: 'ROLLBACK', forCause: true, reason: expect.stringMatching(said) as string });
    expect(await ended(good)).toEqual({ kind: 'PROMOTE' });
  });
});

describe('R-901 the shares of the arms are held against the weight their units were assigned by', () => {
  const folds = (memory: Awaited<ReturnType<typeof canary>>['memory'], stable: number, candidate: number, of: { rev?: number; both?: number } = {}) => {
    for (const { block } of memory.folded.filter(({ metric }) => metric === 'bad')) {
      if (block > (memory.through['assignment'] ?? 0)) memory.fold('assignment', block, { stable: { n: stable }, candidate: { n: candidate } }, { rev: memory.environment.rev, both: 0, readers: [], ...of });
    }
  };
  test('as asked for, nothing is said; otherwise it holds as SRM until a person says why', async () => {
    const fine = await canary();
    fine.pass(60, [90, 0], [10, 0]);
    folds(fine.memory, 90, 10);
    expect(await fine.look()).toEqual({ kind: 'ADVANCE' });
    const { look, pass, memory, holds, doc } = await canary();
    pass(60, [90, 0], [10, 0]);
    folds(memory, 70, 30);
    expect(await holds()).toContain('SRM');
    doc.timeline = [...doc.timeline, { id: 'a', seq: 9, type: 'release.acknowledged', at: new Date(memory.nowMs), actor: { id: 'person:ann', kind: 'person' }, state: 'CANARY', data: { metric: 'assignment' } }];
    expect(await look()).toEqual({ kind: 'ADVANCE' });
  });
  test('a block that comes after the weight has moved is held against its own, and the weight stays what it is', async () => {
    const { look, pass, memory, enter, doc } = await canary();
    pass(60, [90, 0], [10, 0]);
    await look().catch(() => undefined);
    const former = { ...memory.environment.split, rev: memory.environment.rev } as (typeof memory.environment.recent)[number];
    enter(1, 5_000);
    memory.environment.recent = [former];
    folds(memory, 90, 10, { rev: former.rev });
    pass(3, [50, 0], [50, 0]);
    await look().catch(() => undefined);
    const { state, lines, reasons } = [...memory.receipts.values()].at(-1) ?? expect.fail();
    expect([state.weightBp, reasons.includes('SRM'), doc.holds.includes('SRM')]).toEqual([5_000, false, false]);
    expect(lines.flatMap((line) => ('weight' in line ? [line.weight.bp] : []))).toEqual([5_000, 1_000, 5_000]);
    expect(lines.filter((line) => 'birth' in line)).toHaveLength(1);
  });
  test('units of a rev that nobody knows any more, or that gave the candidate nothing, say nothing', async () => {
    const { look, pass, memory } = await canary();
    pass(60, [90, 0], [10, 0]);
    folds(memory, 10, 90, { rev: 1 });
    expect(await look()).toEqual({ kind: 'ADVANCE' });
    expect([...memory.receipts.values()].flatMap(({ lines }) => lines).some((line) => 'block' in line && line.block.metric === 'assignment')).toBe(false);
  });
  test('units seen in both arms hold, and end by themselves', async () => {
    const { look, pass, memory, holds } = await canary();
    pass(60, [90, 0], [10, 0]);
    folds(memory, 90, 10, { both: 5 });
    expect(await holds()).toContain('MULTIPLE_EXPOSURES');
    pass(1, [90, 0], [10, 0]);
    expect(await holds()).toContain('MULTIPLE_EXPOSURES');
    pass(40, [90, 0], [10, 0]);
    folds(memory, 90, 10);
    expect(await look()).toEqual({ kind: 'ADVANCE' });
  });
});

describe('R-551 an objective that only the candidate misses takes it back; one that both miss is an incident and holds', () => {
  const plan = { topline: [{ metric: 'bad', max: 0.05 }], metrics: [{ ...BAD, share: 1, tolerance: 0.05, margin: 0.6 }] };
  test('the candidate alone', async () => {
    const { look, pass, memory } = await canary(plan);
    pass(12, [90, 4], [10, 1]);
    await look().catch(() => undefined);
    pass(60, [10, 1], [10, 3]);
    const outcome = await look();
    expect(outcome).toMatchObject({ kind: 'ROLLBACK', forCause: true, reason: expect.stringMatching(/^(TOPLINE: bad is above its objective of 10 %|HARM)/) as string });
    expect([...memory.receipts.values()].at(-1)?.guards?.finding).toMatchObject({ kind: 'ROLLBACK', metric: 'bad' });
  });
  test('both, until it is over', async () => {
    const { look, pass, memory, holds } = await canary(plan);
    pass(60, [90, 45], [10, 5]);
    expect(await holds()).toContain('TOPLINE_BREACH');
    expect([...memory.receipts.values()].at(-1)?.guards?.finding).toEqual({ kind: 'BREACH', metrics: ['bad'] });
    for (let minute = 0; minute < 20 && memory.environment.split?.weightBp === 1_000; minute += 1) { pass(60, [90, 0], [10, 0]); if ((await look().catch(() => null)) !== null) break; }
    expect([...memory.receipts.values()].at(-1)?.guards?.finding).toEqual({ kind: 'QUIET' });
  });
});
