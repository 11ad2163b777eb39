import DataLoader from 'dataloader';
import type { Access, Action, Principal, Resource } from '../core/access.js';
import type { ApplicationKey, BundleDigest, Sha256 } from '../core/ids.js';
import type { SpecChecks } from '../core/score/index.js';
import type {
  ApiKeyReads, ApiKeyWrites, ApplicationDoc, ApplicationReads, ApplicationWrites, AuditReads, BatchReads, BlockReads, BundleContent, BundleDoc, BundleReads, BundleWrites, CalibrationReads, ConnectionReads,
  ConnectionWrites, DatasetReads, DatasetWrites, EnvironmentReads, EvaluationReads, EvaluatorReads, EvaluatorWrites, PersonReads, PolicyReads, PolicyWrites, PromptReads, PromptWrites,
  ReleaseReads, RollbackWrites, WatchReads,
} from '../store/index.js';
import type { Orders } from '../temporal/index.js';
import type { Traced } from './tracing.js';

/** Halves of the store as the API holds them. On an environment it may roll back, revert and lift: nothing else. */
export interface ApiStore {
  readonly applications: ApplicationReads & ApplicationWrites; readonly people: PersonReads; readonly apiKeys: ApiKeyReads & ApiKeyWrites; readonly connections: ConnectionReads & ConnectionWrites;
  readonly prompts: PromptReads & PromptWrites; readonly bundles: BundleReads & BundleWrites; readonly datasets: DatasetReads & DatasetWrites; readonly evaluators: EvaluatorReads & EvaluatorWrites;
  readonly policies: PolicyReads & PolicyWrites; readonly environments: EnvironmentReads & RollbackWrites; readonly evaluations: EvaluationReads; readonly calibrations: CalibrationReads; readonly releases: ReleaseReads;
  readonly blocks: BlockReads; readonly watches: Pick<WatchReads, 'last'>; readonly batches: Pick<BatchReads, 'uncounted'>; readonly audit: AuditReads;
}
export interface FeedbackReport { readonly token: string; readonly label: string; readonly value: number; readonly comment?: string; readonly id?: string }

/** What the API is given. Secrets never: functions that hold them. */
export interface ApiDeps extends ApiStore {
  readonly orders: Orders;
  /** Ingest's: stored when it resolves. */
  readonly report: (application: ApplicationKey, feedback: FeedbackReport) => Promise<{ readonly counted: true } | { readonly counted: false; readonly cause: string }>;
  readonly specChecks: SpecChecks;
  readonly sha256: Sha256;
  /** The peppered hash of a key, as it is stored. */
  readonly keyHash: (secret: string) => string;
  /** Thirty random characters of 0-9A-Za-z. */
  readonly randomKey: () => string;
  /** A ULID. */
  readonly newId: () => string;
  readonly monotonicMs: () => number;
  readonly pause: (ms: number) => Promise<void>;
  /** Intents have been written: the relay need not wait for its next second. */
  readonly nudge: () => void;
  readonly tell: (event: ApiEvent) => void;
  readonly traced: Traced;
}
export type ApiEvent =
  | { readonly event: 'api.failed'; readonly level: 'error'; readonly requestId: string; readonly message: string; readonly stack: string | null }
  | { readonly event: 'api.refused'; readonly level: 'debug'; readonly requestId: string; readonly code: string; readonly message: string }
  | { readonly event: 'api.keysLimited'; readonly level: 'warn'; readonly address: string };

/** What many resolvers of one request ask for at once. Only what never changes is remembered. */
export interface Loaders {
  bundle(application: ApplicationKey, digest: BundleDigest): Promise<BundleDoc | null>;
  content(application: ApplicationKey, digest: BundleDigest): Promise<BundleContent | null>;
  application(key: ApplicationKey): Promise<ApplicationDoc | null>;
}
export function createLoaders({ bundles, applications }: Pick<ApiStore, 'bundles' | 'applications'>): Loaders {
  const byDigest = <T>(find: (application: ApplicationKey, digest: BundleDigest) => Promise<T | null>): ((application: ApplicationKey, digest: BundleDigest) => Promise<T | null>) => {
    const loader = new DataLoader<readonly [ApplicationKey, BundleDigest], T | null, string>(
      (keys) => Promise.all(keys.map(([application, digest]) => find(application, digest))), { cacheKeyFn: (key) => key.join('/'), maxBatchSize: 100 });
    return (application, digest) => loader.load([application, digest]);
  };
  // Remembered for one tick only: an application can change.
  const application = new DataLoader<ApplicationKey, ApplicationDoc | null>((keys) => {
    for (const key of keys) application.clear(key);
    return Promise.all(keys.map((key) => applications.find(key)));
  });
  return { bundle: byDigest((app, digest) => bundles.find(app, digest)), content: byDigest((app, digest) => bundles.content(app, digest)), application: (key) => application.load(key) };
}

/** What a resolver may use. */
export interface Context {
  readonly deps: ApiDeps;
  readonly loaders: Loaders;
  readonly requestId: string;
  readonly principal: Principal;
  /**
   * Throws unless the principal may do what this field stands for to the resource: NOT_FOUND without a part in its application, FORBIDDEN without
   * the role. A field that answers without having asked fails.
   */
  readonly may: (resource: Resource, action?: Action) => Extract<Access, { kind: 'allow' }>;
  /** For lists over everything a principal has a part in: says that the narrowing was done by that. */
  readonly narrowed: () => void;
  /** The same key again, read anew: null when it has ended meanwhile. */
  readonly again: () => Promise<Principal | null>;
}
/** Before a root field has been entered nobody has been asked who it is. */
export type RequestContext = Omit<Context, 'principal' | 'may' | 'narrowed'> & { readonly principal: Principal | null };
