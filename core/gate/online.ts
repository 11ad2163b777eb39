/**
 * The online decision, statistics.md section 4: state and one line give the next state. Decided after every line; what has crossed
 * stays crossed. State is plain JSON and continues bit for bit.
 *
 * A look writes its lines by `linesOfLook`: weight and birth, then what the caller knows, then the blocks, and only last that the
 * stage's maximum is over, so that evidence that is already there is read before time runs out.
 */
import {
  NO_COUNTS, advance, bear, componentsOf, logFactors, mixtureLogE, startMixture, stepMixture, upperEnd,
} from '../stats/index.js';
import type { ArmCounts, Counts, Mixture, Restart } from '../stats/index.js';
import { faultOfLine } from './lines.js';
import { fullPlan } from './plan.js';
import type { FullPlan, RatePlan } from './plan.js';
import { HOLD_REASONS } from './policy.js';
import type { ArmStatistics, BlockFields, GateDecision, GateLine, GatePlan, HoldReason, MetricRole, Rollback, Stage, StageFields } from './policy.js';

/** One metric's memory. */
export interface MetricState {
  readonly id: string;
  /** index of the last consumed block, and blocks in which both arms had units */
  readonly lastBlock: number | null;
  readonly readyBlocks: number;
  /** all units so far */
  readonly total: ArmCounts;
  /** the counters the bets are made from; they fade where the metric has a half-life */
  readonly seen: ArmCounts;
  readonly harm: Mixture | null;
  /** one per margin, in the plan's order */
  readonly ni: readonly Mixture[];
  /** block that brought the harm alarm, latched */
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
  const { restart, weightBp, stage } = full;
  const metrics = full.metrics.map(({ id, harm, ni }): MetricState => ({
    id, lastBlock: null, readyBlocks: 0, total: NO_COUNTS, seen: NO_COUNTS,
    harm: harm && bear(startMixture(componentsOf(harm)), restart),
    ni: ni?.tests.map((test) => startMixture(componentsOf(test))) ?? [],
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
  const full = fullPlan(plan);
  const fault = faultOfLine(plan, state, line, { unreadableAllowed: true });
  if (fault !== null) throw new RangeError(fault);
  return latched(full, consumed(full, state, line));
}

function consumed(full: FullPlan, state: GateState, line: GateLine): GateState {
  const change = (metric: string | undefined, next: (state: MetricState, plan: RatePlan) => MetricState): GateState => ({
    ...state,
    metrics: state.metrics.map((m, i) => { const p = full.metrics[i]; return p !== undefined && (metric ?? m.id) === m.id ? next(m, p) : m; }),
  });
  if ('block' in line) return change(line.block.metric, (m, p) => stepMetric(full, p, m, line.block));
  if ('birth' in line) return change(line.birth.metric, (m) => ({ ...m, harm: m.harm && bear(m.harm, full.restart) }));
  if ('weight' in line) return { ...state, weightBp: line.weight.bp };
  if ('acknowledge' in line) return change(line.acknowledge.metric, (m) => ({ ...m, acknowledged: true }));
  const { at: _at, note: _note, ...stage } = line.stage;
  return { ...state, stage: { ...state.stage, ...stage } };
}

const isReadable = (arm: ArmStatistics): arm is Counts =>
  'k' in arm && Number.isSafeInteger(arm.n) && Number.isSafeInteger(arm.k) && arm.k >= 0 && arm.k <= arm.n;
const isSound = (mixture: Mixture | null): boolean => mixture?.logs.every(Number.isFinite) ?? true;

/** Factors from the past state, then the counters; then, where the metric is ready, what has been crossed. */
function stepMetric(full: FullPlan, plan: RatePlan, state: MetricState, { i, stable, candidate }: BlockFields): MetricState {
  if (!isReadable(stable) || !isReadable(candidate)) return { ...state, lastBlock: i, unreadable: true };
  const block: ArmCounts = { stable: { n: stable.n, k: stable.k }, candidate: { n: candidate.n, k: candidate.k } };
  const harm = plan.harm && state.harm && stepMixture(state.harm, logFactors(plan.harm, state.seen, block), full.restart);
  const ni = state.ni.map((mixture, g) => {
    const test = plan.ni?.tests[g];
    return test === undefined ? mixture : stepMixture(mixture, logFactors(test, state.seen, block), null);
  });
  // Evidence that cannot be computed is never a verdict: the state stays, the block is spent.
  if (!isSound(harm) || !ni.every(isSound)) return { ...state, lastBlock: i, unreadable: true };
  const stepped: MetricState = {
    ...state, lastBlock: i, unreadable: false, harm, ni,
    readyBlocks: state.readyBlocks + (block.stable.n > 0 && block.candidate.n > 0 ? 1 : 0),
    total: advance(state.total, block, null), seen: advance(state.seen, block, plan.halfLifeBlocks),
  };
  return isReady(full, plan, stepped) ? crossed(full, plan, stepped, i) : stepped;
}

function crossed(full: FullPlan, plan: RatePlan, state: MetricState, block: number): MetricState {
  const logENi = state.ni.map((mixture) => mixtureLogE(mixture, null));
  const isAlarm = state.harm !== null && plan.harmThreshold !== null && mixtureLogE(state.harm, full.restart) >= plan.harmThreshold;
  return {
    ...state,
    alarm: state.alarm ?? (isAlarm ? block : null),
    passed: state.passed || (plan.ni !== null && (logENi[plan.ni.actIndex] ?? -Infinity) >= full.promoteThreshold),
    rejected: state.rejected.map((was, g) => was || (logENi[g] ?? -Infinity) >= full.csThreshold),
  };
}

/** minBlocks blocks with both arms, and minUnits units in each (section 4). */
const isReady = ({ minBlocks }: FullPlan, { minUnits }: RatePlan, { readyBlocks, total }: MetricState): boolean =>
  readyBlocks >= minBlocks && total.stable.n >= minUnits && total.candidate.n >= minUnits;

/** Section 4, first match wins; run after every line. */
function latched(full: FullPlan, state: GateState): GateState {
  if (state.latch?.decision === 'ROLLBACK') return state;
  const harm = harmOf(full, state);
  if (harm !== null) return { ...state, latch: harm };
  if (state.latch !== null) return state;
  if (reasonsIn(full, state).length === 0) return state.stage.last ? { ...state, latch: { decision: 'PROMOTE' } } : state;
  return state.stage.maxMet ? { ...state, latch: { decision: 'ROLLBACK', reason: 'STAGE_MAX' } } : state;
}

function harmOf(full: FullPlan, { metrics }: GateState): Rollback | null {
  for (const [i, { id, alarm }] of metrics.entries()) {
    if (alarm !== null && full.metrics[i]?.role === 'guardrail') return { decision: 'ROLLBACK', reason: 'HARM', metric: id, block: alarm };
  }
  return null;
}

/** The reasons that apply, each once, in the order of the list. */
export const inOrder = (reasons: ReadonlySet<HoldReason>): HoldReason[] => HOLD_REASONS.filter((reason) => reasons.has(reason));

/** Reasons of 4 from the blocks, joined with those the caller has set. */
function reasonsIn(full: FullPlan, state: GateState): HoldReason[] {
  const { stage } = state;
  const reasons = new Set<HoldReason>(stage.hold);
  if (!stage.minMet) reasons.add('MIN_DURATION');
  for (const [i, metric] of state.metrics.entries()) {
    const plan = full.metrics[i];
    if (plan === undefined || plan.role === 'observe') continue;
    if (metric.unreadable) reasons.add('READ_FAILED');
    if (plan.role === 'signal') {
      if (metric.alarm !== null && !metric.acknowledged) reasons.add('SIGNAL_ALARM');
      continue;
    }
    if (metric.total.stable.n === 0 || metric.total.candidate.n === 0) reasons.add('NO_DATA');
    if (!isReady(full, plan, metric)) reasons.add('TOO_FEW');
    if (stage.last && !metric.passed) reasons.add('EVIDENCE_PENDING');
  }
  if (!stage.last && excessOf(full, state) > full.errorBudget) reasons.add('ERROR_BUDGET');
  return inOrder(reasons);
}

/** Expected excess bad responses of the next stage (section 4, 3); a metric without an upper end exceeds every budget. */
function excessOf(full: FullPlan, { stage, metrics }: GateState): number {
  let excess = 0;
  for (const [i, plan] of full.metrics.entries()) {
    if (plan.role !== 'guardrail' || plan.excessWeight === 0) continue;
    const upper = upperOf(plan, metrics[i]);
    if (upper === null) return Infinity;
    excess += plan.excessWeight * Math.max(0, upper) * stage.nextUnits;
  }
  return excess;
}

const upperOf = ({ ni }: RatePlan, metric: MetricState | undefined): number | null =>
  ni === null || metric === undefined ? null : upperEnd(ni.margins, metric.rejected, 1);

const held = (reasons: readonly HoldReason[], otherwise: HoldReason): GateDecision =>
  ({ decision: 'HOLD', reasons: [reasons[0] ?? otherwise, ...reasons.slice(1)] });

/** What the release may do now, on the ramp (section 4). */
export function decisionOf(plan: GatePlan, state: GateState): GateDecision {
  if (state.latch !== null) return state.latch;
  const reasons = reasonsIn(fullPlan(plan), state);
  return reasons.length === 0 ? { decision: 'ADVANCE' } : held(reasons, 'EVIDENCE_PENDING');
}

/** What the caller of a bake knows. `freshInBothArms`: blocks of units that were assigned in the bake. */
export interface BakeClock { readonly minMet: boolean; readonly maxMet: boolean; readonly freshInBothArms: boolean }

const clockOf = ({ stage: { minMet, maxMet, hold } }: GateState): BakeClock => ({ minMet, maxMet, freshInBothArms: !hold.includes('NO_DATA') });

/** Reasons that do not keep a bake from its end. */
const BAKES_ON: readonly HoldReason[] = ['TOO_FEW', 'IMMATURE', 'EVIDENCE_PENDING'];

/**
 * The end of a bake (section 4, "Bake"): PROMOTE here means PROMOTED. The latched PROMOTE of the ramp must stand; the clock of the
 * bake takes the place of the stage's. Without one it is what the stage lines say, NO_DATA in `hold` meaning nothing fresh: then the
 * decision is a function of the lines alone, as a receipt needs it.
 */
export function bakeDecisionOf(plan: GatePlan, state: GateState, clock: BakeClock = clockOf(state)): GateDecision {
  if (state.latch?.decision === 'ROLLBACK') return state.latch;
  const reasons = new Set(reasonsIn(fullPlan(plan), { ...state, stage: { ...state.stage, minMet: clock.minMet } }));
  if (!clock.freshInBothArms) reasons.add('NO_DATA');
  const all = inOrder(reasons);
  if (state.latch !== null && all.every((reason) => BAKES_ON.includes(reason))) return { decision: 'PROMOTE' };
  return clock.maxMet ? { decision: 'ROLLBACK', reason: 'STAGE_MAX' } : held(all, 'EVIDENCE_PENDING');
}

/** A look while PAUSED: harm is still tested, nothing else moves. */
export function pausedDecisionOf(plan: GatePlan, state: GateState): GateDecision {
  if (state.latch?.decision === 'ROLLBACK') return state.latch;
  return held(reasonsIn(fullPlan(plan), state), 'MANUAL_PAUSE');
}

/** What one metric has shown so far. Thresholds are natural logarithms, as all evidence is. */
export interface MetricEvidence {
  readonly metric: string;
  readonly role: MetricRole;
  readonly units: { readonly stable: number; readonly candidate: number };
  readonly bad: { readonly stable: number; readonly candidate: number };
  readonly blocksReady: number;
  readonly isReady: boolean;
  readonly logEHarm: number | null;
  readonly harmThreshold: number | null;
  readonly alarmBlock: number | null;
  /** by `String(margin)` */
  readonly logENi: Readonly<Record<string, number>>;
  readonly niThreshold: number;
  readonly actingMargin: number | null;
  readonly passed: boolean;
  /** upper end of the difference by (26); `null` without margins */
  readonly upper: number | null;
}

/** Per metric, in the plan's order. */
export function evidenceOf(plan: GatePlan, state: GateState): readonly MetricEvidence[] {
  const full = fullPlan(plan);
  return full.metrics.flatMap((metric, i) => { const own = state.metrics[i]; return own === undefined ? [] : [metricEvidence(full, metric, own)]; });
}

function metricEvidence(full: FullPlan, plan: RatePlan, state: MetricState): MetricEvidence {
  const { total } = state;
  return {
    metric: plan.id, role: plan.role,
    units: { stable: total.stable.n, candidate: total.candidate.n }, bad: { stable: total.stable.k, candidate: total.candidate.k },
    blocksReady: state.readyBlocks, isReady: isReady(full, plan, state),
    logEHarm: state.harm && mixtureLogE(state.harm, full.restart), harmThreshold: plan.harmThreshold, alarmBlock: state.alarm,
    logENi: Object.fromEntries(plan.ni?.margins.map((margin, g) => [String(margin), logEOf(state.ni[g], null)]) ?? []),
    niThreshold: full.promoteThreshold, actingMargin: plan.ni?.act ?? null, passed: state.passed, upper: upperOf(plan, state),
  };
}

const logEOf = (mixture: Mixture | undefined, restart: Restart): number => mixture === undefined ? 0 : mixtureLogE(mixture, restart);

/** What a look has found out, before it becomes lines. */
export interface Look {
  /** set when the weight has changed; it brings a birth */
  readonly weightBp?: number;
  /** 30 minutes have passed since the last birth */
  readonly isBirthDue?: boolean;
  readonly stage: StageFields;
  readonly blocks: readonly BlockFields[];
}

/** A look's lines in their right order: births before blocks, metrics in the plan's order, blocks by index, the maximum last. */
export function linesOfLook(plan: GatePlan, { weightBp, isBirthDue = false, stage, blocks }: Look): readonly GateLine[] {
  const lines: GateLine[] = [];
  if (weightBp !== undefined) lines.push({ weight: { bp: weightBp } }, { birth: { note: 'weight' } });
  else if (isBirthDue) lines.push({ birth: { note: 'due' } });
  lines.push({ stage: { ...stage, maxMet: false } });
  for (const { id } of plan.metrics) {
    for (const block of blocks.filter((b) => b.metric === id).sort((x, y) => x.i - y.i)) lines.push({ block });
  }
  if (stage.maxMet === true) lines.push({ stage: { maxMet: true } });
  return lines;
}
