/** What an evaluation's rows say together. Where there is a verdict its evidence is what is told: it was written down when it was reached. */
import { countedOf, shownDifference, shownScore, slicesOf, type Spread } from '../../core/results/index.js';
import type { EvaluatorEvidence } from '../../core/gate/index.js';
import type { EvaluationDoc } from '../../store/index.js';
import type { EvaluationResolvers, EvaluatorResult } from '../generated.js';
import { sheetOf, type Sheet } from './evaluation-rows.js';
import { present } from './pages.js';

export const evaluationResults: NonNullable<EvaluationResolvers['results']> = async (evaluation, _args, context) => {
  const sheet = await sheetOf(context, evaluation);
  const { plan } = evaluation;
  return {
    rows: sheet.rows.length, kept: sheet.kept,
    evaluators: plan.evaluators.map((one) => resultOf(evaluation, one, sheet)),
    // Of what is partly gone the totals would be those of the rest.
    arms: sheet.totals.map(({ arm, ...totals }) => ({ arm: arm === 'candidate' ? 'CANDIDATE' as const : 'BASELINE' as const, bundle: arm === 'candidate' ? plan.bundle : plan.baseline, ...totals, ...(sheet.kept ? {} : UNKNOWN) })),
    tags: slicesOf(sheet.rows, plan.evaluators.map(({ name }) => name), plan.dataset.items),
  };
};
const UNKNOWN = { costUsd: null, inputTokens: null, outputTokens: null, latencyMs: null, length: null, agreement: null } as const;

function resultOf({ plan, verdict }: EvaluationDoc, { name, role, margin, floor }: EvaluationDoc['plan']['evaluators'][number], { rows, asked }: Sheet): EvaluatorResult {
  const evidence = verdict?.evidence.evaluators.find((one) => one.evaluator === name);
  const { regressed, improved, same, errors, candidate, baseline, difference } = countedOf(rows, name);
  const decided = evidence === undefined ? difference : spreadOfEvidence(evidence);
  const planned = plan.dataset.items;
  // An evaluator that cannot be shown by any number of cases leaves the number unknown.
  const wants = (pick: 'needed' | 'more'): number | null => {
    const all = evidence?.tests.map((test) => test[pick]) ?? [];
    return all.length === 0 || all.some((one) => one === null) ? null : Math.max(...all.map((one) => one ?? 0));
  };
  return {
    evaluator: name, kind: present(asked.evaluators.find((one) => one.name === name), 'evaluator', name).spec.kind, role, margin, floor, n: evidence?.n ?? candidate?.n ?? 0, regressed, improved, same, errors,
    candidate: candidate === null ? null : shownScore(candidate, planned), baseline: baseline === null ? null : shownScore(baseline, planned),
    difference: decided === null || plan.baseline === 'none' ? null : shownDifference(decided, planned), needed: wants('needed'), more: wants('more'),
  };
}

const spreadOfEvidence = ({ n, dbar, sd }: EvaluatorEvidence): Spread | null => (dbar === null ? null : { n, mean: dbar, sd });
