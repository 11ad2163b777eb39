import { jsonDepth } from './depth.js';
import { marksOf } from './judge.js';
import type { Winner } from '../stats/index.js';
import type { ScoreResult } from './types.js';

const JUDGEMENT_LENGTH_MAX = 64 * 1024;
const DEPTH_MAX = 8;
const REASON_LENGTH_MAX = 500;

/**
 * The JSON a judge wrote between the marks of its call. One block, each mark once, nothing after it; what stands before is thinking aloud.
 *
 * @returns the value, not yet of any shape; or why there is none. A name that is there twice is refused: which of the two was meant?
 */
export function judgementIn(text: string, nonce: string): { readonly value: unknown } | { readonly error: string } {
  if (text.length > JUDGEMENT_LENGTH_MAX) return { error: `the judge wrote more than ${JUDGEMENT_LENGTH_MAX} characters` };
  const { begin, end } = marksOf(nonce);
  const [before, inside, ...further] = text.split(begin);
  if (before === undefined || inside === undefined) return { error: 'the judge wrote no judgement' };
  const [json, after, ...more] = inside.split(end);
  if (further.length > 0 || more.length > 0 || before.includes(end)) return { error: 'the judge wrote more than one judgement' };
  if (json === undefined || after === undefined) return { error: 'the judgement has no end' };
  if (after.trim() !== '') return { error: 'the judge went on after its judgement' };
  if (jsonDepth(json, DEPTH_MAX) > DEPTH_MAX) return { error: 'the judgement is nested too deep' };
  let value: unknown;
  try { value = JSON.parse(json); } catch { return { error: 'the judgement is not JSON' }; }
  return namesWritten(json) === namesIn(value) ? { value } : { error: 'the judgement gives a name twice' };
}

/** Strings that a colon follows: the names of members. */
const namesWritten = (json: string): number => [...json.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g)].filter(([, colon]) => colon !== undefined).length;
const namesIn = (value: unknown): number =>
  (typeof value !== 'object' || value === null ? 0 : (Array.isArray(value) ? 0 : Object.keys(value).length) + Object.values(value).reduce<number>((sum, one) => sum + namesIn(one), 0));

/** What a judgement of each form says, once its shape has been read. */
export type Judgement =
  | { readonly form: 'passFail'; readonly score: 0 | 1; readonly reason: string }
  | { readonly form: 'oneToFive'; readonly score: 1 | 2 | 3 | 4 | 5; readonly reason: string }
  | { readonly form: 'winner'; readonly winner: Winner; readonly reason: string }
  | { readonly form: 'claims'; readonly claims: readonly { readonly claim: string; readonly supported: boolean }[] }
  | { readonly form: 'facts'; readonly correct: readonly string[]; readonly wrong: readonly string[]; readonly missing: readonly string[] };

/** A judgement as a score. A winner is seen from the first place. */
export function scoreOfJudgement(judgement: Judgement): ScoreResult {
  const reason = (text: string): { explanation?: string } => (text.trim() === '' ? {} : { explanation: text.trim().slice(0, REASON_LENGTH_MAX) });
  switch (judgement.form) {
    case 'passFail': return { value: judgement.score, label: judgement.score === 1 ? 'pass' : 'fail', ...reason(judgement.reason) };
    case 'oneToFive': return { value: (judgement.score - 1) / 4, label: `${judgement.score} of 5`, ...reason(judgement.reason) };
    case 'winner': return { value: judgement.winner === 'first' ? 1 : judgement.winner === 'second' ? 0 : 0.5, label: judgement.winner, ...reason(judgement.reason) };
    case 'claims': {
      const { claims } = judgement;
      if (claims.length === 0) return { value: 1, label: 'no statements', explanation: 'the answer states nothing' };
      const unsupported = claims.filter(({ supported }) => !supported);
      return { value: 1 - unsupported.length / claims.length, label: `${claims.length - unsupported.length} of ${claims.length}`, ...reason(unsupported.map(({ claim }) => `not supported: ${claim}`).join('; ')) };
    }
    case 'facts': {
      const [correct, wrong, missing] = [judgement.correct.length, judgement.wrong.length, judgement.missing.length];
      if (correct + wrong + missing === 0) return { error: 'the judge found no statement in answer and expected answer' };
      return {
        value: correct / (correct + (wrong + missing) / 2), label: `${correct} right, ${wrong} wrong, ${missing} missing`,
        ...reason([...judgement.wrong.map((one) => `wrong: ${one}`), ...judgement.missing.map((one) => `missing: ${one}`)].join('; ')),
      };
    }
  }
}

/**
 * Both orders of one pair as the candidate's score: 1 won, 0 lost, ½ a tie; orders that disagree are a tie. One that is an error makes the
 * pair an error. The baseline's score is what is left of 1.
 *
 * @param candidateFirst   who won where the candidate stood first, as the score of the first place
 * @param candidateSecond  who won where it stood second, as the score of the first place
 */
export function pairScore(candidateFirst: ScoreResult, candidateSecond: ScoreResult): ScoreResult {
  if ('error' in candidateFirst) return candidateFirst;
  if ('error' in candidateSecond) return candidateSecond;
  const [one, two] = [candidateFirst.value, 1 - candidateSecond.value];
  const explanation = { explanation: [candidateFirst.explanation, candidateSecond.explanation].filter((said) => said !== undefined).join(' / ').slice(0, 2 * REASON_LENGTH_MAX) };
  if (one !== two) return { value: 0.5, label: 'orders disagree', ...explanation };
  return { value: one, label: one === 1 ? 'won' : one === 0 ? 'lost' : 'tie', ...explanation };
}
