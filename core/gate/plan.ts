/** The plan of statistics.md section 6: what is wrong with one, and one with every default filled in. */
import { thresholdOf } from '../stats/index.js';
import type { Restart } from '../stats/index.js';
import { BOOL, LEVEL, NOT_NEGATIVE, OBJECT, POSITIVE, faultsOfFields, isFields, listOf, oneOf, orNull, whole } from './fields.js';
import type { Fields } from './fields.js';
import { BINARY } from './metric-binary.js';
import { HISTOGRAM, MOMENTS } from './metric-mean.js';
import { UNITS } from './metric-units.js';
import type { Levels, MetricPlan, MetricType } from './metric.js';
import { GATE_DEFAULTS, HOLD_REASONS } from './policy.js';
import type { GateMetric, GatePlan, Stage } from './policy.js';

/** The only place that knows all types. */
const TYPES: { readonly [T in GateMetric['type']]: MetricType<Extract<GateMetric, { type: T }>> } = { binary: BINARY, histogram: HISTOGRAM, moments: MOMENTS, units: UNITS };
/** Of the metric's own type, so that it fits: TypeScript cannot see that the key and the value belong together. */
const typeOf = (metric: GateMetric): MetricType<GateMetric> => TYPES[metric.type] as unknown as MetricType<GateMetric>;

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
  return faultsBetween(metrics as unknown as readonly GateMetric[]);
}

function faultsOfMetric(where: string, metric: Fields): string[] {
  const { type } = metric;
  if (typeof type !== 'string') return [`${where}.type is missing; it is one of ${Object.keys(TYPES).join(', ')}`];
  if (!Object.hasOwn(TYPES, type)) return [`${where}.type must be one of ${Object.keys(TYPES).join(', ')}`];
  return TYPES[type as GateMetric['type']].faultsOf(where, metric);
}

/** What shows only when every field is in its place. */
function faultsBetween(metrics: readonly GateMetric[]): string[] {
  const faults: string[] = [];
  const seen = new Set<string>();
  let shares = 0;
  for (const metric of metrics) {
    if (seen.has(metric.id)) faults.push(`metric ${metric.id} is there twice`);
    seen.add(metric.id);
    if (metric.type !== 'units' && metric.role !== 'observe') shares += metric.share ?? 0;
    faults.push(...typeOf(metric).contradictionsOf(metric));
  }
  if (!metrics.some((metric) => metric.type !== 'units' && metric.role === 'guardrail')) faults.push('plan.metrics must hold at least one guardrail');
  if (shares > 1 + 1e-9) faults.push(`shares of alpha sum to ${shares}, more than 1`);
  return faults;
}

/** A plan with every default of sections 2 and 5 filled in. */
export interface FullPlan extends Levels {
  readonly metrics: readonly MetricPlan[];
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
  const alphaPromote = plan.alphaPromote ?? GATE_DEFAULTS.alphaPromote;
  const alphaCs = plan.alphaCs ?? GATE_DEFAULTS.alphaCs;
  const levels: Levels = {
    alpha: plan.alpha ?? GATE_DEFAULTS.alpha, alphaSrm: plan.alphaSrm ?? GATE_DEFAULTS.alphaSrm,
    restart: plan.restart === null ? null : { v0: plan.restart?.v0 ?? GATE_DEFAULTS.v0 },
  };
  const made: FullPlan = {
    ...levels, alphaPromote, alphaCs, promoteThreshold: thresholdOf(alphaPromote), csThreshold: thresholdOf(alphaCs),
    metrics: plan.metrics.map((metric) => typeOf(metric).planOf(metric, levels)),
    minBlocks: plan.minBlocks ?? GATE_DEFAULTS.minBlocks,
    errorBudget: plan.errorBudget ?? GATE_DEFAULTS.errorBudget,
    weightBp: plan.weightBp ?? GATE_DEFAULTS.weightBp,
    stage: { last: true, minMet: true, maxMet: false, nextUnits: 0, hold: [], ...plan.stage },
  };
  full.set(plan, made);
  return made;
}
