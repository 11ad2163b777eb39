import type { LookMode, LookOutcome } from '../activities/index.js';
import type { OpenState } from '../core/release/index.js';
import { looksOn, noteHold, setWeight } from './proxies.js';
import { finalReason, nextId, unlessOver } from './release-flight.js';
import type { Flight, Step } from './release-flight.js';

/** Where a candidate goes that is on its way and may go no further. */
type Way = Exclude<Step<'CANARY'> & Step<'BAKING'>, null>;

/** One stage: its weight, then looks, until there is a decision. */
export async function climb(flight: Flight): Promise<Step<'CANARY'>> {
  const { stages, bake } = flight.order.release.policy.plan;
  const index = flight.standing.stage ?? 0;
  const weighed = await weigh(flight, stages[index]?.weightBp ?? 0);
  if (weighed !== null) return weighed;
  const outcome = await look(flight, 'CANARY', 'climb');
  if (outcome === null) return flight.note === null ? null : { to: 'ROLLING_BACK' };
  const next = stages[index + 1];
  switch (outcome.kind) {
    case 'ADVANCE': case 'PROMOTE': return next === undefined
      ? { to: 'BAKING', stage: { index: stages.length, weightBp: 10_000 - bake.holdbackBp } }
      : { to: 'CANARY', stage: { index: index + 1, weightBp: next.weightBp } };
    default: return turnBack(flight, outcome);
  }
}

/** Watched like a stage, but it never advances. A lapsed lease mends itself where the tier allows; a person's pause only by a person. */
export async function keepWatch(flight: Flight): Promise<Step<'PAUSED'>> {
  const { stages } = flight.order.release.policy.plan;
  for (;;) {
    const outcome = await look(flight, 'PAUSED', 'paused');
    if (outcome === null) {
      if (flight.note !== null) return { to: 'ROLLING_BACK' };
      flight.paused.manual = flight.paused.lost = false;   // somebody resumed it
      return null;
    }
    if (outcome.kind === 'LEASE_LOST') {
      const emptied = await weigh(flight, 0);
      if (emptied !== null) return { to: 'ROLLING_BACK' };
      await noteHold({ at: flight.at, id: nextId(flight), holds: flight.paused.manual ? ['MANUAL_PAUSE', 'LEASE_LOST'] : ['LEASE_LOST'], type: 'release.lease_lost' });
      flight.paused.lost = true;
    } else if (outcome.kind === 'CLEAN') {
      flight.paused.lost = false;
      return { to: flight.standing.stage === stages.length ? 'BAKING' : 'CANARY', type: 'release.resumed', reason: 'One look read everything and found no harm.', still: false, holds: [] };
    } else {
      await turnBack(flight, outcome);
      return { to: 'ROLLING_BACK', ...reasonOf(flight) };
    }
  }
}

/** Looks until there is a decision; `null` when the state is over before. */
export function look(flight: Flight, state: OpenState, mode: LookMode): Promise<LookOutcome | null> {
  const { policy, tier } = flight.order.release;
  const { watchStage } = looksOn(policy.plan.leaseMs);
  const mayResume = flight.paused.lost && !flight.paused.manual && tier !== 'HIGH';
  return unlessOver(flight, state, () => watchStage({ at: flight.at, mode, paused: { ...flight.paused }, mayResume })).catch((error: unknown): LookOutcome =>
    // A look that can never succeed is no reason to leave a candidate under traffic.
    ({ kind: 'ROLLBACK', forCause: false, reason: finalReason(error), receipt: null }));
}

/** Gives the candidate this weight under a fresh lease; a step when that cannot be. */
export async function weigh(flight: Flight, weightBp: number): Promise<Way | null> {
  try {
    const set = await setWeight({ at: flight.at, id: nextId(flight), weightBp });
    switch (set.kind) {
      case 'written': return null;
      case 'superseded': return { to: 'ROLLING_BACK' };
      case 'lapsed': return await loseLease(flight);
      default: return set satisfies never;
    }
  } catch (error) {
    flight.cause = { forCause: false, reason: finalReason(error), receipt: null };
    return { to: 'ROLLING_BACK', ...reasonOf(flight) };
  }
}

/** What every look can come to that does not go forward. */
export async function turnBack(flight: Flight, outcome: LookOutcome): Promise<Way> {
  switch (outcome.kind) {
    case 'LEASE_LOST': return loseLease(flight);
    case 'ROLLBACK':
      flight.cause = { forCause: outcome.forCause, reason: outcome.reason, receipt: outcome.receipt };
      return { to: 'ROLLING_BACK', ...reasonOf(flight) };
    case 'SUPERSEDED': case 'CLEAN': case 'ADVANCE': case 'PROMOTE': return { to: 'ROLLING_BACK' };
    default: return outcome satisfies never;
  }
}

/** Weight first, record second: the record never claims a safety that is not there. */
async function loseLease(flight: Flight): Promise<Way> {
  const emptied = await weigh(flight, 0);
  if (emptied !== null) return emptied;
  flight.paused.lost = true;
  return { to: 'PAUSED', type: 'release.lease_lost', still: true, holds: ['LEASE_LOST'], reason: 'The lease lapsed before it was renewed.' };
}

const reasonOf = ({ cause }: Flight): { readonly reason?: string } => (cause === null ? {} : { reason: cause.reason });
