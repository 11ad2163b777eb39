import { createHash } from 'node:crypto';
import type { Helpdesk, HelpdeskAnswer } from './app.js';
import type { UserQuestion } from './content.js';

/** One user came, asked, judged. */
export interface Visit { readonly targetingKey: string; readonly question: string; readonly answer: HelpdeskAnswer; readonly isUnhappy: boolean; readonly pressed: boolean }

export interface UserCounts { readonly visits: number; readonly unhappy: number; readonly ungrounded: number; readonly thumbsDown: number; readonly failed: number; readonly turnedAway: number }

export interface Users {
  readonly counts: UserCounts;
  /** Nobody new comes; resolves when all who are here are done. */
  stop(): Promise<void>;
}

export interface UsersOptions {
  readonly helpdesk: Pick<Helpdesk, 'answer' | 'thumbsDown'>;
  readonly questions: readonly UserQuestion[];
  readonly ratePerSec?: number;
  /** Who would be one too many is turned away and counted: a slow helpdesk must not pile up users. */
  readonly concurrencyMax?: number;
  /** The same seed brings the same users with the same questions in the same order. */
  readonly seed?: string;
  readonly onVisit?: (visit: Visit) => void;
}

const RATE_PER_SEC = 18;
const CONCURRENCY_MAX = 32;
const PRESSES = 0.7;
const TICK_MS = 10;

/**
 * Simulated users. Each comes once, asks one question, and judges the answer by the fact it holds: unhappy when that is not in it. Of the
 * unhappy 70 % press thumbs-down. They see an answer and nothing else.
 */
export function startUsers(options: UsersOptions): Users {
  const { helpdesk, questions, ratePerSec = RATE_PER_SEC, concurrencyMax = CONCURRENCY_MAX, seed = 'helpdesk' } = options;
  const counts = { visits: 0, unhappy: 0, ungrounded: 0, thumbsDown: 0, failed: 0, turnedAway: 0 };
  const here = new Set<Promise<void>>();
  const startedMs = performance.now();
  let came = 0;

  const visit = async (number: number): Promise<void> => {
    const user = userOf(seed, number, questions);
    const answer = await helpdesk.answer(user.targetingKey, user.asks.question);
    const isUnhappy = answer.failed || !isAnswered(answer.text, user.asks);
    const pressed = isUnhappy && !answer.failed && user.presses && await helpdesk.thumbsDown(answer);
    counts.visits += 1;
    if (isUnhappy) counts.unhappy += 1;
    if (answer.ungrounded) counts.ungrounded += 1;
    if (answer.failed) counts.failed += 1;
    if (pressed) counts.thumbsDown += 1;
    options.onVisit?.({ targetingKey: user.targetingKey, question: user.asks.question, answer, isUnhappy, pressed });
  };

  const timer = setInterval(() => {
    const due = Math.floor((performance.now() - startedMs) / 1000 * ratePerSec);
    while (came < due) {
      came += 1;
      if (here.size >= concurrencyMax) { counts.turnedAway += 1; continue; }
      const visiting: Promise<void> = visit(came).catch(() => undefined).finally(() => here.delete(visiting));
      here.add(visiting);
    }
  }, TICK_MS);

  return { counts, stop: async () => { clearInterval(timer); await Promise.all(here); } };
}

/** The n-th user: who it is, what it asks, and whether it would press thumbs-down. The same for the same seed. */
export function userOf(seed: string, number: number, questions: readonly UserQuestion[]): { readonly targetingKey: string; readonly asks: UserQuestion; readonly presses: boolean } {
  const targetingKey = `${seed}-${number}`;
  const asks = questions[Math.floor(chanceOf(`${targetingKey}/asks`) * questions.length)];
  if (asks === undefined) throw new RangeError('There are no questions to ask.');
  return { targetingKey, asks, presses: chanceOf(`${targetingKey}/presses`) < PRESSES };
}

/** A user is content when every fact it holds is in the answer. */
export const isAnswered = (text: string, asks: UserQuestion): boolean => asks.contains.every((fact) => text.includes(fact));

/** A number in [0, 1) that depends on the text alone. */
const chanceOf = (text: string): number => createHash('sha256').update(text).digest().readUInt32BE(0) / 2 ** 32;
