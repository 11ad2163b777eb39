import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gql, mutate, startStack, until, type Json, type Stack } from './harness.js';
import { startProviderStub, type ProviderStub } from './harness/provider-stub.js';
import { ALSO_GOOD, FACTS, GOOD, push, settle } from './world.js';

/** The case as a judge reads it; both judges of this test are one stub, and the rubric says which is asked. */
function judgement(question: string): string {
  const nonce = /^DATA (\w+)\n/.exec(question)?.[1] ?? '';
  const data = JSON.parse(question.split(`DATA ${nonce}\n`)[1]?.split('\nEND ')[0] ?? '{}') as Record<string, string>;
  const isRight = (data['answer'] ?? '').includes((data['expected answer'] ?? '').slice(0, 12)) && (data['answer'] ?? '').length < 300;
  return `<<<JUDGEMENT ${nonce}\n${JSON.stringify({ reason: 'compared', score: question.includes('flatter') || isRight ? 1 : 0 })}\nEND ${nonce}>>>`;
}

let stack: Stack;
let stub: ProviderStub;
beforeAll(async () => {
  stub = await startProviderStub({ answer: judgement });
  stack = await startStack();
  await settle(stack);
  const { api, people } = stack;
  await mutate(api, people.admin, 'createConnection', { application: 'helpdesk', name: 'judges', kind: 'OPENAI_COMPATIBLE', baseUrl: stub.baseUrl }, '{ name }');
  await mutate(api, people.author, 'createModelVersion', { application: 'helpdesk', name: 'judge', connection: 'judges', model: 'm-1-dated', floating: false }, '{ version }');
  for (const [name, rubric] of [['honest', 'Does the answer say what is expected?'], ['gullible', 'Is it a nice answer? (flatter)']] as const) {
    await mutate(api, people.author, 'createEvaluatorVersion', { application: 'helpdesk', name, kind: 'LLM_JUDGE', judge: { model: 'judge' }, rubric, scale: 'PASS_FAIL', reference: true }, '{ version }');
    await mutate(api, people.releaseManager, 'putRolloutPolicy', { application: 'helpdesk', name, evaluation: { dataset: 'facts', evaluators: [{ name, margin: 0.1, floor: 0.5 }], callsMax: 2_000 }, metrics: [{ name: 'error' }], errorBudget: 100_000 }, '{ version }');
  }
  await mutate(api, people.author, 'importDatasetVersion', {
    application: 'helpdesk', name: 'labels', items: Array.from({ length: 80 }, (_, i) => ({
      id: `label-${i}`, expected: FACTS[i % 5], variables: [{ name: 'question', value: `Question ${i}?` }], judged: i % 3 === 0 ? { answer: 'I do not know that.', label: 0 } : { answer: `${FACTS[i % 5] ?? ''} Have a good day ${i}.`, label: 1 },
    })),
  }, '{ version }');
}, 240_000);
afterAll(async () => { await stack?.stop(); await stub?.close(); });

const ended = async (id: string): Promise<Json> => until('the evaluation to end', async () => {
  const { evaluation } = await gql(stack.api, stack.people.author, 'query($id: ID!) { evaluation(id: $id) { id state error verdict { kind reasons evidence } progress { calls errors } } }', { id });
  return evaluation.state === 'RUNNING' ? null : evaluation;
}, 120_000);
async function evaluate(policy: string, version: number): Promise<Json> {
  const { digest } = await mutate(stack.api, stack.people.author, 'createBundle', { application: 'helpdesk', prompts: [{ name: 'answer', version }], model: { name: 'main', version: 1 } }, '{ digest }');
  const { id } = await mutate(stack.api, stack.people.author, 'startEvaluation', { application: 'helpdesk', environment: 'production', candidate: { bundle: digest }, policy }, '{ id }');
  return ended(String(id));
}
async function calibrate(evaluator: string): Promise<Json> {
  const { id } = await mutate(stack.api, stack.people.releaseManager, 'calibrateJudge', { application: 'helpdesk', evaluator, dataset: 'labels' }, '{ id state }');
  return until('the calibration to end', async () => {
    const { calibration } = await gql(stack.api, stack.people.author, 'query($id: ID!) { calibration(id: $id) { state error progress { probes probesTotal errors } qualification { status mayPass mayFail reasons model labels attacks { tried through } } } }', { id });
    return calibration.state === 'RUNNING' ? null : calibration;
  }, 120_000);
}

describe('R-985 a calibrated judge decides what its calibration lets it, as the model that people agreed with and no other', () => {
  test('before anybody has calibrated it, it opens no gate; afterwards it does, without an answer being asked again', async () => {
    const version = await push(stack, GOOD);
    expect(await evaluate('honest', version)).toMatchObject({ state: 'FINISHED', verdict: { kind: 'INCONCLUSIVE', reasons: expect.arrayContaining(['JUDGE_UNQUALIFIED']) as unknown } });
    expect(await calibrate('honest')).toMatchObject({ state: 'FINISHED', error: null, qualification: { status: 'QUALIFIED', mayPass: true, mayFail: true, model: 'm-1-dated', labels: 80, attacks: { through: 0 } }, progress: { errors: 0 } });
    expect(await evaluate('honest', version)).toMatchObject({ state: 'FINISHED', verdict: { kind: 'PASS' }, progress: { calls: 0 } });
  }, 240_000);
  test('one that flatters everything is advisory, and opens none', async () => {
    const found = await calibrate('gullible');
    expect(found).toMatchObject({ state: 'FINISHED', qualification: { status: 'ADVISORY', mayPass: false, mayFail: false } });
    expect(String(found.qualification.reasons.join(' '))).toMatch(/attacks were called good/);
    expect(await evaluate('gullible', await push(stack, GOOD))).toMatchObject({ state: 'FINISHED', verdict: { kind: 'INCONCLUSIVE', reasons: expect.arrayContaining(['JUDGE_UNQUALIFIED']) as unknown } });
  }, 240_000);
  test('when another model answers under its name, its word is an error and nothing passes', async () => {
    stub.behave({ kind: 'wrongModel', model: 'm-2-cheaper' });
    try {
      expect(await evaluate('honest', await push(stack, ALSO_GOOD))).toMatchObject({ state: 'FINISHED', verdict: { kind: 'INCONCLUSIVE', reasons: expect.arrayContaining(['ERROR_SHARE']) as unknown } });
    } finally { stub.behave(null); }
  }, 240_000);
});
