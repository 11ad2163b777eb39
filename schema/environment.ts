import { z } from 'zod';
import { application, bundleDigest, idempotencyKey, name, reason } from './terms.js';

/** With a reason the present bundle is quarantined. */
export const RollbackEnvironmentInput = z.strictObject({ application, environment: name, reason: reason.optional(), idempotencyKey });
export type RollbackEnvironmentInput = z.output<typeof RollbackEnvironmentInput>;
export const LiftQuarantineInput = z.strictObject({ application, environment: name, digest: bundleDigest, reason, idempotencyKey });
export type LiftQuarantineInput = z.output<typeof LiftQuarantineInput>;
