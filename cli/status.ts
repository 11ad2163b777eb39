import { NotFoundError } from '../core/errors.js';
import { argument, type Context, type Typed } from './context.js';
import type { Client } from './client.js';
import { EXIT } from './exit.js';
import { all } from './pages.js';
import { nameOf, percentOfBp, type EvaluationView, type ReleaseView } from './release-view.js';

type BundleView = { readonly digest: string; readonly prompts: readonly { readonly prompt: string; readonly version: number }[] } | null;
interface EnvironmentView {
  readonly name: string; readonly protected: boolean; readonly split: { readonly rev: number; readonly weightBp: number; readonly at: string | null } | null;
  readonly stable: BundleView; readonly candidate: BundleView; readonly leaseLeftMs: number | null;
  readonly openRelease: Pick<ReleaseView, 'id' | 'state' | 'holds' | 'waitingFor'> | null; readonly quarantine: readonly { readonly digest: string; readonly reason: string }[];
  readonly watch?: WatchView | null;
}
interface WatchView { readonly release: string; readonly until: string; readonly alarms: readonly { readonly metric: string }[] }
interface ApplicationView { readonly key: string; readonly tier: string; readonly environments: readonly EnvironmentView[] }
const FIELDS = `{ key tier environments { name protected split { rev weightBp at } stable { digest prompts { prompt version } } candidate { digest prompts { prompt version } } leaseLeftMs openRelease { id state holds waitingFor } quarantine { digest reason } watch { release until alarms { metric } } } }`;
const UNKNOWN = 'unknown';

/** `slipway status [APP [ENV]]`. What is not known says so: a 0 would be a claim. */
export async function status(typed: Typed, { out, client }: Context): Promise<number> {
  const api = await client('releaseManager');
  const [key, environment] = [argument(typed, 0), argument(typed, 1)];
  const applications = key === '' ? await all<ApplicationView>(api, `query($first: Int!, $after: String) { page: applications(first: $first, after: $after) { nodes ${FIELDS} pageInfo { hasNextPage endCursor } } }`, {}) : [await applicationOf(api, key)];
  const rows: string[][] = [];
  let openRelease: string | undefined;
  for (const application of applications) {
    const places = application.environments.filter(({ name }) => environment === '' || name === environment);
    if (environment !== '' && places.length === 0) throw new NotFoundError('environment', `${application.key}/${environment}`);
    for (const place of places) {
      const last = await lastVerdict(api, application.key, place.name);
      const weightBp = place.candidate === null ? 0 : place.split?.weightBp ?? null;
      const shareOfStable = place.stable === null || weightBp === null ? UNKNOWN : percentOfBp(10_000 - weightBp);
      const waits = place.openRelease === null ? watched(place.watch ?? null) : `${place.openRelease.state}${place.openRelease.waitingFor[0] === undefined ? '' : `: ${place.openRelease.waitingFor[0]}`}`;
      openRelease ??= place.openRelease?.id;
      out.record('environment', {
        application: application.key, environment: place.name, tier: application.tier, rev: place.split?.rev ?? UNKNOWN, since: place.split?.at ?? UNKNOWN,
        stable: place.stable === null ? UNKNOWN : nameOf(place.stable), stableDigest: place.stable?.digest ?? UNKNOWN, stableShareBp: place.stable === null || weightBp === null ? UNKNOWN : 10_000 - weightBp,
        candidate: place.candidate === null ? null : nameOf(place.candidate), candidateShareBp: place.candidate === null ? null : weightBp ?? UNKNOWN, leaseLeftMs: place.leaseLeftMs,
        openRelease: place.openRelease?.id ?? null, waitingFor: place.openRelease?.waitingFor ?? [], holds: place.openRelease?.holds ?? [],
        lastVerdict: last?.verdict?.kind ?? UNKNOWN, lastVerdictAt: last?.finishedAt ?? UNKNOWN, watch: place.watch ?? null, quarantined: place.quarantine.length,
      });
      rows.push([
        `${application.key}/${place.name}`, place.stable === null ? UNKNOWN : `${nameOf(place.stable)} ${shareOfStable}`,
        place.candidate === null ? '-' : `${nameOf(place.candidate)} ${weightBp === null ? UNKNOWN : percentOfBp(weightBp)}`,
        last?.verdict === undefined || last.verdict === null ? UNKNOWN : `${last.verdict.kind} ${(last.finishedAt ?? UNKNOWN).slice(0, 10)}`,
        waits === '' ? '-' : waits, place.quarantine.length === 0 ? '-' : String(place.quarantine.length),
      ]);
    }
  }
  if (rows.length === 0) out.line('No application yet.');
  else await out.table(['where', 'stable', 'candidate', 'last verdict', 'release', 'quarantined'], rows);
  out.next(openRelease !== undefined ? `slipway release watch ${openRelease}` : rows.length === 0 ? 'slipway apply -f slipway.yaml' : 'slipway release list');
  return EXIT.ok.code;
}

/** What was promoted last and is still held against its objectives. */
function watched(watch: WatchView | null): string {
  if (watch === null) return '';
  const alarms = watch.alarms.length === 0 ? '' : `; above its objective: ${watch.alarms.map(({ metric }) => metric).join(', ')}`;
  return `watched until ${watch.until.slice(0, 16).replace('T', ' ')}${alarms}`;
}

async function applicationOf(api: Client, key: string): Promise<ApplicationView> {
  const { application } = await api.ask<{ application: ApplicationView | null }>(`query($key: ID!) { application(key: $key) ${FIELDS} }`, { key });
  if (application === null) throw new NotFoundError('application', key);
  return application;
}

/** Of the latest release here that was evaluated at all. */
async function lastVerdict(api: Client, application: string, environment: string): Promise<Pick<EvaluationView, 'verdict' | 'finishedAt'> | undefined> {
  const { releases } = await api.ask<{ releases: { nodes: readonly { readonly evaluation: Pick<EvaluationView, 'verdict' | 'finishedAt'> | null }[] } }>(
    'query($application: ID!, $environment: ID!) { releases(application: $application, environment: $environment, first: 10) { nodes { evaluation { finishedAt verdict { kind } } } } }', { application, environment });
  return releases.nodes.map(({ evaluation }) => evaluation).find((one) => one !== null && one.verdict !== null) ?? undefined;
}
