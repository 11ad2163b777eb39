/** What the checker sees: the ledgers of a test's actors, and every stored document. Plain data; nothing here reads a clock or a database. */
import { createHash } from 'node:crypto';
import { digestOf } from '../../../core/canonical.js';
import type { EnvironmentRow } from '../../../store/environments-acts.js';
import type {
  AnswerDoc, ApiKeyDoc, ApplicationDoc, AuditDoc, BatchDoc, BlockDoc, BundleDoc, ConnectionDoc, ContextVersionDoc, DatasetDoc, DatasetItemDoc, EvaluationDoc, EvaluatorDoc,
  GrantDoc, GuardrailPolicyDoc, ModelVersionDoc, PersonDoc, PolicyDoc, PromptVersionDoc, ReaderDoc, ReceiptDoc, ReleaseDoc, ScoreDoc, SplitDoc, StoredIntent,
} from '../../../store/index.js';
import type { Line, ServedAnswer } from '../ledger.js';

/** `invariant` as reliability.md section 2 numbers them; `what` names the documents. */
export interface Violation { readonly invariant: `I-${number}`; readonly what: string }

/** How far the fold has come with a release, and who holds a duty: the one collection whose documents differ in shape. */
export interface DutyRow { readonly _id: string; readonly through?: readonly { readonly metric: string; readonly block: number }[]; readonly holder?: string; readonly at: Date }

/** All collections of product.md section 7 as the store's rooms know their documents. */
export interface Stored {
  readonly applications: readonly ApplicationDoc[]; readonly people: readonly PersonDoc[]; readonly grants: readonly GrantDoc[]; readonly apiKeys: readonly ApiKeyDoc[]; readonly connections: readonly ConnectionDoc[];
  readonly promptVersions: readonly PromptVersionDoc[]; readonly modelVersions: readonly ModelVersionDoc[]; readonly contextVersions: readonly ContextVersionDoc[]; readonly guardrailPolicies: readonly GuardrailPolicyDoc[];
  readonly bundles: readonly BundleDoc[]; readonly datasets: readonly DatasetDoc[]; readonly datasetItems: readonly DatasetItemDoc[]; readonly evaluators: readonly EvaluatorDoc[]; readonly policies: readonly PolicyDoc[];
  readonly environments: readonly EnvironmentRow[]; readonly splits: readonly SplitDoc[]; readonly readers: readonly ReaderDoc[];
  readonly evaluations: readonly EvaluationDoc[]; readonly answers: readonly AnswerDoc[]; readonly scores: readonly ScoreDoc[];
  readonly releases: readonly ReleaseDoc[]; readonly decisions: readonly ReceiptDoc[];
  readonly batches: readonly BatchDoc[]; readonly blocks: readonly BlockDoc[]; readonly audit: readonly AuditDoc[]; readonly duties: readonly DutyRow[];
  /** Ids of the release workflows that Temporal says are running; null: nobody asked. */
  readonly workflows: readonly string[] | null;
  /** Texts that may stand in no document: session tokens, keys. */
  readonly secrets: readonly string[];
}
export const NOTHING_STORED: Stored = {
  applications: [], people: [], grants: [], apiKeys: [], connections: [], promptVersions: [], modelVersions: [], contextVersions: [], guardrailPolicies: [], bundles: [], datasets: [], datasetItems: [],
  evaluators: [], policies: [], environments: [], splits: [], readers: [], evaluations: [], answers: [], scores: [], releases: [], decisions: [], batches: [], blocks: [], audit: [], duties: [],
  workflows: null, secrets: [],
};

export interface Seen { readonly ledger: readonly Line[]; readonly store: Stored; readonly audit: readonly AuditDoc[]; /** The database's time at the reading. */ readonly nowMs: number }
/** Every sentence is one violation. */
export type Invariant = (seen: Seen) => Iterable<string>;

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
export const digest = (value: unknown): string => digestOf(value, sha256);
export const ms = (date: Date): number => date.getTime();
export function grouped<T>(all: readonly T[], keyOf: (one: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) groups.set(keyOf(one), [...groups.get(keyOf(one)) ?? [], one]);
  return groups;
}
export const environmentOf = ({ application, environment }: { readonly application: string; readonly environment: string }): string => `${application}/${environment}`;
export const splitsOf = (store: Stored): ReadonlyMap<string, readonly SplitDoc[]> => new Map([...grouped(store.splits, environmentOf)].map(([id, splits]) => [id, splits.toSorted((a, b) => a.rev - b.rev)]));
export const releasesById = (store: Stored): ReadonlyMap<string, ReleaseDoc> => new Map(store.releases.map((release) => [release._id, release]));
/** The collections whose documents carry intents. */
export const carriers = (store: Stored): readonly { readonly _id: string; readonly intents: readonly StoredIntent[] }[] => [
  store.applications, store.people, store.grants, store.apiKeys, store.connections, store.promptVersions, store.modelVersions, store.contextVersions, store.guardrailPolicies, store.bundles,
  store.datasets, store.evaluators, store.policies, store.environments, store.evaluations, store.releases,
].flat();

/** An answer of an edge, as the ledger of its caller holds it. */
export interface Served extends ServedAnswer { readonly line: Line }
/** The lines of `serve` that were answered, in the order of their starts. */
export const served = (ledger: readonly Line[]): readonly Served[] =>
  ledger.flatMap((line): Served[] => (line.op === 'serve' && typeof (line.result as Partial<ServedAnswer> | null)?.status === 'number' ? [{ ...line.result as ServedAnswer, line }] : []))
    .toSorted((a, b) => a.line.startMono - b.line.startMono);

/** What a caller was told of a release; null where the answer names none. */
export function toldOf({ result }: Pick<Line, 'result'>): { readonly id: string; readonly state: string | null; readonly seq: number | null } | null {
  const { id, state, seq } = (result ?? {}) as Readonly<Record<string, unknown>>;
  return typeof id === 'string' ? { id, state: typeof state === 'string' ? state : null, seq: typeof seq === 'number' ? seq : null } : null;
}
