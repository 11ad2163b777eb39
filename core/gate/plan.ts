/** The plan of statistics.md section 6: what is wrong with one, and one with every default filled in. */
import { HARM_ODDS, NI_ODDS, thresholdOf } from '../stats/index.js';
import type { RateTest, Restart } from '../stats/index.js';
import {
  ANY_NUMBER, BOOL, LEVEL, NOT_NEGATIVE, OBJECT, POSITIVE, PROBABILITY, faultsOfFields, isFields, listOf, number, oneOf, orNull, whole,
} from './fields.js';
import type { Fields } from './fields.js';
import { GATE_DEFAULTS, HOLD_REASONS } from './policy.js';
import type { BinaryHarm, BinaryMetric, BinaryNonInferiority, GatePlan, MetricRole, Stage } from './policy.js';

const ODDS = listOf('a list of numbers > 1', number('a number > 1', (x) => x > 1));
const ID = { wants: '1 to 64 of A-Z a-z 0-9 _ . -', holds: (v: unknown) => typeof v === 'string' && /^[A-Za-z0-9_.-]{1,64}$/.test(v) };
const BP = whole('a whole number in 1..9999', 1, 9_999);
export const STAGE_RULES = {
  last: BOOL, minMet: BOOL, maxMet: BOOL, nextUnits: NOT_NEGATIVE, hold: listOf('a list of reasons for HOLD', oneOf(...HOLD_REASONS)),
};

/**
 * Everything that is wrong with a plan, as sentences; none means it may be started. Reads strangers' values: shapes, unknown fields,
 * ranges, the sum of shares, and contradictions between harm and non-inferiority (1.2).
 */
export function faultsOfPlan(plan: unknown): string[] {
  const faults = faultsOfFields('plan', plan, {
    format: { wants: '1', holds: (v) => v === 1 }, metrics: listOf('a list of at least one metric', OBJECT, 1),
  }, {
    alpha: LEVEL, alphaPromote: LEVEL, alphaSrm: LEVEL, alphaCs: LEVEL, minBlocks: whole('a whole number >= 1', 1), errorBudget: POSITIVE,
    restart: orNull(OBJECT), weightBp: BP, stage: OBJECT,
  });
  if (!isFields(plan)) return faults;
  if (isFields(plan['restart'])) faults.push(...faultsOfFields('plan.restart', plan['restart'], {}, { v0: LEVEL }));
  if (isFields(plan['stage'])) faults.push(...faultsOfFields('plan.stage', plan['stage'], {}, STAGE_RULES));
  const metrics = Array.isArray(plan['metrics']) ? plan['metrics'].filter(isFields) : [];
  for (const [i, metric] of metrics.entries()) faults.push(...faultsOfMetric(typeof metric['id'] === 'string' ? `metric ${metric['id']}` : `metrics[${i}]`, metric));
  if (faults.length > 0) return faults;
  return faultsBetween(metrics as unknown as readonly BinaryMetric[]);
}

function faultsOfMetric(where: string, metric: Fields): string[] {
  if (metric['type'] === 'histogram' || metric['type'] === 'moments' || metric['type'] === 'units') {
    return [`${where}: type ${metric['type']} is not decided by this version; only binary is`];
  }
  const faults = faultsOfFields(where, metric, { id: ID, type: oneOf('binary'), role: oneOf('guardrail', 'signal', 'observe'), prior: OBJECT }, {
    share: number('a number in (0,1]', (x) => x > 0 && x <= 1), excessWeight: NOT_NEGATIVE, minUnits: whole('a whole number >= 1', 1),
    halfLifeBlocks: orNull(POSITIVE), harm: orNull(OBJECT), ni: orNull(OBJECT),
  });
  if (metric['role'] !== 'observe' && metric['share'] === undefined) faults.push(`${where}.share is missing: a ${String(metric['role'])} metric needs its part of alpha`);
  if (isFields(metric['prior'])) faults.push(...faultsOfFields(`${where}.prior`, metric['prior'], { p0: PROBABILITY }, { kappa: POSITIVE }));
  const common = { rho: POSITIVE, odds: ODDS, learned: BOOL };
  if (isFields(metric['harm'])) faults.push(...faultsOfFields(`${where}.harm`, metric['harm'], {}, { ...common, tolerance: ANY_NUMBER }));
  if (isFields(metric['ni'])) {
    faults.push(...faultsOfFields(`${where}.ni`, metric['ni'], { margins: listOf('a list of at least one number', ANY_NUMBER, 1), act: ANY_NUMBER }, common));
  }
  return faults;
}

/** What shows only when every field is in its place. */
function faultsBetween(metrics: readonly BinaryMetric[]): string[] {
  const faults: string[] = [];
  const seen = new Set<string>();
  let shares = 0;
  for (const { id, role, share = 0, harm, ni } of metrics) {
    if (seen.has(id)) faults.push(`metric ${id} is there twice`);
    seen.add(id);
    if (role !== 'observe') shares += share;
    for (const test of [harm, ni]) {
      if (test?.odds?.length === 0 && test.learned === false) faults.push(`metric ${id}: a test needs at least one alternative`);
    }
    if (!ni) continue;
    if (ni.margins.some((margin, i) => i > 0 && margin <= (ni.margins[i - 1] ?? -Infinity))) faults.push(`metric ${id}: margins must strictly ascend`);
    if (!ni.margins.includes(ni.act)) faults.push(`metric ${id}: act ${ni.act} is not one of the margins`);
    if (harm !== null) faults.push(...contradictions(id, harm ?? {}, ni));
  }
  if (!metrics.some(({ role }) => role === 'guardrail')) faults.push('plan.metrics must hold at least one guardrail');
  if (shares > 1 + 1e-9) faults.push(`shares of alpha sum to ${shares}, more than 1`);
  return faults;
}

/** 1.2: what is tolerated must not be more than what may be promoted, at a rate of 0 and at a rate of 1. */
function contradictions(id: string, harm: BinaryHarm, ni: BinaryNonInferiority): string[] {
  return [0, 1].flatMap((m) => {
    const tolerated = (harm.rho ?? 1) * m + (harm.tolerance ?? 0);
    const promoted = (ni.rho ?? 1) * m + ni.act;
    return tolerated <= promoted ? [] : [`metric ${id}: the harm test tolerates ${tolerated} where stable's rate is ${m}, the margin allows only ${promoted}`];
  });
}

/** A binary metric with its defaults, ready to be stepped. */
export interface RatePlan {
  readonly id: string;
  readonly role: MetricRole;
  readonly excessWeight: number;
  readonly minUnits: number;
  readonly halfLifeBlocks: number | null;
  readonly p0: number;
  readonly harm: RateTest | null;
  /** `null` where the metric's harm test decides nothing */
  readonly harmThreshold: number | null;
  readonly ni: { readonly margins: readonly number[]; readonly tests: readonly RateTest[]; readonly act: number; readonly actIndex: number } | null;
}

/** A plan with every default of sections 2 and 5 filled in. */
export interface FullPlan {
  readonly metrics: readonly RatePlan[];
  readonly alpha: number;
  readonly alphaPromote: number;
  readonly alphaCs: number;
  readonly promoteThreshold: number;
  readonly csThreshold: number;
  readonly minBlocks: number;
  readonly errorBudget: number;
  readonly restart: Restart;
  readonly weightBp: number;
  readonly stage: Stage;
}

const full = new WeakMap<GatePlan, FullPlan>();

/**
 * Fills in the defaults. Remembered per object, because every line asks again.
 *
 * @throws RangeError on a plan with faults: it was to be checked when it was pinned
 */
export function fullPlan(plan: GatePlan): FullPlan {
  const known = full.get(plan);
  if (known !== undefined) return known;
  const [fault] = faultsOfPlan(plan);
  if (fault !== undefined) throw new RangeError(fault);
  const alpha = plan.alpha ?? GATE_DEFAULTS.alpha;
  const alphaPromote = plan.alphaPromote ?? GATE_DEFAULTS.alphaPromote;
  const alphaCs = plan.alphaCs ?? GATE_DEFAULTS.alphaCs;
  const made: FullPlan = {
    metrics: plan.metrics.filter((metric) => metric.type === 'binary').map((metric) => ratePlan(metric, alpha)),
    alpha, alphaPromote, alphaCs, promoteThreshold: thresholdOf(alphaPromote), csThreshold: thresholdOf(alphaCs),
    minBlocks: plan.minBlocks ?? GATE_DEFAULTS.minBlocks,
    errorBudget: plan.errorBudget ?? GATE_DEFAULTS.errorBudget,
    restart: plan.restart === null ? null : { v0: plan.restart?.v0 ?? GATE_DEFAULTS.v0 },
    weightBp: plan.weightBp ?? GATE_DEFAULTS.weightBp,
    stage: { last: true, minMet: true, maxMet: false, nextUnits: 0, hold: [], ...plan.stage },
  };
  full.set(plan, made);
  return made;
}

function ratePlan(metric: BinaryMetric, alpha: number): RatePlan {
  const { prior: { p0, kappa = GATE_DEFAULTS.kappa }, ni = null } = metric;
  const harm = metric.harm === undefined ? {} : metric.harm;
  const share = metric.role === 'observe' ? null : metric.share ?? null;
  return {
    id: metric.id, role: metric.role, excessWeight: metric.excessWeight ?? 0, minUnits: metric.minUnits ?? GATE_DEFAULTS.minUnits,
    halfLifeBlocks: metric.halfLifeBlocks ?? null, p0,
    harm: harm && { direction: 'harm', rho: harm.rho ?? 1, line: harm.tolerance ?? 0, p0, kappa, odds: harm.odds ?? HARM_ODDS, learned: harm.learned ?? true },
    harmThreshold: harm === null || share === null ? null : thresholdOf(alpha, share),
    ni: ni && {
      margins: ni.margins, act: ni.act, actIndex: ni.margins.indexOf(ni.act),
      tests: ni.margins.map((line) => ({ direction: 'ni', rho: ni.rho ?? 1, line, p0, kappa, odds: ni.odds ?? NI_ODDS, learned: ni.learned ?? true })),
    },
  };
}
