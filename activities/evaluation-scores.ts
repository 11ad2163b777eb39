/** Scores of some cases: looked up, computed, or asked of a judge; each under the digest of its evaluator version, so that none is made twice. */
import { answerId, scoreId } from '../core/results/index.js';
import type { EvaluatorSpec, JudgeSpec, ScoreResult } from '../core/score/index.js';
import type { BundleContent, DatasetItemDoc, ScoreDoc } from '../store/index.js';
import type { ActivityDeps } from './deps.js';
import type { Answer } from './evaluation-answer.js';
import { judgeScore, type Seats } from './evaluation-judge.js';
import type { Purse } from './evaluation-purse.js';
import type { CallDeps, Seat } from './provider-call.js';

export interface Arm { readonly name: 'candidate' | 'baseline'; readonly content: BundleContent }
export interface Used { readonly name: string; readonly digest: string; readonly spec: EvaluatorSpec }
/** What is scored: all evaluators on the arms' answers to some cases. */
export interface Scored { readonly used: readonly Used[]; readonly arms: readonly Arm[]; readonly items: readonly DatasetItemDoc[]; readonly repetitions: number; readonly seats: Seats }

/** One value to be found: an answer, what it stands beside, and the evaluator. */
interface Wanted { readonly evaluator: Used; readonly item: DatasetItemDoc; readonly answer: Answer; readonly other: Answer | null; readonly repetitions: readonly (string | null)[] }
type Made = Omit<ScoreDoc, 'shape' | 'at' | 'expiresAt'>;

/**
 * By score id; without those the budget did not reach. An answer that is an error has no score: `null`, which counts. An error that was
 * stored is made again.
 */
export async function scoresOf(deps: CallDeps & Pick<ActivityDeps, 'evaluations' | 'score' | 'newId'>, scored: Scored, answers: ReadonlyMap<string, Answer>, keepSec: number, purse: Purse,
  eachOf: <T>(all: readonly T[], work: (one: T) => Promise<void>) => Promise<void>): Promise<ReadonlyMap<string, number | null>> {
  const { arms, seats } = scored;
  const application = arms[0]?.content.application ?? '';
  const wanted = wantedOf(scored, answers);
  const scores = new Map<string, number | null>();
  const reusable = [...wanted].filter(([, { answer }]) => answer.error === null).map(([id]) => id);
  for (const stored of await deps.evaluations.scores(application, reusable)) if (stored.error === null) scores.set(stored._id, stored.value);
  const made: Made[] = [];
  await eachOf([...wanted].filter(([id]) => !scores.has(id)), async ([id, one]) => {
    const seat = seats.get(one.evaluator.digest);
    const outcome = await outcomeOf(one, seat);
    if (outcome === null) return;
    scores.set(id, 'error' in outcome ? null : outcome.value);
    const doc = docOf(id, application, outcome);
    // What was paid for is written at once. What was compared with an error is not kept: that answer is asked again, and may then agree.
    if (seat !== undefined) await deps.evaluations.saveScores([doc], keepSec);
    else if (one.evaluator.spec.kind !== 'consistency' || !one.repetitions.includes(null)) made.push(doc);
  });
  if (made.length > 0) await deps.evaluations.saveScores(made, keepSec);
  return scores;

  async function outcomeOf({ evaluator: { spec }, item: { item }, answer, other, repetitions }: Wanted, seat: Seat | undefined): Promise<ScoreResult | null> {
    if (answer.text === null) return { error: answer.error ?? 'no answer' };
    if (seat !== undefined) {
      if (spec.kind === 'pairwise' && other !== null && other.text === null) return { error: `the other arm: ${other.error ?? 'no answer'}` };
      return judgeScore(deps, spec as JudgeSpec, seat, { item, answer: answer.text, other: other?.text ?? null }, purse);
    }
    const { text, durationMs, costUsd, finishReason } = answer;
    return deps.score(spec, { text, durationMs, costUsd, finishReason }, item, { repetitions });
  }
}

/** By id, each once; those whose answers the budget did not reach are left out. */
function wantedOf({ used, arms, items, repetitions }: Scored, answers: ReadonlyMap<string, Answer>): ReadonlyMap<string, Wanted> {
  const wanted = new Map<string, Wanted>();
  for (const item of items) {
    const answersOf = ({ content }: Arm): readonly (Answer | undefined)[] => Array.from({ length: repetitions }, (_, repetition) => answers.get(answerId(content.application, content.digest, item.itemDigest, repetition)));
    for (const arm of arms) {
      const own = answersOf(arm);
      const others = arms.find((one) => one !== arm);
      const theirs = others === undefined ? [] : answersOf(others);
      for (const evaluator of used) {
        for (const [repetition, answer] of own.entries()) {
          const isPair = evaluator.spec.kind === 'pairwise';
          // The first arm is the candidate, and a pair is judged from its side.
          const id = scoreId(evaluator, arms, arm, item, repetition, repetitions);
          if (answer === undefined || wanted.has(id) || (isPair && others !== undefined && theirs[repetition] === undefined)) continue;
          const siblings = own.filter((_, index) => index !== repetition);
          if (evaluator.spec.kind === 'consistency' && siblings.includes(undefined)) continue;
          wanted.set(id, { evaluator, item, answer, other: isPair ? theirs[repetition] ?? null : null, repetitions: siblings.map((one) => one?.text ?? null) });
        }
      }
    }
  }
  return wanted;
}

function docOf(id: string, application: string, outcome: ScoreResult): Made {
  if ('error' in outcome) return { _id: id, application, value: null, error: outcome.error, label: null, explanation: null };
  return { _id: id, application, value: outcome.value, error: null, label: outcome.label ?? null, explanation: outcome.explanation ?? null };
}
