import type { ApplicationKey, BundleDigest, ReleaseId } from '../ids.js';

export type Arm = 'stable' | 'candidate';

/** One revision of what an environment serves. */
export interface Split {
  readonly stable: BundleDigest;
  readonly candidate?: BundleDigest;
  /** Share of the candidate in basis points, 0 … 10 000. */
  readonly weightBp: number;
  /** How long the candidate may be served without a renewal. */
  readonly leaseMs: number;
  /** The release that has the candidate in flight; without a candidate the one that made `stable` stable. */
  readonly release: ReleaseId;
}

/** `application/environment/candidateDigest`: a retry keeps its users, another candidate meets others first. */
export const saltOf = (application: ApplicationKey, environment: string, candidate: BundleDigest): string => `${application}/${environment}/${candidate}`;

/** How long a candidate may still be served, on the reader's own monotonic clock. */
export interface LeaseCount { readonly epoch: number; readonly rev: number; readonly seq: number; readonly endsAtMs: number }

/**
 * Counts a lease down. A grant that was seen before never restarts the count, it can only shorten it; a new one never outlasts `leaseMs`.
 *
 * @param before  the count so far, null at first
 * @param grant   what was read: `leftMs` remained when the reading began, at `readAtMs` of the monotonic clock
 */
export function countLease(
  before: LeaseCount | null,
  grant: { readonly epoch: number; readonly rev: number; readonly seq: number; readonly leftMs: number; readonly leaseMs: number; readonly readAtMs: number },
): LeaseCount {
  const { epoch, rev, seq } = grant;
  // A comparison with NaN is false, so garbage grants nothing.
  const leftMs = grant.leftMs > 0 ? Math.min(grant.leftMs, grant.leaseMs) : 0;
  const endsAtMs = grant.readAtMs + leftMs;
  if (before === null || before.epoch !== epoch || before.rev !== rev || before.seq !== seq) return { epoch, rev, seq, endsAtMs };
  return endsAtMs < before.endsAtMs ? { epoch, rev, seq, endsAtMs } : before;
}

/** What is left of a lease; 0 when it is over. */
export const leaseLeftMs = (lease: LeaseCount, monotonicMs: number): number => Math.max(lease.endsAtMs - monotonicMs, 0);

/**
 * Which arm serves a bucket: the candidate below its weight, and only while something is left of the lease.
 *
 * @param bucket  `bucketOf(saltOf(application, environment, split.candidate), targetingKey)`
 * @param leftMs  what is left of the lease on the reader's monotonic clock
 */
export const armOf = (split: Split, bucket: number, leftMs: number): Arm =>
  (split.candidate !== undefined && leftMs > 0 && bucket < split.weightBp ? 'candidate' : 'stable');
