/** A small application as the end-to-end tests know it: a dataset, an evaluator, a policy with tiny stages, prompts by text. */
import { randomBytes } from 'node:crypto';
import { mutate, Refused, type Ready, type Json } from './harness.js';

export const GOOD = 'Answer from the context. <context>{{passage}}</context>';
export const ALSO_GOOD = 'Answer kindly, from the context. <context>{{passage}}</context>';
/** Passes its evaluation; the judge of the tests finds every second answer of a text with this word bad. */
export const SLOPPY = 'Answer in a sloppy way, from the context. <context>{{passage}}</context>';
/** Has no context: what it answers is wrong, and its evaluation says so. */
export const EMPTY = 'Answer briefly, whatever comes to mind.';

export const FACTS = ['The office opens at seven.', 'Parking costs four euros.', 'The canteen closes at three.', 'Badges are made on Monday.', 'The lift stops at night.'];
const QUESTIONS = ['When does the office open?', 'What does parking cost?', 'When does the canteen close?', 'When are badges made?', 'When does the lift stop?'];
const KEYS = ['seven', 'four euros', 'three', 'Monday', 'night'];

export const judge = (text: string, user: string): { bad: boolean } => ({ bad: text.includes('sloppy') && (user.charCodeAt(user.length - 1) + user.charCodeAt(user.length - 2)) % 2 === 0 });

export interface WorldOptions { readonly application?: string; readonly stages?: readonly { weightBp: number; durationMinSec: number; durationMaxSec?: number }[]; readonly approvals?: number; readonly leaseMs?: number; readonly bake?: { durationMinSec: number; durationMaxSec: number; holdbackBp: number }; readonly policy?: string; readonly topline?: readonly { metric: string; max: number }[]; readonly watchSec?: number }

/** Connection, model, dataset, evaluator and policy; idempotent by its keys. */
export async function settle(stack: Ready, options: WorldOptions = {}): Promise<void> {
  const application = options.application ?? 'helpdesk';
  const { api, people } = stack;
  const once = (what: string): { idempotencyKey: string } => ({ idempotencyKey: `world-${application}-${what}` });
  await mutate(api, people.admin, 'createConnection', { application, name: 'sandbox', kind: 'SANDBOX', baseUrl: stack.model, ...once('connection') }, '{ name }');
  await mutate(api, people.author, 'createModelVersion', { application, name: 'main', connection: 'sandbox', model: 'sandbox-extractive-1', floating: false, ...once('model') }, '{ version }');
  const items = Array.from({ length: 150 }, (_, i) => ({
    id: `case-${String(i)}`, expected: FACTS[i % 5], contains: [KEYS[i % 5]],
    variables: [{ name: 'passage', value: FACTS.join(' ') }, { name: 'question', value: QUESTIONS[i % 5] }],
  }));
  await mutate(api, people.author, 'importDatasetVersion', { application, name: 'facts', items, ...once('dataset') }, '{ version }');
  await mutate(api, people.author, 'createEvaluatorVersion', { application, name: 'knows', kind: 'CONTAINS', mode: 'ALL', ignoreCase: true, ...once('evaluator') }, '{ version }');
  await putPolicy(stack, options);
}

export async function putPolicy(stack: Ready, options: WorldOptions): Promise<void> {
  const application = options.application ?? 'helpdesk';
  await mutate(stack.api, stack.people.releaseManager, 'putRolloutPolicy', {
    application, name: options.policy ?? 'quick', evaluation: { dataset: 'facts', evaluators: [{ name: 'knows', margin: 0.1, floor: 0.5 }], callsMax: 600 },
    ...(options.approvals === undefined ? {} : { approvals: { count: options.approvals } }),
    blockSec: 1, leaseMs: options.leaseMs ?? 5000, alpha: { harm: 0.001, promote: 0.05 }, errorBudget: 1000,
    stages: options.stages ?? [{ weightBp: 5000, durationMinSec: 1, durationMaxSec: 600 }],
    metrics: [{ name: 'sloppy', from: 'guardrail:sloppy', role: 'GUARDRAIL', maturityMs: 500, tolerance: 0, margin: 0.2 }],
    ...(options.topline === undefined ? {} : { topline: options.topline }), ...(options.watchSec === undefined ? {} : { watchSec: options.watchSec }),
    bake: options.bake ?? { durationMinSec: 1, durationMaxSec: 600, holdbackBp: 1000 },
  }, '{ version }');
}

export async function push(stack: Ready, text: string, application = 'helpdesk'): Promise<number> {
  const variables = text.includes('{{passage}}') ? ['passage', 'question'] : ['question'];
  const version = await mutate(stack.api, stack.people.author, 'createPromptVersion', { application, prompt: 'answer', messages: [{ role: 'SYSTEM', content: text }, { role: 'USER', content: '{{question}}' }], variables, message: 'for a test' }, '{ version }');
  return version.version as number;
}

/** Starts a release; what answers UNAVAILABLE is asked again under the same key, as the error's hint says. */
export async function start(stack: Ready, version: number, options: { readonly application?: string; readonly environment?: string; readonly policy?: string; readonly token?: string; readonly idempotencyKey?: string } = {}): Promise<Json> {
  const once = options.idempotencyKey ?? `start-${randomBytes(8).toString('hex')}`;
  const ask = (): Promise<Json> => mutate(stack.api, options.token ?? stack.people.releaseManager, 'startRelease', {
    application: options.application ?? 'helpdesk', environment: options.environment ?? 'production', candidate: { prompt: 'answer', version }, policy: options.policy ?? 'quick',
    idempotencyKey: once,
  }, '{ id state }');
  return ask().catch((error: unknown) => { if (error instanceof Refused && error.code === 'UNAVAILABLE') return ask(); throw error; });
}
