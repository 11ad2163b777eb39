import { beforeEach, describe, expect, test } from 'vitest';
import type { GateLine, Receipt } from '../core/gate/index.js';
import { gatePlanOf, nextReceipt } from '../core/gate/index.js';
import { policyOf } from '../core/release/index.js';
import type { BlockDoc, ReceiptDoc } from '../store/index.js';
import { entry, furnished, listen, release, type Door, type World } from '../test/stand-ins.js';

/* The receipts are made by the gate itself from blocks of made-up users; what stands behind them is a list. */
const policy = policyOf({
  name: 'usual', evaluation: { dataset: 'facts', evaluators: [{ name: 'knows', margin: 0.1, floor: 0.5 }] }, stages: [{ weightBp: 1_000, durationMinSec: 60 }, { weightBp: 5_000, durationMinSec: 60 }],
  metrics: [{ name: 'error', margin: 0.05 }, { name: 'quality', from: 'evaluation:quality', role: 'guardrail' }, { name: 'cost' }],
}, 'LOW');
const gate = gatePlanOf(policy, { error: 0.05, cost: { mean: 0.01, variance: 0.0001, cap: 0.2 } });
const count = (bad: number) => (i: number): readonly GateLine[] => [
  { block: { metric: 'error', i, stable: { n: 90, k: 4 }, candidate: { n: 10, k: i % 2 === 0 ? bad : 0 } } },
  { block: { metric: 'quality', i, stable: { h: [[0.1, 80], [0.4, 10]] }, candidate: { h: [[0.1, 8], [0.4, 2]] } } },
  { block: { metric: 'cost', i, stable: { h: [[0.01, 90]] }, candidate: { h: [[0.02, 10]] } } },
  { block: { metric: 'assignment', i, stable: { n: 90 }, candidate: { n: 10 } } },
];
const receipts = (looks: number, bad = 1): readonly ReceiptDoc[] => {
  const made: ReceiptDoc[] = [];
  for (let i = 0, before: Receipt | null = null; i < looks; i += 1) {
    const lines = [...(i === 0 ? [{ weight: { bp: 1_000 } }, { stage: { last: false, nextUnits: 100 } }] satisfies GateLine[] : []), ...count(bad)(i)];
    before = nextReceipt(gate, before, { mode: 'climb', lines, planDigest: 'sha256:g', code: 'x' });
    made.push({ ...before, _id: `R1/${i + 1}`, shape: 1, release: 'R1', application: 'helpdesk', stage: 0, at: new Date(1_700_000_000_000 + 10_000 * i), through: {} });
  }
  return made;
};

let w: World;
let token: string;
beforeEach(async () => { w = await furnished(); token = w.session('manager', [{ application: 'helpdesk', role: 'RELEASE_MANAGER' }]); });

/** How many receipts were read. */
async function withReceipts<T>(list: { current: readonly ReceiptDoc[] }, run: (door: Door, read: () => number) => Promise<T>): Promise<T> {
  w.releases.set('R1', release('R1', { gate, policy: { name: 'usual', version: 1, digest: 'sha256:p', plan: policy }, stage: { index: 0, weightBp: 1_000, since: new Date(0), stillMs: 0, stillSince: null }, timeline: [entry(1, 'release.requested')] }));
  let read = 0;
  const releases: World['deps']['releases'] = {
    ...w.deps.releases, lastReceipt: () => Promise.resolve(list.current.at(-1) ?? null),
    receipts: (_id, { first, after }) => {
      const newest = [...list.current].reverse().filter(({ seq }) => after === undefined || seq < Number(after));
      read += Math.min(first, newest.length);
      return Promise.resolve({ items: newest.slice(0, first), next: newest.length > first ? String(newest[first - 1]?.seq) : null });
    },
  };
  const door = await listen({ ...w, deps: { ...w.deps, releases } });
  try { return await run(door, () => read); } finally { await door.close(); }
}
const FIELDS = `progress assignment { units { stable candidate } logE threshold words alarm acknowledged alarmProgress waitingFor history { seq logE } }
  evidence { metric role kind stable { units bad mean interval { lower upper } } candidate { units bad mean interval { lower upper } } logEHarm harmThreshold logENi niThreshold margin upper difference { estimate lower upper } harm notWorse alarm passed harmProgress progress waitingFor }`;
async function ask<T = unknown>(door: Door, fields: string): Promise<T> {
  const { json, text } = await door.post(token, `{ release(id: "R1") { ${fields} } }`);
  if (json.errors) throw new Error(text);
  return json.data.release as T;
}

describe('R-930 a release shows its evidence: both arms, their difference, words, and how far it is', () => {
  test('of a rate, a score, a mean and the assignment', () => withReceipts({ current: receipts(20) }, async (door) => {
    const { evidence, assignment, progress } = await ask<{ evidence: Record<string, never>[]; assignment: object; progress: number }>(door, FIELDS);
    const [error, quality, cost] = evidence;
    expect(evidence.map(({ metric, kind, role }) => [metric, kind, role])).toEqual([['error', 'RATE', 'GUARDRAIL'], ['quality', 'SCORE', 'GUARDRAIL'], ['cost', 'MEAN', 'SIGNAL']]);
    expect(error).toMatchObject({ stable: { units: 1_800, bad: 80 }, candidate: { units: 200, bad: 10, mean: 0.05 }, margin: 0.05, alarm: false, harm: expect.stringMatching(/that the candidate's error rate is higher/) as string });
    expect(error?.['notWorse']).toMatch(/that the candidate's error rate is not higher by 5 pp or more$/);
    const { estimate, lower, upper } = error?.['difference'] as unknown as { estimate: number; lower: number; upper: number };
    expect(estimate).toBeCloseTo(0.05 - 80 / 1_800, 2);
    expect(lower).toBeLessThan(0);
    expect(upper).toBeGreaterThan(0.02);
    expect(quality).toMatchObject({ stable: { bad: null, mean: expect.closeTo(0.1333, 3) as number }, candidate: { bad: null, mean: expect.closeTo(0.16, 6) as number, interval: { lower: expect.any(Number) as number } } });
    expect(cost).toMatchObject({ candidate: { mean: expect.closeTo(0.02, 9) as number }, progress: null, harm: expect.stringMatching(/mean cost is higher by more than 5 %/) as string });
    expect(assignment).toMatchObject({ units: { stable: 1_800, candidate: 200 }, alarm: false, acknowledged: false, waitingFor: [] });
    expect(progress).toBe(Math.min(...evidence.flatMap((one) => one['progress'] ?? [])));
    expect(progress).toBeGreaterThan(0);
  }));
  test('what it waits for, with its numbers', () => withReceipts({ current: receipts(1) }, async (door) => {
    const { evidence } = await ask<{ evidence: { waitingFor: string[] }[] }>(door, FIELDS);
    expect(evidence[0]?.waitingFor[0]).toBe('1 of 2 blocks have units in both arms.');
  }));
  test('harm stands in words, and it is an alarm', () => withReceipts({ current: receipts(30, 10) }, async (door) => {
    const { evidence } = await ask<{ evidence: { harm: string; alarm: boolean; harmProgress: number }[] }>(door, FIELDS);
    expect(evidence[0]).toMatchObject({ alarm: true, harmProgress: 1, harm: expect.stringMatching(/^(more than 10\^12|[\d,]+) : 1 that the candidate's error rate is higher$/) as string });
  }));
  test('before the first receipt there is none', () => withReceipts({ current: [] }, async (door) => {
    expect(await ask(door, FIELDS)).toEqual({ evidence: [], assignment: null, progress: null });
  }));
});

describe('R-931 evidence over time is a bounded list of points, and each receipt is read once', () => {
  const HISTORY = (points?: number): string => `evidence { metric history${points === undefined ? '' : `(points: ${points})`} { seq at stage weightBp logEHarm logENi stable candidate difference { estimate } } } assignment { history { seq logE } }`;
  type Told = { evidence: { history: { seq: number; logEHarm: number; candidate: number }[] }[]; assignment: { history: { seq: number }[] } };
  test('at most 100, the first and the last among them; the last is what stands now', () => withReceipts({ current: receipts(230) }, async (door) => {
    const { evidence, assignment } = await ask<Told>(door, HISTORY());
    for (const history of [...evidence.map((one) => one.history), assignment.history]) {
      expect(history).toHaveLength(100);
      expect(history.map(({ seq }) => seq)).toEqual([...history.map(({ seq }) => seq)].sort((a, b) => a - b));
      expect([history[0]?.seq, history.at(-1)?.seq]).toEqual([1, 230]);
    }
    const now = await ask<{ evidence: { logEHarm: number; candidate: { mean: number } }[] }>(door, 'evidence { logEHarm candidate { mean } }');
    expect(evidence[0]?.history.at(-1)).toMatchObject({ logEHarm: now.evidence[0]?.logEHarm, candidate: now.evidence[0]?.candidate.mean, stage: 0, weightBp: 1_000 });
    expect((await ask<Told>(door, HISTORY(2))).evidence[0]?.history.map(({ seq }) => seq)).toEqual([1, 230]);
  }));
  test('who looks again reads what is new, and sees what one who looks for the first time sees', async () => {
    const list: { current: readonly ReceiptDoc[] } = { current: receipts(120).slice(0, 90) };
    const grown = await withReceipts(list, async (door, read) => {
      await ask(door, HISTORY());
      expect(read()).toBe(90);
      list.current = receipts(120);
      const told = await ask(door, FIELDS);
      expect(read()).toBeLessThanOrEqual(90 + 50);
      await ask(door, FIELDS);
      expect(read()).toBeLessThanOrEqual(90 + 50 + 50);
      return told;
    });
    expect(grown).toEqual(await withReceipts({ current: receipts(120) }, (door) => ask(door, FIELDS)));
  });
  test('what needs no receipt but the last reads no other', () => withReceipts({ current: receipts(40) }, async (door, read) => {
    await ask(door, 'progress assignment { words } evidence { metric logEHarm harm stable { units } waitingFor }');
    expect(read()).toBe(0);
  }));
  test.each([1, 0, 101, -5])('%i points are refused', (points) => withReceipts({ current: receipts(3) }, async (door) => {
    await expect(ask(door, HISTORY(points))).rejects.toThrow(/BAD_INPUT/);
  }));
});

const block = (index: number, n: number, metric = 'error'): BlockDoc => ({ _id: `b/${index}`, shape: 1, application: 'helpdesk', release: 'R1', metric, block: index, stable: { n, k: 0 }, candidate: { n: 0, k: 0 }, at: new Date(0) });
/** A former release of 7 days, with so many units a block of 10 s, in so many blocks. */
async function withTraffic<T>(blocks: number, units: number, run: (door: Door) => Promise<T>, more: { readonly metric?: string; readonly totals?: World['deps']['blocks']['totals'] } = {}): Promise<T> {
  const stable = w.environments.get('helpdesk/production')?.split?.stable ?? '';
  const now = Math.floor(new Date('2026-01-02T03:04:05Z').getTime() / 10_000);
  w.releases.set('R1', release('R1', { state: 'PROMOTED', open: false, candidate: stable, stage: { index: 1, weightBp: 9_500, since: new Date(0), stillMs: 0, stillSince: null } }));
  const rows = Array.from({ length: blocks }, (_, i) => block(now - blocks + i, units, more.metric));
  const door = await listen({ ...w, deps: { ...w.deps, blocks: { ...w.deps.blocks, after: (_a, _r, metric, after) => Promise.resolve(metric === (more.metric ?? 'error') ? rows.filter((row) => row.block > after) : []), totals: more.totals ?? w.deps.blocks.totals } } });
  try { return await run(door); } finally { await door.close(); }
}
const FORECAST = `{ policy { name } traffic { unitsPerSec release since until firm } canary stages { index sec units candidateUnits } unitsAtLastWeight unitsToBake secToBake secToPromoted
  rollbacks { metric base doubled units candidateUnits badResponses sec } metrics { metric role kind base assumed smallestEffect } evaluation { dataset items evaluators { evaluator margin sd measured cases casesIdentical } } faults }`;
type Forecast = { traffic: object; faults: string[]; secToBake: number | null; secToPromoted: number | null; stages: { sec: number }[]; metrics: object[] };
const forecast = async (door: Door, name = 'usual', environment = 'production'): Promise<Forecast | null> => {
  const { json, text } = await door.post(token, `{ releaseForecast(application: "helpdesk", environment: "${environment}", policy: "${name}") ${FORECAST} }`);
  if (json.errors) throw new Error(text);
  return json.data.releaseForecast as Forecast | null;
};

describe('R-932 what a release will take is told before it starts; unknown is null, never 0', () => {
  test('where no traffic has been seen: units and bad responses, no time', () => withTraffic(0, 0, async (door) => {
    expect(await forecast(door)).toMatchObject({
      traffic: { unitsPerSec: null, release: null, since: null, until: null, firm: false }, canary: true, secToBake: null, secToPromoted: null, unitsToBake: null, stages: [{ sec: null, units: null, candidateUnits: null }], unitsAtLastWeight: expect.any(Number) as number,
      rollbacks: [{ metric: 'error', base: 0.01, doubled: 0.02, sec: null }], metrics: [{ metric: 'error', base: null, assumed: 0.01, smallestEffect: null }],
      evaluation: { dataset: 'facts', items: 150, evaluators: [{ evaluator: 'knows', margin: 0.1, sd: 0.17, measured: false, cases: 38, casesIdentical: 38 }] }, faults: [],
    });
  }));
  test.each(['error', 'assignment'])('by the blocks of %s: time, units and what would be found', (metric) => withTraffic(60, 50, async (door) => {
    const told = await forecast(door);
    expect(told).toMatchObject({ traffic: { unitsPerSec: 5, release: 'R1', firm: true }, faults: [], metrics: [{ smallestEffect: expect.any(Number) as number }] });
    expect(told?.secToPromoted).toBe((told?.secToBake ?? 0) + 900);
    expect(told?.stages.reduce((sum, { sec }) => sum + sec, 0)).toBeCloseTo(told?.secToBake ?? 0, 6);
  }, { metric }));
  test('stable is known from a former release with enough units', () => withTraffic(60, 50, async (door) => {
    expect(await forecast(door)).toMatchObject({ metrics: [{ base: expect.closeTo(60.5 / 3_001, 9) as number, assumed: expect.closeTo(60.5 / 3_001, 9) as number }] });
  }, { totals: () => Promise.resolve([{ metric: 'error', stable: { n: 0, k: 0, sum: 0, sumsq: 0 }, candidate: { n: 3_000, k: 60, sum: 60, sumsq: 60 } }]) }));
  test('five blocks tell a rate, and thirty make it firm; fewer tell nothing', async () => {
    for (const [blocks, traffic] of [[4, { unitsPerSec: null, firm: false }], [5, { unitsPerSec: 5, firm: false }], [30, { unitsPerSec: 5, firm: true }]] as const) {
      expect((await withTraffic(blocks, 50, (door) => forecast(door)))?.traffic).toMatchObject(traffic);
    }
  });
  test('what is older than seven days is no traffic of today', () => withTraffic(60, 50, async (door) => {
    expect((await forecast(door))?.traffic).toMatchObject({ unitsPerSec: 5 });
    const late = await listen({ ...w, deps: { ...w.deps, environments: { ...w.deps.environments, now: () => Promise.resolve(new Date('2026-01-10T00:00:00Z')) }, blocks: { ...w.deps.blocks, after: (_a, _r, _m, after) => Promise.resolve([block(Math.floor(new Date('2026-01-02T03:00:00Z').getTime() / 10_000), 5)].filter((row) => row.block > after)) } } });
    try { expect((await forecast(late))?.traffic).toMatchObject({ unitsPerSec: null, release: null }); } finally { await late.close(); }
  }));
  test('where nothing is stable there is no canary; an unknown policy or environment is null', () => withTraffic(0, 0, async (door) => {
    expect(await forecast(door, 'usual', 'dev')).toMatchObject({ canary: false, faults: [] });
    expect(await forecast(door, 'none')).toBeNull();
    expect(await forecast(door, 'usual', 'nowhere')).toBeNull();
  }));
});

describe('R-933 a policy that cannot be shown within its maxima at known traffic is refused with the numbers', () => {
  const start = async (door: Door): Promise<string> => (await door.post(token, 'mutation($input: StartReleaseInput!) { startRelease(input: $input) { id } }', { input: { application: 'helpdesk', environment: 'production', candidate: { prompt: 'answer', version: 2 }, policy: 'usual', idempotencyKey: 'the-key-of-this-start' } })).text;
  const put = async (door: Door, more: object = {}): Promise<string> => (await door.post(token, 'mutation($input: PutRolloutPolicyInput!) { putRolloutPolicy(input: $input) { version } }', { input: {
    application: 'helpdesk', name: 'usual', evaluation: { dataset: 'facts', evaluators: [{ name: 'knows', margin: 0.1, floor: 0.5 }] }, metrics: [{ name: 'error' }], idempotencyKey: 'the-key-of-this-policy', ...more } })).text;
  const TOO_SLOW = /At the traffic of helpdesk\/production: stage 1 \(25 %\) is expected to take \d+ s at 0\.1 units\/s, its maximum is 14400 s/;
  test('a start, with the way to the numbers', () => withTraffic(60, 1, async (door) => {
    const refusal = await start(door);
    expect(refusal).toMatch(/stage 1 \(25 %\) is expected to take \d+ s at 0\.1 units\/s, its maximum is 14400 s/);
    expect(refusal).toContain('BAD_INPUT');
    expect(refusal).toContain('slipway release forecast');
    expect(w.ordered).toEqual([]);
  }));
  test('a policy, by the environment whose traffic is known', () => withTraffic(60, 1, async (door) => {
    expect(await put(door)).toMatch(TOO_SLOW);
    expect(w.policies).toHaveLength(1);
  }));
  test.each<[string, number, number]>([['enough traffic', 60, 500], ['traffic that is not known well enough', 10, 1], ['no traffic known', 0, 0]])('%s refuses nothing', (_name, blocks, units) => withTraffic(blocks, units, async (door) => {
    expect(await put(door)).not.toContain('errors');
    expect(await start(door)).not.toContain('errors');
  }));
  test('a first release has no canary to be too slow', () => withTraffic(60, 1, async (door) => {
    w.environments.clear();
    expect(await start(door)).not.toContain('errors');
  }));
  test('better is asked for: when that is shown is no matter of equal arms', () => withTraffic(60, 1, async (door) => {
    expect(await put(door, { aim: 'BETTER', metrics: [{ name: 'error', margin: 0 }] })).not.toContain('errors');
  }));
});
