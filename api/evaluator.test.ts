import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Reply } from '../test/harness.js';
import { furnished, listen, type Door, type World } from '../test/stand-ins.js';

let w: World;
let door: Door;
let author: string;
beforeAll(async () => {
  w = await furnished();
  author = w.session('author', [{ application: 'helpdesk', role: 'AUTHOR' }]);
  door = await listen(w);
});
afterAll(() => door.close());

let calls = 0;
const create = (input: object): Promise<Reply> => {
  calls += 1;
  return door.post(author, 'mutation($input: CreateEvaluatorVersionInput!) { createEvaluatorVersion(input: $input) { version kind digest spec } }', { input: { application: 'helpdesk', name: `made-${calls}`, idempotencyKey: `the-key-of-call-${calls}`, ...input } });
};
const made = (reply: Reply): { readonly kind: string; readonly digest: string; readonly spec: unknown } => {
  if (reply.json.errors) throw new Error(reply.text);
  return reply.json.data['createEvaluatorVersion'] as { readonly kind: string; readonly digest: string; readonly spec: unknown };
};

describe('R-282 a judge is pinned by its model\'s digest, and does not judge itself', () => {
  const judged = { kind: 'LLM_JUDGE', rubric: 'Is it right?', scale: 'ONE_TO_FIVE' };
  test('the newest version, or the one that is named, with its digest', async () => {
    const [model] = w.models;
    const pinned = { name: 'main', version: 1, digest: model?.digest };
    expect(made(await create({ ...judged, judge: { model: 'main' } })).spec).toEqual({ kind: 'llmJudge', judge: pinned, rubric: 'Is it right?', scale: 'oneToFive', reference: false });
    expect(made(await create({ kind: 'FAITHFULNESS', judge: { model: 'main', version: 1 }, question: 'q', context: 'c' })).spec).toEqual({ kind: 'faithfulness', judge: pinned, question: 'q', context: 'c' });
  });
  test.each([['a model that is not there', { model: 'other' }], ['a version that is not there', { model: 'main', version: 7 }]])('%s is not found, and nothing is saved', async (_name, judge) => {
    expect((await create({ ...judged, judge })).json.errors?.[0]?.extensions).toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('R-283 each kind of evaluator takes its own settings, all of them, and refuses the others', () => {
  test('enums and lists arrive as our words', async () => {
    expect(made(await create({ kind: 'PII', detect: ['EMAIL', 'IBAN'] })).spec).toEqual({ kind: 'pii', detect: ['email', 'iban'] });
    expect(made(await create({ kind: 'NUMERIC', reads: 'LAST', absolute: 0.5 }))).toMatchObject({ kind: 'NUMERIC', spec: { kind: 'numeric', reads: 'last', decimal: 'point', absolute: 0.5 } });
  });
  test('what is left out and what is null are one content', async () => {
    expect(made(await create({ kind: 'EXACT', trim: null })).digest).toBe(made(await create({ kind: 'EXACT' })).digest);
  });
  test.each<[string, object]>([['another kind\'s setting', { kind: 'LATENCY', targetMs: 5, pattern: 'x' }], ['a limit below its target', { kind: 'LATENCY', targetMs: 5, limitMs: 1 }], ['a judge without a rubric', { kind: 'PAIRWISE', judge: { model: 'main' } }]])('%s is refused', async (_name, input) => {
    expect((await create(input)).json.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_INPUT' });
  });
});
