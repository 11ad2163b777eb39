import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parserOf } from './program.js';
import type { Typed } from './context.js';

const root = path.resolve(import.meta.dirname, '..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
interface Step { readonly name?: string; readonly id?: string; readonly uses?: string; readonly run?: string; readonly shell?: string; readonly env?: Record<string, string>; readonly with?: Record<string, unknown> }
interface Action { readonly inputs: Record<string, { readonly description: string; readonly required?: boolean; readonly default?: string }>; readonly outputs: Record<string, { readonly value: string }>; readonly runs: { readonly using: string; readonly steps: readonly Step[] } }
const action = parse(read('action.yml')) as Action;
const page = read('docs/ci.md');
const blocks = (language: string): readonly string[] => [...page.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map((found) => found[1] ?? '');

/** As a shell would divide it, variables standing for a word. */
const wordsOf = (line: string): readonly string[] => [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map((found) => (found[1] ?? found[2] ?? found[3] ?? '').replace(/\$\{?\w+(\[@\])?\}?/g, 'x'));
async function typed(line: string): Promise<{ readonly words: string; readonly typed: Typed }> {
  let found: { words: string; typed: Typed } | undefined;
  const [out, err] = [new PassThrough(), new PassThrough()];
  await parserOf({ stdout: out, stderr: err }, '0', (word, given) => { found = { words: word.words, typed: given }; return Promise.resolve(); }).parseAsync([...wordsOf(line)], { from: 'user' });
  if (found === undefined) throw new Error(`nothing is done by ${line}`);
  return found;
}
/** What follows the name of the program, wherever it is called. */
const commandsOf = (text: string): readonly string[] => [...text.matchAll(/(?:^ {4}slipway |\/slipway\.mjs"? |`slipway )([^\n`]*?)(?='?\n|`|$)/gm)].map((found) => (found[1] ?? '').replace(/'$/, '').replace(/ "\$\{optional\[@\]\}"/, ''));

describe('R-978 the action hands its inputs over as variables, uses every one, and pins what it uses', () => {
  test('it is composite, and every input is used once, in the environment of a step', () => {
    expect(action.runs.using).toBe('composite');
    const handed = action.runs.steps.flatMap(({ env }) => Object.values(env ?? {}));
    for (const name of Object.keys(action.inputs)) expect(handed.filter((value) => value === `\${{ inputs.${name} }}`), name).toHaveLength(1);
    expect(Object.keys(action.inputs).sort()).toEqual(['api-key', 'api-url', 'app', 'changed-since', 'environment', 'policy', 'prompts', 'report', 'wait']);
  });
  test('no script holds an expression: a stranger\'s branch would be read as commands', () => {
    for (const { run, shell } of action.runs.steps) { expect(run).not.toContain('${{'); expect(shell).toBe('bash'); }
  });
  test('every variable of a script is set by its step or by the runner', () => {
    for (const { run = '', env = {} } of action.runs.steps) {
      for (const [, name = ''] of run.matchAll(/\$\{?([A-Za-z_]\w*)/g)) if (!/^(GITHUB_\w+|RUNNER_TEMP|RANDOM|summary|optional)$/.test(name)) expect(Object.keys(env)).toContain(name);
      for (const name of Object.keys(env).filter((one) => one.startsWith('INPUT_') || one === 'HEAD_COMMIT')) expect(run).toContain(`$${name}`);
    }
  });
  test('the script calls the command line with each input as one word, whatever it holds, and ends as that ends', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'slipway-action-'));
    try {
      writeFileSync(path.join(folder, 'node'), '#!/bin/sh\nfor word in "$@"; do printf "%s\\n" "$word"; done\nexit 2\n', { mode: 0o755 });
      const run = action.runs.steps.find(({ id }) => id === 'evaluate')?.run ?? '';
      const env = (more: Record<string, string>): Record<string, string> => ({
        PATH: `${folder}:${process.env['PATH'] ?? ''}`, RUNNER_TEMP: folder, GITHUB_RUN_ATTEMPT: '1', GITHUB_OUTPUT: path.join(folder, 'outputs'), GITHUB_ACTION_PATH: '/action', HEAD_COMMIT: 'abc', INPUT_APP: 'helpdesk', INPUT_ENVIRONMENT: 'production', INPUT_POLICY: 'careful',
        INPUT_PROMPTS: '**/*.prompt.yml', INPUT_CHANGED_SINCE: '', INPUT_WAIT: 'true', INPUT_REPORT: 'github', ...more,
      });
      const ran = (more: Record<string, string>): { readonly status: number | null; readonly words: readonly string[] } => { const { status, stdout } = spawnSync('bash', ['-eo', 'pipefail', '-c', run], { cwd: folder, env: env(more), encoding: 'utf8' }); return { status, words: stdout.trimEnd().split('\n') }; };
      const plain = ran({});
      expect(plain.status).toBe(2);
      expect(plain.words.slice(0, 12)).toEqual(['/action/scripts/slipway.mjs', 'evaluate', '--app', 'helpdesk', '--env', 'production', '--policy', 'careful', '--prompts', '**/*.prompt.yml', '--commit', 'abc']);
      expect(plain.words.at(-1)).toBe('--wait');
      expect(readFileSync(path.join(folder, 'outputs'), 'utf8')).toBe(`summary=${plain.words[plain.words.indexOf('--output') + 1] ?? ''}\n`);
      const hostile = ran({ INPUT_APP: '$(touch owned) `touch owned`; touch owned', INPUT_CHANGED_SINCE: 'a b', INPUT_WAIT: 'false' });
      expect(hostile.words).toContain('$(touch owned) `touch owned`; touch owned');
      expect(hostile.words.slice(-2)).toEqual(['--changed-since', 'a b']);
      expect(readdirSync(folder)).not.toContain('owned');
    } finally { rmSync(folder, { recursive: true, force: true }); }
  });
  test('every output is one of a step', () => {
    expect(Object.keys(action.outputs).sort()).toEqual(['evaluation', 'summary', 'verdict']);
    for (const { value } of Object.values(action.outputs)) expect(value).toMatch(/^\$\{\{ steps\.evaluate\.outputs\.\w+ \}\}$/);
    expect(action.runs.steps.some(({ id }) => id === 'evaluate')).toBe(true);
  });
  test('what is used of others is named by its commit, here and in the snippets', () => {
    const used = [...read('action.yml').matchAll(/uses: (\S+)/g), ...blocks('yaml').join('\n').matchAll(/uses: (\S+)/g)].map((found) => found[1] ?? '');
    expect(used.length).toBeGreaterThan(0);
    for (const one of used) expect(one).toMatch(/^\.\/|@[0-9a-f]{40}$/);
  });
});

describe('R-979 every command line of docs/ci.md and of the action is one the command line takes', () => {
  const lines = [...commandsOf(page), ...action.runs.steps.flatMap(({ run = '' }) => commandsOf(`${run}\n`))];
  test('they are found: the action, three CI systems, and those to be typed', () => { expect(lines.length).toBeGreaterThanOrEqual(9); });
  test.each(lines.map((line) => [line]))('%s', async (line) => {
    const { words, typed: given } = await typed(line);
    const known = ['markdown', 'junit', 'json', 'github', 'x', undefined];
    if (words === 'evaluate') expect(known).toContain(given.options['report']);
  });
  test.each([['evaluate --app a --env b'], ['evaluate --app a --env b --policy c --changed since'], ['evaluation shew 1'], ['compare']])('%s is not', async (line) => { await expect(typed(line)).rejects.toThrow(); });
  test('the snippets are YAML of the shape their system reads, and use the inputs of the action', () => {
    const [github, gitlab] = blocks('yaml').map((text) => parse(text) as Record<string, Record<string, unknown>>);
    const steps = (github?.['jobs']?.['slipway'] as { steps: readonly Step[] }).steps;
    const given = steps.find(({ uses }) => uses?.startsWith('./'))?.with ?? {};
    for (const name of Object.keys(given)) expect(Object.keys(action.inputs)).toContain(name);
    for (const [name, { required }] of Object.entries(action.inputs)) if (required === true) expect(Object.keys(given)).toContain(name);
    expect(gitlab?.['slipway']?.['script']).toHaveLength(1);
    expect(blocks('groovy')).toHaveLength(1);
    const groovy = (blocks('groovy')[0] ?? '').replace(/'[^']*'/g, "''");
    expect(groovy.split('{').length).toBe(groovy.split('}').length);
  });
});
