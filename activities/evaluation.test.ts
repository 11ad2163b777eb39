import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, test } from 'vitest';
import type { BundleContent, EvaluationPlan } from '../store/index.js';
import { createMemory } from '../test/memory.js';
import { createEvaluationActivities } from './evaluation.js';
import type { BatchProgress, RunBatch } from './evaluation.js';
import { permutationOf } from './permutation.js';

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

interface Change { readonly answer?: (model: string, question: string, call: number) => string; readonly contents?: Readonly<Record<string, BundleContent>>; readonly plan?: Partial<EvaluationPlan> }
function world({ answer = () => 'right', contents = { 'sha256:a': content('sha256:a'), 'sha256:b': content('sha256:b') }, plan: change = {} }: Change = {}) {
  const memory = createMemory();
  const pinned: EvaluationPlan = { ...plan, ...change };
  const asked: string[] = [];
  let underway = 0;
  let most = 0;
  const activities = createEvaluationActivities({
    evaluations: memory.evaluations, tell: () => undefined,
    bundles: { content: async (_application, digest) => contents[digest] ?? null },
    datasets: { items: async (_application, name, version, indexes) => [...indexes].sort((a, b) => a - b).map((index) => ({
      _id: `helpdesk/${name}/${version}/${index}`, shape: 1, application: 'helpdesk', dataset: name, index, itemDigest: `sha256:i${index}`, item: { id: `i${index}`, variables: { question: `q${index}` }, expected: 'right' },
    })) },
    evaluators: { find: async (_application, name) => ({ ...common, _id: `helpdesk/${name}/1`, name, version: 1, digest: 'sha256:e', spec: { kind: 'exact', ignoreCase: false, trim: true } }) },
    providerFor: () => ({
      kind: 'sandbox', embed: async () => [],
      complete: async ({ model, messages }) => {
        asked.push(`${model} ${messages[0]?.content ?? ''}`);
        underway += 1;
        most = Math.max(most, underway);
        await Promise.resolve();
        underway -= 1;
        return { text: answer(model, messages[0]?.content ?? '', asked.length), finishReason: 'stop', model, inputTokens: 100, outputTokens: 50, durationMs: 1 };
      },
    }),
    score: async (_spec, { text }) => (text === 'garbage' ? { error: 'the evaluator cannot read it' } : { value: text === 'right' ? 1 : 0 }),
    judgeFor: async () => null, newId: () => 'N'.repeat(26), monotonicMs: () => 0, trace: { span: (_name, _attributes, run) => run() },
  });
  const order = (from: number, to: number, before: BatchProgress | null = null): RunBatch => ({ evaluation: 'E1', application: 'helpdesk', plan: pinned, answersKeepSec: 60, from, to, before });
  const batch = (from: number, to: number, before: BatchProgress | null = null, heartbeatDetails?: unknown): Promise<BatchProgress> =>
    new MockActivityEnvironment(heartbeatDetails === undefined ? {} : { heartbeatDetails }, { logger }).run(() => activities.runBatch(order(from, to, before)));
  return { memory, activities, asked, batch, most: () => most, pinned };
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
    expect(most()).toBeLessThanOrEqual(8);
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
    expect(progress.errors).toBe(50);
    const { n, candidate, baseline } = progress.state.evaluators[0] ?? {};
    expect([candidate?.errors, baseline?.errors]).toEqual([n, 0]);
    expect(progress.verdict?.kind).toBe('FAIL');
    expect([...memory.answers.values()].filter(({ error }) => error === 'refused: no')).toHaveLength(50);
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
    expect(asked).toHaveLength(50);
    expect(progress.errors).toBe(50);
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
