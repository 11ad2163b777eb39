import type { ApplicationDoc, ApplicationReads, ApplicationWrites, Once } from './documents.js';
import type { Tables } from './table.js';
import { foundBy, newborn } from './once.js';
import { NEWEST, pageOf } from './pages.js';
import { among, eq, intended, literal, merged, onlyIfMissing } from './terms.js';

/** `puts`: the last sixteen keys, so that a repeat of an older put does not bring its content back. */
type ApplicationRow = ApplicationDoc & { readonly puts?: readonly Once[] };
const PUTS_KEPT = 16;
const read = ({ puts: _puts, ...doc }: ApplicationRow): ApplicationDoc => doc;

export function createApplications({ table }: Tables): ApplicationReads & ApplicationWrites {
  const rows = table<ApplicationRow>('applications');
  return {
    async find(key) {
      const row = await rows.first({ _id: eq(key) });
      return row === null ? null : read(row);
    },
    list: (keys, page) => pageOf(rows, keys === '*' ? {} : { _id: among(keys) }, page, NEWEST, read),
    async put(doc, intent) {
      const { owner, deputy, purpose, environments, once } = doc;
      const isRepeat = { $in: [literal(once.key), '$puts.key'] };
      const replaced = merged('$$ROOT', literal({ owner, deputy, purpose, environments, once }), {
        puts: { $slice: [{ $concatArrays: ['$puts', [literal(once)]] }, -PUTS_KEPT] }, intents: intended(intent),
      });
      const [born] = onlyIfMissing(newborn({ ...doc, puts: [once] }, intent));
      // One stage decides both: what was just born holds its own key, and is left as it is.
      const { before } = await rows.put(doc._id, [...(born === undefined ? [] : [born]), { $replaceWith: { $cond: [isRepeat, '$$ROOT', replaced] } }]);
      const former = before?.puts?.find((put) => put.key === once.key);
      const row = await rows.first({ _id: eq(doc._id) });
      if (row === null) throw new Error(`The application ${doc._id} was written and is gone.`);
      return former === undefined ? { kind: 'inserted', doc: read(row) } : foundBy({ ...read(row), application: row._id, once: former }, once);
    },
  };
}
