/** Bench of goals F1, F3, F4: what releases cost that only wait, and what a worker's death costs them. `npm run bench -- waiting [--short | --most 100] [--rounds N] [--window SEC] [--only levels|deaths] [--json] [--keep NAME]` */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { MongoClient } from 'mongodb';
import { choosePort } from '../runtime/engines/port.js';
import { mutate, Refused, send, startStack, until } from '../test/harness.js';
import type { Stack } from '../test/harness.js';
import { measured, rounded, surroundingsOf, tell } from './measured.js';
import type { Measured } from './measured.js';
import { inTurn, prepareHerd } from './open-releases.js';
import type { Herd, Kind, OpenRelease } from './open-releases.js';
import { collect, collecting, costs, groupsIn, membersOf, PROGRAMS } from './programs.js';
import type { Program } from './programs.js';

const { values } = parseArgs({ options: { short: { type: 'boolean', default: false }, most: { type: 'string' }, rounds: { type: 'string' }, window: { type: 'string' }, only: { type: 'string' }, json: { type: 'boolean', default: false }, keep: { type: 'string' } } });
const most = Number(values.most ?? (values.short ? 10 : 100));
const rounds = Number(values.rounds ?? (values.short ? 1 : 2));
const windowSec = Number(values.window ?? (values.short ? 20 : 60));
const SETTLE_SEC = values.short ? 5 : 20;
/** What has ended is folded for two minutes more: until then it still costs. */
const AFTERGLOW_SEC = 130;
const SAMPLE_MS = 250;
const ENGINES = { temporal: 'start-dev 1.29.1 (SQLite)', mongodb: 'embedded' };
const say = (line: string): void => { process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`); };
const dataDir = mkdtempSync(path.join(tmpdir(), 'slipway-waiting-'));
const folder = path.join(dataDir, 'collected');

/** What was read while so many releases waited. */
interface Level {
  readonly round: number; readonly open: Readonly<Record<Kind, number>>; readonly seconds: number; readonly load: number;
  readonly programs: Readonly<Record<Program, { readonly rssKiB: number; readonly heldKiB: number; readonly cpuSec: number }>>;
  /** commands that MongoDB answered in the window */
  readonly commands: Readonly<Record<string, number>>;
}

type Leases = ReadonlyMap<string, { readonly seq: number; readonly atMs: number }>;
const client = { current: null as MongoClient | null };
const database = (): ReturnType<MongoClient['db']> => { if (client.current === null) throw new Error('not connected'); return client.current.db('slipway'); };
async function leases(): Promise<Leases> {
  const rows = await database().collection<{ _id: string; lease: { seq: number; at: Date } }>('environments').find({ open: { $ne: null } }, { projection: { lease: 1 } }).toArray();
  return new Map(rows.map(({ _id, lease }) => [_id, { seq: lease.seq, atMs: lease.at.getTime() }]));
}
async function commands(): Promise<Record<string, number>> {
  const status = await database().admin().command({ serverStatus: 1 }).catch(() => ({ opcounters: {} })) as { readonly opcounters?: Readonly<Record<string, number>> };
  return Object.fromEntries(Object.entries(status.opcounters ?? {}).filter(([name]) => name !== 'deprecated').map(([name, count]) => [name, Number(count)]));
}

async function readLevel(herd: Herd, round: number, open: Readonly<Record<Kind, number>>): Promise<Level> {
  await herd.have(open);
  await pause((open.CANARY === 0 && !values.short ? AFTERGLOW_SEC : SETTLE_SEC) * 1_000);
  await collect(dataDir, folder);
  const [before, commandsBefore, beganMs] = [costs(dataDir), await commands(), performance.now()];
  await pause(windowSec * 1_000);
  const [after, commandsAfter, seconds] = [costs(dataDir), await commands(), (performance.now() - beganMs) / 1_000];
  const held = await collect(dataDir, folder);
  const at = costs(dataDir);
  const level = {
    round, open, seconds, load: loadavg()[0] ?? 0,
    programs: Object.fromEntries(PROGRAMS.map((name) => [name, { rssKiB: at[name].rssKiB, heldKiB: held[name], cpuSec: after[name].cpuSec - before[name].cpuSec }])) as Level['programs'],
    commands: Object.fromEntries(Object.entries(commandsAfter).map(([name, count]) => [name, count - (commandsBefore[name] ?? 0)])),
  };
  say(`${open.AWAITING_APPROVAL} + ${open.CANARY} open, load ${level.load.toFixed(1)}: ${PROGRAMS.map((name) => `${name} ${(level.programs[name].rssKiB / 1_024).toFixed(0)} MiB (held ${(level.programs[name].heldKiB / 1_024).toFixed(1)}) ${level.programs[name].cpuSec.toFixed(2)} s`).join(', ')}; ${JSON.stringify(level.commands)}`);
  return level;
}

/** What was answered instead of an answer, by code. */
const answers: Record<string, number> = {};
/** An act that is refused: the workflow has to take it up, replayed where it must be, and its activity answers. It changes nothing. */
async function serveOnce(stack: Stack, { id }: OpenRelease): Promise<number> {
  const beganMs = performance.now();
  for (;;) {
    try { await mutate(stack.api, stack.people.releaseManager, 'acknowledgeHold', { id, metric: 'nothing', cause: 'a bench' }, '{ id }'); throw new Error('was not refused'); } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.code === 'CONFLICT') return performance.now() - beganMs;
      answers[error.code] = (answers[error.code] ?? 0) + 1;
      if (error.code !== 'UNAVAILABLE' && error.code !== 'INTERNAL') throw error;
    }
  }
}
async function serveAll(stack: Stack, releases: readonly OpenRelease[], sinceMs: number, atOnce: number): Promise<{ readonly tookMs: readonly number[]; readonly doneMs: readonly number[] }> {
  const tookMs: number[] = [], doneMs: number[] = [];
  await inTurn(releases, async (release) => { tookMs.push(await serveOnce(stack, release)); doneMs.push(performance.now() - sinceMs); }, atOnce);
  return { tookMs, doneMs };
}

const isReady = (url: string) => async (): Promise<boolean> => (await send('GET', `${url}/readyz`, {})).status === 200;
/** Kills a worker as a machine would: at once, with all it holds. */
const killWorker = (group: number): void => { for (const pid of membersOf(group)) process.kill(pid, 'SIGKILL'); };
const environOf = (pid: number): Record<string, string> => Object.fromEntries(readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter((line) => line.includes('=')).map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
const argumentsOf = (pid: number): readonly string[] => readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
const quantile = (sorted: readonly number[], share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
const spread = (values_: readonly number[]): Record<string, number> => { const sorted = [...values_].sort((a, b) => a - b); return { n: sorted.length, min: quantile(sorted, 0), p50: quantile(sorted, 0.5), p95: quantile(sorted, 0.95), max: quantile(sorted, 1) }; };

/** Looks that were made while `work` went on and until each canary had one after it began: for each the longest time between two, and when the first came. */
async function looksDuring(work: () => Promise<void>): Promise<{ readonly firstMs: readonly number[]; readonly gapMs: readonly number[]; readonly lapsed: number }> {
  const seen = new Map<string, number[]>([...await leases()].map(([id, { atMs }]) => [id, [atMs]]));
  let isOver = false;
  const began = Date.now();   // one machine, one clock: the database's too
  const poll = (async () => {
    while (!isOver || [...seen.values()].some((times) => (times.at(-1) ?? 0) <= began)) {
      for (const [id, { atMs }] of await leases().catch(() => new Map() as Leases)) { const times = seen.get(id); if (times !== undefined && times.at(-1) !== atMs) times.push(atMs); }
      if (Date.now() - began > 180_000) break;
      await pause(SAMPLE_MS);
    }
  })();
  await work();
  isOver = true;
  await poll;
  const times = [...seen.values()];
  return {
    firstMs: times.flatMap((one) => { const first = one.find((atMs) => atMs > began); return first === undefined ? [] : [first - began]; }),
    gapMs: times.map((one) => Math.max(...one.slice(1).map((atMs, index) => atMs - (one[index] ?? atMs)))),
    lapsed: await database().collection('releases').countDocuments({ open: true, state: 'PAUSED' }),
  };
}

interface Death { readonly readyMs: number; readonly served: Record<string, number>; readonly acts: Record<string, number>; readonly allServedMs: number; readonly looks: Record<string, number>; readonly gaps: Record<string, number>; readonly lapsed: number; readonly cpuSec: number; readonly cpuStartSec: number }

/** The only worker dies; the launcher starts it again, and every open release is asked something. */
async function dieAlone(stack: Stack, releases: readonly OpenRelease[]): Promise<Death> {
  const url = `http://127.0.0.1:${environOf(membersOf(groupsIn(dataDir).worker)[0] ?? 0)['SLIPWAY_WORKER_PORT'] ?? ''}`;
  let readyMs = 0, cpuStartSec = 0, cpuSec = 0;
  let acts = { tookMs: [] as readonly number[], doneMs: [] as readonly number[] };
  const former = groupsIn(dataDir).worker;
  const looks = await looksDuring(async () => {
    const beganMs = performance.now();
    killWorker(former);
    await until('the worker to be ready again', async () => groupsIn(dataDir).worker !== former && await isReady(url)(), 120_000, 25);
    readyMs = performance.now() - beganMs;
    cpuStartSec = costs(dataDir).worker.cpuSec;
    acts = await serveAll(stack, releases, beganMs, 8);
    cpuSec = costs(dataDir).worker.cpuSec - cpuStartSec;
  });
  return { readyMs, served: spread(acts.doneMs), acts: spread(acts.tookMs), allServedMs: Math.max(...acts.doneMs), looks: spread(looks.firstMs), gaps: spread(looks.gapMs), lapsed: looks.lapsed, cpuSec, cpuStartSec };
}

/** One of two dies that held every release; the other takes over. The launcher's own comes back as well, as it would. */
async function dieBesideAnother(stack: Stack, releases: readonly OpenRelease[]): Promise<Omit<Death, 'readyMs' | 'cpuSec' | 'cpuStartSec'>> {
  const [pid] = membersOf(groupsIn(dataDir).worker);
  if (pid === undefined) throw new Error('there is no worker');
  await serveAll(stack, releases, performance.now(), 8);   // the launcher's holds them all: only it has been there
  const port = await choosePort(0);
  const [program = '', ...words] = argumentsOf(pid);
  const other = spawn(program, words, { cwd: path.resolve(import.meta.dirname, '..'), env: { ...environOf(pid), SLIPWAY_WORKER_PORT: String(port) }, stdio: 'ignore' });
  try {
    await until('the other worker', isReady(`http://127.0.0.1:${port}`), 120_000, 50);
    await pause(2_000);
    let acts = { tookMs: [] as readonly number[], doneMs: [] as readonly number[] };
    const looks = await looksDuring(async () => {
      const beganMs = performance.now();
      killWorker(groupsIn(dataDir).worker);
      acts = await serveAll(stack, releases, beganMs, 32);
    });
    return { served: spread(acts.doneMs), acts: spread(acts.tookMs), allServedMs: Math.max(...acts.doneMs), looks: spread(looks.firstMs), gaps: spread(looks.gapMs), lapsed: looks.lapsed };
  } finally { other.kill('SIGKILL'); }
}

/** What one release more of a kind costs, from two levels of one round. */
const perRelease = (levels: readonly Level[], from: Level['open'], to: Level['open'], pick: (level: Level) => number): readonly number[] => {
  const find = (round: number, open: Level['open']): Level | undefined => levels.find((level) => level.round === round && level.open.CANARY === open.CANARY && level.open.AWAITING_APPROVAL === open.AWAITING_APPROVAL);
  const more = to.AWAITING_APPROVAL + to.CANARY - from.AWAITING_APPROVAL - from.CANARY;
  return Array.from({ length: rounds }, (_, round) => { const [a, b] = [find(round, from), find(round, to)]; return a === undefined || b === undefined ? Number.NaN : (pick(b) - pick(a)) / more; }).filter((value) => !Number.isNaN(value));
};

const half = Math.round(most / 2);
const NONE = { AWAITING_APPROVAL: 0, CANARY: 0 };
const WAITING = { AWAITING_APPROVAL: half, CANARY: 0 };
const BOTH = { AWAITING_APPROVAL: half, CANARY: half };
const ALL = { AWAITING_APPROVAL: most, CANARY: most };
const levels: Level[] = [];
const after: { alone?: Death; beside?: Omit<Death, 'readyMs' | 'cpuSec' | 'cpuStartSec'>; left?: Level } = {};
const stack = await startStack({ dataDir, env: collecting(folder) });
try {
  client.current = await MongoClient.connect(stack.mongodb);
  say('ready; applications and stable bundles are made');
  const herd = await prepareHerd(stack, most);
  // Whatever is made once, with the first release of its kind, is no cost of the others.
  await herd.have({ AWAITING_APPROVAL: Math.min(10, half), CANARY: Math.min(10, half) });
  await herd.have(NONE);
  for (let round = 0; round < (values.only === 'deaths' ? 0 : rounds); round += 1) {
    for (const open of [NONE, WAITING, BOTH, ALL]) levels.push(await readLevel(herd, round, open));
    if (round + 1 < rounds) await herd.have(NONE);
  }
  if (values.only !== 'levels') {
    await herd.have(ALL);
    after.alone = await dieAlone(stack, herd.open());
    say(`the only worker died: ${JSON.stringify(rounded(after.alone))}`);
    after.beside = await dieBesideAnother(stack, herd.open());
    say(`one of two died: ${JSON.stringify(rounded(after.beside))}; answered ${JSON.stringify(answers)}`);
  }
  if (values.only !== 'deaths') after.left = await readLevel(herd, rounds, NONE);
} finally {
  // What the API could not name is in its log, and the log goes with the directory.
  const failed = readFileSync(path.join(dataDir, 'logs', 'api.log'), 'utf8').split('\n').filter((line) => line.includes('"level":"error"'));
  if (failed.length > 0) say(`the API failed ${failed.length} times, last: ${failed.at(-1) ?? ''}`);
  await client.current?.close();
  await stack.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

const rss = (name: Program) => (level: Level): number => level.programs[name].rssKiB;
const everything = (pick: (cost: Level['programs'][Program]) => number) => (level: Level): number => PROGRAMS.reduce((sum, name) => sum + pick(level.programs[name]), 0);
const cpuMs = (name: Program) => (level: Level): number => level.programs[name].cpuSec * 1_000 / (level.seconds / 60);
const figure = (goal: string | null, metric: string, unit: string, limit: number | null, from: readonly number[], note?: string): Measured => measured({ bench: 'waiting', goal, metric, unit, limit, ...(note === undefined ? {} : { note }) }, from);
const total = 2 * most;
const { alone, beside } = after;
const figures: Measured[] = [
  figure('F1', `worker, RSS per open release, 0 to ${total}`, 'KiB', 64, perRelease(levels, NONE, ALL, rss('worker'))),
  figure('F1', `all programs, RSS per open release, 0 to ${total}`, 'KiB', 150, perRelease(levels, NONE, ALL, everything(({ rssKiB }) => rssKiB))),
  ...PROGRAMS.map((name) => figure(null, `${name}, RSS per open release, 0 to ${total}`, 'KiB', null, perRelease(levels, NONE, ALL, rss(name)))),
  ...PROGRAMS.filter((name) => name !== 'temporal').map((name) => figure(null, `${name}, held after collecting, per open release, 0 to ${total}`, 'KiB', null, perRelease(levels, NONE, ALL, (level) => level.programs[name].heldKiB))),
  ...([['awaiting approval', NONE, WAITING], ['idle canary', WAITING, BOTH]] as const).flatMap(([kind, from, to]) => [
    ...PROGRAMS.map((name) => figure(null, `${name}, CPU per minute of one ${kind}`, 'ms', null, perRelease(levels, from, to, cpuMs(name)))),
    figure(null, `all, CPU per minute of one ${kind}`, 'ms', null, perRelease(levels, from, to, everything(({ cpuSec }) => cpuSec * 1_000 * 60 / windowSec))),
  ]),
  figure(null, `all, CPU per minute of one more beyond ${2 * half}, both kinds`, 'ms', null, perRelease(levels, BOTH, ALL, everything(({ cpuSec }) => cpuSec * 1_000 * 60 / windowSec))),
  ...(alone === undefined ? [] : [
    figure('F4', `worker, CPU to serve each of ${total} once after SIGKILL`, 'ms', 20, [alone.cpuSec * 1_000 / total], 'with its looks'),
    figure(null, 'SIGKILL of the only worker to its being ready again', 's', null, [alone.readyMs / 1_000]),
    figure(null, `SIGKILL of the only worker to the last of ${total} served`, 's', null, [alone.allServedMs / 1_000]),
    figure(null, 'SIGKILL of the only worker to the last canary looked at', 's', null, [(alone.looks['max'] ?? Number.NaN) / 1_000]),
    figure(null, 'longest time between two looks, only worker killed', 's', null, [(alone.gaps['max'] ?? Number.NaN) / 1_000], 'lease 60 s'),
  ]),
  ...(beside === undefined ? [] : [
    figure(null, `SIGKILL of one of two to the last of ${total} served`, 's', null, [beside.allServedMs / 1_000]),
    figure(null, 'one act after it, median', 's', null, [(beside.acts['p50'] ?? Number.NaN) / 1_000]),
    figure(null, 'one act after it, longest', 's', null, [(beside.acts['max'] ?? Number.NaN) / 1_000]),
    figure(null, 'longest time between two looks, one of two killed', 's', null, [(beside.gaps['max'] ?? Number.NaN) / 1_000], 'lease 60 s'),
  ]),
];
if (values.keep !== undefined) {
  const results = path.resolve(import.meta.dirname, 'results', 'waiting');
  mkdirSync(results, { recursive: true });
  writeFileSync(path.join(results, `${values.keep}.json`), `${JSON.stringify(rounded({ ...surroundingsOf(ENGINES), most, rounds, windowSec, figures, levels, ...after, answers }), null, 1)}\n`);
}
tell(figures, { json: values.json, engines: ENGINES });
