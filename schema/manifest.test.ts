import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { BadInputError, TooLargeError } from '../core/errors.js';
import { jsonSchemas, readManifest, readPromptFile } from './manifest.js';

const manifest = (rest: string): string => `application: helpdesk\n${rest}`;
const read = (rest: string) => readManifest(manifest(rest))[0];
const message = (work: () => unknown): string => {
  try { work(); } catch (error) { if (error instanceof BadInputError) return error.message; throw error; }
  throw new Error('nothing was refused');
};

/** As delivery prints it, with floors. */
const DEMO = `policies:
# Demo: the whole story in seconds.
- policy: demo
  evaluation: { dataset: handbook-questions, evaluators: [{ name: grounded, floor: 0.95 }, similar], margin: 0.05, repetitions: 1, budget: { calls: 600 } }
  approvals: { count: 0 }
  block: 1s
  lease: 30s
  alpha: { harm: 0.1%, promote: 5% }
  errorBudget: 50
  stages: [ { weight: 10%, min: 3s, max: 10m }, { weight: 50%, min: 3s, max: 10m } ]
  metrics:
    ungrounded: { from: guardrail:ungrounded, role: guardrail, kind: rate, maturity: 2s, tolerance: 0, margin: 10pp, share: 0.6 }
    thumbsDown: { from: feedback:thumbs_down, role: guardrail, kind: rate, maturity: 2s, tolerance: 0, margin: 10pp, share: 0.4 }
  bake: { min: 3s, max: 10m, holdback: 5% }
`;
const policy = (change: string, to: string): string => { const text = DEMO.replace(change, to); if (text === DEMO) throw new Error(`no ${change}`); return text; };

describe('R-170 a manifest is read into the inputs of the API, every unit made plain', () => {
  test('the demo policy as it is printed', () => {
    expect(read(DEMO)?.policies).toEqual([{
      name: 'demo',
      evaluation: { dataset: 'handbook-questions', evaluators: [{ name: 'grounded', floor: 0.95 }, { name: 'similar' }], margin: 0.05, repetitions: 1, callsMax: 600 },
      approvals: { count: 0 }, blockSec: 1, leaseMs: 30_000, alpha: { harm: 0.001, promote: 0.05 }, errorBudget: 50,
      stages: [{ weightBp: 1_000, durationMinSec: 3, durationMaxSec: 600 }, { weightBp: 5_000, durationMinSec: 3, durationMaxSec: 600 }],
      metrics: [
        { name: 'ungrounded', from: 'guardrail:ungrounded', role: 'GUARDRAIL', maturityMs: 2_000, tolerance: 0, margin: 0.1, share: 0.6 },
        { name: 'thumbsDown', from: 'feedback:thumbs_down', role: 'GUARDRAIL', maturityMs: 2_000, tolerance: 0, margin: 0.1, share: 0.4 },
      ],
      bake: { durationMinSec: 3, durationMaxSec: 600, holdbackBp: 500 },
    }]);
  });
  test('every feed, with its objective, its parts, its cap; aim, toplines and watch', () => {
    const metrics = `    slow: { role: guardrail, objective: 800ms }
    quality: { from: evaluation:helpful, role: guardrail, kind: score, margin: 0.03 }
    cost: { role: signal, tolerance: 5%, margin: 10%, cap: 0.5 USD }
    steps: { from: attribute:agent.steps, kind: mean, tolerance: 1, margin: 2.5, cap: 50 }
    fellBack: { from: attribute:fallback }
  bake:`;
    const text = policy('  bake:', metrics).replace('errorBudget: 50', 'errorBudget: 50\n  aim: better\n  topline: { ungrounded: { max: 5% } }\n  watch: 0s');
    const [read_] = read(text)?.policies ?? [];
    expect(read_).toMatchObject({ aim: 'BETTER', topline: [{ metric: 'ungrounded', max: 0.05 }], watchSec: 0 });
    expect(read_?.metrics.slice(2)).toEqual([
      { name: 'slow', role: 'GUARDRAIL', objectiveMs: 800 }, { name: 'quality', from: 'evaluation:helpful', role: 'GUARDRAIL', kind: 'SCORE', margin: 0.03 },
      { name: 'cost', role: 'SIGNAL', tolerance: 0.05, margin: 0.1, relative: true, cap: 0.5 },
      { name: 'steps', from: 'attribute:agent.steps', kind: 'MEAN', tolerance: 1, margin: 2.5, relative: false, cap: 50 }, { name: 'fellBack', from: 'attribute:fallback' },
    ]);
  });
  test('every wire, limits of a connection, prices of four kinds, and a budget in money', () => {
    const read_ = read(`connections:
- { connection: a, kind: anthropic, baseUrl: "https://models.example/v1", secret: file:anthropic, limits: { requestsPerMin: 600, concurrency: 20 } }
- { connection: r, kind: openai-responses, baseUrl: "https://models.example/v1", limits: { concurrency: 4 } }
models: [ { model: m, connection: a, id: m-1, parameters: { stream: true }, price: { input: 3 USD, output: 15 USD, cachedInput: 0.3 USD, reasoning: 15 USD } } ]
policies: [ { policy: p, evaluation: { dataset: d, evaluators: [e], budget: { money: 20 USD } }, metrics: { error: {} } } ]
`);
    expect(read_?.connections).toEqual([
      { name: 'a', kind: 'ANTHROPIC', baseUrl: 'https://models.example/v1', secretRef: 'file:anthropic', requestsPerMin: 600, concurrencyMax: 20 },
      { name: 'r', kind: 'OPENAI_RESPONSES', baseUrl: 'https://models.example/v1', concurrencyMax: 4 },
    ]);
    expect(read_?.models[0]).toMatchObject({ parameters: { stream: true }, priceUsdPerMTok: { input: 3, output: 15, cachedInput: 0.3, reasoning: 15 } });
    expect(read_?.policies[0]?.evaluation).toEqual({ dataset: 'd', evaluators: [{ name: 'e' }], spendMaxUsd: 20 });
  });
  test('the standard policy of the delivery page, but for its judge and its money', () => {
    const [read_] = read(`policies:
- policy: standard
  evaluation: { dataset: support-regression, evaluators: [exact-facts, helpful], margin: 0.05, maxAge: 14d }
  approvals: { count: 1, expire: 72h }
  stages: [ { weight: 1%, min: 10m }, { weight: 5%, min: 10m }, { weight: 25%, min: 20m }, { weight: 50%, min: 20m } ]
  metrics:
    error:   { role: guardrail, margin: 0.5pp }
    slow:    { role: guardrail, objective: 4s }
    quality: { from: evaluation:helpful, role: guardrail }
    cost:    { role: signal, tolerance: 5%, margin: 10% }
  topline: { error: { max: 5% } }
  bake: { min: 2h, max: 12h, holdback: 5% }
  watch: 24h
`)?.policies ?? [];
    expect(read_).toMatchObject({ watchSec: 86_400, topline: [{ metric: 'error', max: 0.05 }], metrics: [{ margin: 0.005 }, { objectiveMs: 4_000 }, { from: 'evaluation:helpful' }, { relative: true, tolerance: 0.05, margin: 0.1 }] });
  });
  test('everything else that may be declared', () => {
    const [read] = readManifest(`
application: { key: helpdesk, team: support, owner: robin, deputy: kim, tier: LOW, purpose: Answers., environments: [dev, { name: production, protected: true }] }
connections: [ { connection: main, kind: openai-compatible, baseUrl: "https://models.example/v1", secret: env:OPENAI_API_KEY } ]
models: [ { model: small, connection: main, id: small-2026-05-01, parameters: { temperature: 0 }, safety: { level: strict }, price: { input: 0.15 USD, output: 0.60 USD } } ]
prompts: [ prompts/answer.prompt.yml ]
datasets: [ { dataset: questions, file: questions.jsonl }, { dataset: hard, file: hard.csv, attacks: {} }, { dataset: harder, file: h.csv, attacks: { input: q, documents: [passage], fill: { tone: kind } } } ]
evaluators: [ { evaluator: grounded, kind: contains, mode: all, ignoreCase: true }, { evaluator: similar, kind: semantic }, { evaluator: shaped, kind: json-schema, schema: { type: object } } ]
`);
    expect(read).toEqual({
      application: { key: 'helpdesk', team: 'support', owner: 'robin', deputy: 'kim', tier: 'LOW', purpose: 'Answers.', environments: [{ name: 'dev' }, { name: 'production', protected: true }] },
      connections: [{ name: 'main', kind: 'OPENAI_COMPATIBLE', baseUrl: 'https://models.example/v1', secretRef: 'env:OPENAI_API_KEY' }],
      models: [{ name: 'small', connection: 'main', model: 'small-2026-05-01', parameters: { temperature: 0 }, safety: [{ name: 'level', value: 'strict' }], priceUsdPerMTok: { input: 0.15, output: 0.6 } }],
      prompts: ['prompts/answer.prompt.yml'], datasets: [{ name: 'questions', file: 'questions.jsonl' }, { name: 'hard', file: 'hard.csv', attacks: { input: 'question' } }, { name: 'harder', file: 'h.csv', attacks: { input: 'q', documents: ['passage'], fill: { tone: 'kind' } } }],
      evaluators: [
        { name: 'grounded', kind: 'CONTAINS', mode: 'ALL', ignoreCase: true }, { name: 'similar', kind: 'SEMANTIC' },
        { name: 'shaped', kind: 'JSON_SCHEMA', schema: { type: 'object' } },
      ],
      policies: [],
    });
  });
  test('several applications are several documents', () => {
    expect(readManifest('application: one-app\n---\napplication: two-app\n').map((one) => one.application.key)).toEqual(['one-app', 'two-app']);
  });
});

describe('R-171 what a manifest says and this version does not know is refused with its path, never ignored', () => {
  test.each([
    ['an unknown key at the top', 'polices: []', 'polices: unknown key'],
    ['an unknown key inside a policy', policy('errorBudget:', 'errorbudget:'), 'policies[0].errorbudget: unknown key'],
    ['an unknown key inside a union', policy('floor: 0.95', 'flor: 0.95'), 'policies[0].evaluation.evaluators[0].flor: unknown key'],
    ['freeze', policy('errorBudget: 50', 'freeze: [ month-end ]'), 'policies[0].freeze: this version of Slipway does not know "freeze" yet; take it out'],
    ['adversarial', policy('repetitions: 1', 'adversarial: attacks'), 'policies[0].evaluation.adversarial: this version'],
    ['human', policy('repetitions: 1', 'human: { sample: 50 }'), 'does not know "human" yet'],
    ['approvals before a stage', policy('{ count: 0 }', '{ count: 0, before: [ 1% ] }'), 'does not know "before" yet'],
    ['a budget in another currency', policy('{ calls: 600 }', '{ money: 20 EUR }'), 'policies[0].evaluation.budget.money: money is written 0.15 USD'],
    ['a feed that nothing can feed', policy('guardrail:ungrounded', 'judge:helpful'), 'policies[0].metrics.ungrounded.from: metrics are fed from error, slow, cost'],
    ['a kind that there is not', policy('kind: rate', 'kind: median'), 'policies[0].metrics.ungrounded.kind'],
    ['an aim that there is not', policy('errorBudget: 50', 'aim: best'), 'policies[0].aim'],
  ])('%s', (_name, text, said) => { expect(message(() => read(text))).toContain(said); });
});

describe('R-172 a quantity without its unit, or out of bounds, is refused', () => {
  test.each([
    ['a duration that is a number', policy('block: 1s', 'block: 1'), 'policies[0].block: a duration is written'],
    ['a duration of another unit', policy('lease: 30s', 'lease: 30000ms'), 'a duration is written'],
    ['a lease too short', policy('lease: 30s', 'lease: 2s'), 'policies[0].lease: at least 5 s'],
    ['a weight that is a number', policy('weight: 10%,', 'weight: 10,'), 'policies[0].stages[0].weight: a weight is written 10%'],
    ['a weight above all traffic', policy('weight: 10%,', 'weight: 101%,'), 'between 0.01% and 100%'],
    ['no weight at all', policy('weight: 10%,', 'weight: 0%,'), 'between 0.01% and 100%'],
    ['a margin in per cent', policy('margin: 10pp, share: 0.6', 'margin: 10%, share: 0.6'), 'a difference is written 10pp or 0.1'],
    ['a margin of all and more', policy('margin: 10pp, share: 0.6', 'margin: 1.5, share: 0.6'), 'policies[0].metrics.ungrounded.margin: a difference is written'],
    ['an objective without its unit', policy('tolerance: 0,', 'objective: 4,'), 'policies[0].metrics.ungrounded.objective: an objective is written 800ms'],
    ['a cost in points', policy('  bake:', '    cost: { margin: 10pp }\n  bake:'), 'policies[0].metrics.cost.margin: a limit of a mean is written 5%'],
    ['a part beside an amount', policy('  bake:', '    cost: { tolerance: 5%, margin: 0.1 }\n  bake:'), 'policies[0].metrics.cost.margin: tolerance and margin are both parts (5%) or both numbers'],
    ['a topline of nothing', policy('errorBudget: 50', 'topline: { ungrounded: { max: 0% } }'), 'policies[0].topline.ungrounded.max: a probability is written'],
    ['a watch in words', policy('errorBudget: 50', 'watch: none'), 'policies[0].watch: a duration is written'],
    ['a margin below nothing', policy('margin: 0.05', 'margin: -0.05'), 'a difference is written'],
    ['an alpha of one', policy('harm: 0.1%', 'harm: 1'), 'a probability is written'],
    ['a share above the whole', policy('share: 0.6', 'share: 160%'), 'a share is written'],
    ['no metric', policy(DEMO.slice(DEMO.indexOf('    ungrounded'), DEMO.indexOf('  bake')), '').replace('metrics:', 'metrics: {}'), 'at least one metric'],
    ['no stage', policy('[ { weight: 10%, min: 3s, max: 10m }, { weight: 50%, min: 3s, max: 10m } ]', '[]'), 'policies[0].stages'],
    ['a price without its currency', 'models: [ { model: m, connection: c, id: x, price: { input: 1, output: 2 } } ]', 'money is written 0.15 USD'],
    ['a secret itself', 'connections: [ { connection: c, kind: sandbox, baseUrl: "http://x", secret: sk-123 } ]', 'a secret is a reference'],
    ['a base URL of another kind', 'connections: [ { connection: c, kind: sandbox, baseUrl: "file:///etc" } ]', 'a base URL begins with'],
    ['one name twice', 'datasets: [ { dataset: d, file: a.jsonl }, { dataset: d, file: b.jsonl } ]', 'datasets: d is declared twice'],
  ])('%s', (_name, text, said) => { expect(message(() => read(text))).toContain(said); });
});

describe('R-173 a manifest is plain YAML of bounded size: no tags, no merge keys, no flood of aliases', () => {
  test.each([
    ['a custom tag', 'policies: !!js/function "x"', 'Not YAML that can be read'],
    ['a merge key', 'base: &b { kind: x }\nconnections: [ { <<: *b } ]', 'Merge keys (<<) are not read.'],
    ['a key given twice', 'prompts: []\nprompts: []', 'Not YAML that can be read'],
    ['an alias that doubles and doubles', ['a: &a0 [x,x,x,x,x,x,x,x,x,x]', ...[1, 2, 3, 4].map((n) => `a${n}: &a${n} [${Array(10).fill(`*a${n - 1}`).join(',')}]`)].join('\n'), 'Excessive alias count'],
    ['what is no YAML', 'prompts: [', 'Not YAML that can be read'],
  ])('%s', (_name, text, said) => { expect(message(() => read(text))).toContain(said); });
  test('more than 1 MiB', () => { expect(() => read(`# ${'x'.repeat(1_048_576)}`)).toThrow(TooLargeError); });
  test('nothing at all', () => { expect(message(() => readManifest('# only a comment\n'))).toContain('empty'); });
  test('a list, a word, a number', () => { for (const text of ['- a', 'word', '3']) expect(() => readManifest(text)).toThrow(BadInputError); });
  test('two documents of one application', () => { expect(message(() => readManifest('application: one-app\n---\napplication: one-app\n'))).toContain('Two documents'); });
});

describe('R-174 a prompt file is one document of the GitHub Models format', () => {
  test('messages and description are kept', () => {
    expect(readPromptFile('name: answer\ndescription: first\nmodel: openai/gpt\nmessages:\n  - role: system\n    content: Be kind.\n  - { role: user, content: "{{question}}" }\n'))
      .toMatchObject({ name: 'answer', description: 'first', messages: [{ role: 'system', content: 'Be kind.' }, { role: 'user', content: '{{question}}' }] });
  });
  test.each([
    ['no message', 'name: a\nmessages: []', 'messages'],
    ['an unknown role', 'messages: [{ role: tool, content: x }]', 'messages[0].role'],
    ['an unknown key', 'messages: [{ role: user, content: x }]\ntemprature: 1', 'temprature: unknown key'],
    ['two documents', 'messages: [{ role: user, content: x }]\n---\nname: b', 'exactly one document'],
  ])('%s is refused', (_name, text, said) => { expect(message(() => readPromptFile(text))).toContain(said); });
});

describe('R-175 the published JSON Schemas are those of the code', () => {
  test.each(Object.entries(jsonSchemas()))('schema/json/%s', (file, schema) => {
    expect(JSON.parse(readFileSync(path.join(import.meta.dirname, 'json', file), 'utf8'))).toEqual(JSON.parse(JSON.stringify(schema)));
  });
  test('unknown keys are refused by an editor, too', () => {
    for (const schema of Object.values(jsonSchemas())) expect(schema).toMatchObject({ type: 'object', additionalProperties: false });
  });
});

describe('R-283 each kind of evaluator takes its own settings, all of them, and refuses the others', () => {
  const of = (settings: string): string => message(() => read(`evaluators: [ { evaluator: one, ${settings} } ]`));
  test.each<[string, string]>([
    ['kind: numeric, tolerance: 1', 'evaluators[0].tolerance: unknown key'], ['kind: numeric, reads: all', 'evaluators[0].reads'], ['kind: latency, target: 5', 'evaluators[0].target: an objective is written'], ['kind: cost, target: 5 EUR', 'evaluators[0].target: money is written'], ['kind: pii, detect: []', 'evaluators[0].detect'],
    ['kind: llm-judge, rubric: r, scale: pass-fail', 'evaluators[0].judge'], ['kind: llm-judge, rubric: r, scale: passFail, judge: { model: j, version: 1 }', 'evaluators[0].scale'], ['kind: pairwise, rubric: r, judge: { model: j }', 'evaluators[0].judge.version'], ['kind: faithfulness, judge: { model: j, version: 1 }, question: q', 'evaluators[0].context'], ['kind: sentiment', 'evaluators[0].kind'],
  ])('%s', (settings, told) => { expect(of(settings)).toContain(told); });
});
