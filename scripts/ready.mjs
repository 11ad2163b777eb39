// Makes this checkout ready to run: packages, a Temporal server, a MongoDB. Plain JavaScript, because it runs before anything is installed.
//   node scripts/ready.mjs              everything
//   node scripts/ready.mjs --packages   packages only
// May be stopped and run again at any moment; when all is there it says nothing and is done at once.
import { linkSync, mkdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { readyMongoDb } from './ready-mongodb.mjs';
import { Unready, runGuarded, say } from './ready-step.mjs';
import { readyTemporal } from './ready-temporal.mjs';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const NODE_MIN = [20, 19];

/** @throws Unready */
function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])) return;
  throw new Unready(`Slipway needs Node ${NODE_MIN.join('.')} or newer; this is ${process.versions.node}.`, ['Install a current Node (nodejs.org, or your version manager) and run this again.']);
}

/** npm writes its own record last, so a stopped installation has none and is begun again. */
export function hasPackages(root) {
  const record = statSync(path.join(root, 'node_modules', '.package-lock.json'), { throwIfNoEntry: false });
  return record !== undefined && record.mtimeMs >= statSync(path.join(root, 'package-lock.json')).mtimeMs;
}

async function readyPackages(root) {
  if (hasPackages(root)) return;
  const wanted = Object.keys(JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages).length;
  const { code, tail } = await runGuarded({
    what: `Installing ${wanted} packages (npm ci, about 20 seconds to 2 minutes, once)`,
    command: ['npm', 'ci', '--no-audit', '--no-fund', '--loglevel=error'], cwd: root, limitMs: 30 * 60_000,
  });
  if (code !== 0) throw new Unready(`npm ci failed:\n${tail}`, ['Look at the message above, check that the npm registry can be reached, and run this again.']);
}

/** Two that are started at the same moment: the second waits for the first. What a dead one left is taken over. */
async function alone(root, work) {
  const file = path.join(root, '.slipway', 'ready.pid');
  mkdirSync(path.dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, String(process.pid));
  try {
    for (let waits = 0; ; waits += 1) {
      try { linkSync(draft, file); rmSync(draft); break; } catch (error) { if (error.code !== 'EEXIST') throw error; }
      const holder = Number(readSafely(file));
      if (!isAlive(holder)) { rmSync(file, { force: true }); continue; }
      if (waits === 0) say(`Another installation is under way (process ${holder}); waiting for it.`);
      if (waits > 1_800) throw new Unready(`Process ${holder} has been installing for 30 minutes.`, [`Stop it (kill ${holder}) and run this again.`]);
      await new Promise((resolve) => { setTimeout(resolve, 1_000); });
    }
    await work();
  } finally {
    rmSync(draft, { force: true });
    if (readSafely(file) === String(process.pid)) rmSync(file, { force: true });
  }
}

const readSafely = (file) => { try { return readFileSync(file, 'utf8'); } catch { return ''; } };

function isAlive(pid) {
  if (!(pid > 0)) return false;
  try { process.kill(pid, 0); return true; } catch (error) { return error.code === 'EPERM'; }
}

/** Each step looks first and does nothing when it is done already, so looking is all that a second run does. */
async function main(words) {
  const onlyPackages = words.includes('--packages');
  const unknown = words.find((word) => word !== '--packages');
  if (unknown !== undefined) throw new Unready(`ready knows no ${unknown}.`, ['node scripts/ready.mjs [--packages]']);
  checkNode();
  if (process.platform === 'win32') throw new Unready('Slipway does not run on Windows itself.', ['Run it in WSL, or in a container.']);
  const context = { root: ROOT, engines: path.join(ROOT, '.slipway', 'engines'), env: process.env };
  const steps = [() => readyPackages(ROOT), ...(onlyPackages ? [] : [() => readyTemporal(context), () => readyMongoDb(context)])];
  const isDone = hasPackages(ROOT) && (onlyPackages || ((await readyTemporal(context, true)) && (await readyMongoDb(context, true))));
  if (isDone) return;
  await alone(ROOT, async () => {
    const begunMs = performance.now();
    for (const step of steps) await step();
    say(`Ready, after ${Math.round((performance.now() - begunMs) / 1_000)} s.`);
  });
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href) {
  main(process.argv.slice(2)).catch((error) => {
    if (!(error instanceof Unready)) throw error;
    console.error(`\n${error.message}\n`);
    for (const way of error.ways) console.error(`  - ${way}`);
    process.exitCode = 1;
  });
}
