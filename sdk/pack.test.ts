import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '..');
const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const temporary = mkdtempSync(path.join(tmpdir(), 'slipway-sdk-'));
afterAll(() => { rmSync(temporary, { recursive: true, force: true }); });

/** Somebody's application with the package installed, and nothing else of ours. */
const application = path.join(temporary, 'application');
const installed = path.join(application, 'node_modules', '@slipway', 'sdk');
let packed: readonly string[] = [];

beforeAll(() => {
  const made = path.join(temporary, 'sdk');
  mkdirSync(made);
  for (const file of ['package.json', 'README.md']) cpSync(path.join(root, 'sdk', file), path.join(made, file));
  execFileSync(process.execPath, [tsc, '-p', path.join(root, 'sdk'), '--outDir', path.join(made, 'dist')], { encoding: 'utf8' });
  writeFileSync(path.join(made, 'notes.txt'), 'stays at home');
  const [listing] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json', '--offline'], { cwd: made, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })) as { readonly files: readonly { readonly path: string }[] }[];
  packed = (listing?.files ?? []).map((file) => file.path).sort();
  for (const file of packed) cpSync(path.join(made, file), path.join(installed, file));
  writeFileSync(path.join(application, 'package.json'), '{"type":"module"}');
}, 60_000);

describe('R-440 the package that applications install holds the pure parts that they share with the edge, and nothing else of ours', () => {
  const HOLDS = /^(README\.md|package\.json|dist\/(sdk|core\/assignment|core\/bundle)\/[\w-]+\.(js|js\.map|d\.ts)|dist\/core\/(ids|errors|canonical)\.(js|js\.map|d\.ts))$/;
  test('what is packed', () => {
    expect(packed.filter((file) => !HOLDS.test(file))).toEqual([]);
    for (const file of ['README.md', 'package.json', 'dist/sdk/index.js', 'dist/sdk/index.d.ts', 'dist/core/assignment/index.js', 'dist/core/bundle/index.js']) expect(packed).toContain(file);
  });
  test('no package and no module of Node is loaded', () => {
    const named = packed.filter((file) => file.endsWith('.js')).flatMap((file) => [...readFileSync(path.join(installed, file), 'utf8').matchAll(/(?:from|import\()\s*['"]([^'"]+)['"]/g)].map((match) => match[1] ?? ''));
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((name) => !name.startsWith('.'))).toEqual([]);
  });
  test('a map brings its source', () => {
    const { sourcesContent } = JSON.parse(readFileSync(path.join(installed, 'dist/sdk/index.js.map'), 'utf8')) as { readonly sourcesContent?: readonly string[] };
    expect(sourcesContent?.[0]).toContain('armOf');
  });
});

describe('R-441 the package loads by import and by require, and its types resolve', () => {
  const run = (file: string, text: string) => { writeFileSync(path.join(application, file), text); return spawnSync(process.execPath, [path.join(application, file)], { encoding: 'utf8', env: { PATH: process.env['PATH'] ?? '' } }); };
  test.each([
    ['import', 'a.mjs', "import { render } from '@slipway/sdk';"],
    ['require', 'a.cjs', "const { render } = require('@slipway/sdk');"],
  ])('%s', (_name, file, load) => {
    const done = run(file, `${load}\nconsole.log(typeof render);`);
    expect([done.status, done.stdout, done.stderr]).toEqual([0, 'function\n', '']);
  });
  test('a path inside it is not for others', () => { expect(run('b.mjs', "import '@slipway/sdk/dist/core/errors.js';").stderr).toContain('ERR_PACKAGE_PATH_NOT_EXPORTED'); });
  const typesOf = (text: string): string => {
    writeFileSync(path.join(application, 'app.ts'), text);
    writeFileSync(path.join(application, 'tsconfig.json'), JSON.stringify({ compilerOptions: { strict: true, noEmit: true, module: 'nodenext', target: 'es2023', types: [] }, files: ['app.ts'] }));
    return spawnSync(process.execPath, [tsc, '-p', application], { encoding: 'utf8' }).stdout;
  };
  test('types', () => {
    expect(typesOf("import { armOf, render, type Arm, type Split } from '@slipway/sdk';\nexport const arm = (split: Split): Arm => armOf(split, 7, 0);\nexport { render };")).toBe('');
    expect(typesOf("import { armOf, type Split } from '@slipway/sdk';\nexport const arm = (split: Split): number => armOf(split, 7, 0);")).toContain('TS2322');
  }, 60_000);
});
