import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { buildSchema, graphql } from 'graphql';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ENUMS } from '../api/enums.js';
import { GENESIS_HASH, linkHash, type AuditEvent, type AuditLink } from '../core/audit/index.js';
import { policyOf } from '../core/release/index.js';
import { CreateEvaluatorVersionInput } from '../schema/evaluation.js';
import { caseOf } from '../schema/dataset.js';
import { read } from '../schema/read.js';
import { datasetDigest } from './digests.js';
import { run } from './index.js';

/**
 * A stub of the API over the real SDL: a query that the SDL does not allow fails here as it would there. What it answers is made up.
 */
const root = path.resolve(import.meta.dirname, '..');
const schema = buildSchema(readdirSync(path.join(root, 'schema')).filter((file) => file.endsWith('.graphql')).map((file) => readFileSync(path.join(root, 'schema', file), 'utf8')).join('\n'));
type Fields = Record<string, unknown>;
class Refusal extends Error { readonly extensions: { code: string; hint: string }; constructor(code: string, message: string) { super(message); this.extensions = { code, hint: 'A hint.' }; } }

let server: Server | undefined;
let folder = '';
let calls: { name: string; input: Fields; key: string }[] = [];
beforeEach(() => { folder = mkdtempSync(path.join(tmpdir(), 'slipway-cli-')); calls = []; });
afterEach(() => { server?.closeAllConnections(); server?.close(); server = undefined; rmSync(folder, { recursive: true, force: true }); });

type Answers = Record<string, (args: Fields) => unknown>;
async function serve(answers: Answers): Promise<void> {
  const created = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => { text += chunk.toString(); }).on('end', () => {
      const { query, variables } = JSON.parse(text) as { query: string; variables: Fields };
      const key = (request.headers.authorization ?? '').replace('Bearer ', '');
      const rootValue = Object.fromEntries(Object.entries(answers).map(([name, answer]) => [name, (args: Fields) => {
        if ('input' in args) calls.push({ name, input: args['input'] as Fields, key });
        return answer(args);
      }]));
      if ((request.headers.accept ?? '').includes('event-stream')) {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        const [, field = ''] = /\{ (\w+)\(/.exec(query) ?? [];
        const events = answers[field]?.(variables) as Fields[] | undefined;
        response.end(`${(events ?? []).map((event) => `event: next\ndata: ${JSON.stringify({ data: { [field]: event } })}\n\n`).join('')}event: complete\ndata:\n\n`);
        return;
      }
      void graphql({ schema, source: query, rootValue, variableValues: variables }).then((answer) => { response.setHeader('content-type', 'application/json'); response.end(JSON.stringify(answer)); });
    });
  });
  server = created;
  await new Promise<void>((resolve) => { created.listen(0, '127.0.0.1', resolve); });
  const people = Object.fromEntries(['admin', 'author', 'releaseManager', 'approver', 'onCall'].map((person) => [person, `key-of-${person}`]));
  writeFileSync(path.join(folder, 'dev.json'), JSON.stringify({ api: `http://127.0.0.1:${(created.address() as AddressInfo).port}`, edge: '', model: 'http://127.0.0.1:1/v1', temporal: '127.0.0.1:1', temporalUi: null, mongodb: '', people, keys: {} }));
}

interface Said { readonly code: number; readonly out: string; readonly err: string; readonly lines: Fields[] }
async function slipway(...argv: string[]): Promise<Said> {
  const [out, err] = [new Lines(), new Lines()];
  const code = await run({ argv: [...argv, '--data', folder], env: {}, stdout: out, stderr: err, stdin: new PassThrough(), cwd: folder, isTty: false, nowMs: Date.now, signal: new AbortController().signal });
  const lines = out.text.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Fields);
  return { code, out: out.text, err: err.text, lines };
}
class Lines extends Writable { text = ''; override _write(chunk: Buffer, _encoding: string, done: () => void): void { this.text += chunk.toString(); done(); } }

const DIGEST = `sha256:${'a'.repeat(64)}`;
const actor = { id: 'person:riley', kind: 'person' };
const bundle = { digest: DIGEST, prompts: [{ prompt: 'answer', version: 3 }] };
const release = (more: Fields = {}): Fields => ({
  id: 'r1', kind: 'RELEASE', application: 'helpdesk', environment: 'production', state: 'CANARY', open: true, candidate: bundle, baseline: 'none', requestedBy: actor, message: '', tier: 'LOW',
  policy: { name: 'demo', version: 1, policy: {} }, evaluation: null, approvals: [], approvalsNeeded: 0, stages: [{ index: 0, weightBp: 1000 }, { index: 1, weightBp: 5000 }], stage: { index: 0, weightBp: 1000, durationMinSec: 3, since: null },
  holds: ['TOO_FEW'], waitingFor: ['12 of 40 users'], rollback: null, exposure: null, timeline: [], createdAt: '2030-01-01T00:00:00.000Z', terminalAt: null,
  evidence: [{ metric: 'ungrounded', role: 'GUARDRAIL', stable: { units: 100, bad: 1 }, candidate: { units: 11, bad: 5 }, logEHarm: 4.2, harmThreshold: 6.9, logENi: null, niThreshold: 3, margin: 0.1, upper: null, kind: 'RATE', alarm: false, passed: false, waitingFor: [] }], ...more,
});
const evaluation = (more: Fields = {}): Fields => ({ id: 'e1', application: 'helpdesk', state: 'FINISHED', identity: 'sha256:i', attempt: 1, bundle: DIGEST, baseline: 'none', dataset: { name: 'q', version: 1, items: 150 }, policy: 'demo', progress: { items: 150, itemsTotal: 150, calls: 300, errors: 0, costUsd: null }, verdict: { kind: 'PASS', reasons: [], evidence: {}, moreCasesNeeded: null }, error: null, requestedBy: actor, createdAt: '', finishedAt: '2030-01-01T00:00:00.000Z', ...more });
const page = (nodes: unknown[]): unknown => ({ nodes, pageInfo: { hasNextPage: false, endCursor: null } });

describe('R-855 the exit code is the verdict', () => {
  const words = ['evaluate', '--app', 'helpdesk', '--env', 'production', '--prompt', 'answer@3', '--policy', 'demo', '--wait'];
  test.each<[string, Fields, number]>([
    ['PASS', {}, 0],
    ['FAIL', { verdict: { kind: 'FAIL', reasons: ['grounded'], evidence: {} } }, 1],
    ['INCONCLUSIVE', { verdict: { kind: 'INCONCLUSIVE', reasons: ['TOO_FEW'], evidence: {}, moreCasesNeeded: 80 } }, 2],
    ['failed', { state: 'FAILED', verdict: null, error: 'no model' }, 3],
    ['cancelled', { state: 'CANCELLED', verdict: null }, 3],
  ])('%s', async (_name, ended, code) => {
    await serve({ startEvaluation: () => evaluation({ state: 'RUNNING', verdict: null }), evaluationProgress: () => [evaluation({ state: 'RUNNING', verdict: null }), evaluation(ended)] });
    expect((await slipway(...words)).code).toBe(code);
  });
  test.each<[string, string, number]>([['BAD_INPUT', 'x', 4], ['NOT_FOUND', 'x', 4], ['FORBIDDEN', 'x', 5], ['UNAUTHENTICATED', 'x', 5], ['CONFLICT', 'x', 6], ['QUARANTINED', 'x', 6], ['EVIDENCE_MISSING', 'x', 6], ['UNAVAILABLE', 'x', 7], ['RATE_LIMITED', 'x', 7], ['INTERNAL', 'x', 3]])('%s', async (code, message, exit) => {
    await serve({ startEvaluation: () => { throw new Refusal(code, message); } });
    const said = await slipway(...words);
    expect(said.code).toBe(exit);
    expect(said.err).toBe(`${code}: x\n  A hint.\n`);
    expect(said.out).toBe('');
  });
  test('a commit makes the key of the same job the same; without one it is not', async () => {
    await serve({ startEvaluation: () => evaluation(), evaluation: () => evaluation() });
    for (const more of [['--commit', 'abc'], ['--commit', 'abc'], ['--commit', 'abd'], [], []]) await slipway(...words, ...more);
    const keys = calls.map(({ input }) => input['idempotencyKey']);
    expect(keys[0]).toBe(keys[1]);
    expect(new Set(keys).size).toBe(4);
  });
  test.each([['no candidate', []], ['two candidates', ['--prompt', 'answer@3', '--bundle', DIGEST]], ['no number', ['--prompt', 'answer']], ['version 0', ['--prompt', 'answer@0']], ['no digest', ['--bundle', 'sha256:12']]])('%s is refused before anything is asked', async (_name, more) => {
    await serve({});
    const said = await slipway('evaluate', '--app', 'helpdesk', '--env', 'production', '--policy', 'demo', ...more);
    expect([said.code, calls]).toEqual([4, []]);
    expect(said.err).toContain('BAD_INPUT');
  });
});

describe('R-856 each command acts as the person who fits it', () => {
  test.each<[string, string[], string, string]>([
    ['approve', ['release', 'approve', 'r1'], 'approveRelease', 'approver'],
    ['pause', ['release', 'pause', 'r1', '--reason', 'x'], 'pauseRelease', 'releaseManager'],
    ['acknowledge', ['release', 'acknowledge', 'r1', '--metric', 'SRM', '--cause', 'bots'], 'acknowledgeHold', 'releaseManager'],
    ['or who is named', ['release', 'cancel', 'r1', '--reason', 'x', '--as', 'admin'], 'cancelRelease', 'admin'],
  ])('%s', async (_name, words, mutation, person) => {
    await serve({ [mutation]: () => ({ id: 'r1', state: 'CANARY' }) });
    const said = await slipway(...words);
    expect(said.code).toBe(0);
    expect(calls).toMatchObject([{ name: mutation, key: `key-of-${person}`, input: { id: 'r1' } }]);
    expect(said.out).toContain('Next: slipway');
  });
  test.each([['release', 'reject', 'r1'], ['release', 'pause', 'r1'], ['keys', 'revoke', 'k1', '--app', 'helpdesk']])('%s %s %s without a reason is refused', async (...words) => {
    await serve({});
    expect((await slipway(...words)).code).toBe(4);
  });
});

describe('R-857 rollback is one command, and it ends when it is proven', () => {
  const place = (readerRev: number, rev = 8): Fields => ({ split: { rev, epoch: 3, weightBp: 0 }, stable: { ...bundle, prompts: [{ prompt: 'answer', version: 2 }] }, leaseLeftMs: 0, readers: [{ reader: 'edge-1', epoch: 3, rev: readerRev, connected: true }, { reader: 'edge-old', epoch: 1, rev: 1, connected: false }] });
  test('with an open release: the proof is the release\'s', async () => {
    const looks = [release({ state: 'ROLLING_BACK', rollback: { rev: 8, forCause: true, reason: 'worse', decidedBy: 'person:sam', committedAt: '', convergedAt: null, stragglers: [], leaseEnded: false } }),
      release({ state: 'ROLLED_BACK', open: false, rollback: { rev: 8, forCause: true, reason: 'worse', decidedBy: 'person:sam', committedAt: '', convergedAt: '2030-01-01T00:00:01.000Z', convergeMs: 740, stragglers: [], leaseEnded: false } })];
    await serve({ rollbackEnvironment: () => release({ state: 'ROLLING_BACK' }), environment: () => place(7), release: () => looks.shift() });
    const said = await slipway('rollback', 'helpdesk', 'production', '--reason', 'worse', '--json');
    expect(said.code).toBe(0);
    expect(calls).toMatchObject([{ key: 'key-of-onCall', input: { application: 'helpdesk', environment: 'production', reason: 'worse' } }]);
    expect(said.lines).toMatchObject([{ type: 'rollback', rev: 8, stable: DIGEST }, { type: 'converged', converged: true, convergeMs: 740 }, { type: 'next' }]);
  });
  test('without one: it is a revert, proven by the readers; who is gone does not count', async () => {
    const revs = [7, 7, 8];
    await serve({ rollbackEnvironment: () => release({ kind: 'REVERT', state: 'PROMOTED', open: false }), environment: () => place(revs.shift() ?? 8), release: () => null });
    const said = await slipway('rollback', 'helpdesk', 'production');
    expect(said.code).toBe(0);
    expect(said.out).toContain('is back at answer@2, rev 8');
    expect(said.out).toContain('Converged');
    expect(calls[0]?.input).not.toHaveProperty('reason');
  });
  test('nothing to go back to is a conflict', async () => {
    await serve({ rollbackEnvironment: () => { throw new Refusal('CONFLICT', 'There is no previous bundle.'); } });
    expect(await slipway('rollback', 'helpdesk', 'production')).toMatchObject({ code: 6, out: '' });
  });
});

describe('R-858 status says unknown where nothing is known, never 0', () => {
  const environment = (more: Fields = {}): Fields => ({ name: 'production', protected: true, split: null, stable: null, candidate: null, leaseLeftMs: null, openRelease: null, quarantine: [], ...more });
  const applications = (place: Fields): Answers => ({ applications: () => page([{ key: 'helpdesk', tier: 'LOW', environments: [place] }]), application: () => ({ key: 'helpdesk', tier: 'LOW', environments: [place] }), releases: () => page([]) });
  test('an environment where nothing is live', async () => {
    await serve(applications(environment()));
    const said = await slipway('status', '--json');
    expect(said.lines[0]).toMatchObject({ type: 'environment', stable: 'unknown', stableShareBp: 'unknown', rev: 'unknown', lastVerdict: 'unknown', lastVerdictAt: 'unknown', candidate: null });
    expect((await slipway('status')).out).not.toMatch(/\b0\b/);
  });
  test('in a canary both shares are told', async () => {
    await serve({ ...applications(environment({ split: { rev: 5, weightBp: 1000, at: null }, stable: { ...bundle, prompts: [{ prompt: 'answer', version: 2 }] }, candidate: bundle, openRelease: release() })), releases: () => page([release({ evaluation: evaluation() })]) });
    const said = await slipway('status', 'helpdesk', 'production');
    expect(said.out).toContain('answer@2 90 %');
    expect(said.out).toContain('answer@3 10 %');
    expect(said.out).toContain('PASS 2030-01-01');
    expect(said.out).toContain('Next: slipway release watch r1');
  });
  test('what was promoted is watched for a while, and what it is watched for is told', async () => {
    const watch = { release: 'r1', until: '2030-01-02T03:04:05.678Z', alarms: [] as Fields[] };
    await serve(applications(environment({ watch })));
    expect((await slipway('status')).out).toContain('watched until 2030-01-02 03:04');
    expect((await slipway('status', '--json')).lines[0]).toMatchObject({ watch });
    await serve(applications(environment({ watch: { ...watch, alarms: [{ metric: 'sloppy' }] } })));
    expect((await slipway('status')).out).toContain('above its objective: sloppy');
  });
  test('an unknown environment is not an empty answer', async () => {
    await serve(applications(environment()));
    expect((await slipway('status', 'helpdesk', 'nowhere')).code).toBe(4);
  });
});

describe('R-859 audit verify recomputes every link, and names the first that does not hold', () => {
  const chain = (length: number): AuditLink[] => {
    const links: AuditLink[] = [];
    for (let seq = 1; seq <= length; seq += 1) {
      const event: AuditEvent = { application: 'helpdesk', seq, intentId: `i${seq}`, at: '2030-01-01T00:00:00.000Z', actor: 'person:riley', actorKind: 'person', authMethod: 'dev', action: 'release.requested', subject: 'r1', beforeDigest: null, afterDigest: null, reason: null, previousHash: links.at(-1)?.hash ?? GENESIS_HASH };
      links.push({ ...event, hash: linkHash(event, (text) => createHash('sha256').update(text).digest('hex')) });
    }
    return links;
  };
  const paged = (links: readonly AuditLink[]): Answers => ({
    application: () => ({ key: 'helpdesk' }),
    audit: ({ first, after }) => { const from = links.findIndex(({ seq }) => seq > Number(after ?? 0)); const nodes = from < 0 ? [] : links.slice(from, from + Number(first)); return { nodes, pageInfo: { hasNextPage: nodes.length > 0 && nodes.at(-1) !== links.at(-1), endCursor: String(nodes.at(-1)?.seq ?? 0) } }; },
  });
  test('a chain over several pages is sound', async () => {
    await serve(paged(chain(250)));
    const said = await slipway('audit', 'verify', 'helpdesk', '--json');
    expect(said.code).toBe(0);
    expect(said.lines.find(({ type }) => type === 'audit')).toMatchObject({ result: 'sound', events: 250 });
  });
  test.each<[string, (links: AuditLink[]) => AuditLink[], number]>([
    ['an event changed in the middle', (links) => links.map((link) => (link.seq === 130 ? { ...link, reason: 'other' } : link)), 130],
    ['one deleted', (links) => links.toSpliced(130, 1), 131],
    ['one of another application', (links) => links.map((link) => (link.seq === 201 ? { ...link, application: 'other' } : link)), 201],
  ])('%s', async (_name, tamper, seq) => {
    await serve(paged(tamper(chain(250))));
    const said = await slipway('audit', 'verify', 'helpdesk', '--json');
    expect(said.code).toBe(1);
    expect(said.lines.find(({ type }) => type === 'audit')).toMatchObject({ result: 'broken', firstBadSeq: seq });
  });
  test('what was cut off shows against an earlier head', async () => {
    const links = chain(120);
    await serve(paged(links.slice(0, 110)));
    expect((await slipway('audit', 'verify', 'helpdesk')).code).toBe(0);
    expect((await slipway('audit', 'verify', 'helpdesk', '--expect', `120:${links[119]?.hash ?? ''}`)).code).toBe(1);
    expect((await slipway('audit', 'verify', 'helpdesk', '--expect', `105:${links[104]?.hash ?? ''}`)).code).toBe(0);
    expect((await slipway('audit', 'verify', 'helpdesk', '--expect', `105:${'0'.repeat(64)}`)).code).toBe(1);
    expect((await slipway('audit', 'verify', 'helpdesk', '--expect', 'x')).code).toBe(4);
  });
  test('an unknown application is no sound chain', async () => {
    await serve({ application: () => null });
    expect((await slipway('audit', 'verify', 'nobody')).code).toBe(4);
  });
});

describe('R-860 apply prints a plan and changes only what differs; a second time there is nothing to do', () => {
  const MANIFEST = `application: helpdesk
connections: [ { connection: sandbox, kind: sandbox, baseUrl: env:SLIPWAY_MODEL_URL } ]
models: [ { model: small, connection: sandbox, id: sandbox-extractive-1, parameters: { temperature: 0 } } ]
prompts: [ answer.prompt.yml ]
datasets: [ { dataset: questions, file: questions.jsonl } ]
evaluators: [ { evaluator: grounded, kind: contains, mode: all, ignoreCase: false } ]
policies: [ { policy: demo, evaluation: { dataset: questions, evaluators: [ grounded ] }, metrics: { error: { margin: 3pp } } } ]
`;
  /** Keeps what it is given, as the API would. */
  function inventory(): Answers {
    const here = { connections: [] as Fields[], models: [] as Fields[], prompts: [] as Fields[], datasets: [] as Fields[], evaluators: [] as Fields[], policies: [] as Fields[] };
    const keep = (list: Fields[], doc: Fields): Fields => { const kept = { version: list.filter((one) => one['name'] === doc['name']).length + 1, digest: DIGEST, ...doc }; list.push(kept); return kept; };
    const input = (args: Fields): Fields => args['input'] as Fields;
    return {
      application: () => ({ key: 'helpdesk', team: 't', owner: 'o', deputy: 'd', tier: 'LOW', purpose: 'p', environmentNames: [] }),
      connections: () => here.connections, evaluators: () => here.evaluators, datasets: () => page(here.datasets), policies: () => page(here.policies), promptVersions: () => page(here.prompts),
      modelVersion: ({ name }) => here.models.filter((model) => model['name'] === name).at(-1) ?? null,
      createConnection: (args) => keep(here.connections, { ...input(args), secretRef: null }),
      createModelVersion: (args) => keep(here.models, { floating: false, safety: {}, priceUsdPerMTok: null, ...input(args) }),
      createPromptVersion: (args) => keep(here.prompts, input(args)),
      importDatasetVersion: (args) => keep(here.datasets, { name: input(args)['name'], digest: datasetDigest((input(args)['items'] as never[]).map(caseOf)) }),
      createEvaluatorVersion: (args) => keep(here.evaluators, { name: input(args)['name'], kind: 'CONTAINS', spec: { kind: 'contains', mode: 'all' } }),
      putRolloutPolicy: (args) => { const { application: _a, idempotencyKey: _k, ...policy } = input(args); return keep(here.policies, { name: 'demo', policy: JSON.parse(JSON.stringify(policyOf(policy as never, 'LOW'))) }); },
    };
  }
  const write = (manifest = MANIFEST): void => {
    writeFileSync(path.join(folder, 'slipway.yaml'), manifest);
    writeFileSync(path.join(folder, 'answer.prompt.yml'), 'messages: [ { role: user, content: "{{question}}" } ]\n');
    writeFileSync(path.join(folder, 'questions.jsonl'), '{"id":"q1","variables":{"question":"Why?"},"expected":"Because."}\n');
  };
  test('twice', async () => {
    write();
    await serve(inventory());
    const first = await slipway('apply', '-f', 'slipway.yaml', '--yes', '--json');
    expect(first.err).toBe('');
    expect(first.lines.filter(({ type }) => type === 'plan').map(({ kind, change }) => [kind, change])).toEqual([['connection', 'create'], ['model', 'create'], ['dataset', 'create'], ['evaluator', 'create'], ['prompt', 'create'], ['policy', 'create']]);
    expect(calls.map(({ name, key }) => [name, key])).toEqual([
      ['createConnection', 'key-of-admin'], ['createModelVersion', 'key-of-author'], ['importDatasetVersion', 'key-of-author'],
      ['createEvaluatorVersion', 'key-of-author'], ['createPromptVersion', 'key-of-author'], ['putRolloutPolicy', 'key-of-releaseManager']]);
    expect(calls[0]?.input).toMatchObject({ baseUrl: 'http://127.0.0.1:1/v1' });
    calls = [];
    const second = await slipway('apply', '-f', 'slipway.yaml');
    expect(second.code).toBe(0);
    expect(second.out).toContain('Nothing to do.');
    expect(calls).toEqual([]);
  });
  test('a change of one thing changes that alone', async () => {
    write();
    await serve(inventory());
    await slipway('apply', '-f', 'slipway.yaml', '--yes');
    calls = [];
    write(MANIFEST.replace('3pp', '4pp'));
    await slipway('apply', '-f', 'slipway.yaml', '--yes');
    expect(calls.map(({ name }) => name)).toEqual(['putRolloutPolicy']);
    write();   // and back again: a new version, not the result of the first act
    await slipway('apply', '-f', 'slipway.yaml', '--yes');
    expect(calls).toHaveLength(2);
    expect(calls[0]?.input['idempotencyKey']).not.toBe(calls[1]?.input['idempotencyKey']);
  });
  test('evaluators of every kind are taken by the API, and the second time there is nothing to do', async () => {
    const judge = 'judge: { model: judge, version: 2 }';
    write(MANIFEST.replace(/evaluators: .*$/m, `evaluators:
  - { evaluator: grounded, kind: contains, mode: any }
  - { evaluator: same, kind: exact, trim: true, ignoreCase: false }
  - { evaluator: coded, kind: regex, pattern: "^[A-Z]+$" }
  - { evaluator: shaped, kind: json-schema, schema: { type: object } }
  - { evaluator: counted, kind: numeric, reads: last, relative: 0.01 }
  - { evaluator: worded, kind: rouge-l, threshold: 0.5 }
  - { evaluator: translated, kind: bleu }
  - { evaluator: typed, kind: edit-distance, ignoreCase: true }
  - { evaluator: fast, kind: latency, target: 800ms, limit: 4s }
  - { evaluator: cheap, kind: cost, target: 0.001 USD }
  - { evaluator: willing, kind: refusal, wants: answer }
  - { evaluator: discreet, kind: pii, detect: [ email, iban ] }
  - { evaluator: silent, kind: pii }
  - { evaluator: similar, kind: semantic, threshold: 0.8 }
  - { evaluator: steady, kind: consistency, by: meaning }
  - { evaluator: helpful, kind: llm-judge, ${judge}, rubric: Does it help?, scale: one-to-five, variables: [ question ] }
  - { evaluator: better, kind: pairwise, ${judge}, rubric: Which helps more?, reference: true }
  - { evaluator: relevant, kind: context-relevance, ${judge}, question: question, context: passage }
  - { evaluator: faithful, kind: faithfulness, ${judge}, question: question, context: passage }
  - { evaluator: correct, kind: answer-correctness, ${judge}, question: question }`));
    const kept: Fields[] = [];
    const translated = (name: keyof typeof ENUMS, word: unknown): unknown => (ENUMS[name] as Readonly<Record<string, string>>)[String(word)];
    await serve({ ...inventory(), evaluators: () => kept, createEvaluatorVersion: (args) => {
      const input = args['input'] as Fields;
      const ours = { ...input };
      for (const [field, name] of [['kind', 'EvaluatorKind'], ['mode', 'ContainsMode'], ['reads', 'NumberPlace'], ['decimal', 'DecimalMark'], ['wants', 'RefusalWish'], ['by', 'ConsistencyBy'], ['scale', 'JudgeScale']] as const) if (field in ours) ours[field] = translated(name, ours[field]);
      if ('detect' in ours) ours['detect'] = (ours['detect'] as unknown[]).map((one) => translated('PiiKind', one));
      const { application: _a, idempotencyKey: _k, name, ...spec } = read(CreateEvaluatorVersionInput, ours) as Fields;
      const doc = { name, version: 1, kind: input['kind'], spec: 'judge' in spec ? { ...spec, judge: { name: 'judge', version: 2, digest: DIGEST } } : spec };
      kept.push(doc);
      return doc;
    } });
    const first = await slipway('apply', '-f', 'slipway.yaml', '--yes');
    expect(first.err).toBe('');
    expect(kept).toHaveLength(20);
    expect(kept.find(({ name }) => name === 'fast')?.['spec']).toEqual({ kind: 'latency', targetMs: 800, limitMs: 4_000 });
    calls = [];
    expect((await slipway('apply', '-f', 'slipway.yaml')).out).toContain('Nothing to do.');
    expect(calls).toEqual([]);
    writeFileSync(path.join(folder, 'slipway.yaml'), readFileSync(path.join(folder, 'slipway.yaml'), 'utf8').replace('{ model: judge, version: 2 }, rubric: Does', '{ model: judge, version: 3 }, rubric: Does').replace('one-to-five', 'pass-fail'));
    await slipway('apply', '-f', 'slipway.yaml', '--yes');
    expect(calls.map(({ name, input }) => [name, input['name']])).toEqual([['createEvaluatorVersion', 'helpful']]);
  });
  test.each<[string, () => void, string]>([
    ['nobody to ask, and no --yes', () => { write(); }, 'add --yes'],
    ['a dataset that is not there', () => { write(); rmSync(path.join(folder, 'questions.jsonl')); }, 'cannot be read'],
    ['a case with a misspelt key', () => { write(); writeFileSync(path.join(folder, 'questions.jsonl'), '{"id":"q1","varaibles":{}}\n'); }, 'questions.jsonl:1: varaibles: there is no such field'],
    ['a case without an id', () => { write(); writeFileSync(path.join(folder, 'questions.jsonl'), '{"id":"a"}\n{"expected":"x"}\n'); }, 'questions.jsonl:2: id: is missing'],
    ['an address from nowhere', () => { write(MANIFEST.replace('SLIPWAY_MODEL_URL', 'NOWHERE')); }, 'NOWHERE is no address'],
    ['an unknown key', () => { write(`${MANIFEST}polices: []\n`); }, 'polices: unknown key'],
  ])('%s: refused, and nothing was changed', async (_name, prepare, told) => {
    prepare();
    await serve(inventory());
    const said = await slipway('apply', '-f', 'slipway.yaml');
    expect(said.code).toBe(4);
    expect(said.err).toContain(told);
    expect(calls).toEqual([]);
  });
  test('an application that does not exist has to be declared whole', async () => {
    write();
    await serve({ ...inventory(), application: () => null });
    expect((await slipway('apply', '-f', 'slipway.yaml', '--yes')).err).toContain('There is no application helpdesk.');
    expect(calls).toEqual([]);
  });
  test('the demo\'s own manifest can be planned', async () => {
    await serve(inventory());
    const said = await slipway('apply', '-f', path.join(root, 'examples/helpdesk/slipway.yaml'), '--plan', '--json');
    expect(said.err).toBe('');
    expect(said.lines.filter(({ type, change }) => type === 'plan' && change === 'create')).toHaveLength(6);
  });
});

describe('R-861 prompt push makes a version only when the text is another', () => {
  const file = (text: string): void => { writeFileSync(path.join(folder, 'answer.prompt.yml'), text); };
  const there = { version: 4, digest: DIGEST, messages: [{ role: 'USER', content: 'Say {{b}} and {{a}}' }], variables: ['a', 'b'] };
  test('the same text is unchanged, whatever the message', async () => {
    file('description: again\nmessages: [ { role: user, content: "Say {{b}} and {{a}}" } ]\n');
    await serve({ promptVersions: () => page([there]) });
    const said = await slipway('prompt', 'push', 'answer.prompt.yml', '--app', 'helpdesk', '--json');
    expect(said.lines[0]).toMatchObject({ type: 'prompt', prompt: 'answer', version: 4, change: 'unchanged' });
    expect(calls).toEqual([]);
  });
  test('another text is a version, with its variables and its message', async () => {
    file('description: shorter\nmodel: x\nmessages: [ { role: user, content: "{{a}}" } ]\n');
    await serve({ promptVersions: () => page([there]), createPromptVersion: () => ({ version: 5, digest: DIGEST }) });
    const said = await slipway('prompt', 'push', 'answer.prompt.yml', '--app', 'helpdesk');
    expect(calls).toMatchObject([{ key: 'key-of-author', input: { prompt: 'answer', variables: ['a'], message: 'shorter', messages: [{ role: 'USER', content: '{{a}}' }] } }]);
    expect(said.out).toContain('model stay in the file');
  });
  test.each<[string, string, string[], string]>([
    ['a name that is none', 'name: My Prompt\nmessages: [ { role: user, content: x } ]\n', [], 'is no name of a prompt'],
    ['half a placeholder', 'messages: [ { role: user, content: "{{a" } ]\n', [], 'is not a placeholder'],
    ['no application to be found', 'messages: [ { role: user, content: x } ]\n', ['none'], 'Which application?'],
  ])('%s is refused', async (_name, text, flags, told) => {
    file(text);
    await serve({ promptVersions: () => page([]) });
    const said = await slipway('prompt', 'push', 'answer.prompt.yml', ...(flags.length === 0 ? ['--app', 'helpdesk'] : []));
    expect([said.code, calls]).toEqual([4, []]);
    expect(said.err).toContain(told);
  });
});

describe('R-862 release watch ends with the release, and its exit code says how', () => {
  const event = (seq: number, type: string): Fields => ({ seq, type, at: '2030-01-01T00:00:00.000Z', state: 'CANARY', actor, reason: null });
  test.each<[string, string, number]>([['promoted', 'PROMOTED', 0], ['rolled back', 'ROLLED_BACK', 1], ['rejected', 'REJECTED', 1], ['failed', 'FAILED', 3]])('%s', async (_name, state, code) => {
    const looks = [release(), release()];
    await serve({ release: () => looks.shift() ?? release({ state, open: false, stage: null }), releaseEvents: () => [event(1, 'release.requested'), event(2, 'release.ended')] });
    const said = await slipway('release', 'watch', 'r1', '--json');
    expect(said.code).toBe(code);
    expect(said.lines.filter(({ type }) => type === 'event').map(({ seq }) => seq)).toEqual([1, 2]);
    expect(said.lines.find(({ type }) => type === 'look')).toMatchObject({ state: 'CANARY', weightBp: 1000, holds: ['TOO_FEW'], evidence: [{ metric: 'ungrounded', logEHarm: 4.2 }] });
  });
  test('an unknown release is told at once', async () => {
    await serve({ release: () => null });
    expect((await slipway('release', 'watch', 'r9')).code).toBe(4);
  });
  test('status shows the evidence against what decides, and why it is held', async () => {
    await serve({ release: () => release() });
    const { out } = await slipway('release', 'status', 'r1');
    expect(out).toContain('stage 1 of 2, 10 %');
    expect(out).toMatch(/ungrounded\s+1\/100 1 %\s+5\/11 45 %\s+67 of 992/);
    expect(out).toContain('TOO_FEW: 12 of 40 users');
  });
  test('retry is a new release of the same bundle under the same policy; not while it is open', async () => {
    await serve({ release: () => release({ state: 'ROLLED_BACK', open: false }), startRelease: () => ({ id: 'r2', state: 'REQUESTED' }) });
    expect((await slipway('release', 'retry', 'r1')).code).toBe(0);
    expect(calls).toMatchObject([{ input: { candidate: { bundle: DIGEST }, policy: 'demo', environment: 'production' } }]);
    server?.close();
    await serve({ release: () => release() });
    expect((await slipway('release', 'retry', 'r1')).code).toBe(4);
  });
});

describe('R-863 a secret is shown once, and what it may do was asked for by name', () => {
  test('a key for an application', async () => {
    await serve({ createApiKey: () => ({ secret: 'slp_ap_secret', apiKey: { id: 'k1', kind: 'APPLICATION', name: 'web', application: 'helpdesk', environment: 'production', scopes: ['SERVE'], createdAt: '', expiresAt: '', revokedAt: null } }) });
    const said = await slipway('keys', 'create', '--app', 'helpdesk', '--kind', 'application', '--name', 'web', '--env', 'production', '--scope', 'serve', '--scope', 'ingest', '--days', '30');
    expect(said.out.split('\n')[0]).toBe('slp_ap_secret');
    expect(calls).toMatchObject([{ key: 'key-of-admin', input: { kind: 'APPLICATION', scopes: ['SERVE', 'INGEST'], lifeDays: 30 } }]);
  });
  test.each([['an unknown scope', ['--kind', 'application', '--env', 'production', '--scope', 'admin']], ['no environment', ['--kind', 'application']], ['another kind', ['--kind', 'session']], ['no number of days', ['--kind', 'ci', '--days', 'ten']]])('%s is refused', async (_name, more) => {
    await serve({});
    expect((await slipway('keys', 'create', '--app', 'helpdesk', '--name', 'x', ...more)).code).toBe(4);
    expect(calls).toEqual([]);
  });
});

describe('R-868 an ADMIN signs people in, and the first ADMIN is made where the database is', () => {
  test('a session is asked for as ADMIN, and shown once', async () => {
    await serve({ createApiKey: () => ({ secret: 'slp_st_secret', apiKey: { id: 'k2', kind: 'SESSION', name: 'rita', application: 'helpdesk', environment: null, scopes: [], createdAt: '', expiresAt: '2030-01-01T08:00:00.000Z', revokedAt: null } }) });
    const said = await slipway('keys', 'session', 'rita', '--app', 'helpdesk');
    expect([said.code, said.out.split('\n')[0]]).toEqual([0, 'slp_st_secret']);
    expect(calls).toMatchObject([{ name: 'createApiKey', key: 'key-of-admin', input: { application: 'helpdesk', kind: 'SESSION', name: 'rita' } }]);
    const { out } = await slipway('keys', 'session', 'rita', '--app', 'helpdesk', '--json');
    expect(JSON.parse(out.split('\n')[0] ?? '')).toEqual({ type: 'session', person: 'rita', key: 'k2', expiresAt: '2030-01-01T08:00:00.000Z', session: 'slp_st_secret' });
  });
  test.each([['nobody named', ['session', '--app', 'helpdesk']], ['no application', ['session', 'rita']], ['no database named', ['bootstrap']]])('%s is refused', async (_name, words) => {
    await serve({});
    const said = await slipway('keys', ...words);
    expect(said.code).toBe(4);
    expect(calls).toEqual([]);
  });
});

describe('R-864 what a stranger wrote cannot steer the terminal', () => {
  test('an escape sequence in a reason is taken out', async () => {
    await serve({ release: () => release({ state: 'ROLLED_BACK', open: false, rollback: { rev: 8, forCause: true, reason: 'worse\u001b]0;title\u0007\u001b[2J', decidedBy: 'x', committedAt: '', convergedAt: '', convergeMs: 3, stragglers: [], leaseEnded: false } }) });
    const { out } = await slipway('release', 'status', 'r1');
    expect(out).toContain('worse');
    // eslint-disable-next-line no-control-regex
    expect(out).not.toMatch(/[\u0007\u001b]/);
  });
});
