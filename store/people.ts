import { UnavailableError } from '../core/errors.js';
import type { Grant } from '../core/access.js';
import type { ApiKeyDoc, ApiKeyReads, ApiKeyWrites, GrantDoc, GrantWrites, PersonDoc, PersonReads, PersonWrites } from './documents.js';
import type { Row, Table, Tables } from './table.js';
import { insertOnce, newborn } from './once.js';
import { NEWEST, pageOf } from './pages.js';
import { eq, fromNow, intended, literal, merged, NOW, onlyIfMissing, type Filter, type Stage } from './terms.js';

/** Not over: `endsAt` is null or still to come, by the database's clock. */
const LIVE: Filter = { $or: [{ endsAt: null }, { $expr: { $gt: ['$endsAt', NOW] } }] };

/** Born, or changed in these fields; the intent is written only where something changed. */
async function putFields<D extends Row>(rows: Table<D>, doc: Row & object, changes: Readonly<Record<string, unknown>>, fresh: unknown, told: unknown): Promise<D> {
  const same = { $and: Object.entries(changes).map(([field, value]) => ({ $eq: [`$${field}`, literal(value)] })) };
  const changed: Stage = { $replaceWith: { $cond: [same, '$$ROOT', merged('$$ROOT', literal(changes), { intents: told })] } };
  await rows.put(doc._id, [...onlyIfMissing(fresh), changed]);
  const row = await rows.first({ _id: eq(doc._id) });
  if (row === null) throw new Error(`${doc._id} was written and is gone.`);
  return row;
}

export function createPeople({ table }: Tables): PersonReads & PersonWrites {
  const people = table<PersonDoc>('people'), grants = table<GrantDoc>('grants');
  return {
    find: (id) => people.first({ _id: eq(id) }),
    async grantsOf(person) {
      const rows = await grants.all({ $and: [{ person: eq(person) }, LIVE] }, { _id: 1 }, 1_000);
      return rows.map(({ application, role }): Grant => ({ application, role }));
    },
    anyAdmin: async () => (await grants.first({ $and: [{ role: eq('ADMIN') }, LIVE] })) !== null,
    put: (person, intent) => putFields(people, person, { name: person.name, team: person.team }, newborn(person, intent), intended(intent)),
  };
}

export function createGrants({ table }: Tables): GrantWrites {
  const grants = table<GrantDoc>('grants');
  return {
    // What it grants to whom never changes; when it ends, and by whose word, may.
    put: (grant, intent) => putFields(grants, grant, { endsAt: grant.endsAt, grantedBy: grant.grantedBy }, newborn(grant, intent), intended(intent)),
  };
}

export function createApiKeys({ table }: Tables): ApiKeyReads & ApiKeyWrites {
  const rows = table<ApiKeyDoc>('apiKeys');
  return {
    async find(id) {
      const [row] = await rows.aggregate<ApiKeyDoc & { live: boolean }>([
        { $match: { _id: eq(id) } },
        { $set: { live: { $and: [{ $eq: ['$revokedAt', null] }, { $gt: ['$expiresAt', NOW] }] } } },
      ]);
      return row ?? null;
    },
    list: (application, page) => pageOf(rows, { application: eq(application) }, page, NEWEST, (row) => row),
    async insert({ lifeSec, ...doc }, intent) {
      const fresh = newborn({ ...doc, revokedAt: null }, intent, { expiresAt: fromNow(lifeSec * 1_000) });
      const written = await insertOnce(rows, doc._id, fresh, doc.application, doc.once);
      // Eight random characters met another key's: the caller draws again.
      if (written === 'taken') throw new UnavailableError('That key id is in use.', 'Repeat with the same idempotency key; another id will be drawn.');
      return written;
    },
    async revoke(id, intent) {
      const revoked = await rows.change({ _id: eq(id), revokedAt: null }, [{ $set: { revokedAt: NOW, intents: intended(intent) } }]);
      return revoked ?? rows.first({ _id: eq(id) });
    },
  };
}
