import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseKey } from '../core/access.js';
import { UnavailableError } from '../core/errors.js';
import { createTokens } from '../core/assignment/index.js';
import { createAttribution, createBatches, createFold, createIngest, createWindows } from '../ingest/index.js';
import { reportCrashes, surviveRejections } from '../runtime/crash.js';
import { createHealth } from '../runtime/health.js';
import { createLogger, createTell } from '../runtime/log.js';
import { hkdfSha256, hmacSha256, keyDigestOf, readSecrets } from '../runtime/secrets.js';
import { readSettings, required } from '../runtime/settings.js';
import { createShutdown } from '../runtime/shutdown.js';
import { orExplain } from '../runtime/start.js';
import { startTelemetry } from '../runtime/telemetry.js';
import { createCors, createDatabaseClock, createKeys, createServing, createSnapshot } from '../serving/index.js';
import type { Store } from '../store/index.js';
import { openStore } from '../store/index.js';

const FOLD_MS = 250;
const WINDOWS_MS = 2_000;
const OPEN_WAIT_MAX_MS = 5_000;
/** Counted from the start: who adds up what happens must see the first time too. */
const FROM_ZERO = [
  'slipway_serving_answers_total', 'slipway_serving_errors_total', 'slipway_ingest_observations_total', 'slipway_ingest_uncounted_total', 'slipway_ingest_refused_total',
  'slipway_ingest_fold_folded_total', 'slipway_ingest_fold_failed_total', 'slipway_ingest_batches_unavailable_total',
];

const { settings, mongodbUri, tokenKey, pepper } = await orExplain(async () => {
  const read = readSettings();
  return { settings: read, mongodbUri: required(read, 'mongodbUri'), ...(await readSecrets(read, ['tokenKey', 'pepper'])) };
});
const logger = createLogger('edge', settings.logLevel);
reportCrashes(logger);
const telemetry = startTelemetry({ serviceName: settings.serviceName ?? 'slipway-edge', otlpEndpoint: settings.otlpEndpoint });
const told = createTell(logger, telemetry.metrics);
const shutdown = createShutdown({ tell: told('runtime'), exit: (code) => { process.exit(code); }, signals: process });
shutdown.add('telemetry', () => telemetry.close());

const tokens = createTokens({ tokenKey, hmac: hmacSha256, hkdf: hkdfSha256 });

// Two pools: slow writes of observations must not take the connections that bring a rollback.
const open = (role: 'serving' | 'ingest') => openStore({ uri: mongodbUri, database: settings.database, appName: `slipway-edge-${role}`, role });
/** An edge that starts while the database is away waits for it: whoever restarts programs would only wait longer each time. */
async function openPatiently(role: 'serving' | 'ingest'): Promise<Store> {
  for (let waitMs = 250; ; waitMs = Math.min(2 * waitMs, OPEN_WAIT_MAX_MS)) {
    try { return await open(role); } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      logger.warn({ event: 'store.waits', role, againInMs: waitMs, message: error.message });
    }
    await new Promise((resolve) => { setTimeout(resolve, waitMs); });
  }
}
const [serve, take] = await Promise.all([openPatiently('serving'), openPatiently('ingest')]);
shutdown.add('store', async () => { await Promise.all([serve.close(), take.close()]); });

const monotonicMs = (): number => performance.now();
const { reader } = settings;
const count: typeof telemetry.metrics.count = (name, labels, by) => { telemetry.metrics.count(name, labels, by); };
const clock = createDatabaseClock(monotonicMs);
const snapshot = createSnapshot({ environments: serve.environments, bundles: serve.bundles, readers: serve.environments, reader, clock, monotonicMs, tell: told('serving') });
const keys = createKeys({ apiKeys: serve.apiKeys, parseKey, digest: keyDigestOf(pepper), clock, monotonicMs, tell: told('serving') });
const serving = createServing({
  snapshot, keys, readers: serve.environments, clock, reader, monotonicMs, count,
  seal: (fields) => tokens.seal(fields), unitOf: (application, targetingKey) => tokens.unitOf(application, targetingKey),
});

const windows = createWindows({ releases: take.releases });
const attribution = createAttribution({
  open: (token) => tokens.open(token), recentOf: (application, environment) => snapshot.find(application, environment)?.recent ?? null, databaseMs: () => clock.nowMs(), windows,
});
const batches = createBatches({ batches: take.batches, tell: told('ingest') });
const ingest = createIngest({ keys, attribution, windows, batches, refresh: () => snapshot.refresh(), count, tell: told('ingest') });
const fold = createFold({ releases: take.releases, batches: take.batches, blocks: take.blocks, bundles: take.bundles, duties: take.duties, holder: reader, tell: told('ingest') });

telemetry.metrics.gauge('slipway_serving_snapshot_age_ms', () => snapshot.ageMs());
telemetry.metrics.gauge('slipway_serving_streams', () => serving.streams());
for (const name of FROM_ZERO) telemetry.metrics.count(name, {}, 0);

const health = createHealth({ checks: { snapshot: () => snapshot.isLoaded() }, serveMetrics: (request, response) => { telemetry.serveMetrics(request, response); } });
const cors = createCors(settings.corsOrigins);
const server = createServer({ headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 65_000, maxHeaderSize: 16 * 1024 }, (request, response) => {
  if (cors(request, response) || serving.handle(request, response) || ingest(request, response) || health(request, response)) return;
  request.resume();
  response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"not found"}');
});
server.maxConnections = 10_000;

snapshot.start();
const timers = [setInterval(() => void fold.tick(), FOLD_MS), setInterval(() => void windows.refresh(), WINDOWS_MS)];
shutdown.add('fold', async () => { for (const timer of timers) clearInterval(timer); await fold.release(); });
shutdown.add('snapshot', () => { snapshot.stop(); });

await new Promise<void>((resolve, reject) => { server.once('error', reject).listen(settings.edgePort, settings.host, resolve); });
shutdown.add('server', () => new Promise<void>((resolve) => { serving.close(); server.close(() => { resolve(); }); server.closeIdleConnections(); }));
surviveRejections(logger);
logger.info({ event: 'listening', host: settings.host, port: (server.address() as AddressInfo).port, reader });
