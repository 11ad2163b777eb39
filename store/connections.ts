import { ConflictError } from '../core/errors.js';
import type { ConnectionDoc, ConnectionReads, ConnectionWrites } from './documents.js';
import type { Tables } from './table.js';
import { insertOnce, newborn } from './once.js';
import { eq } from './terms.js';

export function createConnections({ table }: Tables): ConnectionReads & ConnectionWrites {
  const rows = table<ConnectionDoc>('connections');
  const find: ConnectionReads['find'] = (application, name) => rows.first({ application: eq(application), name: eq(name) });
  return {
    find,
    list: (application) => rows.all({ application: eq(application) }, { name: 1 }, 1_000),
    /** @throws ConflictError when the name stands for another endpoint or other limits */
    async insert(doc, intent) {
      const written = await insertOnce(rows, doc._id, newborn(doc, intent), doc.application, doc.once);
      if (written !== 'taken') return written;
      const former = await find(doc.application, doc.name);
      if (former === null || former.kind !== doc.kind || former.baseUrl !== doc.baseUrl || former.secretRef !== doc.secretRef
          || (former.requestsPerMin ?? null) !== (doc.requestsPerMin ?? null) || (former.concurrencyMax ?? null) !== (doc.concurrencyMax ?? null)) {
        throw new ConflictError(`${doc.application} already has a connection ${doc.name}, to another endpoint or with other limits.`, 'Choose another name: model versions pin a connection by its name.');
      }
      return { kind: 'repeated', doc: former };
    },
  };
}
