import { z } from 'zod';
import { PII_KINDS, type PiiKind } from '../core/score/index.js';
import { money, objective } from './manifest-units.js';

/** The evaluators of a `slipway.yaml`: the same kinds and settings as `createEvaluatorVersion`, in the words of the file. */

const name = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'a name is lower-case letters, digits and dashes, beginning with a letter');
const text = (max: number) => z.string().min(1).max(max);
const threshold = z.number().gt(0).max(1).optional();
const ignoreCase = z.boolean().optional();
const trim = z.boolean().optional();
const variable = text(64);
/** The version too: another judge is another evaluator, and nobody should become one by a file that has not changed. */
const judge = z.strictObject({ model: name, version: z.int().min(1).max(1_000_000_000) });
const judged = { judge, rubric: text(20_000), reference: z.boolean().optional(), variables: z.array(variable).min(1).max(100).optional() };

const kind = <Kind extends string, Shape extends z.ZodRawShape>(word: Kind, shape: Shape) => z.strictObject({ evaluator: name, kind: z.literal(word), ...shape });
/** As it is written. */
export const ManifestEvaluator = z.discriminatedUnion('kind', [
  kind('exact', { ignoreCase, trim }),
  kind('contains', { mode: z.enum(['all', 'any']), ignoreCase }),
  kind('regex', { pattern: text(1_000) }),
  kind('json-schema', { schema: z.record(z.string(), z.json()) }),
  kind('numeric', { reads: z.enum(['only', 'first', 'last']).default('only'), decimal: z.enum(['point', 'comma']).default('point'), absolute: z.number().min(0).max(1e300).optional(), relative: z.number().min(0).lt(1).optional() }),
  kind('rouge-l', { threshold }),
  kind('bleu', { threshold }),
  kind('edit-distance', { ignoreCase, trim, threshold }),
  kind('latency', { target: objective, limit: objective.optional() }),
  kind('cost', { target: money, limit: money.optional() }),
  kind('tool-calls', {}),
  kind('refusal', { wants: z.enum(['answer', 'refusal']) }),
  kind('pii', { detect: z.array(z.enum(PII_KINDS)).min(1).max(PII_KINDS.length).default((): PiiKind[] => [...PII_KINDS]) }),
  kind('semantic', { threshold }),
  kind('consistency', { by: z.enum(['text', 'meaning']).default('text'), threshold }),
  kind('llm-judge', { ...judged, scale: z.enum(['pass-fail', 'one-to-five']) }),
  kind('pairwise', judged),
  kind('context-relevance', { judge, question: variable, context: variable }),
  kind('faithfulness', { judge, question: variable, context: variable }),
  kind('answer-correctness', { judge, question: variable }),
]);
export type ManifestEvaluator = z.output<typeof ManifestEvaluator>;

/** Settings whose values are words of an enum. */
export const WORDS_OF_EVALUATORS = ['mode', 'reads', 'decimal', 'wants', 'detect', 'by', 'scale'] as const;
const WORDS: readonly string[] = WORDS_OF_EVALUATORS;
const shouted = (word: string): string => word.toUpperCase().replaceAll('-', '_');

/** As the API takes it. A target is in milliseconds or dollars there, and says so in its name. */
export function evaluatorInput({ evaluator, kind: word, ...settings }: ManifestEvaluator): { readonly name: string; readonly kind: string } & Readonly<Record<string, unknown>> {
  const unit = word === 'latency' ? 'Ms' : 'Usd';
  const entries = Object.entries(settings as Readonly<Record<string, unknown>>).filter(([, value]) => value !== undefined).map(([key, value]): [string, unknown] => {
    if (WORDS.includes(key)) return [key, Array.isArray(value) ? value.map((one) => shouted(String(one))) : shouted(String(value))];
    return [key === 'target' || key === 'limit' ? `${key}${unit}` : key, value];
  });
  return { name: evaluator, kind: shouted(word), ...Object.fromEntries(entries) };
}
