import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';

/** The checkout or image that this code runs from: the nearest folder up with our package.json, from sources and from dist alike. */
export const ROOT = rootOf(import.meta.dirname);
/** Where `scripts/ready.mjs` puts engines. One for all data directories. */
export const ENGINES = path.join(ROOT, '.slipway', 'engines');
/** The pinned release of Temporal's CLI; `scripts/ready.mjs` installs the same. */
export const TEMPORAL_VERSION = 'v1.5.1';
/** The watcher of foreign programs, and the host of the embedded engine. Neither is compiled, so both are found from the root. */
export const GUARD = path.join(ROOT, 'runtime', 'engines', 'guard.sh');
export const MONGODB_HOST = path.join(ROOT, 'runtime', 'engines', 'mongodb-host.mjs');

function rootOf(from: string): string {
  for (let folder = from; folder !== path.dirname(folder); folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, 'package.json')) && path.basename(folder) !== 'dist') return folder;
  }
  throw new Error(`no package.json above ${from}`);
}

/** The first executable of this name on PATH. */
export function findOnPath(name: string, searchPath: string | undefined): string | undefined {
  return (searchPath ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder)).map((folder) => path.join(folder, name)).find(isExecutable);
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch { return false; }
}

/** Rooms whose sources a built program is made of; a change in one makes `dist/` old. */
const SOURCES = ['core', 'schema', 'store', 'providers', 'cli', 'activities', 'serving', 'ingest', 'workflows', 'temporal', 'worker', 'api', 'runtime', 'bin', 'examples'];

/**
 * How to run `bin/<name>`: what `npm run build` made when it is newer than every source, or when there are no sources (an image), else
 * the source through tsx. Run it with ROOT as working directory.
 */
export function programCommand(name: string, root = ROOT): readonly [string, ...string[]] {
  const built = path.join(root, 'dist', 'bin', `${name}.js`);
  const source = path.join(root, 'bin', `${name}.ts`);
  const builtMs = modifiedMs(built);
  if (builtMs > 0 && (!existsSync(source) || builtMs > newestMs(root))) return [process.execPath, '--enable-source-maps', built];
  return [process.execPath, '--import', 'tsx', source];
}

function newestMs(root: string): number {
  let newest = 0;
  for (const room of SOURCES.map((name) => path.join(root, name)).filter((folder) => existsSync(folder))) {
    for (const file of readdirSync(room, { recursive: true, encoding: 'utf8' })) {
      if (/\.(ts|graphql)$/.test(file) && !/\.test\.ts$|node_modules/.test(file)) newest = Math.max(newest, modifiedMs(path.join(room, file)));
    }
  }
  return newest;
}

const modifiedMs = (file: string): number => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
