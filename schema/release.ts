import { z } from 'zod';
import { application, bundleDigest, id, idempotencyKey, name, probability, reason, share, term, text, unique, version } from './terms.js';

/** One of a bundle, or a prompt's version on top of what is stable. */
export const candidate = z.union([
  z.strictObject({ bundle: bundleDigest }).transform(({ bundle }) => ({ kind: 'bundle' as const, bundle })),
  z.strictObject({ prompt: name, version }).transform(({ prompt, version: number }) => ({ kind: 'prompt' as const, prompt, version: number })),
], { error: 'is either { bundle } with a digest, or { prompt, version }' });
export type Candidate = z.output<typeof candidate>;

const DAY_SEC = 86_400;
const difference = z.number().min(0).max(1);
const bp = z.int().min(1).max(10_000);
const evaluatorUse = z.strictObject({ name, role: z.enum(['guardrail', 'signal']).optional(), margin: difference.optional(), floor: share.optional(), mustPass: z.boolean().optional() });
const evaluation = z.strictObject({
  dataset: name, evaluators: z.array(evaluatorUse).min(1).max(20), margin: difference.optional(), repetitions: z.int().min(1).max(20).optional(),
  callsMax: z.int().min(1).max(1_000_000).optional(), spendMaxUsd: z.number().gt(0).max(1_000_000).optional(), ageMaxSec: z.int().min(60).max(365 * DAY_SEC).optional(), slices: z.array(z.string().min(1).max(100)).max(20).optional(),
});
/** Of a rate or a score a difference, of a mean a part of it or an amount: the kind decides, in `core/release`. */
const limit = z.number().min(0).max(1_000_000_000);
const metric = z.strictObject({
  name: term, from: z.string().min(1).max(100).optional(), role: z.enum(['guardrail', 'signal', 'observe']).optional(), kind: z.enum(['rate', 'score', 'mean']).optional(),
  maturityMs: z.int().min(0).max(DAY_SEC * 1_000).optional(), tolerance: limit.optional(), margin: limit.optional(), relative: z.boolean().optional(),
  objectiveMs: z.int().min(1).max(DAY_SEC * 1_000).optional(), cap: z.number().gt(0).max(1_000_000_000).optional(), share: share.optional(), excessWeight: z.number().min(0).max(100).optional(), missingAs: z.int().min(0).max(1).optional(),
});

/** What a caller may ask for. A misspelt limit must not mean "no limit"; whether the whole makes sense is `core/release`'s to say. */
export const PutRolloutPolicyInput = z.strictObject({
  application, name, evaluation,
  approvals: z.strictObject({ count: z.int().min(0).max(10).optional(), outsideTeam: z.int().min(0).max(10).optional(), expireSec: z.int().min(60).max(30 * DAY_SEC).optional() }).optional(),
  blockSec: z.int().min(1).max(3_600).optional(), leaseMs: z.int().min(5_000).max(600_000).optional(),
  alpha: z.strictObject({ harm: probability.optional(), promote: probability.optional() }).optional(), errorBudget: z.number().gt(0).max(1_000_000).optional(),
  stages: z.array(z.strictObject({ weightBp: bp, durationMinSec: z.int().min(0).max(7 * DAY_SEC), durationMaxSec: z.int().min(1).max(30 * DAY_SEC).optional() })).min(1).max(20).optional(),
  metrics: z.array(metric).min(1).max(20),
  bake: z.strictObject({ durationMinSec: z.int().min(0).max(30 * DAY_SEC).optional(), durationMaxSec: z.int().min(1).max(30 * DAY_SEC).optional(), holdbackBp: z.int().min(1).max(5_000).optional() }).optional(),
  pausedMaxSec: z.int().min(60).max(30 * DAY_SEC).optional(), floatingModels: z.enum(['allow', 'refuse']).optional(), aim: z.enum(['notWorse', 'better']).optional(),
  watchSec: z.int().min(0).max(30 * DAY_SEC).optional(), topline: z.array(z.strictObject({ metric: term, max: probability })).max(20).superRefine(unique((one) => one.metric, 'topline')).optional(), idempotencyKey,
});
export type PutRolloutPolicyInput = z.output<typeof PutRolloutPolicyInput>;

export const StartReleaseInput = z.strictObject({ application, environment: name, candidate, policy: name, message: text(2_000).default(''), idempotencyKey });
export type StartReleaseInput = z.output<typeof StartReleaseInput>;

const act = { id, idempotencyKey };
export const ApproveReleaseInput = z.strictObject({ ...act, comment: text(2_000).default('') });
export type ApproveReleaseInput = z.output<typeof ApproveReleaseInput>;
export const RejectReleaseInput = z.strictObject({ ...act, reason });
export type RejectReleaseInput = z.output<typeof RejectReleaseInput>;
export const PauseReleaseInput = z.strictObject({ ...act, reason });
export type PauseReleaseInput = z.output<typeof PauseReleaseInput>;
export const ResumeReleaseInput = z.strictObject({ ...act, reason });
export type ResumeReleaseInput = z.output<typeof ResumeReleaseInput>;
export const CancelReleaseInput = z.strictObject({ ...act, reason });
export type CancelReleaseInput = z.output<typeof CancelReleaseInput>;
export const AcknowledgeHoldInput = z.strictObject({ ...act, metric: term, cause: reason });
export type AcknowledgeHoldInput = z.output<typeof AcknowledgeHoldInput>;
/** With a reason it is for cause, and the bundle is quarantined. */
export const RollbackReleaseInput = z.strictObject({ ...act, reason: reason.optional() });
export type RollbackReleaseInput = z.output<typeof RollbackReleaseInput>;
