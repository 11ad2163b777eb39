import type { ReleaseState } from '../core/release/index.js';
import type { Client } from './client.js';
import type { Output } from './output.js';
import { NotFoundError, SlipwayError } from '../core/errors.js';

/** A release as the commands read it: one query, one shape, for status, watch and demo alike. */
export interface ReleaseView {
  readonly id: string; readonly kind: 'RELEASE' | 'REVERT'; readonly application: string; readonly environment: string; readonly state: ReleaseState; readonly open: boolean; readonly message: string;
  readonly baseline: string | null; readonly candidate: { readonly digest: string; readonly prompts: readonly { readonly prompt: string; readonly version: number }[] };
  readonly policy: { readonly name: string; readonly version: number; readonly policy: { readonly alpha?: { readonly harm: number; readonly promote: number } } } | null;
  readonly evaluation: EvaluationView | null;
  readonly approvals: readonly { readonly name: string; readonly team: string; readonly at: string }[]; readonly approvalsNeeded: number;
  readonly stages: readonly { readonly weightBp: number }[]; readonly stage: { readonly index: number; readonly weightBp: number; readonly durationMinSec: number; readonly since: string | null } | null;
  readonly holds: readonly string[]; readonly waitingFor: readonly string[]; readonly evidence: readonly EvidenceView[]; readonly assignment: AssignmentView | null; readonly progress: number | null;
  readonly rollback: { readonly rev: number; readonly forCause: boolean; readonly reason: string; readonly decidedBy: string; readonly receipt: string | null; readonly committedAt: string; readonly convergedAt: string | null; readonly convergeMs: number | null; readonly stragglers: readonly string[]; readonly leaseEnded: boolean } | null;
  readonly exposure: ExposureView | null;
  readonly timeline: readonly EventView[]; readonly createdAt: string; readonly terminalAt: string | null;
}
export interface EvaluationView {
  readonly id: string; readonly state: 'RUNNING' | 'FINISHED' | 'CANCELLED' | 'FAILED'; readonly bundle: string; readonly baseline: string; readonly error: string | null; readonly finishedAt: string | null;
  readonly dataset: { readonly name: string; readonly version: number; readonly items: number } | null;
  readonly progress: { readonly items: number; readonly itemsTotal: number; readonly calls: number; readonly errors: number; readonly costUsd: number | null };
  readonly verdict: { readonly kind: 'PASS' | 'FAIL' | 'INCONCLUSIVE'; readonly reasons: readonly string[]; readonly moreCasesNeeded: number | null; readonly evidence: unknown } | null;
}
export interface EvidenceView {
  readonly metric: string; readonly role: string; readonly kind: 'RATE' | 'SCORE' | 'MEAN'; readonly stable: Arm; readonly candidate: Arm; readonly logEHarm: number | null; readonly harmThreshold: number | null;
  readonly logENi: number | null; readonly niThreshold: number | null; readonly margin: number | null; readonly upper: number | null; readonly difference: DifferenceView | null;
  readonly harm: string | null; readonly notWorse: string | null; readonly alarm: boolean; readonly passed: boolean; readonly harmProgress: number | null; readonly progress: number | null; readonly waitingFor: readonly string[];
}
export interface DifferenceView { readonly estimate: number; readonly lower: number; readonly upper: number }
export interface Arm { readonly units: number; readonly bad: number | null; readonly mean: number | null; readonly interval: { readonly lower: number; readonly upper: number } | null }
export interface AssignmentView { readonly units: { readonly stable: number; readonly candidate: number }; readonly logE: number | null; readonly threshold: number; readonly words: string; readonly alarm: boolean; readonly acknowledged: boolean; readonly alarmProgress: number; readonly waitingFor: readonly string[] }
export interface ExposureView { readonly metric: string; readonly users: number; readonly requests: number; readonly badResponses: number; readonly waldBoundBadResponses: number | null; readonly firstBadAt: string | null; readonly detectMs: number | null; readonly settled: boolean }
export interface EventView { readonly seq: number; readonly type: string; readonly at: string; readonly state: ReleaseState; readonly actor: { readonly id: string }; readonly reason: string | null }

export const EVALUATION_FIELDS = `{ id state bundle baseline error finishedAt dataset { name version items } progress { items itemsTotal calls errors costUsd } verdict { kind reasons moreCasesNeeded evidence } }`;
const ARM_FIELDS = '{ units bad mean interval { lower upper } }';
const EVENT_FIELDS = '{ seq type at state actor { id } reason }';
export const RELEASE_FIELDS = `{ id kind application environment state open message baseline candidate { digest prompts { prompt version } } policy { name version policy }
  evaluation ${EVALUATION_FIELDS} approvals { name team at } approvalsNeeded stages { weightBp } stage { index weightBp durationMinSec since } holds waitingFor
  evidence { metric role kind stable ${ARM_FIELDS} candidate ${ARM_FIELDS} logEHarm harmThreshold logENi niThreshold margin upper difference { estimate lower upper } harm notWorse alarm passed harmProgress progress waitingFor }
  assignment { units { stable candidate } logE threshold words alarm acknowledged alarmProgress waitingFor } progress
  rollback { rev forCause reason decidedBy receipt committedAt convergedAt convergeMs stragglers leaseEnded } exposure { metric users requests badResponses waldBoundBadResponses firstBadAt detectMs settled }
  timeline(since: $since) ${EVENT_FIELDS} createdAt terminalAt }`;
export const EVENTS = `subscription($id: ID!, $since: Int) { releaseEvents(id: $id, since: $since) ${EVENT_FIELDS} }`;

/** @param since  only what the timeline says after this entry */
export async function findRelease(api: Client, id: string, since = 0): Promise<ReleaseView | null> {
  try {
    return (await api.ask<{ release: ReleaseView | null }>(`query($id: ID!, $since: Int) { release(id: $id) ${RELEASE_FIELDS} }`, { id, since })).release;
  } catch (error) {
    if (error instanceof SlipwayError && error.code === 'NOT_FOUND') return null;
    throw error;
  }
}
export async function releaseOf(api: Client, id: string, since = 0): Promise<ReleaseView> {
  const release = await findRelease(api, id, since);
  if (release === null) throw new NotFoundError('release', id);
  return release;
}

export const percent = (share: number): string => `${Number((share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0))} %`;
export const percentOfBp = (weightBp: number): string => percent(weightBp / 10_000);
/** `answer@3`, or the digest's beginning where a bundle holds no prompt. */
export const nameOf = (bundle: { readonly digest: string; readonly prompts: readonly { readonly prompt: string; readonly version: number }[] } | null | undefined): string =>
  bundle === null || bundle === undefined ? 'unknown' : bundle.prompts.map(({ prompt, version }) => `${prompt}@${version}`).join(' ') || bundle.digest.slice(0, 19);

/** How an evaluation ended, in one line. */
export function verdictLine({ verdict, state, error, progress, baseline }: EvaluationView): string {
  if (verdict === null) return state === 'RUNNING' ? 'running' : `${state}${error === null ? '' : `: ${error}`}`;
  const cases = ` on ${progress.items}${progress.items < progress.itemsTotal ? ` of ${progress.itemsTotal}` : ''} cases`;
  switch (verdict.kind) {
    case 'PASS': return baseline === 'none' ? `PASS: meets the floors${cases}` : `PASS: no worse${cases}`;
    case 'FAIL': return `FAIL${cases}: ${verdict.reasons.join('; ') || 'no reason given'}`;
    case 'INCONCLUSIVE': return `INCONCLUSIVE${cases}: ${verdict.reasons.join('; ')}${verdict.moreCasesNeeded === null ? '' : `; about ${verdict.moreCasesNeeded} more cases`}`;
  }
}

/** Of what is no rate the mean; a score as people know it, larger is better. */
const rate = ({ units, bad, mean }: Arm, kind: EvidenceView['kind']): string =>
  (units === 0 ? '-' : bad !== null ? `${bad}/${units} ${percent(bad / units)}` : `${units}: ${mean === null ? 'unknown' : Number((kind === 'SCORE' ? 1 - mean : mean).toPrecision(3))}`);
/** e-values as factors: people read "1 000 to 1", not a logarithm. */
const factor = (logE: number | null): string => (logE === null ? '-' : logE > 27 ? '>10^12' : logE < -7 ? '<0.001' : Math.exp(logE) >= 100 ? String(Math.round(Math.exp(logE))) : Math.exp(logE).toPrecision(2));
const against = (logE: number | null, threshold: number | null): string => (threshold === null ? '-' : `${factor(logE)} of ${factor(threshold)}`);

/** One line a metric: both arms, and the evidence for harm and for "not worse" against what decides. */
export function evidenceLines(release: Pick<ReleaseView, 'evidence'>, out: Pick<Output, 'paint'>): string[] {
  if (release.evidence.length === 0) return [];
  const rows = release.evidence.map((one) => [one.metric, rate(one.stable, one.kind), rate(one.candidate, one.kind), against(one.logEHarm, one.harmThreshold), against(one.logENi, one.niThreshold)]);
  const head = ['metric', 'stable bad', 'candidate bad', 'harm', 'not worse'];
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]): string => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd()}`;
  return [out.paint('dim', line(head)), ...rows.map((row, index) => {
    const { logEHarm, harmThreshold, logENi, niThreshold } = release.evidence[index] ?? { logEHarm: null, harmThreshold: null, logENi: null, niThreshold: null };
    const isHarm = logEHarm !== null && harmThreshold !== null && logEHarm >= harmThreshold;
    const isFine = logENi !== null && niThreshold !== null && logENi >= niThreshold;
    return isHarm ? out.paint('bad', line(row)) : isFine ? out.paint('good', line(row)) : line(row);
  })];
}

/** State, stage and weight in one line. */
export function headline(release: ReleaseView): string {
  const { stage, stages, open } = release;
  const place = stage === null || !open ? '' : stage.index >= stages.length ? `  the bake, ${percentOfBp(stage.weightBp)}` : `  stage ${stage.index + 1} of ${stages.length}, ${percentOfBp(stage.weightBp)}`;
  return `${release.application} ${nameOf(release.candidate)}  ${release.state}${place}`;
}

/** All there is to see of a release that may still be going on. */
export function viewLines(release: ReleaseView, out: Pick<Output, 'paint'>): string[] {
  const lines = [headline(release)];
  const { evaluation } = release;
  if (evaluation !== null) lines.push(`  evaluation  ${evaluation.state === 'RUNNING' ? `${evaluation.progress.items} of ${evaluation.progress.itemsTotal} cases` : verdictLine(evaluation)}`);
  if (release.approvalsNeeded > 0) lines.push(`  approvals   ${release.approvals.length} of ${release.approvalsNeeded}${release.approvals.map((one) => `, ${one.name}`).join('')}`);
  lines.push(...evidenceLines(release, out));
  if (release.open && release.holds.length > 0) {
    const [first, ...others] = release.holds;
    lines.push(`  held        ${first ?? ''}${release.waitingFor[0] === undefined ? '' : `: ${release.waitingFor[0]}`}`);
    if (others.length > 0) lines.push(`              also ${others.join(', ')}`);
  }
  if (release.open && release.holds.length === 0) for (const sentence of release.waitingFor) lines.push(`  now         ${sentence}`);
  const { rollback, exposure } = release;
  if (rollback !== null) {
    lines.push(`  taken back  ${rollback.reason.replace(/\.$/, '')}; decided by ${rollback.decidedBy}`);
    lines.push(`  converged   ${rollback.convergedAt === null ? 'not yet' : rollback.convergeMs === null ? 'yes' : `after ${rollback.convergeMs} ms`}${rollback.stragglers.length > 0 ? `; without ${rollback.stragglers.join(', ')}` : ''}${rollback.leaseEnded ? '; the lease has ended' : ''}`);
  }
  if (exposure !== null && !release.open) lines.push(`  exposure    ${exposure.users} users, ${exposure.badResponses} bad responses by ${exposure.metric}${exposure.settled ? '' : ' so far'}`);
  return lines;
}
