/**
 * What a release will take, said before it starts: units and time to promote when the arms are equal, bad responses served until a doubled
 * rate is taken back. By the bound (25) times what the shipped tests cost over it (statistics.md sections 7 and 2.13); a policy that
 * cannot be shown within its maxima is refused with the number.
 */
import { boundOf, requiredCases, steadyCases, thresholdOf } from '../stats/index.js';
import type { MetricPlan } from './metric.js';
import { fullPlan } from './plan.js';
import type { FullPlan } from './plan.js';
import type { GatePlan } from './policy.js';

/** Measured ratio of the shipped tests to the bound, 1.3 to 1.5 (section 7). */
export const TEST_COST = 1.4;

export interface StagePlan { readonly weightBp: number; readonly minMs: number; readonly maxMs: number }
export interface TrafficPlan {
  readonly stages: readonly StagePlan[];
  /** units of both arms; `null` where no traffic has been seen: nothing is said about time then */
  readonly unitsPerSec: number | null;
}

export interface StageForecast {
  readonly weightBp: number;
  /** expected time in the stage; `null` when it never ends by evidence */
  readonly ms: number | null;
  readonly units: number | null;
}
export interface RollbackForecast {
  readonly metric: string;
  readonly base: number;
  readonly doubled: number;
  /** at the first stage's weight */
  readonly units: number;
  readonly candidateUnits: number;
  readonly badResponses: number;
  readonly ms: number | null;
}
export interface ReleaseForecast {
  /** units of both arms until every guardrail has passed, the arms being equal, if the last stage's weight held from the start */
  readonly unitsAtLastWeight: number | null;
  /** `null` without traffic, or when a stage never ends */
  readonly unitsToPromote: number | null;
  readonly msToPromote: number | null;
  readonly stages: readonly StageForecast[];
  readonly rollbacks: readonly RollbackForecast[];
}

/**
 * Candidate units expected in the next stage's minimum duration, at least the candidate's share of (25) for the largest odds ratio: what
 * the error budget is held against (section 4, 3).
 */
export function nextUnitsOf(plan: GatePlan, next: StagePlan, unitsPerSec: number): number {
  const weight = next.weightBp / 10_000;
  const leastOf = ({ expects, harmThreshold }: MetricPlan): number => expects === null || harmThreshold === null ? 0 : expects.unitsToHarm(weight, Math.exp(-harmThreshold));
  return Math.max(unitsPerSec * next.minMs / 1_000 * weight, ...guardrailsOf(fullPlan(plan)).map(leastOf));
}

const guardrailsOf = ({ metrics }: FullPlan): readonly MetricPlan[] => metrics.filter(({ role }) => role === 'guardrail');

/** The expected course of a release whose arms are equal, and of one whose rates are doubled. Of a mean nothing is said to double. */
export function forecastOf(plan: GatePlan, traffic: TrafficPlan): ReleaseForecast {
  const full = fullPlan(plan);
  const { stages, unitsPerSec } = traffic;
  const first = stages[0]?.weightBp ?? full.weightBp;
  const last = stages.at(-1)?.weightBp ?? full.weightBp;
  const courses = unitsPerSec === null || unitsPerSec <= 0 ? [] : courseOf(plan, full, stages, unitsPerSec);
  const isWhole = courses.length > 0 && courses.every(({ ms }) => ms !== null);
  const sum = (pick: (stage: StageForecast) => number | null): number | null => isWhole ? courses.reduce((total, stage) => total + (pick(stage) ?? 0), 0) : null;
  const atLast = unitsFor(guardrailsOf(full).map((metric) => ({ metric, margin: metric.ni?.act ?? null })), full.promoteThreshold, [], last);
  return {
    unitsAtLastWeight: finite(atLast), unitsToPromote: sum(({ units }) => units), msToPromote: sum(({ ms }) => ms), stages: courses,
    rollbacks: guardrailsOf(full).flatMap((metric) => rollbackOf(metric, first, unitsPerSec)),
  };
}

const finite = (x: number): number | null => Number.isFinite(x) ? x : null;

interface Served { readonly weightBp: number; readonly units: number }
interface Wish { readonly metric: MetricPlan; readonly margin: number | null }

/** Nats per unit against a margin when the arms are equal. */
const infoAt = ({ expects }: MetricPlan, margin: number, weightBp: number): number => expects?.infoAt(margin, weightBp / 10_000) ?? 0;

/** Units still wanted at this weight until every wish has reached the threshold, after what was served at other weights. */
function unitsFor(wishes: readonly Wish[], threshold: number, served: readonly Served[], weightBp: number): number {
  return Math.max(0, ...wishes.map(({ metric, margin }) => {
    if (margin === null) return Infinity;
    const gathered = served.reduce((sum, s) => sum + s.units * infoAt(metric, margin, s.weightBp), 0);
    return (TEST_COST * threshold - gathered) / infoAt(metric, margin, weightBp);
  }));
}

function courseOf(plan: GatePlan, full: FullPlan, stages: readonly StagePlan[], unitsPerSec: number): readonly StageForecast[] {
  const served: Served[] = [];
  return stages.map(({ weightBp, minMs }, i) => {
    const next = stages[i + 1];
    const wishes = next === undefined
      ? guardrailsOf(full).map((metric) => ({ metric, margin: metric.ni?.act ?? null }))
      : budgetWishes(full, nextUnitsOf(plan, next, unitsPerSec));
    const wanted = unitsFor(wishes, next === undefined ? full.promoteThreshold : full.csThreshold, served, weightBp);
    const ms = Math.max(minMs, wanted / unitsPerSec * 1_000);
    if (!Number.isFinite(ms)) return { weightBp, ms: null, units: null };
    const units = ms / 1_000 * unitsPerSec;
    served.push({ weightBp, units });
    return { weightBp, ms, units };
  });
}

/** The margins that have to be rejected before the next stage fits the error budget, the budget shared evenly by weight. */
function budgetWishes(full: FullPlan, nextUnits: number): readonly Wish[] {
  const counted = guardrailsOf(full).filter(({ excessWeight }) => excessWeight > 0);
  const weights = counted.reduce((sum, { excessWeight }) => sum + excessWeight, 0);
  const upperMost = full.errorBudget / (nextUnits * weights);
  // While the largest margin stands the upper end of a rate is 1, of a score its cap; a budget that allows this asks for nothing.
  return counted.filter(({ ni, whenOpen }) => ni === null || upperMost < (whenOpen ?? Infinity))
    .map((metric) => ({ metric, margin: metric.ni?.margins.findLast((margin) => margin <= upperMost) ?? null }));
}

function rollbackOf(metric: MetricPlan, weightBp: number, unitsPerSec: number | null): RollbackForecast[] {
  const { id, expects, harmThreshold } = metric;
  if (!expects?.rate || harmThreshold === null) return [];
  const { p0, rho, line } = expects.rate;
  // From one half upwards a rate cannot double; it goes half of the way to 1.
  const doubled = p0 < 0.5 ? 2 * p0 : (1 + p0) / 2;
  const bound = boundOf({ stable: p0, candidate: doubled, weight: weightBp / 10_000, alpha: Math.exp(-harmThreshold), rho, line });
  const units = bound.requests * TEST_COST;
  if (!Number.isFinite(units)) return [];
  const ms = unitsPerSec === null || unitsPerSec <= 0 ? null : units / unitsPerSec * 1_000;
  return [{ metric: id, base: p0, doubled, units, candidateUnits: bound.candidate * TEST_COST, badResponses: bound.bad * TEST_COST, ms }];
}

export interface SmallestEffect {
  readonly metric: string;
  /** candidate less stable, in the metric's unit; `null` without traffic, when a stage never ends, or when no difference would be found */
  readonly difference: number | null;
}

const EFFECT_STEPS = 40;

/**
 * The smallest worsening that is expected to be found before a release whose arms looked equal would have been promoted, per metric that has a
 * part of alpha.
 */
export function smallestEffectsOf(plan: GatePlan, traffic: TrafficPlan): readonly SmallestEffect[] {
  const served = forecastOf(plan, traffic).stages.flatMap(({ weightBp, units }) => units === null ? [] : [{ weightBp, units }]);
  const isWhole = served.length > 0 && served.length === traffic.stages.length;
  return fullPlan(plan).metrics.flatMap((metric) => metric.expects === null || metric.harmThreshold === null ? []
    : [{ metric: metric.id, difference: isWhole ? smallestEffect(metric, metric.harmThreshold, served) : null }]);
}

function smallestEffect({ expects }: MetricPlan, threshold: number, served: readonly Served[]): number | null {
  const isFound = (distance: number): boolean =>
    served.reduce((sum, { weightBp, units }) => sum + units * (expects?.harmInfoAt(distance, weightBp / 10_000) ?? 0), 0) >= TEST_COST * threshold;
  let [none, found] = [0, expects?.distanceMax ?? 1];
  // Without a bound it is looked for in ever larger steps, within what a double can tell apart.
  for (let step = 0; step < EFFECT_STEPS && expects?.distanceMax === null && !isFound(found); step += 1) found *= 2;
  if (!isFound(found)) return null;
  for (let step = 0; step < EFFECT_STEPS; step += 1) {
    const middle = (none + found) / 2;
    if (isFound(middle)) found = middle; else none = middle;
  }
  return found;
}

/** Why a policy is refused at this traffic, with the numbers; none where there is no traffic to judge by. */
export function faultsOfForecast(plan: GatePlan, traffic: TrafficPlan): string[] {
  const full = fullPlan(plan);
  const faults = guardrailsOf(full).filter(({ ni }) => ni === null).map(({ id }) => `metric ${id} is a guardrail without a margin: it can never pass`);
  if (traffic.unitsPerSec === null) return faults;
  if (traffic.unitsPerSec <= 0) return [...faults, 'no unit arrives: nothing can be promoted'];
  const courses = forecastOf(plan, traffic).stages;
  for (const [i, { ms }] of courses.entries()) {
    const stage = traffic.stages[i];
    if (stage === undefined || (ms !== null && ms <= stage.maxMs)) continue;
    const name = `stage ${i + 1} (${stage.weightBp / 100} %)`;
    const budget = budgetInTime(plan, full, traffic.stages, traffic.unitsPerSec, courses, i);
    const mend = budget === null ? '' : `; an error budget of ${budget} could be kept in time`;
    faults.push(ms === null
      ? `${name} never ends at ${traffic.unitsPerSec} units/s: no margin is small enough for the error budget of ${full.errorBudget}, or a margin cannot be shown${mend}`
      : `${name} is expected to take ${Math.ceil(ms / 1_000)} s at ${traffic.unitsPerSec} units/s, its maximum is ${Math.floor(stage.maxMs / 1_000)} s${mend}`);
  }
  return faults;
}

/** The least error budget that equal arms can be shown to keep within the stage's maximum; `null` where the budget is not what it waits for, or none would do. */
function budgetInTime(plan: GatePlan, full: FullPlan, stages: readonly StagePlan[], unitsPerSec: number, courses: readonly StageForecast[], i: number): number | null {
  const [stage, next] = [stages[i], stages[i + 1]];
  if (stage === undefined || next === undefined) return null;
  const counted = guardrailsOf(full).filter(({ excessWeight }) => excessWeight > 0);
  const unitsAMargin = nextUnitsOf(plan, next, unitsPerSec) * counted.reduce((sum, { excessWeight }) => sum + excessWeight, 0);
  const served = stages.slice(0, i).map(({ weightBp, maxMs }, before) => ({ weightBp, units: courses[before]?.units ?? maxMs / 1_000 * unitsPerSec }));
  const margins = [...new Set(counted.flatMap(({ ni }) => ni?.margins ?? []))].filter((margin) => margin > 0).sort((a, b) => a - b);
  const enough = margins.find((most) => {
    const wishes = counted.map((metric) => ({ metric, margin: metric.ni?.margins.findLast((margin) => margin > 0 && margin <= most) ?? null }));
    return unitsFor(wishes, full.csThreshold, served, stage.weightBp) / unitsPerSec * 1_000 <= stage.maxMs;
  });
  return enough === undefined ? null : Math.ceil(enough * unitsAMargin);
}

/** Spread of the item differences before the first evaluation says better, and the dataset's size and margin, by risk tier (section 3). */
export const TIER_DATASETS = {
  LOW: { minimumItems: 150, margin: 0.05, sd: 0.17 },
  LIMITED: { minimumItems: 400, margin: 0.05, sd: 0.28 },
  HIGH: { minimumItems: 1_000, margin: 0.03, sd: 0.26 },
} as const;

export interface DatasetQuestion { readonly items: number; readonly minimumItems: number; readonly margin: number; readonly sd: number; readonly alphaGate?: number }

/** Cases the paired e-test is planned with: for differences of this spread, and when all outputs are identical, which is the least there can be. */
export interface PlannedCases { readonly cases: number; readonly identical: number }

/** So many identical cases are tried; a margin that wants more wants too many for any dataset. */
const IDENTICAL_MAX = 20_000;

/** Twice (22) for the margin, but no fewer than identical outputs need. */
export function plannedCases({ margin, sd, alphaGate = 0.05 }: Pick<DatasetQuestion, 'margin' | 'sd' | 'alphaGate'>): PlannedCases {
  const identical = steadyCases(0, margin, thresholdOf(alphaGate), IDENTICAL_MAX) ?? IDENTICAL_MAX;
  return { cases: Math.max(Math.ceil(2 * requiredCases(sd ** 2, margin, { alpha: alphaGate })), identical), identical };
}

/**
 * Why a dataset is too small for a policy, with the number: the tier's minimum, or twice (22) for its margin, but no fewer than identical outputs
 * need; `null` when it is large enough.
 */
export function faultOfDataset({ items, minimumItems, margin, sd, alphaGate = 0.05 }: DatasetQuestion): string | null {
  const { cases: planned } = plannedCases({ margin, sd, alphaGate });
  if (items < minimumItems) return `the dataset holds ${items} items, the tier asks for at least ${minimumItems}`;
  return items < planned ? `the dataset holds ${items} items; to show a margin of ${margin} it needs about ${planned} at a spread of ${sd}` : null;
}

