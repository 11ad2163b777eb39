import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { ulid } from 'ulid';
import { createActivities, createPermits, createRepair } from '../activities/index.js';
import { digestOf } from '../core/canonical.js';
import { score, textsToEmbed } from '../core/score/index.js';
import type { Provider } from '../providers/index.js';
import { createChecks, createLocalEmbedder, createProvider } from '../providers/index.js';
import { ROOT } from '../runtime/engines/place.js';
import { reportCrashes, surviveRejections } from '../runtime/crash.js';
import { createHealth, startHealthServer } from '../runtime/health.js';
import { createLogger, createTell } from '../runtime/log.js';
import { createReferences } from '../runtime/secrets.js';
import { readSettings, required } from '../runtime/settings.js';
import { createShutdown } from '../runtime/shutdown.js';
import { orExplain } from '../runtime/start.js';
import { startTelemetry } from '../runtime/telemetry.js';
import type { ConnectionDoc } from '../store/index.js';
import { openStore } from '../store/index.js';
import { createOrders } from '../temporal/index.js';
import { bundleOf, createReleaseWatch, createSweeper, createWorker, installRuntime } from '../worker/index.js';

const SWEEP_MS = 30_000;
const REPAIR_MS = 15_000;
const AUDIT_LAG_READ_MS = 5_000;
const WATCH_MS = 30_000;
/** Counted from the start: who adds up what happens must see the first time too. */
const FROM_ZERO = ['slipway_activities_release_moved_total', 'slipway_worker_release_repaired_total', 'slipway_worker_repair_failed_total'];

const { settings, mongodbUri, address } = await orExplain(() => {
  const read = readSettings();
  return { settings: read, mongodbUri: required(read, 'mongodbUri'), address: required(read, 'temporalAddress') };
});
const logger = createLogger('worker', settings.logLevel);
reportCrashes(logger);
const telemetry = startTelemetry({ serviceName: settings.serviceName ?? 'slipway-worker', otlpEndpoint: settings.otlpEndpoint });
const tell = createTell(logger, telemetry.metrics);
const shutdown = createShutdown({ tell: tell('runtime'), limitMs: 25_000, exit: (code) => { process.exit(code); }, signals: process });
shutdown.add('telemetry', () => telemetry.close());
const interceptors = await telemetry.temporalInterceptors();
installRuntime({ tell: tell('worker') });

const namespace = settings.temporalNamespace;
const store = await orExplain(() => openStore({ uri: mongodbUri, database: settings.database, appName: 'slipway-worker', role: 'control' }));
shutdown.add('store', () => store.close());
const orders = createOrders({ address, namespace, interceptors: interceptors.client });
shutdown.add('orders', () => orders.close());
const embedder = createLocalEmbedder();
shutdown.add('embedder', () => embedder.close());

const monotonicMs = (): number => performance.now();
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const secretOf = createReferences(settings, monotonicMs);
const providers = new Map<string, { readonly provider: Provider; readonly apiKey: string | undefined }>();
function providerFor({ _id, kind, baseUrl, secretRef }: ConnectionDoc): Provider {
  const apiKey = secretRef === null ? undefined : secretOf(secretRef);
  const known = providers.get(_id);
  if (known !== undefined && known.apiKey === apiKey) return known.provider;
  // The sandbox model moves with every start of the stack; its address is a setting, not a property of the connection.
  const url = kind === 'sandbox' ? settings.modelUrl ?? baseUrl : baseUrl;
  const provider = createProvider({ kind, baseUrl: url, ...(apiKey === undefined ? {} : { apiKey }) }, { headers: () => telemetry.trace.headers(), monotonicMs });
  providers.set(_id, { provider, apiKey });
  return provider;
}

const libraries = createChecks({ embedder });
let lag = { readMs: Number.NEGATIVE_INFINITY, seconds: Promise.resolve(0) };
/** Asked at every look of every release, and the same for all of them. */
function auditLagSec(): Promise<number> {
  if (monotonicMs() - lag.readMs > AUDIT_LAG_READ_MS) {
    const read = { readMs: monotonicMs(), seconds: store.audit.lagSec() };
    // One that failed is not kept: it would fail every look for as long.
    read.seconds.catch(() => { if (lag === read) lag = { ...lag, readMs: Number.NEGATIVE_INFINITY }; });
    lag = read;
  }
  return lag.seconds;
}

const { version } = JSON.parse(readFileSync(new URL(import.meta.url.endsWith('.js') ? '../../package.json' : '../package.json', import.meta.url), 'utf8')) as { readonly version: string };
const activities = createActivities({
  releases: store.releases, environments: store.environments, watches: store.watches, evaluations: store.evaluations, calibrations: store.calibrations, blocks: store.blocks, bundles: store.bundles, datasets: store.datasets,
  evaluators: store.evaluators, orders, providerFor, permits: createPermits({ limits: store.limits, holder: `${hostname()}/${process.pid}/${ulid()}`, monotonicMs }), auditLagSec, monotonicMs, newId: ulid, trace: telemetry.trace, digest: (value) => digestOf(value, sha256),
  score: async (spec, answer, item, others) => score(spec, answer, item, await libraries.ready(textsToEmbed(spec, answer, item, others)), others),
  judgeFor: async (application, name, version) => {
    const model = await store.bundles.model(application, name, version);
    const connection = model === null ? null : await store.connections.find(application, model.connection);
    return model === null || connection === null ? null : { model, connection };
  },
  code: `slipway ${version} v8 ${process.versions.v8}`, tell: tell('activities'),
});

const bundle = await bundleOf({ cacheDir: path.join(ROOT, '.slipway', 'bundles'), digest: sha256 });
const worker = await createWorker({ address, namespace, activities, interceptors: interceptors.activity, bundle });
shutdown.add('worker', () => worker.shutdown());
worker.ended.catch((error: unknown) => { logger.error({ event: 'worker.failed', message: error instanceof Error ? error.message : String(error) }); })
  .finally(() => { void shutdown.run('the worker has ended'); });

const sweeper = createSweeper({ sweeps: store.sweeps, duties: store.duties, holder: `${hostname()}/${process.pid}`, tell: tell('worker') });
const timer = setInterval(() => void sweeper.tick(), SWEEP_MS);
shutdown.add('sweeper', async () => { clearInterval(timer); await sweeper.release(); });

const repair = createRepair({ releases: store.releases, environments: store.environments, isWorkflowGone: (application, environment) => orders.isReleaseGone(application, environment), monotonicMs, tell: tell('worker') });
const repairTimer = setInterval(() => void repair.tick(), REPAIR_MS);
shutdown.add('repair', () => { clearInterval(repairTimer); });

const watch = createReleaseWatch({ releases: store.releases, environments: store.environments });
const watchTimer = setInterval(() => void watch.tick(), WATCH_MS);
void watch.tick();
shutdown.add('watch', () => { clearInterval(watchTimer); });
for (const name of FROM_ZERO) telemetry.metrics.count(name, {}, 0);
telemetry.metrics.gauge('slipway_worker_running', () => (worker.isRunning() ? 1 : 0));
telemetry.metrics.gauge('slipway_releases_exposed', () => watch.now().exposed);
telemetry.metrics.gauge('slipway_releases_lease_lost', () => watch.now().leaseLost);
telemetry.metrics.gauge('slipway_releases_stale', () => watch.now().stale);
telemetry.metrics.gauge('slipway_releases_lapsed', () => watch.now().lapsed);
telemetry.metrics.gauge('slipway_release_stage_max_sec', () => watch.now().stageMaxSec);
telemetry.metrics.gauge('slipway_release_rolling_back_max_sec', () => watch.now().rollingBackMaxSec);

const health = createHealth({ checks: { worker: () => worker.isRunning(), mongodb: async () => { await store.ping(); return true; } }, serveMetrics: (request, response) => { telemetry.serveMetrics(request, response); } });
const server = await startHealthServer({ host: settings.host, port: settings.workerPort, health });
shutdown.add('health', () => server.close());
surviveRejections(logger);
logger.info({ event: 'listening', host: settings.host, port: server.port });
