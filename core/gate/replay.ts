/** A replay file decided again, statistics.md section 6: nothing else is read, no clock, no store, no settings. */
import { isFields } from './fields.js';
import { faultOfLine } from './lines.js';
import type { ReceiptFields, ReceiptLine } from './lines.js';
import { consume, decisionOf, evidenceOf, startGate } from './online.js';
import type { GateState } from './online.js';
import { faultsOfPlan } from './plan.js';
import type { GateDecision, GateLine, GatePlan, HoldReason } from './policy.js';

/** What is printed for a block, keys in this order. */
export interface ReplayOutput {
  readonly block: number;
  readonly metric: string;
  readonly logEHarm: number | null;
  readonly logENi: Readonly<Record<string, number>>;
  readonly upper: number | null;
}

/** The last line; `line` is the input line that brought it. */
export type ReplayDecision =
  | { readonly decision: 'ROLLBACK'; readonly reason: 'HARM'; readonly metric: string; readonly block: number; readonly line: number }
  | { readonly decision: 'ROLLBACK'; readonly reason: 'STAGE_MAX'; readonly line: number }
  | { readonly decision: 'PROMOTE'; readonly line: number }
  | { readonly decision: 'ADVANCE' }
  | { readonly decision: 'HOLD'; readonly reasons: readonly HoldReason[] };

export interface ReplayError { readonly line: number; readonly code: 'BAD_INPUT' | 'RECEIPT_MISMATCH'; readonly message: string }

/** Outputs of the blocks up to an error; then either a decision or the error. */
export interface Replay { readonly outputs: readonly ReplayOutput[]; readonly decision: ReplayDecision | null; readonly error: ReplayError | null }

export interface ReplayOptions {
  /** input line of each line, 1-based; by default the plan is line 1 and the others follow */
  readonly numbers?: readonly number[];
  /** allowed distance of recorded log e-values, for receipts of another engine; 0 = bit for bit */
  readonly tolerance?: number;
}

/** Decides again from a plan and its lines. Strangers' lines are checked; the first bad one ends the replay with BAD_INPUT. */
export function replay(plan: GatePlan, lines: readonly (GateLine | ReceiptLine)[], { numbers, tolerance = 0 }: ReplayOptions = {}): Replay {
  return replayed(1, plan, lines.map((value, i) => ({ line: numbers?.[i] ?? i + 2, value })), tolerance);
}

/** Decides again from a file's text: JSON lines, LF or CRLF; white space is skipped but counted. */
export function replayText(text: string, tolerance = 0): Replay {
  const rows: { readonly line: number; readonly value: unknown }[] = [];
  let broken: ReplayError | null = null;
  for (const [i, row] of text.split('\n').entries()) {
    if (row.trim() === '') continue;
    try {
      rows.push({ line: i + 1, value: JSON.parse(row) as unknown });
    } catch {
      broken = badInput(i + 1, 'this line is not JSON');
      break;
    }
  }
  const [first, ...rest] = rows;
  if (first === undefined) return { outputs: [], decision: null, error: broken ?? badInput(1, 'the file holds no line; a plan comes first') };
  if (!isFields(first.value) || Object.keys(first.value).length !== 1 || !Object.hasOwn(first.value, 'plan')) {
    return { outputs: [], decision: null, error: badInput(first.line, 'the first object must be the plan') };
  }
  const result = replayed(first.line, first.value['plan'], rest, tolerance);
  return broken === null || result.error !== null ? result : { outputs: result.outputs, decision: null, error: broken };
}

/** The replay as JSON lines, numbers in shortest round-trip form, margins ascending. */
export function replayLines({ outputs, decision, error }: Replay): readonly string[] {
  const texts = outputs.map(({ logENi, upper, ...head }) => {
    // An object cannot keep the order of keys like "1": margins ascend, so they are written by hand.
    const margins = Object.entries(logENi).sort(([a], [b]) => Number(a) - Number(b)).map(([key, x]) => `${JSON.stringify(key)}:${JSON.stringify(x)}`);
    return `${JSON.stringify(head).slice(0, -1)},"logENi":{${margins.join(',')}},"upper":${JSON.stringify(upper)}}`;
  });
  if (error !== null) texts.push(JSON.stringify({ error }));
  else if (decision !== null) texts.push(JSON.stringify(decision));
  return texts;
}

const badInput = (line: number, message: string): ReplayError => ({ line, code: 'BAD_INPUT', message });

function replayed(planLine: number, plan: unknown, rows: readonly { readonly line: number; readonly value: unknown }[], tolerance: number): Replay {
  const outputs: ReplayOutput[] = [];
  const failed = (error: ReplayError): Replay => ({ outputs, decision: null, error });
  const [fault] = faultsOfPlan(plan);
  if (fault !== undefined) return failed(badInput(planLine, fault));
  const gate = plan as GatePlan;
  let state = startGate(gate);
  let latchLine = planLine;
  for (const { line, value } of rows) {
    const wrong = faultOfLine(gate, state, value);
    if (wrong !== null) return failed(badInput(line, wrong));
    const known = value as GateLine | ReceiptLine;
    if ('receipt' in known) {
      const difference = differenceOf(gate, state, known.receipt, tolerance);
      if (difference !== null) return failed({ line, code: 'RECEIPT_MISMATCH', message: difference });
      continue;
    }
    const before = state;
    state = consume(gate, before, known);
    if (state.latch !== before.latch) latchLine = line;
    if ('block' in known) outputs.push(outputOf(gate, state, known.block.metric, known.block.i));
  }
  return { outputs, decision: endOf(decisionOf(gate, state), latchLine), error: null };
}

function outputOf(plan: GatePlan, state: GateState, metric: string, block: number): ReplayOutput {
  const { logEHarm = null, logENi = {}, upper = null } = evidenceOf(plan, state).find((e) => e.metric === metric) ?? {};
  return { block, metric, logEHarm, logENi, upper };
}

function endOf(decision: GateDecision, line: number): ReplayDecision {
  return decision.decision === 'ROLLBACK' || decision.decision === 'PROMOTE' ? { ...decision, line } : decision;
}

/** How a recorded decision differs from the one made here; `null` when it does not. */
function differenceOf(plan: GatePlan, state: GateState, recorded: ReceiptFields, tolerance: number): string | null {
  const own = decisionOf(plan, state);
  if (own.decision !== recorded.decision) return `recorded ${recorded.decision}, decided here ${own.decision}`;
  const reasons = own.decision === 'HOLD' ? own.reasons : [];
  if (recorded.reasons !== undefined && JSON.stringify(recorded.reasons) !== JSON.stringify(reasons)) {
    return `recorded reasons ${recorded.reasons.join(', ')}; here ${reasons.join(', ')}`;
  }
  const isNear = (a: number | null | undefined, b: number | null | undefined): boolean =>
    a === b || (typeof a === 'number' && typeof b === 'number' && Math.abs(a - b) <= tolerance);
  for (const { metric, logEHarm, logENi } of evidenceOf(plan, state)) {
    const was = recorded.logE?.[metric];
    if (was === undefined) continue;
    if (was.harm !== undefined && !isNear(was.harm, logEHarm)) return `${metric}: recorded log E of harm ${was.harm}, here ${logEHarm}`;
    for (const [margin, x] of Object.entries(was.ni ?? {})) {
      if (!isNear(x, logENi[margin])) return `${metric}: recorded log E at margin ${margin} ${x}, here ${logENi[margin]}`;
    }
  }
  return null;
}
