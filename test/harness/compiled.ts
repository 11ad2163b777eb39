/** The programs as JavaScript, made once for each state of the sources: what tsx does at every start costs three times as much as the start. */
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { transform } from 'esbuild';
import { ROOT } from '../../runtime/engines/place.js';

/** What api, worker, edge and model are made of, and what makes them others. */
const ROOMS = ['core', 'schema', 'store', 'providers', 'activities', 'serving', 'ingest', 'workflows', 'temporal', 'worker', 'api', 'runtime', 'bin'];
const CHOSEN = ['package-lock.json', 'tsconfig.json'];
const FOLDER = path.join(ROOT, '.slipway', 'compiled');
/** What nobody has started from for this long is removed. */
const KEPT_MS = 3_600_000;

interface Source { readonly file: string; readonly text: string }
function sources(): readonly Source[] {
  const found: Source[] = [];
  for (const room of ROOMS) {
    for (const file of readdirSync(path.join(ROOT, room), { recursive: true, encoding: 'utf8' }).sort()) {
      if (/\.(ts|mjs|sh|json)$/.test(file) && !file.endsWith('.test.ts')) found.push({ file: path.join(room, file), text: readFileSync(path.join(ROOT, room, file), 'utf8') });
    }
  }
  return found;
}

let making: { readonly name: string; readonly folder: Promise<string> } | null = null;

/** How to run `bin/<name>` from the sources as they are now. The folder looks like an image: `dist`, no sources, our package.json above it. */
export async function compiledCommand(name: string): Promise<readonly [string, ...string[]]> {
  const all = sources();
  const hash = createHash('sha256').update(process.version);
  for (const { file, text } of [...all, ...CHOSEN.map((file) => ({ file, text: readFileSync(path.join(ROOT, file), 'utf8') }))]) hash.update(`${file}\0${text}\0`);
  const digest = hash.digest('hex').slice(0, 16);
  if (making?.name !== digest) making = { name: digest, folder: make(path.join(FOLDER, digest), all) };
  return [process.execPath, path.join(await making.folder, 'dist', 'bin', `${name}.js`)];
}

async function make(folder: string, all: readonly Source[]): Promise<string> {
  if (!existsSync(folder)) {
    mkdirSync(FOLDER, { recursive: true });
    const draft = mkdtempSync(path.join(FOLDER, 'draft-'));
    await Promise.all(all.map(async ({ file, text }) => {
      const out = path.join(draft, 'dist', file);
      mkdirSync(path.dirname(out), { recursive: true });
      if (file.endsWith('.ts')) writeFileSync(out.replace(/\.ts$/, '.js'), (await transform(text, { loader: 'ts', format: 'esm', target: 'node20' })).code);
      else copyFileSync(path.join(ROOT, file), out);
    }));
    writeFileSync(path.join(draft, 'dist', 'workflow-bundle.js'), await workflowBundle());
    for (const name of ['package.json', 'node_modules']) symlinkSync(path.join(ROOT, name), path.join(draft, name));
    // Two may make it at once: who is second uses the first's.
    try { renameSync(draft, folder); } catch { rmSync(draft, { recursive: true, force: true }); }
  }
  const now = new Date();
  utimesSync(folder, now, now);
  for (const name of readdirSync(FOLDER)) {
    const other = path.join(FOLDER, name);
    if (now.getTime() - (statSync(other, { throwIfNoEntry: false })?.mtimeMs ?? now.getTime()) > KEPT_MS) rmSync(other, { recursive: true, force: true });
  }
  return folder;
}

/** The workflows, from the cache that every worker of this checkout uses. */
async function workflowBundle(): Promise<string> {
  const { bundleOf } = await import('../../worker/bundle.js');
  const { codePath } = await bundleOf({ cacheDir: path.join(ROOT, '.slipway', 'bundles'), digest: (text) => createHash('sha256').update(text).digest('hex') });
  return readFileSync(codePath, 'utf8');
}
