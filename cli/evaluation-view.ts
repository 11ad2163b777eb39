import { NotFoundError } from '../core/errors.js';
import type { Client } from './client.js';
import { EVALUATION_FIELDS, type EvaluationView } from './release-view.js';

export interface MeanView { readonly estimate: number; readonly lower: number; readonly upper: number }
export interface EvaluatorView {
  readonly evaluator: string; readonly kind: string; readonly role: 'GUARDRAIL' | 'SIGNAL'; readonly margin: number | null; readonly floor: number | null; readonly n: number;
  readonly regressed: number; readonly improved: number; readonly same: number; readonly errors: number;
  readonly candidate: MeanView | null; readonly baseline: MeanView | null; readonly difference: MeanView | null; readonly needed: number | null; readonly more: number | null;
}
export interface ArmView {
  readonly arm: 'CANDIDATE' | 'BASELINE'; readonly bundle: string; readonly answers: number; readonly errors: number; readonly costUsd: number | null; readonly inputTokens: number | null; readonly outputTokens: number | null;
  readonly latencyMs: { readonly p50: number; readonly p90: number; readonly p99: number } | null; readonly length: number | null; readonly agreement: number | null;
}
export interface TagView { readonly tag: string; readonly evaluator: string; readonly n: number; readonly regressed: number; readonly candidate: number; readonly baseline: number | null; readonly difference: MeanView | null }
export interface ScoreView { readonly value: number | null; readonly error: string | null; readonly label: string | null; readonly explanation: string | null }
export type Outcome = 'REGRESSED' | 'IMPROVED' | 'SAME' | 'ERROR';
export interface AnswerView { readonly text: string | null; readonly error: string | null; readonly finishReason: string | null; readonly inputTokens: number | null; readonly outputTokens: number | null; readonly costUsd: number | null; readonly durationMs: number }
export interface RowView {
  readonly item: string; readonly position: number; readonly tags: readonly string[]; readonly hidden: boolean; readonly expected: string | null; readonly variables: readonly { readonly name: string; readonly value: string }[];
  readonly scores: readonly { readonly evaluator: string; readonly outcome: Outcome | null; readonly difference: number | null; readonly candidate: ScoreView; readonly baseline: ScoreView | null }[];
  readonly candidate: readonly AnswerView[]; readonly baseline: readonly AnswerView[];
}
/** What a bundle pins, as far as a person tells two of them apart by it. */
export interface BundleView {
  readonly digest: string; readonly prompts: readonly { readonly prompt: string; readonly version: number }[];
  readonly model: Part | null; readonly context: Part | null; readonly guardrails: readonly Part[]; readonly tools: readonly { readonly name: string }[];
}
interface Part { readonly name: string; readonly version: number }

/** An evaluation with what its rows say together. */
export interface ResultsView extends EvaluationView {
  readonly application: string; readonly policy: string;
  readonly progress: EvaluationView['progress'] & { readonly savedUsd: number | null; readonly flags: readonly string[] | null };
  readonly results: { readonly rows: number; readonly kept: boolean; readonly evaluators: readonly EvaluatorView[]; readonly arms: readonly ArmView[]; readonly tags: readonly TagView[] };
}

const MEAN = '{ estimate lower upper }';
const SCORE = '{ value error label explanation }';
const ANSWER = '{ text error finishReason inputTokens outputTokens costUsd durationMs }';
const EXTRA = `application policy progress { savedUsd flags } results { rows kept
  evaluators { evaluator kind role margin floor n regressed improved same errors candidate ${MEAN} baseline ${MEAN} difference ${MEAN} needed more }
  arms { arm bundle answers errors costUsd inputTokens outputTokens latencyMs { p50 p90 p99 } length agreement }
  tags { tag evaluator n regressed candidate baseline difference ${MEAN} } }`;
const RESULTS = `query($id: ID!) { evaluation(id: $id) { ...on Evaluation ${EVALUATION_FIELDS} ${EXTRA} } }`;
const ROWS = `query($id: ID!, $filter: RowFilterInput, $order: RowOrder!, $first: Int!, $after: String) { evaluation(id: $id) { rows(filter: $filter, order: $order, first: $first, after: $after) {
  nodes { item position tags hidden expected variables { name value } scores { evaluator outcome difference candidate ${SCORE} baseline ${SCORE} } candidate ${ANSWER} baseline ${ANSWER} } pageInfo { hasNextPage endCursor } total } } }`;
const BUNDLE = 'query($application: ID!, $digest: ID!) { bundle(application: $application, digest: $digest) { digest prompts { prompt version } model { name version } context { name version } guardrails { name version } tools { name } } }';
const ROWS_A_PAGE = 50;
const SAMPLE = 100;

/** @throws NotFoundError */
export async function resultsOf(api: Client, id: string): Promise<ResultsView> {
  const { evaluation } = await api.ask<{ evaluation: ResultsView | null }>(RESULTS, { id });
  if (evaluation === null) throw new NotFoundError('evaluation', id);
  return evaluation;
}

interface RowsPage { readonly evaluation: { readonly rows: { readonly nodes: readonly RowView[]; readonly total: number; readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null } } } | null }
export interface RowsFilter { readonly evaluator?: string; readonly outcome?: Outcome; readonly tag?: string }

/** What was read of an evaluation's rows. */
export interface RowsRead {
  /** worst first */
  readonly rows: readonly RowView[];
  readonly total: number;
  /** of all rows, chosen without regard to how they fared */
  readonly sample: readonly RowView[];
}

/** At most `max`, the worst. Cases are asked in a random order, so the first of them are a sample. */
export async function rowsOf(api: Client, id: string, max: number, filter: RowsFilter = {}): Promise<RowsRead> {
  const { rows, total } = await pagesOf(api, id, { filter, order: 'WORST' }, max);
  return { rows, total, sample: rows.length === total ? rows : (await pagesOf(api, id, { filter, order: 'ASKED' }, SAMPLE)).rows };
}

async function pagesOf(api: Client, id: string, asked: { readonly filter: RowsFilter; readonly order: 'WORST' | 'ASKED' }, max: number): Promise<Pick<RowsRead, 'rows' | 'total'>> {
  const rows: RowView[] = [];
  let after: string | null = null;
  for (;;) {
    const { evaluation }: RowsPage = await api.ask<RowsPage>(ROWS, { id, ...asked, first: Math.min(ROWS_A_PAGE, max - rows.length), after });
    if (evaluation === null) throw new NotFoundError('evaluation', id);
    const { nodes, total, pageInfo }: NonNullable<RowsPage['evaluation']>['rows'] = evaluation.rows;
    rows.push(...nodes);
    if (!pageInfo.hasNextPage || pageInfo.endCursor === null || nodes.length === 0 || rows.length >= max) return { rows, total };
    after = pageInfo.endCursor;
  }
}

export async function bundleOf(api: Client, application: string, digest: string): Promise<BundleView | null> {
  if (digest === 'none') return null;
  return (await api.ask<{ bundle: BundleView | null }>(BUNDLE, { application, digest })).bundle;
}

/** The parts in which the candidate is another than the baseline, in words. */
export function changedParts(candidate: BundleView | null, baseline: BundleView | null): readonly string[] {
  if (candidate === null) return [];
  const named = (parts: readonly Part[]): ReadonlyMap<string, string> => new Map(parts.map(({ name, version }) => [name, `${name}@${version}`]));
  const changed = (what: string, now: ReadonlyMap<string, string>, before: ReadonlyMap<string, string>): readonly string[] =>
    [...new Set([...now.keys(), ...before.keys()])].filter((name) => now.get(name) !== before.get(name)).map((name) => `${what} ${before.get(name) ?? 'none'} → ${now.get(name) ?? 'none'}`);
  const one = (part: Part | null | undefined): ReadonlyMap<string, string> => new Map(part === null || part === undefined ? [] : [['', `${part.name}@${part.version}`]]);
  const prompts = (bundle: BundleView | null): ReadonlyMap<string, string> => named((bundle?.prompts ?? []).map(({ prompt, version }) => ({ name: prompt, version })));
  const tools = (bundle: BundleView | null): ReadonlyMap<string, string> => new Map((bundle?.tools ?? []).map(({ name }) => [name, name]));
  return [
    ...changed('prompt', prompts(candidate), prompts(baseline)), ...changed('model', one(candidate.model), one(baseline?.model)), ...changed('context', one(candidate.context), one(baseline?.context)),
    ...changed('guardrail', named(candidate.guardrails), named(baseline?.guardrails ?? [])), ...changed('tool', tools(candidate), tools(baseline)),
  ];
}

export async function changedOf(api: Client, { application, bundle, baseline }: ResultsView): Promise<readonly string[]> {
  const [candidate, before] = await Promise.all([bundleOf(api, application, bundle), bundleOf(api, application, baseline)]);
  return changedParts(candidate, before);
}

/** `answer@3, main@1`: prompt and model. */
export const partsName = (bundle: BundleView | null, digest: string): string => (bundle === null ? digest.slice(0, 19) : [...bundle.prompts.map(({ prompt, version }) => `${prompt}@${version}`), ...(bundle.model === null ? [] : [`${bundle.model.name}@${bundle.model.version}`])].join(', ') || digest.slice(0, 19));
