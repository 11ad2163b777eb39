import type { RolloutPolicy } from '../core/release/index.js';
import type { Inserted, PolicyDoc, PolicyReads, PolicyWrites } from './documents.js';
import type { Tables } from './table.js';
import { decode, encode } from './json.js';
import { findVersion, insertVersion, type Line } from './once.js';
import { NEWEST, pageOf } from './pages.js';
import { eq } from './terms.js';

type PolicyRow = Omit<PolicyDoc, 'policy'> & { readonly policy: string };
const read = (row: PolicyRow): PolicyDoc => ({ ...row, policy: decode<RolloutPolicy>(row.policy) });
const line = (application: string, name: string): Line => ({ kind: 'policy', field: 'name', application, name });

export function createPolicies({ table }: Tables): PolicyReads & PolicyWrites {
  const rows = table<PolicyRow>('policies');
  return {
    async find(application, name, version) {
      const row = await findVersion(rows, line(application, name), version);
      return row === null ? null : read(row);
    },
    list: (application, page) => pageOf(rows, { application: eq(application) }, page, NEWEST, read),
    async insert(doc, intent) {
      const written: Inserted<PolicyRow> = await insertVersion(rows, line(doc.application, doc.name), { ...doc, policy: encode(doc.policy) }, intent);
      return { kind: written.kind, doc: read(written.doc) };
    },
  };
}
