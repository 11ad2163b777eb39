#!/usr/bin/env node
// The command `slipway`: what `npm run build` made when it is newer than every source, or when there are no sources; else the sources
// themselves, in this process. Which one is right is decided as in programCommand of runtime/engines/place.ts.
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const built = path.join(root, 'dist', 'bin', 'slipway.js');
const source = path.join(root, 'bin', 'slipway.ts');
const ROOMS = ['core', 'schema', 'store', 'providers', 'cli', 'activities', 'serving', 'ingest', 'workflows', 'temporal', 'worker', 'api', 'runtime', 'bin', 'examples'];

function newestMs() {
  let newest = 0;
  for (const room of ROOMS.map((name) => path.join(root, name)).filter((folder) => existsSync(folder))) {
    for (const file of readdirSync(room, { recursive: true })) {
      if (/\.(ts|graphql)$/.test(file) && !/\.test\.ts$|node_modules/.test(file)) newest = Math.max(newest, statSync(path.join(room, file)).mtimeMs);
    }
  }
  return newest;
}

const isBuilt = existsSync(built) && (!existsSync(source) || statSync(built).mtimeMs > newestMs());
if (!isBuilt && !existsSync(path.join(root, 'node_modules', 'tsx'))) {
  console.error('The packages are not installed. Run: node scripts/ready.mjs');
  process.exit(1);
}
const program = isBuilt ? built : source;
process.argv[1] = program;
if (!isBuilt) (await import('tsx/esm/api')).register();
await import(pathToFileURL(program).href);
