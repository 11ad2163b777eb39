import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gql, mutate, reaches, releaseOf, startStack, traffic, until, type Judge, type Json, type Stack, type Traffic } from './harness.js';
import { checked } from './harness/stored.js';
import { ALSO_GOOD, GOOD, push, putPolicy, settle, start } from './world.js';

// The whole product. What users find bad may change while a version is live: a word that was fine becomes one that is not, as when the world
// that an answer speaks of has changed. The judge reads texts, never a version.
const ENVIRONMENTS = ['production', 'staging', 'development'] as const;
type Name = typeof ENVIRONMENTS[number];
let stack: Stack;
const outdated = new Set<string>();
const judge: Judge = (text, user) => ({ bad: [...outdated].some((word) => text.includes(word)) && user.charCodeAt(user.length - 1) % 4 !== 0 });
const users: Traffic[] = [];
const good = (word: string): string => ALSO_GOOD.replace('kindly', word);
const TOPLINE = [{ metric: 'sloppy', max: 0.1 }];

beforeAll(async () => {
  stack = await startStack();
  const { api, people } = stack;
  await mutate(api, people.admin, 'createApplication', { key: 'shop', team: 'shop', owner: 'rita', deputy: 'arthur', tier: 'LOW', purpose: 'Answers what customers ask.', environments: ENVIRONMENTS.map((name) => ({ name })) }, '{ key }');
  await settle(stack, { application: 'shop', leaseMs: 30_000 });
  await putPolicy(stack, { application: 'shop', policy: 'watched', leaseMs: 30_000, topline: TOPLINE, watchSec: 600 });
  for (const environment of ENVIRONMENTS) {
    const { secret } = await mutate(api, people.admin, 'createApiKey', { application: 'shop', kind: 'APPLICATION', name: environment, environment, scopes: ['SERVE', 'INGEST', 'FEEDBACK'], lifeDays: 1 }, '{ secret }');
    users.push(traffic(stack, { perSec: 30, guardrail: 'sloppy', judge, key: String(secret) }));
  }
  const first = await push(stack, GOOD, 'shop');
  await Promise.all(ENVIRONMENTS.map(async (environment) => reaches(stack, String((await start(stack, first, { application: 'shop', environment })).id), ['PROMOTED'])));
}, 300_000);
afterAll(async () => { await Promise.all(users.map((one) => one.stop())); await stack?.stop(); });

const place = async (name: Name): Promise<Json> =>
  (await gql(stack.api, stack.people.releaseManager, `{ environment(application: "shop", name: "${name}") { split { stable rev release } previous quarantine { digest release reason } openRelease { id } watch { release until alarms { metric max units bad since } } } }`)).environment;
const promoted = async (environment: Name, text: string): Promise<Json> => {
  const { id } = await start(stack, await push(stack, text, 'shop'), { application: 'shop', environment, policy: 'watched' });
  return reaches(stack, String(id), ['PROMOTED'], 150_000);
};
const endOf = async (id: string): Promise<Json> => (await releaseOf(stack.api, stack.people.releaseManager, id)).timeline.find((entry: Json) => entry.type === 'release.watch_ended');

describe('R-915 what was promoted is held against its objectives, and taken back when it misses them', () => {
  test('by what it answers: one that turns bad is reverted, one that stays good stays, and a person may be first', async () => {
    const [turns, stays, person] = await Promise.all([promoted('production', good('promptly')), promoted('staging', good('plainly')), promoted('development', good('calmly'))]);
    for (const [name, release] of [['production', turns], ['staging', stays], ['development', person]] as const) {
      const { watch } = await until(`the watch of ${name}`, async () => { const now = await place(name); return now.watch === null ? null : now; });
      expect(watch).toMatchObject({ release: release.id, alarms: [] });
    }
    const before = await place('production');

    outdated.add('promptly');
    const personal = await mutate(stack.api, stack.people.onCall, 'rollbackEnvironment', { application: 'shop', environment: 'development', reason: 'looks odd' }, '{ id }');
    const end = await until('the alarm', () => endOf(turns.id), 120_000);

    expect(end.reason).toMatch(/^sloppy is above its objective: \d+ of \d+ bad \(\d+ %\) since \S+Z, at most 10 % may be\.$/);
    const after = await place('production');
    expect(after).toMatchObject({ split: { stable: before.previous, rev: Number(before.split.rev) + 1 }, previous: null, openRelease: null, watch: null });
    expect(after.quarantine).toEqual([{ digest: turns.candidate.digest, release: turns.id, reason: end.reason }]);
    const revert = await until('the relay to write it', () => releaseOf(stack.api, stack.people.releaseManager, String(after.split.release)));
    expect(revert).toMatchObject({ kind: 'REVERT', state: 'PROMOTED', candidate: { digest: before.previous }, timeline: [{ type: 'release.reverted', reason: end.reason }] });
    const { nodes } = (await gql(stack.api, stack.people.releaseManager, '{ releases(application: "shop", environment: "production", first: 1) { nodes { id requestedBy { kind } } } }')).releases;
    expect(nodes).toEqual([{ id: revert.id, requestedBy: { kind: 'slipway' } }]);
    const told = (await gql(stack.api, stack.people.admin, '{ audit(application: "shop", first: 100) { nodes { action actor subject reason } } }')).audit.nodes;
    expect(told.filter((event: Json) => event.subject === revert.id)).toEqual([expect.objectContaining({ action: 'release.reverted', reason: end.reason })]);

    // A person came first: the watch of that release ends, and takes nothing back a second time.
    await until('the end of the watch', () => endOf(person.id));
    expect(await place('development')).toMatchObject({ split: { release: personal.id }, watch: null });
    // What is as good as it was is watched on.
    expect(await place('staging')).toMatchObject({ split: { release: stays.id }, quarantine: [], watch: { release: stays.id, alarms: [] } });
    await Promise.all(users.splice(0).map((one) => one.stop()));
    await checked({ ...stack });
  });
});
