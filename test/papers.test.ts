import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { GraphQLEnumType } from 'graphql';
import { buildSchema } from 'graphql';
import { describe, expect, test } from 'vitest';
import { ROLES, SCOPES } from '../core/access.js';
import { ERRORS } from '../core/errors.js';
import { HOLD_REASONS } from '../core/gate/index.js';
import { RELEASE_STATES, RISK_TIERS } from '../core/release/index.js';

const root = path.resolve(import.meta.dirname, '..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' }).split('\n').filter((f) => f !== '' && existsSync(path.join(root, f)));

describe('docs/rules.md and the tests name the same rules', () => {
  const written = new Set([...read('docs/rules.md').matchAll(/^\| (R-\d{3}) \|/gm)].map((m) => m[1]));
  const tested = new Map<string, string[]>();
  for (const file of tracked.filter((f) => f.endsWith('.test.ts') && f !== 'test/papers.test.ts')) {
    for (const [, rule] of read(file).matchAll(/(?:describe|test|it)(?:\.\w+(?:\([^()]*\))?)*\(\s*[`'"](R-\d{3}) /g)) tested.set(rule ?? '', [...(tested.get(rule ?? '') ?? []), file]);
  }
  test('every rule on paper is named by a test', () => { expect([...written].filter((rule) => !tested.has(rule ?? ''))).toEqual([]); });
  test('every rule a test names is on paper', () => { expect([...tested.keys()].filter((rule) => !written.has(rule))).toEqual([]); });
});

describe('enums of the SDL are the unions of the core', () => {
  const schema = buildSchema(readdirSync(path.join(root, 'schema')).filter((f) => f.endsWith('.graphql')).map((f) => read(`schema/${f}`)).join('\n'));
  const valuesOf = (name: string): string[] => (schema.getType(name) as GraphQLEnumType).getValues().map((v) => v.name);
  test.each<[string, readonly string[]]>([
    ['ReleaseState', RELEASE_STATES], ['ErrorCode', Object.keys(ERRORS)], ['HoldReason', HOLD_REASONS], ['RiskTier', RISK_TIERS], ['Role', ROLES],
    ['KeyScope', SCOPES.map((scope) => scope.toUpperCase())], ['VerdictKind', ['PASS', 'FAIL', 'INCONCLUSIVE']],
  ])('%s', (name, union) => { expect([...valuesOf(name)].sort()).toEqual([...union].sort()); });
});

describe('pages lead somewhere', () => {
  const pages = tracked.filter((f) => f.endsWith('.md'));
  test.each(pages)('every link of %s exists', (page) => {
    const missing = [...read(page).replace(/```[\s\S]*?```/g, '').matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map((m) => path.posix.join(path.posix.dirname(page), m[1] ?? '')).filter((target) => !existsSync(path.join(root, target)));
    expect(missing).toEqual([]);
  });
  test('the README names only scripts that exist', () => {
    const scripts = (JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts;
    const named = [...read('README.md').matchAll(/npm run ([\w:-]+)/g)].map((m) => m[1] ?? '');
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
    expect(named).toContain('demo');
  });
});

describe('nothing of one machine is written down', () => {
  const texts = tracked.filter((f) => /\.(ts|mjs|js|json|md|ya?ml|sh|graphql|html)$/.test(f) && f !== 'package-lock.json' && f !== 'test/papers.test.ts');
  test('no absolute home or work path', () => { expect(texts.filter((f) => /(^|[\s'"`(=])\/(work|root|home\/\w+)\//.test(read(f)))).toEqual([]); });
  test('the lock file records no download address', () => { expect(read('package-lock.json')).not.toMatch(/"resolved": "http/); });
});
