import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Actor, EvaluationDoc, Intent, NewEntry, NewRelease, ReceiptDoc, Store } from './index.js';
import { openStore } from './index.js';
import { MAY_BECOME, RELEASE_STATES, isOpen, mayBecome, type ReleaseState } from '../core/release/index.js';

const database = `store_releases_${process.pid}`;
const application = 'helpdesk';
const alice: Actor = { id: 'person:alice', kind: 'person' };
let store: Store;
let raw: MongoClient;
let serial = 0;
const next = (): string => String((serial += 1)).padStart(6, '0');

beforeAll(async () => {
  store = await openStore({ uri: inject('mongodbUri'), database, appName: 'store-test', role: 'control' });
  raw = new MongoClient(inject('mongodbUri'));
});
afterAll(async () => {
  await store.close();
  await raw.db(database).dropDatabase();
  await raw.close();
});

const intent = (id: string): Intent => ({ id, application, action: 'release.requested', actor: alice, subject: id });
const entry = (id: string, more: Partial<NewEntry> = {}): NewEntry => ({ id, type: 'release.requested', actor: alice, ...more });
const plan = { name: 'p', metrics: [{ name: 'a.b$c', maturityMs: 0 }], stages: [], blockSec: 60 } as unknown as NewRelease['policy']['plan'];
const release = (environment: string, more: Partial<NewRelease> = {}): NewRelease => {
  const id = `01${next()}`;
  return {
    _id: id, application, environment, once: { key: `alice|startRelease|${id}`, args: 'sha256:args' }, candidate: 'sha256:c', contents: 'sha256:cc', requestedBy: alice, message: 'm', tier: 'LIMITED', ownerTeam: 't',
    authors: ['person:alice'], policy: { name: 'p', version: 1, digest: 'sha256:p', plan }, dataset: { name: 'd', version: 1, digest: 'sha256:d', items: 3 }, evaluators: [], approvalsNeeded: 1, ...more,
  };
};
async function born(environment: string, more: Partial<NewRelease> = {}) {
  const doc = release(environment, more);
  const written = await store.releases.insert(doc, entry(`${doc._id}/born`), intent(`${doc._id}/born`));
  if (written.kind !== 'inserted') throw new Error(written.kind);
  return written.doc;
}
const move = (id: string, from: ReleaseState, to: ReleaseState, at = `${id}/${from}-${to}`) => store.releases.move(id, from, to, entry(at), {}, intent(at));
async function ended(environment: string, more: Partial<NewRelease> = {}) {
  const doc = await born(environment, more);
  await move(doc._id, 'REQUESTED', 'CANCELLED');
  return doc;
}

describe('R-005 two unique indexes decide which release is open', () => {
  test('of eight callers one is inserted, the others are told by which they are held', async () => {
    for (let round = 0; round < 10; round += 1) {
      const environment = `e${next()}`;
      const written = await Promise.all(Array.from({ length: 8 }, () => release(environment)).map((doc) => store.releases.insert(doc, entry(doc._id), intent(doc._id))));
      const winners = written.filter(({ kind }) => kind === 'inserted');
      expect(winners).toHaveLength(1);
      for (const other of written) if (other.kind !== 'inserted') expect(other).toEqual({ kind: 'held', by: await store.releases.openOf(application, environment) });
    }
  });

  test('the same key finds its own release, also after another was opened since; other arguments are reused', async () => {
    const environment = `e${next()}`;
    const first = await ended(environment), doc = release(environment, { once: first.once });
    const other = await born(environment);
    expect(await store.releases.insert(doc, entry('x'), intent('x'))).toMatchObject({ kind: 'repeated', doc: { _id: first._id, state: 'CANCELLED' } });
    expect(await store.releases.insert({ ...doc, once: { ...first.once, args: 'sha256:else' } }, entry('x'), intent('x'))).toMatchObject({ kind: 'reused', doc: { _id: first._id } });
    expect(await store.releases.insert({ ...release(environment), _id: other._id, once: other.once }, entry('x'), intent('x'))).toMatchObject({ kind: 'repeated', doc: { _id: other._id, timeline: [{ seq: 1 }] } });
    expect((await store.releases.byOnce(application, first.once.key))?._id).toBe(first._id);
    expect(await store.releases.byOnce('another', first.once.key)).toBeNull();
    expect((await store.releases.insert(release(`${environment}-b`), entry('y'), intent('y'))).kind).toBe('inserted');
  });
});

describe('R-352 a release moves only by the table, only from where it is, and once', () => {
  const illegal = RELEASE_STATES.flatMap((from) => RELEASE_STATES.filter((to) => !mayBecome(from, to) && !(to === 'FAILED' && isOpen(from))).map((to) => [from, to] as const));
  test(`${illegal.length} moves that the table does not have are refused`, async () => {
    const { _id } = await born(`e${next()}`);
    for (const [from, to] of illegal) await expect(move(_id, from, to)).rejects.toThrow(RangeError);
    expect((await store.releases.find(_id))?.state).toBe('REQUESTED');
  });

  test('every move that it has: open and terminalAt follow the table', async () => {
    for (const from of RELEASE_STATES) {
      for (const to of MAY_BECOME[from]) {
        const { _id } = await born(`e${next()}`);
        await raw.db(database).collection<{ _id: string }>('releases').updateOne({ _id }, { $set: { state: from } });
        const written = await move(_id, from, to);
        expect(written).toMatchObject({ kind: 'written', doc: { state: to, open: isOpen(to), seq: 2 } });
        if (written.kind !== 'written') continue;
        expect(written.doc.terminalAt === null).toBe(isOpen(to));
        expect(written.doc.timeline.map(({ seq, state }) => [seq, state])).toEqual([[1, 'REQUESTED'], [2, to]]);
        expect(written.doc.intents).toHaveLength(2);
      }
    }
  });

  test('a repeat changes nothing; from another state it is told where the release is', async () => {
    const { _id } = await born(`e${next()}`);
    await move(_id, 'REQUESTED', 'EVALUATING', 'one');
    const before = await store.releases.find(_id);
    expect(await move(_id, 'REQUESTED', 'EVALUATING', 'one')).toEqual({ kind: 'repeated', doc: before });
    expect(await move(_id, 'REQUESTED', 'CANCELLED', 'two')).toEqual({ kind: 'moved', state: 'EVALUATING' });
    expect(await store.releases.find(_id)).toEqual(before);
    await expect(move('01NOWHERE', 'REQUESTED', 'CANCELLED')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('a stage after a stage and an annotation are told once, though the state stays', async () => {
    const { _id } = await born(`e${next()}`);
    await move(_id, 'REQUESTED', 'CANARY');
    const stage = () => store.releases.move(_id, 'CANARY', 'CANARY', entry('s1'), { stage: { index: 1, weightBp: 500 } }, intent('s1'));
    const note = () => store.releases.annotate(_id, entry('n1'), { holds: [] }, intent('n1'));
    for (const act of [stage, note]) {
      const first = await act();
      expect(first.kind).toBe('written');
      expect(await act()).toEqual({ ...first, kind: 'repeated' });
    }
    expect((await store.releases.find(_id))?.timeline.map(({ id, seq }) => [id, seq]).slice(2)).toEqual([['s1', 3], ['n1', 4]]);
  });

  test('of two notes that were decided on the same reading one is written', async () => {
    for (let round = 0; round < 20; round += 1) {
      const { _id, seq } = await born(`e${next()}`);
      const note = (id: string) => store.releases.annotate(_id, entry(id), { holds: [] }, intent(`${id}-${round}`), seq);
      const both = await Promise.all([note('a'), note('b')]);
      expect(both.map(({ kind }) => kind).toSorted()).toEqual(['moved', 'written']);
      expect((await store.releases.find(_id))?.seq).toBe(seq + 1);
    }
  });

  test('of two moves at once one is made', async () => {
    for (let round = 0; round < 20; round += 1) {
      const { _id } = await born(`e${next()}`);
      const both = await Promise.all([move(_id, 'REQUESTED', 'REJECTED'), move(_id, 'REQUESTED', 'AWAITING_APPROVAL')]);
      expect(both.filter(({ kind }) => kind === 'written')).toHaveLength(1);
    }
  });

  test('when it has ended, the environment is free and the release may only be annotated', async () => {
    const environment = `e${next()}`, { _id } = await ended(environment);
    expect(await store.releases.openOf(application, environment)).toBeNull();
    expect(await store.releases.annotate(_id, entry('late', { type: 'release.note', data: { 'a.b': 1, $x: ['y'] } }), { holds: [] }, null)).toMatchObject({ kind: 'written', doc: { state: 'CANCELLED', seq: 3 } });
    expect((await store.releases.find(_id))?.timeline.at(-1)?.data).toEqual({ 'a.b': 1, $x: ['y'] });
    await born(environment);
  });
});

describe('R-353 a stage is measured by the database clock, and not while it stands still', () => {
  test('standing still is added up, once for each pause', async () => {
    const { _id } = await born(`e${next()}`), at = (name: string) => entry(`${_id}/${name}`);
    expect(await store.releases.annotate(_id, null, { still: true }, null)).toMatchObject({ doc: { stage: null } });
    await store.releases.move(_id, 'REQUESTED', 'CANARY', at('a'), { stage: { index: 0, weightBp: 100 } }, null);
    const [stops, again] = [await store.releases.annotate(_id, at('b'), { still: true }, null), await store.releases.annotate(_id, null, { still: true }, null)];
    if (stops.kind !== 'written' || again.kind !== 'written') throw new Error('not written');
    expect(stops.doc.stage).toMatchObject({ index: 0, weightBp: 100, stillMs: 0 });
    expect(stops.doc.stage?.since).toBeInstanceOf(Date);
    expect(again.doc.stage).toEqual(stops.doc.stage);
    await new Promise((resolve) => { setTimeout(resolve, 10); });
    const goes = await store.releases.annotate(_id, at('c'), { still: false }, null);
    expect(goes).toMatchObject({ doc: { stage: { stillSince: null } } });
    const stillMs = goes.kind === 'written' ? goes.doc.stage?.stillMs ?? 0 : 0;
    expect(stillMs).toBeGreaterThanOrEqual(9);
    expect(await store.releases.annotate(_id, null, { still: false }, null)).toMatchObject({ doc: { stage: { stillMs } } });
    expect(await store.releases.move(_id, 'CANARY', 'CANARY', at('d'), { stage: { index: 1, weightBp: 500 } }, null)).toMatchObject({ doc: { stage: { index: 1, stillMs: 0, stillSince: null } } });
  });
});

describe('R-354 what is written on a release is kept as it is', () => {
  test('gate, ticket, rollback and approvals; a person counts once for one digest', async () => {
    const { _id } = await born(`e${next()}`);
    const gate = { 'metric.with.dots': { $gt: 1 }, nan: Number.NaN, zero: -0, deep: [{ constructor: 1 }] } as unknown as NonNullable<Parameters<Store['releases']['annotate']>[2]['gate']>;
    const ticket = { evaluation: 'E', bundle: 'b', baseline: 'none' as const, datasetDigest: 'd', evaluatorDigests: ['e'], policyDigest: 'p', verdict: 'PASS' as const, finishedAt: new Date(5) };
    await store.releases.annotate(_id, null, { gate, ticket, epoch: 3, baseline: 'none', approvalExpiresInSec: 60 }, null);
    const approval = { approver: 'person:bob', name: 'Bob', team: 'x', authMethod: 'dev', digest: 'sha256:q', comment: '$$NOW' };
    await store.releases.annotate(_id, entry('a1'), { approval }, null);
    await store.releases.annotate(_id, entry('a2'), { approval }, null);
    await store.releases.annotate(_id, entry('a3'), { approval: { ...approval, digest: 'sha256:r' } }, null);
    const doc = await store.releases.find(_id);
    expect(doc).toMatchObject({ ticket, epoch: 3, baseline: 'none' });
    expect(doc?.gate).toEqual(gate);
    expect(Object.is((doc?.gate as unknown as { zero: number }).zero, -0)).toBe(true);
    expect(doc?.approvals.map(({ digest, comment }) => [digest, comment])).toEqual([['sha256:q', '$$NOW'], ['sha256:r', '$$NOW']]);
    expect(doc?.policy.plan).toEqual(plan);
    expect((doc?.approvalExpiresAt?.getTime() ?? 0) - (doc?.createdAt.getTime() ?? 0)).toBeGreaterThanOrEqual(60_000);
  });

  const receipt = (id: string, seq: number, more: object = {}) => ({
    _id: `${id}/${String(seq).padStart(8, '0')}`, release: id, application, seq, mode: 'climb', stage: 0, planDigest: 'p', code: '1', lines: [{ 'x.y': 1 }], logE: { 'error.rate': -Infinity, $m: -0 }, thresholds: {},
    state: { a: Number.NaN }, decision: { kind: 'HOLD' }, reasons: [], through: { 'a.b': 7 }, ...more,
  }) as unknown as Omit<ReceiptDoc, 'shape' | 'at'>;
  test('of two looks one appends the receipt; it reads back bit for bit', async () => {
    const { _id } = await born(`e${next()}`);
    expect(await store.releases.lastReceipt(_id)).toBeNull();
    const both = await Promise.all([store.releases.appendReceipt(receipt(_id, 1, { code: 'A' })), store.releases.appendReceipt(receipt(_id, 1, { code: 'B' }))]);
    expect(both.sort()).toEqual(['appended', 'taken']);
    await store.releases.appendReceipt(receipt(_id, 2));
    const last = await store.releases.lastReceipt(_id);
    expect(last).toEqual({ ...receipt(_id, 2), shape: 1, at: last?.at });
    expect(Object.is(last?.logE['$m'], -0)).toBe(true);
    const page = await store.releases.receipts(_id, { first: 1 });
    expect(page.items.map(({ seq }) => seq)).toEqual([2]);
    expect((await store.releases.receipts(_id, { first: 5, after: page.next ?? '' })).items.map(({ seq }) => seq)).toEqual([1]);
    const oldest = await store.releases.receipts(_id, { first: 1 }, 'oldest');
    expect(oldest.items.map(({ seq }) => seq)).toEqual([1]);
    expect((await store.releases.receipts(_id, { first: 5, after: oldest.next ?? '' }, 'oldest')).items.map(({ seq }) => seq)).toEqual([2]);
    const guards = { stable: { format: 1, metrics: [] }, candidate: { format: 1, metrics: [] }, finding: { kind: 'QUIET' } } as const;
    await store.releases.appendReceipt(receipt(_id, 3, { guards }));
    expect((await store.releases.lastReceipt(_id))?.guards).toEqual(guards);
  });
});

describe('R-355 lists hold what was asked for and nothing else', () => {
  test('by application, environment and state; an empty list of applications is nobody', async () => {
    const environment = `e${next()}`, mine = await ended(environment), foreign = await born(environment, { application: 'other' });
    const ids = async (filter: Parameters<Store['releases']['list']>[0]) => (await store.releases.list(filter, { first: 100 })).items.map(({ _id }) => _id);
    expect(await ids({ environment })).toEqual([foreign._id, mine._id]);
    expect(await ids({ environment, application: 'other' })).toEqual([foreign._id]);
    expect(await ids({ environment, applications: [application] })).toEqual([mine._id]);
    expect(await ids({ environment, applications: [] })).toEqual([]);
    expect(await ids({ environment, application: 'other', applications: [application] })).toEqual([]);
    expect(await ids({ environment, states: ['CANCELLED'] })).toEqual([mine._id]);
    expect(await ids({ environment, states: [] })).toEqual([]);
  });

  test('exposed: those that may hold weight, and those that ended just now', async () => {
    const canary = await born(`e${next()}`), waiting = await born(`e${next()}`), done = await ended(`e${next()}`), old = await ended(`e${next()}`);
    await move(canary._id, 'REQUESTED', 'CANARY');
    await raw.db(database).collection<{ _id: string }>('releases').updateOne({ _id: old._id }, [{ $set: { terminalAt: { $subtract: ['$$NOW', 121_000] } } }]);
    const ids = (await store.releases.exposed()).map(({ _id }) => _id);
    expect(ids).toEqual(expect.arrayContaining([canary._id, done._id]));
    expect(ids).not.toEqual(expect.arrayContaining([waiting._id]));
    expect(ids).not.toEqual(expect.arrayContaining([old._id]));
  });
});

describe('R-250 an evaluation is inserted once, finished once, and what was paid for is kept', () => {
  const evaluation = (more: Partial<EvaluationDoc> = {}) => {
    const id = `02${next()}`;
    return {
      _id: id, application, identity: `sha256:${id}`, attempt: 1, once: { key: id, args: 'a' }, requestedBy: alice,
      plan: { bundle: `sha256:b${id}`, baseline: 'none' as const, dataset: { name: 'd', version: 1, digest: 'd', items: 9 }, evaluators: [], policy: { name: 'p', digest: 'p' }, repetitions: 1, callsMax: 1, seed: 1 }, ...more,
    };
  };
  test('joined by identity and attempt, reused by key, next attempt apart', async () => {
    const doc = evaluation();
    expect(await store.evaluations.insert(doc, intent('e1'))).toMatchObject({ kind: 'inserted', doc: { state: 'RUNNING', progress: { itemsTotal: 9 }, verdict: null } });
    expect(await store.evaluations.insert(doc, intent('e1'))).toMatchObject({ kind: 'repeated', doc: { _id: doc._id } });
    expect(await store.evaluations.insert({ ...doc, once: { ...doc.once, args: 'b' } }, intent('e1'))).toMatchObject({ kind: 'reused' });
    expect(await store.evaluations.insert({ ...evaluation(), identity: doc.identity }, intent('e2'))).toMatchObject({ kind: 'repeated', doc: { _id: doc._id } });
    const second = { ...evaluation(), identity: doc.identity, attempt: 2 };
    expect((await store.evaluations.insert(second, intent('e3'))).kind).toBe('inserted');
    expect((await store.evaluations.byIdentity(application, doc.identity)).map(({ attempt }) => attempt)).toEqual([2, 1]);
    expect((await store.evaluations.list({ bundle: doc.plan.bundle }, { first: 9 })).items.map(({ _id }) => _id)).toEqual([doc._id]);
    expect((await store.evaluations.list({ applications: [], bundle: doc.plan.bundle }, { first: 9 })).items).toEqual([]);
  });

  test('a verdict is written once, and progress stops with it', async () => {
    const doc = evaluation(), verdict = { kind: 'PASS', evidence: { 'a.b': { $x: Number.POSITIVE_INFINITY } } } as unknown as NonNullable<EvaluationDoc['verdict']>;
    await store.evaluations.insert(doc, intent('f'));
    const first = await store.evaluations.finish(doc._id, { state: 'FINISHED', verdict, error: null }, intent('g'));
    expect(first).toMatchObject({ state: 'FINISHED', verdict, rev: 2 });
    expect(await store.evaluations.finish(doc._id, { state: 'FAILED', verdict: null, error: 'late' }, intent('h'))).toEqual(first);
    await store.evaluations.progress(doc._id, { items: 99, itemsTotal: 9, calls: 0, errors: 0, costUsd: null });
    expect(await store.evaluations.find(doc._id)).toEqual(first);
    await expect(store.evaluations.finish('02NOWHERE', { state: 'FAILED', verdict: null, error: null }, intent('i'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('a good answer stays, an error makes room, what has expired is not found', async () => {
    const answer = (id: string, text: string | null, error: string | null) => ({ _id: id, application, bundle: 'b', item: 'i', repetition: 0, text, error, finishReason: null, model: null, inputTokens: null, outputTokens: null, costUsd: null, durationMs: 1 });
    await store.evaluations.saveAnswers([answer('a/1', null, 'timeout')], 60);
    await store.evaluations.saveAnswers([answer('a/1', 'good', null)], 60);
    await store.evaluations.saveAnswers([answer('a/1', 'other', null)], 60);
    await store.evaluations.saveAnswers([answer('a/2', 'gone', null)], -1);
    expect((await store.evaluations.answers(application, ['a/1', 'a/2', 'a/3'])).map(({ text }) => text)).toEqual(['good']);
    expect(await store.evaluations.answers('other', ['a/1'])).toEqual([]);
    expect(await store.evaluations.answers(application, [])).toEqual([]);
    await store.evaluations.saveScores([{ _id: 's/1', application, value: 1, error: null, label: null, explanation: null }, { _id: 's/2', application, value: null, error: 'x', label: null, explanation: null }], 60);
    await store.evaluations.saveScores([{ _id: 's/1', application, value: 0, error: null, label: null, explanation: null }], 60);
    expect((await store.evaluations.scores(application, ['s/1', 's/2'])).map(({ value }) => value)).toEqual([1, null]);
    await store.evaluations.saveScores([], 60);
  });
});
