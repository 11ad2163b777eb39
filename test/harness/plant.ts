/** The product's programs as single processes under a test's hand: nothing is started again by itself, and every link has a proxy. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findMongoDb, isMongoHealthy } from '../../runtime/engines/mongodb.js';
import { ROOT } from '../../runtime/engines/place.js';
import { answersOk, choosePort, waitUntil } from '../../runtime/engines/port.js';
import { startProcess, tailOf } from '../../runtime/engines/process.js';
import type { WatchedProcess } from '../../runtime/engines/process.js';
import { findTemporal, isTemporalHealthy, temporalArguments } from '../../runtime/engines/temporal.js';
import { surroundings } from '../../runtime/settings.js';
import type { Ready } from '../harness.js';
import { seeded } from '../seeded.js';
import { compiledCommand } from './compiled.js';
import { createLedger } from './ledger.js';
import type { Ledger } from './ledger.js';
import { gone, pause, programOf, resume } from './group.js';
import { startProxy } from './proxy.js';
import type { Link, Proxy } from './proxy.js';

export type { Link } from './proxy.js';

type Role = 'api' | 'worker' | 'edge' | 'model';
export interface PlantOptions {
  /** by default `seedOf()`; every random choice of a test comes from `plant.random` */
  readonly seed?: number;
  /** 1 each by default */
  readonly count?: { readonly api?: number; readonly worker?: number; readonly edge?: number };
  readonly env?: Partial<Record<Role, Readonly<Record<string, string>>>>;
  /** by default true: api, worker and edge reach MongoDB and Temporal through a proxy of their own */
  readonly proxied?: boolean;
  /** by default a temporary one, removed at the end */
  readonly dataDir?: string;
  /** further words for Temporal's server */
  readonly temporal?: readonly string[];
}
/** `api-1`, `api-2`, `worker-1`, `edge-1`, `model`, `mongodb`, `temporal`. */
export interface Program {
  readonly name: string;
  /** of its door; of an engine `host:port` */
  readonly url: string;
  /** leader of its process group, while it runs */
  pid(): number | undefined;
  /** SIGKILL to the whole group; resolves when it is gone. It stays down. */
  kill(): Promise<void>;
  /** SIGTERM; resolves when it has ended */
  term(): Promise<void>;
  /** SIGSTOP and SIGCONT */
  freeze(): void; thaw(): void;
  /** Again, on the same port and data; resolves when it is ready, engines when they answer. */
  start(): Promise<void>;
  /** Moves its wall clock, from within 20 ms on; 0 sets it right. */
  shiftClock(ms: number): void;
  /** The end of its log, for a message. */
  log(lines?: number): string;
}
export interface Plant extends Ready {
  readonly seed: number;
  readonly random: () => number;
  readonly dataDir: string;
  /** name of the database; `mongodb` is its server's address, past every proxy */
  readonly database: string;
  program(name: string): Program;
  /** @param from  `api-1`, `worker-1`, `edge-1` … */
  link(from: string, to: 'mongodb' | 'temporal'): Link & Pick<Proxy, 'lost' | 'held'>;
  readonly edges: readonly string[]; readonly apis: readonly string[];
  readonly ledger: Ledger;
  stop(): Promise<void>;
}

/** The seed of one run of a test: SLIPWAY_SEED or 1. */
export const seedOf = (): number => Number(process.env['SLIPWAY_SEED'] ?? '') || 1;
/** Seeds to run a fault with: one, or as many as SLIPWAY_SEEDS says. `describe.each(seeds)`. */
export const seeds: readonly number[] = Array.from({ length: Number(process.env['SLIPWAY_SEEDS'] ?? '') || 1 }, (_, index) => seedOf() + index);

const DATABASE = 'slipway';
const READY_MS = 240_000;
const STARTS_MAX = 5;
/** Settings of tests are no settings of the programs. */
const NOT_THEIRS = { SLIPWAY_SEED: undefined, SLIPWAY_SEEDS: undefined, VITEST: undefined, NODE_OPTIONS: undefined };

interface Making { readonly name: string; readonly url: string; readonly command: readonly [string, ...string[]]; readonly env: () => NodeJS.ProcessEnv; readonly isReady: () => Promise<boolean>; readonly skewFile: string; readonly logDir: string }

function createProgram({ name, url, command, env, isReady, skewFile, logDir }: Making): Program {
  let running: WatchedProcess | undefined;
  const pid = (): number | undefined => running?.pid();
  const living = (): number => { const group = pid(); if (group === undefined) throw new Error(`${name} is not running`); return group; };
  const logFile = path.join(logDir, `${name}.log`);
  return {
    name, url, pid,
    async start() {
      if (pid() !== undefined) throw new Error(`${name} runs already`);
      for (let tried = 1; ; tried += 1) {
        const started = running = startProcess({ name, command, env: env(), cwd: ROOT, logFile });
        try { await waitUntil(name, isReady, { limitMs: READY_MS, everyMs: 150, hopeless: () => started.lastEnd() }); return; } catch (error) {
          // One that finds its database too slow ends, for whoever starts programs to start it again.
          if (tried === STARTS_MAX || started.lastEnd() === undefined) throw new Error(`${error instanceof Error ? error.message : String(error)}\n${tailOf(logFile, 20)}`, { cause: error });
        }
      }
    },
    async kill() {
      const group = pid();
      if (group === undefined || running === undefined) return;
      try { process.kill(-group, 'SIGKILL'); } catch { /* it has just ended */ }
      await running.down;
      await gone(group);
    },
    async term() {
      const group = pid();
      await running?.stop();
      if (group !== undefined) await gone(group);
    },
    freeze() { pause(programOf(living())); },
    thaw() { resume(programOf(living())); },
    shiftClock(ms) { writeFileSync(skewFile, String(ms)); },
    log: (lines = 30) => tailOf(logFile, lines),
  };
}

/** Starts both engines and every program, each a process of its own that dies with this one. */
export async function startPlant(options: PlantOptions = {}): Promise<Plant> {
  const { seed = seedOf(), proxied = true } = options;
  const dataDir = options.dataDir ?? mkdtempSync(path.join(tmpdir(), 'slipway-plant-'));
  const logDir = path.join(dataDir, 'logs');
  mkdirSync(logDir, { recursive: true });
  const base = surroundings({ ...NOT_THEIRS, MONGODB_URI: undefined, TEMPORAL_ADDRESS: undefined });
  const programs = new Map<string, Program>();
  const proxies = new Map<string, Proxy>();
  const stop = async (): Promise<void> => {
    await Promise.all([...programs.values()].map((program) => program.kill()));
    await Promise.all([...proxies.values()].map((proxy) => proxy.close()));
    // What an API could not name is in its log, and the log goes with the directory.
    for (const name of readdirSync(logDir).filter((file) => file.startsWith('api-'))) {
      for (const line of readFileSync(path.join(logDir, name), 'utf8').split('\n').filter((one) => one.includes('"api.failed"')).slice(0, 3)) process.stderr.write(`${name}: ${line}\n`);
    }
    if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
  };
  const add = (made: Omit<Making, 'logDir' | 'skewFile'>): Program => {
    const program = createProgram({ ...made, logDir, skewFile: path.join(dataDir, `${made.name}.skew`) });
    programs.set(made.name, program);
    return program;
  };

  try {
    const [mongoPort, temporalPort] = [await choosePort(0), await choosePort(0)];
    const found = { mongodb: findMongoDb(base), temporal: findTemporal(base) };
    if (found.temporal === undefined) throw new Error('There is no Temporal server: node scripts/ready.mjs');
    const temporalFile = found.temporal.file;
    const [mongoDir, temporalDir] = [path.join(dataDir, 'mongodb'), path.join(dataDir, 'temporal')];
    for (const dir of [mongoDir, temporalDir]) mkdirSync(dir, { recursive: true, mode: 0o700 });
    const engines = [
      add({ name: 'mongodb', url: `127.0.0.1:${mongoPort}`, command: found.mongodb.command(mongoDir, mongoPort), env: () => base, isReady: () => isMongoHealthy(mongoPort) }),
      add({ name: 'temporal', url: `127.0.0.1:${temporalPort}`, command: [temporalFile, ...temporalArguments({ dataDir: temporalDir, isDurable: false }, temporalPort, 0), ...options.temporal ?? []], env: () => base, isReady: () => isTemporalHealthy(`127.0.0.1:${temporalPort}`) }),
    ];
    await Promise.all(engines.map((engine) => engine.start()));

    const doors: { readonly role: Role; readonly name: string; readonly port: number; readonly mongodb: number; readonly temporal: number }[] = [];
    const counts = { model: 1, api: options.count?.api ?? 1, worker: options.count?.worker ?? 1, edge: options.count?.edge ?? 1 };
    for (const role of ['model', 'worker', 'edge', 'api'] as const) {
      for (let number = 1; number <= counts[role]; number += 1) {
        const name = role === 'model' ? role : `${role}-${number}`;
        const through = async (to: 'mongodb' | 'temporal', port: number): Promise<number> => {
          if (!proxied || role === 'model') return port;
          const proxy = await startProxy(`${name} to ${to}`, { port });
          proxies.set(`${name}/${to}`, proxy);
          return proxy.port;
        };
        doors.push({ role, name, port: await choosePort(0), mongodb: await through('mongodb', mongoPort), temporal: role === 'edge' ? temporalPort : await through('temporal', temporalPort) });
      }
    }
    const urlOf = (name: string): string => { const door = doors.find((one) => one.name === name); if (door === undefined) throw new Error(`there is no ${name}`); return `http://127.0.0.1:${door.port}`; };
    const model = `${urlOf('model')}/v1`;
    const peopleFile = path.join(dataDir, 'people.json');
    const secrets = Object.fromEntries(['SLIPWAY_TOKEN_KEY', 'SLIPWAY_SIGNING_KEY', 'SLIPWAY_PEPPER'].map((name) => [name, randomBytes(32).toString('base64url')]));
    let hasPeople = false;   // only the first API's first start makes them: a later one would make new keys
    for (const { role, name, port, mongodb, temporal } of doors) {
      const door = `http://127.0.0.1:${port}`;
      const skewFile = path.join(dataDir, `${name}.skew`);
      const [node, ...rest] = await compiledCommand(role);
      add({
        name, url: door, isReady: () => answersOk(`${door}/readyz`),
        command: [node, '--import', path.join(import.meta.dirname, 'skew.mjs'), ...rest],
        env: () => ({
          ...base, ...secrets, NODE_ENV: 'development', SKEW_FILE: skewFile, MONGODB_URI: `mongodb://127.0.0.1:${mongodb}/?directConnection=true`, TEMPORAL_ADDRESS: `127.0.0.1:${temporal}`,
          SLIPWAY_DATABASE: DATABASE, SLIPWAY_DATA_DIR: dataDir, SLIPWAY_MODEL_URL: model, [`SLIPWAY_${role.toUpperCase()}_PORT`]: String(port), SLIPWAY_API_URL: urlOf('api-1'), SLIPWAY_EDGE_URL: urlOf('edge-1'),
          ...(name === 'api-1' && !hasPeople ? { SLIPWAY_DEV_FILE: peopleFile } : {}), ...(role === 'edge' ? { SLIPWAY_READER: name } : {}), ...options.env?.[role],
        }),
      });
    }
    await Promise.all(doors.map(async ({ name }) => { await programs.get(name)?.start(); }));
    hasPeople = true;

    const of = (role: Role): readonly string[] => doors.filter((door) => door.role === role).map(({ name }) => urlOf(name));
    const random = seeded(seed);
    return {
      ...JSON.parse(readFileSync(peopleFile, 'utf8')) as Pick<Ready, 'people' | 'keys'>,
      api: urlOf('api-1'), edge: urlOf('edge-1'), model, temporal: `127.0.0.1:${temporalPort}`, temporalUi: null, mongodb: `mongodb://127.0.0.1:${mongoPort}/?directConnection=true`,
      seed, random, dataDir, database: DATABASE, edges: of('edge'), apis: of('api'), ledger: createLedger(), stop,
      program(name) { const program = programs.get(name); if (program === undefined) throw new Error(`there is no ${name}, but ${[...programs.keys()].join(', ')}`); return program; },
      link(from, to) { const proxy = proxies.get(`${from}/${to}`); if (proxy === undefined) throw new Error(`there is no link from ${from} to ${to}`); return proxy; },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
