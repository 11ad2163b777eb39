// A Temporal server, in the order of docs/product.md, section 5. Always the real one.
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { Unready, findOnPath, isExecutable, runGuarded, say } from './ready-step.mjs';

/** The pinned release of the CLI, which holds the server; `runtime/engines/place.ts` looks for the same. */
export const TEMPORAL_VERSION = 'v1.5.1';
const MODULE = 'github.com/temporalio/cli/cmd/temporal';
/** Oldest Go that builds it by itself; from 1.21 on, Go fetches the toolchain it needs unless that is switched off. */
const GO_MIN = 25;
const GO_SWITCHES_MIN = 21;

/**
 * @param context   {root, engines, env}
 * @param onlyLook  install nothing, say nothing; answer whether there is one
 */
export async function readyTemporal(context, onlyLook = false) {
  const { env, engines } = context;
  const file = path.join(engines, `temporal-${TEMPORAL_VERSION}`);
  if (env.TEMPORAL_ADDRESS || findOnPath('temporal', env.PATH) !== undefined || isExecutable(file)) return true;
  if (onlyLook) return false;
  mkdirSync(engines, { recursive: true });
  for (const left of readdirSync(engines)) if (left.startsWith('temporal-partial-')) rmSync(path.join(engines, left), { recursive: true, force: true });
  const folder = path.join(engines, `temporal-partial-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  try {
    const made = (await download(context, folder)) ?? (await build(context, folder));
    chmodSync(made, 0o755);
    renameSync(made, file);   // appears whole or not at all
    return true;
  } finally { rmSync(folder, { recursive: true, force: true }); }
}

/** Lets Temporal's own SDK fetch it. Where its host cannot be reached, that is known within seconds. */
async function download({ root, env }, folder) {
  const program = `
    const { TestWorkflowEnvironment } = require('@temporalio/testing');
    const executable = { type: 'cached-download', version: '${TEMPORAL_VERSION}', downloadDir: process.argv[1] };
    TestWorkflowEnvironment.createLocal({ server: { executable } }).then((it) => it.teardown()).then(() => process.exit(0), (error) => { console.error(error.message); process.exit(1); });`;
  if (!existsSync(path.join(root, 'node_modules', '@temporalio', 'testing'))) return undefined;
  say(`No Temporal server on this machine. Looking whether release ${TEMPORAL_VERSION} can be downloaded (20 s at most without an answer) …`);
  let sizeBefore = 0;
  const isMoving = () => { const size = sizeOf(folder); const moved = size > sizeBefore; sizeBefore = size; return moved; };
  const { code } = await runGuarded({ command: [process.execPath, '-e', program, folder], cwd: root, env, limitMs: 20_000, isMoving });
  const made = readdirSync(folder).map((name) => path.join(folder, name)).find(isExecutable);
  if (code !== 0 || made === undefined) { say('  not from here.'); return undefined; }
  const copy = path.join(folder, 'temporal');
  if (made !== copy) copyFileSync(made, copy);
  return copy;
}

const sizeOf = (folder) => readdirSync(folder).reduce((sum, name) => sum + (statSync(path.join(folder, name), { throwIfNoEntry: false })?.size ?? 0), 0);

/** Builds it from source, through Go's module proxy and checksum database. */
async function build({ root, env }, folder) {
  const go = findOnPath('go', env.PATH);
  const trouble = go === undefined ? 'Go is not installed' : await whyNot(go, root, env);
  if (trouble !== undefined) throw new Unready(`There is no Temporal server on this machine, it cannot be downloaded from here, and ${trouble}. Three ways to get one:`, ways());
  const { code, tail } = await runGuarded({
    what: `Building the Temporal server ${TEMPORAL_VERSION} from source (go install, 3 to 8 minutes, once; may be stopped and run again)`,
    command: [go, 'install', '-v', '-trimpath', '-ldflags', '-s -w', `${MODULE}@${TEMPORAL_VERSION}`],
    cwd: folder, env: { ...env, CGO_ENABLED: '0', GOBIN: folder, GOOS: '', GOARCH: '' }, limitMs: 60 * 60_000,
    progress: ({ lines, last }) => lines === 0 ? '' : `${lines} steps, now ${last.split(' ').slice(-2).join(' ').slice(0, 70)}`,
  });
  const made = path.join(folder, 'temporal');
  if (code !== 0 || !isExecutable(made)) throw new Unready(`go install did not make a Temporal server:\n${tail}\n\nThree ways to get one:`, ways());
  return made;
}

/** Why this Go cannot build it; undefined when it can. */
async function whyNot(go, root, env) {
  const { output } = await runGuarded({ command: [go, 'version'], cwd: root, env: { ...env, GOTOOLCHAIN: 'local' }, limitMs: 20_000 });
  const minor = Number(/go1\.(\d+)/.exec(output)?.[1] ?? 0);
  if (minor >= GO_MIN) return undefined;
  if (minor < GO_SWITCHES_MIN) return `Go is too old (1.${minor}, needed is 1.${GO_MIN})`;
  const { output: toolchain } = await runGuarded({ command: [go, 'env', 'GOTOOLCHAIN'], cwd: root, env, limitMs: 20_000 });
  return toolchain.trim() === 'local' ? `Go 1.${minor} may not fetch the toolchain 1.${GO_MIN} (GOTOOLCHAIN=local)` : undefined;
}

const ways = () => [
  'Set TEMPORAL_ADDRESS=host:port to a server you have (a cluster, Temporal Cloud, a container).',
  'Install the Temporal CLI so that `temporal` is on the PATH (docs.temporal.io/cli).',
  `Install Go 1.${GO_MIN} or newer (go.dev/dl) and run this again: it builds the server from source.`,
];
