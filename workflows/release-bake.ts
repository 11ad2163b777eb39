import { promote } from './proxies.js';
import { finalReason, nextId, settle } from './release-flight.js';
import type { Flight, Step } from './release-flight.js';
import { look, turnBack, weigh } from './release-canary.js';

/** Nearly all the traffic, still on a lease, and a holdback to compare with; then the candidate becomes stable. */
export async function bake(flight: Flight): Promise<Step<'BAKING'>> {
  const weighed = await weigh(flight, 10_000 - flight.order.release.policy.plan.bake.holdbackBp);
  if (weighed !== null) return weighed;
  const outcome = await look(flight, 'BAKING', 'bake');
  if (outcome === null) return flight.note === null ? null : { to: 'ROLLING_BACK' };
  if (outcome.kind !== 'PROMOTE') return turnBack(flight, outcome);
  if (!await settle(flight, 'BAKING')) return flight.note === null ? null : { to: 'ROLLING_BACK' };
  try {
    const promoted = await promote({ at: flight.at, id: nextId(flight) });
    if (promoted.kind === 'written') return { to: 'PROMOTED' };
    flight.closing = false;
    return promoted.kind === 'lapsed' ? await turnBack(flight, { kind: 'LEASE_LOST' }) : { to: 'ROLLING_BACK' };
  } catch (error) {
    flight.closing = false;
    flight.cause = { forCause: false, reason: finalReason(error), receipt: null };
    return { to: 'ROLLING_BACK', reason: flight.cause.reason };
  }
}
