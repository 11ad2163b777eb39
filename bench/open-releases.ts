/** Many releases that wait, each in an environment of its own, opened and ended through the public doors. */
import { randomUUID } from 'node:crypto';
import { gql, mutate, Refused, until } from '../test/harness.js';
import type { Stack } from '../test/harness.js';
import { ALSO_GOOD, GOOD, push, putPolicy, settle, start } from '../test/world.js';

/** What a release waits in: for a person, or in a canary that nobody uses. */
export type Kind = 'AWAITING_APPROVAL' | 'CANARY';
export const KINDS = ['AWAITING_APPROVAL', 'CANARY'] as const satisfies readonly Kind[];
/** What the API allows an application. */
const ENVIRONMENTS = 20;
const AT_ONCE = 6;
const DAY = 86_400;

export interface OpenRelease { readonly id: string; readonly kind: Kind; readonly application: string; readonly environment: string; readonly environmentId: string }
export interface Herd {
  /** Makes it so many of each kind. */
  have(counts: Readonly<Record<Kind, number>>): Promise<void>;
  open(): readonly OpenRelease[];
}

/** The work for each, so many at a time. */
export async function inTurn<T>(items: readonly T[], work: (item: T) => Promise<void>, atOnce = AT_ONCE): Promise<void> {
  const left = [...items];
  await Promise.all(Array.from({ length: atOnce }, async () => { for (let one = left.shift(); one !== undefined; one = left.shift()) await work(one); }));
}

/** On a machine that has other work an answer may take longer than a caller waits; what is sent again has its key. */
async function patiently<T>(work: (idempotencyKey: string) => Promise<T>): Promise<T> {
  const idempotencyKey = randomUUID();
  for (let tries = 1; ; tries += 1) {
    try { return await work(idempotencyKey); } catch (error) { if (tries === 20 || (error instanceof Refused && error.code !== 'UNAVAILABLE')) throw error; }
  }
}
/** Asked seldom: what waits must not be kept from it by who looks whether it waits. */
const becomes = ({ api, people }: Stack, id: string, state: string): Promise<unknown> => until(`release ${id} to be ${state}`, async () => {
  const { release } = await gql(api, people.releaseManager, 'query($id: ID!) { release(id: $id) { state open } }', { id }) as { release: { state: string; open: boolean } };
  if (release.state === state) return true;
  if (!release.open) throw new Error(`release ${id} ended ${release.state}`);
  return null;
}, 600_000, 500);

/**
 * Applications with enough environments for so many of each kind. The canaries' environments get their stable bundle now, each by a release of its own.
 * Lease, blocks and maturity of the canaries are what tier LOW gives where a policy is silent.
 */
export async function prepareHerd(stack: Stack, most: number): Promise<Herd> {
  const { api, people } = stack;
  const applications = KINDS.flatMap((kind) => Array.from({ length: Math.ceil(most / ENVIRONMENTS) }, (_, index) => ({ kind, key: `${kind === 'CANARY' ? 'flies' : 'waits'}-${index}`, count: Math.min(ENVIRONMENTS, most - index * ENVIRONMENTS) })));
  const places: { kind: Kind; application: string; environment: string; version: number }[] = [];
  await inTurn(applications, async ({ kind, key, count }) => {
    const names = Array.from({ length: count }, (_, index) => `place-${index}`);
    await mutate(api, people.admin, 'createApplication', { key, team: 'bench', owner: 'admin', deputy: 'author', tier: 'LOW', purpose: 'Waits.', environments: names.map((name) => ({ name, protected: false })) }, '{ key }');
    await settle(stack, { application: key });
    const first = await push(stack, GOOD, key);
    if (kind === 'AWAITING_APPROVAL') {
      await putPolicy(stack, { application: key, policy: 'waits', approvals: 1 });
      places.push(...names.map((environment) => ({ kind, application: key, environment, version: first })));
      return;
    }
    await mutate(api, people.releaseManager, 'putRolloutPolicy', {
      application: key, name: 'waits', evaluation: { dataset: 'facts', evaluators: [{ name: 'knows', margin: 0.1, floor: 0.5 }], callsMax: 600 },
      stages: [{ weightBp: 1_000, durationMinSec: DAY, durationMaxSec: 2 * DAY }], metrics: [{ name: 'sloppy', from: 'guardrail:sloppy', role: 'GUARDRAIL' }],
    }, '{ version }');
    // One first: the others find its evaluation.
    const [one, ...others] = names;
    const promote = async (environment: string): Promise<void> => { await becomes(stack, String((await patiently((idempotencyKey) => start(stack, first, { application: key, environment, idempotencyKey }))).id), 'PROMOTED'); };
    if (one !== undefined) await promote(one);
    await inTurn(others, promote, 3);
    const second = await push(stack, ALSO_GOOD, key);
    places.push(...names.map((environment) => ({ kind, application: key, environment, version: second })));
  }, 2);

  const open: OpenRelease[] = [];
  const grow = async (kind: Kind, count: number): Promise<void> => {
    const free = places.filter((place) => place.kind === kind && !open.some(({ environmentId }) => environmentId === `${place.application}/${place.environment}`)).slice(0, count);
    // The first of each application is evaluated, the others find its verdict.
    const firsts = free.filter((place, index) => free.findIndex(({ application }) => application === place.application) === index);
    for (const group of [firsts, free.filter((place) => !firsts.includes(place))]) {
      await inTurn(group, async ({ application, environment, version }) => {
        const { id } = await patiently((idempotencyKey) => start(stack, version, { application, environment, policy: 'waits', idempotencyKey }));
        await becomes(stack, String(id), kind);
        open.push({ id: String(id), kind, application, environment, environmentId: `${application}/${environment}` });
      });
    }
  };
  const shrink = async (kind: Kind, count: number): Promise<void> => {
    const ending = open.filter((one) => one.kind === kind).slice(-count);
    await inTurn(ending, async ({ id }) => {
      await patiently((idempotencyKey) => mutate(api, people.releaseManager, kind === 'CANARY' ? 'rollbackRelease' : 'cancelRelease', kind === 'CANARY' ? { id, idempotencyKey } : { id, reason: 'enough', idempotencyKey }, '{ id }'));
      await becomes(stack, id, kind === 'CANARY' ? 'ROLLED_BACK' : 'CANCELLED');
    });
    for (const one of ending) open.splice(open.indexOf(one), 1);
  };
  return {
    async have(counts) {
      for (const kind of KINDS) {
        const now = open.filter((one) => one.kind === kind).length;
        if (counts[kind] > now) await grow(kind, counts[kind] - now);
        if (counts[kind] < now) await shrink(kind, now - counts[kind]);
      }
      const { totalOpen } = await countOf(stack);
      if (totalOpen !== counts.CANARY + counts.AWAITING_APPROVAL) throw new Error(`${totalOpen} releases are open, not ${counts.CANARY + counts.AWAITING_APPROVAL}`);
    },
    open: () => open,
  };
}

async function countOf({ api, people }: Stack): Promise<{ readonly totalOpen: number }> {
  let totalOpen = 0;
  for (let after: string | null = null, more = true; more;) {
    const { releases } = await gql(api, people.releaseManager, 'query($after: String) { releases(first: 100, after: $after, state: [REQUESTED, EVALUATING, AWAITING_APPROVAL, CANARY, PAUSED, BAKING, ROLLING_BACK]) { nodes { id } pageInfo { endCursor hasNextPage } } }', { after }) as { releases: { nodes: unknown[]; pageInfo: { endCursor: string | null; hasNextPage: boolean } } };
    totalOpen += releases.nodes.length;
    after = releases.pageInfo.endCursor;
    more = releases.pageInfo.hasNextPage && after !== null;
  }
  return { totalOpen };
}
