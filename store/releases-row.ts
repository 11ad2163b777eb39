import type { GatePlan } from '../core/gate/index.js';
import type { RolloutPolicy } from '../core/release/index.js';
import type { Guards, NewEntry, ReleaseDoc, ReceiptDoc, TimelineEntry } from './documents.js';
import { decode, encode } from './json.js';
import { literal, merged, NOW, type Term } from './terms.js';

/** As it is stored: what has metric names and other people's words for keys is text. */
export type ReleaseRow = Omit<ReleaseDoc, 'policy' | 'gate' | 'timeline'> & {
  readonly policy: Omit<ReleaseDoc['policy'], 'plan'> & { readonly plan: string };
  readonly gate: string | null;
  readonly timeline: readonly (Omit<TimelineEntry, 'data'> & { readonly data?: string })[];
};
export const readRelease = (row: ReleaseRow): ReleaseDoc => ({
  ...row,
  policy: { ...row.policy, plan: decode<RolloutPolicy>(row.policy.plan) },
  gate: row.gate === null ? null : decode<GatePlan>(row.gate),
  timeline: row.timeline.map(({ data, ...entry }) => (data === undefined ? entry : { ...entry, data: decode<NonNullable<TimelineEntry['data']>>(data) })),
});
export const policyRow = (policy: ReleaseDoc['policy']): ReleaseRow['policy'] => ({ ...policy, plan: encode(policy.plan) });

/** A timeline entry as an expression; `seq` and `state` are those of the document it goes into. */
export const entryTerm = ({ data, ...entry }: NewEntry, state: Term, seq: Term): Term => merged(literal({ ...entry, ...(data === undefined ? {} : { data: encode(data) }) }), { seq, state, at: NOW });

type Texts = 'lines' | 'logE' | 'thresholds' | 'state' | 'through';
export type ReceiptRow = Omit<ReceiptDoc, Texts | 'guards'> & Readonly<Record<Texts, string>> & { readonly guards?: string };
export const receiptRow = ({ guards, ...doc }: Omit<ReceiptDoc, 'shape' | 'at'>): Omit<ReceiptRow, 'shape' | 'at'> => ({
  ...doc, ...(guards === undefined ? {} : { guards: encode(guards) }), lines: encode(doc.lines), logE: encode(doc.logE), thresholds: encode(doc.thresholds), state: encode(doc.state), through: encode(doc.through),
});
export const readReceipt = ({ guards, ...row }: ReceiptRow): ReceiptDoc => ({
  ...row, ...(guards === undefined ? {} : { guards: decode<Guards>(guards) }), lines: decode<ReceiptDoc['lines']>(row.lines), logE: decode<ReceiptDoc['logE']>(row.logE), thresholds: decode<ReceiptDoc['thresholds']>(row.thresholds),
  state: decode<ReceiptDoc['state']>(row.state), through: decode<ReceiptDoc['through']>(row.through),
});
