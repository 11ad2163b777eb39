import { ActivityFailure, ApplicationFailure, CancellationScope, condition } from '@temporalio/workflow';
import type { ReleaseAt, Standing, StateDetail } from '../activities/index.js';
import type { Next, OpenState } from '../core/release/index.js';
import type { RolledBackNote } from '../store/index.js';
import type { Birth, ReleaseOrder } from './messages.js';

/** What a running release knows of itself. The document is the truth; this follows it. */
export interface Flight {
  readonly order: ReleaseOrder;
  at: ReleaseAt;
  /** Null until the first activity is through; then what the caller is told. */
  birth: Birth | null;
  /** The document's state as last heard of. */
  standing: Standing;
  /** Nothing is compared when the environment had no stable. */
  hasBaseline: boolean;
  /** Somebody rolled the environment back; whatever else was decided is void. */
  note: RolledBackNote | null;
  /** Why it goes back, as the look saw it. */
  cause: { readonly forCause: boolean; readonly reason: string; readonly receipt: string | null } | null;
  /** Why it is paused: by a person, because the lease lapsed, or both. */
  readonly paused: { manual: boolean; lost: boolean };
  /** Acts of people whose commit is under way. */
  acting: number;
  /** The last write has been decided on: people come too late. */
  closing: boolean;
  /** Numbers this run's writes, so that each repeats under its own id. */
  writes: number;
}

export const startFlight = (order: ReleaseOrder): Flight => {
  const { _id: release, application, environment } = order.release;
  return {
    order, at: { release, application, environment, epoch: 0 }, birth: null, standing: { state: 'REQUESTED', seq: 0, stage: null, approved: false },
    hasBaseline: false, note: null, cause: null, paused: { manual: false, lost: false }, acting: 0, closing: false, writes: 0,
  };
};

/** Where a state's work leads, and what is written with it; `null`: somebody has moved the release meanwhile. */
export type Step<S extends OpenState> = ({ readonly to: Next<S> } & StateDetail) | null;

/** The id of the next write of this run; the same when the run is replayed. */
export const nextId = (flight: Flight): string => `${flight.at.release}/${flight.writes++}`;

/** Answers may arrive in another order than the writes were made; the document's own count of its entries settles it. */
export function adopt(flight: Flight, standing: Standing): void {
  if (standing.seq >= flight.standing.seq) flight.standing = standing;
}

/** Whether the work of this state still has a point. */
export const isOver = (flight: Flight, state: OpenState): boolean => flight.note !== null || flight.standing.state !== state;

/** The answer of an activity that may take days, or `null` as soon as its state is over; the activity is then cancelled. */
export async function unlessOver<T>(flight: Flight, state: OpenState, work: () => Promise<T>): Promise<T | null> {
  if (isOver(flight, state)) return null;
  const scope = new CancellationScope();
  const answer = scope.run(work).then((value) => ({ value }));
  const first = await Promise.race([answer, condition(() => isOver(flight, state)).then(() => null)]);
  if (first !== null) return first.value;
  answer.catch(() => undefined);   // it will say that it was cancelled
  scope.cancel();
  return null;
}

/** Shuts the door to people's acts and waits for those under way; false when one of them, or a rollback, has changed everything. */
export async function settle(flight: Flight, state: OpenState): Promise<boolean> {
  flight.closing = true;
  await condition(() => flight.acting === 0);
  if (!isOver(flight, state)) return true;
  flight.closing = false;
  return false;
}

/** The sentence of a failure that no other try can mend. Anything else is a bug: it goes on up, and the run is retried as it stands. */
export function finalReason(error: unknown): string {
  if (error instanceof ActivityFailure && error.cause instanceof ApplicationFailure) return error.cause.message;
  throw error;
}
