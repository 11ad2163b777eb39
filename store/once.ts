import { UnavailableError } from '../core/errors.js';
import type { ApplicationKey } from '../core/ids.js';
import type { Inserted, Intent, Once, StoredIntent } from './documents.js';
import { TakenError, type Row, type Table } from './table.js';
import { eq, literal, merged, NOW, stamped, type Term } from './terms.js';

export interface OnceRow extends Row { readonly application: string; readonly once: Once }
export interface VersionRow extends OnceRow { readonly version: number; readonly intents: readonly StoredIntent[] }

/** A document as it is born: what the caller says, shape, the database's time, its first intent. */
export const newborn = (doc: object, intent: Intent, more: Readonly<Record<string, Term>> = {}): Term => merged(literal({ ...doc, shape: 1 }), { createdAt: NOW, intents: [stamped(intent)], ...more });

/** A document that was there before: the same key with the same arguments, or with others. */
export const foundBy = <D extends OnceRow>(doc: D, once: Once): Inserted<D> => ({ kind: doc.once.args === once.args ? 'repeated' : 'reused', doc });

export const byOnce = <D extends OnceRow>(table: Table<D>, application: ApplicationKey | '*', key: string): Promise<D | null> =>
  table.first({ application: eq(application), 'once.key': eq(key) });

/**
 * Inserted at most once per (application, key). When another document holds the id, or another unique value: `taken`.
 */
export async function insertOnce<D extends OnceRow>(table: Table<D>, id: string, fresh: Term, application: ApplicationKey | '*', once: Once): Promise<Inserted<D> | 'taken'> {
  try {
    const { row, born } = await table.born(id, fresh);
    if (born) return { kind: 'inserted', doc: row };
    if (row.application === application && row.once.key === once.key) return foundBy(row, once);
  } catch (error) {
    if (!(error instanceof TakenError)) throw error;
  }
  const former = await byOnce(table, application, once.key);
  return former === null ? 'taken' : foundBy(former, once);
}

/** A name of an application that is counted in versions: `kind` begins the subject, `field` holds the name. */
export interface Line { readonly kind: string; readonly field: 'name' | 'prompt'; readonly application: ApplicationKey; readonly name: string }
const lineFilter = (line: Line) => ({ application: eq(line.application), [line.field]: eq(line.name) });

export const findVersion = <D extends VersionRow>(table: Table<D>, line: Line, version: number | 'latest'): Promise<D | null> =>
  table.first(version === 'latest' ? lineFilter(line) : { ...lineFilter(line), version: eq(version) }, { version: -1 });

/**
 * The next version of a name. The unique index settles races: who comes second takes the number after.
 * @throws UnavailableError when twenty others were quicker; the key may be repeated
 */
export async function insertVersion<D extends VersionRow>(table: Table<D>, line: Line, doc: Omit<D, '_id' | 'shape' | 'version' | 'createdAt' | 'intents'>, intent: Omit<Intent, 'subject'>): Promise<Inserted<D>> {
  const once = doc.once;
  const former = await byOnce(table, line.application, once.key);
  if (former !== null) return foundBy(former, once);
  for (let tries = 0; tries < 20; tries += 1) {
    const version = ((await findVersion(table, line, 'latest'))?.version ?? 0) + 1;
    const id = `${line.application}/${line.name}/${version}`;
    const told: Intent = { ...intent, subject: `${line.kind}/${line.name}/${version}` };
    const written = await insertOnce(table, id, newborn({ ...doc, _id: id, version }, told), line.application, once);
    if (written !== 'taken') return written;
  }
  throw new UnavailableError(`Too many versions of ${line.name} are being saved at once.`);
}
