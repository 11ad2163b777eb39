/**
 * The offline verdict, statistics.md section 3: paired scores of one evaluation, item by item in the order of one random permutation,
 * become PASS, FAIL or INCONCLUSIVE. Decided after every item and latched; stopping is free.
 *
 * A margin asks the paired e-test (21) of d = candidate - baseline; a floor asks the same test of x = score - floor against 0, both ways.
 * An evaluator with both must hold both, and shares its part of alpha between them.
 */
import { requiredCases, startPaired, steadyCases, stepPaired, thresholdOf } from '../stats/index.js';
import type { PairedTest } from '../stats/index.js';
import { faultsOfVerdictPlan, testsOf } from './offline-plan.js';
import type { Test, VerdictEvaluator, VerdictItem, VerdictPlan } from './offline-plan.js';
import { GATE_DEFAULTS, INCONCLUSIVE_REASONS } from './policy.js';
import type { Breach, Evidence, EvaluatorEvidence, InconclusiveReason, SliceEvidence, TestEvidence, Verdict } from './policy.js';
import { startSlices, stepSlices } from './slices.js';
import type { SliceState } from './slices.js';

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

/** Fewer would not show that all of a slice has gone bad; where the dataset holds fewer, all of them are asked. */
const SLICE_ITEMS_MIN = 20;
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
  // A mean that is good early says nothing yet of a small part.
  const isWhole = state.items >= (plan.datasetItems ?? Number.POSITIVE_INFINITY);
  if (!isWhole && asked.some(({ own }) => Object.values(own.slices ?? {}).some(({ n }) => n < SLICE_ITEMS_MIN))) reasons.add('TOO_FEW');
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
