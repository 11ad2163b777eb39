import { MongoBulkWriteError, MongoError, MongoServerError, type AnyBulkWriteOperation, type Collection, type Db, type Document, type Sort } from 'mongodb';
import { UnavailableError } from '../core/errors.js';
import type { CollectionName } from './collections.js';
import { assertText, eq, onlyIfMissing, type Filter, type Stage, type Term } from './terms.js';

/** `maxTimeMs` ends a call at the server; `giveUpMs` ends it here, in whatever state the connection is. */
export interface Bounds { readonly maxTimeMs: number; readonly giveUpMs: number }
export interface Row { readonly _id: string }
export interface Upsert { readonly id: string; readonly pipeline: readonly Stage[] }

/** A unique index already holds this: `keys` are its fields. Never leaves the room. */
export class TakenError extends Error {
  override readonly name = 'TakenError';
  readonly keys: readonly string[];
  constructor(keys: readonly string[], cause: unknown) { super(`taken: ${keys.join(', ')}`, { cause }); this.keys = keys; }
}

/** Unreachable, over its time limit, shutting down, not the primary any more, interrupted, in conflict, no disk: another try may do. */
const PASSING = new Set([6, 7, 50, 64, 89, 91, 112, 134, 189, 202, 262, 9001, 10107, 11600, 11601, 11602, 13435, 13436, 14031]);
/** A socket's own words: the driver passes some of them on as they are, such as those of a write that waits for its peer. */
const BROKEN = /^(ECONN|EPIPE|ETIMEDOUT|ENET|EHOST|EAI_|ERR_STREAM_|ERR_SOCKET_)/;
const OURS = /Invalid|Parse|Credentials|Dependency|Compatibility|CursorInUse|Transaction/;

/** What the driver threw, as an error of ours: network, time-outs and a server that goes away are UNAVAILABLE; a bug stays what it is. */
export function translated(thrown: unknown): unknown {
  // A bulk wraps what ended it, a time-out of ours too.
  const error: unknown = thrown instanceof MongoBulkWriteError && (thrown.errorResponse as unknown) instanceof Error ? thrown.errorResponse : thrown;
  if (error instanceof MongoServerError && error.code === 11000) return new TakenError(Object.keys((error['keyPattern'] ?? {}) as object), error);
  const passing = error instanceof MongoServerError ? PASSING.has(Number(error.code)) || error.hasErrorLabel('RetryableWriteError') || error.hasErrorLabel('SystemOverloadedError') || error.name === 'MongoWriteConcernError'
    : error instanceof MongoError ? !OURS.test(error.name)
      : error instanceof DOMException ? error.name === 'TimeoutError' || error.name === 'AbortError'
        : error instanceof Error && 'code' in error && typeof error.code === 'string' && BROKEN.test(error.code);
  if (!passing) return error;
  const unavailable = new UnavailableError('The database does not answer in time.');
  unavailable.cause = error;
  return unavailable;
}

/** One collection, reached only by calls that end, whose errors are ours. Filters take outside values through `eq` and `among`. */
export class Table<D extends Row> {
  readonly name: CollectionName;
  readonly #rows: Collection<Row & Document>;
  readonly #bounds: Bounds;
  constructor(db: Db, name: CollectionName, bounds: Bounds) {
    this.name = name;
    this.#rows = db.collection<Row & Document>(name);
    this.#bounds = bounds;
  }

  /** The driver passes `signal` on for every operation; its types name it for reads only. */
  #options(): { readonly maxTimeMS: number; readonly signal: AbortSignal } {
    return { maxTimeMS: this.#bounds.maxTimeMs, signal: AbortSignal.timeout(this.#bounds.giveUpMs) };
  }
  async #call<T>(call: () => Promise<T>): Promise<T> {
    try { return await call(); } catch (error) { throw translated(error); }
  }

  /** The first by the given order, or the only one. */
  async first(filter: Filter, sort?: Sort): Promise<D | null> {
    return this.#call(() => this.#rows.findOne<D>(filter as Document, { ...(sort === undefined ? {} : { sort }), ...this.#options() }));
  }
  async all(filter: Filter, sort: Sort, limit: number): Promise<D[]> {
    return this.#call(() => this.#rows.find<D>(filter as Document, { sort, limit, ...this.#options() }).toArray());
  }
  async aggregate<T extends Document = Document>(pipeline: readonly Stage[]): Promise<T[]> {
    return this.#call(() => this.#rows.aggregate<T>([...pipeline], this.#options()).toArray());
  }
  /** One document, changed by a pipeline where it meets the filter, as it is afterwards; null where none does. */
  async change(filter: Filter, pipeline: readonly Stage[]): Promise<D | null> {
    return this.#call(async () => await this.#rows.findOneAndUpdate(filter as Document, [...pipeline] as Document[], { returnDocument: 'after', ...this.#options() }) as D | null);
  }
  /**
   * The document of this id, made by the pipeline from nothing or from what is there. `before` is null when it was born now.
   * Two that make it at once may meet in the index on `_id`; the second then finds the first's.
   */
  async put(id: string, pipeline: readonly Stage[]): Promise<{ readonly before: D | null }> {
    for (let again = true; ; again = false) {
      try {
        return await this.#call(async () => ({ before: await this.#rows.findOneAndUpdate({ _id: eq(assertText(id)) }, [...pipeline] as Document[], { upsert: true, returnDocument: 'before', ...this.#options() }) as D | null }));
      } catch (error) {
        if (!again || !(error instanceof TakenError) || !error.keys.includes('_id')) throw error;
      }
    }
  }
  /** Born from an expression that holds `_id`, unless it is there already: then what is there. One command. */
  async born(id: string, fresh: Term): Promise<{ readonly row: D; readonly born: boolean }> {
    for (let again = true; ; again = false) {
      try {
        return await this.#call(async () => {
          const found = await this.#rows.findOneAndUpdate({ _id: eq(assertText(id)) }, [...onlyIfMissing(fresh)] as Document[], { upsert: true, returnDocument: 'after', includeResultMetadata: true, ...this.#options() });
          return { row: found.value as unknown as D, born: found.lastErrorObject?.['updatedExisting'] === false };
        });
      } catch (error) {
        if (!again || !(error instanceof TakenError) || !error.keys.includes('_id')) throw error;
      }
    }
  }
  /** Unordered upserts by id in one go. A race for an id is no error: the other has written the same. */
  async putAll(puts: readonly Upsert[]): Promise<void> {
    if (puts.length === 0) return;
    const operations = puts.map(({ id, pipeline }) => ({ updateOne: { filter: { _id: eq(assertText(id)) }, update: [...pipeline], upsert: true } })) as unknown as AnyBulkWriteOperation<Row & Document>[];
    try {
      await this.#rows.bulkWrite(operations, { ordered: false, ...this.#options() });
    } catch (error) {
      const faults = error instanceof MongoBulkWriteError ? [error.writeErrors].flat() : [];
      if (faults.length === 0 || !faults.every((fault) => fault.code === 11000) || (error as MongoBulkWriteError).result.getWriteConcernError() !== undefined) throw translated(error);
    }
  }
  /** How many were removed. */
  async remove(filter: Filter): Promise<number> {
    return this.#call(async () => (await this.#rows.deleteMany(filter as Document, this.#options())).deletedCount);
  }
}

/** The tables and the clock; what every noun of this room is made of. */
export interface Tables {
  readonly table: <D extends Row>(name: CollectionName) => Table<D>;
  /** The database's clock. */
  readonly now: () => Promise<Date>;
}
