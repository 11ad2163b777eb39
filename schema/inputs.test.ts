import { buildSchema, isInputObjectType, type GraphQLEnumType, type GraphQLInputObjectType } from 'graphql';
import { describe, expect, test } from 'vitest';
import { BadInputError, TooLargeError } from '../core/errors.js';
import { CreateApiKeyInput, CreateApplicationInput, RevokeApiKeyInput } from './application.js';
import { CreateBundleInput, CreateConnectionInput, CreateContextVersionInput, CreateGuardrailPolicyInput, CreateModelVersionInput } from './bundle.js';
import { CalibrateJudgeInput } from './calibration.js';
import { AddDatasetPartInput, CELL_BYTES_MAX, DATASET_ITEMS_MAX, ImportDatasetVersionInput, caseOf } from './dataset.js';
import { LiftQuarantineInput, RollbackEnvironmentInput } from './environment.js';
import { CancelEvaluationInput, CreateEvaluatorVersionInput, StartEvaluationInput } from './evaluation.js';
import { typeDefs } from './index.js';
import { RecordFeedbackInput } from './observation.js';
import { PageArguments } from './page.js';
import { CreatePromptVersionInput } from './prompt.js';
import { read } from './read.js';
import {
  AcknowledgeHoldInput, ApproveReleaseInput, CancelReleaseInput, PauseReleaseInput, PutRolloutPolicyInput, RejectReleaseInput, ResumeReleaseInput, RollbackReleaseInput, StartReleaseInput,
} from './release.js';

const idempotencyKey = 'a-key-of-the-test';
const application = 'helpdesk';
const digest = `sha256:${'a'.repeat(64)}`;
const prompt = { application, prompt: 'answer', messages: [{ role: 'system', content: 'Use {{passage}}.' }, { role: 'user', content: '{{question}}' }], variables: ['passage', 'question'], message: 'm', idempotencyKey };
const policy = { application, name: 'usual', evaluation: { dataset: 'facts', evaluators: [{ name: 'knows', margin: 0.1 }] }, metrics: [{ name: 'error' }], idempotencyKey };
const dataset = { application, name: 'facts', items: [{ id: 'one', variables: [{ name: 'q', value: 'a' }], expected: 'x', contains: ['y'], tags: ['z'] }], idempotencyKey };
const act = { id: 'R1', reason: 'r', idempotencyKey };
const byEnvironment = { application, environment: 'production', idempotencyKey };

/** One good input for each shape, under the name of its type in the SDL. */
const GOOD = {
  CreateApplicationInput: [CreateApplicationInput, { key: application, team: 't', owner: 'o', deputy: 'd', tier: 'LOW', purpose: 'p', environments: [{ name: 'production' }, { name: 'dev' }], idempotencyKey }],
  CreateApiKeyInput: [CreateApiKeyInput, { application, kind: 'ap', name: 'web', environment: 'production', scopes: ['serve'], idempotencyKey }],
  RevokeApiKeyInput: [RevokeApiKeyInput, { application, id: 'abcdefgh', reason: 'r', idempotencyKey }],
  CreatePromptVersionInput: [CreatePromptVersionInput, prompt],
  CreateConnectionInput: [CreateConnectionInput, { application, name: 'openai', kind: 'openai-compatible', baseUrl: 'https://api.example.com/v1', secretRef: 'env:OPENAI_API_KEY', requestsPerMin: 600, concurrencyMax: 20, idempotencyKey }],
  CreateModelVersionInput: [CreateModelVersionInput, { application, name: 'main', connection: 'openai', model: 'm-2026-01-01', parameters: { temperature: 0 }, safety: [{ name: 'hate', value: 'block' }], priceUsdPerMTok: { input: 1, output: 2 }, idempotencyKey }],
  CreateContextVersionInput: [CreateContextVersionInput, { application, name: 'handbook', embeddingModel: 'e', index: 'i', topK: 3, idempotencyKey }],
  CreateGuardrailPolicyInput: [CreateGuardrailPolicyInput, { application, name: 'pii', checks: [{ name: 'pii', kind: 'regex', threshold: 0.5 }], idempotencyKey }],
  CreateBundleInput: [CreateBundleInput, { application, prompts: [{ name: 'answer', version: 1 }], tools: [{ name: 'search', schema: { type: 'object', default: null } }], idempotencyKey }],
  ImportDatasetVersionInput: [ImportDatasetVersionInput, dataset], AddDatasetPartInput: [AddDatasetPartInput, dataset],
  CreateEvaluatorVersionInput: [CreateEvaluatorVersionInput, { application, name: 'knows', kind: 'contains', mode: 'all', ignoreCase: true, idempotencyKey }],
  StartEvaluationInput: [StartEvaluationInput, { ...byEnvironment, candidate: { prompt: 'answer', version: 1 }, policy: 'usual', commit: 'abc' }],
  CancelEvaluationInput: [CancelEvaluationInput, act],
  CalibrateJudgeInput: [CalibrateJudgeInput, { application, evaluator: 'polite', version: 1, dataset: 'labels', datasetVersion: 2, callsMax: 500, spendMaxUsd: 1.5, idempotencyKey }],
  PutRolloutPolicyInput: [PutRolloutPolicyInput, policy],
  StartReleaseInput: [StartReleaseInput, { ...byEnvironment, candidate: { bundle: digest }, policy: 'usual', message: 'm' }],
  ApproveReleaseInput: [ApproveReleaseInput, { id: 'R1', comment: 'c', idempotencyKey }], RejectReleaseInput: [RejectReleaseInput, act], PauseReleaseInput: [PauseReleaseInput, act], ResumeReleaseInput: [ResumeReleaseInput, act],
  CancelReleaseInput: [CancelReleaseInput, act], AcknowledgeHoldInput: [AcknowledgeHoldInput, { id: 'R1', metric: 'error', cause: 'c', idempotencyKey }], RollbackReleaseInput: [RollbackReleaseInput, act],
  RollbackEnvironmentInput: [RollbackEnvironmentInput, { ...byEnvironment, reason: 'r' }], LiftQuarantineInput: [LiftQuarantineInput, { ...byEnvironment, digest, reason: 'r' }],
  RecordFeedbackInput: [RecordFeedbackInput, { application, token: '1.x', label: 'thumbs_down', value: 1, comment: 'c', idempotencyKey }],
} as const;

describe('R-140 every input of the SDL has one shape, and the same fields', () => {
  const schema = buildSchema(typeDefs.join('\n'));
  const inputs = Object.values(schema.getTypeMap()).filter(isInputObjectType);
  const named = Object.values(schema.getMutationType()?.getFields() ?? {}).map((field) => String(field.args[0]?.type).replace('!', ''));
  test('there is one for every mutation', () => { expect(Object.keys(GOOD).sort()).toEqual([...named].sort()); });
  test.each(Object.entries(GOOD))('%s takes what it should', (_name, [shape, good]) => { expect(() => read(shape, good)).not.toThrow(); });
  test.each(Object.entries(GOOD))('%s knows no field that the SDL does not', (name, [, good]) => {
    const fields = Object.keys(inputs.find((type) => type.name === name)?.getFields() ?? {});
    expect(Object.keys(good).filter((field) => !fields.includes(field))).toEqual([]);
  });
});

describe('R-141 an input with an unknown, missing or impossible field is refused, never guessed', () => {
  test.each(Object.entries(GOOD))('%s with a misspelt field', (_name, [shape, good]) => { expect(() => read(shape, { ...good, idempotencykey: 'x' })).toThrow(BadInputError); });
  test.each(Object.entries(GOOD).flatMap(([name, [shape, good]]) => Object.keys(good).map((field) => [name, field, shape, good] as const)))('%s with a %s of another type', (_name, field, shape, good) => {
    expect(() => read(shape, { ...good, [field]: Symbol.iterator in Object((good as Record<string, unknown>)[field]) && typeof (good as Record<string, unknown>)[field] !== 'string' ? 'text' : [{ no: 1 }] })).toThrow(BadInputError);
  });
  test.each(Object.entries(GOOD))('%s with a key that is too short, too long, or has a space', (_name, [shape, good]) => {
    for (const bad of ['1234567', 'x'.repeat(129), 'two words', '', undefined]) expect(() => read(shape, { ...good, idempotencyKey: bad })).toThrow(BadInputError);
  });
  const keys = [CreateApiKeyInput, GOOD.CreateApiKeyInput[1]] as const;
  const app = [CreateApplicationInput, GOOD.CreateApplicationInput[1]] as const;
  const connection = [CreateConnectionInput, GOOD.CreateConnectionInput[1]] as const;
  const model = [CreateModelVersionInput, GOOD.CreateModelVersionInput[1]] as const;
  const evaluator = [CreateEvaluatorVersionInput, GOOD.CreateEvaluatorVersionInput[1]] as const;
  const start = [StartReleaseInput, GOOD.StartReleaseInput[1]] as const;
  const feedback = [RecordFeedbackInput, GOOD.RecordFeedbackInput[1]] as const;
  test.each<[string, RegExp, Parameters<typeof read>[0], object]>([
    ['a key in capitals', /key/, app[0], { ...app[1], key: 'Helpdesk' }], ['a key of one letter', /key/, app[0], { ...app[1], key: 'h' }], ['a key that would be a path', /key/, app[0], { ...app[1], key: 'a/b' }],
    ['no environment', /environments/, app[0], { ...app[1], environments: [] }], ['an environment twice', /environments\.1/, app[0], { ...app[1], environments: [{ name: 'dev' }, { name: 'dev' }] }], ['21 environments', /environments/, app[0], { ...app[1], environments: Array.from({ length: 21 }, (_, i) => ({ name: `e${String(i)}` })) }],
    ['an unknown tier', /tier/, app[0], { ...app[1], tier: 'NONE' }], ['an empty owner', /owner/, app[0], { ...app[1], owner: '  ' }], ['half a character', /purpose/, app[0], { ...app[1], purpose: '\ud800' }],
    ['an application key without scopes', /scopes/, keys[0], { ...keys[1], scopes: undefined }], ['one with a scope twice', /scopes/, keys[0], { ...keys[1], scopes: ['serve', 'serve'] }], ['one for ever', /lifeDays/, keys[0], { ...keys[1], lifeDays: 366 }],
    ['a CI key with an environment', /environment/, keys[0], { application, kind: 'ci', name: 'n', environment: 'production', idempotencyKey }], ['a session with a life', /lifeDays/, keys[0], { application, kind: 'st', name: 'n', lifeDays: 9, idempotencyKey }],
    ['a secret instead of a reference', /secretRef/, connection[0], { ...connection[1], secretRef: 'sk-1234' }], ['a URL with a password', /baseUrl/, connection[0], { ...connection[1], baseUrl: 'https://u:p@api.example.com' }],
    ['a URL of a file', /baseUrl/, connection[0], { ...connection[1], baseUrl: 'file:///etc/passwd' }], ['a URL with a query', /baseUrl/, connection[0], { ...connection[1], baseUrl: 'https://api.example.com/?key=1' }],
    ['a temperature above 2', /parameters\.temperature/, model[0], { ...model[1], parameters: { temperature: 2.1 } }], ['a parameter nobody knows', /parameters/, model[0], { ...model[1], parameters: { temprature: 1 } }], ['a setting twice', /safety/, model[0], { ...model[1], safety: [{ name: 'a', value: '1' }, { name: 'a', value: '2' }] }],
    ['a secret out of another folder', /secretRef/, connection[0], { ...connection[1], secretRef: 'file:../signing' }], ['a rate of nothing', /requestsPerMin/, connection[0], { ...connection[1], requestsPerMin: 0 }], ['a wire nobody speaks', /kind/, connection[0], { ...connection[1], kind: 'gemini' }],
    ['a price of something else', /priceUsdPerMTok/, model[0], { ...model[1], priceUsdPerMTok: { input: 1, output: 1, cached: 1 } }], ['a cap of no money', /spendMaxUsd/, PutRolloutPolicyInput, { ...policy, evaluation: { ...policy.evaluation, spendMaxUsd: 0 } }],
    ['a negative price', /priceUsdPerMTok/, model[0], { ...model[1], priceUsdPerMTok: { input: -1, output: 0 } }],
    ['a bundle of nothing', /names no part/, CreateBundleInput, { application, from: 'production', idempotencyKey }], ['a part twice', /prompts\.1/, CreateBundleInput, { application, prompts: [{ name: 'a', version: 1 }, { name: 'a', version: 2 }], idempotencyKey }],
    ['a schema that is a list', /schema/, CreateBundleInput, { application, tools: [{ name: 't', schema: [] }], idempotencyKey }], ['a schema without a bottom', /schema/, CreateBundleInput, { application, tools: [{ name: 't', schema: JSON.parse(`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`) as object }], idempotencyKey }],
    ['a schema without an end', /schema/, CreateBundleInput, { application, tools: [{ name: 't', schema: { a: 'x'.repeat(70_000) } }], idempotencyKey }],
    ['a pattern for an evaluator that has none', /pattern/, evaluator[0], { ...evaluator[1], pattern: 'x' }], ['a mode nobody knows', /mode/, evaluator[0], { ...evaluator[1], mode: 'some' }],
    ['a candidate that is both', /candidate/, start[0], { ...start[1], candidate: { bundle: digest, prompt: 'a', version: 1 } }], ['a digest in capitals', /candidate/, start[0], { ...start[1], candidate: { bundle: digest.toUpperCase() } }], ['version 0', /candidate/, start[0], { ...start[1], candidate: { prompt: 'a', version: 0 } }],
    ['a value above 1', /value/, feedback[0], { ...feedback[1], value: 2 }], ['a value that is no number', /value/, feedback[0], { ...feedback[1], value: Number.NaN }], ['a comment without end', /comment/, feedback[0], { ...feedback[1], comment: 'x'.repeat(4_001) }],
    ['a weight above all traffic', /stages\.0\.weightBp/, PutRolloutPolicyInput, { ...policy, stages: [{ weightBp: 10_001, durationMinSec: 60 }] }], ['no stage at all', /stages/, PutRolloutPolicyInput, { ...policy, stages: [] }],
    ['an objective of nothing', /objectiveMs/, PutRolloutPolicyInput, { ...policy, metrics: [{ name: 'slow', objectiveMs: 0 }] }], ['an unknown kind', /kind/, PutRolloutPolicyInput, { ...policy, metrics: [{ name: 'x', kind: 'median' }] }],
    ['a topline of all', /topline/, PutRolloutPolicyInput, { ...policy, topline: [{ metric: 'error', max: 1 }] }], ['a topline twice', /topline/, PutRolloutPolicyInput, { ...policy, topline: [{ metric: 'error', max: 0.1 }, { metric: 'error', max: 0.2 }] }],
    ['a watch for ever', /watchSec/, PutRolloutPolicyInput, { ...policy, watchSec: 86_400 * 31 }], ['a cap of nothing', /cap/, PutRolloutPolicyInput, { ...policy, metrics: [{ name: 'cost', cap: 0 }] }],
    ['a misspelt limit', /bake/, PutRolloutPolicyInput, { ...policy, bake: { holdbackbp: 500 } }], ['no metric', /metrics/, PutRolloutPolicyInput, { ...policy, metrics: [] }], ['a half second', /blockSec/, PutRolloutPolicyInput, { ...policy, blockSec: 0.5 }],
    ['alpha of 1', /alpha\.harm/, PutRolloutPolicyInput, { ...policy, alpha: { harm: 1 } }], ['no evaluator', /evaluators/, PutRolloutPolicyInput, { ...policy, evaluation: { dataset: 'facts', evaluators: [] } }],
    ['a reason of blanks', /reason/, RejectReleaseInput, { ...act, reason: ' ' }], ['an id that is a query', /id/, RejectReleaseInput, { ...act, id: { $ne: null } }], ['an id with a blank', /id/, RejectReleaseInput, { ...act, id: 'a b' }],
  ])('%s', (_name, words, shape, value) => {
    expect(() => read(shape, value)).toThrow(BadInputError);
    expect(() => read(shape, value)).toThrow(words);
  });
  test('what the message names, and what the hint allows', () => {
    try { read(PutRolloutPolicyInput, { ...policy, leaseMs: 1 }); } catch (error) {
      expect(error).toMatchObject({ code: 'BAD_INPUT', message: expect.stringMatching(/^leaseMs: /) as string, hint: 'leaseMs is at least 5000.' });
      return;
    }
    expect.unreachable();
  });
  test('an explicit null is a field left out, but not inside somebody\'s JSON', () => {
    expect(read(RollbackReleaseInput, { id: 'R1', reason: null, idempotencyKey })).toEqual({ id: 'R1', idempotencyKey });
    expect(read(CreateBundleInput, GOOD.CreateBundleInput[1]).tools).toEqual([{ name: 'search', schema: { type: 'object', default: null } }]);
    expect(() => read(RejectReleaseInput, { ...act, reason: null })).toThrow(BadInputError);
  });
});

describe('R-142 a template says which variables it takes, all of them and no others', () => {
  const with_ = (content: string, variables: readonly string[]): unknown => ({ ...prompt, messages: [{ role: 'user', content }], variables });
  test.each<[string, string, readonly string[], RegExp]>([
    ['undeclared', '{{a}} {{b}}', ['a'], /messages\.0\.content: \{\{b\}\} is not declared/], ['declared and unused', '{{a}}', ['a', 'b'], /variables\.1: b is declared/], ['declared twice', '{{a}}', ['a', 'a'], /variables\.1/],
    ['logic', '{{#if a}}x{{/if}}', ['a'], /not a placeholder/], ['half a placeholder', 'x {{a', ['a'], /not a placeholder/], ['a name that is none', '{{a b}}', ['a'], /not a placeholder/], ['a variable that is none', '{{a}}', ['a', '1x'], /variables\.1/],
  ])('%s', (_name, content, variables, words) => { expect(() => read(CreatePromptVersionInput, with_(content, variables))).toThrow(words); });
  test('no variable at all', () => { expect(read(CreatePromptVersionInput, with_('hello', [])).variables).toEqual([]); });
});

describe('R-143 a dataset names its faulty row, and states its limits', () => {
  const item = dataset.items[0];
  const with_ = (items: readonly unknown[]): unknown => ({ ...dataset, items });
  test('an item id twice', () => { expect(() => read(ImportDatasetVersionInput, with_([item, { ...item, id: 'two' }, item]))).toThrow(/items\.2: item one is there twice, first at 0/); });
  test.each<[string, object]>([
    ['expected', { expected: 'x'.repeat(CELL_BYTES_MAX + 1) }], ['a variable', { variables: [{ name: 'q', value: 'ä'.repeat(CELL_BYTES_MAX / 2 + 1) }] }], ['contains', { contains: ['ok', 'x'.repeat(CELL_BYTES_MAX + 1)] }],
  ])('a cell above 64 KiB: %s', (_name, more) => {
    expect(() => read(ImportDatasetVersionInput, with_([item, { ...item, id: 'two', ...more }]))).toThrow(TooLargeError);
    expect(() => read(ImportDatasetVersionInput, with_([item, { ...item, id: 'two', ...more }]))).toThrow(/items\.1\..*65536/);
  });
  test('a cell of exactly 64 KiB', () => { expect(() => read(ImportDatasetVersionInput, with_([{ ...item, expected: 'x'.repeat(CELL_BYTES_MAX) }]))).not.toThrow(); });
  test.each<[string, readonly unknown[]]>([
    ['no item', []], ['too many', Array.from({ length: DATASET_ITEMS_MAX + 1 }, (_, i) => ({ id: `i${String(i)}`, variables: [] }))], ['an item without an id', [{ variables: [] }]], ['a variable twice', [{ ...item, variables: [{ name: 'q', value: '1' }, { name: 'q', value: '2' }] }]],
    ['an empty text to look for', [{ ...item, contains: [''] }]], ['an id with a blank', [{ ...item, id: 'a b' }]],
    ['a NUL', [{ ...item, expected: 'a\u0000' }]], ['half a character', [{ ...item, tags: ['\ud800'] }]], ['a variable __proto__', [{ ...item, variables: [{ name: '__proto__', value: 'x' }] }]], ['a conversation that ends with the assistant', [{ ...item, messages: [{ role: 'assistant', content: 'x' }] }]],
    ['a system turn', [{ ...item, messages: [{ role: 'system', content: 'x' }, { role: 'user', content: 'y' }] }]], ['a source of no form', [{ ...item, source: { kind: 'url', ref: 'javascript:x' } }]], ['a tool order of no kind', [{ ...item, toolCalls: { order: 'some', calls: [] } }]],
    ['a key constructor in a schema', [{ ...item, toolCalls: { order: 'any', calls: [{ name: 'a', arguments: { constructor: 1 } }] } }]],
  ])('%s', (_name, items) => { expect(() => read(ImportDatasetVersionInput, with_(items))).toThrow(BadInputError); });
  test('every field of a case comes through as it is kept, a null in a schema too; hidden: false is left out', () => {
    const more = { split: 'test', hidden: true, source: { kind: 'trace', ref: '4bf9' }, messages: [{ role: 'user', content: 'Hi' }], toolCalls: { order: 'any', calls: [{ name: 'find', arguments: { enum: ['x', null] } }, { name: 'book' }] } };
    const { items = [] } = read(ImportDatasetVersionInput, with_([{ ...item, ...more }, { id: 'two', variables: [], hidden: false }]));
    expect(items.map(caseOf)).toEqual([{ id: 'one', variables: { q: 'a' }, expected: 'x', contains: ['y'], tags: ['z'], ...more }, { id: 'two', variables: {} }]);
  });
  const { items: _items, ...without } = dataset;
  test('parts in the place of items: one of both, each part once, all within the limit', () => {
    const part = (letter: string, items = 5_000): object => ({ digest: `sha256:${letter.repeat(64)}`, items });
    expect(() => read(ImportDatasetVersionInput, { ...without, parts: [part('a'), part('b')] })).not.toThrow();
    expect(() => read(ImportDatasetVersionInput, without)).toThrow(/either items, or parts/);
    expect(() => read(ImportDatasetVersionInput, { ...dataset, parts: [part('a')] })).toThrow(/either items, or parts/);
    expect(() => read(ImportDatasetVersionInput, { ...without, parts: [part('a'), part('a')] })).toThrow(/is there twice/);
    expect(() => read(ImportDatasetVersionInput, { ...without, parts: [...'abcde'].map((letter) => part(letter)) })).toThrow(TooLargeError);
  });
});

describe('R-144 every list is read in pages of at most 100', () => {
  test.each([0, 101, 1.5, Number.NaN, '10', null])('not %s', (first) => { expect(() => read(PageArguments, { first })).toThrow(BadInputError); });
  test('a cursor is a text', () => { expect(read(PageArguments, { first: 100, after: null })).toEqual({ first: 100 }); expect(() => read(PageArguments, { first: 1, after: 5 })).toThrow(BadInputError); });
});

describe('R-283 each kind of evaluator takes its own settings, all of them, and refuses the others', () => {
  const judge = { model: 'judge', version: 2 };
  const judged = { judge, rubric: 'r', reference: true, variables: ['q'] };
  /** Every setting of every kind. */
  const FULL: Readonly<Record<string, object>> = {
    exact: { ignoreCase: true, trim: true }, contains: { mode: 'any', ignoreCase: true }, regex: { pattern: 'a' }, jsonSchema: { schema: { type: 'object' } }, numeric: { reads: 'last', decimal: 'comma', absolute: 0, relative: 0.1 }, rougeL: { threshold: 0.5 }, bleu: { threshold: 0.5 },
    editDistance: { ignoreCase: true, trim: true, threshold: 0.5 }, latency: { targetMs: 500, limitMs: 1_000 }, cost: { targetUsd: 0.01, limitUsd: 0.02 }, toolCalls: {}, refusal: { wants: 'refusal' }, pii: { detect: ['email', 'iban'] }, semantic: { threshold: 0.8 }, consistency: { by: 'meaning', threshold: 0.9 },
    llmJudge: { ...judged, scale: 'oneToFive' }, pairwise: judged, contextRelevance: { judge, question: 'q', context: 'c' }, faithfulness: { judge, question: 'q', context: 'c' }, answerCorrectness: { judge, question: 'q' },
  };
  const of = (kind: string, settings: object): unknown => ({ application, name: 'knows', kind, idempotencyKey, ...settings });
  const schema = buildSchema(typeDefs.join('\n'));
  test('the kinds are those of the SDL, and so are the settings', () => {
    const kinds = schema.getType('EvaluatorKind') as GraphQLEnumType;
    expect(kinds.getValues()).toHaveLength(Object.keys(FULL).length);
    const fields = Object.keys((schema.getType('CreateEvaluatorVersionInput') as GraphQLInputObjectType).getFields());
    expect([...new Set(Object.values(FULL).flatMap(Object.keys))].sort()).toEqual(fields.filter((field) => !['application', 'name', 'kind', 'idempotencyKey'].includes(field)).sort());
  });
  test.each(Object.entries(FULL))('%s', (kind, settings) => {
    expect(read(CreateEvaluatorVersionInput, of(kind, settings))).toMatchObject(settings);
    for (const [other, value] of Object.entries(Object.assign({}, ...Object.values(FULL)) as object)) {
      if (!(other in settings)) expect(() => read(CreateEvaluatorVersionInput, of(kind, { ...settings, [other]: value as unknown }))).toThrow(BadInputError);
    }
  });
  test.each<[string, object, RegExp]>([
    ['numeric', { reads: 'all' }, /reads/], ['numeric', { absolute: -1 }, /absolute/], ['numeric', { relative: 1 }, /relative/], ['numeric', { absolute: Number.POSITIVE_INFINITY }, /absolute/], ['rougeL', { threshold: 0 }, /threshold/], ['latency', {}, /targetMs/], ['latency', { targetMs: 5, limitMs: 5 }, /limitMs: lies above targetMs/], ['cost', { targetUsd: 0 }, /targetUsd/],
    ['refusal', {}, /wants/], ['pii', { detect: [] }, /detect/], ['pii', { detect: ['name'] }, /detect/], ['pii', { detect: ['ip', 'ip'] }, /detect\.1/], ['consistency', { threshold: 0.5 }, /threshold/], ['llmJudge', { ...judged, scale: 'oneToTen' }, /scale/], ['llmJudge', { ...judged, rubric: ' ', scale: 'passFail' }, /rubric/],
    ['llmJudge', { ...judged, rubric: 'x'.repeat(20_001), scale: 'passFail' }, /rubric/], ['llmJudge', { ...judged, rubric: '\ud800', scale: 'passFail' }, /rubric/], ['pairwise', { ...judged, judge: { model: 'Judge' } }, /judge\.model/], ['pairwise', { ...judged, judge: { model: 'judge', version: 0 } }, /judge\.version/], ['pairwise', { ...judged, judge: { model: 'judge', digest: 'x' } }, /judge/],
    ['pairwise', { ...judged, variables: ['q', 'q'] }, /variables\.1/], ['faithfulness', { judge, question: 'q' }, /context/], ['answerCorrectness', { judge, question: '' }, /question/], ['sentiment', {}, /kind/],
  ])('%s with %j', (kind, settings, words) => { expect(() => read(CreateEvaluatorVersionInput, of(kind, settings))).toThrow(words); });
  test('what is left out is the careful choice', () => {
    expect(read(CreateEvaluatorVersionInput, of('numeric', {}))).toMatchObject({ reads: 'only', decimal: 'point' });
    expect(read(CreateEvaluatorVersionInput, of('pii', {}))).toMatchObject({ detect: ['email', 'phone', 'iban', 'card', 'ip', 'key'] });
    expect(read(CreateEvaluatorVersionInput, of('pairwise', { judge, rubric: 'r' }))).toMatchObject({ reference: false });
  });
});
