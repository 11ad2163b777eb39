import { z } from 'zod';
import { PII_KINDS } from '../core/score/index.js';
import { ROW_OUTCOMES } from '../core/results/index.js';
import { application, filled, id, idempotencyKey, json, name, reason, text, unique, version } from './terms.js';
import { candidate } from './release.js';

const common = { application, name, idempotencyKey };
const flags = { ignoreCase: z.boolean().optional(), trim: z.boolean().optional() };
const threshold = z.number().gt(0).max(1).optional();
const variable = z.string().min(1).max(64);
/** A limit at or below the target would leave nothing between them. */
const above = <K extends string>(target: K, limit: string) => (input: Readonly<Record<K, number>> & Readonly<Record<string, unknown>>, context: z.RefinementCtx): void => {
  const most = input[limit];
  if (typeof most === 'number' && most <= input[target]) context.addIssue({ code: 'custom', path: [limit], message: `lies above ${target}` });
};
const judge = z.strictObject({ model: name, version: version.optional() });
const judged = { judge, rubric: filled(20_000), reference: z.boolean().default(false), variables: z.array(variable).min(1).max(100).superRefine(unique((one) => one, 'variable')).optional() };

/** Each kind takes its own settings and no others: one that would be ignored is refused. */
export const CreateEvaluatorVersionInput = z.discriminatedUnion('kind', [
  z.strictObject({ ...common, kind: z.literal('exact'), ...flags }),
  z.strictObject({ ...common, kind: z.literal('contains'), ignoreCase: flags.ignoreCase, mode: z.enum(['all', 'any']).default('all') }),
  z.strictObject({ ...common, kind: z.literal('regex'), pattern: filled(1_000) }),
  z.strictObject({ ...common, kind: z.literal('jsonSchema'), schema: json }),
  z.strictObject({
    ...common, kind: z.literal('numeric'), reads: z.enum(['only', 'first', 'last']).default('only'), decimal: z.enum(['point', 'comma']).default('point'),
    absolute: z.number().min(0).max(1e300).optional(), relative: z.number().min(0).lt(1).optional(),
  }),
  z.strictObject({ ...common, kind: z.literal('rougeL'), threshold }),
  z.strictObject({ ...common, kind: z.literal('bleu'), threshold }),
  z.strictObject({ ...common, kind: z.literal('editDistance'), ...flags, threshold }),
  z.strictObject({ ...common, kind: z.literal('latency'), targetMs: z.number().gt(0).max(86_400_000), limitMs: z.number().gt(0).max(86_400_000).optional() }).superRefine(above('targetMs', 'limitMs')),
  z.strictObject({ ...common, kind: z.literal('cost'), targetUsd: z.number().gt(0).max(1_000_000), limitUsd: z.number().gt(0).max(1_000_000).optional() }).superRefine(above('targetUsd', 'limitUsd')),
  z.strictObject({ ...common, kind: z.literal('toolCalls') }),
  z.strictObject({ ...common, kind: z.literal('refusal'), wants: z.enum(['answer', 'refusal']) }),
  z.strictObject({ ...common, kind: z.literal('pii'), detect: z.array(z.enum(PII_KINDS)).min(1).max(PII_KINDS.length).superRefine(unique((one) => one, 'kind')).default([...PII_KINDS]) }),
  z.strictObject({ ...common, kind: z.literal('semantic'), threshold }),
  z.strictObject({ ...common, kind: z.literal('consistency'), by: z.enum(['text', 'meaning']).default('text'), threshold }).superRefine((input, context) => {
    if (input.by === 'text' && input.threshold !== undefined) context.addIssue({ code: 'custom', path: ['threshold'], message: 'says nothing where texts are compared as they are' });
  }),
  z.strictObject({ ...common, kind: z.literal('llmJudge'), ...judged, scale: z.enum(['passFail', 'oneToFive']) }),
  z.strictObject({ ...common, kind: z.literal('pairwise'), ...judged }),
  z.strictObject({ ...common, kind: z.literal('contextRelevance'), judge, question: variable, context: variable }),
  z.strictObject({ ...common, kind: z.literal('faithfulness'), judge, question: variable, context: variable }),
  z.strictObject({ ...common, kind: z.literal('answerCorrectness'), judge, question: variable }),
]);
export type CreateEvaluatorVersionInput = z.output<typeof CreateEvaluatorVersionInput>;

/** `commit` is for the record of a pull request; the same commit and content under the same key is the same evaluation. */
export const StartEvaluationInput = z.strictObject({ application, environment: name, candidate, policy: name, commit: filled(100).optional(), idempotencyKey });
export type StartEvaluationInput = z.output<typeof StartEvaluationInput>;

export const CancelEvaluationInput = z.strictObject({ id, reason, idempotencyKey });
export type CancelEvaluationInput = z.output<typeof CancelEvaluationInput>;

/** Of `Evaluation.rows`. The cursor is the place of the last row seen. */
export const RowsArguments = z.strictObject({
  filter: z.strictObject({ evaluator: name.optional(), outcome: z.enum(ROW_OUTCOMES).optional(), tag: text(200).optional() }).default({}),
  order: z.enum(['ASKED', 'WORST']).default('ASKED'), first: z.int().min(1).max(100), after: z.string().regex(/^\d{1,9}$/, 'is the cursor of a page').transform(Number).default(0),
});
export type RowsArguments = z.output<typeof RowsArguments>;
