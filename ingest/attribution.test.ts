import { describe, expect, test } from 'vitest';
import type { TokenFields } from '../core/assignment/index.js';
import { CANDIDATE, DATABASE_MS, RELEASE, hkdf, hmac, metric, releaseDoc, split, token, tokens, withoutCandidate } from '../test/edge-world.js';
import { createTokens } from '../core/assignment/index.js';
import { createAttribution, createWindows } from './index.js';
import type { RecentSplits } from './index.js';

const sender = { application: 'helpdesk', environment: 'production' };
function world({ recent = [{ ...split(), rev: 7 }], databaseMs = DATABASE_MS, isClosed = false, tokensMax = 10 }: { recent?: RecentSplits | null; databaseMs?: number | null; isClosed?: boolean; tokensMax?: number } = {}) {
  let opened = 0;
  const attribution = createAttribution({ open: (text) => { opened += 1; return tokens.open(text); }, recentOf: (application, environment) => (application === 'helpdesk' && environment === 'production' ? recent : null), databaseMs: () => databaseMs, windows: { isClosed: () => isClosed }, tokensMax });
  return { attribution, opened: () => opened };
}

describe('R-620 an observation counts only with a token that proves its assignment; what does not is counted by cause', () => {
  test.each<[string, Partial<TokenFields>]>([['stable above the weight', {}], ['candidate below it', { arm: 'candidate', bucket: 4_999 }], ['a reader a little ahead', { assignedAtSec: DATABASE_MS / 1000 + 4 }]])('%s counts', (_name, over) => {
    const { attribution } = world();
    expect(attribution.attribute(token(over), sender)).toEqual({ kind: 'attributed', to: { release: RELEASE, arm: over.arm ?? 'stable', rev: 7, sec: over.assignedAtSec ?? DATABASE_MS / 1000, unit: tokens.unitOf('helpdesk', 'user-1'), reader: 'edge-1' } });
  });
  const forged = createTokens({ tokenKey: new Uint8Array(32).fill(4), hmac, hkdf }).seal({ rev: 7, assignedAtSec: DATABASE_MS / 1000, bucket: 1, arm: 'candidate', unit: '0'.repeat(16), application: 'helpdesk', environment: 'production', release: RELEASE, reader: 'edge-1' });
  test.each<[string, string | null, string]>([
    ['none', null, 'no_token'], ['a word', 'tok-1', 'bad_signature'], ['sealed with another key', forged, 'bad_signature'], ['cut short', token().slice(0, -1), 'bad_signature'],
    ['of another application', token({ application: 'shop' }), 'foreign'], ['of another environment', token({ environment: 'staging' }), 'foreign'],
    ['of a revision before the last sixteen', token({ rev: 6 }), 'unknown_rev'], ['of a revision nobody has seen', token({ rev: 99 }), 'unknown_rev'], ['of another release', token({ release: 'other' }), 'unknown_rev'],
    ['stable in a bucket of the candidate', token({ bucket: 4_999 }), 'wrong_arm'], ['candidate in a bucket of stable', token({ arm: 'candidate', bucket: 5_000 }), 'wrong_arm'],
    ['from the future', token({ assignedAtSec: DATABASE_MS / 1000 + 6 }), 'future'], ['from the year 2100', token({ assignedAtSec: 4_102_444_800 }), 'future'],
  ])('%s', (_name, text, cause) => { expect(world().attribution.attribute(text, sender)).toEqual({ kind: 'uncounted', cause }); });
  test('a block that is closed', () => { expect(world({ isClosed: true }).attribution.attribute(token(), sender)).toEqual({ kind: 'uncounted', cause: 'late' }); });
  test('an environment without a split', () => { expect(world({ recent: null }).attribution.attribute(token(), sender)).toEqual({ kind: 'uncounted', cause: 'unknown_rev' }); });
  test('a split without a candidate has one arm', () => {
    const { attribution } = world({ recent: [{ ...withoutCandidate, weightBp: 10_000, rev: 7 }] });
    expect(attribution.attribute(token({ bucket: 0 }), sender).kind).toBe('attributed');
    expect(attribution.attribute(token({ bucket: 0, arm: 'candidate' }), sender)).toEqual({ kind: 'uncounted', cause: 'wrong_arm' });
  });
  test('the weight is that of the token\'s own revision', () => {
    const { attribution } = world({ recent: [{ ...split({ weightBp: 100, candidate: CANDIDATE }), rev: 7 }, { ...split({ weightBp: 10_000 }), rev: 8 }] });
    expect(attribution.attribute(token({ bucket: 100 }), sender).kind).toBe('attributed');
    expect(attribution.attribute(token({ rev: 8, bucket: 100 }), sender)).toEqual({ kind: 'uncounted', cause: 'wrong_arm' });
  });
  test('without the time of the database time decides nothing', () => { expect(world({ databaseMs: null, isClosed: true }).attribution.attribute(token({ assignedAtSec: 9 }), sender).kind).toBe('attributed'); });
});

describe('R-621 opened tokens are remembered within bounds, and forgeries push nothing out', () => {
  test('a token is opened once, a forgery each time', () => {
    const { attribution, opened } = world({ tokensMax: 2 });
    for (let i = 0; i < 5; i += 1) attribution.attribute(token(), sender);
    expect(opened()).toBe(1);
    for (let i = 0; i < 5; i += 1) attribution.attribute(`x${i}`, sender);
    attribution.attribute(token(), sender);
    expect(opened()).toBe(6);
    for (let i = 0; i < 3; i += 1) attribution.attribute(token({ reader: `r${i}` }), sender);
    attribution.attribute(token(), sender);
    expect(opened()).toBe(10);
  });
});

describe('R-622 only a sealed token of one\'s own can say that the snapshot is behind', () => {
  test.each<[string | null, boolean]>([[token({ rev: 8 }), true], [token(), false], [token({ rev: 6 }), false], [token({ rev: 8, environment: 'staging' }), false], ['x', false], [null, false]])('%#', (text, wanted) => {
    expect(world().attribution.isAhead(text, sender)).toBe(wanted);
    expect(world({ recent: null }).attribution.isAhead(text, sender)).toBe(text !== null && text !== 'x' && tokens.open(text)?.environment === 'production');
  });
});

describe('R-623 late is what no metric of the release takes any more', () => {
  const sec = DATABASE_MS / 1000;
  test('the end of the block and the longest maturity', async () => {
    let isAway = false;
    const windows = createWindows({ releases: { exposed: async () => { if (isAway) throw new Error('away'); return [releaseDoc([metric({ maturityMs: 1_000 }), metric({ name: 'b', maturityMs: 30_000 })])]; } } });
    await windows.refresh();
    isAway = true;
    await windows.refresh();
    expect(windows.isClosed(RELEASE, sec + 9, DATABASE_MS + 40_000)).toBe(false);
    expect(windows.isClosed(RELEASE, sec + 9, DATABASE_MS + 40_001)).toBe(true);
    expect(windows.isClosed(RELEASE, sec + 10, DATABASE_MS + 40_001)).toBe(false);
  });
  test('an hour, for a release that is not in flight', () => {
    const windows = createWindows({ releases: { exposed: async () => [] } });
    expect(windows.isClosed(RELEASE, sec, DATABASE_MS + 3_600_000)).toBe(false);
    expect(windows.isClosed(RELEASE, sec, DATABASE_MS + 3_600_001)).toBe(true);
  });
});

describe('R-615 what no metric of a release in flight reads is not kept', () => {
  test('a plan says which feeds; presence is always kept, and so is what belongs to no release known here', async () => {
    let released = [releaseDoc([metric({ from: 'slow', objectiveMs: 9 }), metric({ name: 'steps', from: 'attribute:agent.steps' })])];
    const windows = createWindows({ releases: { exposed: async () => released } });
    expect([windows.reads(RELEASE, 'cost'), [...windows.attributeKeys()]]).toEqual([true, []]);
    await windows.refresh();
    const read = (release: string) => ['error', 'guardrail:x', 'feedback:y', 'slow', 'cost', 'evaluation:z', 'attribute:agent.steps', 'attribute:other'].filter((feed) => windows.reads(release, feed));
    expect(read(RELEASE)).toEqual(['error', 'guardrail:x', 'feedback:y', 'slow', 'attribute:agent.steps']);
    expect(read('another')).toHaveLength(8);
    expect([...windows.attributeKeys()]).toEqual(['agent.steps']);
    released = [];
    await windows.refresh();
    expect([...windows.attributeKeys()]).toEqual([]);
  });
});
