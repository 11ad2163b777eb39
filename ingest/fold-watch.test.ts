import { describe, expect, test } from 'vitest';
import type { BatchDoc, NewBlock, Obs, ReleaseDoc, WatchRecord } from '../store/index.js';
import { DATABASE_MS, RELEASE, metric, releaseDoc } from '../test/edge-world.js';
import { dueOf } from './fold.js';
import { createFold } from './index.js';

const SEC = DATABASE_MS / 1_000;
const BLOCK = SEC / 10;
const obs = (over: Partial<Obs> = {}): Obs => ({ release: RELEASE, arm: 'stable', rev: 9, sec: SEC, unit: 'u1', feed: 'error', value: 0, reader: 'edge-1', ...over });
let next = 0;
const batch = (all: readonly Obs[], atMs = DATABASE_MS + 1_000): BatchDoc => { next += 1; return { _id: `helpdesk/${next}`, shape: 1, application: 'helpdesk', at: new Date(atMs), obs: all, uncounted: {} }; };
const METRICS = [metric(), metric({ name: 'toxic', from: 'guardrail:toxic' })];

/** Promoted at DATABASE_MS at rev 9, after a canary of ten minutes; `errors` has an objective, and is watched for an hour. */
function watched(over: Partial<ReleaseDoc> = {}, watch: Partial<WatchRecord> = {}): ReleaseDoc {
  const since = new Date(DATABASE_MS);
  const base = releaseDoc(METRICS, {
    state: 'PROMOTED', open: false, terminalAt: since, stage: { index: 2, weightBp: 9_500, since: new Date(DATABASE_MS - 600_000), stillMs: 0, stillSince: null },
    watch: { rev: 9, since, until: new Date(DATABASE_MS + 3_600_000), open: true, outcome: null, endedAt: null, ...watch }, ...over,
  });
  return { ...base, policy: { ...base.policy, plan: { ...base.policy.plan, topline: [{ metric: 'errors', max: 0.05 }], watchSec: 3_600 } } };
}
const due = (release: ReleaseDoc, nowMs: number, through: Readonly<Record<string, number>> = {}) => Object.fromEntries(dueOf(release, through, nowMs).map(({ name, from, to }) => [name, [from - BLOCK, to - BLOCK]]));

async function folded(release: ReleaseDoc, batches: readonly BatchDoc[], nowMs: number): Promise<readonly (readonly [string, number, NewBlock['stable'], NewBlock['candidate']])[]> {
  const blocks: NewBlock[] = [];
  const fold = createFold({
    releases: { exposed: () => Promise.resolve([release]) }, batches: { between: () => Promise.resolve(batches), now: () => Promise.resolve(new Date(nowMs)) },
    blocks: { folded: () => Promise.resolve({ through: {}, at: null }), insert: (all) => { blocks.push(...all); return Promise.resolve(); }, through: () => Promise.resolve() },
    bundles: { content: () => Promise.resolve(null) }, duties: { hold: () => Promise.resolve(true), release: () => Promise.resolve() }, holder: 'me', tell: () => undefined,
  });
  await fold.tick();
  return blocks.map(({ metric: name, block, stable, candidate }) => [name, block - BLOCK, stable, candidate]);
}

describe('R-917 a watch is folded for as long as it is open, and no release costs anything after that', () => {
  const LATER = DATABASE_MS + 900_000;
  test('what has an objective, under a name of its own, from the promotion on; the comparison ends with the promotion', () => {
    expect(due(watched(), LATER)).toEqual({ errors: [-60, 0], toxic: [-60, 0], 'watch/errors': [0, 85] });
  });
  test('what is done is not done again', () => {
    expect(due(watched(), LATER, { errors: BLOCK, toxic: BLOCK, 'watch/errors': BLOCK + 40 })).toEqual({ 'watch/errors': [41, 85] });
  });
  test('not beyond its end, however late', () => {
    expect(due(watched(), DATABASE_MS + 9_000_000, { errors: BLOCK, toxic: BLOCK, 'watch/errors': BLOCK + 300 })).toEqual({ 'watch/errors': [301, 360] });
    expect(due(watched(), DATABASE_MS + 9_000_000, { errors: BLOCK, toxic: BLOCK, 'watch/errors': BLOCK + 360 })).toEqual({});
  });
  test('a first release, which never had a canary, is watched too', () => {
    expect(due(watched({ stage: null }), LATER)).toEqual({ 'watch/errors': [0, 85] });
  });
  test.each<[string, ReleaseDoc]>([['over', watched({}, { open: false })], ['never begun', (({ watch: _watch, ...rest }) => rest)(watched())]])('%s: nothing of it', (_name, release) => {
    expect(Object.keys(due(release, LATER))).toEqual(['errors', 'toxic']);
  });
});

describe('R-919 the watch counts what the promoted bundle alone has answered', () => {
  test('by the revision of the promotion: what was stable before is another bundle\'s', async () => {
    const all = [
      obs({ unit: 'a', value: 1 }), obs({ unit: 'b' }), obs({ unit: 'c', rev: 11, value: 1 }),
      obs({ unit: 'holdback', rev: 8, value: 1 }), obs({ unit: 'candidate', arm: 'candidate', rev: 8, value: 1 }), obs({ unit: 'other', release: 'another', value: 1 }),
    ];
    const blocks = await folded(watched(), [batch(all)], DATABASE_MS + 60_000);
    expect(blocks.filter(([name]) => name === 'watch/errors')).toEqual([['watch/errors', 0, { n: 3, k: 2 }, { n: 0, k: 0 }]]);
    expect(blocks.find(([name, block]) => name === 'errors' && block === 0)?.[3]).toEqual({ n: 1, k: 1 });
  });
  test('each unit once, by the cut-off of its metric', async () => {
    const late = batch([obs({ unit: 'late' })], DATABASE_MS + 40_001);
    const blocks = await folded(watched(), [batch([obs(), obs({ value: 1 })]), batch([obs()]), late], DATABASE_MS + 60_000);
    expect(blocks.filter(([name]) => name === 'watch/errors')).toEqual([['watch/errors', 0, { n: 1, k: 1 }, { n: 0, k: 0 }]]);
  });
});
