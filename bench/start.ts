/** Bench of goal G3: when the whole product is ready, against its slowest part started alone. `npm run bench -- start [--short | --pairs N] [--json] [--keep NAME]`, after `npm run build`. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startMongoDb } from '../runtime/engines/mongodb.js';
import { choosePort } from '../runtime/engines/port.js';
import { startStack } from '../runtime/engines/stack.js';
import { startTemporal } from '../runtime/engines/temporal.js';
import { surroundings } from '../runtime/settings.js';
import { send } from '../test/harness.js';
import { rounded, surroundingsOf } from './measured.js';
import { measure, medianOf, report } from './pairs.js';

const { values } = parseArgs({ options: { short: { type: 'boolean', default: false }, pairs: { type: 'string' }, json: { type: 'boolean', default: false }, keep: { type: 'string' } } });
const pairs = Math.max(3, Number(values.pairs ?? (values.short ? 5 : 9)));
const ALONE_TIMES = values.short ? 2 : 3;
const ENGINES = { temporal: 'start-dev 1.29.1 (SQLite)', mongodb: 'embedded' };
const root = path.resolve(import.meta.dirname, '..');
if (!existsSync(path.join(root, 'dist', 'built'))) {
  process.stderr.write('What is measured is the build, and there is none: npm run build\n');
  process.exit(2);
}
const env = surroundings();
for (const name of ['MONGODB_URI', 'TEMPORAL_ADDRESS', 'NODE_ENV']) Reflect.deleteProperty(env, name);
const fresh = (): string => mkdtempSync(path.join(tmpdir(), 'slipway-start-'));
const PROGRAMS = ['model', 'worker', 'edge', 'api'] as const;
type Part = 'mongodb' | 'temporal' | (typeof PROGRAMS)[number];

/** When each part of one start was over, in ms since the command was given. */
interface Phases { readonly enginesBegun: number; readonly programsBegun: number; readonly ready: number; readonly answered: number }
const starts: Phases[] = [];

/** The whole product in a directory of its own, until its first question is answered rightly. */
async function whole(): Promise<number> {
  const dataDir = fresh();
  const pidsFile = path.join(dataDir, 'pids.json');
  const beganMs = performance.now();
  const child = spawn(process.execPath, [path.join(root, 'scripts', 'slipway.mjs'), 'dev', '--json', '--headless', '--data', dataDir], { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => { resolve(); }));
  try {
    const ready = new Promise<{ readonly api: string; readonly people: { readonly admin: string } }>((resolve, reject) => {
      createInterface({ input: child.stdout }).on('line', (line) => { if (line.includes('"ready"')) resolve(JSON.parse(line) as { api: string; people: { admin: string } }); });
      void ended.then(() => { reject(new Error('the start failed')); });
    });
    let isReady = false, enginesBegun = Number.NaN, programsBegun = Number.NaN;
    const watch = (async () => {
      for (; !isReady; await pause(4)) {
        const groups = existsSync(pidsFile) ? readFileSync(pidsFile, 'utf8') : '';
        if (Number.isNaN(enginesBegun) && groups !== '') enginesBegun = performance.now() - beganMs;
        if (Number.isNaN(programsBegun) && groups.includes('"api"')) programsBegun = performance.now() - beganMs;
      }
    })();
    const { api, people } = await ready.finally(() => { isReady = true; });
    const readyMs = performance.now() - beganMs;
    await watch;
    const reply = await send('POST', `${api}/graphql`, { 'content-type': 'application/json', authorization: `Bearer ${people.admin}` }, '{"query":"{ me { id } }"}');
    if (reply.status !== 200 || reply.json?.data?.me?.id === undefined) throw new Error(`not answered rightly: ${reply.text}`);
    const answered = performance.now() - beganMs;
    starts.push({ enginesBegun, programsBegun, ready: readyMs, answered });
    return answered;
  } finally {
    child.kill('SIGTERM');
    await ended;
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Engines that are there while a program is started alone; what a program makes once in a database is made. */
const standing = fresh();
const mongodb = await startMongoDb({ given: undefined, env, dataDir: path.join(standing, 'mongodb'), logDir: standing });
const temporal = await startTemporal({ given: undefined, env, dataDir: path.join(standing, 'temporal'), logDir: standing });

/** One part alone, until it is ready, by the same checks that the launcher makes. */
async function alone(part: Part): Promise<number> {
  const dataDir = fresh();
  const beganMs = performance.now();
  try {
    if (part === 'mongodb' || part === 'temporal') {
      const engine = part === 'mongodb' ? await startMongoDb({ given: undefined, env, dataDir: path.join(dataDir, part), logDir: dataDir }) : await startTemporal({ given: undefined, env, dataDir: path.join(dataDir, part), logDir: dataDir });
      const tookMs = performance.now() - beganMs;
      await engine.stop();
      return tookMs;
    }
    const port = await choosePort(0);
    const stack = await startStack([{
      name: part, command: [process.execPath, '--enable-source-maps', path.join(root, 'dist', 'bin', `${part}.js`)], readyUrl: `http://127.0.0.1:${port}/readyz`,
      env: { ...env, NODE_ENV: 'development', MONGODB_URI: mongodb.uri, TEMPORAL_ADDRESS: temporal.address, SLIPWAY_DATA_DIR: standing, SLIPWAY_DEV_FILE: path.join(dataDir, 'people.json'), SLIPWAY_MODEL_URL: 'http://127.0.0.1:9/v1', [`SLIPWAY_${part.toUpperCase()}_PORT`]: String(port) },
    }], { logDir: dataDir });
    const tookMs = performance.now() - beganMs;
    await stack.stop();
    return tookMs;
  } finally { rmSync(dataDir, { recursive: true, force: true }); }
}

try {
  const parts: Record<string, number[]> = {};
  for (let time = 0; time <= ALONE_TIMES; time += 1) {
    for (const part of ['mongodb', 'temporal', ...PROGRAMS] as const) { const tookMs = await alone(part); if (time > 0) (parts[part] ??= []).push(tookMs); }
  }
  const [slowest = 'worker'] = Object.entries(parts).sort(([, a], [, b]) => medianOf(b) - medianOf(a)).map(([name]) => name);
  const figure = await measure({
    bench: 'start', goal: 'G3', metric: 'slipway dev, to its first answer, wall', unit: 'ms', floorName: `${slowest} alone, the slowest part`, limit: 1.25, floor: () => alone(slowest as Part), ours: whole,
  }, { pairs, warmUps: 1, discardedMax: values.short ? 2 : 9 });
  const phase = (pick: (one: Phases) => number): number => medianOf(starts.map(pick));
  const phases = {
    untilEngines: phase(({ enginesBegun }) => enginesBegun), engines: phase(({ enginesBegun, programsBegun }) => programsBegun - enginesBegun),
    programs: phase(({ programsBegun, ready }) => ready - programsBegun), firstAnswer: phase(({ ready, answered }) => answered - ready),
  };
  const medians = Object.fromEntries(Object.entries(parts).map(([name, times]) => [name, medianOf(times)]));
  if (values.keep !== undefined) {
    const results = path.join(root, 'bench', 'results', 'start');
    mkdirSync(results, { recursive: true });
    writeFileSync(path.join(results, `${values.keep}.json`), `${JSON.stringify(rounded({ ...surroundingsOf(ENGINES), figure, alone: parts, phases, starts }), null, 1)}\n`);
  }
  if (!values.json) {
    const told = (times: Readonly<Record<string, number>>): string => Object.entries(times).map(([name, ms]) => `${name} ${(ms / 1_000).toFixed(2)} s`).join(', ');
    process.stdout.write(`alone, medians: ${told(medians)}\nof one start, medians: ${told(phases)}\n\n`);
  }
  report([figure], { json: values.json, engines: ENGINES });
} finally {
  await Promise.all([temporal.stop(), mongodb.stop()]);
  rmSync(standing, { recursive: true, force: true });
}
