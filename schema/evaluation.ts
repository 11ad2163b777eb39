import { z } from 'zod';
import { application, filled, id, idempotencyKey, json, name, reason } from './terms.js';
import { candidate } from './release.js';

const common = { application, name, idempotencyKey };
const flags = { ignoreCase: z.boolean().optional(), trim: z.boolean().optional() };
/** Each kind takes its own settings and no others: one that would be ignored is refused. */
export const CreateEvaluatorVersionInput = z.discriminatedUnion('kind', [
  z.strictObject({ ...common, kind: z.literal('exact'), ...flags }),
  z.strictObject({ ...common, kind: z.literal('contains'), ignoreCase: flags.ignoreCase, mode: z.enum(['all', 'any']).default('all') }),
  z.strictObject({ ...common, kind: z.literal('regex'), pattern: filled(1_000) }),
  z.strictObject({ ...common, kind: z.literal('jsonSchema'), schema: json }),
  z.strictObject({ ...common, kind: z.literal('semantic'), threshold: z.number().gt(0).max(1).optional() }),
]);
export type CreateEvaluatorVersionInput = z.output<typeof CreateEvaluatorVersionInput>;

/** `commit` is for the record of a pull request; the same commit and content under the same key is the same evaluation. */
export const StartEvaluationInput = z.strictObject({ application, environment: name, candidate, policy: name, commit: filled(100).optional(), idempotencyKey });
export type StartEvaluationInput = z.output<typeof StartEvaluationInput>;

export const CancelEvaluationInput = z.strictObject({ id, reason, idempotencyKey });
export type CancelEvaluationInput = z.output<typeof CancelEvaluationInput>;
