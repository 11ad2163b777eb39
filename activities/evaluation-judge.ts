/** One judge's score of one answer, or of a pair in both orders: asked of a model, paid from the evaluation's purse, never a guess. */
import { formOf, guarded, isJudge, judgeRequest, pairScore, saysNothing, scoreOfJudgement } from '../core/score/index.js';
import type { EvaluatorSpec, Item, JudgeCase, JudgeSpec, ScoreResult } from '../core/score/index.js';
import { readJudgement } from '../schema/judgement.js';
import type { SwappedPair, Winner } from '../core/stats/index.js';
import type { BundleContent } from '../store/index.js';
import type { ActivityDeps } from './deps.js';
import type { Purse } from './evaluation-purse.js';
import { final } from './failure.js';
import { callProvider, type CallDeps, type Seat } from './provider-call.js';

/** What is judged. `other` is the other arm's answer, where there is one. */
export interface Judged { readonly item: Item; readonly answer: string; readonly other: string | null }

type JudgeDeps = CallDeps & Pick<ActivityDeps, 'newId'>;
/** The model version that each judge pins, by the digest of its evaluator. */
export type Seats = ReadonlyMap<string, Seat>;

/**
 * Before anything is asked of anyone.
 *
 * @throws ApplicationFailure NOT_FOUND when a judge's model version is not there or has another digest; BAD_INPUT when one would
 *   judge itself: a model prefers its own words
 */
export async function seatsOf({ judgeFor }: Pick<ActivityDeps, 'judgeFor'>, application: string, used: readonly { readonly digest: string; readonly spec: EvaluatorSpec }[], arms: readonly BundleContent[]): Promise<Seats> {
  const seats = new Map<string, Seat>();
  for (const { digest, spec } of used) if (isJudge(spec)) seats.set(digest, await seatOf(judgeFor, application, spec, arms));
  return seats;
}

async function seatOf(judgeFor: ActivityDeps['judgeFor'], application: string, { judge, kind }: JudgeSpec, arms: readonly BundleContent[]): Promise<Seat> {
  const seat = await judgeFor(application, judge.name, judge.version);
  if (seat?.model.digest !== judge.digest) throw final('NOT_FOUND', `No model ${judge.name}, version ${judge.version}, of digest ${judge.digest}: the ${kind} evaluator has no judge.`);
  const same = arms.find(({ model, connection }) => model?.model === seat.model.model && connection?._id === seat.connection._id);
  if (same !== undefined) throw final('BAD_INPUT', `The judge ${judge.name} is the model of bundle ${same.digest}, and would judge its own answers.`);
  return seat;
}

/** A judge's score, who gave it by its own name, and what it said in either order of a pair. `model` is null where nobody was asked. */
export interface JudgeOutcome { readonly result: ScoreResult; readonly model: string | null; readonly pair?: SwappedPair }

/**
 * Asks once for an answer, twice for a pair. An answer without a letter or a digit is 0 unasked, one that talks to its judge is 0 whatever
 * the judge says. A provider's error and an unreadable judgement are errors, and count as such.
 *
 * @param calibrated  the model that people agreed with, by the name it gave itself: of any other that answers nothing is known, and what it
 *   says is an error. Null where any model's word is only shown
 * @returns the score; for a pair the candidate's, the baseline's is what is left of 1; `null` when the budget is spent
 */
export async function judgeScore(deps: JudgeDeps, spec: JudgeSpec, seat: Seat, { item, answer, other }: Judged, purse: Purse, calibrated: string | null = null): Promise<JudgeOutcome | null> {
  const ask = (shown: JudgeCase): Promise<JudgeOutcome | null> => askJudge(deps, spec, seat, shown, purse, calibrated);
  if (spec.kind === 'contextRelevance') return ask({ item, first: answer });
  if (spec.kind !== 'pairwise') {
    if (saysNothing(answer)) return unasked({ value: 0, label: 'empty', explanation: 'the answer holds no letter and no digit' });
    const said = await ask({ item, first: answer });
    return said === null ? null : { ...said, result: guarded(said.result, answer) };
  }
  if (other === null) return unasked({ error: 'there is no answer of the other arm to compare with' });
  if (answer === other) return unasked({ value: 0.5, label: 'tie', explanation: 'both arms gave the same answer' });
  const candidateFirst = await ask({ item, first: answer, second: other });
  const candidateSecond = candidateFirst === null ? null : await ask({ item, first: other, second: answer });
  if (candidateFirst === null || candidateSecond === null) return null;
  const [one, two] = [winnerOf(candidateFirst.result), winnerOf(candidateSecond.result)];
  return {
    result: guarded(pairScore(candidateFirst.result, candidateSecond.result), answer), model: candidateFirst.model ?? candidateSecond.model,
    ...(one === null || two === null ? {} : { pair: { candidateFirst: one, candidateSecond: two } }),
  };
}

const unasked = (result: ScoreResult): JudgeOutcome => ({ result, model: null });
const winnerOf = (result: ScoreResult): Winner | null => ('error' in result ? null : result.value === 1 ? 'first' : result.value === 0 ? 'second' : 'tie');

/** A nonce for every try: one that broke off may have been read. */
async function askJudge(deps: JudgeDeps, spec: JudgeSpec, seat: Seat, shown: JudgeCase, purse: Purse, calibrated: string | null): Promise<JudgeOutcome | null> {
  let nonce = '';
  const called = await callProvider(deps, seat, () => { nonce = deps.newId(); return judgeRequest(spec, shown, nonce); }, purse);
  if (called === null) return null;
  if ('error' in called) return unasked({ error: `judge: ${called.error}` });
  const { model, text } = called.completion;
  if (calibrated !== null && model !== calibrated) return { result: { error: `judge: ${model} answered, and ${calibrated} is what people were asked about; calibrate again` }, model };
  // Not asked again: who answers garbage would be asked until something readable comes, and that is a choice.
  const judgement = readJudgement(formOf(spec), text, nonce);
  return { result: 'error' in judgement ? { error: `judge: ${judgement.error}` } : scoreOfJudgement(judgement), model };
}
