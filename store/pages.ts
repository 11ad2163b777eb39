import { BadInputError } from '../core/errors.js';
import type { Page, PageRequest } from './documents.js';
import type { Row, Table } from './table.js';
import type { Filter } from './terms.js';

/** What a list is sorted by, falling unless it is asked for otherwise; the cursor is the values of the last row, and nothing else. */
export type SortKey = readonly [field: string, kind: 'date' | 'text' | 'number'];
export const NEWEST: readonly SortKey[] = [['createdAt', 'date'], ['_id', 'text']];

const refuse = (): never => { throw new BadInputError('The cursor is not one of ours.', 'Use the cursor of the page before, unchanged.'); };

function read(kind: SortKey[1], value: unknown): string | number | Date {
  if (kind === 'text') return typeof value === 'string' ? value : refuse();
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) return refuse();
  return kind === 'date' ? new Date(value) : value;
}

/** Rows that come after the cursor. @throws BadInputError on a cursor that we did not make */
function beyond(cursor: string, keys: readonly SortKey[], side: '$lt' | '$gt'): Filter {
  let values: unknown;
  try { values = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')); } catch { return refuse(); }
  if (!Array.isArray(values) || values.length !== keys.length) return refuse();
  const bounds = keys.map(([field, kind], i) => ({ field, value: read(kind, (values as unknown[])[i]) }));
  return { $or: bounds.map(({ field, value }, i) => ({ ...Object.fromEntries(bounds.slice(0, i).map((b) => [b.field, { $eq: b.value }])), [field]: { [side]: value } })) };
}

const cursorOf = (row: Readonly<Record<string, unknown>>, keys: readonly SortKey[]): string =>
  Buffer.from(JSON.stringify(keys.map(([field]) => { const value = row[field]; return value instanceof Date ? value.getTime() : value; }))).toString('base64url');

/** One page, newest first, or oldest first. @throws BadInputError on a size outside 1 … 100, or a foreign cursor */
export async function pageOf<R extends Row, D>(table: Table<R>, filter: Filter, page: PageRequest, keys: readonly SortKey[], read: (row: R) => D, isRising = false): Promise<Page<D>> {
  if (!Number.isInteger(page.first) || page.first < 1 || page.first > 100) throw new BadInputError('A page holds 1 to 100.');
  const rows = await table.all(page.after === undefined ? filter : { $and: [filter, beyond(page.after, keys, isRising ? '$gt' : '$lt')] }, Object.fromEntries(keys.map(([field]) => [field, isRising ? 1 : -1])), page.first + 1);
  const items = rows.slice(0, page.first), last = items.at(-1);
  return { items: items.map(read), next: rows.length > page.first && last !== undefined ? cursorOf(last as unknown as Record<string, unknown>, keys) : null };
}
