import { ConflictError, IdempotencyError, ReleaseOpenError, SlipwayError } from '../../core/errors.js';
import type { ErrorCode } from '../../core/errors.js';
import { StartReleaseInput } from '../../schema/release.js';
import { read } from '../../schema/read.js';
import type { ApplicationDoc, BundleDoc, NewRelease, Once, ReleaseDoc } from '../../store/index.js';
import { actorOf, onceOf } from '../acts.js';
import type { Context } from '../context.js';
import { environmentOf } from './environment.js';
import { assertCanBeShown } from './forecast.js';
import { present } from './pages.js';
import { assertHasFloor, assertMayEnter, assertPolicyHolds, candidateOf, pinsOf, unpricedOf } from './release-pins.js';
import type { Pins } from './release-pins.js';

const WINNER_WAIT_MS = 2_000;
const WINNER_LOOK_MS = 50;

/** Pins everything by digest, then places one order. Safe to repeat under its key: what was written before is found by it. */
export async function startRelease(context: Context, value: unknown): Promise<ReleaseDoc> {
  const input = read(StartReleaseInput, value);
  const { application: key, environment: name, message } = input;
  const { application, isProtected } = await environmentOf(context, key, name);
  const once = onceOf(context, 'startRelease', input);
  const former = await context.deps.releases.byOnce(key, once.key);
  if (former !== null) return sameStart(former, once, input.idempotencyKey);

  const environment = await context.deps.environments.find(key, name);
  const pins = await pinsOf(context, key, input.policy);
  const bundle = await candidateOf(context, key, environment, input.candidate);
  assertHasFloor(environment, pins);
  assertMayEnter(environment, bundle);
  assertPolicyHolds(application, pins, bundle, await unpricedOf(context, pins, bundle, environment));
  await assertCanBeShown(context, pins, environment);
  return order(context, newRelease(context, { application, environment: name, isProtected, message, once, pins, bundle }), input.idempotencyKey);
}

function newRelease({ deps, principal }: Context, { application, environment, isProtected, message, once, pins: { policy, dataset, evaluators }, bundle }: {
  readonly application: ApplicationDoc; readonly environment: string; readonly isProtected: boolean; readonly message: string; readonly once: Once; readonly pins: Pins; readonly bundle: BundleDoc;
}): NewRelease {
  // A machine may ask for a release where people are served; a person has to say yes, whatever the policy.
  const count = Math.max(policy.policy.approvals.count, principal.kind === 'ci' && isProtected ? 1 : 0);
  return {
    _id: deps.newId(), application: application._id, environment, once, candidate: bundle.digest, contents: bundle.contents, requestedBy: actorOf(principal), message,
    tier: application.tier, ownerTeam: application.team, authors: bundle.authors,
    policy: { name: policy.name, version: policy.version, digest: policy.digest, plan: { ...policy.policy, approvals: { ...policy.policy.approvals, count } } },
    dataset, evaluators, approvalsNeeded: count,
  };
}

async function order({ deps }: Context, release: NewRelease, idempotencyKey: string): Promise<ReleaseDoc> {
  const { application, environment, once } = release;
  const birth = await deps.orders.startRelease({ release, reason: release.message });
  switch (birth.kind) {
    case 'opened': case 'repeated': return sameStart(present(await deps.releases.find(birth.release), 'release', birth.release), once, idempotencyKey);
    case 'refused': throw new SlipwayError(birth.code, birth.message, birth.hint);
    case 'running': {
      const untilMs = deps.monotonicMs() + WINNER_WAIT_MS;
      for (;;) {
        const mine = await deps.releases.byOnce(application, once.key);
        if (mine !== null) return sameStart(mine, once, idempotencyKey);
        const winner = await deps.releases.openOf(application, environment);
        if (winner !== null) throw new ReleaseOpenError(`${application}/${environment}`, winner._id);
        if (deps.monotonicMs() >= untilMs) throw new ConflictError(`${application}/${environment} already has a release that is just beginning or ending.`, 'Try again in a moment, with the same idempotency key.');
        await deps.pause(WINNER_LOOK_MS);
      }
    }
  }
}

/** The release of this key. A start that was refused stays refused under it. @throws IdempotencyError when it was for another input */
function sameStart(found: ReleaseDoc, once: Once, idempotencyKey: string): ReleaseDoc {
  if (found.once.key === once.key && found.once.args !== once.args) throw new IdempotencyError(idempotencyKey);
  for (const { type, reason, data } of found.timeline) {
    const [code, hint] = [data?.['code'], data?.['hint']];
    if (type === 'release.rejected' && typeof code === 'string' && typeof hint === 'string') throw new SlipwayError(code as ErrorCode, reason ?? 'The release was refused.', hint);
  }
  return found;
}
