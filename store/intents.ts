import { UnavailableError } from '../core/errors.js';
import type { AuditDoc, AuditReads, IntentWrites, PendingIntent, SplitDoc, StoredIntent } from './documents.js';
import { carriesIntents, COLLECTION_NAMES, type CollectionName } from './collections.js';
import { createReverts } from './releases-revert.js';
import { TakenError, type Row, type Table, type Tables } from './table.js';
import { eq, literal, NOW, onlyIfMissing, type Stage } from './terms.js';

const GENESIS = '0'.repeat(64);
const APPEND_TRIES = 50;
type Carrier = Row & { readonly intents: readonly StoredIntent[] };

const CARRIERS: readonly CollectionName[] = COLLECTION_NAMES.filter(carriesIntents);
/** Both conditions: the first makes the planner take the partial index, the second says what is meant. */
const WAITING: Stage = { $match: { 'intents.at': { $gte: new Date(0) }, 'intents.0': { $exists: true } } };
/** One pipeline over every collection that carries intents: one command, however many they are. */
function overAll(stages: (name: CollectionName) => readonly Stage[]): readonly Stage[] {
  const [, ...others] = CARRIERS;
  return [...stages('applications'), ...others.map((name) => ({ $unionWith: { coll: name, pipeline: stages(name) } }))];
}

const eventOf = ({ intent }: PendingIntent): Omit<AuditDoc, '_id' | 'shape' | 'hash' | 'seq' | 'previousHash'> => ({
  application: intent.application, intentId: intent.id, at: intent.at, actor: intent.actor.id, actorKind: intent.actor.kind, authMethod: intent.actor.authMethod ?? null,
  action: intent.action, subject: intent.subject, beforeDigest: intent.beforeDigest ?? null, afterDigest: intent.afterDigest ?? null, reason: intent.reason ?? null,
});

/** The relay's part: every step may be repeated, by two relays at once too, and changes nothing the second time. */
export function createIntents({ table }: Tables): IntentWrites {
  const first: Table<Carrier> = table('applications');
  const audit = table<AuditDoc>('audit'), splits = table<SplitDoc>('splits');
  const reverts = createReverts({ table });

  /**
   * After the chain's head, once for each intent. Who loses the race for a number reads the new head. An id that the chain has for something
   * else (one key of a caller, used twice at the same moment) is told apart by its subject: nothing that happened is left out.
   */
  async function chain(pending: PendingIntent, linkOf: Parameters<IntentWrites['carryOut']>[1]): Promise<void> {
    const { application, subject } = pending.intent;
    let { id } = pending.intent;
    for (let tries = 0; tries < APPEND_TRIES; tries += 1) {
      const told = await audit.first({ application: eq(application), intentId: eq(id) });
      if (told !== null && told.subject === subject) return;
      if (told !== null) { id = `${id}|${subject}`; continue; }
      const head = await audit.first({ application: eq(application) }, { seq: -1 });
      const seq = (head?.seq ?? 0) + 1;
      const event = { ...eventOf(pending), intentId: id, seq, previousHash: head?.hash ?? GENESIS };
      const doc: AuditDoc = { _id: `${application}/${String(seq).padStart(10, '0')}`, shape: 1, ...event, hash: linkOf(event) };
      try {
        const { born, row } = await audit.born(doc._id, literal(doc));
        if (born || row.intentId === id) return;
      } catch (error) {
        if (!(error instanceof TakenError)) throw error;
      }
    }
    throw new UnavailableError(`The audit chain of ${application} is written to by too many at once.`);
  }

  return {
    pending: (limit) => first.aggregate<PendingIntent>([
      ...overAll((name) => [
        WAITING, { $sort: { 'intents.at': 1 } }, { $limit: limit }, { $project: { intents: 1 } },
        { $unwind: { path: '$intents', includeArrayIndex: 'place' } }, { $project: { _id: 0, collection: literal(name), documentId: '$_id', intent: '$intents', place: 1 } },
      ]),
      { $sort: { 'intent.at': 1, collection: 1, documentId: 1, place: 1 } }, { $limit: limit }, { $unset: 'place' },
    ]),
    async carryOut(pending, linkOf) {
      const { split, revert, at } = pending.intent;
      await chain(pending, linkOf);
      if (split !== undefined) {
        const doc: SplitDoc = { ...split, _id: `${split.application}/${split.environment}/${split.rev}`, shape: 1, at };
        await splits.putAll([{ id: doc._id, pipeline: onlyIfMissing(literal(doc)) }]);
      }
      if (revert !== undefined) await reverts.write(pending.intent, revert);
    },
    async done({ collection, documentId, intent }) {
      if (!carriesIntents(collection)) throw new RangeError(`${collection} carries no intents.`);
      const without = { $filter: { input: '$intents', cond: { $ne: ['$$this.id', literal(intent.id)] } } };
      await table<Carrier>(collection).change({ _id: eq(documentId) }, [{ $set: { intents: without } }]);
    },
  };
}

export function createAudit({ table }: Tables): AuditReads {
  const audit = table<AuditDoc>('audit'), first: Table<Carrier> = table('applications');
  return {
    list: (application, after, limit) => audit.all({ application: eq(application), seq: { $gt: after } }, { seq: 1 }, limit),
    byIntent: (application, intentId) => audit.first({ application: eq(application), intentId: eq(intentId) }),
    async lagSec() {
      const [oldest] = await first.aggregate<{ ms: number }>([
        ...overAll(() => [WAITING, { $sort: { 'intents.at': 1 } }, { $limit: 1 }, { $project: { at: { $min: '$intents.at' } } }]),
        { $group: { _id: null, at: { $min: '$at' } } }, { $project: { ms: { $subtract: [NOW, '$at'] } } },
      ]);
      return oldest === undefined ? 0 : Math.max(0, oldest.ms / 1_000);
    },
  };
}
