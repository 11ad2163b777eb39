import { describe, expect, test } from 'vitest';
import { breachesOf, nextWatched, objectivesOf, startWatched, watchedThrough } from '../../core/gate/index.js';
import type { BatchDoc, BlockDoc, Obs, ReceiptDoc, ReleaseDoc } from '../../store/index.js';
import { DATABASE_MS, RELEASE, metric, releaseDoc } from '../edge-world.js';
import type { Json } from '../harness.js';
import { NOTHING_STORED, check } from './invariants.js';

// A release that was promoted at DATABASE_MS at rev 9, and its watch: ten blocks of a second, forty users each.
const since = new Date(DATABASE_MS);
const FIRST = DATABASE_MS / 1_000;
const plain = releaseDoc([metric({ name: 'sloppy', from: 'guardrail:sloppy', maturityMs: 500 })], {
  blockSec: 1, state: 'PROMOTED', open: false, stage: null, terminalAt: since, watch: { rev: 9, since, until: new Date(DATABASE_MS + 600_000), open: false, outcome: 'REVERTED', endedAt: new Date(DATABASE_MS + 20_000) },
});
const release: ReleaseDoc = { ...plain, policy: { ...plain.policy, plan: { ...plain.policy.plan, topline: [{ metric: 'sloppy', max: 0.1 }], watchSec: 600 } } };
const objectives = objectivesOf(release.policy.plan);
const obs = (block: number, unit: number): Obs => ({ release: RELEASE, arm: 'stable', rev: 9, sec: FIRST + block, unit: `u${block}-${unit}`, feed: 'guardrail:sloppy', value: unit % 2, reader: 'e1' });
const ten = Array.from({ length: 10 }, (_, i) => i);
const batches: BatchDoc[] = ten.map((i) => ({ _id: `helpdesk/b${i}`, shape: 1, application: 'helpdesk', at: new Date(DATABASE_MS + i * 1_000 + 900), obs: Array.from({ length: 40 }, (_, unit) => obs(i, unit)), uncounted: {} }));
const blocks: BlockDoc[] = ten.map((i) => ({ _id: `helpdesk/${RELEASE}/watch/sloppy/${FIRST + i}`, shape: 1, application: 'helpdesk', release: RELEASE, metric: 'watch/sloppy', block: FIRST + i, stable: { n: 40, k: 20 }, candidate: { n: 0, k: 0 }, at: since }));
let state = startWatched(objectives);
const decisions = ten.map((i) => {
  const look = nextWatched(objectives, state, [{ metric: 'sloppy', i: FIRST + i, n: 40, k: 20 }]);
  state = look.state;
  return { _id: `watch/${RELEASE}/${i + 1}`, shape: 1, release: `watch/${RELEASE}`, application: 'helpdesk', seq: i + 1, mode: 'watch', at: since, planDigest: 'o', code: '1', ...look, logE: {}, thresholds: {}, breaches: breachesOf(objectives, state), through: watchedThrough(state) };
}) as unknown as ReceiptDoc[];
const duties = [{ _id: `fold/${RELEASE}`, shape: 1, through: [{ metric: 'watch/sloppy', block: FIRST + 9 }], at: since }] as unknown as typeof NOTHING_STORED.duties;

/** What the invariants on evidence have to say of it; whatever else is missing from so small a world is not the point. */
function said(change: (store: Json) => void = () => undefined): readonly string[] {
  const store = structuredClone({ ...NOTHING_STORED, releases: [release], batches, blocks, decisions, duties });
  change(store);
  return [...new Set(check([], store, [], DATABASE_MS + 60_000).map(({ invariant }) => invariant).filter((invariant) => ['I-01', 'I-02', 'I-10'].includes(invariant)))];
}

describe('R-911 every look of a watch follows from its lines and the look before, bit for bit', () => {
  test('a healthy watch has no violation', () => { expect(said()).toEqual([]); });
  test.each<[string, string, (store: Json) => void]>([
    ['a unit that came in time and was not counted', 'I-01', (store) => { store.batches[3].obs.push({ ...obs(3, 0), unit: 'one more' }); }],
    ['a unit that nobody reported', 'I-02', (store) => { store.batches[3].obs.pop(); }],
    ['what was stable before', 'I-02', (store) => { store.batches[3].obs[0].rev = 8; }],
    ['a look is missing', 'I-10', (store) => { store.decisions.shift(); }],
    ['a look that read what does not stand', 'I-10', (store) => { store.decisions[4].lines[0].k = 19; }],
    ['a state that its lines do not lead to', 'I-10', (store) => { store.decisions[4].state.runs[0].k = 1; }],
    ['taken back without an alarm', 'I-10', (store) => { store.decisions = []; }],
  ])('%s is found', (_name, invariant, change) => { expect(said(change)).toContain(invariant); });
});
