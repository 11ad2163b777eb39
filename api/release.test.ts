import { beforeEach, describe, expect, test } from 'vitest';
import type { Reply } from '../test/harness.js';
import { entry, furnished, listen, opened, policyFor, release, sha256, type Door, type World } from '../test/stand-ins.js';
import { UnavailableError } from '../core/errors.js';
import { policyOf } from '../core/release/index.js';
import type { EnvironmentDoc, PolicyDoc } from '../store/index.js';

interface Fault { readonly code: string; readonly message: string; readonly hint: string }
type Answer = Readonly<Record<string, unknown>>;

let w: World;
let manager: string;
let approver: string;
let ci: string;
beforeEach(async () => {
  w = await furnished();
  manager = w.session('manager', [{ application: 'helpdesk', role: 'RELEASE_MANAGER' }]);
  approver = w.session('approver', [{ application: 'helpdesk', role: 'APPROVER' }]);
  ci = w.key('ci', { name: 'github' });
});

async function via<T>(run: (door: Door) => Promise<T>, deps: Partial<World['deps']> = {}): Promise<T> {
  const door = await listen({ ...w, deps: { ...w.deps, ...deps } });
  try { return await run(door); } finally { await door.close(); }
}
const faultOf = (reply: Reply): Fault => {
  const error = reply.json.errors?.[0] as { readonly message: string; readonly extensions: { readonly code: string; readonly hint: string } } | undefined;
  return { code: error?.extensions.code ?? 'none', message: error?.message ?? '', hint: error?.extensions.hint ?? '' };
};
const answerOf = (reply: Reply, name: string): Answer => { if (reply.json.errors) throw new Error(reply.text); return reply.json.data[name] as Answer; };
const call = (door: Door, token: string, name: string, input: object, fields = '{ id kind state open }'): Promise<Reply> =>
  door.post(token, `mutation($input: ${name[0]?.toUpperCase() ?? ''}${name.slice(1)}Input!) { ${name}(input: $input) ${fields} }`, { input: { idempotencyKey: 'the-key-of-this-call', ...input } });
const start = (token: string, input: object = {}, deps: Partial<World['deps']> = {}): Promise<Reply> =>
  via((door) => call(door, token, 'startRelease', { application: 'helpdesk', environment: 'production', candidate: { prompt: 'answer', version: 2 }, policy: 'usual', ...input }, '{ id state baseline approvalsNeeded candidate { digest prompts { version } model { name } } }'), deps);
const production = (): EnvironmentDoc => w.environments.get('helpdesk/production') as EnvironmentDoc;
const place = (change: Partial<EnvironmentDoc>): void => { w.environments.set('helpdesk/production', { ...production(), ...change }); };
const repolicy = (change: Partial<PolicyDoc['policy']>): void => { const last = w.policies.at(-1) as PolicyDoc; w.policies.push({ ...last, version: last.version + 1, policy: { ...last.policy, ...change } }); };

describe('R-380 a release starts pinned to the newest versions, by digest', () => {
  test('a prompt on top of stable', async () => {
    const answer = answerOf(await start(manager), 'startRelease');
    expect(answer).toMatchObject({ state: 'REQUESTED', approvalsNeeded: 0, candidate: { prompts: [{ version: 2 }], model: { name: 'main' } } });
    const { order } = w.ordered[0] as { order: Answer & { policy: Answer; dataset: Answer; evaluators: Answer[]; authors: string[] } };
    expect(order).toMatchObject({ candidate: (answer['candidate'] as Answer)['digest'], policy: { name: 'usual', version: 1 }, dataset: { name: 'facts', digest: 'sha256:f', items: 150 }, requestedBy: { id: 'person:manager', kind: 'person', authMethod: 'dev' }, tier: 'LOW', ownerTeam: 'helpdesk' });
    expect(order.evaluators).toEqual([{ name: 'knows', version: 1, digest: 'sha256:e', role: 'guardrail', margin: 0.1, floor: 0.5 }]);
    expect(order.authors).toEqual(['person:somebody']);
    expect(w.nudges).toBeGreaterThan(0);
  });
  test('a bundle by its digest', async () => {
    const { candidate } = answerOf(await start(manager), 'startRelease') as { candidate: { digest: string } };
    w.releases.clear();
    expect(answerOf(await start(manager, { candidate: { bundle: candidate.digest }, idempotencyKey: 'another-key' }), 'startRelease')['candidate']).toMatchObject({ digest: candidate.digest });
  });
  test('without a stable the only model is taken', async () => {
    w.environments.clear();
    expect(answerOf(await start(manager), 'startRelease')['candidate']).toMatchObject({ model: { name: 'main' }, prompts: [{ version: 2 }] });
  });
  test('CI in a protected environment needs an approval whatever the policy; elsewhere it does not', async () => {
    expect(answerOf(await start(ci), 'startRelease')).toMatchObject({ approvalsNeeded: 1 });
    expect((w.ordered[0]?.order as { policy: PolicyDocLike }).policy.plan.approvals.count).toBe(1);
    w.releases.clear();
    expect(answerOf(await start(ci, { environment: 'dev', idempotencyKey: 'another-key' }), 'startRelease')).toMatchObject({ approvalsNeeded: 0 });
  });
  interface PolicyDocLike { readonly plan: { readonly approvals: { readonly count: number } } }
});

describe('R-381 a start that cannot be right is refused before anything is ordered', () => {
  const refused = async (expected: string, words: RegExp, input: object = {}, token = manager): Promise<void> => {
    const fault = faultOf(await start(token, input));
    expect([fault.code, fault.message]).toEqual([expected, expect.stringMatching(words)]);
    expect(fault.hint).not.toBe('');
    expect(w.ordered).toEqual([]);
  };
  test.each<[string, string, RegExp, object]>([
    ['a prompt version that is not there', 'NOT_FOUND', /prompt answer\/9/, { candidate: { prompt: 'answer', version: 9 } }],
    ['a bundle that is not there', 'NOT_FOUND', /bundle sha256/, { candidate: { bundle: `sha256:${'0'.repeat(64)}` } }],
    ['an environment that is not listed', 'NOT_FOUND', /environment helpdesk\/staging/, { environment: 'staging' }],
    ['a policy that is not there', 'NOT_FOUND', /policy other/, { policy: 'other' }],
    ['neither bundle nor prompt', 'BAD_INPUT', /candidate/, { candidate: {} }],
    ['both', 'BAD_INPUT', /candidate/, { candidate: { bundle: `sha256:${'0'.repeat(64)}`, prompt: 'answer', version: 2 } }],
    ['a prompt without a version', 'BAD_INPUT', /candidate/, { candidate: { prompt: 'answer' } }],
    ['what is stable already', 'CONFLICT', /already stable/, { candidate: { prompt: 'answer', version: 1 } }],
    ['a short key', 'BAD_INPUT', /idempotencyKey/, { idempotencyKey: 'short' }],
  ])('%s', (_name, code, words, input) => refused(code, words, input));
  test('an AUTHOR in a protected environment', () => refused('FORBIDDEN', /startRelease/, {}, w.session('author', [{ application: 'helpdesk', role: 'AUTHOR' }])));
  test('without a stable and without a model', async () => { w.environments.clear(); w.models.length = 0; await refused('BAD_INPUT', /no model/); });
  test('without a stable and with two models', async () => { w.environments.clear(); w.models.push({ ...(w.models[0] as World['models'][number]), name: 'other' }); await refused('BAD_INPUT', /2 models \(main, other\)/); });
  test('a cost metric where a model has no price', async () => {
    const [usual] = w.policies;
    if (usual === undefined) throw new Error('no policy');
    w.policies.push({ ...usual, version: 2, policy: policyOf({ name: 'usual', evaluation: { dataset: 'facts', evaluators: [{ name: 'knows', margin: 0.1, floor: 0.5 }] }, metrics: [{ name: 'error' }, { name: 'cost' }] }, 'LOW') });
    await refused('BAD_INPUT', /Metric cost needs the price of a token: main\/1 has none/);
    w.models[0] = { ...(w.models[0] as World['models'][number]), priceUsdPerMTok: { input: 1, output: 2 } };
    expect(faultOf(await start(manager)).code).toBe('none');
  });
  test('a quarantined digest, and a quarantined text under a new number', async () => {
    const bar = { release: 'R0', reason: 'it was worse', at: new Date(0) };
    await via((door) => call(door, manager, 'createBundle', { application: 'helpdesk', from: 'production', prompts: [{ name: 'answer', version: 2 }] }, '{ digest }'));
    const bundle = [...w.bundles.values()].at(-1);
    place({ quarantine: [{ digest: bundle?.digest ?? '', contents: 'sha256:z', ...bar }] });
    await refused('QUARANTINED', /it was worse/);
    place({ quarantine: [{ digest: 'sha256:z', contents: bundle?.contents ?? '', ...bar }] });
    await refused('QUARANTINED', /it was worse/);
  });
  test('a floating model where the policy or the tier refuses it', async () => {
    w.environments.clear();
    w.models[0] = { ...(w.models[0] as World['models'][number]), floating: true };
    repolicy({ floatingModels: 'refuse' });
    await refused('BAD_INPUT', /floating/);
  });
  test('a policy that was put for a lower tier', async () => {
    const app = w.applications.get('helpdesk');
    if (app) w.applications.set('helpdesk', { ...app, tier: 'HIGH' });
    await refused('CONFLICT', /tier LOW/);
  });
  test('without a baseline and without a floor nothing could judge it', async () => {
    w.environments.clear();
    repolicy({ evaluation: { ...policyFor('usual').evaluation, evaluators: [{ name: 'knows', role: 'guardrail', margin: 0.1, floor: null }] } });
    await refused('BAD_INPUT', /no guardrail evaluator has a floor/);
    const evaluation = await via((door) => call(door, manager, 'startEvaluation', { application: 'helpdesk', environment: 'production', candidate: { prompt: 'answer', version: 2 }, policy: 'usual' }, '{ id }'));
    expect(faultOf(evaluation)).toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('floor') as string });
    expect(w.ordered).toEqual([]);
  });
  test('a dataset below the tier', async () => { repolicy(policyFor('usual', 'LIMITED')); await refused('BAD_INPUT', /150 cases/); });
});

describe('R-382 one key is one start', () => {
  test('a repeat finds the first, another input is a CONFLICT, another principal is another key', async () => {
    const first = answerOf(await start(manager), 'startRelease')['id'];
    expect(answerOf(await start(manager), 'startRelease')['id']).toBe(first);
    expect(w.ordered).toHaveLength(1);
    expect(faultOf(await start(manager, { message: 'another' }))).toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('the-key-of-this-call') as string });
    await start(ci);
    expect(w.ordered).toHaveLength(2);
  });
  test('a refusal by the workflow is told, and stays under its key', async () => {
    const refusal = { kind: 'refused', code: 'QUARANTINED', message: 'it was worse', hint: 'fix it' } as const;
    expect(faultOf(await start(manager, {}, { orders: { ...w.deps.orders, startRelease: () => Promise.resolve(refusal) } }))).toEqual({ code: 'QUARANTINED', message: 'it was worse', hint: 'fix it' });
    await start(manager);
    const [only] = w.releases.values();
    w.releases.set(only?._id ?? '', { ...release('x'), ...only, timeline: [entry(2, 'release.rejected', { reason: 'it was worse', data: { code: 'QUARANTINED', hint: 'fix it' } })] });
    expect(faultOf(await start(manager))).toEqual({ code: 'QUARANTINED', message: 'it was worse', hint: 'fix it' });
  });
  test('where a release is open the winner is named, waited for two seconds', async () => {
    const running = { orders: { ...w.deps.orders, startRelease: () => Promise.resolve({ kind: 'running' } as const) } };
    const begun = w.clock.ms;
    expect(faultOf(await start(manager, {}, running))).toMatchObject({ code: 'CONFLICT' });
    expect(w.clock.ms - begun).toBeGreaterThanOrEqual(2_000);
    opened(w, 'WINNER', { once: { key: 'theirs', args: 'sha256:x' } });
    expect(faultOf(await start(manager, {}, running)).message).toContain('WINNER');
  });
  test('with Temporal away it is UNAVAILABLE, and the same key goes on where it stopped', async () => {
    expect(faultOf(await start(manager, {}, { orders: { ...w.deps.orders, startRelease: () => Promise.reject(new UnavailableError('Temporal does not answer.')) } })).code).toBe('UNAVAILABLE');
    expect(answerOf(await start(manager), 'startRelease')['state']).toBe('REQUESTED');
  });
});

describe('R-383 the acts of people are orders under their key', () => {
  const acts: readonly (readonly [string, string, object])[] = [
    ['approveRelease', 'approve', { comment: 'seen' }], ['rejectRelease', 'reject', { reason: 'r' }], ['pauseRelease', 'pause', { reason: 'r' }], ['resumeRelease', 'resume', { reason: 'r' }],
    ['cancelRelease', 'cancel', { reason: 'r' }], ['acknowledgeHold', 'acknowledge', { metric: 'error', cause: 'r' }],
  ];
  test.each(acts)('%s', async (name, order, more) => {
    opened(w, 'R1');
    const reply = await via((door) => call(door, manager, name, { id: 'R1', ...more }));
    expect(answerOf(reply, name)).toMatchObject({ id: 'R1' });
    expect(w.ordered).toEqual([{ name: order, order: expect.objectContaining({ release: 'R1', actor: { id: 'person:manager', kind: 'person', authMethod: 'dev' }, team: 'helpdesk', id: `person:manager|${name}|the-key-of-this-call` }) as object }]);
  });
  test.each(acts)('%s on a release that has ended', async (name, _order, more) => {
    w.releases.set('R1', release('R1', { open: false, state: 'REJECTED' }));
    expect(faultOf(await via((door) => call(door, manager, name, { id: 'R1', ...more })))).toMatchObject({ code: 'CONFLICT', message: 'Release R1 has ended: REJECTED.' });
    expect(w.ordered).toEqual([]);
  });
  test('a repeat of what ended it finds that', async () => {
    w.releases.set('R1', release('R1', { open: false, state: 'REJECTED', timeline: [entry(2, 'release.rejected', { id: 'person:manager|rejectRelease|the-key-of-this-call', reason: 'r' })] }));
    expect(answerOf(await via((door) => call(door, manager, 'rejectRelease', { id: 'R1', reason: 'r' })), 'rejectRelease')).toMatchObject({ state: 'REJECTED' });
  });
  test.each(acts)('%s under a key that said something else is a CONFLICT, open or ended', async (name, _order, more) => {
    const timeline = [entry(2, 'release.paused', { id: `person:manager|${name}|the-key-of-this-call`, reason: 'another' })];
    opened(w, 'R1', { timeline });
    expect(faultOf(await via((door) => call(door, manager, name, { id: 'R1', ...more })))).toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('the-key-of-this-call') as string });
    w.releases.set('R1', release('R1', { open: false, state: 'REJECTED', timeline }));
    expect(faultOf(await via((door) => call(door, manager, name, { id: 'R1', ...more })))).toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('the-key-of-this-call') as string });
    expect(w.ordered).toEqual([]);
  });
  test.each(acts)('%s under a key that was used on another release is a CONFLICT: its chain would take the one for the other', async (name, _order, more) => {
    opened(w, 'R1');
    const audit = { ...w.deps.audit, byIntent: (_application: string, intent: string) => Promise.resolve(intent === `person:manager|${name}|the-key-of-this-call` ? { subject: 'R0', reason: 'r' } as never : null) };
    expect(faultOf(await via((door) => call(door, manager, name, { id: 'R1', ...more }), { audit }))).toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('the-key-of-this-call') as string });
    expect(w.ordered).toEqual([]);
    const own = { ...w.deps.audit, byIntent: () => Promise.resolve({ subject: 'R1', reason: 'r' } as never) };   // told by the same call a moment ago
    expect(faultOf(await via((door) => call(door, manager, name, { id: 'R1', ...more }), { audit: own })).code).toBe('none');
  });
  test('of two calls of one key at once, the one whose input was not committed is a CONFLICT', async () => {
    opened(w, 'R1');
    // The order joins the update of the other call: what it finds committed is the other's.
    const orders = { ...w.deps.orders, pause: () => { opened(w, 'R1', { state: 'PAUSED', timeline: [entry(2, 'release.paused', { id: 'person:manager|pauseRelease|the-key-of-this-call', reason: 'the other' })] }); return Promise.resolve({ kind: 'done', state: 'PAUSED' } as const); } };
    expect(faultOf(await via((door) => call(door, manager, 'pauseRelease', { id: 'R1', reason: 'mine' }), { orders })).code).toBe('CONFLICT');
    expect(answerOf(await via((door) => call(door, manager, 'pauseRelease', { id: 'R1', reason: 'the other' }), { orders }), 'pauseRelease')).toMatchObject({ id: 'R1', state: 'PAUSED' });
  });
  test('an acknowledgement of another metric under the same key is a CONFLICT', async () => {
    opened(w, 'R1', { timeline: [entry(2, 'release.acknowledged', { id: 'person:manager|acknowledgeHold|the-key-of-this-call', reason: 'r', data: { metric: 'cost' } })] });
    expect(faultOf(await via((door) => call(door, manager, 'acknowledgeHold', { id: 'R1', metric: 'error', cause: 'r' }))).code).toBe('CONFLICT');
    expect(faultOf(await via((door) => call(door, manager, 'acknowledgeHold', { id: 'R1', metric: 'cost', cause: 'r' }))).code).toBe('none');
  });
  test('the shares of the arms are acknowledged by what the hold is called', async () => {
    opened(w, 'R1');
    expect(answerOf(await via((door) => call(door, manager, 'acknowledgeHold', { id: 'R1', metric: 'SRM', cause: 'a load test' })), 'acknowledgeHold')).toMatchObject({ id: 'R1' });
    expect(w.ordered).toEqual([{ name: 'acknowledge', order: expect.objectContaining({ metric: 'assignment', reason: 'a load test' }) as object }]);
  });
  test('with all approvals given it waits for nobody', async () => {
    opened(w, 'R1', { state: 'AWAITING_APPROVAL', approvalsNeeded: 0 });
    const reply = await via((door) => door.post(manager, '{ release(id: "R1") { waitingFor } }'));
    expect(answerOf(reply, 'release')['waitingFor']).toEqual(['All approvals are given; it is about to go on.']);
  });
  test('what the workflow refuses is told with its code', async () => {
    opened(w, 'R1');
    const orders = { ...w.deps.orders, approve: () => Promise.resolve({ kind: 'refused', code: 'FORBIDDEN', message: 'an author', hint: 'ask another' } as const) };
    expect(faultOf(await via((door) => call(door, approver, 'approveRelease', { id: 'R1' }), { orders }))).toEqual({ code: 'FORBIDDEN', message: 'an author', hint: 'ask another' });
  });
  test('a person may reject only what the matrix gives them: an author their own', async () => {
    const author = w.session('author', [{ application: 'helpdesk', role: 'AUTHOR' }]);
    opened(w, 'R1', { requestedBy: { id: 'person:author', kind: 'person' } });
    expect(faultOf(await via((door) => call(door, author, 'rejectRelease', { id: 'R1', reason: 'r' }))).code).toBe('none');
    opened(w, 'R2', { requestedBy: { id: 'person:other', kind: 'person' } });
    expect(faultOf(await via((door) => call(door, author, 'rejectRelease', { id: 'R2', reason: 'r' }))).code).toBe('FORBIDDEN');
  });
});

describe('R-384 a rollback is one write on the environment, and needs no orchestrator', () => {
  const away = (): Partial<World['deps']> => ({ orders: new Proxy(w.deps.orders, { get: () => () => Promise.reject(new UnavailableError('Temporal does not answer.')) }) });
  const back = (input: object = {}): Promise<Reply> => via((door) => call(door, approver, 'rollbackRelease', { id: 'R1', ...input }, '{ id state open rollback { forCause reason decidedBy rev } }'), away());
  const whole = (input: object = {}): Promise<Reply> => via((door) => call(door, approver, 'rollbackEnvironment', { application: 'helpdesk', environment: 'production', ...input }, '{ id kind state open baseline policy { name } candidate { digest } timeline { type } }'), away());

  test.each<[string, 'CANARY' | 'PAUSED' | 'BAKING' | 'REQUESTED' | 'EVALUATING' | 'AWAITING_APPROVAL', string, boolean]>([
    ['in canary', 'CANARY', 'ROLLING_BACK', true], ['paused', 'PAUSED', 'ROLLING_BACK', true], ['baking', 'BAKING', 'ROLLING_BACK', true],
    ['requested', 'REQUESTED', 'CANCELLED', false], ['evaluating', 'EVALUATING', 'CANCELLED', false], ['waiting for approval', 'AWAITING_APPROVAL', 'CANCELLED', false],
  ])('%s', async (_name, state, then, open) => {
    opened(w, 'R1', { state });
    expect(answerOf(await back({ reason: 'it is worse' }), 'rollbackRelease')).toEqual({ id: 'R1', state: then, open, rollback: { forCause: true, reason: 'it is worse', decidedBy: 'person:approver', rev: 8 } });
    expect(production()).toMatchObject({ open: null, rev: 8 });
    const [intent] = production().intents;
    expect(intent).toMatchObject({ id: 'helpdesk|person:approver|rollbackRelease|the-key-of-this-call', action: 'release.rolling_back', subject: 'R1', note: { workflowId: 'release/helpdesk/production', rolledBack: { release: 'R1', forCause: true, reason: 'it is worse' } } });
  });
  test('without a reason it is not for cause', async () => {
    opened(w, 'R1');
    expect(answerOf(await back(), 'rollbackRelease')).toMatchObject({ rollback: { forCause: false } });
    expect(production().quarantine).toEqual([]);
  });
  test('a repeat is the same, with another reason a CONFLICT, of what is over a CONFLICT', async () => {
    opened(w, 'R1');
    await back();
    expect(answerOf(await back(), 'rollbackRelease')).toMatchObject({ state: 'ROLLING_BACK' });
    expect(production().rev).toBe(8);
    expect(faultOf(await back({ reason: 'now with one' })).code).toBe('CONFLICT');
    expect(faultOf(await back({ idempotencyKey: 'another-key' })).code).toBe('CONFLICT');
  });
  test('while a release is still going back, another call answers with it and reverts nothing', async () => {
    place({ previous: `sha256:${'9'.repeat(64)}` });
    w.releases.set('R1', release('R1', { state: 'ROLLING_BACK' }));
    const stable = production().split?.stable;
    const environments = { ...w.deps.environments, rollback: () => Promise.resolve({ kind: 'repeated', rev: 7, epoch: 3, at: new Date(0) } as const) };
    const reply = await via((door) => call(door, approver, 'rollbackEnvironment', { application: 'helpdesk', environment: 'production', reason: 'again' }, '{ id kind state }'), { ...away(), environments });
    expect(answerOf(reply, 'rollbackEnvironment')).toEqual({ id: 'R1', kind: 'RELEASE', state: 'ROLLING_BACK' });
    expect(production()).toMatchObject({ rev: 7, split: { stable } });
  });
  test('rollbackEnvironment takes the open release back, and its repeat does not revert', async () => {
    const stable = production().split?.stable;
    place({ previous: `sha256:${'9'.repeat(64)}` });
    opened(w, 'R1', { candidate: stable ?? '' });
    expect(answerOf(await whole(), 'rollbackEnvironment')).toMatchObject({ id: 'R1', kind: 'RELEASE', state: 'ROLLING_BACK' });
    expect(answerOf(await whole(), 'rollbackEnvironment')).toMatchObject({ id: 'R1' });
    expect(production()).toMatchObject({ rev: 8, split: { stable } });
  });
  test('under a key that took another environment back it is a CONFLICT, and takes nothing back', async () => {
    opened(w, 'R1');
    w.releases.set('R9', release('R9', { environment: 'dev', state: 'ROLLED_BACK', open: false }));
    for (const subject of ['R9', 'revert/helpdesk/dev/4']) {
      const audit = { ...w.deps.audit, byIntent: () => Promise.resolve({ subject, reason: null } as never) };
      const reply = await via((door) => call(door, approver, 'rollbackEnvironment', { application: 'helpdesk', environment: 'production' }), { ...away(), audit });
      expect([subject, faultOf(reply).code, production().rev, production().open?.release]).toEqual([subject, 'CONFLICT', 7, 'R1']);
    }
  });
  test('without one it reverts, and answers from the environment as the relay will write it', async () => {
    const stable = production().split?.stable ?? '';
    const older = await w.deps.bundles.insert({ application: 'helpdesk', digest: `sha256:${'9'.repeat(64)}`, contents: 'sha256:o', parts: {}, authors: [], floatingModel: false, createdBy: 'x' }, { id: 'x', application: 'helpdesk', action: 'x', actor: { id: 'x', kind: 'slipway' }, subject: 'x' });
    place({ previous: older.digest });
    const answer = answerOf(await whole({ reason: 'odd' }), 'rollbackEnvironment');
    expect(answer).toEqual({ id: 'revert/helpdesk/production/8', kind: 'REVERT', state: 'PROMOTED', open: false, baseline: stable, policy: null, candidate: { digest: older.digest }, timeline: [{ type: 'release.reverted' }] });
    expect(answerOf(await whole({ reason: 'odd' }), 'rollbackEnvironment')['id']).toBe('revert/helpdesk/production/8');
    expect(production().rev).toBe(8);
    expect(faultOf(await whole({ reason: 'odd', idempotencyKey: 'another-key' })).code).toBe('CONFLICT');
  });
  test('nothing to go back to, and nothing there at all', async () => {
    expect(faultOf(await whole())).toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('no previous') as string });
    w.environments.clear();
    expect(faultOf(await whole()).code).toBe('NOT_FOUND');
  });
  test('a quarantine is lifted once, with a reason', async () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    place({ quarantine: [{ digest, contents: 'sha256:z', release: 'R0', reason: 'worse', at: new Date(0) }] });
    const lift = (more: object = {}): Promise<Reply> => via((door) => call(door, approver, 'liftQuarantine', { application: 'helpdesk', environment: 'production', digest, reason: 'understood', ...more }, '{ quarantine { digest } }'));
    expect(answerOf(await lift(), 'liftQuarantine')).toEqual({ quarantine: [] });
    expect(answerOf(await lift(), 'liftQuarantine')).toEqual({ quarantine: [] });
    expect(faultOf(await lift({ reason: 'another' })).code).toBe('CONFLICT');
    expect(faultOf(await lift({ idempotencyKey: 'another-key' })).code).toBe('NOT_FOUND');
  });
});

describe('R-385 an evaluation is started once for what it depends on', () => {
  const begin = (more: object = {}): Promise<Reply> => via((door) => call(door, ci, 'startEvaluation', { application: 'helpdesk', environment: 'production', candidate: { prompt: 'answer', version: 2 }, policy: 'usual', ...more }, '{ id state attempt identity baseline }'));
  test('the same content joins, under any key; after no verdict the next attempt', async () => {
    const first = answerOf(await begin(), 'startEvaluation');
    expect(first).toMatchObject({ state: 'RUNNING', attempt: 1, baseline: production().split?.stable });
    expect(answerOf(await begin({ idempotencyKey: 'another-key' }), 'startEvaluation')['id']).toBe(first['id']);
    const doc = w.evaluations.get(String(first['id']));
    if (doc) w.evaluations.set(doc._id, { ...doc, state: 'FINISHED', verdict: { kind: 'INCONCLUSIVE', holds: ['TOO_FEW'], evidence: { items: 1, available: 1, evaluators: [] } } });
    expect(answerOf(await begin({ idempotencyKey: 'a-third-key' }), 'startEvaluation')).toMatchObject({ attempt: 2, identity: first['identity'] });
  });
  test('one key with another input is a CONFLICT', async () => {
    await begin();
    expect(faultOf(await begin({ commit: 'abc' })).code).toBe('CONFLICT');
  });
  test('what has a verdict is not cancelled', async () => {
    const { id } = answerOf(await begin(), 'startEvaluation');
    const doc = w.evaluations.get(String(id));
    if (doc) w.evaluations.set(doc._id, { ...doc, state: 'FINISHED' });
    expect(faultOf(await via((door) => call(door, ci, 'cancelEvaluation', { id, reason: 'r' }, '{ id }'))).code).toBe('CONFLICT');
  });
});

describe('R-386 a policy is put whole, checked, and only tightened by those who may not loosen', () => {
  const put = (token: string, more: object = {}): Promise<Reply> => via((door) => call(door, token, 'putRolloutPolicy', {
    application: 'helpdesk', name: 'usual', evaluation: { dataset: 'facts', evaluators: [{ name: 'knows', margin: 0.1, floor: 0.5 }] }, metrics: [{ name: 'error' }], ...more,
  }, '{ version tier digest policy }'));
  test('defaults come from the tier', async () => {
    expect(answerOf(await put(manager), 'putRolloutPolicy')).toMatchObject({ version: 2, tier: 'LOW', policy: policyFor('usual') });
  });
  test.each<[string, string, object]>([
    ['a metric that nothing feeds', 'BAD_INPUT', { metrics: [{ name: 'latency', from: 'latency' }] }], ['no guardrail metric', 'BAD_INPUT', { metrics: [{ name: 'error', role: 'OBSERVE' }] }],
    ['a dataset that is not there', 'NOT_FOUND', { evaluation: { dataset: 'none', evaluators: [{ name: 'knows' }] } }], ['an evaluator that is not there', 'NOT_FOUND', { evaluation: { dataset: 'facts', evaluators: [{ name: 'none' }] } }],
    ['a lease shorter than three blocks', 'BAD_INPUT', { leaseMs: 5_000, blockSec: 10 }], ['stages that do not rise', 'BAD_INPUT', { stages: [{ weightBp: 5000, durationMinSec: 1 }, { weightBp: 5000, durationMinSec: 1 }] }],
  ])('%s', async (_name, code, more) => { expect(faultOf(await put(manager, more)).code).toBe(code); });
  test('on-call tightens, and does not loosen', async () => {
    const onCall = w.session('onCall', [{ application: 'helpdesk', role: 'ON_CALL' }]);
    expect(faultOf(await put(onCall, { approvals: { count: 2 } })).code).toBe('none');
    expect(faultOf(await put(onCall, { approvals: { count: 0 }, idempotencyKey: 'another-key' })).code).toBe('FORBIDDEN');
    expect(faultOf(await put(onCall, { name: 'brand-new', idempotencyKey: 'a-third-key' })).code).toBe('FORBIDDEN');
  });
});

describe('R-135 the API takes every feed of a policy, and reads back what was pinned', () => {
  test('with its kind, its limits and its share', async () => {
    const metrics = [
      { name: 'error', share: 0.5 }, { name: 'slow', objectiveMs: 4_000 }, { name: 'quality', from: 'evaluation:helpful', role: 'GUARDRAIL', margin: 0.03 },
      { name: 'cost', role: 'SIGNAL', tolerance: 0.05, margin: 0.1, relative: true, cap: 0.5 }, { name: 'steps', from: 'attribute:agent.steps', kind: 'MEAN', cap: 50, role: 'OBSERVE' },
    ];
    const answer = answerOf(await via((door) => call(door, manager, 'putRolloutPolicy', {
      application: 'helpdesk', name: 'whole', evaluation: { dataset: 'facts', evaluators: [{ name: 'knows', margin: 0.1, floor: 0.5 }] }, metrics, topline: [{ metric: 'error', max: 0.05 }], watchSec: 3_600, aim: 'NOT_WORSE',
    }, '{ policy }')), 'putRolloutPolicy');
    expect(answer['policy']).toMatchObject({
      aim: 'notWorse', watchSec: 3_600, topline: [{ metric: 'error', max: 0.05 }],
      metrics: [
        { name: 'error', kind: 'rate', role: 'guardrail', share: 0.5, margin: 0.02 }, { name: 'slow', from: 'slow', kind: 'rate', objectiveMs: 4_000, maturityMs: 23_000, margin: 0.02, missingAs: 1 },
        { name: 'quality', from: 'evaluation:helpful', kind: 'score', margin: 0.03, missingAs: null }, { name: 'cost', kind: 'mean', role: 'signal', relative: true, tolerance: 0.05, margin: 0.1, cap: 0.5 },
        { name: 'steps', from: 'attribute:agent.steps', kind: 'mean', role: 'observe', cap: 50, share: 0, margin: null },
      ],
    });
  });
  test.each<[string, RegExp, object]>([
    ['slow without an objective', /Metric slow has no objective/, { metrics: [{ name: 'error' }, { name: 'slow' }] }],
    ['a cost that tolerates what it may not promote', /margin of 5 %, not above its tolerance of 10 %/, { metrics: [{ name: 'error' }, { name: 'cost', tolerance: 0.1, margin: 0.05 }] }],
    ['a topline of a metric that is not there', /The topline of toxic is of no metric/, { topline: [{ metric: 'toxic', max: 0.1 }] }],
    ['to be better on a ramp', /on one fixed weight; there are 2 stages/, { aim: 'BETTER', metrics: [{ name: 'error', margin: 0 }], stages: [{ weightBp: 500, durationMinSec: 1 }, { weightBp: 5_000, durationMinSec: 1 }] }],
  ])('%s is refused', async (_name, words, more) => {
    const fault = faultOf(await via((door) => call(door, manager, 'putRolloutPolicy', { application: 'helpdesk', name: 'odd', evaluation: { dataset: 'facts', evaluators: [{ name: 'knows', margin: 0.1, floor: 0.5 }] }, metrics: [{ name: 'error' }], ...more }, '{ version }')));
    expect([fault.code, fault.message]).toEqual(['BAD_INPUT', expect.stringMatching(words)]);
  });
});

describe('R-388 a policy whose dataset cannot show its margin is refused with the number', () => {
  const put = async (margin: number, more: object = {}): Promise<Fault> => faultOf(await via((door) => call(door, manager, 'putRolloutPolicy', {
    application: 'helpdesk', name: 'narrow', evaluation: { dataset: 'facts', evaluators: [{ name: 'knows', margin, ...more }] }, metrics: [{ name: 'error' }],
  }, '{ version }')));
  /** A finished evaluation of the evaluator on the dataset that measured this spread. */
  const measured = (sd: number, { kind = 'PASS', baseline = 'sha256:b', dataset = 'facts', digest = 'sha256:e', id = 'E1' }: { kind?: string; baseline?: string; dataset?: string; digest?: string; id?: string } = {}): void => {
    w.evaluations.set(id, {
      _id: id, application: 'helpdesk', state: 'FINISHED', once: { key: id, args: 'sha256:x' }, plan: { baseline, dataset: { name: dataset }, evaluators: [{ name: 'knows', digest }] },
      verdict: { kind, evidence: { items: 150, available: 150, evaluators: [{ evaluator: 'knows', sd }] } },
    } as unknown as Parameters<World['evaluations']['set']>[1]);
  };
  test('before it is measured the spread is the tier\'s', async () => {
    expect(await put(0.05)).toMatchObject({ code: 'none' });
    expect(await put(0.01)).toMatchObject({ code: 'BAD_INPUT', message: 'Evaluator knows: the dataset holds 150 items; to show a margin of 0.01 it needs about 3574 at a spread of 0.17, what tier LOW assumes before it is measured.' });
  });
  test('then it is what the last evaluation with this evaluator on this dataset measured', async () => {
    measured(0.4);
    expect(await put(0.05)).toMatchObject({ code: 'BAD_INPUT', message: expect.stringMatching(/needs about 79[12] at a spread of 0\.4, as it was measured last/) as string });
    expect((await put(0.2)).code).toBe('none');
  });
  test('a small spread allows a narrower margin', async () => { expect((await put(0.03)).message).toMatch(/needs about 39\d/); measured(0.01); expect((await put(0.03)).code).toBe('none'); });
  test.each<[string, Parameters<typeof measured>[1]]>([
    ['no baseline: there is no difference', { baseline: 'none' }], ['FAIL: few cases of what nobody ships', { kind: 'FAIL' }], ['another dataset', { dataset: 'other' }], ['another version of the evaluator', { digest: 'sha256:old' }],
  ])('not counted: %s', async (_name, more) => { measured(0.9, more); expect((await put(0.05)).code).toBe('none'); });
  test('a signal needs no size: it fails nothing', async () => {
    const intent = { id: 'setup', application: 'helpdesk', action: 'setup', actor: { id: 'slipway:setup', kind: 'slipway' as const } };
    await w.deps.evaluators.insert({ application: 'helpdesk', name: 'tone', digest: 'sha256:t', spec: { kind: 'exact' }, author: 'x', once: { key: 'setup|tone', args: 'sha256:s' } }, intent);
    const withTone = (role: string): Promise<Reply> => via((door) => call(door, manager, 'putRolloutPolicy', {
      application: 'helpdesk', name: 'two', evaluation: { dataset: 'facts', evaluators: [{ name: 'knows', margin: 0.1 }, { name: 'tone', margin: 0.01, role }] }, metrics: [{ name: 'error' }], idempotencyKey: `two-${role}`,
    }, '{ version }'));
    expect(faultOf(await withTone('SIGNAL')).code).toBe('none');
    expect(faultOf(await withTone('GUARDRAIL')).message).toMatch(/^Evaluator tone: /);
  });
});

describe('R-387 versions are made once under a key, and an application keeps its tier', () => {
  test('a prompt: again, with another text, under another key', async () => {
    const push = (content: string, idempotencyKey = 'the-key-of-this-call'): Promise<Reply> => via((door) => call(door, manager, 'createPromptVersion', { application: 'helpdesk', prompt: 'other', messages: [{ role: 'SYSTEM', content }], variables: [], message: 'm', idempotencyKey }, '{ version digest author messages { role } }'));
    expect(answerOf(await push('a'), 'createPromptVersion')).toMatchObject({ version: 1, author: 'person:manager', messages: [{ role: 'SYSTEM' }] });
    expect(answerOf(await push('a'), 'createPromptVersion')).toMatchObject({ version: 1 });
    expect(faultOf(await push('b')).code).toBe('CONFLICT');
    expect(answerOf(await push('b', 'another-key'), 'createPromptVersion')).toMatchObject({ version: 2 });
  });
  test('the digest of a dataset is that of its items', async () => {
    const items = [{ id: 'a', variables: [{ name: 'q', value: '1' }], expected: 'x' }];
    const answer = answerOf(await via((door) => call(door, manager, 'importDatasetVersion', { application: 'helpdesk', name: 'facts', items }, '{ version digest items }')), 'importDatasetVersion');
    expect(answer).toEqual({ version: 2, items: 1, digest: `sha256:${sha256('[{"expected":"x","id":"a","variables":{"q":"1"}}]')}` });
  });
  test('an evaluator that cannot run is refused', async () => {
    expect(faultOf(await via((door) => call(door, manager, 'createEvaluatorVersion', { application: 'helpdesk', name: 'look', kind: 'REGEX', pattern: '(?=a)' }, '{ id }')))).toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('look-ahead') as string });
    expect(faultOf(await via((door) => call(door, manager, 'createEvaluatorVersion', { application: 'helpdesk', name: 'exact', kind: 'EXACT', pattern: 'a' }, '{ id }'))).code).toBe('BAD_INPUT');
  });
  test('tier and team are not changed in passing', async () => {
    const admin = w.session('admin', [{ application: '*', role: 'ADMIN' }]);
    const put = (more: object): Promise<Reply> => via((door) => call(door, admin, 'createApplication', { key: 'helpdesk', team: 'helpdesk', owner: 'new', deputy: 'd', tier: 'LOW', purpose: 'p', environments: [{ name: 'production' }, { name: 'dev' }], ...more }, '{ owner environmentNames { name protected } }'));
    expect(answerOf(await put({}), 'createApplication')).toEqual({ owner: 'new', environmentNames: [{ name: 'production', protected: true }, { name: 'dev', protected: false }] });
    expect(faultOf(await put({ tier: 'HIGH', idempotencyKey: 'another-key' })).code).toBe('CONFLICT');
    expect(faultOf(await put({ team: 'other', idempotencyKey: 'a-third-key' })).code).toBe('CONFLICT');
  });
  test('a key is revoked under a key of its own: again, for another reason', async () => {
    const secret = w.key('ci', { name: 'old' });
    const id = [...w.keys.values()].find(({ name }) => name === 'old')?._id ?? '';
    const revoke = (reason: string, deps: Partial<World['deps']> = {}): Promise<Reply> => via((door) => call(door, manager, 'revokeApiKey', { application: 'helpdesk', id, reason }, '{ id }'), deps);
    expect(secret).not.toBe('');
    expect(answerOf(await revoke('leaked'), 'revokeApiKey')).toEqual({ id });
    const told = w.intents.at(-1);
    const audit = { ...w.deps.audit, byIntent: (_application: string, intent: string) => Promise.resolve(told?.id === intent ? { ...told, seq: 1 } as never : null) };
    expect(answerOf(await revoke('leaked', { audit }), 'revokeApiKey')).toEqual({ id });
    expect(faultOf(await revoke('bored', { audit })).code).toBe('CONFLICT');
  });
  test('a secret is shown once, and a session needs an ADMIN of all', async () => {
    const make = (token: string, more: object): Promise<Reply> => via((door) => call(door, token, 'createApiKey', { application: 'helpdesk', name: 'web', ...more }, '{ secret apiKey { id kind scopes } }'));
    const key = { kind: 'APPLICATION', environment: 'production', scopes: ['SERVE'] };
    const made = answerOf(await make(manager, key), 'createApiKey') as { secret: string; apiKey: Answer };
    expect(made).toMatchObject({ secret: expect.stringMatching(/^slp_ap_/) as string, apiKey: { kind: 'APPLICATION', scopes: ['SERVE'] } });
    expect(JSON.stringify([...w.keys.values()])).not.toContain(made.secret);
    expect(faultOf(await make(manager, key)).code).toBe('CONFLICT');
    expect(faultOf(await make(manager, { ...key, environment: 'staging', idempotencyKey: 'another-key' })).code).toBe('NOT_FOUND');
    expect(faultOf(await make(manager, { kind: 'SESSION', name: 'approver', idempotencyKey: 'a-third-key' })).code).toBe('FORBIDDEN');
    const admin = w.session('admin', [{ application: '*', role: 'ADMIN' }]);
    expect(answerOf(await make(admin, { kind: 'SESSION', name: 'approver', idempotencyKey: 'a-fourth-key' }), 'createApiKey')).toMatchObject({ secret: expect.stringMatching(/^slp_st_/) as string });
  });
});
