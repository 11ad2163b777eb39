import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '..');
const folder = path.join(root, 'test', 'saboteurs');
const patches = readdirSync(folder).filter((name) => name.endsWith('.patch')).sort();

describe('R-890 every saboteur fits the tree of today, and says which tests must notice it', () => {
  test.each(patches)('%s', (name) => {
    const text = readFileSync(path.join(folder, name), 'utf8');
    expect(text).toMatch(/^I-\d\d\w? \S.*\nrun: .+\nexpect: (I-\d\d|R-\d{3})\n\ndiff --git /);
    const words = /^run: (.+)$/m.exec(text)?.[1]?.split(' ') ?? [];
    expect(words.filter((word) => word.endsWith('.ts')).filter((file) => !existsSync(path.join(root, file)))).toEqual([]);
    expect(words.some((word) => word.endsWith('.ts'))).toBe(true);
    execFileSync('git', ['apply', '--check', path.join(folder, name)], { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
  });
});
