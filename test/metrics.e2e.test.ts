import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gql, mutate, reaches, send, startStack, until } from './harness.js';
import type { Json, Stack } from './harness.js';
import { push, settle, start } from './world.js';

/** A text says what its answers are like: the words of these names, and nothing else about it. */
const LIKE = { slow: /slowly/, dear: /at length/, poor: /roughly/, better: /splendidly/, bad: /rudely/ };
const text = (words: string): string => `Answer ${words}, from the context. <context>{{passage}}</context>`;
const PER_SEC = 50;

let stack: Stack;
let folder: string;
let users: { stop(): Promise<void> };

/** Asks the edge as an application does, and reports each answer as its text has it: how long it took, its tokens, its score, a thumb. */
function applications(): { stop(): Promise<void> } {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${stack.keys.app}` };
  const spans: object[] = [];
  const underway = new Set<Promise<unknown>>();
  const id = (bytes: number): string => randomBytes(bytes).toString('hex');
  let served = 0;
  const one = async (): Promise<void> => {
    const { json } = await send('POST', `${stack.edge}/ofrep/v1/evaluate/flags/answer`, headers, JSON.stringify({ context: { targetingKey: `user-${id(6)}` } }));
    const said = (json?.value?.messages ?? []).map(({ content }: Json) => content).join('\n') as string;
    const token: unknown = json?.metadata?.['slipway.assignment'];
    if (said === '' || typeof token !== 'string') return;
    const nth = served++;
    const endMs = Date.now();
    const is = (what: keyof typeof LIKE): boolean => LIKE[what].test(said);
    const tokens = is('dear') ? 900 : 300;
    const score = is('poor') ? 0.5 : is('better') ? 0.95 : 0.8;
    const number = (key: string, value: object): object => ({ key, value });
    spans.push({
      traceId: id(16), spanId: id(8), name: 'chat', kind: 3, startTimeUnixNano: `${String(endMs - (is('slow') && nth % 2 === 0 ? 1_500 : 200))}000000`, endTimeUnixNano: `${String(endMs)}000000`, status: {},
      attributes: [
        number('gen_ai.operation.name', { stringValue: 'chat' }), number('gen_ai.request.model', { stringValue: 'sandbox-extractive-1' }), number('slipway.assignment', { stringValue: token }),
        number('gen_ai.usage.input_tokens', { intValue: String(tokens) }), number('gen_ai.usage.output_tokens', { intValue: String(tokens / 10) }),
        number('slipway.guardrail.rude', { boolValue: is('bad') && nth % 2 === 0 }),
      ],
      events: [{ name: 'gen_ai.evaluation.result', timeUnixNano: `${String(endMs)}000000`, attributes: [number('gen_ai.evaluation.name', { stringValue: 'helpful' }), number('gen_ai.evaluation.score.value', { doubleValue: score })] }],
    });
    if (nth % 7 === 0) await send('POST', `${stack.edge}/v1/feedback`, headers, JSON.stringify({ token, label: 'thumbs_down', value: false }));
  };
  const flush = async (): Promise<void> => {
    if (spans.length === 0) return;
    const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: spans.splice(0) }] }] });
    for (let attempt = 0; attempt < 40; attempt += 1) {
      const reply = await send('POST', `${stack.edge}/v1/traces`, headers, body).catch(() => null);
      if (reply !== null && reply.status < 500 && reply.status !== 429) return;
      await new Promise((resolve) => { setTimeout(resolve, 250); });
    }
  };
  const run = (work: () => Promise<void>): void => { const piece = work().catch(() => undefined).finally(() => underway.delete(piece)); underway.add(piece); };
  const asking = setInterval(() => { if (underway.size < 64) run(one); }, 1_000 / PER_SEC);
  const reporting = setInterval(() => { run(flush); }, 200);
  return { async stop() { clearInterval(asking); clearInterval(reporting); await Promise.allSettled([...underway]); await flush(); } };
}

const METRICS = [
  { name: 'error', margin: 0.2, share: 0.2 }, { name: 'rude', from: 'guardrail:rude', margin: 0.2, share: 0.2 }, { name: 'slow', objectiveMs: 1_000, margin: 0.2, share: 0.2 },
  { name: 'quality', from: 'evaluation:helpful', role: 'GUARDRAIL', margin: 0.1, share: 0.2 }, { name: 'thumbsDown', role: 'SIGNAL', share: 0.1 }, { name: 'cost', cap: 0.003, share: 0.1 },
].map((metric) => ({ ...metric, maturityMs: 1_000 }));
const RULES = {
  application: 'helpdesk', evaluation: { dataset: 'facts', evaluators: [{ name: 'knows', margin: 0.1, floor: 0.5 }], callsMax: 600 }, blockSec: 1, leaseMs: 20_000, errorBudget: 10_000, alpha: { harm: 0.01, promote: 0.05 },
};

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-evidence-'));
  stack = await startStack();
  await settle(stack);
  await mutate(stack.api, stack.people.author, 'createModelVersion', { application: 'helpdesk', name: 'main', connection: 'sandbox', model: 'sandbox-extractive-1', floating: false, parameters: { maxTokens: 400 }, priceUsdPerMTok: { input: 1, output: 10 } }, '{ version }');
  await mutate(stack.api, stack.people.releaseManager, 'putRolloutPolicy', { ...RULES, name: 'all', metrics: METRICS, stages: [{ weightBp: 5_000, durationMinSec: 3, durationMaxSec: 600 }], bake: { durationMinSec: 2, durationMaxSec: 600, holdbackBp: 2_000 } }, '{ version }');
  await mutate(stack.api, stack.people.releaseManager, 'putRolloutPolicy', {
    ...RULES, name: 'compare', aim: 'BETTER', metrics: METRICS.filter(({ name }) => name === 'error' || name === 'quality').map((metric) => ({ ...metric, share: 0.5, ...(metric.name === 'quality' ? { margin: 0 } : {}) })),
    stages: [{ weightBp: 5_000, durationMinSec: 3, durationMaxSec: 20 }], bake: { durationMinSec: 2, durationMaxSec: 600, holdbackBp: 5_000 },
  }, '{ version }');
  await reaches(stack, (await start(stack, await push(stack, text('plainly')), { policy: 'all' })).id, ['PROMOTED']);
  users = applications();
}, 240_000);
afterAll(async () => { await users?.stop(); await stack?.stop(); rmSync(folder, { recursive: true, force: true }); });

const released: { readonly id: string; readonly state: string }[] = [];
async function release(words: string, states: readonly string[], policy = 'all'): Promise<Json> {
  const { id } = await start(stack, await push(stack, text(words)), { policy });
  const ended = await reaches(stack, id, states, 120_000);
  released.push({ id, state: String(ended.state) });
  return ended;
}
/** The command line, as a person at a terminal has it. */
const slipway = async (...words: readonly string[]): Promise<string> => (await promisify(execFile)(process.execPath, ['--import', 'tsx', 'bin/slipway.ts', ...words], {
  cwd: path.resolve(import.meta.dirname, '..'), maxBuffer: 1 << 28, env: { ...process.env, SLIPWAY_API_URL: stack.api, SLIPWAY_API_KEY: stack.people.releaseManager },
})).stdout;

describe('R-903 a release is decided by every kind of metric, and by what its answers are like alone', () => {
  test('alike in everything: promoted, with units on every metric', async () => {
    const { evidence } = await release('calmly', ['PROMOTED']);
    expect(evidence.map(({ metric }: Json) => metric)).toEqual(['error', 'rude', 'slow', 'quality', 'thumbsDown', 'cost']);
    for (const { stable, candidate } of evidence) expect(Math.min(stable.units, candidate.units)).toBeGreaterThan(0);
  });
  test.each([
    ['slower', 'slowly', /^HARM: slow is worse: \d+ of \d+ bad on the candidate, 0 of \d+ bad on stable\.$/],
    ['of less quality', 'roughly', /^HARM: quality is worse: 0\.500 on average of \d+ on the candidate, 0\.800 on average of \d+ on stable\.$/],
    ['ruder', 'rudely', /^HARM: rude is worse: /],
  ])('%s: taken back for cause', async (_name, words, reason) => {
    expect((await release(words, ['ROLLED_BACK'])).rollback).toMatchObject({ forCause: true, reason: expect.stringMatching(reason) as string });
  });
  test('three times as dear: it waits until a person says why', async () => {
    const { id } = await start(stack, await push(stack, text('at length')), { policy: 'all' });
    await until('its alarm', async () => (await gql(stack.api, stack.people.releaseManager, 'query($id: ID!) { release(id: $id) { holds } }', { id })).release.holds.includes('SIGNAL_ALARM'));
    await mutate(stack.api, stack.people.releaseManager, 'acknowledgeHold', { id, metric: 'cost', cause: 'longer answers were asked for' }, '{ id }');
    const { state, timeline } = await reaches(stack, id, ['PROMOTED'], 120_000);
    released.push({ id, state });
    expect(timeline.map(({ type }: Json) => type)).toContain('release.acknowledged');
  });
  test('the other way round nobody is asked: cheaper than stable is promoted', async () => {
    const { timeline } = await release('calmly again', ['PROMOTED']);
    expect(timeline.map(({ type }: Json) => type)).not.toContain('release.acknowledged');
  });
});

describe('R-545 better is shown by the same test at a margin of 0', () => {
  test('alike is not better: it goes back at the maximum, not for cause', async () => {
    expect((await release('softly', ['ROLLED_BACK'], 'compare')).rollback).toMatchObject({ forCause: false, reason: expect.stringMatching(/^STAGE_MAX/) as string });
  });
  test('better is promoted', async () => { await release('splendidly', ['PROMOTED'], 'compare'); });
});

describe('R-904 what a release was decided on can be had, and is decided again', () => {
  test('the lines of each release lead to the decision that was taken', async () => {
    expect(released.length).toBeGreaterThanOrEqual(7);
    for (const { id, state } of released) {
      const file = path.join(folder, `${id}.jsonl`);
      const lines = await slipway('release', 'receipts', id);
      writeFileSync(file, lines);
      expect(lines.split('\n').filter((line) => line.startsWith('{"receipt"')).length).toBeGreaterThan(0);
      const decided: Json = JSON.parse((await slipway('gate', 'replay', file)).trimEnd().split('\n').at(-1) ?? '');
      expect([id, decided.decision]).toEqual([id, state === 'PROMOTED' ? 'PROMOTE' : 'ROLLBACK']);
    }
  });
  test('another number in them does not', async () => {
    const [{ id } = { id: '' }] = released;
    const lines = (await slipway('release', 'receipts', id)).replace(/("candidate":\{"n":\d+,"k":)0/, '$11');
    writeFileSync(path.join(folder, 'forged.jsonl'), lines);
    await expect(slipway('gate', 'replay', path.join(folder, 'forged.jsonl'))).rejects.toMatchObject({ code: 1, stdout: expect.stringContaining('RECEIPT_MISMATCH') as string });
  });
});
