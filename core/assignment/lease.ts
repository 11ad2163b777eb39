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
