/** What the clock and the traffic say about a stage, before a look: from the documents alone, by the database's time. */
import { nextUnitsOf } from '../core/gate/index.js';
import type { GatePlan, HoldReason } from '../core/gate/index.js';
import type { MetricPlan, RolloutPolicy } from '../core/release/index.js';
import type { BlockDoc, ReceiptDoc, ReleaseDoc } from '../store/index.js';

export type LookMode = 'climb' | 'paused' | 'bake';
export interface Clock { readonly nowMs: number; readonly sinceMs: number; /** Time of the stage that counts: what stood still is left out. */ readonly elapsedMs: number; readonly stillForMs: number }

/** The fold begins this long after a block's cut-off. */
const FOLD_DELAY_MS = 250;
const BIRTH_EVERY_MS = 1_800_000;
/** Blocks from which the traffic is told. */
const TRAFFIC_BLOCKS = 30;
export const AUDIT_LAG_MAX_SEC = 60;

export function clockOf({ stage }: ReleaseDoc, now: Date): Clock | null {
  if (stage === null) return null;
  const nowMs = now.getTime();
  const stillForMs = stage.stillSince === null ? 0 : Math.max(0, nowMs - stage.stillSince.getTime());
  const sinceMs = stage.since.getTime();
  return { nowMs, sinceMs, elapsedMs: Math.max(0, nowMs - sinceMs - stage.stillMs - stillForMs), stillForMs };
}

/** The first block that lies wholly in the stage: what was assigned in it. */
export const firstBlockOf = ({ blockSec }: RolloutPolicy, { sinceMs }: Clock): number => Math.ceil(sinceMs / (blockSec * 1_000));
/** When a block can have been folded. */
const foldedAtMs = (plan: RolloutPolicy, { maturityMs }: MetricPlan, block: number): number => (block + 1) * plan.blockSec * 1_000 + maturityMs + FOLD_DELAY_MS;

/** A birth is due at a change of stage and every 30 minutes; a change of weight brings its own. */
export const isBirthDue = (last: ReceiptDoc | null, stage: number, { nowMs, sinceMs }: Clock): boolean =>
  last !== null && (last.stage !== stage || Math.floor((last.at.getTime() - sinceMs) / BIRTH_EVERY_MS) < Math.floor((nowMs - sinceMs) / BIRTH_EVERY_MS));

/** Both arms have been seen since the stage began, as an earlier look of it found: that does not change any more. */
export const hasSeenBoth = (last: ReceiptDoc | null, stage: number, mode: LookMode): boolean =>
  last?.stage === stage && last.mode === mode && !last.reasons.includes('NO_DATA') && !last.reasons.includes('IMMATURE');

export interface Traffic {
  readonly mode: LookMode;
  readonly clock: Clock;
  /** Guardrail metrics. */
  readonly metrics: readonly MetricPlan[];
  /** Highest block looked at by the fold, per metric. */
  readonly folded: Readonly<Record<string, number>>;
  /** Blocks of the stage per metric; `null` where both arms are known to have been seen. */
  readonly inStage: readonly (readonly BlockDoc[])[] | null;
  /** Too many units were seen in both arms. */
  readonly areInBoth: boolean;
  /** An absolute objective is missed on the candidate. */
  readonly isBreached: boolean;
  readonly auditLagSec: number;
}

/** Reasons to hold that do not come from the blocks' counts. */
export function holdsOf(plan: RolloutPolicy, { mode, clock, metrics, folded, inStage, areInBoth, isBreached, auditLagSec }: Traffic): HoldReason[] {
  const holds: HoldReason[] = [...(isBreached ? ['TOPLINE_BREACH' as const] : []), ...(areInBoth ? ['MULTIPLE_EXPOSURES' as const] : [])];
  const first = firstBlockOf(plan, clock);
  const staleMs = Math.max(3 * plan.blockSec * 1_000, plan.leaseMs / 4);
  const isStale = metrics.some((metric) => clock.nowMs - foldedAtMs(plan, metric, (folded[metric.name] ?? first - 1) + 1) > staleMs);
  const isImmature = metrics.some((metric) => clock.nowMs < foldedAtMs(plan, metric, first));
  // A bake ends on fresh evidence alone. That there is none yet stands in the lines, so that the decision follows from them.
  const isUnseen = isImmature ? mode === 'bake' : inStage !== null && inStage.some((blocks) => !blocks.some(({ stable }) => stable.n > 0) || !blocks.some(({ candidate }) => candidate.n > 0));
  if (mode !== 'paused') {
    if (isStale) holds.push('STALE_DATA');
    if (isUnseen) holds.push('NO_DATA');
    if (isImmature) holds.push('IMMATURE');
  }
  if (auditLagSec > AUDIT_LAG_MAX_SEC) holds.push('AUDIT_LAG');
  return holds;
}

/** From which block on the traffic is told, for the first guardrail metric. */
export const trafficFrom = (through: number): number => through - TRAFFIC_BLOCKS;

/** Candidate units that the next stage's minimum may cost, at the traffic of the last blocks; 0 where there is no next stage. */
export function nextUnits(gate: GatePlan, plan: RolloutPolicy, stage: number, clock: Clock, recent: readonly BlockDoc[], through: number): number {
  const next = plan.stages[stage + 1];
  if (next === undefined) return 0;
  const units = recent.reduce((sum, { stable, candidate }) => sum + stable.n + candidate.n, 0);
  const spanned = stage === 0 ? Math.min(TRAFFIC_BLOCKS, through - firstBlockOf(plan, clock) + 1) : TRAFFIC_BLOCKS;
  const unitsPerSec = units / (Math.max(1, spanned) * plan.blockSec);
  return nextUnitsOf(gate, { weightBp: next.weightBp, minMs: next.durationMinSec * 1_000, maxMs: next.durationMaxSec * 1_000 }, unitsPerSec);
}

/** When to look again: each block while traffic flows, backing off to a quarter of the lease when it does not. */
export function delayMs(plan: RolloutPolicy, { nowMs, sinceMs }: Clock, through: Readonly<Record<string, number>>): number {
  const quarterMs = plan.leaseMs / 4;
  const seenMs = Math.max(sinceMs, ...plan.metrics.flatMap((metric) => { const block = through[metric.name]; return block === undefined ? [] : [foldedAtMs(plan, metric, block)]; }));
  return Math.min(quarterMs, Math.max(plan.blockSec * 1_000, (nowMs - seenMs) / 2));
}
