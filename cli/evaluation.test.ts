import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { buildSchema, graphql } from 'graphql';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { matcherOf } from './changed-prompts.js';
import { worstExit } from './evaluate-prompts.js';
import { run } from './index.js';

/** A stub of the API over the real SDL: a query that the SDL does not allow fails here as it would there. */
const root = path.resolve(import.meta.dirname, '..');
const schema = buildSchema(readdirSync(path.join(root, 'schema')).filter((file) => file.endsWith('.graphql')).map((file) => readFileSync(path.join(root, 'schema', file), 'utf8')).join('\n'));
type Fields = Record<string, unknown>;
type Answers = Record<string, (args: Fields) => unknown>;

let server: Server | undefined;
let folder = '';
let calls: { name: string; input: Fields }[] = [];
beforeEach(() => { folder = mkdtempSync(path.join(tmpdir(), 'slipway-evaluate-')); calls = []; });
afterEach(() => { server?.closeAllConnections(); server?.close(); server = undefined; rmSync(folder, { recursive: true, force: true }); });

async function serve(answers: Answers): Promise<void> {
  const created = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => { text += chunk.toString(); }).on('end', () => {
      const { query, variables } = JSON.parse(text) as { query: string; variables: Fields };
      const rootValue = Object.fromEntries(Object.entries(answers).map(([name, answer]) => [name, (args: Fields) => { if ('input' in args) calls.push({ name, input: args['input'] as Fields }); return answer(args); }]));
      if ((request.headers.accept ?? '').includes('event-stream')) {
        // The stream of an evaluation that has ended: one event, what the query would answer.
        void graphql({ schema, source: query.replace('subscription', 'query').replace('evaluationProgress', 'evaluation'), rootValue, variableValues: variables }).then(({ data, errors }) => {
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          response.end(`event: next\ndata: ${JSON.stringify(errors === undefined ? { data: { evaluationProgress: data?.['evaluation'] } } : { errors })}\n\nevent: complete\ndata:\n\n`);
        });
        return;
      }
      void graphql({ schema, source: query, rootValue, variableValues: variables }).then((answer) => { response.setHeader('content-type', 'application/json'); response.end(JSON.stringify(answer)); });
    });
  });
  server = created;
  await new Promise<void>((resolve) => { created.listen(0, '127.0.0.1', resolve); });
  mkdirSync(path.join(folder, '.slipway'), { recursive: true });
  writeFileSync(path.join(folder, '.slipway', 'dev.json'), JSON.stringify({ api: `http://127.0.0.1:${(created.address() as AddressInfo).port}`, edge: '', model: '', temporal: '', temporalUi: null, mongodb: '', people: { author: 'key' }, keys: {} }));
}

interface Said { readonly code: number; readonly out: string; readonly err: string; readonly lines: Fields[] }
const slipway = (...argv: string[]): Promise<Said> => slipwayWith({}, ...argv);
async function slipwayWith(env: Record<string, string>, ...argv: string[]): Promise<Said> {
  const [out, err] = [new Lines(), new Lines()];
  const code = await run({ argv: [...argv, '--data', path.join(folder, '.slipway')], env, stdout: out, stderr: err, stdin: new PassThrough(), cwd: folder, isTty: false, nowMs: Date.now, signal: new AbortController().signal });
  return { code, out: out.text, err: err.text, lines: out.text.split('\n').filter((line) => line.startsWith('{"')).map((line) => JSON.parse(line) as Fields) };
}
class Lines extends Writable { text = ''; override _write(chunk: Buffer, _encoding: string, done: () => void): void { this.text += chunk.toString(); done(); } }

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
const page = (nodes: unknown[]): unknown => ({ nodes, pageInfo: { hasNextPage: false, endCursor: null } });
const mean = (estimate: number): Fields => ({ estimate, lower: estimate - 0.1, upper: estimate + 0.1 });
const row = (i: number): Fields => ({
  item: `case-${i}`, position: i, tags: ['refunds'], hidden: false, expected: null, variables: [], candidate: [{ repetition: 0, text: `nine ${i}`, error: null, durationMs: 5, costUsd: 0.01 }], baseline: [{ repetition: 0, text: 'seven', error: null, durationMs: 5, costUsd: 0.01 }],
  scores: [{ evaluator: 'grounded', outcome: 'REGRESSED', difference: -1, candidate: { value: 0, label: 'no' }, baseline: { value: 1, label: 'yes' } }],
});
const evaluation = (id: string, kind: string | null, more: Fields = {}): Fields => ({
  id, application: 'helpdesk', state: 'FINISHED', identity: 'sha256:i', attempt: 1, bundle: digest('c'), baseline: digest('b'), dataset: { name: 'questions', version: 1, items: 150 }, policy: 'careful', error: null, createdAt: null, finishedAt: '2030-01-01T00:00:00.000Z',
  progress: { items: 100, itemsTotal: 150, calls: 200, errors: 0, costUsd: 0.5, savedUsd: 0, flags: [] },
  verdict: kind === null ? null : { kind, reasons: kind === 'PASS' ? [] : ['why'], evidence: {}, moreCasesNeeded: null },
  rows: ({ first }: { first: number }) => ({ nodes: Array.from({ length: Math.min(first, 12) }, (_, i) => row(i)), total: 12, pageInfo: { hasNextPage: false, endCursor: '12' } }),
  results: {
    rows: 100, kept: true, evaluators: [{ evaluator: 'grounded', kind: 'CONTAINS', role: 'GUARDRAIL', margin: 0.1, floor: null, n: 100, regressed: 12, improved: 1, same: 87, errors: 0, candidate: mean(0.7), baseline: mean(0.8), difference: mean(-0.1), needed: 120, more: 20 }],
    arms: ['CANDIDATE', 'BASELINE'].map((arm) => ({ arm, bundle: digest('c'), answers: 100, errors: 0, costUsd: 2, inputTokens: 10, outputTokens: 5, latencyMs: { p50: 100, p90: 200, p99: 300 }, length: 10, agreement: 0.75 })),
    tags: [{ tag: 'refunds', evaluator: 'grounded', n: 12, regressed: 12, candidate: 0, baseline: 1, difference: mean(-0.9) }],
  }, ...more,
});
const bundle = (version: number) => ({ digest: asked }: Fields): Fields => ({ digest: asked, prompts: [{ prompt: 'answer', version: asked === digest('b') ? 1 : version }], model: { name: 'main', version: 1 }, context: null, guardrails: [], tools: [] });

/** Versions as they are made, and an evaluation for each whose verdict the text names. */
function inventory(verdicts: Record<string, string | null> = {}): Answers {
  const versions: Fields[] = [];
  return {
    bundle: bundle(2),
    promptVersions: ({ prompt }) => page(versions.filter((one) => one['prompt'] === prompt)),
    createPromptVersion: ({ input }) => { const { prompt, messages, variables } = input as Fields; const made = { prompt, messages, variables, version: versions.filter((one) => one['prompt'] === prompt).length + 1, digest: digest('d') }; versions.push(made); return made; },
    startEvaluation: ({ input }) => { const { prompt } = (input as { candidate: { prompt: string } }).candidate; return evaluation(`01${prompt}`, prompt in verdicts ? (verdicts[prompt] ?? null) : 'PASS', verdicts[prompt] === null ? { state: 'FAILED', error: 'no model' } : {}); },
    evaluation: ({ id }) => { const prompt = String(id).slice(2); return evaluation(String(id), prompt in verdicts ? (verdicts[prompt] ?? null) : 'PASS', verdicts[prompt] === null ? { state: 'FAILED', error: 'no model' } : {}); },
  };
}
const GROUND = ['--app', 'helpdesk', '--env', 'production', '--policy', 'careful'];
const write = (file: string, text: string): void => { mkdirSync(path.join(folder, path.dirname(file)), { recursive: true }); writeFileSync(path.join(folder, file), text); };
const prompt = (text: string): string => `messages: [ { role: user, content: "${text}" } ]\n`;
/** A repository of its own, whatever the machine's settings are. */
const git = (...words: string[]): string => execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'commit.gpgsign=false', '-c', 'core.hooksPath=/dev/null', ...words], { cwd: folder, encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: folder, GIT_CONFIG_NOSYSTEM: '1', GIT_CEILING_DIRECTORIES: path.dirname(folder) } }).trim();
function commit(): string { git('add', '-A'); git('commit', '-q', '--allow-empty', '-m', 'x'); return git('rev-parse', 'HEAD'); }
function repository(): string {
  git('init', '-q', '-b', 'main');
  writeFileSync(path.join(folder, '.gitignore'), '.slipway\n');
  for (const name of ['answer', 'ask', 'old']) write(`prompts/${name}.prompt.yml`, prompt(`the first ${name}`));
  write('other.yml', 'x: 1\n');
  return commit();
}

describe('R-970 what has changed since a commit is evaluated, and nothing else', () => {
  test('a change, a new file, a deleted one; files of other kinds do not count', async () => {
    const base = repository();
    write('prompts/answer.prompt.yml', prompt('the second'));
    write('prompts/deep/new one.prompt.yml', `name: fresh\n${prompt('new')}`);
    write('other.yml', 'x: 2\n');
    rmSync(path.join(folder, 'prompts/old.prompt.yml'));
    const head = commit();
    await serve(inventory());
    const said = await slipway('evaluate', ...GROUND, '--changed-since', base, '--wait', '--json');
    expect(said.err).toBe('');
    expect(said.code).toBe(0);
    expect(said.lines.filter(({ type }) => type === 'evaluated').map(({ file, prompt: name, verdict }) => [file, name, verdict])).toEqual([['prompts/answer.prompt.yml', 'answer@1', 'PASS'], ['prompts/deep/new one.prompt.yml', 'fresh@1', 'PASS']]);
    expect(said.lines.filter(({ type }) => type === 'deleted')).toEqual([{ type: 'deleted', file: 'prompts/old.prompt.yml' }]);
    expect(calls.filter(({ name }) => name === 'startEvaluation').map(({ input }) => [input['candidate'], input['commit']])).toEqual([[{ prompt: 'answer', version: 1 }, head], [{ prompt: 'fresh', version: 1 }, head]]);
  });
  test('nothing has changed: nothing is asked, and it passes', async () => {
    const base = repository();
    write('other.yml', 'x: 3\n');
    commit();
    await serve({});
    const said = await slipway('evaluate', ...GROUND, '--changed-since', base, '--wait', '--report', 'markdown', '-o', 'summary.md');
    expect([said.code, calls]).toEqual([0, []]);
    expect(said.out).toContain('Nothing to evaluate');
    expect(readFileSync(path.join(folder, 'summary.md'), 'utf8')).toContain('Nothing to evaluate');
  });
  test('what others have changed on the other branch meanwhile is not ours', async () => {
    repository();
    git('checkout', '-q', '-b', 'feature');
    write('prompts/ask.prompt.yml', prompt('ours'));
    commit();
    git('checkout', '-q', 'main');
    write('prompts/answer.prompt.yml', prompt('theirs'));
    commit();
    git('checkout', '-q', 'feature');
    await serve(inventory());
    const said = await slipway('evaluate', ...GROUND, '--changed-since', 'main', '--wait', '--json');
    expect(said.lines.filter(({ type }) => type === 'evaluated').map(({ file }) => file)).toEqual(['prompts/ask.prompt.yml']);
  });
  test('with a pattern only those that fit; the same text twice makes one version', async () => {
    const base = repository();
    write('prompts/ask.prompt.yml', prompt('a'));
    write('elsewhere/more.prompt.yml', prompt('b'));
    commit();
    await serve(inventory());
    const words = ['evaluate', ...GROUND, '--changed-since', base, '--prompts', 'prompts/*.prompt.yml', '--json'];
    await slipway(...words);
    await slipway(...words);
    expect(calls.map(({ name }) => name)).toEqual(['createPromptVersion', 'startEvaluation', 'startEvaluation']);
  });
  test.each<[string, string[], string]>([
    ['a revision that is none', ['--changed-since', 'nowhere'], 'git knows no nowhere'], ['an option of git', ['--changed-since=--output=x'], 'is no revision'],
    ['a prompt as well', ['--changed-since', 'main', '--prompt', 'answer@1'], 'find the candidates themselves'], ['a pattern that fits nothing', ['--prompts', 'nowhere/*.prompt.yml'], 'No .prompt.yml file fits'],
  ])('%s is refused, and nothing is sent', async (_name, more, told) => {
    repository();
    await serve(inventory());
    const said = await slipway('evaluate', ...GROUND, ...more);
    expect([said.code, calls]).toEqual([4, []]);
    expect(said.err).toContain(told);
    expect(existsSync(path.join(folder, 'x'))).toBe(false);
  });
  test('outside of a repository it says so', async () => {
    await serve({});
    expect((await slipway('evaluate', ...GROUND, '--changed-since', 'main')).err).toContain('git finds no repository here');
  });
  test('a link is not followed', async () => {
    const base = repository();
    write('secret.txt', prompt('a secret'));
    symlinkSync('../secret.txt', path.join(folder, 'prompts/linked.prompt.yml'));
    commit();
    await serve(inventory());
    const said = await slipway('evaluate', ...GROUND, '--changed-since', base, '--wait');
    expect(said.code).toBe(4);
    expect(said.out).toContain('is no plain file');
    expect(calls).toEqual([]);
  });
  test.each<[string, string, boolean]>([
    ['*.prompt.yml', 'a.prompt.yml', true], ['*.prompt.yml', 'b/a.prompt.yml', false], ['**/*.prompt.yml', 'a.prompt.yml', true], ['**/*.prompt.yml', 'b/c/a.prompt.yml', true], ['b/**/a.prompt.yml', 'b/a.prompt.yml', true],
    ['./b/?.prompt.yml', 'b/a.prompt.yml', true], ['b.prompt.yml', 'bxprompt.yml', false], ['[ab].prompt.yml', 'a.prompt.yml', false], ['**', 'b/c/a.prompt.yml', true], ['b/**', 'c/a.prompt.yml', false], ['**/*.prompt.yml', '.hidden/a.prompt.yml', false], ['.hidden/*.prompt.yml', '.hidden/a.prompt.yml', true], ['*.prompt.yml', '.prompt.yml', false],
  ])('%s, %s: %s', (pattern, file, fits) => { expect(matcherOf(pattern)(file)).toBe(fits); });
});

describe('R-971 of several prompts the worst decides: could not run before FAIL before INCONCLUSIVE before PASS', () => {
  test.each<[readonly number[], number]>([[[0, 0], 0], [[0, 2], 2], [[2, 1, 0], 1], [[1, 3, 2], 3], [[1, 7], 7], [[], 0]])('%j is %i', (codes, worst) => { expect(worstExit(codes)).toBe(worst); });
  test.each<[string, Record<string, string | null>, number]>([['a FAIL among them', { ask: 'FAIL' }, 1], ['one that could not run', { answer: 'FAIL', ask: null }, 3], ['INCONCLUSIVE', { ask: 'INCONCLUSIVE' }, 2]])('%s', async (_name, verdicts, code) => {
    for (const name of ['answer', 'ask']) write(`${name}.prompt.yml`, prompt(name));
    await serve(inventory(verdicts));
    const said = await slipway('evaluate', ...GROUND, '--prompts', '*.prompt.yml', '--wait');
    expect(said.code).toBe(code);
    expect(said.out.split('\n').filter((line) => line.includes('.prompt.yml  '))).toHaveLength(2);
  });
  test('what is refused of one file does not keep the other from its verdict', async () => {
    write('answer.prompt.yml', 'messages: nonsense\n');
    write('ask.prompt.yml', prompt('fine'));
    await serve(inventory());
    const said = await slipway('evaluate', ...GROUND, '--prompts', '*.prompt.yml', '--wait', '--report', 'junit', '--output', 'x.xml');
    expect(said.code).toBe(4);
    expect(said.out).toMatch(/ask\.prompt\.yml {2}ask@1 {2}PASS/);
    expect(readFileSync(path.join(folder, 'x.xml'), 'utf8')).toMatch(/tests="3" failures="0" errors="1"/);
  });
  test('two files of one prompt would overwrite each other', async () => {
    write('a/answer.prompt.yml', prompt('one'));
    write('b/answer.prompt.yml', prompt('two'));
    await serve(inventory());
    const said = await slipway('evaluate', ...GROUND, '--prompts', '**/*.prompt.yml');
    expect([said.code, calls]).toEqual([4, []]);
    expect(said.err).toContain('are both prompt answer');
  });
});

describe('R-972 a verdict that is there is told at once, and what could not run is tried again under the same commit', () => {
  const words = ['evaluate', ...GROUND, '--prompt', 'answer@3'];
  test.each<[string, number]>([['PASS', 0], ['FAIL', 1], ['INCONCLUSIVE', 2]])('%s without --wait', async (kind, code) => {
    await serve({ startEvaluation: () => evaluation('01E1', kind) });
    expect((await slipway(...words)).code).toBe(code);
  });
  test('while it runs, it leaves', async () => {
    await serve({ startEvaluation: () => evaluation('01E1', null, { state: 'RUNNING' }) });
    const said = await slipway(...words);
    expect([said.code, said.out.includes('--wait')]).toEqual([0, true]);
  });
  test('two attempts that could not run are passed by, each under a key of its own, the same every time', async () => {
    const found = (): unknown => [evaluation('01E1', null, { state: 'FAILED', error: 'UNAVAILABLE: no model' }), evaluation('01E2', null, { state: 'CANCELLED' }), evaluation('01E3', 'PASS')][calls.filter(({ name }) => name === 'startEvaluation').length - 1];
    await serve({ startEvaluation: found });
    expect((await slipway(...words, '--commit', 'abc')).code).toBe(0);
    const keys = calls.map(({ input }) => input['idempotencyKey']);
    expect(new Set(keys).size).toBe(3);
    calls = [];
    await slipway(...words, '--commit', 'abc');
    expect(calls.map(({ input }) => input['idempotencyKey'])).toEqual(keys);
  });
  test('what can never be judged is not tried again', async () => {
    await serve({ startEvaluation: () => evaluation('01E1', null, { state: 'FAILED', error: 'BAD_INPUT: no floor' }) });
    expect((await slipway(...words, '--commit', 'abc')).code).toBe(3);
    expect(calls).toHaveLength(1);
  });
});

describe('R-976 a report goes where it was asked to go, and on standard output it stands alone', () => {
  const words = ['evaluate', ...GROUND, '--prompt', 'answer@3', '--wait'];
  const answers: Answers = { bundle: bundle(3), startEvaluation: () => evaluation('01E1', null, { state: 'RUNNING' }), evaluation: ({ id }) => evaluation(String(id), 'FAIL') };
  test.each<[string, RegExp]>([['markdown', /^## Slipway\n/], ['junit', /^<\?xml/], ['json', /^\{\n {2}"format": 1/]])('%s', async (kind, begins) => {
    await serve(answers);
    const said = await slipway(...words, '--report', kind);
    expect(said.code).toBe(1);
    expect(said.out).toMatch(begins);
    expect(said.out).not.toContain('Next:');
    expect(said.err).toContain('FAIL');
  });
  test('JSON has stable names, and is one document', async () => {
    await serve(answers);
    const { out } = await slipway(...words, '--report', 'json');
    expect(JSON.parse(out)).toMatchObject({ format: 1, standing: 'FAIL', notes: [], refusals: [], evaluations: [{ evaluation: '01E1', standing: 'FAIL', changed: ['prompt answer@1 → answer@3'], cases: { used: 100, total: 150, needed: 120 }, worst: [{ item: 'case-0' }, {}, {}, {}, {}], evaluators: [{ evaluator: 'grounded', difference: { estimate: -0.1 } }] }] });
  });
  test('github adds to the summary of the step and names its outputs', async () => {
    await serve(answers);
    write('summary', 'before\n');
    write('outputs', '');
    const said = await slipwayWith({ GITHUB_STEP_SUMMARY: path.join(folder, 'summary'), GITHUB_OUTPUT: path.join(folder, 'outputs') }, ...words, '--report', 'github', '--output', 'copy.md');
    expect(said.code).toBe(1);
    expect(readFileSync(path.join(folder, 'summary'), 'utf8')).toMatch(/^before\n## Slipway/);
    expect(readFileSync(path.join(folder, 'copy.md'), 'utf8')).toMatch(/^## Slipway/);
    expect(readFileSync(path.join(folder, 'outputs'), 'utf8')).toBe('verdict=FAIL\nevaluation=01E1\n');
  });
  test.each<[string, string[]]>([['another kind', ['--report', 'pdf']], ['no step of GitHub', ['--report', 'github']], ['a file without a report', ['--output', 'x']]])('%s is refused before anything is begun', async (_name, more) => {
    await serve(answers);
    expect([(await slipway(...words, ...more)).code, calls]).toEqual([4, []]);
  });
});

describe('R-977 an evaluation can be read afterwards: as tables, as a page, and beside others', () => {
  const answers: Answers = { bundle: ({ digest: asked }) => bundle(asked === digest('e') ? 3 : 2)({ digest: asked }), evaluation: ({ id }) => (id === 'gone' ? null : evaluation(String(id), id === '01E2' ? 'PASS' : 'FAIL', id === '01E2' ? { bundle: digest('e'), dataset: { name: 'questions', version: 2, items: 200 } } : {})), evaluations: () => page([evaluation('01E2', 'PASS', { bundle: digest('e') }), evaluation('01E1', 'FAIL')]) };
  test('show: verdict, evaluators, arms, tags, what fails together, the worst cases', async () => {
    await serve(answers);
    const { out, code } = await slipway('evaluation', 'show', '01E1', '--rows', '3');
    expect(code).toBe(0);
    for (const part of ['FAIL on 100 of 150 cases', 'Changed: prompt answer@1 → answer@2.', 'grounded\t0.70 (0.60 … 0.80)', '−0.10 (−0.20', 'refunds\tgrounded\t12', 'yes → no', 'Worst cases, 3 of 12', 'case-2\trefunds\tgrounded\t−1.00\tseven\tnine 2', 'Next: slipway evaluation report 01E1']) expect(out).toContain(part);
    expect(out).not.toContain('case-3\t');
    const { lines } = await slipway('evaluation', 'show', '01E1', '--json');
    expect(new Set(lines.map(({ type }) => type))).toEqual(new Set(['evaluation', 'evaluator', 'arm', 'tag', 'cluster', 'row', 'next']));
  });
  test('report: one file', async () => {
    await serve(answers);
    expect((await slipway('evaluation', 'report', '01E1', '-o', 'report.html')).code).toBe(0);
    expect(readFileSync(path.join(folder, 'report.html'), 'utf8')).toMatch(/^<!doctype html>[\s\S]*<del>seven<\/del><ins>nine 0<\/ins>[\s\S]*<\/html>\n$/);
    expect((await slipway('evaluation', 'report', '01E1', '-o', '-')).out).toMatch(/^<!doctype html>/);
  });
  test('compare: one line a candidate, and what keeps them from being compared', async () => {
    await serve(answers);
    const said = await slipway('compare', '01E1', '01E2', '--json');
    expect(said.lines.filter(({ type }) => type === 'candidate')).toMatchObject([{ candidate: 'answer@2, main@1', standing: 'FAIL', quality: { estimate: 0.7 }, consistency: 0.75, costPerAnswerUsd: 0.02, latencyMs: { p50: 100 } }, { candidate: 'answer@3, main@1', standing: 'PASS' }]);
    expect(said.lines.filter(({ type }) => type === 'warning').map(({ message }) => message)).toEqual([expect.stringContaining('different cases')]);
    const byName = await slipway('compare', 'answer@3', digest('c'), '--app', 'helpdesk', '--json');
    expect(byName.lines.filter(({ type }) => type === 'candidate').map(({ evaluation: id }) => id).sort()).toEqual(['01E1', '01E2']);
  });
  test.each<[string, string[]]>([
    ['an evaluation that is not there', ['evaluation', 'show', 'gone']], ['an evaluator it has not', ['evaluation', 'show', '01E1', '--evaluator', 'x']], ['a number that is none', ['evaluation', 'show', '01E1', '--rows', 'many']], ['a file that cannot be written', ['evaluation', 'report', '01E1', '-o', 'nowhere/x.html']],
    ['more than twenty', ['compare', ...Array.from({ length: 21 }, (_, i) => `01E${i}`)]], ['a prompt version of no application', ['compare', 'answer@3']], ['a version without an evaluation', ['compare', 'answer@9', '--app', 'helpdesk']],
  ])('%s is refused', async (_name, words) => {
    await serve(answers);
    expect((await slipway(...words)).code).toBe(4);
  });
});
