/** What must hold in every run, as reliability.md section 2 says it: one function each over the ledgers and the stored documents. */
import type { AuditDoc } from '../../store/index.js';
import { countedOnce, errorsStay, evidenced, nothingLost, watched, withinBudget } from './invariants/evidence.js';
import { monotone, onlyCommitted, servesStatic, sticky } from './invariants/readers.js';
import { chained, leakless, oneEffect, oneEntryEach } from './invariants/records.js';
import { approvalsBind, converged, lived, oneOpen, quiet } from './invariants/releases.js';
import { absorbed, agreed, ticketed, wellFormed } from './invariants/splits.js';
import type { Invariant, Stored, Violation } from './invariants/world.js';
import type { Line } from './ledger.js';

export { NOTHING_STORED } from './invariants/world.js';
export type { Seen, Stored, Violation } from './invariants/world.js';

const CHECKS: Readonly<Record<`I-${number}`, Invariant>> = {
  'I-01': nothingLost, 'I-02': countedOnce, 'I-03': ticketed, 'I-04': wellFormed, 'I-05': oneOpen, 'I-06': lived, 'I-07': agreed, 'I-08': absorbed, 'I-09': converged, 'I-10': function* (seen) { yield* evidenced(seen); yield* watched(seen); },
  'I-11': approvalsBind, 'I-12': oneEntryEach, 'I-13': chained, 'I-14': oneEffect, 'I-16': servesStatic, 'I-17': onlyCommitted, 'I-18': sticky, 'I-20': withinBudget, 'I-21': leakless,
  'I-23': errorsStay, 'I-27': quiet, 'I-28': monotone,
};
export const CHECKED = Object.keys(CHECKS) as readonly Violation['invariant'][];

/** What a ledger and a store do not show, and who shows it instead. */
export const ELSEWHERE = {
  'I-15': 'webhooks are delivered by a later part of the product; there is no outbox yet',
  'I-19': 'test/replay.test.ts replays every stored history on the workflows of today',
  'I-22': 'two principals have to ask the same: api/audits.test.ts and core/access.test.ts, every operation and cell',
  'I-24': 'test/faults/f-55.test.ts shifts the clocks and compares what was decided',
  'I-25': 'memory and latency under flood are measured, not stored: test/faults/f-39.test.ts and f-40.test.ts',
  'I-26': 'nothing that could be erased is kept yet: traces come with a later part',
} as const satisfies Readonly<Record<`I-${number}`, string>>;

/**
 * Every violation there is, in the order of the invariants; none in a healthy run.
 *
 * @param ledger  what the actors asked for and were told
 * @param store   every document, read after the faults have healed and the intents are carried out
 * @param audit   the chains as somebody holds them: those of the store, or an exported copy
 * @param nowMs   the database's time at the reading
 */
export function check(ledger: readonly Line[], store: Stored, audit: readonly AuditDoc[], nowMs: number): readonly Violation[] {
  const seen = { ledger, store, audit, nowMs };
  return CHECKED.flatMap((invariant) => [...CHECKS[invariant]?.(seen) ?? []].map((what): Violation => ({ invariant, what })));
}
