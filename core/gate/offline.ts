/**
 * The offline verdict, statistics.md section 3: paired scores of one evaluation, item by item in the order of one random permutation,
 * become PASS, FAIL or INCONCLUSIVE. Decided after every item and latched; stopping is free.
 *
 * A margin asks the paired e-test (21) of d = candidate - baseline; a floor asks the same test of x = score - floor against 0, both ways.
 * An evaluator with both must hold both, and shares its part of alpha between them.
 */
import { requiredCases, startPaired, steadyCases, stepPaired, thresholdOf } from '../stats/index.js';
import type { PairedTest } from '../stats/index.js';
import { GATE_DEFAULTS, INCONCLUSIVE_REASONS } from './policy.js';
import type { Breach, Evidence, EvaluatorEvidence, InconclusiveReason, SliceEvidence, TestEvidence, Verdict } from './policy.js';
import { partsOf, startSlices, stepSlices } from './slices.js';
import type { SliceState } from './slices.js';

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

/** An arm's scores so far: plain sums, errors among them. */
interface ArmSums { readonly sum: number; readonly squares: number; readonly errors: number }
interface TestState { readonly pass: PairedTest; readonly fail: PairedTest }
interface EvaluatorState {
  readonly name: string;
  readonly n: number;
  readonly candidate: ArmSums;
  readonly baseline: ArmSums;
  readonly difference: { readonly sum: number; readonly squares: number };
  readonly tests: readonly TestState[];
  /** Only where the plan names some. */
  readonly slices?: Readonly<Record<string, SliceState>>;
  /** The first case that did not pass, where every one has to. */
  readonly failedAt?: { readonly position: number; readonly score: number };
}

/** Plain JSON; continues bit for bit. */
export interface VerdictState {
  readonly format: 1;
  readonly items: number;
  readonly evaluators: readonly EvaluatorState[];
  readonly decided: 'PASS' | 'FAIL' | null;
  readonly breaches: readonly Breach[];
}

/** One question put to an evaluator, and its lines. */
interface Test { readonly test: 'MARGIN' | 'FLOOR'; readonly limit: number; readonly passAdd: number; readonly tau: number; readonly failThreshold: number; readonly sliceThreshold: number }

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
function testsOf(plan: VerdictPlan, { role, share, margin = null, tau = 0, floor = null }: VerdictEvaluator): readonly Test[] {
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

const NO_SUMS: ArmSums = { sum: 0, squares: 0, errors: 0 };

/**
 * Before the first item.
 *
 * @throws RangeError on a plan with faults
 */
export function startVerdict(plan: VerdictPlan): VerdictState {
  const [fault] = faultsOfVerdictPlan(plan);
  if (fault !== undefined) throw new RangeError(fault);
  return {
    format: 1, items: 0, decided: null, breaches: [],
    evaluators: plan.evaluators.map((evaluator) => {
      const tests = testsOf(plan, evaluator);
      const slices = startSlices(plan.slices ?? [], tests.length);
      return {
        name: evaluator.name, n: 0, candidate: NO_SUMS, baseline: NO_SUMS, difference: { sum: 0, squares: 0 },
        tests: tests.map(() => ({ pass: startPaired(), fail: startPaired() })), ...(slices === undefined ? {} : { slices }),
      };
    }),
  };
}

/**
 * One item into the state. An item that was already consumed changes nothing, so a repeated attempt is harmless; nor does one after
 * the decision. A score that is missing, no number or outside [0,1] is an error: counted, with its declared score, never dropped.
 *
 * @throws RangeError when an item before this one has not been consumed
 */
export function addItem(plan: VerdictPlan, state: VerdictState, item: VerdictItem): VerdictState {
  if (state.decided !== null || item.position < state.items) return state;
  if (item.position !== state.items) throw new RangeError(`item ${item.position} comes before item ${state.items}: the order is the permutation's`);
  const evaluators = state.evaluators.map((own, i) => {
    const evaluator = plan.evaluators[i];
    return evaluator === undefined ? own : stepEvaluator(plan, evaluator, own, item);
  });
  return decided(plan, { ...state, items: state.items + 1, evaluators });
}

function stepEvaluator(plan: VerdictPlan, evaluator: VerdictEvaluator, own: EvaluatorState, { position, scores, tags = [] }: VerdictItem): EvaluatorState {
  const { missingAs = 0 } = evaluator;
  const found = Object.hasOwn(scores, evaluator.name) ? scores[evaluator.name] : undefined;
  const isScore = (score: number | null | undefined): score is number => typeof score === 'number' && score >= 0 && score <= 1;
  const add = (sums: ArmSums, score: number | null | undefined): ArmSums => {
    const x = isScore(score) ? score : missingAs;
    return { sum: sums.sum + x, squares: sums.squares + x * x, errors: sums.errors + (isScore(score) ? 0 : 1) };
  };
  const candidate = isScore(found?.candidate) ? found.candidate : missingAs;
  const baseline = isScore(found?.baseline) ? found.baseline : missingAs;
  const d = candidate - baseline;
  const tests = testsOf(plan, evaluator);
  const isFailed = evaluator.mustPass === true && own.failedAt === undefined && isScore(found?.candidate) && found.candidate < 1;
  return {
    ...own, n: own.n + 1,
    candidate: add(own.candidate, found?.candidate),
    baseline: plan.hasBaseline ? add(own.baseline, found?.baseline) : own.baseline,
    difference: plan.hasBaseline ? { sum: own.difference.sum + d, squares: own.difference.squares + d * d } : own.difference,
    ...(isFailed ? { failedAt: { position, score: candidate } } : {}),
    ...(own.slices === undefined ? {} : { slices: stepSlices(own.slices, tags, tests, candidate, baseline) }),
    tests: tests.map(({ test, limit, passAdd, tau }, t) => {
      const x = test === 'MARGIN' ? d : candidate - limit;
      const { pass, fail } = own.tests[t] ?? { pass: startPaired(), fail: startPaired() };
      return { pass: stepPaired(pass, x, passAdd), fail: stepPaired(fail, -x, -tau) };
    }),
  };
}

const errorShareOf = ({ n, candidate, baseline }: EvaluatorState): number => n === 0 ? 0 : Math.max(candidate.errors, baseline.errors) / n;

/** The errors of one arm outweigh what is allowed: an outage is not a finding about the candidate. */
const isDrowned = (plan: VerdictPlan, own: EvaluatorState): boolean => errorShareOf(own) > (plan.errorShareMax ?? GATE_DEFAULTS.errorShareMax);

/** Section 3 after every item: FAIL, then PASS. */
function decided(plan: VerdictPlan, state: VerdictState): VerdictState {
  const breaches = breachesIn(plan, state);
  if (breaches.length > 0) return { ...state, decided: 'FAIL', breaches };
  return hindrances(plan, state).length === 0 ? { ...state, decided: 'PASS' } : state;
}

function breachesIn(plan: VerdictPlan, state: VerdictState): readonly Breach[] {
  return [...lostCases(plan, state), ...lostWhole(plan, state), ...lostSlices(plan, state)];
}

const lostCases = (plan: VerdictPlan, state: VerdictState): readonly Breach[] => plan.evaluators.flatMap(({ name, mayFail }, i) => {
  const failedAt = state.evaluators[i]?.failedAt;
  return failedAt === undefined || mayFail === false ? [] : [{ evaluator: name, test: 'MUST_PASS' as const, position: failedAt.position, observed: failedAt.score, limit: 1, logE: 0, threshold: 0 }];
});

const lostSlices = (plan: VerdictPlan, state: VerdictState): readonly Breach[] => eachTest(plan, state).flatMap(({ evaluator, own, test }) => {
  if (evaluator.role !== 'guardrail' || evaluator.mayFail === false || isDrowned(plan, own)) return [];
  const index = testsOf(plan, evaluator).findIndex((one) => one.test === test.test);
  return Object.entries(own.slices ?? {}).flatMap(([slice, { n, candidate, baseline, fail }]) => {
    const logE = fail[index]?.logE ?? 0;
    return logE < test.sliceThreshold ? [] : [{ evaluator: evaluator.name, test: test.test, slice, observed: test.test === 'MARGIN' ? (candidate - baseline) / n : candidate / n, limit: test.limit, logE, threshold: test.sliceThreshold }];
  });
});

function lostWhole(plan: VerdictPlan, state: VerdictState): readonly Breach[] {
  return eachTest(plan, state).flatMap(({ evaluator, own, test, logE }) => {
    if (evaluator.role !== 'guardrail' || evaluator.mayFail === false || logE.fail < test.failThreshold) return [];
    if (test.test === 'FLOOR' && isDrowned(plan, own)) return [];
    const observed = test.test === 'MARGIN' ? own.difference.sum / own.n : own.candidate.sum / own.n;
    return [{
      evaluator: evaluator.name, test: test.test, observed, limit: test.test === 'MARGIN' ? 0 - test.tau : test.limit,
      logE: logE.fail, threshold: test.failThreshold,
    }];
  });
}

/** What stands between this state and PASS; none means PASS. */
function hindrances(plan: VerdictPlan, state: VerdictState): readonly InconclusiveReason[] {
  const asked = eachTest(plan, state).filter(({ evaluator }) => evaluator.role === 'guardrail');
  const threshold = thresholdOf(plan.alphaGate ?? GATE_DEFAULTS.alphaGate);
  const reasons = new Set<InconclusiveReason>();
  if (asked.length === 0) reasons.add('TOO_FEW');
  for (const [i, evaluator] of plan.evaluators.entries()) {
    const own = state.evaluators[i];
    if (evaluator.mustPass !== true || own === undefined) continue;
    // Every case has to pass, so every case has to be seen.
    if (state.items < (plan.datasetItems ?? 0)) reasons.add('TOO_FEW');
    if (evaluator.mayFail === false) reasons.add('JUDGE_UNQUALIFIED');
    if (isDrowned(plan, own)) reasons.add('ERROR_SHARE');
  }
  for (const { evaluator, own, logE } of asked) {
    if (logE.pass < threshold) reasons.add('TOO_FEW');
    if (isDrowned(plan, own)) reasons.add('ERROR_SHARE');
    if (evaluator.mayPass === false) reasons.add('JUDGE_UNQUALIFIED');
  }
  return INCONCLUSIVE_REASONS.filter((reason) => reasons.has(reason));
}

interface AskedTest {
  readonly evaluator: VerdictEvaluator;
  readonly own: EvaluatorState;
  readonly test: Test;
  readonly logE: { readonly pass: number; readonly fail: number };
}

const eachTest = (plan: VerdictPlan, state: VerdictState): readonly AskedTest[] => plan.evaluators.flatMap((evaluator, i) => {
  const own = state.evaluators[i];
  if (own === undefined) return [];
  return testsOf(plan, evaluator).map((test, t) => ({ evaluator, own, test, logE: { pass: own.tests[t]?.pass.logE ?? 0, fail: own.tests[t]?.fail.logE ?? 0 } }));
});

/** Why no further item will come; `null` while some may. */
export type Spent = 'items' | 'budget' | 'deadline' | null;

/** The verdict, or that there is none yet; always with its evidence. */
export function verdictOf(plan: VerdictPlan, state: VerdictState, { spent }: { readonly spent: Spent }): Verdict | { readonly kind: 'UNDECIDED'; readonly evidence: Evidence } {
  const evidence = evidenceOfVerdict(plan, state);
  const [breach, ...others] = state.breaches;
  if (state.decided === 'FAIL' && breach !== undefined) return { kind: 'FAIL', evidence, breaches: [breach, ...others] };
  if (state.decided === 'PASS') return { kind: 'PASS', evidence };
  if (spent === null) return { kind: 'UNDECIDED', evidence };
  const reasons = new Set(hindrances(plan, state));
  if (spent === 'budget') reasons.add('BUDGET_SPENT');
  if (spent === 'deadline') reasons.add('DEADLINE');
  const [headline = 'TOO_FEW', ...further] = INCONCLUSIVE_REASONS.filter((reason) => reasons.has(reason));
  return { kind: 'INCONCLUSIVE', evidence, holds: [headline, ...further] };
}

/** What has been seen, per evaluator in the plan's order. */
export function evidenceOfVerdict(plan: VerdictPlan, state: VerdictState): Evidence {
  const evaluators = plan.evaluators.flatMap((evaluator, i): EvaluatorEvidence[] => {
    const own = state.evaluators[i];
    if (own === undefined) return [];
    const { n, candidate, baseline, difference } = own;
    const mean = (sum: number): number | null => n === 0 ? null : sum / n;
    return [{
      evaluator: evaluator.name, role: evaluator.role, n, errors: { candidate: candidate.errors, baseline: baseline.errors },
      meanCandidate: mean(candidate.sum), meanBaseline: plan.hasBaseline ? mean(baseline.sum) : null,
      dbar: plan.hasBaseline ? mean(difference.sum) : null, sd: deviationOf(n, plan.hasBaseline ? difference : candidate),
      tests: testsOf(plan, evaluator).map((test, t) => testEvidence(plan, own, test, own.tests[t])),
      ...(own.slices === undefined ? {} : { slices: slicesOf(plan, evaluator, own.slices) }),
    }];
  });
  return { items: state.items, available: plan.datasetItems ?? null, evaluators };
}

function slicesOf(plan: VerdictPlan, evaluator: VerdictEvaluator, states: Readonly<Record<string, SliceState>>): readonly SliceEvidence[] {
  const threshold = testsOf(plan, evaluator)[0]?.sliceThreshold ?? Number.POSITIVE_INFINITY;
  return Object.entries(states).map(([slice, { n, candidate, baseline, fail }]) => ({
    slice, n, meanCandidate: n === 0 ? null : candidate / n, meanBaseline: n === 0 || !plan.hasBaseline ? null : baseline / n, logE: Math.max(0, ...fail.map(({ logE }) => logE)), threshold: Number.isFinite(threshold) ? threshold : null,
  }));
}

function deviationOf(n: number, { sum, squares }: { readonly sum: number; readonly squares: number }): number | null {
  return n < 2 ? null : Math.sqrt(Math.max(0, (squares - sum * sum / n) / (n - 1)));
}

function testEvidence(plan: VerdictPlan, own: EvaluatorState, test: Test, state: TestState | undefined): TestEvidence {
  const alpha = plan.alphaGate ?? GATE_DEFAULTS.alphaGate;
  const passThreshold = thresholdOf(alpha);
  const needed = neededFor(own, test, alpha);
  return {
    test: test.test, limit: test.limit, logEPass: state?.pass.logE ?? 0, passThreshold, logEFail: state?.fail.logE ?? 0, failThreshold: test.failThreshold,
    needed, more: needed === null ? null : Math.max(0, needed - own.n),
  };
}

/** Nearer to the line than this, no dataset is large enough. */
const LEAST_DISTANCE = 0.002;

/**
 * Items in all at the effect and spread seen: twice (22), as section 3 plans the e-test, but no fewer than it needs when nothing varies.
 * A better candidate than the baseline is counted as equal, so that luck does not promise an early end.
 */
function neededFor({ n, candidate, difference }: EvaluatorState, { test, limit, passAdd }: Test, alpha: number): number | null {
  const seen = test === 'MARGIN' ? difference : candidate;
  const deviation = deviationOf(n, seen);
  if (deviation === null) return null;
  const x = test === 'MARGIN' ? Math.min(0, seen.sum / n) : seen.sum / n - limit;
  const distance = x + passAdd;
  if (distance < LEAST_DISTANCE) return null;
  const steady = steadyCases(x, passAdd, thresholdOf(alpha));
  return steady === null ? null : Math.max(Math.ceil(2 * requiredCases(deviation ** 2, distance, { alpha })), steady);
}
