import { describe, expect, test } from 'vitest';
import { bucketOf, saltOf } from '../../core/assignment/index.js';
import { linkHash } from '../../core/audit/index.js';
import { bundleDigest, contentsDigest } from '../../core/bundle/index.js';
import { gatePlanOf, linesOfLook, nextReceipt, throughOf } from '../../core/gate/index.js';
import type { LookMode, Receipt } from '../../core/gate/index.js';
import type { AuditDoc, BatchDoc, BlockDoc, EvaluationDoc, Obs, ReceiptDoc, ReleaseDoc, SplitDoc, TimelineEntry } from '../../store/index.js';
import type { EnvironmentRow } from '../../store/environments-acts.js';
import { metric, releaseDoc } from '../edge-world.js';
import type { Json } from '../harness.js';
import { CHECKED, ELSEWHERE, NOTHING_STORED, check } from './invariants.js';
import type { Stored } from './invariants.js';
import { digest, sha256 } from './invariants/world.js';
import type { Line, ServedAnswer } from './ledger.js';

// One environment's whole life, by hand: a first release, one that is promoted, one that is taken back, and a revert.
const T0 = Date.UTC(2026, 0, 5, 12);
const at = (sec: number): Date => new Date(T0 + sec * 1_000);
const [application, environment] = ['helpdesk', 'production'];
const id = `${application}/${environment}`;
const [R1, R2, R3, REVERT] = ['01R1', '01R2', '01R3', `revert/${id}/7`];
const ann = { id: 'person:ann', kind: 'person' as const }, slipway = { id: 'slipway:workflow', kind: 'slipway' as const };
const bundles = [1, 2, 3].map((version) => {
  const parts = { prompts: { answer: { version, digest: `sha256:${String(version).repeat(64)}` } } };
  const name = bundleDigest(parts, sha256);
  return { _id: `${application}/${name}`, shape: 1 as const, application, digest: name, contents: contentsDigest(parts, sha256), parts, authors: ['person:eve'], floatingModel: false, createdBy: 'person:eve', createdAt: at(0), intents: [] };
});
const [A = '', B = '', C = ''] = bundles.map((bundle) => bundle.digest);
const watched = metric({ name: 'sloppy', from: 'guardrail:sloppy', maturityMs: 500, margin: 0.2 });
const template = releaseDoc([watched], { blockSec: 1 });
const plan = { ...template.policy.plan, stages: [{ weightBp: 5_000, durationMinSec: 1, durationMaxSec: 600 }], bake: { durationMinSec: 1, durationMaxSec: 600, holdbackBp: 1_000 }, alpha: { harm: 0.001, promote: 0.05 }, errorBudget: 1_000, leaseMs: 5_000 };
const gate = gatePlanOf(plan, {});
const evaluators = [{ name: 'knows', version: 1, digest: 'sha256:knows', role: 'guardrail' as const, margin: 0.1, floor: 0.5 }];

type Told = readonly [sec: number, type: string, state: ReleaseDoc['state'], data?: TimelineEntry['data']];
const timeline = (release: string, told: readonly Told[]): TimelineEntry[] => told.map(([sec, type, state, data], i) => ({ id: `${release}/${i}`, seq: i + 1, type, at: at(sec), actor: slipway, state, ...(data === undefined ? {} : { data }) }));
function release(name: string, bundle: string, baseline: string, told: readonly Told[], over: Partial<ReleaseDoc> = {}): ReleaseDoc {
  const entries = timeline(name, told);
  const [first, last] = [entries[0] as TimelineEntry, entries.at(-1) as TimelineEntry];
  return {
    ...template, _id: name, epoch: Number(name.at(-1)), once: { key: `person:ann|startRelease|${name}`, args: 'd' }, state: last.state, open: false, candidate: bundle, contents: bundle, baseline, requestedBy: ann, ownerTeam: 't', authors: ['person:eve'],
    policy: { ...template.policy, plan }, evaluators, stage: null, timeline: entries, seq: entries.length, createdAt: first.at, terminalAt: last.at, gate: baseline === 'none' ? null : gate,
    ticket: { evaluation: `E-${name}`, bundle, baseline, datasetDigest: 'sha256:f', evaluatorDigests: ['sha256:knows'], policyDigest: 'sha256:e', verdict: 'PASS', finishedAt: at(0) }, ...over,
  };
}
const begun = (sec: number): Told[] => [[sec, 'release.requested', 'REQUESTED'], [sec + 1, 'release.evaluating', 'EVALUATING'], [sec + 2, 'release.evaluated', 'EVALUATING']];
const STAGE = { stage: 0, weightBp: 5_000 };
const third = release(R3, C, B, [...begun(100), [110, 'release.awaiting_approval', 'AWAITING_APPROVAL'], [115, 'release.approved', 'AWAITING_APPROVAL'], [120, 'release.stage_started', 'CANARY', STAGE], [130, 'release.rolling_back', 'ROLLING_BACK'], [131, 'release.rolled_back', 'ROLLED_BACK']], {
  stage: { index: 0, weightBp: 5_000, since: at(120), stillMs: 0, stillSince: null },
  rollback: { rev: 6, forCause: true, reason: 'HARM', decidedBy: slipway.id, receipt: null, committedAt: at(130), convergedAt: at(131), convergeMs: 1_000, stragglers: [], leaseEnded: false },
});
const approval = { approver: 'person:bob', name: 'Bob', team: 't', authMethod: 'dev', comment: '', at: at(115), digest: digest({ release: R3, bundle: C, baseline: B, verdict: `E-${R3}`, policy: 'sha256:e', environment: id }) };
const releases: ReleaseDoc[] = [
  release(R1, A, 'none', [...begun(0), [10, 'release.promoted', 'PROMOTED']]),
  release(R2, B, A, [...begun(20), [30, 'release.stage_started', 'CANARY', STAGE], [60, 'release.baking', 'BAKING', { stage: 1, weightBp: 9_000 }], [90, 'release.promoted', 'PROMOTED']], { stage: { index: 1, weightBp: 9_000, since: at(60), stillMs: 0, stillSince: null } }),
  { ...third, approvals: [approval], approvalsNeeded: 1, policy: { ...third.policy, plan: { ...plan, approvals: { count: 1, outsideTeam: 0, expireSec: 60 } } } },
  release(REVERT, A, B, [[150, 'release.reverted', 'PROMOTED']], { kind: 'REVERT', epoch: 5, message: 'it was worse after all', ticket: null }),
];
const split = (rev: number, epoch: number, sec: number, over: Partial<SplitDoc>): SplitDoc => ({ _id: `${id}/${rev}`, shape: 1, application, environment, rev, epoch, stable: A, weightBp: 0, leaseMs: 5_000, release: R1, at: at(sec), ...over });
const splits = [
  split(1, 1, 10, {}), split(2, 2, 31, { candidate: B, weightBp: 5_000, release: R2 }), split(3, 2, 61, { candidate: B, weightBp: 9_000, release: R2 }), split(4, 2, 90, { stable: B, release: R2 }),
  split(5, 3, 121, { stable: B, candidate: C, weightBp: 5_000, release: R3 }), split(6, 4, 130, { stable: B, release: R2 }), split(7, 5, 150, { release: REVERT }),
];
const bar = (name: string, release: string, sec: number) => ({ digest: name, contents: name, release, reason: 'worse', at: at(sec) });
const act = (kind: EnvironmentRow['acts'][number]['kind'], release: string, rev: number, epoch: number, sec: number) => ({ kind, intentId: `${release}/${kind}/${rev}`, release, args: null, rev, epoch, at: at(sec) });
const row: EnvironmentRow = {
  _id: id, shape: 1, application, name: environment, rev: 7, epoch: 5, split: { stable: A, weightBp: 0, leaseMs: 5_000, release: REVERT }, previous: null, recent: [], lease: { seq: 0, at: at(150), ms: 5_000 }, open: null,
  quarantine: [bar(C, R3, 130), bar(B, R2, 150)], touchedAt: at(150), intents: [], stableBy: REVERT,
  acts: [act('open', R1, 0, 1, 0), act('promote', R1, 1, 1, 10), act('open', R2, 1, 2, 20), act('weight', R2, 2, 2, 31), act('weight', R2, 3, 2, 61), act('promote', R2, 4, 2, 90), act('open', R3, 4, 3, 100), act('weight', R3, 5, 3, 121), act('rollback', R3, 6, 4, 130), { ...act('revert', REVERT, 7, 5, 150), intentId: `${REVERT}/0` }],
};
function chain(): AuditDoc[] {
  const told = [
    ...releases.flatMap(({ _id, timeline: entries }) => entries.map((entry) => ({ intentId: entry.id, at: entry.at, action: entry.type, subject: _id }))),
    ...row.acts.filter(({ kind }) => kind !== 'revert').map((made) => ({ intentId: made.intentId ?? '', at: made.at, action: made.kind === 'open' ? 'environment.opened' : `split.${made.kind}`, subject: id })),
  ].sort((a, b) => a.at.getTime() - b.at.getTime());
  const links: AuditDoc[] = [];
  for (const [i, one] of told.entries()) {
    const event = { ...one, application, seq: i + 1, actor: ann.id, actorKind: 'person', authMethod: null, beforeDigest: null, afterDigest: null, reason: null, previousHash: links.at(-1)?.hash ?? '0'.repeat(64) };
    links.push({ ...event, _id: `${application}/${i + 1}`, shape: 1, hash: linkHash(event, sha256) });
  }
  return links;
}
const evaluation = (name: string, bundle: string, baseline: string): EvaluationDoc => ({
  _id: `E-${name}`, shape: 1, application, identity: name, attempt: 1, state: 'FINISHED', error: null, rev: 2, once: { key: `slipway:workflow|startEvaluation|${name}`, args: name }, requestedBy: ann, createdAt: at(0), finishedAt: at(0), intents: [],
  plan: { bundle, baseline, dataset: { name: 'd', version: 1, digest: 'sha256:f', items: 10 }, evaluators, policy: { name: 'p', digest: 'sha256:e' }, repetitions: 1, callsMax: 100, seed: 1 },
  verdict: { kind: 'PASS', evidence: { items: 10, available: null, evaluators: [{ evaluator: 'knows', role: 'guardrail', n: 10, errors: { candidate: 1, baseline: 0 }, meanCandidate: 0.9, meanBaseline: 0.9, dbar: 0, sd: 0, tests: [] }] } },
  progress: { items: 10, itemsTotal: 10, calls: 20, errors: 1, costUsd: 0 },
});

/** What was seen, block by block, until it was enough: batches, blocks, and the receipts that consumed them. */
function observed(): { readonly batches: BatchDoc[]; readonly blocks: BlockDoc[]; readonly decisions: ReceiptDoc[] } {
  const batches: BatchDoc[] = [], blocks: BlockDoc[] = [], decisions: ReceiptDoc[] = [];
  const seen = (of: string, sec: number, units: number): void => {
    const block = T0 / 1_000 + sec;
    const obs = (['stable', 'candidate'] as const).flatMap((arm) => Array.from({ length: units }, (_, i): Obs => ({ release: of, arm, rev: 2, sec: block, unit: `${arm}-${i}-${sec}`, feed: watched.from, value: 0, reader: 'edge-1' })));
    batches.push({ _id: `${application}/batch-${of}-${sec}`, shape: 1, application, at: new Date((block + 1) * 1_000 + 100), obs, uncounted: {} });
    blocks.push({ _id: `${application}/${of}/sloppy/${block}`, shape: 1, application, release: of, metric: 'sloppy', block, stable: { n: units, k: 0 }, candidate: { n: units, k: 0 }, at: at(sec + 2) });
  };
  let before: Receipt | null = null;
  const look = (mode: LookMode, stage: number, sec: number): string => {
    seen(R2, sec, 100);
    const { block, stable, candidate } = blocks.at(-1) as BlockDoc;
    const lines = linesOfLook(gate, { stage: { last: true, minMet: true, maxMet: false, nextUnits: 0, hold: [] }, blocks: [{ metric: 'sloppy', i: block, stable, candidate }] });
    before = nextReceipt(gate, before, { mode, lines, planDigest: digest(gate), code: 'test' });
    decisions.push({ ...before, _id: `${R2}/${before.seq}`, shape: 1, release: R2, application, stage, at: at(sec + 2), through: throughOf(before.state) });
    return before.decision.decision;
  };
  for (let sec = 31; look('climb', 0, sec) === 'HOLD'; sec += 1) if (sec > 55) throw new Error('never enough');
  look('bake', 1, 62);
  seen(R3, 122, 2);
  return { batches, blocks, decisions };
}
const seen = observed();

const answer = (key: string, rev: number, over: Partial<ServedAnswer> = {}): ServedAnswer => {
  const { stable, candidate, weightBp, release: of, epoch } = splits[rev - 1] as SplitDoc;
  const bucket = candidate === undefined ? 0 : bucketOf(saltOf(application, environment, candidate), key);
  const arm = candidate !== undefined && bucket < weightBp ? 'candidate' : 'stable';
  return {
    edge: 'http://edge-1', targetingKey: key, status: 200, reason: candidate === undefined ? 'STATIC' : 'SPLIT', arm, text: 't', rev, epoch, release: of, bundle: arm === 'candidate' ? candidate ?? '' : stable, isStale: false,
    sealed: 'sealed', token: { rev, sec: T0 / 1_000, bucket, arm, unit: 'u', application, environment, release: of ?? '', reader: 'edge-1' }, ...over,
  };
};
let calls = 0;
const line = (op: string, startMono: number, result: unknown, over: Partial<Line> = {}): Line => ({ id: `${op}/${calls++}`, op, argsDigest: 'sha256:a', startMono, endMono: startMono + 5, outcome: 'ok', result, ...over });
const ledger: Line[] = [
  line('startRelease', 0, { id: R3, state: 'REQUESTED' }, { key: 'k3' }), line('startRelease', 10, { id: R3, state: 'CANARY' }, { key: 'k3' }),
  ...Array.from({ length: 20 }, (_, i) => line('serve', 100 + 10 * i, answer(`user-${i}`, 5))),
  line('ingest', 200, { edge: 'http://edge-1', status: 200, retryAfterSec: null, observations: [], batch: `batch-${R3}-122` }),
  line('rollbackRelease', 400, { id: R3, state: 'ROLLING_BACK' }, { key: 'k4' }), line('serve', 500, answer('user-1', 6)), line('serve', 20_000, answer('user-1', 7)),
];
const store: Stored = {
  ...NOTHING_STORED, ...seen, bundles, releases, splits, environments: [row],
  evaluations: [evaluation(R1, A, 'none'), evaluation(R2, B, A), evaluation(R3, C, B)],
  scores: [{ _id: 's', shape: 1, application, value: 0.5, error: null, label: null, explanation: null, at: at(0), expiresAt: at(99) }],
  answers: [{ _id: 'a', shape: 1, application, bundle: A, item: 'i', repetition: 0, text: null, error: 'timeout', finishReason: null, model: null, inputTokens: null, outputTokens: null, costUsd: null, durationMs: 1, at: at(0), expiresAt: at(99) }],
  grants: [{ _id: 'g', shape: 1, person: 'person:bob', application, role: 'APPROVER', endsAt: null, grantedBy: 'person:root', createdAt: at(0), intents: [] }],
  readers: [{ _id: `${id}/edge-1`, shape: 1, application, environment, reader: 'edge-1', epoch: 5, rev: 7, leaseSeq: 0, at: at(158), revAt: at(151) }],
  duties: [{ _id: `fold/${R2}`, through: [{ metric: 'sloppy', block: T0 / 1_000 + 99 }], at: at(160) }, { _id: `fold/${R3}`, through: [{ metric: 'sloppy', block: T0 / 1_000 + 140 }], at: at(160) }],
  workflows: [], secrets: ['slp_st_0123456789'],
};
const world = (): Json => structuredClone({ ledger, store, audit: chain() });
const found = ({ ledger: lines, store: kept, audit }: Json) => check(lines as Line[], kept as Stored, audit as AuditDoc[], at(160).getTime());

describe('R-847 every invariant that ledgers and store can show is held against them, and a breach of one is reported as that one', () => {
  test('a healthy world has no violation', () => { expect(found(world())).toEqual([]); });
  test('every invariant is checked here or somewhere that is named', () => {
    expect([...CHECKED, ...Object.keys(ELSEWHERE)].sort()).toEqual(Array.from({ length: 28 }, (_, i) => `I-${String(i + 1).padStart(2, '0')}`));
  });

  const r3 = 2;
  const lastBlock = (w: Json) => w.store.blocks.at(-1), lastBatch = (w: Json) => w.store.batches.at(-1);
  test.each<[string, string, (w: Json) => void]>([
    ['I-01', 'a batch was acknowledged and is not there', (w) => { w.ledger.push(line('ingest', 900, { batch: 'never-stored' })); }],
    ['I-01', 'a unit that came in time was not counted', (w) => { lastBatch(w).obs.push({ ...lastBatch(w).obs[0], unit: 'one-more' }); }],
    ['I-01', 'a release was acknowledged and is not there', (w) => { w.ledger.push(line('startRelease', 900, { id: '01LOST' })); }],
    ['I-02', 'a unit was counted twice', (w) => { lastBlock(w).candidate.n += 1; }],
    ['I-02', 'a unit was bad that nobody called bad', (w) => { lastBlock(w).stable.k = 1; }],
    ['I-03', 'the evaluation did not pass', (w) => { w.store.evaluations[r3].verdict = { ...w.store.evaluations[r3].verdict, kind: 'INCONCLUSIVE', holds: ['TOO_FEW'] }; }],
    ['I-03', 'it passed against another baseline', (w) => { w.store.evaluations[r3].plan.baseline = A; }],
    ['I-03', 'it passed after the weight was given', (w) => { w.store.evaluations[r3].finishedAt = at(125); }],
    ['I-04', 'more weight than the stage has', (w) => { w.store.splits[4].weightBp = 5_001; }],
    ['I-04', 'a bundle that is not what its digest says', (w) => { w.store.bundles[2].contents = 'sha256:other'; }],
    ['I-04', 'a candidate that was in quarantine already', (w) => { w.store.environments[0].quarantine[0].at = at(50); }],
    ['I-05', 'it began while another was open', (w) => { w.store.releases[r3].createdAt = at(50); }],
    ['I-06', 'a move that is not in the table', (w) => { w.store.releases[r3].timeline[3].state = 'BAKING'; }],
    ['I-06', 'a move after the end', (w) => { w.store.releases[0].timeline[2].state = 'CANCELLED'; }],
    ['I-07', 'taken back for cause, and welcome again', (w) => { w.store.environments[0].quarantine.shift(); }],
    ['I-07', 'reverted to another bundle than it says', (w) => { w.store.releases[3].candidate = C; }],
    ['I-08', 'a rollback that raised no epoch', (w) => { w.store.splits[5].epoch = 3; }],
    ['I-08', 'an acknowledged rollback that was undone', (w) => { w.ledger.push(line('rollbackRelease', 30_000, { id: R2, state: 'ROLLING_BACK' })); }],
    ['I-09', 'rolled back without proof', (w) => { w.store.releases[r3].rollback.convergedAt = null; }],
    ['I-09', 'a reader that never came', (w) => { w.store.readers[0].rev = 5; }],
    ['I-10', 'a decision that its lines do not lead to', (w) => { w.store.decisions[0].decision = { decision: 'ROLLBACK', reason: 'STAGE_MAX' }; }],
    ['I-10', 'a receipt is missing', (w) => { w.store.decisions.shift(); }],
    ['I-10', 'it went on without a receipt', (w) => { w.store.decisions.pop(); }],
    ['I-10', 'evidence that is not what was folded', (w) => { w.store.decisions[0].lines.find((one: Json) => 'block' in one).block.candidate = { n: 99, k: 0 }; }],
    ['I-11', 'an approval of something else', (w) => { w.store.releases[r3].approvals[0].digest = 'sha256:other'; }],
    ['I-11', 'an author approved', (w) => { w.store.releases[r3].authors.push('person:bob'); }],
    ['I-11', 'approved after the weight was given', (w) => { w.store.releases[r3].approvals[0].at = at(125); }],
    ['I-12', 'a change that no chain tells', (w) => { w.store.releases[r3].timeline.push({ ...w.store.releases[r3].timeline.at(-1), id: 'untold', seq: 9 }); w.store.releases[r3].seq = 9; }],
    ['I-12', 'an event of that id, about another release', (w) => { w.store.releases[r3].timeline.push({ ...w.store.releases[r3].timeline.at(-1), id: `${R2}/1`, seq: 9 }); w.store.releases[r3].seq = 9; }],
    ['I-12', 'an act on the split that no chain tells', (w) => { w.store.environments[0].acts[3].intentId = 'untold'; }],
    ['I-13', 'a field of an event was changed', (w) => { w.audit[3].actor = 'person:mallory'; }],
    ['I-13', 'two events of one number', (w) => { w.audit.push({ ...w.audit.at(-1), intentId: 'x', action: 'policy.put' }); }],
    ['I-14', 'one key, two releases', (w) => { w.ledger.push(line('startRelease', 900, { id: R2 }, { key: 'k3' })); }],
    ['I-14', 'one key, two inputs', (w) => { w.ledger.push(line('startRelease', 900, { id: R3 }, { key: 'k3', argsDigest: 'sha256:b' })); }],
    ['I-16', 'an edge refuses', (w) => { w.ledger.push(line('serve', 30_000, { edge: 'http://edge-1', targetingKey: 'user-1', status: 503 }, { outcome: 'unknown' })); }],
    ['I-16', 'a token with an answer that is stale', (w) => { w.ledger.push(line('serve', 30_000, answer('user-1', 7, { isStale: true }))); }],
    ['I-17', 'a bundle that the split does not have', (w) => { w.ledger.push(line('serve', 30_000, answer('user-1', 7, { bundle: C }))); }],
    ['I-17', 'a revision that was never written', (w) => { w.ledger.push(line('serve', 30_000, answer('user-1', 7, { rev: 8, token: null, isStale: true }))); }],
    ['I-18', 'another bucket than the hash says', (w) => { w.ledger[4].result.token.bucket = (w.ledger[4].result.token.bucket + 1) % 10_000; }],
    ['I-20', 'more calls than the budget has', (w) => { w.store.evaluations[0].progress.calls = 1_000; }],
    ['I-21', 'a key in a document', (w) => { w.store.evaluations[0].error = 'refused: Bearer slp_st_0123456789'; }],
    ['I-23', 'a score that was coerced', (w) => { w.store.scores[0].value = 8; }],
    ['I-23', 'cases with errors left out', (w) => { w.store.evaluations[0].verdict.evidence.evaluators[0].n = 9; }],
    ['I-27', 'an intent that still waits', (w) => { w.store.environments[0].intents.push({ id: 'x', action: 'test', application, subject: id, actor: ann, at: at(150) }); }],
    ['I-27', 'an environment held by what has ended', (w) => { w.store.environments[0].open = { release: R3, epoch: 3 }; }],
    ['I-27', 'a workflow without an open release', (w) => { w.store.workflows.push(`release/${id}`); }],
    ['I-28', 'an older revision after a newer', (w) => { w.ledger.push(line('serve', 30_000, answer('user-9', 6))); }],
    ['I-28', 'an older state after a newer', (w) => { w.ledger.push(line('release', 30_000, { id: R3, seq: 8 }), line('release', 30_100, { id: R3, seq: 7 })); }],
  ])('%s: %s', (invariant, _name, wreck) => {
    const broken = world();
    wreck(broken);
    const violations = found(broken);
    expect([...new Set(violations.map((one) => one.invariant))], JSON.stringify(violations)).toEqual([invariant]);
  });
});
