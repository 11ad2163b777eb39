import type { BundleDigest, Digest } from '../ids.js';
import type { RolloutPolicy } from './plan.js';

/** What an evaluation's verdict depends on, and the seed that orders its cases. */
export interface EvaluationPins<Evaluator> {
  readonly bundle: BundleDigest; readonly baseline: BundleDigest | 'none';
  readonly dataset: { readonly name: string; readonly version: number; readonly digest: Digest; readonly items: number };
  readonly evaluators: readonly Evaluator[];
  readonly policy: { readonly name: string; readonly digest: Digest };
  readonly repetitions: number; readonly callsMax: number; readonly seed: number; readonly spendMaxUsd?: number; readonly slices?: readonly string[];
}

/**
 * The plan of the evaluation that a release, or a pull request, asks for. The same content is the same plan, seed included, so that its
 * digest is the evaluation's identity and nothing is paid twice.
 *
 * @param digestOf  `sha256:` + hex of the canonical form of a value
 */
export function evaluationPlanOf<Evaluator>(pins: Pick<EvaluationPins<Evaluator>, 'bundle' | 'baseline' | 'dataset' | 'evaluators'> & {
  readonly policy: { readonly name: string; readonly digest: Digest; readonly plan: RolloutPolicy };
}, digestOf: (value: unknown) => Digest): EvaluationPins<Evaluator> {
  const { bundle, baseline, dataset, evaluators, policy } = pins;
  const { name, version, digest, items } = dataset;
  const content = {
    bundle, baseline, dataset: { name, version, digest, items }, evaluators, policy: { name: policy.name, digest: policy.digest },
    repetitions: policy.plan.evaluation.repetitions, callsMax: policy.plan.evaluation.callsMax,
    ...(policy.plan.evaluation.spendMaxUsd === undefined ? {} : { spendMaxUsd: policy.plan.evaluation.spendMaxUsd }),
    ...(policy.plan.evaluation.slices === undefined ? {} : { slices: policy.plan.evaluation.slices }),
  };
  return { ...content, seed: Number.parseInt(digestOf(content).replace('sha256:', '').slice(0, 8), 16) };
}
