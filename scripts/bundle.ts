/**
 * The last part of `npm run build`, after tsc: the workflow bundle, so that no worker has to make it; the command line as a bundle; the
 * files that programs read and tsc does not carry. Fails when a workflow reaches for what the sandbox does not have.
 */
import { cpSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeBundle } from '../worker/bundle.js';
import { bundleCli } from './bundle-cli.js';

const root = path.resolve(import.meta.dirname, '..');
const dist = path.join(root, 'dist');
/** What stands beside the code that reads it, in the sources and in `dist` alike. */
const CARRIED = [
  { folder: 'runtime/engines', files: /\.(sh|mjs)$/ },
  { folder: 'examples/helpdesk', files: /\.(md|json|jsonl|yaml|yml)$/ },
] as const;

const { code } = await makeBundle();
writeFileSync(path.join(dist, 'workflow-bundle.js'), code);

for (const { folder, files } of CARRIED) {
  for (const file of readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })) {
    if (files.test(file)) cpSync(path.join(root, folder, file), path.join(dist, folder, file));
  }
}

rmSync(path.join(dist, 'cli'), { recursive: true });   // it is all in the bundle
await bundleCli(path.join(dist, 'bin'));

// Only now is the build whole. The note keeps the time at which it was begun.
renameSync(path.join(dist, 'building'), path.join(dist, 'built'));
process.stdout.write(`dist: ${readdirSync(path.join(dist, 'bin')).filter((file) => file.endsWith('.js')).length} programs; workflow bundle ${Math.round(code.length / 1024)} kB\n`);
