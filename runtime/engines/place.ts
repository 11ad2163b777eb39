import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';

/** The checkout or image that this code runs from: the nearest folder up with our package.json, from sources and from dist alike. */
export const ROOT = rootOf(import.meta.dirname);
/** Where `scripts/ready.mjs` puts engines. One for all data directories. */
export const ENGINES = path.join(ROOT, '.slipway', 'engines');
/** The pinned release of Temporal's CLI; `scripts/ready.mjs` installs the same. */
export const TEMPORAL_VERSION = 'v1.5.1';
/** The watcher of foreign programs, and the host of the embedded engine. Neither is compiled; the build carries both to where this is. */
export const GUARD = path.join(import.meta.dirname, 'guard.sh');
export const MONGODB_HOST = path.join(import.meta.dirname, 'mongodb-host.mjs');

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

/** What a built program is made of; a change in one of them makes `dist/` old. */
const SOURCES = [
  'core', 'schema', 'store', 'providers', 'cli', 'activities', 'serving', 'ingest', 'workflows', 'temporal', 'worker', 'api', 'runtime', 'bin', 'examples',
  'package-lock.json', 'tsconfig.json', 'tsconfig.build.json',
];

/**
 * How to run `bin/<name>`: what `npm run build` made when nothing has changed since that build began, or when there are no sources (an
 * image), else the source through tsx. Run it with ROOT as working directory.
 */
export function programCommand(name: string, root = ROOT): readonly [string, ...string[]] {
  const built = path.join(root, 'dist', 'bin', `${name}.js`);
  const source = path.join(root, 'bin', `${name}.ts`);
  if (existsSync(built) && (!existsSync(source) || isWhole(root))) return [process.execPath, '--enable-source-maps', built];
  return [process.execPath, '--import', 'tsx', source];
}

/** A build leaves `dist/built` when it has come to its end; the file's time is when it began. */
function isWhole(root: string): boolean {
  const builtMs = statSync(path.join(root, 'dist', 'built'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return builtMs > 0 && !SOURCES.some((name) => hasChanged(path.join(root, name), builtMs));
}

/**
 * Looks at the time of the last change of status, because it cannot be set: a file that was moved or copied here with an old date is new.
 * A folder's own time tells that something was taken away.
 */
function hasChanged(file: string, sinceMs: number): boolean {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) return false;
  if (found.ctimeMs >= sinceMs) return true;
  return found.isDirectory() && readdirSync(file).some((name) => !name.endsWith('.test.ts') && hasChanged(path.join(file, name), sinceMs));
}
