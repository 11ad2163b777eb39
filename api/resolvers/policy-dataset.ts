import { faultOfDataset } from '../../core/gate/index.js';
import { TIER_RULES, type RolloutPolicy } from '../../core/release/index.js';
import type { DatasetDoc, EvaluationDoc, EvaluatorDoc } from '../../store/index.js';
import type { Context } from '../context.js';

/** So many finished evaluations are looked through for a measured spread; what is older says little about the dataset of today. */
const EVALUATIONS_READ = 100;

/** What a guardrail evaluator with a margin is planned by. */
export interface EvaluatorSpread { readonly evaluator: string; readonly margin: number; readonly sd: number; readonly isMeasured: boolean }

/**
 * The spread of a case's difference per guardrail evaluator with a margin: that of the last evaluation with this evaluator on this dataset,
 * before the first one the tier's. A signal fails no verdict, and a floor is held against no baseline.
 */
export async function spreadsOf({ deps }: Pick<Context, 'deps'>, application: string, policy: RolloutPolicy, dataset: Pick<DatasetDoc, 'name'>, evaluators: readonly Pick<EvaluatorDoc, 'name' | 'digest'>[]): Promise<readonly EvaluatorSpread[]> {
  const { items: finished } = await deps.evaluations.list({ application, state: 'FINISHED' }, { first: EVALUATIONS_READ });
  return policy.evaluation.evaluators.flatMap(({ name, role, margin }) => {
    if (role !== 'guardrail' || margin === null) return [];
    const measured = spreadOf(finished, dataset.name, { name, digest: evaluators.find((one) => one.name === name)?.digest ?? '' });
    return [{ evaluator: name, margin, sd: measured ?? TIER_RULES[policy.tier].sdBeforeFirst, isMeasured: measured !== null }];
  });
}

/** Why the dataset is too small for what its evaluators are to show, one sentence an evaluator: below twice formula (22) of statistics.md for its margin. */
export async function faultsOfDataset(context: Pick<Context, 'deps'>, application: string, policy: RolloutPolicy, dataset: DatasetDoc, evaluators: readonly Pick<EvaluatorDoc, 'name' | 'digest'>[]): Promise<readonly string[]> {
  const { datasetMin: minimumItems } = TIER_RULES[policy.tier];
  return (await spreadsOf(context, application, policy, dataset, evaluators)).flatMap(({ evaluator, margin, sd, isMeasured }) => {
    const fault = faultOfDataset({ items: dataset.items, minimumItems, margin, sd });
    return fault === null ? [] : [`Evaluator ${evaluator}: ${fault}${isMeasured ? ', as it was measured last' : `, what tier ${policy.tier} assumes before it is measured`}.`];
  });
}

/**
 * Spread of a case's difference as it was measured last; null before that. Without a baseline there is no difference, and one that ended in FAIL
 * saw few cases of a candidate nobody ships: neither says what equal arms need.
 */
function spreadOf(newestFirst: readonly EvaluationDoc[], dataset: string, evaluator: Pick<EvaluatorDoc, 'name' | 'digest'>): number | null {
  for (const { plan, verdict } of newestFirst) {
    if (plan.dataset.name !== dataset || plan.baseline === 'none' || verdict === null || verdict.kind === 'FAIL') continue;
    if (!plan.evaluators.some(({ name, digest }) => name === evaluator.name && digest === evaluator.digest)) continue;
    const sd = verdict.evidence.evaluators.find((one) => one.evaluator === evaluator.name)?.sd ?? null;
    if (sd !== null) return sd;
  }
  return null;
}
