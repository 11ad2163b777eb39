/** One judge's score of one answer, or of a pair in both orders: asked of a model, paid from the evaluation's purse, never a guess. */
import { cancellationSignal, sleep } from '@temporalio/activity';
import { guarded, judgeRequest, pairScore, formOf, saysNothing, scoreOfJudgement } from '../core/score/index.js';
import type { Item, JudgeCase, JudgeSpec, ScoreResult } from '../core/score/index.js';
import { readJudgement } from '../schema/judgement.js';
import type { BundleContent, ConnectionDoc, ModelVersionDoc } from '../store/index.js';
import type { ActivityDeps } from './deps.js';
import { PAUSE_MAX_MS, PAUSE_MS, TRIES, costOf, faultOf, type Purse } from './evaluation-answer.js';
import { final } from './failure.js';

/** The model version that an evaluator pins, and where it is asked. */
export interface JudgeSeat { readonly model: ModelVersionDoc; readonly connection: ConnectionDoc }
/** What is judged. `other` is the other arm's answer, where there is one. */
export interface Judged { readonly item: Item; readonly answer: string; readonly other: string | null }

type JudgeDeps = Pick<ActivityDeps, 'providerFor' | 'judgeFor' | 'newId'>;

/**
 * @throws ApplicationFailure NOT_FOUND when the judge's model version is not there or has another digest; BAD_INPUT when the judge would
 *   judge itself: a model prefers its own words
 */
export async function seatOf({ judgeFor }: Pick<JudgeDeps, 'judgeFor'>, application: string, { judge, kind }: JudgeSpec, arms: readonly BundleContent[]): Promise<JudgeSeat> {
  const seat = await judgeFor(application, judge.name, judge.version);
  if (seat?.model.digest !== judge.digest) throw final('NOT_FOUND', `No model ${judge.name}, version ${judge.version}, of digest ${judge.digest}: the ${kind} evaluator has no judge.`);
  const same = arms.find(({ model, connection }) => model?.model === seat.model.model && connection?._id === seat.connection._id);
  if (same !== undefined) throw final('BAD_INPUT', `The judge ${judge.name} is the model of bundle ${same.digest}, and would judge its own answers.`);
  return seat;
}

/**
 * Asks once for an answer, twice for a pair. An answer without a letter or a digit is 0 unasked, one that talks to its judge is 0 whatever
 * the judge says. A provider's error and an unreadable judgement are errors, and count as such.
 *
 * @returns the score; for a pair the candidate's, the baseline's is what is left of 1; `null` when the budget is spent
 */
export async function judgeScore(deps: JudgeDeps, spec: JudgeSpec, seat: JudgeSeat, { item, answer, other }: Judged, purse: Purse): Promise<ScoreResult | null> {
  const ask = (shown: JudgeCase): Promise<ScoreResult | null> => askJudge(deps, spec, seat, shown, purse);
  if (spec.kind === 'contextRelevance') return ask({ item, first: answer });
  if (spec.kind !== 'pairwise') {
    if (saysNothing(answer)) return { value: 0, label: 'empty', explanation: 'the answer holds no letter and no digit' };
    const said = await ask({ item, first: answer });
    return said === null ? null : guarded(said, answer);
  }
  if (other === null) return { error: 'there is no answer of the other arm to compare with' };
  if (answer === other) return { value: 0.5, label: 'tie', explanation: 'both arms gave the same answer' };
  const candidateFirst = await ask({ item, first: answer, second: other });
  const candidateSecond = candidateFirst === null ? null : await ask({ item, first: other, second: answer });
  return candidateFirst === null || candidateSecond === null ? null : guarded(pairScore(candidateFirst, candidateSecond), answer);
}

async function askJudge({ providerFor, newId }: JudgeDeps, spec: JudgeSpec, { model, connection }: JudgeSeat, shown: JudgeCase, purse: Purse): Promise<ScoreResult | null> {
  const provider = providerFor(connection);
  let error = 'never asked';
  for (let tried = 1; tried <= TRIES; tried += 1) {
    const nonce = newId();
    const request = judgeRequest(spec, shown, nonce);
    if ('error' in request) return request;
    if (!purse.take()) return null;
    try {
      const completion = await provider.complete({ model: model.model, messages: request.messages, parameters: request.parameters }, cancellationSignal());
      purse.spend(costOf(model, completion));
      // Not asked again: who answers garbage would be asked until something readable comes, and that is a choice.
      const judgement = readJudgement(formOf(spec), completion.text, nonce);
      return 'error' in judgement ? { error: `judge: ${judgement.error}` } : scoreOfJudgement(judgement);
    } catch (failure) {
      cancellationSignal().throwIfAborted();
      const { kind, message, retryAfterMs } = faultOf(failure);
      error = `judge: ${kind}: ${message}`;
      if (tried === TRIES || !['busy', 'timeout', 'connection'].includes(kind)) break;
      await sleep(Math.min(retryAfterMs ?? PAUSE_MS * 2 ** tried, PAUSE_MAX_MS));
    }
  }
  return { error };
}
