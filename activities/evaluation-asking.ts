/** What the cases of a batch are asked with. */
import type { EvaluatorSpec } from '../core/score/index.js';
import type { BundleContent } from '../store/index.js';
import type { ActivityDeps } from './deps.js';
import type { Seats } from './evaluation-judge.js';
import type { Purse } from './evaluation-purse.js';
import type { Gate } from './evaluation-window.js';
import type { CallDeps } from './provider-call.js';

export interface Arm { readonly name: 'candidate' | 'baseline'; readonly content: BundleContent }
/** `calibrated`: of a judge that may decide, the model that people agreed with; null where it is advisory, or no judge. */
export interface Used { readonly name: string; readonly digest: string; readonly spec: EvaluatorSpec; readonly calibrated: string | null }

/** What is the same for all cases of a batch. */
export interface Asking {
  readonly deps: CallDeps & Pick<ActivityDeps, 'evaluations' | 'score' | 'newId'>;
  readonly arms: readonly Arm[]; readonly used: readonly Used[]; readonly seats: Seats; readonly repetitions: number; readonly keepSec: number; readonly purse: Purse; readonly gate: Gate;
  /** When the evaluation began: what was answered before it is saved, what an earlier try of this batch has paid for is not. */
  readonly bornAt: Date | null;
  /** What is being asked, or was a moment ago: cases of the same content are asked once. */
  readonly recent: Recent;
}
/**
 * Work by id, done once however many ask. A page's store was read before its neighbours were asked, so what they find is remembered for as
 * long as that may matter, and no longer.
 */
export interface Recent { once<T>(id: string, page: number, work: () => Promise<T>): Promise<T>; forget(page: number): void }
export function createRecent(): Recent {
  const pages = new Map<number, Map<string, Promise<unknown>>>();
  return {
    once<T>(id: string, page: number, work: () => Promise<T>): Promise<T> {
      for (const known of pages.values()) { const found = known.get(id); if (found !== undefined) return found as Promise<T>; }
      const own = pages.get(page) ?? new Map<string, Promise<unknown>>();
      pages.set(page, own);
      const begun = work();
      own.set(id, begun);
      begun.catch(() => { own.delete(id); });
      return begun;
    },
    forget(page) { for (const known of pages.keys()) if (known < page - 2) pages.delete(known); },
  };
}

/** All of them, also where one throws: nothing goes on behind the back of whoever asked. */
export async function allOf(work: readonly Promise<void>[]): Promise<void> {
  for (const one of await Promise.allSettled(work)) if (one.status === 'rejected') throw one.reason;
}
