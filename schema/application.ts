import { z } from 'zod';
import { application, filled, id, idempotencyKey, name, reason, unique } from './terms.js';

const environment = z.strictObject({ name, protected: z.boolean().optional() })
  .transform(({ name: named, protected: isProtected }) => ({ name: named, protected: isProtected ?? named === 'production' }));

/** `production` is protected unless the input says otherwise. */
export const CreateApplicationInput = z.strictObject({
  key: application, team: filled(100), owner: filled(100), deputy: filled(100), tier: z.enum(['LOW', 'LIMITED', 'HIGH']), purpose: filled(2_000),
  environments: z.array(environment).min(1).max(20).superRefine(unique((one) => one.name, 'environment')), idempotencyKey,
});
export type CreateApplicationInput = z.output<typeof CreateApplicationInput>;

const common = { application, name: filled(100), idempotencyKey };
/** A key of an application names its environment and scopes; one for CI neither; a session names a person and lives 8 h. */
export const CreateApiKeyInput = z.discriminatedUnion('kind', [
  z.strictObject({
    ...common, kind: z.literal('ap'), environment: name, scopes: z.array(z.enum(['serve', 'ingest', 'feedback'])).min(1).max(3).superRefine(unique((one) => one, 'scope')),
    lifeDays: z.int().min(1).max(365).default(90),
  }),
  z.strictObject({ ...common, kind: z.literal('ci'), lifeDays: z.int().min(1).max(365).default(90) }),
  z.strictObject({ ...common, kind: z.literal('st') }),
]);
export type CreateApiKeyInput = z.output<typeof CreateApiKeyInput>;

export const RevokeApiKeyInput = z.strictObject({ application, id, reason, idempotencyKey });
export type RevokeApiKeyInput = z.output<typeof RevokeApiKeyInput>;
