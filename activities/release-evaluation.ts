import { activityInfo } from '@temporalio/activity';
import { sentenceOfBreach } from '../core/gate/index.js';
import { evaluationPlanOf } from '../core/release/index.js';
import type { EvaluationDoc, EvaluationPlan, ReleaseDoc } from '../store/index.js';
import { intentOf } from './deps.js';
import type { ActivityDeps, ReleaseAt } from './deps.js';
import { final, undecided } from './failure.js';

export interface JoinEvaluation { readonly at: ReleaseAt; /** Of the entry that tells the outcome. */ readonly id: string }
export type Evaluated = { readonly kind: 'PASS' } | { readonly kind: 'FAIL' | 'INCONCLUSIVE' | 'FAILED' | 'CANCELLED'; readonly reason: string };

const POLL_MS = 1_000;
/** Polls between two looks whether the workflow of a running evaluation is still there. */
const HEAL_EVERY = 30;

export function createReleaseEvaluationActivities({ releases, evaluations, environments, orders, digest, newId }: Pick<ActivityDeps, 'releases' | 'evaluations' | 'environments' | 'orders' | 'digest' | 'newId'>) {
  return {
    /**
     * The verdict for exactly this release's digests: one that stands is used, one that runs is joined, else one is started. Safe to run
     * twice: the same content is the same evaluation, whoever pays for it. Undecided while it runs.
     */
    async joinEvaluation({ at, id }: JoinEvaluation): Promise<Evaluated> {
      const release = await releases.find(at.release);
      if (release?.baseline == null) throw final('NOT_FOUND', `Release ${at.release} was never opened.`);
      const plan: EvaluationPlan = evaluationPlanOf({ bundle: release.candidate, baseline: release.baseline, dataset: release.dataset, evaluators: release.evaluators, policy: release.policy }, digest);
      const identity = digest(plan);
      const [newest] = await evaluations.byIdentity(at.application, identity);
      const now = await environments.now();
      const next = nextOf(release, newest ?? null, now);
      if (next.kind === 'use') return conclude(release, at, id, next.evaluation);
      const start = (attempt: number): Promise<unknown> => orders.startEvaluation({
        evaluation: newId(), application: at.application, identity, attempt, requestedBy: release.requestedBy, plan, answersKeepSec: release.policy.plan.evaluation.ageMaxSec,
        once: { key: `slipway:workflow|startEvaluation|${at.release}/${attempt}`, args: identity },
      });
      if (next.kind === 'start') {
        await start(next.attempt);
        throw undecided('The evaluation has been started.', POLL_MS);
      }
      const running = next.evaluation;
      // One whose workflow was lost is carried on by the next who asks for it; where it runs, this joins it and changes nothing.
      if (activityInfo().attempt % HEAL_EVERY === 0) await start(running.attempt);
      if (release.evaluation !== running._id) await releases.annotate(at.release, null, { evaluation: running._id }, null);
      throw undecided(`Evaluation ${running._id}: ${running.progress.items} of ${running.progress.itemsTotal} cases.`, POLL_MS);
    },
  };

  async function conclude(release: ReleaseDoc, at: ReleaseAt, id: string, evaluation: EvaluationDoc): Promise<Evaluated> {
    const { plan, verdict, finishedAt } = evaluation;
    const actor = release.requestedBy;
    const kind = verdict?.kind ?? (evaluation.state === 'CANCELLED' ? 'CANCELLED' : 'FAILED');
    const ticket = kind === 'PASS' && finishedAt !== null ? {
      evaluation: evaluation._id, bundle: plan.bundle, baseline: plan.baseline, datasetDigest: plan.dataset.digest, evaluatorDigests: plan.evaluators.map((one) => one.digest),
      policyDigest: plan.policy.digest, verdict: kind, finishedAt,
    } : null;
    await releases.annotate(at.release, { id, type: 'release.evaluated', actor, data: { evaluation: evaluation._id, verdict: kind } }, { evaluation: evaluation._id, ticket },
      intentOf(at.application, id, 'release.evaluated', actor, at.release, kind));
    if (ticket !== null) return { kind: 'PASS' };
    return { kind: kind === 'PASS' ? 'FAILED' : kind, reason: sentence(evaluation) };
  }
}

type NextEvaluation = { readonly kind: 'use' | 'wait'; readonly evaluation: EvaluationDoc } | { readonly kind: 'start'; readonly attempt: number };

/**
 * PASS and FAIL are reused, a PASS while it is young enough. What ended otherwise before this release began is tried again; what ended so
 * since is this release's answer.
 */
function nextOf({ createdAt, policy }: ReleaseDoc, newest: EvaluationDoc | null, now: Date): NextEvaluation {
  if (newest === null) return { kind: 'start', attempt: 1 };
  if (newest.state === 'RUNNING') return { kind: 'wait', evaluation: newest };
  const ageSec = newest.finishedAt === null ? Number.POSITIVE_INFINITY : (now.getTime() - newest.finishedAt.getTime()) / 1_000;
  const again: NextEvaluation = { kind: 'start', attempt: newest.attempt + 1 };
  if (newest.verdict?.kind === 'PASS') return ageSec <= policy.plan.evaluation.ageMaxSec ? { kind: 'use', evaluation: newest } : again;
  if (newest.verdict?.kind === 'FAIL') return { kind: 'use', evaluation: newest };
  return newest.createdAt.getTime() < createdAt.getTime() ? again : { kind: 'use', evaluation: newest };
}

function sentence({ _id, verdict, error, state }: EvaluationDoc): string {
  if (verdict?.kind === 'FAIL') return `Evaluation ${_id} failed: ${verdict.breaches.map(sentenceOfBreach).join('; ')}.`;
  if (verdict?.kind === 'INCONCLUSIVE') return `Evaluation ${_id} is inconclusive: ${verdict.holds.join(', ')}.`;
  return state === 'CANCELLED' ? `Evaluation ${_id} was cancelled.` : `Evaluation ${_id} could not run: ${error ?? 'unknown'}`;
}
