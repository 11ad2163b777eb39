// Runs the benches of `bench/`, or those that are named, one after the other: npm run bench -- cli [--json] [the bench's own words]
// A bench's exit code is 0 when its goals are met, 1 when one is missed, 2 when one could not be shown; the worst of them is ours.
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
// A bench says what it is in its first line; other programs of the folder are not run unasked.
const benches = readdirSync(path.join(root, 'bench')).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && readFileSync(path.join(root, 'bench', file), 'utf8').startsWith('/** Bench')).map((file) => file.slice(0, -3)).sort();
const words = process.argv.slice(2);
const firstOption = words.findIndex((word) => word.startsWith('-'));
const names = firstOption === -1 ? words : words.slice(0, firstOption);
const unknown = names.find((name) => !benches.includes(name));
if (unknown !== undefined) {
  console.error(`There is no bench ${unknown}. One of: ${benches.join(', ')}.`);
  process.exit(4);
}
const codes = (names.length > 0 ? names : benches).map((name) => {
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', path.join('bench', `${name}.ts`), ...(firstOption === -1 ? [] : words.slice(firstOption))], { cwd: root, stdio: 'inherit' });
  return status ?? 3;
});
process.exitCode = codes.includes(1) ? 1 : Math.max(0, ...codes);
