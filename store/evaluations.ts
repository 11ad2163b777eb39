import type { Verdict } from '../core/gate/index.js';
import { NotFoundError, UnavailableError } from '../core/errors.js';
import type { AnswerDoc, EvaluationDoc, EvaluationReads, EvaluationWrites, Inserted, ScoreDoc } from './documents.js';
import { decode, encode } from './json.js';
import { byOnce, insertOnce, newborn } from './once.js';
import { NEWEST, pageOf } from './pages.js';
import type { Tables, Upsert } from './table.js';
import { among, eq, fromNow, intended, literal, merged, NOW } from './terms.js';

/** A verdict names metrics and evaluators as keys. */
type EvaluationRow = Omit<EvaluationDoc, 'verdict'> & { readonly verdict: string | null };
const read = (row: EvaluationRow): EvaluationDoc => ({ ...row, verdict: row.verdict === null ? null : decode<Verdict>(row.verdict) });
const UNEXPIRED = { $expr: { $gt: ['$expiresAt', NOW] } };

/**
 * Kept once it is good: what was paid for stays. An error, or what has expired, makes room for the next try; a repeat of
 * something good keeps it for longer at most.
 */
const kept = (doc: { readonly _id: string }, keepSec: number): Upsert => {
  const until = fromNow(keepSec * 1_000);
  const good = { $and: [{ $eq: [{ $type: '$shape' }, 'int'] }, { $eq: ['$error', null] }, { $gt: ['$expiresAt', NOW] }] };
  return {
    id: doc._id,
    pipeline: [{ $replaceWith: { $cond: [good, merged('$$ROOT', { expiresAt: { $max: ['$expiresAt', until] } }), merged(literal({ ...doc, shape: 1 }), { at: NOW, expiresAt: until })] } }],
  };
};

export function createEvaluations({ table }: Tables): EvaluationReads & EvaluationWrites {
  const rows = table<EvaluationRow>('evaluations'), answers = table<AnswerDoc>('answers'), scores = table<ScoreDoc>('scores');
  const found = (row: EvaluationRow | null): EvaluationDoc | null => (row === null ? null : read(row));
  return {
    find: async (id) => found(await rows.first({ _id: eq(id) })),
    byOnce: async (application, key) => found(await byOnce(rows, application, key)),
    byIdentity: async (application, identity) => (await rows.all({ application: eq(application), identity: eq(identity) }, { attempt: -1 }, 100)).map(read),
    list({ application, applications, bundle, state }, page) {
      const terms = [
        ...(application === undefined ? [] : [{ application: eq(application) }]), ...(applications === undefined ? [] : [{ application: among(applications) }]),
        ...(bundle === undefined ? [] : [{ 'plan.bundle': eq(bundle) }]), ...(state === undefined ? [] : [{ state: eq(state) }]),
      ];
      return pageOf(rows, terms.length === 0 ? {} : { $and: terms }, page, NEWEST, read);
    },
    answers: (application, ids) => answers.all({ _id: among(ids), application: eq(application), ...UNEXPIRED }, { _id: 1 }, Math.max(1, ids.length)),
    scores: (application, ids) => scores.all({ _id: among(ids), application: eq(application), ...UNEXPIRED }, { _id: 1 }, Math.max(1, ids.length)),

    async insert(doc, intent): Promise<Inserted<EvaluationDoc>> {
      const progress: EvaluationDoc['progress'] = { items: 0, itemsTotal: doc.plan.dataset.items, calls: 0, errors: 0, costUsd: null };
      const fresh = newborn({ ...doc, state: 'RUNNING', verdict: null, error: null, progress, finishedAt: null, rev: 1 }, intent);
      const written = await insertOnce(rows, doc._id, fresh, doc.application, doc.once);
      if (written !== 'taken') return { kind: written.kind, doc: read(written.doc) };
      // Another asked for the same identity and attempt under its own key: evaluations are joined, not owned.
      const joined = await rows.first({ application: eq(doc.application), identity: eq(doc.identity), attempt: eq(doc.attempt) });
      if (joined === null) throw new UnavailableError('The id of the evaluation is in use.');
      return { kind: 'repeated', doc: read(joined) };
    },
    saveAnswers: (docs, keepSec) => answers.putAll(docs.map((doc) => kept(doc, keepSec))),
    saveScores: (docs, keepSec) => scores.putAll(docs.map((doc) => kept(doc, keepSec))),
    async progress(id, progress) {
      return (await rows.change({ _id: eq(id), state: 'RUNNING' }, [{ $set: { progress: literal(progress), rev: { $add: ['$rev', 1] } } }])) !== null;
    },
    async finish(id, { state, verdict, error }, intent) {
      const ended = { state: literal(state), verdict: literal(verdict === null ? null : encode(verdict)), error: literal(error), finishedAt: NOW, rev: { $add: ['$rev', 1] }, intents: intended(intent) };
      const row = (await rows.change({ _id: eq(id), state: 'RUNNING' }, [{ $set: ended }])) ?? (await rows.first({ _id: eq(id) }));
      if (row === null) throw new NotFoundError('evaluation', id);
      return read(row);
    },
  };
}
