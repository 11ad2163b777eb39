import { z } from 'zod';
import { judgementIn, type Judgement, type JudgementForm } from '../core/score/index.js';

/** What a judge writes. Every member is asked for, none may be more, no number is rounded and no word is guessed. */
const reason = z.string().max(10_000);
const statements = z.array(z.string().min(1).max(5_000)).max(200);
const SHAPES = {
  passFail: z.strictObject({ reason, score: z.union([z.literal(0), z.literal(1)]) }),
  oneToFive: z.strictObject({ reason, score: z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4), z.literal(5)]) }),
  winner: z.strictObject({ reason, winner: z.enum(['first', 'second', 'tie']) }),
  claims: z.strictObject({ claims: z.array(z.strictObject({ claim: z.string().min(1).max(5_000), supported: z.boolean() })).max(200) }),
  facts: z.strictObject({ correct: statements, wrong: statements, missing: statements }),
} as const satisfies Record<JudgementForm, z.ZodType>;

/**
 * A judge's text as a judgement.
 *
 * @returns the judgement, or why it is none: prose, another call's marks, a level that does not exist, a member too many. Never a guess
 */
export function readJudgement(form: JudgementForm, text: string, nonce: string): Judgement | { readonly error: string } {
  const found = judgementIn(text, nonce);
  if ('error' in found) return found;
  const read = SHAPES[form].safeParse(found.value);
  if (read.success) return { form, ...read.data } as Judgement;
  const [issue] = read.error.issues;
  return { error: `the judgement is not of the form asked for: ${issue === undefined || issue.path.length === 0 ? 'it' : issue.path.map(String).join('.')}: ${issue?.message ?? 'unreadable'}`.slice(0, 300) };
}
