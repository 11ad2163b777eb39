import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../cli/index.js';
import { reaches, startStack, type Stack } from './harness.js';
import { ALSO_GOOD, EMPTY, GOOD, push, settle, start } from './world.js';

// A job of CI as it happens: a repository with prompts, a pull request that changes one, the command line against a real stack.
class Lines extends Writable { text = ''; override _write(chunk: Buffer, _encoding: string, done: () => void): void { this.text += chunk.toString(); done(); } }

let stack: Stack;
let client: MongoClient;
let repository = '';
const git = (...args: string[]): string => execFileSync('git', args, { cwd: repository, encoding: 'utf8', env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null', GIT_AUTHOR_NAME: 'arthur', GIT_AUTHOR_EMAIL: 'arthur@example.test', GIT_COMMITTER_NAME: 'arthur', GIT_COMMITTER_EMAIL: 'arthur@example.test' } }).trim();
const promptFile = (text: string): string => JSON.stringify({ name: 'answer', messages: [{ role: 'system', content: text }, { role: 'user', content: '{{question}}' }] });
function commit(text: string): string {
  writeFileSync(path.join(repository, 'prompts', 'answer.prompt.yml'), promptFile(text));
  git('add', '-A');
  git('commit', '-q', '-m', text.slice(0, 40));
  return git('rev-parse', 'HEAD');
}
async function job(): Promise<{ readonly code: number; readonly out: string; readonly err: string; readonly summary: string }> {
  const [out, err] = [new Lines(), new Lines()];
  const summary = path.join(repository, '..', `${path.basename(repository)}.summary.md`);
  writeFileSync(summary, '');
  const code = await run({
    argv: ['evaluate', '--app', 'helpdesk', '--env', 'production', '--policy', 'quick', '--changed-since', 'HEAD~1', '--wait', '--report', 'github', '--data', stack.dataDir], env: { GITHUB_STEP_SUMMARY: summary, PATH: process.env['PATH'] },
    stdout: out, stderr: err, stdin: new PassThrough(), cwd: repository, isTty: false, nowMs: Date.now, signal: new AbortController().signal,
  });
  return { code, out: out.text, err: err.text, summary: readFileSync(summary, 'utf8') };
}
const answers = (): Promise<number> => client.db('slipway').collection('answers').countDocuments();
const evaluations = (): Promise<number> => client.db('slipway').collection('evaluations').countDocuments();

beforeAll(async () => {
  stack = await startStack();
  client = await MongoClient.connect(stack.mongodb);
  await settle(stack);
  await reaches(stack, String((await start(stack, await push(stack, GOOD))).id), ['PROMOTED']);
  repository = mkdtempSync(path.join(tmpdir(), 'slipway-repository-'));
  mkdirSync(path.join(repository, 'prompts'));
  git('init', '-q');
  writeFileSync(path.join(repository, 'README.md'), 'Prompts of the helpdesk.\n');
  commit(GOOD);
}, 240_000);
afterAll(async () => { await client?.close(); await stack?.stop(); if (repository !== '') for (const one of [repository, `${repository}.summary.md`]) rmSync(one, { recursive: true, force: true }); });

describe('R-953 a pull request is evaluated against what is live, and a job that runs again asks no provider', () => {
  test('a prompt that is as good: PASS, a summary, exit 0; again: the same, for nothing', async () => {
    commit(ALSO_GOOD);
    const before = await answers();
    const first = await job();
    expect([first.code, first.err]).toEqual([0, expect.not.stringContaining('error') as string]);
    expect(first.summary).toMatch(/PASS/);
    expect(first.summary).toMatch(/knows/);
    const [asked, begun] = [await answers(), await evaluations()];
    expect(asked).toBeGreaterThan(before);
    const second = await job();
    expect(second.code).toBe(0);
    expect(second.summary).toMatch(/PASS/);
    expect([await answers(), await evaluations()]).toEqual([asked, begun]);
  }, 240_000);
  test('one that has lost its context: FAIL with the cases that got worse, exit 1', async () => {
    commit(EMPTY);
    const said = await job();
    expect(said.code).toBe(1);
    expect(said.summary).toMatch(/FAIL/);
    expect(said.summary).toMatch(/case-\d+/);
  }, 240_000);
  test('nothing that is a prompt has changed: there is nothing to evaluate, exit 0', async () => {
    writeFileSync(path.join(repository, 'README.md'), 'Other words.\n');
    git('add', '-A');
    git('commit', '-q', '-m', 'words');
    const begun = await evaluations();
    const said = await job();
    expect([said.code, await evaluations()]).toEqual([0, begun]);
    expect(`${said.out}${said.err}${said.summary}`).toMatch(/[Nn]othing to evaluate/);
  }, 120_000);
});
