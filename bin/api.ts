import { createHash, randomInt } from 'node:crypto';
import { chmod, mkdir, rename, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import path from 'node:path';
import { ulid } from 'ulid';
import { bootstrapAdmin, bootstrapDevelopment, createApi, createRelay } from '../api/index.js';
import { createTokens } from '../core/assignment/index.js';
import { SlipwayError } from '../core/errors.js';
import { createReport, createWindows } from '../ingest/index.js';
import { createChecks } from '../providers/index.js';
import { reportCrashes, surviveRejections } from '../runtime/crash.js';
import { createHealth } from '../runtime/health.js';
import { createLogger, createTell } from '../runtime/log.js';
import { hkdfSha256, hmacSha256, keyDigestOf, readSecrets } from '../runtime/secrets.js';
import { readSettings, required } from '../runtime/settings.js';
import { createShutdown } from '../runtime/shutdown.js';
import { orExplain } from '../runtime/start.js';
import { startTelemetry } from '../runtime/telemetry.js';
import { openStore } from '../store/index.js';
import { createOrders } from '../temporal/index.js';

const WINDOWS_MS = 2_000;
/** Counted from the start: who adds up what happens must see the first time too. */
const FROM_ZERO = ['slipway_api_api_failed_total', 'slipway_relay_relay_failed_total', 'slipway_relay_relay_unreachable_total'];
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

const isBootstrap = process.argv.slice(2).join(' ') === 'keys bootstrap';
const { settings, mongodbUri, temporalAddress, tokenKey, pepper } = await orExplain(async () => {
  const read = readSettings();
  return { settings: read, mongodbUri: required(read, 'mongodbUri'), temporalAddress: isBootstrap ? '' : required(read, 'temporalAddress'), ...(await readSecrets(read, ['tokenKey', 'pepper'])) };
});
const isProduction = settings.environment === 'production';
const making = {
  sha256: (text: string): string => createHash('sha256').update(text).digest('hex'),
  keyHash: keyDigestOf(pepper),
  randomKey: (): string => Array.from({ length: 30 }, () => BASE62[randomInt(62)] ?? '').join(''),
  newId: (): string => ulid(),
};
const open = () => orExplain(() => openStore({ uri: mongodbUri, database: settings.database, appName: 'slipway-api', role: 'control' }));

/** For eyes of this user alone, and whole or not at all. */
async function writePrivate(file: string, text: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, text, { mode: 0o600 });
  await chmod(draft, 0o600);
  await rename(draft, file);
}

if (isBootstrap) await mintFirstAdmin();
else await serve();

/** With the surroundings of the API, and without it: who can read its secrets may appoint the first ADMIN, once. */
async function mintFirstAdmin(): Promise<void> {
  const store = await open();
  try {
    const { person, session } = await bootstrapAdmin({ ...making, ...store });
    process.stdout.write(`${JSON.stringify({ type: 'session', person, session })}\n`);
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    process.stderr.write(`${error.code}: ${error.message}\n  ${error.hint}\n`);
    process.exitCode = 1;
  } finally { await store.close(); }
}

async function serve(): Promise<void> {
  const logger = createLogger('api', settings.logLevel);
  reportCrashes(logger);
  const telemetry = startTelemetry({ serviceName: settings.serviceName ?? 'slipway-api', otlpEndpoint: settings.otlpEndpoint });
  const tell = createTell(logger, telemetry.metrics);
  const shutdown = createShutdown({ tell: tell('runtime'), exit: (code) => { process.exit(code); }, signals: process });
  shutdown.add('telemetry', () => telemetry.close());

  const store = await open();
  shutdown.add('store', () => store.close());
  const orders = createOrders({ address: temporalAddress, namespace: settings.temporalNamespace, interceptors: (await telemetry.temporalInterceptors()).client });
  shutdown.add('orders', () => orders.close());

  const tokens = createTokens({ tokenKey, hmac: hmacSha256, hkdf: hkdfSha256 });
  const windows = createWindows({ releases: store.releases });
  const windowsTimer = setInterval(() => void windows.refresh(), WINDOWS_MS);
  shutdown.add('windows', () => { clearInterval(windowsTimer); });
  const relay = createRelay({ ...store, orders, sha256: making.sha256, holder: `api-${hostname()}-${process.pid}`, tell: tell('relay') });
  const checks = createChecks({ embedder: { embed: () => Promise.reject(new Error('nothing is scored here')) } });

  let lagSec = 0;
  const lagTimer = setInterval(() => void store.audit.lagSec().then((sec) => { lagSec = sec; }, () => undefined), 5_000);
  shutdown.add('audit lag', () => { clearInterval(lagTimer); });
  telemetry.metrics.gauge('slipway_audit_lag_sec', () => lagSec);
  for (const name of FROM_ZERO) telemetry.metrics.count(name, {}, 0);

  const health = createHealth({
    checks: { mongodb: async () => { await store.ping(); return true; } },
    serveMetrics: (request, response) => { telemetry.serveMetrics(request, response); },
  });
  const api = createApi({
    ...making, ...store, orders, specChecks: checks, tell: tell('api'), traced: (headers, name, run) => telemetry.trace.fromHeaders(headers, name, run),
    report: createReport({ open: (token) => tokens.open(token), environments: store.environments, batches: store.batches, windows }),
    monotonicMs: () => performance.now(), pause: (ms) => new Promise((resolve) => { setTimeout(resolve, ms); }), nudge: () => { relay.nudge(); },
  }, { environment: settings.environment, corsOrigins: settings.corsOrigins, health });

  if (!isProduction && settings.devFile !== undefined) {
    await writePrivate(settings.devFile, `${JSON.stringify(await bootstrapDevelopment({ ...making, ...store }, { isProduction }), null, 2)}\n`);
  }
  relay.start();
  shutdown.add('relay', () => relay.stop());

  const server = createServer({ headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 65_000, maxHeaderSize: 16 * 1024 }, (request, response) => { api.app(request, response); });
  server.maxConnections = 2_000;
  shutdown.add('server', () => new Promise<void>((resolve) => {
    server.close(() => { resolve(); });
    server.closeIdleConnections();
    // Streams would hold the door open for as long as their releases last.
    setTimeout(() => { server.closeAllConnections(); }, 2_000).unref();
  }));
  await new Promise<void>((resolve, reject) => { server.once('error', reject).listen(settings.apiPort, settings.host, resolve); });
  surviveRejections(logger);
  logger.info({ event: 'listening', host: settings.host, port: (server.address() as AddressInfo).port });
}
