import { NotFoundError, UnavailableError } from '../core/errors.js';
import type { Qualification } from '../core/score/index.js';
import type { CalibrationDoc, CalibrationReads, CalibrationWrites } from './documents.js';
import { decode, encode } from './json.js';
import { byOnce, insertOnce, newborn } from './once.js';
import { NEWEST, pageOf } from './pages.js';
import type { Tables } from './table.js';
import { eq, intended, literal, NOW } from './terms.js';

/** What was found holds numbers without end, and ids of attacks. */
type CalibrationRow = Omit<CalibrationDoc, 'qualification'> & { readonly qualification: string | null };
const read = (row: CalibrationRow): CalibrationDoc => ({ ...row, qualification: row.qualification === null ? null : decode<Qualification>(row.qualification) });

export function createCalibrations({ table }: Tables): CalibrationReads & CalibrationWrites {
  const rows = table<CalibrationRow>('calibrations');
  const found = (row: CalibrationRow | null): CalibrationDoc | null => (row === null ? null : read(row));
  return {
    find: async (id) => found(await rows.first({ _id: eq(id) })),
    byOnce: async (application, key) => found(await byOnce(rows, application, key)),
    newest: async (application, evaluator) => found(await rows.first({ application: eq(application), 'evaluator.digest': eq(evaluator), state: 'FINISHED' }, { createdAt: -1 })),
    list: (application, evaluator, page) => pageOf(rows, { application: eq(application), ...(evaluator === null ? {} : { 'evaluator.name': eq(evaluator) }) }, page, NEWEST, read),

    async insert({ probesTotal, ...doc }, intent) {
      const progress: CalibrationDoc['progress'] = { probes: 0, probesTotal, calls: 0, errors: 0, costUsd: null };
      const written = await insertOnce(rows, doc._id, newborn({ ...doc, state: 'RUNNING', progress, qualification: null, error: null, finishedAt: null, rev: 1 }, intent), doc.application, doc.once);
      if (written === 'taken') throw new UnavailableError('The id of the calibration is in use.');
      return { kind: written.kind, doc: read(written.doc) };
    },
    async progress(id, progress) {
      await rows.change({ _id: eq(id), state: 'RUNNING' }, [{ $set: { progress: literal(progress), rev: { $add: ['$rev', 1] } } }]);
    },
    async finish(id, { state, qualification, error }, intent) {
      const ended = { state: literal(state), qualification: literal(qualification === null ? null : encode(qualification)), error: literal(error), finishedAt: NOW, rev: { $add: ['$rev', 1] }, intents: intended(intent) };
      const row = (await rows.change({ _id: eq(id), state: 'RUNNING' }, [{ $set: ended }])) ?? (await rows.first({ _id: eq(id) }));
      if (row === null) throw new NotFoundError('calibration', id);
      return read(row);
    },
  };
}
