import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, test } from 'vitest';
import { ATTACKS, type JudgeSpec } from '../core/score/index.js';
import type { CompletionRequest } from '../providers/index.js';
import type { ConnectionDoc, DatasetItem, ModelVersionDoc } from '../store/index.js';
import { createMemory } from '../test/memory.js';
import { createCalibrationActivities } from './calibration.js';
import type { CalibrationOrder, ProbesAsked } from './calibration.js';

const logger = new DefaultLogger('ERROR', () => undefined);
const common = { shape: 1 as const, application: 'helpdesk', author: 'person:eve', once: { key: 'k', args: 'sha256:x' }, createdAt: new Date(0), intents: [] };
const connection: ConnectionDoc = { shape: 1, application: 'helpdesk', once: common.once, createdBy: 'person:eve', createdAt: new Date(0), intents: [], _id: 'helpdesk/j', name: 'j', kind: 'sandbox', baseUrl: 'http://127.0.0.1/v1', secretRef: null };
const model: ModelVersionDoc = { ...common, _id: 'helpdesk/judge/1', name: 'judge', version: 1, digest: 'sha256:judge', connection: 'j', model: 'judge-model', floating: false, parameters: {}, safety: {}, priceUsdPerMTok: { input: 1, output: 2 } };
const judge = { name: 'judge', version: 1, digest: 'sha256:judge' };
const single: JudgeSpec = { kind: 'llmJudge', judge, rubric: 'Is it right?', scale: 'passFail', reference: true };
const pairwise: JudgeSpec = { kind: 'pairwise', judge, rubric: 'Which is right?', reference: false };

function readCase(request: CompletionRequest): { readonly data: Readonly<Record<string, string>>; readonly nonce: string } {
  const user = request.messages.at(-1)?.content ?? '';
  const nonce = /^DATA (\w+)\n/.exec(user)?.[1] ?? '';
  return { nonce, data: JSON.parse(user.split(`DATA ${nonce}\n`)[1]?.split('\nEND ')[0] ?? '{}') as Record<string, string> };
}
type Say = (data: Readonly<Record<string, string>>, call: number) => unknown;
const honest: Say = (data) => ({ reason: 'compared', score: data['answer'] === data['expected answer'] ? 1 : 0 });
const gullible: Say = () => ({ reason: 'wonderful', score: 1 });

interface Change { readonly spec?: JudgeSpec; readonly say?: Say; readonly item?: (index: number) => DatasetItem; readonly names?: (call: number) => string; readonly order?: Partial<CalibrationOrder>; readonly price?: ModelVersionDoc['priceUsdPerMTok'] }
function world({ spec = single, say = honest, item = (index) => ({ id: `i${index}`, variables: { question: `q${index}` }, expected: 'right', judged: { answer: index % 3 === 0 ? 'wrong' : 'right', label: index % 3 === 0 ? 0 : 1 } }), names = () => 'judge-model-2026', order: change = {}, price = model.priceUsdPerMTok }: Change = {}) {
  const memory = createMemory();
  let calls = 0;
  let nonces = 0;
  const activities = createCalibrationActivities({
    evaluations: memory.evaluations, calibrations: memory.calibrations, tell: () => undefined,
    datasets: { items: async (_application, name, _version, indexes) => indexes.map((index) => ({ _id: `helpdesk/${name}/1/${index}`, shape: 1, application: 'helpdesk', dataset: name, index, itemDigest: `sha256:i${index}`, item: item(index) })) },
    evaluators: { find: async (_application, name) => ({ ...common, _id: `helpdesk/${name}/1`, name, version: 1, digest: 'sha256:e', spec }) },
    judgeFor: async () => ({ model: { ...model, priceUsdPerMTok: price }, connection }),
    providerFor: () => ({
      kind: 'sandbox', embed: async () => [],
      complete: async (request) => {
        calls += 1;
        const { data, nonce } = readCase(request);
        return { finishReason: 'stop', model: names(calls), inputTokens: 100, outputTokens: 50, durationMs: 1, text: `<<<JUDGEMENT ${nonce}\n${JSON.stringify(say(data, calls))}\nEND ${nonce}>>>` };
      },
    }),
    permits: { take: async () => () => undefined }, newId: () => `NONCE${String((nonces += 1)).padStart(21, '0')}`, monotonicMs: () => 0, trace: { span: (_name, _attributes, run) => run() },
  });
  const order: CalibrationOrder = { calibration: 'C1', application: 'helpdesk', evaluator: { name: 'eye', version: 1, digest: 'sha256:e' }, dataset: { name: 'labels', version: 1, digest: 'sha256:d', items: 60 }, callsMax: 10_000, once: { key: 'once', args: 'sha256:a' }, requestedBy: { id: 'person:rita', kind: 'person' }, ...change };
  const run = <T>(work: () => Promise<T>): Promise<T> => new MockActivityEnvironment({}, { logger }).run(work);
  const ask = (from: number, to: number, before: ProbesAsked | null = null): Promise<ProbesAsked> => run(() => activities.askProbes({ order, from, to, before }));
  const all = async () => {
    const { probes, state } = await run(() => activities.openCalibration(order));
    if (state !== 'RUNNING') return memory.calibrationDocs.get('C1');
    await ask(0, probes);
    await run(() => activities.finishCalibration({ order, error: null }));
    return memory.calibrationDocs.get('C1');
  };
  return { memory, activities, order, run, ask, all, calls: () => calls };
}

describe('R-982 a judge that people agree with may decide; one that flatters everything may not', () => {
  test('all cases twice and all attacks; who answered is pinned', async () => {
    const { all, calls, memory } = world();
    const doc = await all();
    expect(doc).toMatchObject({ state: 'FINISHED', error: null, qualification: { status: 'QUALIFIED', mayPass: true, mayFail: true, labels: 60, of: { evaluator: 'sha256:e', model: 'judge-model-2026' }, attacks: { n: ATTACKS.length, through: 0 } }, progress: { probes: 120 + ATTACKS.length, errors: 0 } });
    expect(doc?.progress.calls).toBe(calls());
    expect(doc?.progress.costUsd).toBeCloseTo(calls() * 200 / 1e6, 12);
    expect(memory.intents).toEqual(expect.arrayContaining(['calibration.started', 'calibration.finished'].map((action) => expect.stringContaining(action.split('.')[1] ?? '') as string)));
  });
  test('gullible: advisory, with the reasons', async () => {
    const doc = await world({ say: gullible }).all();
    expect(doc?.qualification).toMatchObject({ status: 'ADVISORY', mayPass: false, mayFail: false, specificity: 0 });
    expect(doc?.qualification?.reasons.join(' ')).toMatch(/attacks were called good/);
  });
  test('a pair is judged in both orders, and one that prefers a place is told', async () => {
    const item = (index: number): DatasetItem => ({ id: `i${index}`, variables: { question: `q${index}` }, judged: { answer: index % 2 === 0 ? 'right' : 'wrong', other: index % 2 === 0 ? 'wrong' : 'right', label: index % 2 === 0 ? 1 : 0 } });
    const fair: Say = (data) => ({ reason: '', winner: data['first answer'] === 'right' ? 'first' : data['second answer'] === 'right' ? 'second' : 'tie' });
    expect((await world({ spec: pairwise, item, say: fair }).all())?.qualification).toMatchObject({ status: 'QUALIFIED', position: { consistency: 1, bias: 0 } });
    expect((await world({ spec: pairwise, item, say: () => ({ reason: '', winner: 'first' }) }).all())?.qualification).toMatchObject({ status: 'ADVISORY', position: { consistency: 0, bias: 0.5 } });
  });
  test('another model in the middle of it: nobody can say whom people agreed with', async () => {
    const doc = await world({ names: (call) => (call < 50 ? 'old' : 'new') }).all();
    expect(doc).toMatchObject({ state: 'FAILED', qualification: null });
    expect(doc?.error).toMatch(/new and old answered in turn/);
  });
});

describe('R-983 a calibration that is repeated or carried on asks nothing twice', () => {
  test('what has an answer keeps it', async () => {
    const { run, activities, order, ask, calls } = world();
    const { probes } = await run(() => activities.openCalibration(order));
    await ask(0, 50);
    const asked = calls();
    await ask(0, 50);
    expect(calls()).toBe(asked);
    await ask(0, probes);
    const whole = calls();
    await ask(0, probes);
    expect(calls()).toBe(whole);
  });
  test('an error is asked again', async () => {
    let isDown = true;
    const { ask, run, activities, order } = world({ say: (data, call) => (isDown ? 'no judgement' : honest(data, call)) });
    await run(() => activities.openCalibration(order));
    expect(await ask(0, 20)).toMatchObject({ errors: 20 });
    isDown = false;
    expect(await ask(0, 20)).toMatchObject({ errors: 0 });
  });
  test('the same key finds the same calibration, and another input under it is refused', async () => {
    const { run, activities, order } = world();
    expect((await run(() => activities.openCalibration(order))).birth).toEqual({ kind: 'opened', calibration: 'C1' });
    expect((await run(() => activities.openCalibration({ ...order, calibration: 'C2' }))).birth).toEqual({ kind: 'repeated', calibration: 'C1' });
    expect((await run(() => activities.openCalibration({ ...order, calibration: 'C3', once: { key: 'once', args: 'sha256:b' } }))).birth).toMatchObject({ kind: 'refused', code: 'CONFLICT' });
  });
  test('a budget that is spent is said, and what was paid for is kept', async () => {
    const { ask, run, activities, order, memory } = world({ order: { callsMax: 30 } });
    await run(() => activities.openCalibration(order));
    expect(await ask(0, 50)).toMatchObject({ isSpent: true, spending: { calls: 30 } });
    expect(memory.scores.size).toBe(30);
  });
});

describe('R-984 what cannot be asked is refused before anybody is', () => {
  test.each<[string, Change, RegExp]>([
    ['a case without a label', { item: (index) => ({ id: `i${index}`, variables: { question: 'q' }, expected: 'right' }) }, /Case i0 .* has no label of a person/],
    ['a pair without the other answer', { spec: pairwise }, /no other answer to compare with/],
    ['more cases than one calibration asks', { order: { dataset: { name: 'labels', version: 1, digest: 'sha256:d', items: 2_001 } } }, /at most 2000/],
  ])('%s', async (_name, change, fault) => {
    const { all, calls } = world(change);
    const doc = await all();
    expect(doc?.state).toBe('FAILED');
    expect(doc?.error).toMatch(/^BAD_INPUT: /);
    expect(doc?.error).toMatch(fault);
    expect(calls()).toBe(0);
  });
  test('a price that nobody knows, under a cap', async () => {
    const { ask, run, activities, order } = world({ price: null, order: { spendMaxUsd: 1 } });
    await run(() => activities.openCalibration(order));
    await expect(ask(0, 10)).rejects.toThrow(/has no price/);
  });
});
