import type { WatchReads, WatchReceiptDoc, WatchWrites } from './documents.js';
import { decode, encode } from './json.js';
import { pageOf } from './pages.js';
import type { Tables } from './table.js';
import { eq, literal, merged, NOW } from './terms.js';

type Texts = 'lines' | 'logE' | 'thresholds' | 'state' | 'breaches' | 'through';
type WatchRow = Omit<WatchReceiptDoc, Texts> & Readonly<Record<Texts, string>>;

/** Beside a release's own receipts, and none of them: whoever asks for those of a release does not get these. */
const PREFIX = 'watch/';
const ofRelease = (release: string): string => `${PREFIX}${release}`;
export const readWatchReceipt = ({ lines, logE, thresholds, state, breaches, through, ...row }: WatchRow): WatchReceiptDoc => ({
  ...row, release: row.release.slice(PREFIX.length), lines: decode<WatchReceiptDoc['lines']>(lines), logE: decode<WatchReceiptDoc['logE']>(logE), thresholds: decode<WatchReceiptDoc['thresholds']>(thresholds),
  state: decode<WatchReceiptDoc['state']>(state), breaches: decode<WatchReceiptDoc['breaches']>(breaches), through: decode<WatchReceiptDoc['through']>(through),
});

export function createWatches({ table }: Tables): WatchReads & WatchWrites {
  const rows = table<WatchRow>('decisions');
  return {
    async last(release) {
      const row = await rows.first({ release: eq(ofRelease(release)) }, { seq: -1 });
      return row === null ? null : readWatchReceipt(row);
    },
    receipts: (release, page) => pageOf(rows, { release: eq(ofRelease(release)) }, page, [['seq', 'number']], readWatchReceipt),
    async append({ release, application, seq, planDigest, code, lines, logE, thresholds, state, breaches, through }) {
      const id = `${ofRelease(release)}/${String(seq).padStart(8, '0')}`;
      const row: Omit<WatchRow, 'at'> = {
        _id: id, shape: 1, release: ofRelease(release), application, seq, mode: 'watch', planDigest, code, lines: encode(lines), logE: encode(logE), thresholds: encode(thresholds), state: encode(state),
        breaches: encode(breaches), through: encode(through),
      };
      return (await rows.born(id, merged(literal(row), { at: NOW }))).born ? 'appended' : 'taken';
    },
  };
}
