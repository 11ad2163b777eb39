/** An evaluation in the words of a report: one value that Markdown, JUnit, JSON and HTML are drawn from. Pure. */
import { clustersOf, type Cluster, type FailingRow } from '../core/results/index.js';
import type { ArmView, EvaluatorView, ResultsView, RowView, RowsRead, ScoreView, TagView } from './evaluation-view.js';
import { percent, verdictLine } from './release-view.js';

/** How an evaluation stands, by its exit code's words. */
export type Standing = 'PASS' | 'FAIL' | 'INCONCLUSIVE' | 'RUNNING' | 'COULD_NOT_RUN';
export interface SummarySide extends ScoreView { readonly text: string | null; readonly answerError: string | null }
export interface SummaryRow { readonly item: string; readonly tags: readonly string[]; readonly evaluator: string; readonly difference: number | null; readonly candidate: SummarySide; readonly baseline: SummarySide | null }
export interface SummaryEvaluator extends EvaluatorView { readonly finding: 'passed' | 'failed' | 'undecided' | 'shown'; readonly words: string }

/** Names are stable: `--report json` writes exactly this. */
export interface Summary {
  readonly evaluation: string; readonly application: string; readonly state: string; readonly standing: Standing; readonly headline: string; readonly reasons: readonly string[]; readonly error: string | null;
  /** the file or version that was asked about, where one was */
  readonly subject: string | null;
  readonly bundle: string; readonly baseline: string | null; readonly changed: readonly string[]; readonly policy: string;
  readonly dataset: { readonly name: string; readonly version: number; readonly items: number } | null;
  readonly cases: { readonly used: number; readonly total: number; readonly needed: number | null; readonly more: number | null };
  readonly calls: number; readonly errors: number; readonly costUsd: number | null; readonly savedUsd: number | null; readonly flags: readonly string[];
  readonly evaluators: readonly SummaryEvaluator[]; readonly arms: readonly ArmView[]; readonly tags: readonly TagView[];
  readonly worst: readonly SummaryRow[]; readonly regressions: number; readonly clusters: readonly Cluster[];
}

/** A file of which there is no evaluation, and why. */
export interface Refusal { readonly subject: string; readonly code: string; readonly message: string }
/** `notes` are what was found before anything was evaluated: files that were deleted, or that nothing has changed. */
export interface Reported { readonly summaries: readonly Summary[]; readonly notes: readonly string[]; readonly refusals: readonly Refusal[]; readonly standing: Standing | 'NOTHING' }

export const WORST_SHOWN = 5;

export interface SummaryInput { readonly view: ResultsView; readonly read: RowsRead; readonly changed: readonly string[]; readonly subject?: string }

export function summaryOf({ view, read: { rows, sample }, changed, subject }: SummaryInput): Summary {
  const { verdict, progress, results } = view;
  const floors = new Map(results.evaluators.map(({ evaluator, floor }) => [evaluator, floor ?? FLOOR]));
  const failing = rows.flatMap((row) => failingOf(row, floors));
  const evaluators = results.evaluators.map((one) => evaluatorOf(view, one));
  const needed = evaluators.filter(({ role }) => role === 'GUARDRAIL').map((one) => one.needed);
  return {
    evaluation: view.id, application: view.application, state: view.state, standing: standingOf(view), headline: verdictLine(view), reasons: verdict?.reasons ?? [], error: view.error, subject: subject ?? null,
    bundle: view.bundle, baseline: view.baseline === 'none' ? null : view.baseline, changed, policy: view.policy, dataset: view.dataset,
    cases: { used: progress.items, total: progress.itemsTotal, needed: needed.length === 0 || needed.includes(null) ? null : Math.max(...needed.map((n) => n ?? 0)), more: verdict?.moreCasesNeeded ?? null },
    calls: progress.calls, errors: progress.errors, costUsd: progress.costUsd, savedUsd: progress.savedUsd, flags: progress.flags ?? [],
    evaluators, arms: results.arms, tags: results.tags,
    worst: failing.slice(0, WORST_SHOWN).map(({ summary }) => summary), regressions: results.evaluators.reduce((sum, { regressed }) => sum + regressed, 0),
    clusters: clustersOf(failing.map(({ failing: one }) => one), sample.map(({ item, tags, candidate }) => ({ item, tags, text: candidate[0]?.text ?? null }))),
  };
}

export function standingOf({ state, verdict }: Pick<ResultsView, 'state' | 'verdict'>): Standing {
  if (verdict !== null) return verdict.kind;
  return state === 'RUNNING' ? 'RUNNING' : 'COULD_NOT_RUN';
}

interface EvidenceTests { readonly evaluators?: readonly { readonly evaluator: string; readonly tests: readonly { readonly logEPass: number; readonly passThreshold: number; readonly logEFail: number; readonly failThreshold: number }[] }[] }

function evaluatorOf({ verdict, baseline }: ResultsView, one: EvaluatorView): SummaryEvaluator {
  const tests = (verdict?.evidence as EvidenceTests | null | undefined)?.evaluators?.find(({ evaluator }) => evaluator === one.evaluator)?.tests ?? [];
  const hasFailed = tests.some(({ logEFail, failThreshold }) => logEFail >= failThreshold);
  const hasPassed = tests.length > 0 && tests.every(({ logEPass, passThreshold }) => logEPass >= passThreshold);
  const finding = one.role === 'SIGNAL' ? 'shown' : hasFailed && verdict?.kind === 'FAIL' ? 'failed' : hasPassed ? 'passed' : 'undecided';
  const limits = [...(one.margin === null || baseline === 'none' ? [] : [`may lose ${one.margin}`]), ...(one.floor === null ? [] : [`at least ${one.floor}`])].join(', ');
  const seen = one.difference === null ? (one.candidate === null ? 'nothing is known yet' : `mean ${meanWords(one.candidate)}`) : `difference ${differenceWords(one.difference)}`;
  return { ...one, finding, words: `${seen} on ${one.n} cases${limits === '' ? '' : `; ${limits}`}` };
}

const two = (value: number): string => value.toFixed(Math.abs(value) < 0.1 && value !== 0 ? 3 : 2);
export const signed = (value: number): string => `${value > 0 ? '+' : value < 0 ? '−' : ''}${two(Math.abs(value))}`;
/** `+0.02 (−0.01 … +0.05)` */
export const differenceWords = ({ estimate, lower, upper }: { readonly estimate: number; readonly lower: number; readonly upper: number }): string => `${signed(estimate)} (${signed(lower)} … ${signed(upper)})`;
export const meanWords = ({ estimate, lower, upper }: { readonly estimate: number; readonly lower: number; readonly upper: number }): string => `${two(estimate)} (${two(lower)} … ${two(upper)})`;
export const usd = (value: number | null): string => (value === null ? 'unknown' : `${value.toFixed(value < 1 ? 4 : 2)} USD`);

/** What a person asks first, in sentences; without a stranger's text but for names. */
export function sentencesOf({ cases, costUsd, savedUsd, errors, calls, dataset }: Summary): readonly string[] {
  const early = cases.used < cases.total;
  return [
    `${cases.used} of ${cases.total} cases were used${dataset === null ? '' : ` of ${dataset.name} v${dataset.version}`}${early && cases.used > 0 ? `; stopped at ${percent(cases.used / Math.max(1, cases.total))} of them` : ''}${cases.needed === null ? '' : `; about ${cases.needed} were likely to be needed`}${cases.more === null ? '' : `, ${cases.more} more are`}.`,
    `${calls} calls, ${errors} errors; cost ${usd(costUsd)}${savedUsd === null || savedUsd === 0 ? '' : `, saved ${usd(savedUsd)} by answers that were there already`}.`,
  ];
}

/** Without a baseline a case fails below the evaluator's floor, or below this. */
const FLOOR = 0.5;

/** A row's worst score, where it has lost or is an error. */
function failingOf(row: RowView, floors: ReadonlyMap<string, number>): readonly { readonly summary: SummaryRow; readonly failing: FailingRow }[] {
  const lost = row.scores.filter(({ evaluator, outcome, baseline, candidate }) => outcome === 'REGRESSED' || outcome === 'ERROR' || (baseline === null && candidate.value !== null && candidate.value < (floors.get(evaluator) ?? FLOOR)));
  const [worst] = [...lost].sort((a, b) => (a.difference ?? a.candidate.value ?? 0) - (b.difference ?? b.candidate.value ?? 0));
  if (worst === undefined) return [];
  const [own, other] = [worstAnswer(row.candidate), worstAnswer(row.baseline)];
  return [{
    summary: {
      item: row.item, tags: row.tags, evaluator: worst.evaluator, difference: worst.difference,
      candidate: { ...worst.candidate, text: own?.text ?? null, answerError: own?.error ?? null }, baseline: worst.baseline === null ? null : { ...worst.baseline, text: other?.text ?? null, answerError: other?.error ?? null },
    },
    failing: {
      item: row.item, evaluator: worst.evaluator, tags: row.tags, loss: worst.difference ?? worst.candidate.value ?? 0, error: worst.candidate.error ?? worst.baseline?.error ?? null, finishReason: own?.finishReason ?? null,
      text: own?.text ?? null, label: worst.candidate.label, labelBefore: worst.baseline?.label ?? null,
    },
  }];
}
/** Of several repetitions one that is an error, or the first. */
const worstAnswer = (answers: RowView['candidate']): RowView['candidate'][number] | undefined => answers.find(({ error }) => error !== null) ?? answers[0];
