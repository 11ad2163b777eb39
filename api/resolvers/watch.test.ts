import { describe, expect, test } from 'vitest';
import type { ReleaseDoc, WatchReceiptDoc, WatchRecord } from '../../store/index.js';
import { row } from '../../test/edge-world.js';
import { release } from '../../test/stand-ins.js';
import { watchOf } from './watch.js';

const served = row();
const since = new Date(served.now.getTime() - 60_000);
const watch: WatchRecord = { rev: 9, since, until: new Date(since.getTime() + 600_000), open: true, outcome: null, endedAt: null };
const promoted = (over: Partial<ReleaseDoc> = {}): ReleaseDoc => release('r1', { state: 'PROMOTED', open: false, watch, ...over });
const ask = (items: readonly ReleaseDoc[], breaches?: WatchReceiptDoc['breaches']) => watchOf({
  releases: { list: () => Promise.resolve({ items, next: null }) }, watches: { last: () => Promise.resolve(breaches === undefined ? null : { breaches } as WatchReceiptDoc) },
}, 'helpdesk', 'production', served);

describe('R-915 what was promoted is held against its objectives, and taken back when it misses them', () => {
  test('an environment says what is watched, until when, and what is in alarm as of the last look', async () => {
    expect(await ask([promoted()])).toEqual({ release: 'r1', until: watch.until, alarms: [] });
    const { blockSec } = promoted().policy.plan;
    expect(await ask([promoted()], [{ metric: 'error', max: 0.05, from: 100, n: 40, k: 9 }])).toMatchObject({ alarms: [{ metric: 'error', max: 0.05, units: 40, bad: 9, since: new Date(100 * blockSec * 1_000) }] });
  });
  test.each<[string, readonly ReleaseDoc[]]>([
    ['nothing was ever promoted', []], ['its watch has ended', [promoted({ watch: { ...watch, open: false, outcome: 'OVER' } })]],
    ['its time is over, and no look has said so yet', [promoted({ watch: { ...watch, until: served.now } })]],
    ['what is stable was put back', [release('revert/helpdesk/production/9', { state: 'PROMOTED', kind: 'REVERT', open: false }), promoted()]],
  ])('none where %s', async (_name, items) => { expect(await ask(items)).toBeNull(); });
});
