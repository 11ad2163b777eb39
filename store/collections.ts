import type { CreateIndexesOptions } from 'mongodb';

type Index = readonly [keys: Readonly<Record<string, 1 | -1>>, options?: CreateIndexesOptions];
interface CollectionPlan {
  /** The half of the store that writes it; which room may hold that half is said by `test/rooms.test.ts`. */
  readonly writer: string;
  /** Its documents carry intents, which the relay looks for. */
  readonly intents: boolean;
  /** Unique ones begin with the application, as a cluster sharded by application demands. */
  readonly indexes: readonly Index[];
  readonly retention: string;
}

const UNIQUE = { unique: true } as const;
const ONCE: Index = [{ application: 1, 'once.key': 1 }, UNIQUE];
const NEWEST: Index = [{ application: 1, createdAt: -1, _id: -1 }];
const EVER = 'kept';
const versions = (writer: string, name: string): CollectionPlan => ({ writer, intents: true, indexes: [[{ application: 1, [name]: 1, version: 1 }, UNIQUE], ONCE, NEWEST], retention: EVER });

/** Every collection there is: who writes it, how it is found, how long it stays. */
export const COLLECTIONS = {
  applications: { writer: 'ApplicationWrites', intents: true, indexes: [[{ createdAt: -1, _id: -1 }]], retention: EVER },
  people: { writer: 'PersonWrites', intents: true, indexes: [], retention: EVER },
  grants: { writer: 'GrantWrites', intents: true, indexes: [[{ person: 1 }], [{ role: 1 }]], retention: EVER },
  apiKeys: { writer: 'ApiKeyWrites', intents: true, indexes: [ONCE, NEWEST, [{ expiresAt: 1 }]], retention: '90 days after they expire' },
  connections: { writer: 'ConnectionWrites', intents: true, indexes: [[{ application: 1, name: 1 }, UNIQUE], ONCE], retention: EVER },
  limits: { writer: 'LimitWrites', intents: false, indexes: [], retention: EVER },
  promptVersions: versions('PromptWrites', 'prompt'),
  modelVersions: versions('BundleWrites', 'name'),
  contextVersions: versions('BundleWrites', 'name'),
  guardrailPolicies: versions('BundleWrites', 'name'),
  bundles: { writer: 'BundleWrites', intents: true, indexes: [[{ application: 1, digest: 1 }, UNIQUE]], retention: EVER },
  datasets: versions('DatasetWrites', 'name'),
  datasetItems: { writer: 'DatasetWrites', intents: false, indexes: [[{ application: 1, dataset: 1 }]], retention: EVER },
  evaluators: versions('EvaluatorWrites', 'name'),
  policies: versions('PolicyWrites', 'name'),
  environments: { writer: 'EnvironmentWrites, RollbackWrites', intents: true, indexes: [[{ touchedAt: 1 }]], retention: EVER },
  splits: { writer: 'IntentWrites', intents: false, indexes: [[{ application: 1, environment: 1, rev: -1 }, UNIQUE]], retention: EVER },
  readers: { writer: 'ReaderWrites', intents: false, indexes: [[{ application: 1, environment: 1 }], [{ at: 1 }]], retention: '24 hours after the last acknowledgement' },
  evaluations: { writer: 'EvaluationWrites', intents: true, indexes: [ONCE, [{ application: 1, identity: 1, attempt: 1 }, UNIQUE], NEWEST, [{ createdAt: -1, _id: -1 }]], retention: EVER },
  answers: { writer: 'EvaluationWrites', intents: false, indexes: [[{ expiresAt: 1 }]], retention: 'until expiresAt' },
  scores: { writer: 'EvaluationWrites', intents: false, indexes: [[{ expiresAt: 1 }]], retention: 'until expiresAt' },
  calibrations: { writer: 'CalibrationWrites', intents: true, indexes: [ONCE, NEWEST, [{ application: 1, 'evaluator.digest': 1, createdAt: -1 }]], retention: EVER },
  releases: {
    writer: 'ReleaseWrites; IntentWrites for kind REVERT', intents: true, retention: EVER,
    indexes: [ONCE, [{ application: 1, environment: 1 }, { ...UNIQUE, name: 'one_open', partialFilterExpression: { open: true } }],
      NEWEST, [{ application: 1, environment: 1, createdAt: -1, _id: -1 }], [{ createdAt: -1, _id: -1 }], [{ state: 1 }], [{ terminalAt: 1 }], [{ 'watch.open': 1 }, { name: 'watched', partialFilterExpression: { 'watch.open': true } }]],
  },
  decisions: { writer: 'ReleaseWrites; WatchWrites for the looks of a watch', intents: false, indexes: [[{ application: 1, release: 1, seq: -1 }, UNIQUE], [{ release: 1, seq: -1 }]], retention: EVER },
  batches: { writer: 'BatchWrites', intents: false, indexes: [[{ application: 1, at: 1 }], [{ at: 1 }]], retention: 'until folded, and 1 hour' },
  blocks: { writer: 'BlockWrites', intents: false, indexes: [[{ application: 1, release: 1, metric: 1, block: 1 }, UNIQUE]], retention: EVER },
  audit: { writer: 'IntentWrites', intents: false, indexes: [[{ application: 1, seq: 1 }, UNIQUE], [{ application: 1, intentId: 1 }, UNIQUE]], retention: EVER },
  duties: { writer: 'DutyWrites; BlockWrites for how far the fold has come', intents: false, indexes: [], retention: EVER },
} as const satisfies Readonly<Record<string, CollectionPlan>>;

export type CollectionName = keyof typeof COLLECTIONS;
export const COLLECTION_NAMES = Object.keys(COLLECTIONS) as readonly CollectionName[];
export const carriesIntents = (name: string): name is CollectionName => COLLECTION_NAMES.some((known) => known === name && COLLECTIONS[known].intents);

/** By this the relay finds work without reading what has none. */
const INTENTS: Index = [{ 'intents.at': 1 }, { name: 'intents_waiting', partialFilterExpression: { 'intents.0': { $exists: true } } }];
export const indexesOf = (name: CollectionName): readonly Index[] => {
  const plan: CollectionPlan = COLLECTIONS[name];
  return plan.intents ? [...plan.indexes, INTENTS] : plan.indexes;
};
