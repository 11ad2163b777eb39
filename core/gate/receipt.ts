/**
 * One decision, written down so that anyone can make it again: what was read, the state it leaves, the decision (statistics.md section 4).
 * The lines of a release's receipts, one after the other, are a replay file.
 */
import { bakeDecisionOf, decisionOf, pausedDecisionOf } from './decision.js';
import { assignmentOf, evidenceOf } from './evidence.js';
import { faultOfLine } from './lines.js';
import type { ReceiptLine } from './lines.js';
import { consume, startGate } from './online.js';
import type { GateState } from './online.js';
import type { GateDecision, GateLine, GatePlan, HoldReason } from './policy.js';

/** Which question the look asked: the ramp's, a pause's (harm only), or the bake's, whose clock is what the stage lines say. */
export type LookMode = 'climb' | 'paused' | 'bake';

/** Keys as below, in the plan's order; natural logarithms. */
export type LogValues = Readonly<Record<string, number>>;

export interface Receipt {
  /** 1, 2, … without gaps */
  readonly seq: number;
  readonly mode: LookMode;
  /** the replay lines since the receipt before */
  readonly lines: readonly GateLine[];
  /** `metric:harm:before`, `metric:harm:after`, `metric:ni:before`, `metric:ni:after` (the acting margin), `metric:srm:…`; other margins are in the state */
  readonly logE: LogValues;
  /** `metric:harm`, `metric:ni`, `metric:srm`; absent where the metric cannot alarm or pass */
  readonly thresholds: LogValues;
  readonly state: GateState;
  readonly decision: GateDecision;
  /** of a HOLD, in order; otherwise empty */
  readonly reasons: readonly HoldReason[];
  readonly planDigest: string;
  /** version of the code, and of the engine whose logarithms were used */
  readonly code: string;
}

/** What a look adds to the receipt before. */
export interface ReceiptDraft { readonly mode: LookMode; readonly lines: readonly GateLine[]; readonly planDigest: string; readonly code: string }

/**
 * The next receipt after `before` (`null`: the release's first).
 *
 * @throws RangeError on lines the plan does not allow: the caller's bug
 */
export function nextReceipt(plan: GatePlan, before: Receipt | null, { mode, lines, planDigest, code }: ReceiptDraft): Receipt {
  const from = before?.state ?? startGate(plan);
  let state = from;
  for (const line of lines) state = consume(plan, state, line);
  const decision = decisionIn(mode, plan, state);
  const was = logEsOf(plan, from, 'before');
  const is = logEsOf(plan, state, 'after');
  return {
    seq: (before?.seq ?? 0) + 1, mode, lines,
    logE: Object.fromEntries(was.flatMap((entry, i) => [entry, is[i] ?? entry])),
    thresholds: Object.fromEntries([
      ...evidenceOf(plan, state).flatMap(({ metric, harmThreshold, niThreshold, actingMargin }) => [
        ...harmThreshold === null ? [] : [[`${metric}:harm`, harmThreshold] as const], ...actingMargin === null ? [] : [[`${metric}:ni`, niThreshold] as const],
      ]),
      ...assignmentOf(plan, state).map(({ metric, threshold }) => [`${metric}:srm`, threshold] as const),
    ]),
    state, decision, reasons: decision.decision === 'HOLD' ? decision.reasons : [], planDigest, code,
  };
}

const DECISIONS: Readonly<Record<LookMode, (plan: GatePlan, state: GateState) => GateDecision>> = {
  climb: decisionOf, paused: pausedDecisionOf, bake: (plan, state) => bakeDecisionOf(plan, state),
};

/** What a look of that kind decides. The bake's clock stands in the state's stage, so that its receipts replay from their lines. */
export const decisionIn = (mode: LookMode, plan: GatePlan, state: GateState): GateDecision => DECISIONS[mode](plan, state);

const logEsOf = (plan: GatePlan, state: GateState, when: 'before' | 'after'): readonly (readonly [string, number])[] => [
  ...evidenceOf(plan, state).flatMap(({ metric, logEHarm, logENi, actingMargin }) => [
    ...logEHarm === null ? [] : [[`${metric}:harm:${when}`, logEHarm] as const],
    ...actingMargin === null ? [] : [[`${metric}:ni:${when}`, logENi[String(actingMargin)] ?? 0] as const],
  ]),
  ...assignmentOf(plan, state).map(({ metric, logESrm }) => [`${metric}:srm:${when}`, logESrm] as const),
];

type LoggedEvidence = NonNullable<ReceiptLine['receipt']['logE']>[string];

/**
 * A release's receipts as a replay file: the plan, each receipt's lines, and after them what was decided and on what evidence, so that a
 * replay finds the first difference. What a pause or a bake asked beside the ramp is not the language's; there stands what the state
 * itself says (a latched PROMOTE, or why it holds).
 */
export function replayFileOf(plan: GatePlan, receipts: readonly Pick<Receipt, 'mode' | 'lines' | 'state' | 'decision' | 'reasons'>[]): readonly ({ readonly plan: GatePlan } | GateLine | ReceiptLine)[] {
  return [{ plan }, ...receipts.flatMap(({ mode, lines, state, decision, reasons }): (GateLine | ReceiptLine)[] => {
    const ramp = mode === 'climb' ? decision : decisionOf(plan, state);
    const held = mode === 'climb' ? reasons : ramp.decision === 'HOLD' ? ramp.reasons : [];
    const logE: NonNullable<ReceiptLine['receipt']['logE']> = Object.fromEntries<LoggedEvidence>([
      ...evidenceOf(plan, state).map(({ metric, logEHarm, logENi }) => [metric, { harm: logEHarm, ni: logENi }] as const),
      ...assignmentOf(plan, state).map(({ metric, logESrm }) => [metric, { srm: logESrm }] as const),
    ]);
    return [...lines, { receipt: { decision: ramp.decision, reasons: held, logE } }];
  })];
}

/** Highest block consumed, by metric; where the next look goes on. */
export const throughOf = ({ metrics }: GateState): Readonly<Record<string, number>> =>
  Object.fromEntries(metrics.flatMap(({ id, lastBlock }) => lastBlock === null ? [] : [[id, lastBlock] as const]));

/** Where a stored receipt and the recomputed one part. */
export interface ReceiptDifference { readonly seq: number; readonly field: string; readonly stored: unknown; readonly recomputed: unknown }

/**
 * Makes every receipt again from the one before and compares: sequence, plan, evidence, thresholds, state, decision.
 *
 * @param tolerance  allowed distance of numbers, for receipts of another engine; 0 = bit for bit
 * @returns          the first difference, or 'same'
 */
export function replayReceipts(plan: GatePlan, receipts: readonly Receipt[], tolerance = 0): 'same' | ReceiptDifference {
  let before: Receipt | null = null;
  for (const stored of receipts) {
    const { seq, mode, lines, code } = stored;
    const broken = faultIn(plan, before?.state ?? startGate(plan), lines);
    if (broken !== null) return { seq, field: `lines.${broken.index}`, stored: lines[broken.index], recomputed: broken.fault };
    const made: Receipt = nextReceipt(plan, before, { mode, lines, code, planDigest: before?.planDigest ?? stored.planDigest });
    // Only what a receipt is: a store may keep more beside it.
    for (const [field, value] of Object.entries(made)) {
      const difference = firstDifference(stored[field as keyof Receipt], value, field, tolerance);
      if (difference !== null) return { seq, ...difference };
    }
    before = stored;
  }
  return 'same';
}

function faultIn(plan: GatePlan, start: GateState, lines: readonly GateLine[]): { readonly index: number; readonly fault: string } | null {
  let state = start;
  for (const [index, line] of lines.entries()) {
    const fault = faultOfLine(plan, state, line, { unreadableAllowed: true });
    if (fault !== null || 'receipt' in line) return { index, fault: fault ?? 'a receipt holds no receipts' };
    state = consume(plan, state, line);
  }
  return null;
}

/** Deep comparison that does not mind the order of keys, which a store may change. */
function firstDifference(stored: unknown, made: unknown, field: string, tolerance: number): Omit<ReceiptDifference, 'seq'> | null {
  if (stored === made || (Number.isNaN(stored) && Number.isNaN(made))) return null;
  if (typeof stored === 'number' && typeof made === 'number' && Math.abs(stored - made) <= tolerance) return null;
  if (typeof stored !== 'object' || typeof made !== 'object' || stored === null || made === null || Array.isArray(stored) !== Array.isArray(made)) {
    return { field, stored, recomputed: made };
  }
  for (const key of new Set([...Object.keys(stored), ...Object.keys(made)])) {
    const difference = firstDifference((stored as Record<string, unknown>)[key], (made as Record<string, unknown>)[key],
      `${field}.${key}`, tolerance);
    if (difference !== null) return difference;
  }
  return null;
}
