import { z } from 'zod';
import { application, idempotencyKey, name, version } from './terms.js';

/** Two showings of 2,000 pairs in both orders, and the attacks. */
const CALLS_MAX = 10_000;

export const CalibrateJudgeInput = z.strictObject({
  application, evaluator: name, version: version.optional(), dataset: name, datasetVersion: version.optional(),
  callsMax: z.int().min(1).max(CALLS_MAX).default(CALLS_MAX), spendMaxUsd: z.number().gt(0).max(1_000_000).optional(), idempotencyKey,
});
export type CalibrateJudgeInput = z.output<typeof CalibrateJudgeInput>;
