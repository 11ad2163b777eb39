/** One case of an evaluation, from its item to the scores that count: what is stored is used, what is missing is asked, and all of it is written before it counts. */
import type { VerdictItem } from '../core/gate/index.js';
import { answerId, scoreId, valueFor } from '../core/results/index.js';
import type { AnswerDoc, DatasetItemDoc, ScoreDoc } from '../store/index.js';
import { allOf } from './evaluation-asking.js';
import type { Arm, Asking, Used } from './evaluation-asking.js';
import { answerOf } from './evaluation-answer.js';
import type { Answer } from './evaluation-answer.js';
import { scoresOf } from './evaluation-scores.js';

/** A case, with what is stored of it and its neighbours. */
export interface Prepared { readonly position: number; readonly page: number; readonly item: DatasetItemDoc; readonly answers: ReadonlyMap<string, AnswerDoc>; readonly scores: ReadonlyMap<string, ScoreDoc> }
/** `scores` is null where the budget did not reach. */
export interface CaseDone { readonly position: number; readonly tags: readonly string[] | undefined; readonly answers: ReadonlyMap<string, Answer>; readonly savedUsd: number | null; readonly scores: VerdictItem['scores'] | null }

const answersWanted = (arms: readonly Arm[], { itemDigest }: DatasetItemDoc, repetitions: number) => arms.flatMap((arm) =>
  Array.from({ length: repetitions }, (_, repetition) => ({ arm, repetition, id: answerId(arm.content.application, arm.content.digest, itemDigest, repetition) })));
export const answerIds = (arms: readonly Arm[], item: DatasetItemDoc, repetitions: number): readonly string[] => answersWanted(arms, item, repetitions).map(({ id }) => id);
export const scoreIds = (used: readonly Used[], arms: readonly Arm[], item: DatasetItemDoc, repetitions: number): readonly string[] =>
  used.flatMap((evaluator) => answersWanted(arms, item, repetitions).map(({ arm, repetition }) => scoreId(evaluator, arms, arm, item, repetition, repetitions)));

/** An error that was stored is asked again: it may have been the provider's day. */
export async function caseDone(asking: Asking, { position, page, item, answers: stored, scores }: Prepared): Promise<CaseDone> {
  const { deps, arms, used, repetitions, keepSec, purse, gate, bornAt, recent } = asking;
  const answers = new Map<string, Answer>();
  const fresh = new Set<string>();
  let savedUsd: number | null = 0;
  await allOf(answersWanted(arms, item, repetitions).map(async ({ arm, repetition, id }) => {
    const known = stored.get(id);
    if (known?.error === null) {
      answers.set(id, known);
      if (bornAt === null || known.at < bornAt) savedUsd = savedUsd === null || bornAt === null || known.costUsd === null ? null : savedUsd + known.costUsd;
      return;
    }
    const answer = await recent.once(id, page, () => gate.run(() => answerOf(deps, arm.content, item, repetition, keepSec, purse)));
    fresh.add(id);
    if (answer !== null) answers.set(id, answer);
  }));
  const made = await scoresOf(asking, { item, page, answers, stored: scores, fresh });
  return { position, tags: item.item.tags, answers, savedUsd, scores: itemScores(arms, used, item, repetitions, made) };
}

/** Mean over the repetitions, in which an error is a 0; `null` where all of them are errors. `null` for the whole: not all was answered. */
function itemScores(arms: readonly Arm[], used: readonly Used[], item: DatasetItemDoc, repetitions: number, scores: ReadonlyMap<string, number | null>): VerdictItem['scores'] | null {
  const means: Record<string, { candidate: number | null; baseline?: number | null }> = {};
  for (const evaluator of used) {
    const own: { candidate: number | null; baseline?: number | null } = { candidate: null };
    for (const arm of arms) {
      const found = Array.from({ length: repetitions }, (_, repetition) => scores.get(scoreId(evaluator, arms, arm, item, repetition, repetitions)));
      const values = found.map((value) => (value === undefined ? undefined : valueFor(evaluator, arm, value)));
      if (values.some((value) => value === undefined)) return null;
      own[arm.name] = values.every((value) => value === null) ? null : values.reduce<number>((sum, value) => sum + (value ?? 0), 0) / repetitions;
    }
    means[evaluator.name] = own;
  }
  return means;
}
