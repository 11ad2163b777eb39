/** How far a metric is from the next decision, and what it waits for, in words: read off the state, deciding nothing. */
import { fullPlan } from './plan.js';
import type { FullPlan } from './plan.js';
import type { MetricPlan } from './metric.js';
import type { GateState, MetricState } from './online.js';
import type { GatePlan, HoldReason } from './policy.js';
import { isReady, upperOf } from './reasons.js';
import { oddsOf } from './words.js';

export interface Waiting { readonly reason: HoldReason; readonly sentence: string }
export interface MetricStanding {
  readonly metric: string;
  /** towards its harm alarm, in [0,1]; `null` where its harm test decides nothing */
  readonly harm: number | null;
  /** towards what it has to show before the release may go on, in [0,1]; `null` where the release does not wait for it */
  readonly next: number | null;
  readonly waiting: readonly Waiting[];
}

/** Per metric, in the plan's order; of an assignment `harm` is the way to its alarm. */
export function standingOf(plan: GatePlan, state: GateState): readonly MetricStanding[] {
  const full = fullPlan(plan);
  return full.metrics.flatMap((metric, i) => { const own = state.metrics[i]; return own === undefined ? [] : [standing(full, metric, own, state)]; });
}

/** The least of those that the release waits for; 1 once its decision stands. */
export function progressOf(plan: GatePlan, state: GateState): number {
  return state.latch !== null ? 1 : Math.min(1, ...standingOf(plan, state).flatMap(({ next }) => next === null ? [] : [next]));
}

function standing(full: FullPlan, plan: MetricPlan, own: MetricState, state: GateState): MetricStanding {
  const { harm, harmThreshold } = plan;
  const towardsHarm = harm === null || own.harm === null || harmThreshold === null ? null : own.alarm === null ? part(harm.logE(own.harm), harmThreshold) : 1;
  const sentences: Waiting[] = own.unreadable ? [{ reason: 'READ_FAILED', sentence: 'Its last block could not be read or computed.' }] : [];
  const isOpenAlarm = own.alarm !== null && !own.acknowledged;
  switch (plan.role) {
    case 'assignment':
      if (isOpenAlarm) sentences.push({ reason: 'SRM', sentence: 'The shares of the arms are not those of the plan; a person must say what caused it.' });
      return { metric: plan.id, harm: towardsHarm, next: null, waiting: sentences };
    case 'signal':
      if (isOpenAlarm) sentences.push({ reason: 'SIGNAL_ALARM', sentence: 'It shows harm; a person must acknowledge it or roll back.' });
      return { metric: plan.id, harm: towardsHarm, next: null, waiting: sentences };
    case 'observe': return { metric: plan.id, harm: null, next: null, waiting: [] };
    case 'guardrail': {
      const evidence = state.stage.last ? promotion(full, plan, own) : budget(full, plan, own, state);
      return { metric: plan.id, harm: towardsHarm, next: Math.min(readiness(full, plan, own), evidence.part), waiting: [...sentences, ...tooFew(full, plan, own), ...evidence.waiting] };
    }
  }
}

interface Towards { readonly part: number; readonly waiting: readonly Waiting[] }
const MET: Towards = { part: 1, waiting: [] };
const part = (logE: number, threshold: number): number => Math.min(1, Math.max(0, logE / threshold));

function promotion({ promoteThreshold }: FullPlan, { ni }: MetricPlan, { passed, ni: evidence }: MetricState): Towards {
  if (passed) return MET;
  const [test, own] = [ni?.tests[ni.actIndex], ni === null ? undefined : evidence[ni.actIndex]];
  if (test === undefined || own === undefined) return { part: 0, waiting: [{ reason: 'EVIDENCE_PENDING', sentence: 'It has no margin: it can never be shown not to be worse.' }] };
  const logE = test.logE(own);
  return { part: part(logE, promoteThreshold), waiting: [{ reason: 'EVIDENCE_PENDING', sentence: `That it is not worse is ${oddsOf(logE)}; ${oddsOf(promoteThreshold)} is needed.` }] };
}

/** The error budget, shared evenly by weight among the metrics that count: as a forecast reads it. Held against it are all of them together. */
function budget(full: FullPlan, plan: MetricPlan, own: MetricState, { stage: { nextUnits }, metrics }: GateState): Towards {
  if (plan.excessWeight === 0) return MET;
  const counted = full.metrics.flatMap((metric, i) => metric.role === 'guardrail' && metric.excessWeight > 0 ? [{ weight: metric.excessWeight, upper: upperOf(metric, metrics[i]) }] : []);
  const excess = counted.reduce((sum, { weight, upper }) => sum + weight * Math.max(0, upper ?? Infinity) * nextUnits, 0);
  if (nextUnits === 0 || excess <= full.errorBudget) return MET;
  const allowed = full.errorBudget / (nextUnits * counted.reduce((sum, { weight }) => sum + weight, 0));
  const upper = upperOf(plan, own);
  const sentence = upper === null
    ? `It has no upper end, and the next stage has ${whole(nextUnits)} candidate units.`
    : `It may be worse by up to ${short(upper)}: ${short(plan.excessWeight * Math.max(0, upper) * nextUnits)} bad responses more in the next stage's ${whole(nextUnits)} candidate units; the budget is ${short(full.errorBudget)}${counted.length > 1 ? ' for all metrics' : ''}.`;
  const waiting: readonly Waiting[] = [{ reason: 'ERROR_BUDGET', sentence }];
  if (upper !== null && upper <= allowed) return MET;
  const wanted = plan.ni?.margins.findLastIndex((margin) => margin <= allowed) ?? -1;
  const [test, evidence] = [plan.ni?.tests[wanted], own.ni[wanted]];
  return { part: test === undefined || evidence === undefined ? 0 : part(test.logE(evidence), full.csThreshold), waiting };
}

function readiness(full: FullPlan, plan: MetricPlan, own: MetricState): number {
  if (isReady(full, plan, own)) return 1;
  const units = Math.min(own.total.stable.n, own.total.candidate.n);
  return Math.min(own.readyBlocks / full.minBlocks, plan.minUnits === 0 ? 1 : units / plan.minUnits, 1);
}

function tooFew(full: FullPlan, plan: MetricPlan, own: MetricState): Waiting[] {
  const { stable, candidate } = own.total;
  for (const [arm, { n }] of [['stable', stable], ['the candidate', candidate]] as const) if (n === 0) return [{ reason: 'NO_DATA', sentence: `No unit of ${arm} has been counted yet.` }];
  if (isReady(full, plan, own)) return [];
  if (own.readyBlocks < full.minBlocks) return [{ reason: 'TOO_FEW', sentence: `${own.readyBlocks} of ${full.minBlocks} blocks have units in both arms.` }];
  return [{ reason: 'TOO_FEW', sentence: `${Math.min(stable.n, candidate.n)} of ${plan.minUnits} units are there in the smaller arm.` }];
}

const short = (value: number): string => String(Number(value.toPrecision(3)));
const whole = (value: number): string => String(Math.round(value));
