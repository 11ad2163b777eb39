#!/usr/bin/env node
// The command `slipway`: what `npm run build` made when nothing has changed since that build began, or when there are no sources; else the
// sources themselves, in this process. Decided as in programCommand of runtime/engines/place.ts; a test holds both to the same answers.
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const built = path.join(root, 'dist', 'bin', 'slipway.js');
const source = path.join(root, 'bin', 'slipway.ts');
const SOURCES = [
  'core', 'schema', 'store', 'providers', 'cli', 'activities', 'serving', 'ingest', 'workflows', 'temporal', 'worker', 'api', 'runtime', 'bin', 'examples',
  'package-lock.json', 'tsconfig.json', 'tsconfig.build.json',
];

function isWhole() {
  const builtMs = statSync(path.join(root, 'dist', 'built'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return builtMs > 0 && !SOURCES.some((name) => hasChanged(path.join(root, name), builtMs));
}

// The time of the last change of status, because it cannot be set: a file that was moved or copied here with an old date is new. A folder's
// own time tells that something was taken away.
function hasChanged(file, sinceMs) {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) return false;
  if (found.ctimeMs >= sinceMs) return true;
  return found.isDirectory() && readdirSync(file).some((name) => !name.endsWith('.test.ts') && hasChanged(path.join(file, name), sinceMs));
}

const isBuilt = existsSync(built) && (!existsSync(source) || isWhole());
if (!isBuilt && !existsSync(path.join(root, 'node_modules', 'tsx'))) {
  console.error('The packages are not installed. Run: node scripts/ready.mjs');
  process.exit(1);
}
const program = isBuilt ? built : source;
process.argv[1] = program;
if (!isBuilt) (await import('tsx/esm/api')).register();
await import(pathToFileURL(program).href);
