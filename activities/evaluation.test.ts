import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, test } from 'vitest';
import { permutationOf } from '../core/results/index.js';
import type { BundleContent, EvaluationPlan } from '../store/index.js';
import { createMemory } from '../test/memory.js';
import type { Completion } from '../providers/index.js';
import type { ActivityEvent } from './deps.js';
import { createEvaluationActivities } from './evaluation.js';
import type { BatchProgress, RunBatch } from './evaluation.js';
import type { Ending, Permits } from './permits.js';

const logger = new DefaultLogger('ERROR', () => undefined);
const ITEMS = 120;
const plan: EvaluationPlan = {
  bundle: 'sha256:b', baseline: 'sha256:a', dataset: { name: 'cases', version: 1, digest: 'sha256:d', items: ITEMS }, repetitions: 1, callsMax: 1_000, seed: 7,
  evaluators: [{ name: 'exact', version: 1, digest: 'sha256:e', role: 'guardrail', margin: 0.05, floor: null }], policy: { name: 'p', digest: 'sha256:p' },
};
const common = { shape: 1 as const, application: 'helpdesk', author: 'person:eve', once: { key: 'k', args: 'sha256:x' }, createdAt: new Date(0), intents: [] };
const content = (digest: string, prompt = 'Answer {{question}}', price: { input: number; output: number } | null = { input: 1, output: 2 }): BundleContent => ({
  digest, contents: digest, application: 'helpdesk', authors: [], context: null, guardrails: [], tools: [], safety: {},
  prompts: [{ ...common, _id: 'helpdesk/answer/1', prompt: 'answer', version: 1, digest, messages: [{ role: 'user', content: prompt }], variables: ['question'], message: 'm', source: null }],
  model: { ...common, _id: 'helpdesk/m/1', name: 'm', version: 1, digest: 'sha256:m', connection: 'c', model: digest, floating: false, parameters: { seed: 3 }, safety: {}, priceUsdPerMTok: price },
  connection: { shape: 1, application: 'helpdesk', once: common.once, createdBy: 'person:eve', createdAt: new Date(0), intents: [], _id: 'helpdesk/c', name: 'c', kind: 'sandbox', baseUrl: 'http://127.0.0.1/v1', secretRef: null },
});

interface Change { readonly answer?: (model: string, question: string, call: number) => string; readonly about?: (model: string, call: number) => Partial<Completion>; readonly permits?: Permits; readonly contents?: Readonly<Record<string, BundleContent>>; readonly plan?: Partial<EvaluationPlan> }
function world({ answer = () => 'right', about = () => ({}), permits = { take: async () => () => undefined }, contents = { 'sha256:a': content('sha256:a'), 'sha256:b': content('sha256:b') }, plan: change = {} }: Change = {}) {
  const memory = createMemory();
  const pinned: EvaluationPlan = { ...plan, ...change };
  const asked: string[] = [];
  const told: ActivityEvent[] = [];
  let underway = 0;
  let most = 0;
  const activities = createEvaluationActivities({
    evaluations: memory.evaluations, tell: (event) => { told.push(event); },
    bundles: { content: async (_application, digest) => contents[digest] ?? null },
    datasets: { items: async (_application, name, version, indexes) => [...indexes].sort((a, b) => a - b).map((index) => ({
      _id: `helpdesk/${name}/${version}/${index}`, shape: 1, application: 'helpdesk', dataset: name, index, itemDigest: `sha256:i${index}`, item: { id: `i${index}`, variables: { question: `q${index}` }, expected: 'right' },
    })) },
    evaluators: { find: async (_application, name) => ({ ...common, _id: `helpdesk/${name}/1`, name, version: 1, digest: 'sha256:e', spec: { kind: 'exact', ignoreCase: false, trim: true } }) },
    providerFor: () => ({
      kind: 'sandbox', embed: async () => [],
      complete: async ({ model, messages }) => {
        asked.push(`${model} ${messages[0]?.content ?? ''}`);
        const call = asked.length;
        underway += 1;
        most = Math.max(most, underway);
        await new Promise((resolve) => { setImmediate(resolve); });
        underway -= 1;
        return { text: answer(model, messages[0]?.content ?? '', call), finishReason: 'stop', model, inputTokens: 100, outputTokens: 50, durationMs: 1, ...about(model, call) };
      },
    }),
    permits,
    score: async (_spec, { text }) => (text === 'garbage' ? { error: 'the evaluator cannot read it' } : { value: text === 'right' ? 1 : 0 }),
    judgeFor: async () => null, newId: () => 'N'.repeat(26), monotonicMs: () => 0, trace: { span: (_name, _attributes, run) => run() },
  });
  const order = (from: number, to: number, before: BatchProgress | null = null): RunBatch => ({ evaluation: 'E1', application: 'helpdesk', plan: pinned, answersKeepSec: 60, from, to, before });
  const batch = (from: number, to: number, before: BatchProgress | null = null, heartbeatDetails?: unknown): Promise<BatchProgress> =>
    new MockActivityEnvironment(heartbeatDetails === undefined ? {} : { heartbeatDetails }, { logger }).run(() => activities.runBatch(order(from, to, before)));
  return { memory, activities, asked, told, batch, most: () => most, pinned };
}

describe('R-242 cases are asked in one random order, the same for the same seed', () => {
  test('each once', () => {
    for (const n of [1, 2, 50, 997]) expect([...permutationOf(n, 42)].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, index) => index));
    expect(permutationOf(50, 42)).toEqual(permutationOf(50, 42));
    expect(permutationOf(50, 43)).not.toEqual(permutationOf(50, 42));
    expect(permutationOf(0, 1)).toEqual([]);
  });
  test('every place is as likely as any other', () => {
    const counts = [0, 0, 0];
    for (let seed = 0; seed < 3_000; seed += 1) { const place = permutationOf(3, seed).indexOf(0); counts[place] = (counts[place] ?? 0) + 1; }
    for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(120);
  });
});

describe('R-243 nothing that was paid for is paid twice', () => {
  test('a second run of a batch asks nothing and ends in the same state', async () => {
    const { batch, asked } = world();
    const first = await batch(0, 50);
    expect(asked).toHaveLength(100);
    const again = await batch(0, 50);
    expect(asked).toHaveLength(100);
    expect(again.state).toEqual(first.state);
  });
  test('a new baseline pays for the baseline only', async () => {
    const contents = { 'sha256:a': content('sha256:a'), 'sha256:b': content('sha256:b'), 'sha256:z': content('sha256:z') };
    const { batch, asked, pinned } = world({ contents });
    await batch(0, 50);
    Object.assign(pinned, { baseline: 'sha256:z' });
    await batch(0, 50);
    expect(asked.slice(100).every((one) => one.startsWith('sha256:z'))).toBe(true);
    expect(asked).toHaveLength(150);
  });
  test('a few calls at a time', async () => {
    const { batch, most } = world();
    await batch(0, 50);
    expect(most()).toBeLessThanOrEqual(32);
    expect(most()).toBeGreaterThan(8);
  });
});

describe('R-244 the budget is asked before each call, and what another try had spent counts', () => {
  test('the verdict is inconclusive, and says why', async () => {
    const { batch, asked } = world({ plan: { callsMax: 61 } });
    const progress = await batch(0, 50);
    expect(asked).toHaveLength(61);
    expect(progress).toMatchObject({ isDecided: true, calls: 61, verdict: { kind: 'INCONCLUSIVE' } });
    expect(progress.verdict?.kind === 'INCONCLUSIVE' && progress.verdict.holds).toContain('BUDGET_SPENT');
  });
  test('the heartbeat of a lost try is added to what came before', async () => {
    const { batch, asked } = world({ plan: { callsMax: 100 } });
    expect(await batch(0, 50, null, { calls: 90, costUsd: 1 })).toMatchObject({ calls: 100 });
    expect(asked).toHaveLength(10);
  });
});

describe('R-008 errors stay in the denominator', () => {
  test('an answer that failed is stored as an error, scored as none, and counted', async () => {
    const { batch, memory } = world({ answer: (model) => { if (model === 'sha256:b') throw Object.assign(new Error('no'), { name: 'ProviderError', kind: 'refused' }); return 'right'; } });
    const progress = await batch(0, 50);
    const { n, candidate, baseline } = progress.state.evaluators[0] ?? {};
    expect(progress.errors).toBe(n);
    expect([candidate?.errors, baseline?.errors]).toEqual([n, 0]);
    expect(progress.verdict?.kind).toBe('FAIL');
    expect([...memory.answers.values()].filter(({ error }) => error === 'refused: no').length).toBeGreaterThanOrEqual(n ?? 50);
  });
  test('an outage of both arms is no finding', async () => {
    const { batch } = world({ plan: { dataset: { ...plan.dataset, items: 50 } }, answer: () => { throw Object.assign(new Error('no'), { kind: 'refused' }); } });
    expect((await batch(0, 50)).verdict).toMatchObject({ kind: 'INCONCLUSIVE', holds: expect.arrayContaining(['ERROR_SHARE']) as unknown });
  });
  test('a score that failed is an error too', async () => {
    const { batch } = world({ answer: (model) => (model === 'sha256:b' ? 'garbage' : 'right') });
    const { n, candidate } = (await batch(0, 50)).state.evaluators[0] ?? {};
    expect(candidate?.errors).toBe(n);
  });
  test('a stored error is asked again', async () => {
    let isDown = true;
    const { batch, asked } = world({ answer: () => { if (isDown) throw Object.assign(new Error('no'), { kind: 'refused' }); return 'right'; } });
    await batch(0, 50);
    isDown = false;
    expect((await batch(0, 50)).state.evaluators[0]).toMatchObject({ candidate: { errors: 0 } });
    expect(asked).toHaveLength(200);
  });
  test('a template without its variable is an error, not a call', async () => {
    const { batch, asked } = world({ contents: { 'sha256:a': content('sha256:a'), 'sha256:b': content('sha256:b', 'Answer {{nobody}}') } });
    const progress = await batch(0, 50);
    expect(asked.every((one) => one.startsWith('sha256:a'))).toBe(true);
    expect(progress.errors).toBe(progress.state.items);
    expect(progress.errors).toBeGreaterThan(0);
  });
});

describe('R-245 a verdict ends the evaluation early; without one it ends with the cases', () => {
  test('equal answers pass before all cases are asked', async () => {
    const { batch } = world();
    const first = await batch(0, 50);
    expect(first).toMatchObject({ isDecided: false, verdict: null });
    expect(await batch(50, 100, first)).toMatchObject({ isDecided: true, verdict: { kind: 'PASS' } });
  });
  test('a worse candidate fails in the first batch', async () => {
    const { batch } = world({ answer: (model) => (model === 'sha256:b' ? 'wrong' : 'right') });
    expect(await batch(0, 50)).toMatchObject({ isDecided: true, verdict: { kind: 'FAIL' } });
  });
  test('too few cases are inconclusive', async () => {
    const { batch } = world({ plan: { dataset: { ...plan.dataset, items: 50 } } });
    expect(await batch(0, 50)).toMatchObject({ isDecided: true, verdict: { kind: 'INCONCLUSIVE', holds: ['TOO_FEW'] } });
  });
  test('the cost is what was paid, or unknown', async () => {
    const known = await world().batch(0, 50);
    expect(known.costUsd).toBeCloseTo(100 * (100 * 1 + 50 * 2) / 1e6, 12);
    const unpriced = { 'sha256:a': content('sha256:a', undefined, null), 'sha256:b': content('sha256:b') };
    expect((await world({ contents: unpriced }).batch(0, 50)).costUsd).toBeNull();
  });
});

describe('R-296 a cap on money is asked before each call; a cost that nobody knows stops the run', () => {
  /** What one call of these costs: 100 tokens in at 1, 50 out at 2. */
  const CALL_USD = 200e-6;
  test('calls end at the cap, and the verdict says that the budget was spent', async () => {
    const { batch, asked } = world({ plan: { spendMaxUsd: 40 * CALL_USD * 1.000_001 } });
    const progress = await batch(0, 50);
    expect(asked).toHaveLength(40);
    expect(progress).toMatchObject({ isDecided: true, verdict: { kind: 'INCONCLUSIVE', holds: expect.arrayContaining(['BUDGET_SPENT']) as unknown } });
    expect(progress.costUsd).toBeLessThanOrEqual(40 * CALL_USD * 1.000_001);
  });
  test('what was spent in batches before, and in a lost try, counts', async () => {
    const plan_ = { spendMaxUsd: 130 * CALL_USD * 1.000_001 };
    const one = world({ plan: plan_ });
    const first = await one.batch(0, 50);
    await one.batch(50, 100, first);
    expect(one.asked).toHaveLength(130);
    const lost = world({ plan: plan_ });
    await lost.batch(0, 50, null, { calls: 100, costUsd: 100 * CALL_USD, dearestUsd: CALL_USD });
    expect(lost.asked).toHaveLength(30);
  });
  test('a model without a price is not begun, whichever arm it is', async () => {
    const { batch, asked } = world({ plan: { spendMaxUsd: 1 }, contents: { 'sha256:a': content('sha256:a', undefined, null), 'sha256:b': content('sha256:b') } });
    await expect(batch(0, 50)).rejects.toMatchObject({ type: 'BAD_INPUT', nonRetryable: true, message: expect.stringContaining('Model m, version 1, has no price') as string });
    expect(asked).toHaveLength(0);
  });
  test('a provider that reports no usage stops the run; without a cap the cost is unknown', async () => {
    const silent: Change = { about: () => ({ inputTokens: null, outputTokens: null }) };
    const capped = world({ ...silent, plan: { spendMaxUsd: 1 } });
    await expect(capped.batch(0, 50)).rejects.toMatchObject({ type: 'BAD_INPUT', nonRetryable: true });
    expect(capped.asked.length).toBe(1);   // where money is capped, the first is waited for
    expect(await world(silent).batch(0, 50)).toMatchObject({ costUsd: null, calls: 100 });
  });
  test('what broke off may have been billed: it counts against the cap, and is no cost', async () => {
    const { batch, asked } = world({ plan: { spendMaxUsd: 10 * CALL_USD * 1.000_001 }, answer: (model) => { if (model === 'sha256:b') throw Object.assign(new Error('gone'), { kind: 'transport' }); return 'right'; } });
    const progress = await batch(0, 50);
    const lost = asked.filter((one) => one.startsWith('sha256:b')).length;
    // The tries of the first broke off before any cost was known, and were counted for what could be known of them.
    const blind = 3;
    expect([asked.length <= 10 + blind, lost > 0]).toEqual([true, true]);
    expect(progress.costUsd).toBeCloseTo((asked.length - lost) * CALL_USD, 12);
    expect(progress.assumedUsd).toBeGreaterThan((lost - blind) * CALL_USD * 0.999_999);
    expect(progress.assumedUsd).toBeLessThanOrEqual(lost * CALL_USD * 1.000_001);
  });
  test('what other evaluations have paid for is saved, and what this one paid for in a lost try is not', async () => {
    const { batch, memory, activities, pinned } = world();
    memory.evaluationDocs.clear();
    const open = (evaluation: string) => activities.openEvaluation({ evaluation, application: 'helpdesk', identity: `sha256:${evaluation}`, attempt: 1, once: { key: evaluation, args: 'x' }, requestedBy: { id: 'ci:github', kind: 'ci' }, plan: pinned });
    await open('E1');
    memory.nowMs += 1_000;
    expect((await batch(0, 50)).savedUsd).toBe(0);
    memory.nowMs += 1_000;
    expect((await batch(0, 50)).savedUsd).toBe(0);
    const born = memory.evaluationDocs.get('E1');
    if (born === undefined) throw new Error('not opened');
    born.createdAt = new Date(memory.nowMs);   // another evaluation of the same, begun now
    const again = await batch(0, 50);
    expect(again.savedUsd).toBeCloseTo(100 * CALL_USD, 12);
    expect(again).toMatchObject({ calls: 0, costUsd: 0 });
    expect(memory.evaluationDocs.get('E1')?.progress.savedUsd).toBeCloseTo(100 * CALL_USD, 12);
  });
});

describe('R-297 the model that answered is kept with each answer, and one that is not the model asked, or changes under way, is flagged', () => {
  const fields: Partial<Completion> = { model: 'sha256:b-dated', fingerprint: 'fp-1', cachedInputTokens: 10, reasoningTokens: 5, firstTokenMs: 7, toolCalls: [{ name: 'look_up', arguments: '{}' }] };
  test('with what it called, what came from the cache, what it thought and when it began', async () => {
    const { batch, memory, told } = world({ about: (model) => (model === 'sha256:b' ? fields : {}) });
    expect((await batch(0, 50)).flags).toEqual([]);
    expect(memory.answers.get('helpdesk/sha256:b/sha256:i0/0')).toMatchObject(fields);
    expect(memory.answers.get('helpdesk/sha256:a/sha256:i0/0')).toMatchObject({ model: 'sha256:a', fingerprint: null, firstTokenMs: null });
    expect(told).toEqual([]);
  });
  test('another model', async () => {
    const { batch, told, memory } = world({ about: (model) => (model === 'sha256:b' ? { model: 'm-other' } : {}) });
    await activitiesOpen(memory);
    const flag = 'candidate: sha256:b was asked, m-other answered.';
    expect((await batch(0, 50)).flags).toEqual([flag]);
    expect(told).toEqual([{ event: 'evaluation.flagged', level: 'warn', evaluation: 'E1', application: 'helpdesk', flag }]);
    expect(memory.evaluationDocs.get('E1')?.progress.flags).toEqual([flag]);
  });
  test('another fingerprint half-way, in this batch or since the last, told once', async () => {
    const { batch, told } = world({ about: (model, call) => (model === 'sha256:b' ? { fingerprint: call <= 100 ? 'fp-1' : 'fp-2' } : {}) });
    const first = await batch(0, 50);
    expect(first.flags).toEqual([]);
    const second = await batch(50, 100, first);
    expect(second.flags).toEqual(['candidate: the model changed under way: sha256:b (fp-1), sha256:b (fp-2).']);
    await batch(100, 120, second);
    expect(told).toHaveLength(1);
  });
  test('stored answers of another day count', async () => {
    let fingerprint = 'fp-1';
    const { batch } = world({ about: () => ({ fingerprint }) });
    await batch(0, 20);
    fingerprint = 'fp-2';
    expect((await batch(0, 50)).flags).toHaveLength(2);
  });
  const activitiesOpen = async (memory: ReturnType<typeof world>['memory']): Promise<void> => { await memory.evaluations.insert({ _id: 'E1', application: 'helpdesk', identity: 'sha256:1', attempt: 1, plan, once: { key: 'k', args: 'x' }, requestedBy: { id: 'ci:github', kind: 'ci' } }, { id: 'i', application: 'helpdesk', action: 'evaluation.started', actor: { id: 'ci:github', kind: 'ci' }, subject: 'E1' }); };
});

describe('R-293 the rate of a connection is one for all workers: hardly a call is refused, hardly a chance is missed (of an answer)', () => {
  const watched = () => {
    const endings: Ending['kind'][] = [];
    let open = 0;
    return { endings, open: () => open, permits: { take: async () => { open += 1; return (ending: Ending) => { open -= 1; endings.push(ending.kind); }; } } satisfies Permits };
  };
  test('every call has leave, and gives it back, whatever becomes of it', async () => {
    const { endings, open, permits } = watched();
    const { batch } = world({ permits, plan: { callsMax: 60 }, answer: (_model, _question, call) => { if (call === 3) throw Object.assign(new Error('no'), { kind: 'auth' }); return 'right'; } });
    await batch(0, 50);
    expect(open()).toBe(0);
    expect(endings.filter((kind) => kind === 'done')).toHaveLength(60);
    expect(endings.filter((kind) => kind === 'unused').length).toBeGreaterThan(0);
  });
  const TRIES = 16;   // more than an answer's own tries would be
  test('a call that is refused for its rate is asked again as often as it takes, and is no call of the budget', async () => {
    const { endings, permits } = watched();
    const { batch, memory } = world({ permits, answer: (_model, _question, call) => { if (call <= 24) throw Object.assign(new Error('slow down'), { kind: 'rateLimit', retryAfterMs: 1_000 }); return 'right'; } });
    const progress = await batch(0, 10);
    expect(endings.filter((kind) => kind === 'refused').length).toBeGreaterThan(TRIES);
    expect(progress).toMatchObject({ calls: 20, errors: 0 });
    expect([...memory.answers.values()].every(({ error }) => error === null)).toBe(true);
  });
  test('where nobody can tell what was spent, leave is given back all the same', async () => {
    const { open, permits } = watched();
    const { batch } = world({ permits, plan: { spendMaxUsd: 1 }, about: () => ({ inputTokens: null, outputTokens: null }) });
    await expect(batch(0, 50)).rejects.toMatchObject({ type: 'BAD_INPUT' });
    expect(open()).toBe(0);
  });
  test('a store that is away fails the batch, which is tried again', async () => {
    const { batch } = world({ permits: { take: () => Promise.reject(new Error('away')) } });
    await expect(batch(0, 10)).rejects.toThrow('away');
  });
});

describe('R-246 what can never be judged is refused at once', () => {
  const order = (pinned: EvaluationPlan) => ({ evaluation: 'E1', application: 'helpdesk', identity: 'sha256:1', attempt: 1, once: { key: 'k', args: 'sha256:x' }, requestedBy: { id: 'ci:github', kind: 'ci' as const }, plan: pinned });
  test('a first release whose policy has no floor', async () => {
    const { activities, memory } = world();
    expect(await activities.openEvaluation(order({ ...plan, baseline: 'none' }))).toMatchObject({ state: 'FAILED', birth: { kind: 'opened', evaluation: 'E1' } });
    expect(memory.evaluationDocs.get('E1')).toMatchObject({ state: 'FAILED', error: expect.stringContaining('needs a floor') as string });
  });
  test('a repeat finds its own', async () => {
    const { activities } = world();
    expect(await activities.openEvaluation(order(plan))).toEqual({ state: 'RUNNING', birth: { kind: 'opened', evaluation: 'E1' } });
    expect(await activities.openEvaluation(order(plan))).toEqual({ state: 'RUNNING', birth: { kind: 'opened', evaluation: 'E1' } });
  });
  test.each<[string, Change, string]>([
    ['a bundle without a model', { contents: { 'sha256:a': content('sha256:a'), 'sha256:b': { ...content('sha256:b'), model: null } } }, 'BAD_INPUT'],
    ['a bundle that is not there', { contents: { 'sha256:a': content('sha256:a') } }, 'NOT_FOUND'],
    ['an evaluator of another digest', { plan: { evaluators: [{ ...plan.evaluators[0] as EvaluationPlan['evaluators'][number], digest: 'sha256:other' }] } }, 'NOT_FOUND'],
  ])('%s', async (_name, change, type) => {
    await expect(world(change).batch(0, 50)).rejects.toMatchObject({ type, nonRetryable: true });
  });
});
