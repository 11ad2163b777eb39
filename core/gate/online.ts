/**
 * The gate's state, statistics.md section 4: state and one line give the next state. Decided after every line; what has crossed
 * stays crossed. State is plain JSON and continues bit for bit.
 */
import { faultOfLine } from './lines.js';
import { areFinite, isSound } from './metric.js';
import type { ArmTotals, Evidence, MetricPlan } from './metric.js';
import { fullPlan } from './plan.js';
import type { FullPlan } from './plan.js';
import { harmOf, isReady, reasonsIn } from './reasons.js';
import type { BlockFields, GateLine, GatePlan, Rollback, Stage } from './policy.js';

/** One metric's memory. */
export interface MetricState {
  readonly id: string;
  /** index of the last consumed block, and blocks in which both arms had units */
  readonly lastBlock: number | null;
  readonly readyBlocks: number;
  /** all units so far, with what their type counts of them */
  readonly total: ArmTotals;
  /** the totals the bets are made from; they fade where the metric has a half-life */
  readonly seen: ArmTotals;
  /** of the harm test; of an assignment metric that of its ratio test */
  readonly harm: Evidence | null;
  /** one per margin, in the plan's order */
  readonly ni: readonly Evidence[];
  /** block that brought the alarm, latched */
  readonly alarm: number | null;
  /** the acting margin is rejected at alphaPromote, latched */
  readonly passed: boolean;
  /** margins rejected at alphaCs, latched, for (26) */
  readonly rejected: readonly boolean[];
  /** the last block could not be read or computed */
  readonly unreadable: boolean;
  readonly acknowledged: boolean;
}

export interface GateState {
  readonly format: 1;
  readonly weightBp: number;
  readonly stage: Stage;
  /** in the plan's order */
  readonly metrics: readonly MetricState[];
  /** ROLLBACK is final, PROMOTE yields only to ROLLBACK HARM */
  readonly latch: { readonly decision: 'PROMOTE' } | Rollback | null;
}

/**
 * Before the first line; the first copy of every restart mixture is born here.
 *
 * @throws RangeError on a plan with faults
 */
export function startGate(plan: GatePlan): GateState {
  const full = fullPlan(plan);
  const { weightBp, stage } = full;
  const metrics = full.metrics.map(({ id, harm, ni, none }): MetricState => ({
    id, lastBlock: null, readyBlocks: 0, total: none, seen: none, harm: harm && harm.start, ni: ni?.tests.map(({ start }) => start) ?? [],
    alarm: null, passed: false, rejected: ni?.margins.map(() => false) ?? [], unreadable: false, acknowledged: false,
  }));
  return latched(full, { format: 1, weightBp, stage, metrics, latch: null });
}

/**
 * One line of the replay language into the state.
 *
 * @throws RangeError on an unknown metric, a block out of order or a wrong field: the caller's bug. A block whose statistics cannot be
 *         read (NaN, Infinity, more bad units than units) is data: it gives no evidence, and READ_FAILED until the next readable one
 */
export function consume(plan: GatePlan, state: GateState, line: GateLine): GateState {
  const fault = faultOfLine(plan, state, line, { unreadableAllowed: true });
  if (fault !== null) throw new RangeError(fault);
  return consumeChecked(plan, state, line);
}

/** The same for a line that `faultOfLine` has found nothing wrong with. */
export function consumeChecked(plan: GatePlan, state: GateState, line: GateLine): GateState {
  const full = fullPlan(plan);
  return latched(full, consumed(full, state, line));
}

function consumed(full: FullPlan, state: GateState, line: GateLine): GateState {
  const change = (metric: string | undefined, next: (state: MetricState, plan: MetricPlan) => MetricState): GateState => ({
    ...state,
    metrics: state.metrics.map((m, i) => { const p = full.metrics[i]; return p !== undefined && (metric ?? m.id) === m.id ? next(m, p) : m; }),
  });
  if ('block' in line) return change(line.block.metric, (m, p) => stepMetric(full, p, m, line.block, state.weightBp / 10_000));
  if ('birth' in line) return change(line.birth.metric, (m, { harm }) => ({ ...m, harm: harm && m.harm && harm.bear(m.harm) }));
  if ('weight' in line) return { ...state, weightBp: line.weight.bp };
  if ('acknowledge' in line) return change(line.acknowledge.metric, (m) => ({ ...m, acknowledged: true }));
  const { at: _at, note: _note, ...stage } = line.stage;
  return { ...state, stage: { ...state.stage, ...stage } };
}

/** Factors from the past state, then the counters; then, where the metric is ready, what has been crossed. */
function stepMetric(full: FullPlan, plan: MetricPlan, state: MetricState, { i, stable, candidate }: BlockFields, weight: number): MetricState {
  // What cannot be read or computed is never a verdict: the state stays, the block is spent.
  const spent: MetricState = { ...state, lastBlock: i, unreadable: true };
  if (plan.faultOf('stable', stable) !== null || plan.faultOf('candidate', candidate) !== null) return spent;
  const read = { stable, candidate, weight };
  const block: ArmTotals = { stable: plan.totalsOf(stable), candidate: plan.totalsOf(candidate) };
  const harm = plan.harm && state.harm && plan.harm.step(state.harm, state.seen, read);
  const ni = state.ni.map((evidence, g) => plan.ni?.tests[g]?.step(evidence, state.seen, read) ?? evidence);
  const total = plan.advance(state.total, block, null);
  if (!areFinite(total) || (plan.harm && harm && !isSound(plan.harm, harm)) || !ni.every((evidence, g) => { const test = plan.ni?.tests[g]; return test === undefined || isSound(test, evidence); })) return spent;
  const stepped: MetricState = {
    ...state, lastBlock: i, unreadable: false, harm, ni, readyBlocks: state.readyBlocks + (block.stable.n > 0 && block.candidate.n > 0 ? 1 : 0),
    total, seen: plan.advance(state.seen, block, plan.halfLifeBlocks),
  };
  return isReady(full, plan, stepped) ? crossed(full, plan, stepped, i) : stepped;
}

function crossed({ promoteThreshold, csThreshold }: FullPlan, { harm, harmThreshold, ni }: MetricPlan, state: MetricState, block: number): MetricState {
  const logENi = state.ni.map((evidence, g) => ni?.tests[g]?.logE(evidence) ?? -Infinity);
  const isAlarm = harm !== null && state.harm !== null && harmThreshold !== null && harm.logE(state.harm) >= harmThreshold;
  return {
    ...state,
    alarm: state.alarm ?? (isAlarm ? block : null),
    passed: state.passed || (ni !== null && (logENi[ni.actIndex] ?? -Infinity) >= promoteThreshold),
    rejected: state.rejected.map((was, g) => was || (logENi[g] ?? -Infinity) >= csThreshold),
  };
}

/** Section 4, first match wins; run after every line. */
function latched(full: FullPlan, state: GateState): GateState {
  if (state.latch?.decision === 'ROLLBACK') return state;
  const harm = harmOf(full, state);
  if (harm !== null) return { ...state, latch: harm };
  if (state.latch !== null) return state;
  if (reasonsIn(full, state).length === 0) return state.stage.last ? { ...state, latch: { decision: 'PROMOTE' } } : state;
  return state.stage.maxMet ? { ...state, latch: { decision: 'ROLLBACK', reason: 'STAGE_MAX' } } : state;
}
