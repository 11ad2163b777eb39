/** Scores of some cases: looked up, computed, or asked of a judge; each under the digest of its evaluator version, so that none is made twice. */
import { answerId, scoreId } from '../core/results/index.js';
import type { JudgeSpec, ScoreResult } from '../core/score/index.js';
import type { DatasetItemDoc, ScoreDoc } from '../store/index.js';
import type { Answer } from './evaluation-answer.js';
import { allOf, type Arm, type Asking, type Used } from './evaluation-asking.js';
import { judgeScore, type JudgeOutcome } from './evaluation-judge.js';
import type { Seat } from './provider-call.js';

/** One case to be scored: its answers, what is stored of its scores, and which answers were not there before. */
interface Scored { readonly item: DatasetItemDoc; readonly page: number; readonly answers: ReadonlyMap<string, Answer>; readonly stored: ReadonlyMap<string, ScoreDoc>; readonly fresh: ReadonlySet<string> }

/** One value to be found: an answer, what it stands beside, and the evaluator. */
interface Wanted { readonly evaluator: Used; readonly answer: Answer; readonly other: Answer | null; readonly repetitions: readonly (string | null)[]; /** All answers it depends on. */ readonly of: readonly Answer[] }
type Made = Omit<ScoreDoc, 'shape' | 'at' | 'expiresAt'>;

/**
 * By score id; without those the budget did not reach. An answer that is an error has no score: `null`, which counts. A score that was
 * stored as an error is made again, and so is one of an answer that has been asked for anew.
 */
export async function scoresOf({ deps, arms, used, seats, repetitions, keepSec, purse, gate, recent }: Asking, { item, page, answers, stored, fresh }: Scored): Promise<ReadonlyMap<string, number | null>> {
  const application = arms[0]?.content.application ?? '';
  const scores = new Map<string, number | null>();
  const made: Made[] = [];
  await allOf([...wantedOf({ arms, used, item, repetitions }, answers)].map(async ([id, one]) => {
    const { evaluator: { digest, spec, calibrated } } = one;
    const known = stored.get(id);
    // What another model has said, before the judge was calibrated or since, is none of its scores. Who was not asked has no model.
    if (known?.error === null && !one.of.some((answer) => fresh.has(answer._id)) && (calibrated === null || known.model === null || known.model === calibrated)) { scores.set(id, known.value); return; }
    const seat = seats.get(digest);
    const outcome = seat === undefined || one.answer.text === null ? await computedOf(one) : await recent.once(id, page, () => askedOf(id, one, seat));
    if (outcome === null) return;
    scores.set(id, 'error' in outcome.result ? null : outcome.result.value);
    // What was compared with an error is not kept: that answer is asked again, and may then agree.
    if (seat === undefined && (spec.kind !== 'consistency' || !one.repetitions.includes(null))) made.push(docOf(id, application, outcome));
  }));
  if (made.length > 0) await deps.evaluations.saveScores(made, keepSec);
  return scores;

  /** What was paid for is written at once. */
  async function askedOf(id: string, { evaluator: { spec, calibrated }, answer, other }: Wanted, seat: Seat): Promise<JudgeOutcome | null> {
    if (answer.text === null) return null;
    if (spec.kind === 'pairwise' && other !== null && other.text === null) return computed({ error: `the other arm: ${other.error ?? 'no answer'}` });
    const { text } = answer;
    const outcome = await gate.run(() => judgeScore(deps, spec as JudgeSpec, seat, { item: item.item, answer: text, other: other?.text ?? null }, purse, calibrated));
    if (outcome !== null) await deps.evaluations.saveScores([docOf(id, application, outcome)], keepSec);
    return outcome;
  }

  async function computedOf({ evaluator: { spec }, answer, repetitions: others }: Wanted): Promise<JudgeOutcome> {
    if (answer.text === null) return computed({ error: answer.error ?? 'no answer' });
    const { text, durationMs, costUsd, finishReason, toolCalls } = answer;
    return computed(await deps.score(spec, { text, durationMs, costUsd, finishReason, ...(toolCalls === undefined ? {} : { toolCalls }) }, item.item, { repetitions: others }));
  }
}

const computed = (result: ScoreResult): JudgeOutcome => ({ result, model: null });

/** By id, each once; those whose answers the budget did not reach are left out. */
function wantedOf({ used, arms, item, repetitions }: Pick<Asking, 'used' | 'arms' | 'repetitions'> & { readonly item: DatasetItemDoc }, answers: ReadonlyMap<string, Answer>): ReadonlyMap<string, Wanted> {
  const wanted = new Map<string, Wanted>();
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
        const isOfAll = evaluator.spec.kind === 'consistency';
        if (isOfAll && siblings.includes(undefined)) continue;
        const other = isPair ? theirs[repetition] ?? null : null;
        wanted.set(id, { evaluator, answer, other, repetitions: siblings.map((one) => one?.text ?? null), of: [answer, other, ...(isOfAll ? siblings : [])].filter((one) => one !== null && one !== undefined) });
      }
    }
  }
  return wanted;
}

function docOf(id: string, application: string, { result, model }: JudgeOutcome): Made {
  if ('error' in result) return { _id: id, application, value: null, error: result.error, label: null, explanation: null, model };
  return { _id: id, application, value: result.value, error: null, label: result.label ?? null, explanation: result.explanation ?? null, model };
}
