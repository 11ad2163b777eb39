import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SANDBOX_MODEL, createLocalEmbedder, createSandboxModel } from '../providers/index.js';
import { createHealth } from '../runtime/health.js';
import { createLogger, createTell } from '../runtime/log.js';
import { readSettings } from '../runtime/settings.js';
import { createShutdown } from '../runtime/shutdown.js';
import { orExplain } from '../runtime/start.js';
import { startTelemetry } from '../runtime/telemetry.js';

const settings = await orExplain(readSettings);
const logger = createLogger('model', settings.logLevel);
const telemetry = startTelemetry({ serviceName: settings.serviceName ?? 'slipway-model', otlpEndpoint: settings.otlpEndpoint });
const tell = createTell(logger, telemetry.metrics);
const shutdown = createShutdown({ tell: tell('runtime'), exit: (code) => { process.exit(code); }, signals: process });
shutdown.add('telemetry', () => telemetry.close());

const embedder = createLocalEmbedder();
shutdown.add('embedder', () => embedder.close());
telemetry.metrics.gauge('slipway_sandbox_embeddings_computed', () => embedder.counts().computed);
telemetry.metrics.gauge('slipway_sandbox_embeddings_cached', () => embedder.counts().cached);

let isLoaded = false;
const health = createHealth({ checks: { embedder: () => isLoaded }, serveMetrics: (request, response) => { telemetry.serveMetrics(request, response); } });
const sandbox = createSandboxModel({ embedder, nowMs: Date.now, span: (headers, name, run) => telemetry.trace.fromHeaders(headers, name, run), tell: tell('sandbox') });

const server = createServer({ headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 65_000, maxHeaderSize: 16 * 1024 }, (request, response) => {
  if (!health(request, response)) sandbox(request, response);
});
server.maxConnections = 512;
shutdown.add('server', () => new Promise<void>((resolve) => { server.close(() => { resolve(); }); server.closeAllConnections(); }));

await new Promise<void>((resolve, reject) => { server.once('error', reject).listen(settings.modelPort, settings.host, resolve); });
logger.info({ event: 'listening', host: settings.host, port: (server.address() as AddressInfo).port, model: SANDBOX_MODEL });

// The first text loads the model; until then the program is alive but not ready.
await embedder.embed(['ready']);
isLoaded = true;
