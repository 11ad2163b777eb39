import { createCsv, type CsvRow } from './csv.js';
import { bytesOf, FAULTS, faultsOfItem, ITEMS_MAX, ROW_BYTES_MAX, type DatasetItem, type ItemFault, type RowFault } from './item.js';
import { createLines } from './lines.js';
import { itemOfPreference } from './preferences.js';
import { columnsOf, itemOfCells, itemOfJson, type Columns, type RowRead } from './rows.js';

export type DatasetFormat = 'jsonl' | 'csv' | 'preferences';
export interface ReaderOptions {
  readonly format: DatasetFormat;
  /** CSV: every column that is no field is a variable of that name. */
  readonly takesAllColumns?: boolean;
  /** Preferences: the variable that holds the prompt. @default question */
  readonly input?: string;
  /** The split of rows that name none. */
  readonly split?: string;
}
/** All of a file or nothing of it: no dataset is made of the rows that happened to be good. */
export type DatasetRead =
  | { readonly kind: 'read'; readonly items: readonly DatasetItem[] }
  /** The first hundred faults in the order of their rows, and how many there are in all. */
  | { readonly kind: 'refused'; readonly faults: readonly RowFault[]; readonly count: number };
export interface DatasetReader {
  /** The next piece of the file's text, of any size. A byte order mark at the very beginning is not part of it. */
  feed(piece: string): void;
  end(): DatasetRead;
}

export const FAULTS_SHOWN = 100;
/** All cases of a version together. Above it nothing is kept, so that a file's size does not decide how much memory there has to be. */
export const VERSION_BYTES_MAX = 33_554_432;

/**
 * Reads a dataset as it arrives. Every row is checked, whatever the ones before it were; once one is bad, no more items are kept.
 * Memory is bounded by `VERSION_BYTES_MAX` and one row, whatever the file holds.
 */
export function createDatasetReader({ format, takesAllColumns = false, input = 'question', split }: ReaderOptions): DatasetReader {
  const faults: RowFault[] = [];
  const ids = new Map<string, number>();
  let items: DatasetItem[] = [];
  let count = 0, rows = 0, bytes = 0, isBegun = false, isBlind = false, columns: Columns | undefined;

  const fault = (row: number, { column, code, message }: ItemFault): void => {
    count += 1;
    items = [];
    if (faults.length < FAULTS_SHOWN) faults.push({ row, ...(column === undefined ? {} : { column }), code, message, hint: FAULTS[code] });
  };
  const take = (row: number, text: string, readRow: () => RowRead): void => {
    rows += 1;
    if (rows === ITEMS_MAX + 1) fault(row, { code: 'TOO_MANY_ROWS', message: `this is case ${rows}` });
    if (rows > ITEMS_MAX) return;
    // Decoding puts this in the place of what is no UTF-8; a JSON file that means it can escape it.
    if (text.includes('\ufffd')) { fault(row, { code: 'NOT_UTF8', message: 'holds bytes that are not UTF-8' }); return; }
    const read = readRow();
    if ('faults' in read) { for (const one of read.faults) fault(row, one); return; }
    const item = split === undefined || read.item.split !== undefined ? read.item : { ...read.item, split };
    const own = faultsOfItem(item);
    for (const one of own) fault(row, one);
    const first = ids.get(item.id);
    if (first !== undefined) fault(row, { column: 'id', code: 'DUPLICATE_ID', message: `${item.id.slice(0, 200)} is there already, in row ${first}` });
    else if (own.length === 0) ids.set(item.id, row);
    const before = bytes;
    bytes += bytesOf(text);
    if (bytes > VERSION_BYTES_MAX && before <= VERSION_BYTES_MAX) fault(row, { code: 'TOO_LARGE', message: `with this row the cases have more than ${VERSION_BYTES_MAX} bytes` });
    if (count === 0) items.push(item);
  };

  const onLine = (row: number, line: string | undefined): void => {
    if (line === undefined || bytesOf(line) > ROW_BYTES_MAX) { rows += 1; fault(row, { code: 'ROW_TOO_LARGE', message: `the row has more than ${ROW_BYTES_MAX} bytes` }); return; }
    take(row, line, () => (format === 'preferences' ? itemOfPreference(line, row, input) : itemOfJson(line)));
  };
  const onRow = ({ row, cells, faults: own }: CsvRow): void => {
    if (isBlind) return;
    if (columns !== undefined) {
      const known = columns;
      take(row, own.length > 0 ? '' : cells.join(''), () => (own.length > 0 ? { faults: own } : itemOfCells(cells, known)));
      return;
    }
    const header = columnsOf(cells, takesAllColumns);
    columns = header.columns;
    // Without ids every row would only say the same again.
    isBlind = header.faults.some(({ code }) => code === 'MISSING');
    for (const one of [...own, ...header.faults]) fault(row, one);
  };
  const feed = format === 'csv' ? createCsv(onRow) : createLines(onLine);
  return {
    feed(piece) {
      if (piece === '') return;
      feed.feed(!isBegun && piece.startsWith('\ufeff') ? piece.slice(1) : piece);
      isBegun = true;
    },
    end() {
      feed.end();
      if (rows === 0 && count === 0) fault(1, { code: 'EMPTY', message: 'the file holds no case' });
      return count > 0 ? { kind: 'refused', faults, count } : { kind: 'read', items };
    },
  };
}

/** A fault as one line of text: where, what, and nothing of what the cell holds. */
export const sentenceOfFault = ({ row, column, code, message }: RowFault): string => `row ${row}${column === undefined ? '' : `, ${column}`}: ${message} (${code})`;
