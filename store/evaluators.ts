import type { EvaluatorSpec } from '../core/score/index.js';
import type { EvaluatorDoc, EvaluatorReads, EvaluatorWrites, Inserted } from './documents.js';
import type { Tables } from './table.js';
import { decode, encode } from './json.js';
import { findVersion, insertVersion, type Line } from './once.js';
import { eq } from './terms.js';

/** A specification may hold a JSON Schema of somebody else's. */
type EvaluatorRow = Omit<EvaluatorDoc, 'spec'> & { readonly spec: string };
const read = (row: EvaluatorRow): EvaluatorDoc => ({ ...row, spec: decode<EvaluatorSpec>(row.spec) });
const line = (application: string, name: string): Line => ({ kind: 'evaluator', field: 'name', application, name });

export function createEvaluators({ table }: Tables): EvaluatorReads & EvaluatorWrites {
  const rows = table<EvaluatorRow>('evaluators');
  return {
    async find(application, name, version) {
      const row = await findVersion(rows, line(application, name), version);
      return row === null ? null : read(row);
    },
    list: async (application) => (await rows.all({ application: eq(application) }, { name: 1, version: -1 }, 1_000)).map(read),
    async insert(doc, intent) {
      const written: Inserted<EvaluatorRow> = await insertVersion(rows, line(doc.application, doc.name), { ...doc, spec: encode(doc.spec) }, intent);
      return { kind: written.kind, doc: read(written.doc) };
    },
  };
}
