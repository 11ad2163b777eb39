import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gql, mutate, reaches, Refused, releaseOf, send, startStack, traffic, until, type Stack, type Traffic, type Json } from './harness.js';
import { ALSO_GOOD, EMPTY, GOOD, judge, push, putPolicy, settle, SLOPPY, start } from './world.js';

let stack: Stack;
let users: Traffic;
beforeAll(async () => { stack = await startStack(); await settle(stack); users = traffic(stack, { perSec: 60, guardrail: 'sloppy', judge }); }, 180_000);
afterAll(async () => { await users?.stop(); await stack?.stop(); });

const environment = async (fields: string): Promise<Json> => (await gql(stack.api, stack.people.releaseManager, `{ environment(application: "helpdesk", name: "production") ${fields} }`)).environment;
const refusal = async (run: Promise<unknown>): Promise<string> => { try { await run; return 'not refused'; } catch (error) { if (error instanceof Refused) return error.code; throw error; } };
const served = async (key = 'someone'): Promise<Json> => (await send('POST', `${stack.edge}/ofrep/v1/evaluate/flags/answer`, { 'content-type': 'application/json', authorization: `Bearer ${stack.keys.app}` }, JSON.stringify({ context: { targetingKey: key } }))).json;
const textOf = (answer: Json): string => String(answer?.value?.messages?.[0]?.content ?? '');

describe('R-300 a release runs end to end through the public doors', () => {
  let stableText = GOOD;

  test('the first release becomes stable by its floors, without a canary', async () => {
    expect(await environment('{ split { stable } }')).toEqual({ split: null });
    const { id } = await start(stack, await push(stack, GOOD));
    const release = await reaches(stack, id, ['PROMOTED']);
    expect(release.baseline).toBe('none');
    expect(release.timeline.map((e: Json) => e.state)).not.toContain('CANARY');
    await until('the edge to serve it', async () => textOf(await served()) === GOOD);
  });

  test('a good version climbs by evidence and is promoted', async () => {
    const { id } = await start(stack, await push(stack, ALSO_GOOD));
    const release = await reaches(stack, id, ['PROMOTED'], 150_000);
    const states = release.timeline.map((e: Json) => e.state);
    for (const state of ['EVALUATING', 'CANARY', 'BAKING', 'PROMOTED']) expect(states).toContain(state);
    expect(release.evaluation.verdict.kind).toBe('PASS');
    stableText = ALSO_GOOD;
    await until('the edge to serve it', async () => textOf(await served()) === stableText);
  });

  test('a version that is worse live is taken back by itself, for cause, and quarantined', async () => {
    const version = await push(stack, SLOPPY);
    const { id } = await start(stack, version);
    const release = await reaches(stack, id, ['ROLLED_BACK'], 150_000);
    expect(release.evaluation.verdict.kind).toBe('PASS');
    expect(release.rollback).toMatchObject({ forCause: true });
    expect(release.rollback.stragglers).toEqual([]);
    expect(textOf(await served())).toBe(stableText);
    const now = await environment('{ split { stable candidate weightBp } quarantine { digest release } openRelease { id } }');
    expect(now.openRelease).toBeNull();
    expect(now.split.candidate).toBeNull();
    expect(now.quarantine).toEqual([{ digest: release.candidate.digest, release: id }]);
    expect(await refusal(start(stack, version))).toBe('QUARANTINED');
    expect(await refusal(push(stack, SLOPPY).then((again) => start(stack, again)))).toBe('QUARANTINED');
  });

  test('a version that fails its evaluation is refused before any user sees it', async () => {
    const { id } = await start(stack, await push(stack, EMPTY));
    const release = await reaches(stack, id, ['REJECTED']);
    expect(release.evaluation.verdict.kind).toBe('FAIL');
    expect(users.served.get(EMPTY)).toBeUndefined();
  });

  test('after PROMOTED one write brings the previous bundle back, as a release of kind REVERT', async () => {
    const before = await environment('{ split { stable rev epoch } previous }');
    const revert = await mutate(stack.api, stack.people.onCall, 'rollbackEnvironment', { application: 'helpdesk', environment: 'production', reason: 'looks odd' }, '{ id kind state }');
    expect(revert).toMatchObject({ kind: 'REVERT', state: 'PROMOTED' });
    const after = await environment('{ split { stable rev epoch } previous }');
    expect(after.split).toEqual({ stable: before.previous, rev: Number(before.split.rev) + 1, epoch: Number(before.split.epoch) + 1 });
    expect(after.previous).toBeNull();
    await until('the relay to write it', async () => (await releaseOf(stack.api, stack.people.releaseManager, revert.id)) as unknown);
    await until('the edge to serve it', async () => textOf(await served()) === GOOD);
    expect(await refusal(mutate(stack.api, stack.people.onCall, 'rollbackEnvironment', { application: 'helpdesk', environment: 'production' }, '{ id }'))).toBe('CONFLICT');
  });

  test('a quarantine is lifted by a person with a reason', async () => {
    const { quarantine } = await environment('{ quarantine { digest } }');
    expect(quarantine).toHaveLength(2);
    for (const { digest } of quarantine) await mutate(stack.api, stack.people.releaseManager, 'liftQuarantine', { application: 'helpdesk', environment: 'production', digest, reason: 'understood' }, '{ name }');
    expect((await environment('{ quarantine { digest } }')).quarantine).toEqual([]);
  });
});

describe('R-301 people move a release, and only as its state allows', () => {
  const slow = { policy: 'slow', stages: [{ weightBp: 2000, durationMinSec: 600, durationMaxSec: 1200 }] };
  const act = (name: string, token: string, id: string, more: Record<string, unknown> = { reason: 'a test' }): Promise<Json> => mutate(stack.api, token, name, { id, ...more }, '{ id state }');
  const canary = async (word: string): Promise<string> => {
    const { id } = await start(stack, await push(stack, ALSO_GOOD.replace('kindly', word)), { policy: 'slow' });
    await reaches(stack, id, ['CANARY']);
    return String(id);
  };

  test('pause keeps the weight and its looks, resume goes on, rollback ends it', async () => {
    await putPolicy(stack, slow);
    const id = await canary('slowly');
    expect((await act('pauseRelease', stack.people.onCall, id)).state).toBe('PAUSED');
    expect((await environment('{ split { weightBp } }')).split.weightBp).toBe(2000);
    expect(await refusal(act('approveRelease', stack.people.approver, id, {}))).toBe('CONFLICT');
    expect((await act('resumeRelease', stack.people.releaseManager, id)).state).toBe('CANARY');
    await act('rollbackRelease', stack.people.onCall, id);
    expect((await environment('{ split { candidate } openRelease { id } }')).split.candidate).toBeNull();
    const release = await reaches(stack, id, ['ROLLED_BACK']);
    expect(release.rollback).toMatchObject({ forCause: true, reason: 'a test' });
  });

  test('a second release of the environment is a CONFLICT that names the winner; the same key finds its own', async () => {
    const version = await push(stack, ALSO_GOOD.replace('kindly', 'plainly'));
    const first = await start(stack, version, { policy: 'slow', idempotencyKey: 'the-same-key' });
    expect((await start(stack, version, { policy: 'slow', idempotencyKey: 'the-same-key' })).id).toBe(first.id);
    expect(await refusal(start(stack, version, { policy: 'quick', idempotencyKey: 'the-same-key' }))).toBe('CONFLICT');
    await expect(start(stack, version, { policy: 'slow' })).rejects.toThrow(String(first.id));
    await reaches(stack, first.id, ['CANARY']);
    await act('rollbackRelease', stack.people.onCall, String(first.id), {});
    const release = await reaches(stack, first.id, ['ROLLED_BACK']);
    expect(release.rollback.forCause).toBe(false);
    expect((await environment('{ quarantine { release } }')).quarantine.map((q: Json) => q.release)).not.toContain(first.id);
  });

  test('approvals: neither author nor requester, and the number the policy says; reject and cancel before traffic', async () => {
    await putPolicy(stack, { policy: 'approved', approvals: 1, stages: slow.stages });
    const waiting = async (word: string): Promise<string> => {
      const { id } = await start(stack, await push(stack, ALSO_GOOD.replace('kindly', word)), { policy: 'approved' });
      await reaches(stack, id, ['AWAITING_APPROVAL']);
      return String(id);
    };
    const id = await waiting('gently');
    expect(await refusal(act('approveRelease', stack.people.releaseManager, id, {}))).toBe('FORBIDDEN');
    expect(await refusal(act('approveRelease', stack.people.author, id, {}))).toBe('FORBIDDEN');
    expect(await refusal(act('approveRelease', stack.keys.ci, id, {}))).toBe('FORBIDDEN');
    await act('approveRelease', stack.people.approver, id, { comment: 'seen' });
    await reaches(stack, id, ['CANARY']);
    await act('rollbackRelease', stack.people.onCall, id, {});
    await reaches(stack, id, ['ROLLED_BACK']);

    const rejected = await waiting('softly');
    await act('rejectRelease', stack.people.approver, rejected);
    await reaches(stack, rejected, ['REJECTED']);
    const cancelled = await waiting('calmly');
    await act('cancelRelease', stack.people.releaseManager, cancelled);
    await reaches(stack, cancelled, ['CANCELLED']);
    const taken = await waiting('mildly');
    await act('rollbackRelease', stack.people.onCall, taken, {});
    await reaches(stack, taken, ['CANCELLED']);
  });
});

describe('R-700 every state change is one event of an unbroken chain', () => {
  test('and the chain verifies', async () => {
    const { verifyChain } = await import('../core/audit/index.js');
    const { createHash } = await import('node:crypto');
    const events: Json[] = [];
    for (let after: string | null = null; ;) {
      const { audit } = await gql(stack.api, stack.people.admin, 'query($after: String) { audit(application: "helpdesk", first: 100, after: $after) { nodes { application seq at actor actorKind authMethod action subject beforeDigest afterDigest reason intentId previousHash hash } pageInfo { hasNextPage endCursor } } }', { after });
      events.push(...audit.nodes);
      if (audit.pageInfo.hasNextPage !== true) break;
      after = String(audit.pageInfo.endCursor);
    }
    expect(events.length).toBeGreaterThan(30);
    expect(verifyChain(events, (text: string) => createHash('sha256').update(text).digest('hex'))).toMatchObject({ kind: 'sound' });
    const actions = new Set(events.map((e) => String(e.action)));
    for (const action of ['release.requested', 'release.promoted', 'release.rolled_back', 'release.rejected', 'release.cancelled']) expect([...actions]).toContain(action);
  });
});
