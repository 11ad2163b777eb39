/** A replay file decided again, statistics.md section 6: nothing else is read, no clock, no store, no settings. */
import { decisionOf } from './decision.js';
import { assignmentOf, evidenceOf } from './evidence.js';
import { isFields } from './fields.js';
import { faultOfLine } from './lines.js';
import type { ReceiptFields, ReceiptLine } from './lines.js';
import { consumeChecked, startGate } from './online.js';
import type { GateState } from './online.js';
import { faultsOfPlan } from './plan.js';
import type { GateDecision, GateLine, GatePlan, HoldReason } from './policy.js';

/** What is printed for a block, keys in this order. */
export type ReplayOutput =
  | { readonly block: number; readonly metric: string; readonly logEHarm: number | null; readonly logENi: Readonly<Record<string, number>>; readonly upper: number | null }
  | { readonly block: number; readonly metric: string; readonly logESrm: number };

/** The last line; `line` is the input line that brought it. */
export type ReplayDecision =
  | { readonly decision: 'ROLLBACK'; readonly reason: 'HARM'; readonly metric: string; readonly block: number; readonly line: number }
  | { readonly decision: 'ROLLBACK'; readonly reason: 'STAGE_MAX'; readonly line: number }
  | { readonly decision: 'PROMOTE'; readonly line: number }
  | { readonly decision: 'ADVANCE' }
  | { readonly decision: 'HOLD'; readonly reasons: readonly HoldReason[] };

export interface ReplayError { readonly line: number; readonly code: 'BAD_INPUT' | 'RECEIPT_MISMATCH'; readonly message: string }
/** What a replay ends with: exactly one of the two. */
export interface ReplayEnd { readonly decision: ReplayDecision | null; readonly error: ReplayError | null }

/** Outputs of the blocks up to an error; then either a decision or the error. */
export interface Replay extends ReplayEnd { readonly outputs: readonly ReplayOutput[] }

/** A replay under way: what was read so far. After an error nothing is read any more. */
export interface Replaying {
  /** lines read, white space included */
  readonly lines: number;
  readonly gate: { readonly plan: GatePlan; readonly state: GateState; readonly latchLine: number } | null;
  readonly error: ReplayError | null;
}

export interface ReplayOptions {
  /** input line of each line, 1-based; by default the plan is line 1 and the others follow */
  readonly numbers?: readonly number[];
  /** allowed distance of recorded log e-values, for receipts of another engine; 0 = bit for bit */
  readonly tolerance?: number;
}

/** Characters of a line that are read. */
export const LINE_MAX = 16 * 1_024 * 1_024;

export const startReplay: Replaying = { lines: 0, gate: null, error: null };

/** Reads the file's next line; `output` is what is printed for it. */
export function readReplay(replaying: Replaying, text: string, tolerance = 0): { readonly replaying: Replaying; readonly output: ReplayOutput | null } {
  if (replaying.error !== null) return { replaying, output: null };
  const line = replaying.lines + 1;
  const next = { ...replaying, lines: line };
  if (text.trim() === '') return { replaying: next, output: null };
  if (text.length > LINE_MAX) return { replaying: { ...next, error: badInput(line, `this line is longer than ${LINE_MAX} characters`) }, output: null };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { replaying: { ...next, error: badInput(line, 'this line is not JSON') }, output: null };
  }
  return read(next, line, value, tolerance);
}

/** The decision at the file's end, or the error it ended at. */
export function endReplay({ gate, error }: Replaying): ReplayEnd {
  if (error !== null) return { decision: null, error };
  if (gate === null) return { decision: null, error: badInput(1, 'the file holds no line; a plan comes first') };
  const decision = decisionOf(gate.plan, gate.state);
  return { decision: decision.decision === 'ROLLBACK' || decision.decision === 'PROMOTE' ? { ...decision, line: gate.latchLine } : decision, error: null };
}

/** Decides again from a plan and its lines. Strangers' lines are checked; the first bad one ends the replay with BAD_INPUT. */
export function replay(plan: GatePlan, lines: readonly (GateLine | ReceiptLine)[], { numbers, tolerance = 0 }: ReplayOptions = {}): Replay {
  const outputs: ReplayOutput[] = [];
  let replaying = read({ ...startReplay, lines: 1 }, 1, { plan }, tolerance).replaying;
  for (const [i, value] of lines.entries()) {
    if (replaying.error !== null) break;
    const step = read(replaying, numbers?.[i] ?? i + 2, value, tolerance);
    replaying = step.replaying;
    if (step.output !== null) outputs.push(step.output);
  }
  return { outputs, ...endReplay(replaying) };
}

/** Decides again from a file's text: JSON lines, LF or CRLF; white space is skipped but counted. */
export function replayText(text: string, tolerance = 0): Replay {
  const outputs: ReplayOutput[] = [];
  let replaying = startReplay;
  for (const row of text.split('\n')) {
    const step = readReplay(replaying, row, tolerance);
    replaying = step.replaying;
    if (step.output !== null) outputs.push(step.output);
    if (replaying.error !== null) break;
  }
  return { outputs, ...endReplay(replaying) };
}

/** The replay as JSON lines, numbers in shortest round-trip form, margins ascending. */
export function replayLines({ outputs, decision, error }: Replay): readonly string[] {
  return [...outputs.map(lineOfOutput), ...error !== null ? [JSON.stringify({ error })] : decision !== null ? [JSON.stringify(decision)] : []];
}

/** One block's line. */
export function lineOfOutput(output: ReplayOutput): string {
  if ('logESrm' in output) return JSON.stringify(output);
  const { logENi, upper, ...head } = output;
  // An object cannot keep the order of keys like "1": margins ascend, so they are written by hand.
  const margins = Object.entries(logENi).sort(([a], [b]) => Number(a) - Number(b)).map(([key, x]) => `${JSON.stringify(key)}:${JSON.stringify(x)}`);
  return `${JSON.stringify(head).slice(0, -1)},"logENi":{${margins.join(',')}},"upper":${JSON.stringify(upper)}}`;
}

const badInput = (line: number, message: string): ReplayError => ({ line, code: 'BAD_INPUT', message });

function read(replaying: Replaying, line: number, value: unknown, tolerance: number): { replaying: Replaying; output: ReplayOutput | null } {
  const failed = (error: ReplayError): { replaying: Replaying; output: null } => ({ replaying: { ...replaying, error }, output: null });
  const { gate } = replaying;
  if (gate === null) {
    if (!isFields(value) || Object.keys(value).length !== 1 || !Object.hasOwn(value, 'plan')) return failed(badInput(line, 'the first object must be the plan'));
    const [fault] = faultsOfPlan(value['plan']);
    if (fault !== undefined) return failed(badInput(line, fault));
    const plan = value['plan'] as GatePlan;
    return { replaying: { ...replaying, gate: { plan, state: startGate(plan), latchLine: line } }, output: null };
  }
  const { plan, state } = gate;
  const wrong = faultOfLine(plan, state, value);
  if (wrong !== null) return failed(badInput(line, wrong));
  const known = value as GateLine | ReceiptLine;
  if ('receipt' in known) {
    const difference = differenceOf(plan, state, known.receipt, tolerance);
    return difference === null ? { replaying, output: null } : failed({ line, code: 'RECEIPT_MISMATCH', message: difference });
  }
  const after = consumeChecked(plan, state, known);
  return {
    replaying: { ...replaying, gate: { plan, state: after, latchLine: after.latch === state.latch ? gate.latchLine : line } },
    output: 'block' in known ? outputOf(plan, after, known.block.metric, known.block.i) : null,
  };
}

function outputOf(plan: GatePlan, state: GateState, metric: string, block: number): ReplayOutput {
  const assignment = assignmentOf(plan, state).find((one) => one.metric === metric);
  if (assignment !== undefined) return { block, metric, logESrm: assignment.logESrm };
  const { logEHarm = null, logENi = {}, upper = null } = evidenceOf(plan, state).find((one) => one.metric === metric) ?? {};
  return { block, metric, logEHarm, logENi, upper };
}

/** How a recorded decision differs from the one made here; `null` when it does not. */
function differenceOf(plan: GatePlan, state: GateState, recorded: ReceiptFields, tolerance: number): string | null {
  const own: GateDecision = decisionOf(plan, state);
  if (own.decision !== recorded.decision) return `recorded ${recorded.decision}, decided here ${own.decision}`;
  const reasons = own.decision === 'HOLD' ? own.reasons : [];
  if (recorded.reasons !== undefined && JSON.stringify(recorded.reasons) !== JSON.stringify(reasons)) {
    return `recorded reasons ${recorded.reasons.join(', ')}; here ${reasons.join(', ')}`;
  }
  const isNear = (a: number | null | undefined, b: number | null | undefined): boolean =>
    a === b || (typeof a === 'number' && typeof b === 'number' && Math.abs(a - b) <= tolerance);
  const evidence = evidenceOf(plan, state);
  const assignments = assignmentOf(plan, state);
  for (const [metric, { harm, ni = {}, srm }] of Object.entries(recorded.logE ?? {})) {
    const { logEHarm = undefined, logENi = {} } = evidence.find((one) => one.metric === metric) ?? {};
    if (harm !== undefined && !isNear(harm, logEHarm)) return `${metric}: recorded log E of harm ${harm}, here ${logEHarm ?? 'none'}`;
    for (const [margin, x] of Object.entries(ni)) {
      if (!isNear(x, logENi[margin])) return `${metric}: recorded log E at margin ${margin} ${x}, here ${logENi[margin] ?? 'none'}`;
    }
    const logESrm = assignments.find((one) => one.metric === metric)?.logESrm;
    if (srm !== undefined && !isNear(srm, logESrm)) return `${metric}: recorded log E of the assignment ${srm}, here ${logESrm ?? 'none'}`;
  }
  return null;
}
