import { allHandlersFinished, condition } from '@temporalio/workflow';
import { isOpen } from '../core/release/index.js';
import type { OpenState, ReleaseState } from '../core/release/index.js';
import type { ReleaseOrder } from './messages.js';
import { joinEvaluation, openRelease, promote, recordState } from './proxies.js';
import { hear } from './release-acts.js';
import { bake } from './release-bake.js';
import { climb, keepWatch } from './release-canary.js';
import { adopt, finalReason, isOver, nextId, settle, startFlight, unlessOver } from './release-flight.js';
import type { Flight, Step } from './release-flight.js';
import { rollBack } from './release-rollback.js';
import { startWatch } from './watch.js';

/** The work of each state, and where it leads. A step to an illegal state does not compile. */
const WORK: { readonly [S in OpenState]: (flight: Flight) => Promise<Step<S>> } = {
  REQUESTED: enter, EVALUATING: evaluate, AWAITING_APPROVAL: awaitApproval, CANARY: climb, PAUSED: keepWatch, BAKING: bake, ROLLING_BACK: rollBack,
};

/**
 * One release, from the request to its end. It does the state's work, goes where that leads, and writes it down; where a person's act or
 * another write has moved the document meanwhile, it follows the document.
 *
 * @returns the state in which it ended; what became of the start is told to the update `born`
 */
export async function runRelease(order: ReleaseOrder): Promise<ReleaseState> {
  const flight = startFlight(order);
  hear(flight);
  const opened = await openRelease(order);   // takes the epoch, or finds what this key began before
  if (opened.kind !== 'opened') {
    flight.birth = opened;
    await condition(allHandlersFinished);
    return opened.kind === 'repeated' ? opened.state : 'REJECTED';
  }
  flight.at = { ...flight.at, epoch: opened.epoch };
  flight.hasBaseline = opened.baseline !== 'none';
  adopt(flight, opened.standing);
  flight.birth = { kind: 'opened', release: flight.at.release, state: opened.standing.state };
  while (isOpen(flight.standing.state)) {
    const from = flight.standing.state;
    const step = await WORK[from](flight);
    if (step !== null && flight.standing.state === from) adopt(flight, await recordState({ ...step, at: flight.at, id: nextId(flight), from }));
  }
  if (flight.standing.state === 'PROMOTED') await startWatch(order.release);
  await condition(allHandlersFinished);
  return flight.standing.state;
}

/** A rollback that comes before any weight ends the release without more ado. */
const cancelled = ({ note }: Flight): { readonly to: 'CANCELLED'; readonly reason: string } & Record<never, never> =>
  ({ to: 'CANCELLED', reason: note?.reason ?? 'The environment was rolled back.', ...(note === null ? {} : { actor: note.actor }) });

function enter(flight: Flight): Promise<Step<'REQUESTED'>> {
  if (isOver(flight, 'REQUESTED')) return Promise.resolve(flight.note === null ? null : cancelled(flight));
  return Promise.resolve({ to: 'EVALUATING' });
}

/** PASS is the ticket. The evaluation belongs to nobody: it is joined where it runs, and started where it does not. */
async function evaluate(flight: Flight): Promise<Step<'EVALUATING'>> {
  try {
    const answer = await unlessOver(flight, 'EVALUATING', () => joinEvaluation({ at: flight.at, id: `${flight.at.release}/evaluated` }));
    if (answer === null) return flight.note === null ? null : cancelled(flight);
    if (answer.kind === 'PASS') {
      const { approvals } = flight.order.release.policy.plan;
      return approvals.count > 0 ? { to: 'AWAITING_APPROVAL', approvalExpiresInSec: approvals.expireSec } : await depart(flight, 'EVALUATING');
    }
    return { to: answer.kind === 'CANCELLED' ? 'CANCELLED' : 'REJECTED', reason: answer.reason };
  } catch (error) { return { to: 'REJECTED', reason: finalReason(error) }; }
}

async function awaitApproval(flight: Flight): Promise<Step<'AWAITING_APPROVAL'>> {
  const { expireSec } = flight.order.release.policy.plan.approvals;
  const inTime = await condition(() => isOver(flight, 'AWAITING_APPROVAL') || flight.standing.approved, expireSec * 1_000);
  if (flight.note !== null) return cancelled(flight);
  if (isOver(flight, 'AWAITING_APPROVAL')) return null;
  if (!inTime && !flight.standing.approved) return { to: 'CANCELLED', reason: `Not approved within ${expireSec} s.`, type: 'release.cancelled' };
  return depart(flight, 'AWAITING_APPROVAL');
}

/** Onto the first stage; or, where there is no stable to compare with, at once to the end. */
async function depart(flight: Flight, state: 'EVALUATING' | 'AWAITING_APPROVAL'): Promise<Step<'AWAITING_APPROVAL'>> {
  const { stages } = flight.order.release.policy.plan;
  const first = stages[0];
  if (flight.hasBaseline && first !== undefined) return { to: 'CANARY', stage: { index: 0, weightBp: first.weightBp } };
  if (!await settle(flight, state)) return flight.note === null ? null : cancelled(flight);
  try {
    const promoted = await promote({ at: flight.at, id: nextId(flight) });
    if (promoted.kind === 'written') return { to: 'PROMOTED' };
  } catch (error) {
    flight.closing = false;
    return { to: 'REJECTED', reason: finalReason(error) };
  }
  flight.closing = false;
  return cancelled(flight);
}
