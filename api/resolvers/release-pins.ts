import { ConflictError, BadInputError, QuarantinedError } from '../../core/errors.js';
import type { ApplicationKey } from '../../core/ids.js';
import { RISK_TIERS, faultsOf } from '../../core/release/index.js';
import { isJudge } from '../../core/score/index.js';
import type { Candidate } from '../../schema/release.js';
import type { ApplicationDoc, BundleDoc, DatasetDoc, EnvironmentDoc, EvaluationPlan, JudgeStanding, PolicyDoc } from '../../store/index.js';
import type { Context } from '../context.js';
import { insertBundle } from './bundle-parts.js';
import { present } from './pages.js';

/** What a release or an evaluation is pinned to, all of it by digest. */
export interface Pins { readonly policy: PolicyDoc; readonly dataset: EvaluationPlan['dataset']; /** Attacks in that dataset. */ readonly adversarial: number; readonly evaluators: EvaluationPlan['evaluators'] }

/** The newest versions of the policy, of its dataset and of its evaluators. @throws NotFoundError that names what is missing */
export async function pinsOf({ deps }: Context, application: ApplicationKey, policyName: string): Promise<Pins> {
  const policy = present(await deps.policies.find(application, policyName, 'latest'), 'policy', policyName);
  const { evaluation } = policy.policy;
  const [dataset, evaluators] = await Promise.all([datasetOf(deps, application, evaluation.dataset), Promise.all(evaluation.evaluators.map(async ({ name, role, margin, floor, mustPass }) => {
    const { version, digest, spec } = present(await deps.evaluators.find(application, name, 'latest'), 'evaluator', name);
    const standing = isJudge(spec) ? await standingOf(deps, application, digest) : null;
    return { name, version, digest, role, margin, floor, ...(mustPass === undefined ? {} : { mustPass }), ...(standing === null ? {} : { standing }) };
  }))]);
  return { policy, dataset: { name: dataset.name, version: dataset.version, digest: dataset.digest, items: dataset.items }, adversarial: dataset.adversarial ?? 0, evaluators };
}

/** What the judge's newest calibration lets it decide; null where that is nothing. */
async function standingOf({ calibrations }: Context['deps'], application: ApplicationKey, digest: string): Promise<JudgeStanding | null> {
  const newest = await calibrations.newest(application, digest);
  if (newest?.qualification?.mayFail !== true) return null;
  const { mayPass, mayFail, of } = newest.qualification;
  return { calibration: newest._id, model: of.model, mayPass, mayFail };
}

export const datasetOf = async ({ datasets }: Pick<Context['deps'], 'datasets'>, application: ApplicationKey, name: string): Promise<DatasetDoc> =>
  present(await datasets.find(application, name, 'latest'), 'dataset', name);

/**
 * The bundle that is meant: itself, or the environment's stable with one prompt replaced. Where nothing is stable yet, the prompt with the
 * application's only model.
 */
export async function candidateOf(context: Context, application: ApplicationKey, environment: EnvironmentDoc | null, candidate: Candidate): Promise<BundleDoc> {
  if (candidate.kind === 'bundle') return present(await context.loaders.bundle(application, candidate.bundle), 'bundle', candidate.bundle);
  const prompt = { name: candidate.prompt, version: candidate.version };
  const stable = environment?.split?.stable;
  if (stable !== undefined) return insertBundle(context, application, { prompts: [prompt] }, present(await context.loaders.content(application, stable), 'bundle', stable));
  const models = await context.deps.bundles.models(application);
  const [model] = models;
  if (model === undefined || models.length > 1) {
    throw new BadInputError(
      `candidate: nothing is stable here yet, and ${application} has ${models.length === 0 ? 'no model' : `${models.length} models (${models.map(({ name }) => name).join(', ')})`}; a prompt alone makes no bundle.`,
      models.length === 0 ? 'Register a model first: createModelVersion.' : 'Make a bundle that names its model, and give its digest: createBundle.');
  }
  return insertBundle(context, application, { prompts: [prompt], model: { name: model.name, version: model.version } }, null);
}

/** Where nothing is stable there is no baseline, and floors alone can judge. */
export function assertHasFloor(environment: EnvironmentDoc | null, { policy }: Pins): void {
  if (environment?.split?.stable !== undefined || policy.policy.evaluation.evaluators.some(({ role, floor }) => role === 'guardrail' && floor !== null)) return;
  throw new BadInputError(
    `Policy ${policy.name}: nothing is stable here yet, so there is no baseline to compare with, and no guardrail evaluator has a floor.`,
    'Give one a floor and put the policy again: evaluators: [ { name: exact, floor: 0.9 } ].');
}

/** Models of both arms that have no price, where a metric asks what they cost: known from here on, not when the policy was put. */
export async function unpricedOf(context: Context, { policy }: Pins, bundle: BundleDoc, environment: EnvironmentDoc | null): Promise<readonly string[]> {
  if (!policy.policy.metrics.some(({ from }) => from === 'cost')) return [];
  const stable = environment?.split?.stable;
  const arms = await Promise.all([bundle.digest, ...(stable === undefined ? [] : [stable])].map(async (digest) => {
    const content = present(await context.loaders.content(bundle.application, digest), 'bundle', digest);
    return content.model === null ? [`${digest} (no model)`] : content.model.priceUsdPerMTok === null ? [`${content.model.name}/${content.model.version}`] : [];
  }));
  return [...new Set(arms.flat())];
}

/** A policy was checked when it was put; the world may have changed since. */
export function assertPolicyHolds(application: ApplicationDoc, { policy, dataset, adversarial }: Pins, bundle: BundleDoc, unpriced: readonly string[]): void {
  if (RISK_TIERS.indexOf(policy.policy.tier) < RISK_TIERS.indexOf(application.tier)) {
    throw new ConflictError(`Policy ${policy.name} was put for tier ${policy.policy.tier}; ${application._id} is of tier ${application.tier} now.`, 'Put the policy again: it takes the floors of the tier.');
  }
  if (bundle.floatingModel && (application.tier === 'HIGH' || policy.policy.floatingModels === 'refuse')) {
    throw new BadInputError(`The model of ${bundle.digest} is a floating alias, which ${application.tier === 'HIGH' ? 'tier HIGH' : `policy ${policy.name}`} refuses.`, 'Register a dated version of the model: createModelVersion.');
  }
  const faults = faultsOf(policy.policy, { datasetItems: dataset.items, adversarialItems: adversarial, floatingModel: bundle.floatingModel, unpriced });
  if (faults.length > 0) throw new BadInputError(`Policy ${policy.name}: ${faults.join(' ')}`, unpriced.length > 0 && faults.length === 1 ? 'Register the model with its price: createModelVersion, priceUsdPerMTok.' : 'Put the policy again, or import a larger dataset.');
}

/** Early, in words; the environment's own filter decides again. */
export function assertMayEnter(environment: EnvironmentDoc | null, { digest, contents }: BundleDoc): void {
  if (environment === null) return;
  const bar = environment.quarantine.find((entry) => entry.digest === digest || entry.contents === contents);
  if (bar !== undefined) throw new QuarantinedError(`${digest} was taken back in ${environment._id} by ${bar.release}: ${bar.reason}`);
  if (environment.split?.stable === digest) throw new ConflictError(`${digest} is already stable in ${environment._id}.`, 'There is nothing to release.');
}
