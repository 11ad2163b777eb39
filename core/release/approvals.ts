import type { RiskTier, RolloutPolicy } from './plan.js';

/** Who wants to approve, as the door made it. */
export interface Approver { readonly id: string; readonly kind: 'person' | 'ci' | 'application' | 'slipway'; readonly team: string }
/** What a quorum is counted from; each approver once. */
export interface CountedApproval { readonly approver: string; readonly team: string }

export interface ApprovalQuestion {
  readonly approver: Approver;
  readonly requestedBy: string;
  /** Who wrote what the bundle pins. */
  readonly authors: readonly string[];
  readonly approvals: readonly CountedApproval[];
  readonly ownerTeam: string;
  readonly plan: RolloutPolicy['approvals'];
  readonly tier: RiskTier;
}
export type ApprovalAnswer = { readonly kind: 'ok' } | { readonly kind: 'refused'; readonly code: 'FORBIDDEN' | 'CONFLICT'; readonly reason: string };

/** Whether this approval may count: a person, neither author nor requester, once. */
export function mayApprove({ approver, requestedBy, authors, approvals, plan, ownerTeam }: ApprovalQuestion): ApprovalAnswer {
  const refused = (code: 'FORBIDDEN' | 'CONFLICT', reason: string): ApprovalAnswer => ({ kind: 'refused', code, reason });
  if (approver.kind !== 'person') return refused('FORBIDDEN', 'Only a person may approve a release.');
  if (approver.id === requestedBy) return refused('FORBIDDEN', 'Who requested a release may not approve it.');
  if (authors.includes(approver.id)) return refused('FORBIDDEN', 'An author of the bundle may not approve its release.');
  if (approvals.some((given) => given.approver === approver.id)) return refused('CONFLICT', 'This person has already approved.');
  if (quorum({ approvals, plan, ownerTeam }).reached) return refused('CONFLICT', 'The release already has all its approvals.');
  return { kind: 'ok' };
}

export interface Quorum { readonly reached: boolean; /** How many more people. */ readonly missing: number; /** How many of them from another team. */ readonly missingOutside: number }

/** What still lacks until enough people, and enough of them from outside the owner's team, have approved. */
export function quorum({ approvals, plan, ownerTeam }: Pick<ApprovalQuestion, 'approvals' | 'plan' | 'ownerTeam'>): Quorum {
  const people = new Map(approvals.map(({ approver, team }) => [approver, team]));
  const outside = [...people.values()].filter((team) => team !== ownerTeam).length;
  const missingOutside = Math.max(0, plan.outsideTeam - outside);
  const missing = Math.max(plan.count - people.size, missingOutside, 0);
  return { reached: missing === 0, missing, missingOutside };
}
