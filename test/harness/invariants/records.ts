/** I-12, I-13, I-14, I-21: what is written about what happened. */
import { verifyChain } from '../../../core/audit/index.js';
import type { Line } from '../ledger.js';
import { ACTS_KEPT } from '../../../store/environments-acts.js';
import { carriers, grouped, releasesById, sha256, toldOf } from './world.js';
import type { Invariant, Stored } from './world.js';

/** Kept on the timeline alone: a headline is no change of state. */
const UNTOLD = 'release.held';

/** Every state change is one event, every event one state change: they share the id of the intent. */
export const oneEntryEach: Invariant = function* ({ store, audit }) {
  // By id and subject: an event of that id about something else is another's.
  const events = new Set([...audit.map(({ intentId, subject }) => `${intentId}\n${subject}`), ...carriers(store).flatMap(({ intents }) => intents.map(({ id, subject }) => `${id}\n${subject}`))]);
  const isTold = (id: string, subject: string): boolean => events.has(`${id}\n${subject}`) || events.has(`${id}|${subject}\n${subject}`);
  const ids = new Set([...events].map((event) => event.split('\n')[0] ?? ''));
  const made = new Set<string>();
  for (const { _id, timeline } of store.releases) {
    for (const { id, type } of timeline) {
      made.add(id);
      if (type !== UNTOLD && !isTold(id, _id)) yield `${_id}: ${type} (${id}) is in no audit chain`;
    }
  }
  for (const { _id, acts } of store.environments) {
    for (const { kind, intentId, rev } of acts) {
      if (intentId === null) continue;
      made.add(intentId);
      if (!ids.has(intentId)) yield `${_id}: ${kind} at rev ${rev} (${intentId}) is in no audit chain`;
    }
  }
  for (const [name, subject] of versionsOf(store)) {
    const told = audit.filter((event) => event.application === name && event.subject === subject).length + carriers(store).flatMap(({ intents }) => intents).filter((intent) => intent.application === name && intent.subject === subject).length;
    if (told !== 1) yield `${name}: ${subject} is told ${told} times`;
  }
  // An environment remembers its last acts only; where it may have forgotten some, nothing can be said of the events.
  const forgetful = new Set(store.environments.filter(({ acts }) => acts.length >= ACTS_KEPT).map(({ _id }) => _id));
  const releases = releasesById(store);
  for (const { intentId, action, subject } of audit) {
    const release = releases.get(subject);
    const environment = release === undefined ? subject : `${release.application}/${release.environment}`;
    const isOurs = (action.startsWith('release.') && release !== undefined) || (action.startsWith('split.') && store.environments.some(({ _id }) => _id === subject));
    if (isOurs && !made.has(intentId) && !made.has(intentId.replace(`|${subject}`, '')) && !forgetful.has(environment)) yield `audit: ${action} of ${subject} (${intentId}) changed nothing`;
  }
};
const versionsOf = (store: Stored): readonly (readonly [string, string])[] => [
  ...store.promptVersions.map(({ application, prompt, version }) => [application, `prompt/${prompt}/${version}`] as const),
  ...store.modelVersions.map(({ application, name, version }) => [application, `model/${name}/${version}`] as const),
  ...store.evaluators.map(({ application, name, version }) => [application, `evaluator/${name}/${version}`] as const),
  ...store.datasets.map(({ application, name, version }) => [application, `dataset/${name}/${version}`] as const),
  ...store.policies.map(({ application, name, version }) => [application, `policy/${name}/${version}`] as const),
];

export const chained: Invariant = function* ({ audit }) {
  for (const [application, events] of grouped(audit, (event) => event.application)) {
    const check = verifyChain(events.toSorted((a, b) => a.seq - b.seq), sha256);
    if (check.kind === 'broken') yield `the chain of ${application} is broken at ${check.seq}: ${check.reason}`;
    if (new Set(events.map(({ intentId }) => intentId)).size !== events.length) yield `the chain of ${application} tells an intent twice`;
  }
};

export const oneEffect: Invariant = function* ({ store, ledger }) {
  for (const [name, rows] of Object.entries<readonly Keyed[]>(keyed(store))) {
    for (const [key, same] of grouped(rows, ({ application, once }) => `${application}|${once.key}`)) if (same.length > 1) yield `${name}: ${same.length} documents under the key ${key}`;
  }
  for (const [key, lines] of grouped(ledger.filter((line) => line.key !== undefined), (line) => `${line.op}|${line.key ?? ''}`)) {
    const ok = lines.filter(({ outcome }) => outcome === 'ok');
    if (new Set(ok.map(({ argsDigest }) => argsDigest)).size > 1) yield `${key}: two different inputs were accepted under one key`;
    const answers = new Set(ok.map(namedBy).filter((id) => id !== null));
    if (answers.size > 1) yield `${key}: one call was answered with ${[...answers].join(' and ')}`;
  }
};
const namedBy = (line: Line): string | null => {
  const { version, digest } = (line.result ?? {}) as { readonly version?: unknown; readonly digest?: unknown };
  return toldOf(line)?.id ?? (typeof version === 'number' ? `version ${version}` : typeof digest === 'string' ? digest : null);
};
interface Keyed { readonly application: string; readonly once: { readonly key: string } }
const keyed = (store: Stored): Readonly<Record<string, readonly Keyed[]>> => ({
  apiKeys: store.apiKeys, connections: store.connections, promptVersions: store.promptVersions, modelVersions: store.modelVersions, contextVersions: store.contextVersions,
  guardrailPolicies: store.guardrailPolicies, datasets: store.datasets, evaluators: store.evaluators, policies: store.policies, evaluations: store.evaluations, releases: store.releases,
});

export const leakless: Invariant = function* ({ store, audit }) {
  if (store.secrets.length === 0) return;
  for (const [name, rows] of Object.entries({ ...store, audit, secrets: [] })) {
    for (const row of (rows ?? []) as readonly unknown[]) {
      const text = JSON.stringify(row);
      if (store.secrets.some((secret) => secret.length > 8 && text.includes(secret))) yield `${name}: ${(row as { readonly _id?: string })._id ?? 'a document'} holds a secret`;
    }
  }
};
