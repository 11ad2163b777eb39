import { nameOf, percent, percentOfBp, verdictLine, type ReleaseView } from './release-view.js';

/** What became of one candidate, as the API says it. Unknown is null, never 0. */
export interface Outcome {
  readonly candidate: string; readonly release: string; readonly outcome: string; readonly verdict: string | null;
  readonly weightsBp: readonly number[]; readonly durationMs: number | null;
  /** The metric whose evidence decided, or who did. */
  readonly decidedBy: string | null; readonly reason: string | null; readonly metric: string | null;
  readonly users: number | null; readonly canaryRequests: number | null; readonly badResponses: number | null; readonly waldBoundBadResponses: number | null; readonly ratioToBound: number | null;
  readonly detectMs: number | null; readonly convergeMs: number | null; readonly settled: boolean;
}
export interface Engines { readonly temporal: string; readonly mongodb: string; readonly model: string }
export interface Summary { readonly engines: Engines; readonly first: Outcome | null; readonly releases: readonly Outcome[]; readonly tookMs: number }

/** One release that has ended, in the names of the summary. `weightsBp`: the weights it was seen at, in order. */
export function outcomeOf(release: ReleaseView, weightsBp: readonly number[]): Outcome {
  const { exposure, rollback } = release;
  const bad = exposure?.badResponses ?? null;
  const bound = exposure?.waldBoundBadResponses ?? null;
  return {
    candidate: nameOf(release.candidate), release: release.id, outcome: release.state, verdict: release.evaluation?.verdict?.kind ?? null, weightsBp,
    durationMs: release.terminalAt === null ? null : Date.parse(release.terminalAt) - Date.parse(release.createdAt),
    decidedBy: rollback === null ? null : rollback.forCause && rollback.decidedBy.startsWith('slipway:') && exposure !== null ? exposure.metric : rollback.decidedBy, reason: rollback?.reason ?? (release.state === 'PROMOTED' ? null : release.timeline.findLast(({ reason, state }) => reason !== null && state === release.state)?.reason ?? null), metric: exposure?.metric ?? null,
    users: exposure?.users ?? null, canaryRequests: exposure?.requests ?? null, badResponses: bad, waldBoundBadResponses: bound,
    ratioToBound: bad === null || bound === null || bound <= 0 ? null : bad / bound,
    detectMs: exposure?.detectMs ?? null, convergeMs: rollback?.convergeMs ?? null, settled: exposure?.settled ?? exposure === null,
  };
}

/** The lines of README's first screen, for one release that has ended. */
export function storyLines(release: ReleaseView, outcome: Outcome): string[] {
  const label = `${release.application} ${shortName(release)}`;
  const lines: string[] = [];
  if (release.evaluation !== null) lines.push(`${label}  evaluated   ${verdictLine(release.evaluation)}`);
  const climb = outcome.weightsBp.map(percentOfBp).join(' → ');
  const saw = outcome.users === null ? '' : `; ${outcome.users} users saw it`;
  switch (release.state) {
    case 'PROMOTED': lines.push(climb === '' ? `${label}  live        the first release here: by its floors, without a canary` : `${label}  canary      ${climb}, promoted`); break;
    case 'ROLLED_BACK': lines.push(`${label}  canary      ${climb || 'no weight'}, rolled back: ${(outcome.reason ?? 'no reason given').replace(/\.$/, '')}${saw}`); break;
    case 'REJECTED': lines.push(`${label}  rejected    before any user saw it`); break;
    default: lines.push(`${label}  ${release.state.toLowerCase().padEnd(10)}  ${outcome.reason ?? ''}`.trimEnd());
  }
  return lines;
}

const shortName = ({ candidate }: ReleaseView): string => (candidate.prompts.length === 1 ? `v${candidate.prompts[0]?.version ?? '?'}` : nameOf(candidate));

/** What a rollback cost, and how far that is from what any test would have had to let pass. */
export function costLines(outcome: Outcome): string[] {
  if (outcome.outcome !== 'ROLLED_BACK') return [];
  const seconds = (ms: number | null): string => (ms === null ? 'unknown' : `${(ms / 1_000).toFixed(1)} s`);
  const bound = outcome.waldBoundBadResponses;
  return [
    `What ${outcome.candidate} cost`,
    `  users who saw it        ${outcome.users ?? 'unknown'}, in ${outcome.canaryRequests ?? 'unknown'} requests`,
    `  bad responses           ${outcome.badResponses ?? 'unknown'}${outcome.canaryRequests === null || outcome.canaryRequests === 0 || outcome.badResponses === null ? '' : ` (${percent(outcome.badResponses / outcome.canaryRequests)} of them)`}${outcome.settled ? '' : ', not settled yet'}`,
    `  theoretical minimum     ${bound === null ? 'unknown' : bound.toFixed(1)}, for any test at this alpha${outcome.ratioToBound === null ? '' : `; this was ${outcome.ratioToBound.toFixed(1)} times that`}`,
    `  first bad to decision   ${seconds(outcome.detectMs)}`,
    `  decision to stable      ${seconds(outcome.convergeMs)}, until the last reader`,
    `  decided by              ${outcome.decidedBy ?? 'unknown'}: ${outcome.reason ?? 'no reason given'}`,
  ];
}

/** The last JSON line. */
export const summaryOf = (engines: Engines, first: Outcome | null, releases: readonly Outcome[], tookMs: number): Summary => ({ engines, first, releases, tookMs });

/** A connection string without its password. */
export const redacted = (uri: string): string => uri.replace(/^([a-z+]+:\/\/)[^@/]*@/, '$1…@');
