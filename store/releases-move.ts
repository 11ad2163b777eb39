import { NotFoundError } from '../core/errors.js';
import { isOpen, mayBecome, type ReleaseState } from '../core/release/index.js';
import type { Intent, NewEntry, ReleasePatch, ReleaseWrite, ReleaseWrites } from './documents.js';
import { encode } from './json.js';
import { entryTerm, readRelease, type ReleaseRow } from './releases-row.js';
import type { Tables } from './table.js';
import { eq, fromNow, intended, literal, merged, NOW, pushed, sinceMs, type Stage, type Term } from './terms.js';

const STANDING = { $ne: [{ $ifNull: ['$stage.stillSince', null] }, null] };
/** The stage's clock: stops once, goes on with what it stood still added. Without a stage nothing is measured. */
const still = (stops: boolean): Term => ({
  $switch: {
    branches: [
      { case: { $eq: ['$stage', null] }, then: null },
      stops ? { case: { $not: STANDING }, then: merged('$stage', { stillSince: NOW }) }
        : { case: STANDING, then: merged('$stage', { stillMs: { $add: ['$stage.stillMs', sinceMs('$stage.stillSince')] }, stillSince: null }) },
    ],
    default: '$stage',
  },
});

function approved({ approver, digest, ...rest }: NonNullable<ReleasePatch['approval']>): Term {
  const same = { $and: [{ $eq: ['$$this.approver', literal(approver)] }, { $eq: ['$$this.digest', literal(digest)] }] };
  // A person counts once for one digest, however often it is said.
  return { $cond: [{ $eq: [{ $filter: { input: '$approvals', cond: same } }, []] }, pushed('$approvals', merged(literal({ approver, digest, ...rest }), { at: NOW })), '$approvals'] };
}

/** The patch as stages; later stages read what earlier ones wrote. */
function patched(patch: ReleasePatch): readonly Stage[] {
  const { stage, still: stops, approvalExpiresInSec, approval, gate, watch, watchEnd, ...plain } = patch;
  const fields: Record<string, Term> = Object.fromEntries(Object.entries(plain).filter(([, value]) => value !== undefined).map(([field, value]) => [field, literal(value)]));
  if (gate !== undefined) fields['gate'] = literal(gate === null ? null : encode(gate));
  if (stage !== undefined) fields['stage'] = merged(literal({ index: stage.index, weightBp: stage.weightBp, stillMs: 0, stillSince: null }), { since: NOW });
  if (approvalExpiresInSec !== undefined) fields['approvalExpiresAt'] = fromNow(approvalExpiresInSec * 1_000);
  if (watch !== undefined) fields['watch'] = { $ifNull: ['$watch', merged(literal({ rev: watch.rev, open: true, outcome: null, endedAt: null }), { since: '$terminalAt', until: { $add: ['$terminalAt', watch.forSec * 1_000] } })] };
  if (watchEnd !== undefined) fields['watch'] = { $cond: [{ $eq: ['$watch.open', true] }, merged('$watch', literal({ open: false, outcome: watchEnd }), { endedAt: NOW }), '$watch'] };
  if (approval !== undefined) fields['approvals'] = approved(approval);
  return [...(Object.keys(fields).length === 0 ? [] : [{ $set: fields }]), ...(stops === undefined ? [] : [{ $set: { stage: still(stops) } }])];
}

const recorded = (entry: NewEntry | null, intent: Intent | null): readonly Stage[] => {
  const next = { $add: ['$seq', 1] };
  const fields = {
    ...(entry === null ? {} : { seq: next, timeline: pushed('$timeline', entryTerm(entry, '$state', next)) }),
    ...(intent === null ? {} : { intents: intended(intent) }),
  };
  return Object.keys(fields).length === 0 ? [] : [{ $set: fields }];
};

/** What may be written on a release that exists. */
export function createMoves({ table }: Tables): Pick<ReleaseWrites, 'move' | 'annotate'> {
  const rows = table<ReleaseRow>('releases');
  const write = async (release: string, from: ReleaseState | null, entry: NewEntry | null, pipeline: readonly Stage[], asOf?: number): Promise<ReleaseWrite> => {
    const row = await rows.change({ _id: eq(release), ...(from === null ? {} : { state: eq(from) }), ...(asOf === undefined ? {} : { seq: eq(asOf) }), ...(entry === null ? {} : { 'timeline.id': { $ne: entry.id } }) }, pipeline);
    if (row !== null) return { kind: 'written', doc: readRelease(row) };
    const now = await rows.first({ _id: eq(release) });
    if (now === null) throw new NotFoundError('release', release);
    return now.timeline.some((told) => told.id === entry?.id) ? { kind: 'repeated', doc: readRelease(now) } : { kind: 'moved', state: now.state };
  };
  return {
    /** @throws RangeError on a move that the table does not have; FAILED is repair's, out of any open state */
    async move(release, from, to, entry, patch, intent) {
      if (!mayBecome(from, to) && !(to === 'FAILED' && isOpen(from))) throw new RangeError(`A release does not go from ${from} to ${to}.`);
      const moved: Stage = { $set: { state: literal(to), open: literal(isOpen(to)), terminalAt: isOpen(to) ? literal(null) : NOW } };
      return write(release, from, entry, [moved, ...patched(patch), ...recorded(entry, intent)]);
    },
    async annotate(release, entry, patch, intent, asOf) {
      const pipeline = [...patched(patch), ...recorded(entry, intent)];
      return write(release, null, entry, pipeline.length === 0 ? [{ $set: { shape: literal(1) } }] : pipeline, asOf);
    },
  };
}
