/** Rule 1 of the product: no traffic without a ticket. Does this evidence admit exactly these digests, and is it fresh enough? */
import type { BundleDigest, Digest } from '../ids.js';
import type { Verdict } from './policy.js';

/** What an evaluation was about, and how it ended. */
export interface Ticket {
  readonly bundle: BundleDigest;
  /** `none`: judged against floors only, for the first release into an environment */
  readonly baseline: BundleDigest | 'none';
  readonly datasetDigest: Digest;
  readonly evaluatorDigests: readonly Digest[];
  readonly policyDigest: Digest;
  readonly verdict: Verdict['kind'];
  readonly finishedAtMs: number;
}

/** What a release wants to put under traffic, now. */
export interface Wanted {
  readonly bundle: BundleDigest;
  readonly baseline: BundleDigest | 'none';
  readonly datasetDigest: Digest;
  readonly evaluatorDigests: readonly Digest[];
  readonly policyDigest: Digest;
  readonly maxAgeMs: number;
  readonly nowMs: number;
}

export const TICKET_REFUSALS = [
  'NOT_PASSED', 'OTHER_BUNDLE', 'OTHER_BASELINE', 'OTHER_DATASET', 'OTHER_EVALUATORS', 'OTHER_POLICY', 'FROM_THE_FUTURE', 'TOO_OLD',
] as const;
export type TicketRefusal = (typeof TICKET_REFUSALS)[number];
export type Admission = { readonly ok: true } | { readonly ok: false; readonly reason: TicketRefusal };

/** A ticket may be this much ahead of the reader's clock: two readings of one database's clock, not two machines'. */
const CLOCK_SLACK_MS = 60_000;

/** The order of evaluators is no difference, a missing or further one is. */
const areSame = (a: readonly string[], b: readonly string[]): boolean => {
  const [x, y] = [[...a].sort(), [...b].sort()];
  return x.length === y.length && x.every((digest, i) => digest === y[i]);
};

/** The first refusal that applies, or ok. A time that is no number is too old. */
export function admits(ticket: Ticket, wanted: Wanted): Admission {
  const refuse = (reason: TicketRefusal): Admission => ({ ok: false, reason });
  if (ticket.verdict !== 'PASS') return refuse('NOT_PASSED');
  if (ticket.bundle !== wanted.bundle) return refuse('OTHER_BUNDLE');
  if (ticket.baseline !== wanted.baseline) return refuse('OTHER_BASELINE');
  if (ticket.datasetDigest !== wanted.datasetDigest) return refuse('OTHER_DATASET');
  if (!areSame(ticket.evaluatorDigests, wanted.evaluatorDigests)) return refuse('OTHER_EVALUATORS');
  if (ticket.policyDigest !== wanted.policyDigest) return refuse('OTHER_POLICY');
  const ageMs = wanted.nowMs - ticket.finishedAtMs;
  if (ageMs < -CLOCK_SLACK_MS) return refuse('FROM_THE_FUTURE');
  return ageMs <= wanted.maxAgeMs ? { ok: true } : refuse('TOO_OLD');
}
