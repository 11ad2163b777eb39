import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resultsOf, rowsOf as readRows } from '../cli/evaluation-view.js';
import type { Client } from '../cli/client.js';
import { dataOrError } from '../cli/client.js';
import { answerId, permutationOf } from '../core/results/index.js';
import type { AnswerDoc, DatasetItemDoc, EvaluationDoc, ScoreDoc } from '../store/index.js';
import type { Reply } from '../test/harness.js';
import { furnished, listen, type Door, type World } from '../test/stand-ins.js';

const ITEMS = 12;
const SEED = 7;
const [CANDIDATE, BASELINE] = [`sha256:${'c'.repeat(64)}`, `sha256:${'b'.repeat(64)}`];
const answers = new Map<string, AnswerDoc>();
const scores = new Map<string, ScoreDoc>();
const at = new Date('2026-01-02T03:04:05.678Z');
let reads = 0;

const itemAt = (index: number): DatasetItemDoc => ({
  _id: `helpdesk/facts/1/${index}`, shape: 1, application: 'helpdesk', dataset: 'facts', index, itemDigest: `sha256:i${index}`,
  item: { id: `case-${index}`, variables: { question: `secret question ${index}` }, expected: `expected ${index}`, tags: index % 2 === 0 ? ['even'] : ['odd'], ...(index === 3 ? { hidden: true } : {}) },
});
function keep(digest: string, index: number, value: number, more: Partial<AnswerDoc> = {}): void {
  const id = answerId('helpdesk', digest, `sha256:i${index}`, 0);
  answers.set(id, { _id: id, shape: 1, application: 'helpdesk', bundle: digest, item: `sha256:i${index}`, repetition: 0, text: `answer ${index} of ${digest.slice(7, 8)}`, error: null, finishReason: 'stop', model: 'm', inputTokens: 10, outputTokens: 4, costUsd: 0.01, durationMs: 100 + index, at, expiresAt: at, ...more });
  if (more.error === undefined || more.error === null) scores.set(`${id}/sha256:e`, { _id: `${id}/sha256:e`, shape: 1, application: 'helpdesk', value, error: null, label: value === 1 ? 'right' : 'wrong', explanation: `said so of ${index}`, at, expiresAt: at });
}
const doc = (id: string, more: Partial<EvaluationDoc> = {}): EvaluationDoc => ({
  _id: id, shape: 1, application: 'helpdesk', identity: 'sha256:x', attempt: 1, state: 'RUNNING', verdict: null, error: null, progress: { items: 10, itemsTotal: ITEMS, calls: 20, errors: 1, costUsd: 0.2 },
  plan: { bundle: CANDIDATE, baseline: BASELINE, dataset: { name: 'facts', version: 1, digest: 'sha256:f', items: ITEMS }, evaluators: [{ name: 'knows', version: 1, digest: 'sha256:e', role: 'guardrail', margin: 0.1, floor: null }], policy: { name: 'usual', digest: 'sha256:p' }, repetitions: 1, callsMax: 100, seed: SEED },
  once: { key: id, args: 'sha256:a' }, requestedBy: { id: 'person:author', kind: 'person' }, createdAt: at, finishedAt: null, rev: 1, intents: [], ...more,
});

let w: World;
let door: Door;
let author: string;
let stranger: string;
beforeAll(async () => {
  const made = await furnished();
  w = { ...made, deps: {
    ...made.deps,
    datasets: { ...made.deps.datasets, items: (_application, _name, _version, indexes) => { reads += 1; return Promise.resolve([...indexes].sort((a, b) => a - b).map(itemAt)); } },
    evaluations: {
      ...made.deps.evaluations,
      answers: (_application, ids) => Promise.resolve(ids.flatMap((id) => answers.get(id) ?? [])), scores: (_application, ids) => Promise.resolve(ids.flatMap((id) => scores.get(id) ?? [])),
    },
  } };
  for (let index = 0; index < ITEMS; index += 1) { keep(CANDIDATE, index, index < 4 ? 0 : 1); keep(BASELINE, index, 1); }
  keep(CANDIDATE, 5, 0, { error: 'timeout', text: null, costUsd: null });
  scores.delete(`${answerId('helpdesk', CANDIDATE, 'sha256:i5', 0)}/sha256:e`);
  for (const one of [doc('E1'), doc('E2', { plan: { ...doc('E2').plan, baseline: 'none' } })]) w.evaluations.set(one._id, one);
  author = w.session('author', [{ application: 'helpdesk', role: 'AUTHOR' }]);
  stranger = w.session('stranger', [{ application: 'billing', role: 'ADMIN' }]);
  door = await listen(w);
});
afterAll(() => door.close());

const ROWS = `query($id: ID!, $filter: RowFilterInput, $order: RowOrder, $first: Int!, $after: String) { evaluation(id: $id) { rows(filter: $filter, order: $order, first: $first, after: $after) { total pageInfo { hasNextPage endCursor }
  nodes { item position tags hidden expected variables { name value } scores { evaluator outcome difference candidate { value error label explanation } baseline { value label } } candidate { text error costUsd inputTokens outputTokens durationMs } baseline { text } } } } }`;
const ask = (variables: object, token = author): Promise<Reply> => door.post(token, ROWS, { id: 'E1', first: 100, ...variables });
const rowsOf = async (variables: object = {}): Promise<{ nodes: Record<string, any>[]; total: number; pageInfo: { hasNextPage: boolean; endCursor: string | null } }> => {   // eslint-disable-line @typescript-eslint/no-explicit-any -- read by the test alone
  const reply = await ask(variables);
  if (reply.json.errors) throw new Error(reply.text);
  return reply.json.data['evaluation'].rows;
};
const used = permutationOf(ITEMS, SEED).slice(0, 10);

describe('R-960 a row is both arms\' scores of one case, and what is an error or no longer kept is never a number', () => {
  test('the cases it has used, as they were asked, with scores, texts, tokens, cost and time', async () => {
    const { nodes, total } = await rowsOf();
    expect(total).toBe(10);
    expect(nodes.map(({ item }) => item)).toEqual(used.map((index) => `case-${index}`));
    const index = used.find((one) => one > 5) ?? 0;
    expect(nodes.find(({ item }) => item === `case-${index}`)).toMatchObject({
      hidden: false, expected: `expected ${index}`, variables: [{ name: 'question', value: `secret question ${index}` }], scores: [{ evaluator: 'knows', outcome: 'SAME', difference: 0, candidate: { value: 1, label: 'right', explanation: `said so of ${index}` } }],
      candidate: [{ text: `answer ${index} of c`, error: null, costUsd: 0.01, inputTokens: 10, outputTokens: 4, durationMs: 100 + index }], baseline: [{ text: `answer ${index} of b` }],
    });
  });
  test('pages do not overlap and end', async () => {
    const first = await rowsOf({ first: 7, order: 'WORST' });
    expect(first.pageInfo).toEqual({ hasNextPage: true, endCursor: '7' });
    const second = await rowsOf({ first: 7, after: '7', order: 'WORST' });
    expect(second.pageInfo.hasNextPage).toBe(false);
    expect(new Set([...first.nodes, ...second.nodes].map(({ item }) => item)).size).toBe(10);
  });
  test.each([['a page of none', { first: 0 }], ['a page of too many', { first: 101 }], ['no cursor of a page', { after: 'abc' }]])('%s is refused', async (_name, more) => {
    expect((await ask(more)).json.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_INPUT' });
  });
});

describe('R-961 the worst cases come first, and a filter lets through what it names', () => {
  test('losses and errors before what is equal', async () => {
    const { nodes } = await rowsOf({ order: 'WORST' });
    const outcomes = nodes.filter(({ hidden }) => !hidden).map(({ scores: [one] }) => one.outcome as string);
    expect(outcomes.slice(outcomes.findIndex((one) => one === 'SAME'))).toEqual(outcomes.filter((one) => one === 'SAME'));
    expect(outcomes[0]).not.toBe('SAME');
  });
  test('by outcome and tag', async () => {
    const errors = await rowsOf({ filter: { outcome: 'ERROR' } });
    expect(errors.nodes.map(({ item }) => item)).toEqual(used.includes(5) ? ['case-5'] : []);
    const odd = await rowsOf({ filter: { tag: 'odd', outcome: 'REGRESSED', evaluator: 'knows' } });
    expect(odd.nodes.map(({ item }) => item)).toEqual(used.filter((index) => index === 1).map((index) => `case-${index}`));
  });
});

describe('R-962 of a hidden case nobody is told more than its id and its tags', () => {
  test('no text, no score, no question', async () => {
    const hidden = (await rowsOf({ filter: { tag: 'odd' } })).nodes.find(({ hidden: is }) => is);
    expect(used).toContain(3);
    expect(hidden).toMatchObject({ item: 'case-3', tags: ['odd'], hidden: true, expected: null, variables: [], scores: [], candidate: [], baseline: [] });
  });
  test('nor is it found by what it scored', async () => {
    expect((await rowsOf({ filter: { outcome: 'REGRESSED' } })).nodes.map(({ item }) => item)).not.toContain('case-3');
    expect((await rowsOf({ order: 'WORST' })).nodes.at(-1)?.['item']).toBe('case-3');
  });
});

describe('R-965 what the rows say together is told per evaluator, per arm and per tag', () => {
  const RESULTS = 'query($id: ID!) { evaluation(id: $id) { results { rows kept evaluators { evaluator kind role n regressed improved same errors candidate { estimate } difference { estimate lower upper } needed more } arms { arm bundle answers errors costUsd inputTokens latencyMs { p50 p99 } length } tags { tag evaluator n regressed difference { estimate } } } rows(first: 1) { total } } }';
  const results = async (id: string): Promise<Record<string, any>> => { const reply = await door.post(author, RESULTS, { id }); if (reply.json.errors) throw new Error(reply.text); return reply.json.data['evaluation'].results; };   // eslint-disable-line @typescript-eslint/no-explicit-any -- read by the test alone
  test('while it runs they are counted from the rows; an error is in the mean as 0', async () => {
    const found = await results('E1');
    const bad = used.filter((index) => index < 4 || index === 5).length;
    expect(found).toMatchObject({ rows: 10, kept: true, evaluators: [{ evaluator: 'knows', kind: 'EXACT', role: 'GUARDRAIL', n: 10, errors: used.includes(5) ? 1 : 0, improved: 0, needed: null, more: null }] });
    expect(found['evaluators'][0].difference.estimate).toBeCloseTo(-bad / 10);
    expect(found['arms']).toMatchObject([{ arm: 'CANDIDATE', bundle: CANDIDATE, answers: 10 }, { arm: 'BASELINE', bundle: BASELINE, answers: 10, errors: 0, inputTokens: 100 }]);
    expect(found['tags'].reduce((sum: number, { n }: { n: number }) => sum + n, 0)).toBe(9);
  });
  test('without a baseline there is one arm and no difference', async () => {
    expect(await results('E2')).toMatchObject({ evaluators: [{ difference: null }], arms: [{ arm: 'CANDIDATE' }] });
  });
  test('with a verdict its evidence is what is told, also when answers are no longer kept', async () => {
    const test_ = { test: 'MARGIN' as const, limit: -0.1, logEPass: 4, passThreshold: 3, logEFail: 0, failThreshold: 3, needed: 80, more: 0 };
    w.evaluations.set('E3', doc('E3', { state: 'FINISHED', plan: { ...doc('E3').plan, bundle: `sha256:${'d'.repeat(64)}` }, verdict: { kind: 'PASS', evidence: { items: 9, available: ITEMS, evaluators: [{ evaluator: 'knows', role: 'guardrail', n: 9, errors: { candidate: 0, baseline: 0 }, meanCandidate: 0.9, meanBaseline: 0.8, dbar: 0.1, sd: 0.2, tests: [test_] }] } } }));
    expect(await results('E3')).toMatchObject({ rows: 9, kept: false, evaluators: [{ n: 9, candidate: null, difference: { estimate: 0.1 }, needed: 80, more: 0 }], arms: [{ costUsd: null, latencyMs: null }, { costUsd: null }] });
  });
  test('rows and results of one request are read once', async () => {
    reads = 0;
    await results('E1');
    expect(reads).toBe(2);   // all cases, and the page
  });
});

describe('R-967 a report says the verdict, the paired difference with its interval, the worst cases side by side, the cost, and how many cases were needed', () => {
  const client: Client = { url: '', key: '', ask: async <T>(query: string, variables = {}) => { const reply = await door.post(author, query, variables); return dataOrError<T>(reply.json, 200); }, mutate: () => Promise.reject(new Error('nothing is changed')) };
  test('what the command line asks for is within the limits of the API, and comes as it reads it', async () => {
    expect(await resultsOf(client, 'E1')).toMatchObject({ id: 'E1', application: 'helpdesk', progress: { items: 10, savedUsd: null }, results: { rows: 10, evaluators: [{ kind: 'EXACT' }] } });
    const { rows, total, sample } = await readRows(client, 'E1', 4);
    expect([rows.length, total, sample.length]).toEqual([4, 10, 10]);
    expect(sample.map(({ item }) => item)).toEqual(used.map((index) => `case-${index}`));
  });
  test('of a list of evaluations only a few may be read so', async () => {
    for (let i = 0; i < 8; i += 1) w.evaluations.set(`L${i}`, doc(`L${i}`));
    const reply = await door.post(author, '{ evaluations(application: "helpdesk", first: 20) { nodes { results { rows } } } }');
    for (let i = 0; i < 8; i += 1) w.evaluations.delete(`L${i}`);
    expect(reply.json.errors?.[0]?.extensions).toMatchObject({ code: 'TOO_LARGE' });
  });
});

describe('R-966 rows and results are read by whoever may read the evaluation, and by nobody else', () => {
  test('another application\'s person finds nothing', async () => { expect((await ask({}, stranger)).json.data).toEqual({ evaluation: null }); });
  test('nor does who has no key', async () => { expect((await door.post(null, ROWS, { id: 'E1', first: 1 })).json.errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED' }); });
});
