import type { ReleaseDoc, ReleaseReads, ReleaseWrites } from './documents.js';
import { byOnce, foundBy, newborn } from './once.js';
import { NEWEST, pageOf } from './pages.js';
import { createMoves } from './releases-move.js';
import { entryTerm, policyRow, readReceipt, readRelease, receiptRow, type ReceiptRow, type ReleaseRow } from './releases-row.js';
import { TakenError, type Tables } from './table.js';
import { among, eq, fromNow, literal, merged, NOW, type Filter } from './terms.js';

/** A release that has ended is still folded this long: what its last tokens said is on the way. */
const AFTERGLOW_MS = 120_000;

export function createReleases(tables: Tables): ReleaseReads & ReleaseWrites {
  const rows = tables.table<ReleaseRow>('releases'), decisions = tables.table<ReceiptRow>('decisions');
  const found = (row: ReleaseRow | null): ReleaseDoc | null => (row === null ? null : readRelease(row));
  const openOf: ReleaseReads['openOf'] = async (application, environment) => found(await rows.first({ application: eq(application), environment: eq(environment), open: true }));
  const last = (release: string): Promise<ReceiptRow | null> => decisions.first({ release: eq(release) }, { seq: -1 });

  return {
    ...createMoves(tables),
    find: async (id) => found(await rows.first({ _id: eq(id) })),
    byOnce: async (application, key) => found(await byOnce(rows, application, key)),
    openOf,
    list({ application, applications, environment, states }, page) {
      const terms: Filter[] = [
        ...(application === undefined ? [] : [{ application: eq(application) }]), ...(applications === undefined ? [] : [{ application: among(applications) }]),
        ...(environment === undefined ? [] : [{ environment: eq(environment) }]), ...(states === undefined ? [] : [{ state: among(states) }]),
      ];
      return pageOf(rows, terms.length === 0 ? {} : { $and: terms }, page, NEWEST, readRelease);
    },
    async exposed() {
      const after = (field: string): Filter => ({ $expr: { $gt: [`$${field}`, fromNow(-AFTERGLOW_MS)] } });
      const exposed = { $or: [
        { state: { $in: ['CANARY', 'PAUSED', 'BAKING', 'ROLLING_BACK'] } }, { kind: 'RELEASE', terminalAt: { $ne: null }, ...after('terminalAt') },
        { 'watch.open': true, ...after('watch.until') },   // one that nobody ended costs nothing for long
      ] };
      return (await rows.all(exposed, { _id: 1 }, 10_000)).map(readRelease);
    },
    async lastReceipt(release) {
      const row = await last(release);
      return row === null ? null : readReceipt(row);
    },
    receipts: (release, page, order = 'newest') => pageOf(decisions, { release: eq(release) }, page, [['seq', 'number']], readReceipt, order === 'oldest'),

    async insert(release, entry, intent) {
      const row = {
        ...release, policy: policyRow(release.policy), kind: 'RELEASE', state: 'REQUESTED', open: true, epoch: null, baseline: null, gate: null, evaluation: null, ticket: null,
        approvals: [], approvalExpiresAt: null, stage: null, holds: [], rollback: null, seq: 1, terminalAt: null,
      };
      try {
        const written = await rows.born(release._id, newborn(row, intent, { timeline: [entryTerm(entry, literal('REQUESTED'), literal(1))] }));
        const doc = readRelease(written.row);
        if (written.born) return { kind: 'inserted', doc };
        return doc.once.key === release.once.key ? foundBy(doc, release.once) : { kind: 'reused', doc };
      } catch (error) {
        if (!(error instanceof TakenError)) throw error;
      }
      // The key is looked for first: it gets its own release, also after another has been opened since.
      const former = await byOnce(rows, release.application, release.once.key);
      if (former !== null) return foundBy(readRelease(former), release.once);
      return { kind: 'held', by: await openOf(release.application, release.environment) };
    },
    async appendReceipt(receipt) {
      const { born } = await decisions.born(receipt._id, merged(literal({ ...receiptRow(receipt), shape: 1 }), { at: NOW }));
      return born ? 'appended' : 'taken';
    },
  };
}
