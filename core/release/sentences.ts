import type { HoldReason } from '../gate/index.js';
import type { ReleaseState } from './states.js';

/** What a release waits for, for people. A new reason does not compile until it has a sentence. */
const HOLDS: Readonly<Record<HoldReason, string>> = {
  MANUAL_PAUSE: 'Somebody paused it; it goes on when somebody resumes it.',
  LEASE_LOST: 'The lease lapsed before it was renewed; the candidate has no traffic.',
  APPROVAL: 'It waits for approvals.',
  FREEZE: 'A freeze window forbids advancing.',
  TOPLINE_BREACH: 'Both arms are in alarm against an absolute objective: likely the provider.',
  SRM: 'The shares of the arms differ from the plan.',
  MULTIPLE_EXPOSURES: 'Too many units were seen in both arms.',
  READ_FAILED: 'A metric could not be read or computed.',
  STALE_DATA: 'No block has been folded for too long after it was due.',
  NO_DATA: 'One arm has had no unit since the stage began.',
  TOO_FEW: 'A metric that is needed has too few units.',
  IMMATURE: 'Outcomes are not yet due.',
  JUDGE_UNAVAILABLE: 'The judge is down, out of budget or no longer calibrated.',
  PROVIDER_ERROR: 'Calls to the provider fail in both arms.',
  SIGNAL_ALARM: 'A signal metric shows harm; a person must acknowledge it or roll back.',
  ERROR_BUDGET: 'The next stage could cost more bad responses than the budget allows.',
  MIN_DURATION: "The stage's minimum is not over.",
  EVIDENCE_PENDING: 'Nothing is wrong, and it is not yet decided.',
  AUDIT_LAG: 'The audit relay is more than 60 s behind.',
};

const STATES: Readonly<Record<ReleaseState, string>> = {
  REQUESTED: 'It has been requested.',
  EVALUATING: 'The bundle is being evaluated.',
  AWAITING_APPROVAL: 'It waits for approvals.',
  CANARY: 'The candidate serves part of the traffic, on a lease.',
  PAUSED: 'It is paused: it is watched, and does not advance.',
  BAKING: 'The candidate serves all but the holdback, and is watched.',
  ROLLING_BACK: 'Traffic is back on stable; it waits until every reader is there.',
  PROMOTED: 'The candidate is the new stable.',
  ROLLED_BACK: 'The candidate was taken back.',
  REJECTED: 'It was rejected.',
  CANCELLED: 'It was cancelled.',
  FAILED: 'It could not be carried on; the split is at stable.',
};

export const sentenceOfHold = (reason: HoldReason): string => HOLDS[reason];
export const sentenceOfState = (state: ReleaseState): string => STATES[state];
/** All that holds it, the headline first. */
export const sentenceOfHolds = (reasons: readonly HoldReason[]): string => reasons.map(sentenceOfHold).join(' ');
