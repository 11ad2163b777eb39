import { isOpen, quorum, sentenceOfHold, sentenceOfState } from '../../core/release/index.js';
import type { ReleaseDoc } from '../../store/index.js';
import type { ReleaseEventResolvers, ReleaseResolvers, RolloutPolicyResolvers, Stage } from '../generated.js';
import { assignmentOfRelease, evidenceOfRelease, progressOfRelease } from './evidence.js';
import { exposureOf } from './exposure.js';
import { present } from './pages.js';
import { gatePlanOf, receiptsOf } from './release-receipts.js';

/** Every stage of the plan, and the bake after them. */
function stagesOf({ policy: { plan }, stage }: ReleaseDoc): readonly Stage[] {
  return plan.stages.map(({ weightBp, durationMinSec, durationMaxSec }, index) => ({ index, weightBp, durationMinSec, durationMaxSec, since: stage?.index === index ? stage.since : null }));
}

function stageOf(release: ReleaseDoc): Stage | null {
  const { stage, policy: { plan } } = release;
  if (stage === null) return null;
  const { durationMinSec, durationMaxSec } = plan.stages[stage.index] ?? plan.bake;
  return { index: stage.index, weightBp: stage.weightBp, durationMinSec, durationMaxSec, since: stage.since };
}

/** What holds it, in sentences; without a reason to hold what its state means. Nothing once it has ended. */
function waitingFor(release: ReleaseDoc): readonly string[] {
  const { state, holds, approvals, approvalsNeeded, policy, ownerTeam } = release;
  if (!isOpen(state)) return [];
  if (state === 'AWAITING_APPROVAL') {
    const { missing, missingOutside } = quorum({ approvals, plan: policy.plan.approvals, ownerTeam });
    if (missing === 0) return ['All approvals are given; it is about to go on.'];
    return [`It waits for ${missing} more of ${approvalsNeeded} approvals${missingOutside > 0 ? `, ${missingOutside} of them from outside team ${ownerTeam}` : ''}.`];
  }
  return holds.length > 0 ? holds.map(sentenceOfHold) : [sentenceOfState(state)];
}

export const releaseFields = {
  id: ({ _id }) => _id,
  candidate: async ({ application, candidate }, _args, { loaders }) => present(await loaders.bundle(application, candidate), 'bundle', candidate),
  policy: ({ application, policy: { name, version } }, _args, { deps }) => (version === 0 ? null : deps.policies.find(application, name, version)),
  evaluation: ({ evaluation }, _args, { deps }) => (evaluation === null ? null : deps.evaluations.find(evaluation)),
  ticket: ({ ticket }) => ticket?.evaluation ?? null,
  stages: stagesOf,
  stage: stageOf,
  waitingFor,
  evidence: (release, _args, context) => evidenceOfRelease(release, context),
  assignment: (release, _args, context) => assignmentOfRelease(release, context),
  progress: (release, _args, context) => progressOfRelease(release, context),
  gatePlan: gatePlanOf,
  receipts: receiptsOf,
  exposure: (release, _args, { deps }) => exposureOf(release, deps),
  timeline: ({ _id, timeline }, { since }) => timeline.filter(({ seq }) => seq > (since ?? 0)).map((entry) => ({ release: _id, entry })),
} satisfies ReleaseResolvers;

export const releaseEventFields = {
  seq: ({ entry }) => entry.seq, type: ({ entry }) => entry.type, at: ({ entry }) => entry.at, state: ({ entry }) => entry.state,
  actor: ({ entry }) => entry.actor, reason: ({ entry }) => entry.reason ?? null, data: ({ entry }) => entry.data ?? null,
} satisfies ReleaseEventResolvers;

export const rolloutPolicyFields = { id: ({ _id }) => _id, tier: ({ policy }) => policy.tier } satisfies RolloutPolicyResolvers;
