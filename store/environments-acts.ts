/** What every write on an environment has in common. */
import type { Digest, ReleaseId } from '../core/ids.js';
import type { EnvironmentDoc, Intent } from './documents.js';
import { literal, merged, NOW, pushed, type Stage, type Term } from './terms.js';

export type ActKind = 'open' | 'weight' | 'promote' | 'close' | 'rollback' | 'revert' | 'quarantine' | 'lift';
/** A write that was made, by which a repeat is known after the relay has taken its intent away. */
export interface Act { readonly kind: ActKind; readonly intentId: string | null; readonly release: ReleaseId | null; readonly args: Digest | null; readonly rev: number; readonly epoch: number; readonly at: Date }
/** As it is stored: with the last acts, and with the release that made the stable bundle stable. */
export type EnvironmentRow = EnvironmentDoc & { readonly acts: readonly Act[]; readonly stableBy: ReleaseId | null };

export const ACTS_KEPT = 32;
const SPLITS_KEPT = 16;
/** Not part of the document as others know it. */
export const HIDDEN: Stage = { $unset: ['acts', 'stableBy'] };
export const readEnvironment = ({ acts: _acts, stableBy: _stableBy, ...doc }: EnvironmentRow): EnvironmentDoc => doc;

/** The split that serves the stable bundle alone, under the release that made it stable. Null stays null. */
export const STABLE_ALONE: Term = {
  $cond: [{ $eq: ['$split', null] }, null, { stable: '$split.stable', weightBp: literal(0), leaseMs: '$split.leaseMs', release: '$stableBy' }],
};
export const QUARANTINE = (fields: Readonly<Record<string, unknown>>, more: Readonly<Record<string, Term>> = {}): Term => merged(literal(fields), { at: NOW, ...more });
/** A new lease: it belongs to the revision written in the same stage. */
export const freshLease = (ms: Term): Term => merged({ seq: literal(0), at: NOW, ms });

const SPLIT_TOLD: Term = {
  $cond: [{ $eq: ['$split', null] }, '$$REMOVE', {
    application: '$application', environment: '$name', rev: '$rev', epoch: '$epoch', stable: '$split.stable', candidate: '$split.candidate',
    weightBp: '$split.weightBp', leaseMs: '$split.leaseMs', release: '$split.release',
  }],
};

/** The intent, with what only the written document knows: the split, and rev and epoch of the note to the workflow. */
function toldWith(intent: Intent, split: boolean): Term {
  const { split: _callers, note, ...rest } = intent;
  const told = { at: NOW, ...(split ? { split: SPLIT_TOLD } : {}) };
  if (note === undefined) return merged(literal(rest), told);
  return merged(literal(rest), told, { note: { workflowId: literal(note.workflowId), rolledBack: merged(literal(note.rolledBack), { rev: '$rev', epoch: '$epoch' }) } });
}

/**
 * The second stage of every write, after the one that made the new state: the log of splits, the act, the intent, the touch.
 *
 * @param newSplit  the first stage wrote a revision
 */
export function recorded(act: { readonly kind: ActKind; readonly intentId: string | null; readonly release: ReleaseId | null; readonly args?: Digest }, intent: Intent | null, newSplit: boolean): Stage {
  const recent = { $cond: [{ $eq: ['$split', null] }, '$recent', pushed('$recent', merged('$split', { rev: '$rev' }), SPLITS_KEPT)] };
  return {
    $set: {
      ...(newSplit ? { recent } : {}),
      acts: pushed('$acts', merged(literal({ args: null, ...act }), { rev: '$rev', epoch: '$epoch', at: NOW }), ACTS_KEPT),
      ...(intent === null ? {} : { intents: pushed('$intents', toldWith(intent, newSplit)) }),
      touchedAt: NOW,
    },
  };
}
