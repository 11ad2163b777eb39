/** What an evaluation's verdict is asked of: evaluators, their lines, and the parts of alpha that each question spends (statistics.md section 3). */
import { thresholdOf } from '../stats/index.js';
import { GATE_DEFAULTS } from './policy.js';
import { partsOf } from './slices.js';

export interface VerdictEvaluator {
  readonly name: string;
  readonly role: 'guardrail' | 'signal';
  /** part of alphaGate for FAIL; equal parts where none is given */
  readonly share?: number;
  /** delta, the largest loss against the baseline that would be shipped; in (0,1) */
  readonly margin?: number | null;
  /** loss that does not fail it; 0 <= tau <= margin */
  readonly tau?: number;
  /** absolute: the mean score has to be above it; in (0,1) */
  readonly floor?: number | null;
  /** the score of an error, declared; 0 */
  readonly missingAs?: number;
  /** every case of the dataset has to score 1, and is asked therefore; an error is none that failed */
  readonly mustPass?: boolean;
  /** false for a judge that people do not agree with well enough (2.11): it cannot pass, or not fail, anything */
  readonly mayPass?: boolean;
  readonly mayFail?: boolean;
}

/** All of it is pinned by digest before the first item. */
export interface VerdictPlan {
  readonly evaluators: readonly VerdictEvaluator[];
  /** false for the first release into an environment: margins say nothing then, floors do */
  readonly hasBaseline: boolean;
  readonly alphaGate?: number;
  /** above this share of errors in an arm there is no PASS, and floors say nothing */
  readonly errorShareMax?: number;
  /** of the dataset, not of the items used: stopping early stays free */
  readonly datasetItems?: number;
  readonly minimumItems?: number;
  /** tags of items whose part of the dataset must not collapse behind a good mean */
  readonly slices?: readonly string[];
}

/** One item's (or cluster's) mean scores, by evaluator; `null` = error. */
export interface VerdictItem {
  /** place in the permutation, from 0 */
  readonly position: number;
  readonly scores: Readonly<Record<string, { readonly candidate: number | null; readonly baseline?: number | null }>>;
  readonly tags?: readonly string[];
}

/** One question put to an evaluator, and its lines. */
export interface Test { readonly test: 'MARGIN' | 'FLOOR'; readonly limit: number; readonly passAdd: number; readonly tau: number; readonly failThreshold: number; readonly sliceThreshold: number }

/** Everything that is wrong with a plan, as sentences. */
export function faultsOfVerdictPlan(plan: VerdictPlan): string[] {
  const faults: string[] = [];
  const isPart = (x: number): boolean => x > 0 && x < 1;
  const seen = new Set<string>();
  let shares = 0;
  for (const { name, role, share, margin = null, tau = 0, floor = null, missingAs = 0, mustPass = false } of plan.evaluators) {
    if (seen.has(name)) faults.push(`evaluator ${name} is there twice`);
    seen.add(name);
    if (share !== undefined && !(share > 0 && share <= 1)) faults.push(`evaluator ${name}: its share must be in (0,1]`);
    if (role === 'guardrail') shares += share ?? 1 / guardrailsOf(plan);
    if (margin !== null && !isPart(margin)) faults.push(`evaluator ${name}: its margin must be in (0,1)`);
    if (!(tau >= 0 && tau <= (margin ?? 1))) faults.push(`evaluator ${name}: tau ${tau} tolerates more than its margin, or is negative`);
    if (floor !== null && !isPart(floor)) faults.push(`evaluator ${name}: its floor must be in (0,1); no number of items can show a mean above 1`);
    if (!(missingAs >= 0 && missingAs <= 1)) faults.push(`evaluator ${name}: the score of an error must be in [0,1]`);
    if (margin === null && floor === null && !mustPass) faults.push(`evaluator ${name} has neither margin nor floor`);
    if (mustPass && role === 'signal') faults.push(`evaluator ${name} is a signal, which fails nothing: every case cannot have to pass it`);
  }
  const { slices = [] } = plan;
  if (new Set(slices).size < slices.length) faults.push('a slice is there twice');
  if (slices.length > SLICES_MAX) faults.push(`there are ${slices.length} slices; at most ${SLICES_MAX} share one alpha`);
  if (shares > 1 + 1e-9) faults.push(`shares of alpha sum to ${shares}, more than 1`);
  if (!isPart(plan.alphaGate ?? GATE_DEFAULTS.alphaGate)) faults.push('alphaGate must be in (0,1)');
  const { errorShareMax = GATE_DEFAULTS.errorShareMax, datasetItems, minimumItems } = plan;
  if (!(errorShareMax >= 0 && errorShareMax <= 1)) faults.push('errorShareMax must be in [0,1]');
  if (!plan.evaluators.some((e) => e.role === 'guardrail' && testsOf(plan, e).length > 0)) {
    faults.push(plan.hasBaseline ? 'there must be at least one guardrail evaluator' : 'without a baseline at least one guardrail evaluator needs a floor');
  }
  if (datasetItems !== undefined && minimumItems !== undefined && datasetItems < minimumItems) {
    faults.push(`the dataset holds ${datasetItems} items, at least ${minimumItems} are needed`);
  }
  return faults;
}

/** Each more makes every collapse harder to show. */
const SLICES_MAX = 20;
const guardrailsOf = ({ evaluators }: VerdictPlan): number => evaluators.filter(({ role }) => role === 'guardrail').length;

/** Margin first, then floor; those that are declared and can be asked. */
export function testsOf(plan: VerdictPlan, { role, share, margin = null, tau = 0, floor = null }: VerdictEvaluator): readonly Test[] {
  const hasMargin = margin !== null && plan.hasBaseline;
  const alpha = plan.alphaGate ?? GATE_DEFAULTS.alphaGate;
  // Two tests of one evaluator split its part, so that all false FAILs together stay below alphaGate. A signal fails nothing.
  const part = role === 'signal' ? 1 : (share ?? 1 / guardrailsOf(plan)) / (hasMargin && floor !== null ? 2 : 1);
  const { whole, slice } = partsOf(part, role === 'signal' ? 0 : plan.slices?.length ?? 0);
  const failThreshold = thresholdOf(alpha, whole);
  const sliceThreshold = slice === 0 ? Number.POSITIVE_INFINITY : thresholdOf(alpha, slice);
  return [
    ...(hasMargin ? [{ test: 'MARGIN' as const, limit: -margin, passAdd: margin, tau, failThreshold, sliceThreshold }] : []),
    ...(floor !== null ? [{ test: 'FLOOR' as const, limit: floor, passAdd: 0, tau: 0, failThreshold, sliceThreshold }] : []),
  ];
}
