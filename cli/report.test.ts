import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { wellFormed } from '../test/well-formed.js';
import { standingOf, summaryOf, type Reported, type Summary } from './evaluation-summary.js';
import { changedParts, type ResultsView, type RowView } from './evaluation-view.js';
import { htmlOf } from './report-html.js';
import { junitOf } from './report-junit.js';
import { markdownOf } from './report-markdown.js';
import { textOf } from './report.js';
import { STYLE } from './report-style.js';

const mean = (estimate: number): { estimate: number; lower: number; upper: number } => ({ estimate, lower: estimate - 0.1, upper: estimate + 0.1 });
const tests = (logEPass: number, logEFail: number): object => ({ evaluators: [{ evaluator: 'grounded', tests: [{ logEPass, passThreshold: 3, logEFail, failThreshold: 3 }] }] });
const view = (more: Partial<ResultsView> = {}): ResultsView => ({
  id: '01E1', application: 'helpdesk', policy: 'careful', state: 'FINISHED', bundle: `sha256:${'c'.repeat(64)}`, baseline: `sha256:${'b'.repeat(64)}`, error: null, finishedAt: '2030-01-01T00:00:00.000Z', dataset: { name: 'questions', version: 2, items: 150 },
  progress: { items: 120, itemsTotal: 150, calls: 240, errors: 1, costUsd: 0.5, savedUsd: 0.25, flags: [] },
  verdict: { kind: 'FAIL', reasons: ['grounded: worse than the baseline by 0.20'], moreCasesNeeded: 30, evidence: tests(0, 5) },
  results: {
    rows: 120, kept: true,
    evaluators: [{ evaluator: 'grounded', kind: 'CONTAINS', role: 'GUARDRAIL', margin: 0.1, floor: null, n: 120, regressed: 20, improved: 2, same: 97, errors: 1, candidate: mean(0.7), baseline: mean(0.9), difference: mean(-0.2), needed: 150, more: 30 }],
    arms: (['CANDIDATE', 'BASELINE'] as const).map((arm) => ({ arm, bundle: 'sha256:x', answers: 120, errors: 1, costUsd: 0.25, inputTokens: 1_000, outputTokens: 500, latencyMs: { p50: 100, p90: 200, p99: 300 }, length: 80, agreement: null })),
    tags: [{ tag: 'refunds', evaluator: 'grounded', n: 30, regressed: 15, candidate: 0.4, baseline: 0.9, difference: mean(-0.5) }],
  }, ...more,
});
const said = (text: string | null, error: string | null = null): RowView['candidate'][number] => ({ text, error, finishReason: 'stop', inputTokens: 1, outputTokens: 1, costUsd: 0.001, durationMs: 100 });
const row = (i: number, text: string, more: Partial<RowView> = {}): RowView => ({
  item: `case-${i}`, position: i, tags: ['refunds'], hidden: false, expected: 'expected', variables: [{ name: 'question', value: `Why ${i}?` }],
  scores: [{ evaluator: 'grounded', outcome: 'REGRESSED', difference: -1, candidate: { value: 0, error: null, label: 'no', explanation: 'missing: seven' }, baseline: { value: 1, error: null, label: 'yes', explanation: null } }],
  candidate: [said(text)], baseline: [said('It opens at seven.')], ...more,
});
const rows = Array.from({ length: 8 }, (_, i) => row(i, 'It opens at nine.'));
const summary = (more: Partial<ResultsView> = {}, of: readonly RowView[] = rows): Summary => summaryOf({ view: view(more), read: { rows: of, total: of.length, sample: of }, changed: ['prompt answer@2 → answer@3'], subject: 'answer@3 prompts/answer.prompt.yml' });
const reported = (...summaries: readonly Summary[]): Reported => ({ summaries, notes: [], refusals: [], standing: 'FAIL' });

/** Texts that would break out of a cell, a fence, a tag, an attribute or a comment, or reach somebody. */
const HOSTILE = [
  '</pre></td></tr></table><script>alert(1)</script>', '<img src=x onerror=alert(1)>', '```\n# head\n```', '\n\n# a heading\n\n- a list\n', '| a | b |\n|---|---|', '@everyone @octocat', 'fixes #1, see owner/repo#2', '[a](javascript:alert(1)) ![b](http://evil.example/x.png) http://evil.example www.evil.example',
  ']]></failure><testcase/>', '-->', '"\' onmouseover="x', '&lt;script&gt;', '\u0000\u0001\u001b[2J\u0085\ufffe\ud800', 'a\u202egnp.exe\u2066', '{{7*7}} ${x} %0a::error::x', '\r\n\r\n<b>', '\u2028\u2029',
] as const;

describe('R-967 a report says the verdict, the paired difference with its interval, the worst cases side by side, the cost, and how many cases were needed', () => {
  test.each([['markdown', markdownOf(reported(summary()))], ['junit', junitOf(reported(summary()))], ['json', textOf('json', reported(summary()))], ['html', htmlOf(summary(), rows, 120)]])('%s', (_form, text) => {
    for (const part of ['FAIL', 'grounded', 'case-0', 'case-4', 'It opens at nine.', 'It opens at seven.', '01E1']) expect(text.replace(/<del>.*?<\/del>/g, '').replace(/<\/?ins>/g, '')).toContain(part);
    expect(text).toMatch(/120 of 150 cases|"used": 120/);
    expect(text).toMatch(/about 150 were likely to be needed|"needed": 150/);
    expect(text).toMatch(/0\.5000 USD|"costUsd": 0\.5/);
  });
  test('the difference is told with its ends', () => {
    for (const text of [markdownOf(reported(summary())), junitOf(reported(summary())), htmlOf(summary(), rows, 120)]) expect(text).toContain('−0.20 (−0.30 … −0.10)');
  });
  test('five cases are enough for a summary, and what failing cases share is said once', () => {
    const text = markdownOf(reported(summary()));
    expect(text.match(/<code>case-\d<\/code> ·/g)).toHaveLength(5);
    expect(summary().clusters).toMatchObject([{ size: 8, evaluator: 'grounded', cause: 'yes → no' }]);
  });
  test('an evaluation without a verdict, without a baseline, or of which nothing is kept has a report too', () => {
    const bare = view({ state: 'FAILED', verdict: null, baseline: 'none', error: 'no model', dataset: null, progress: { items: 0, itemsTotal: 150, calls: 0, errors: 0, costUsd: null, savedUsd: null, flags: null }, results: { rows: 0, kept: false, evaluators: [{ ...(view().results.evaluators[0] as ResultsView['results']['evaluators'][number]), n: 0, candidate: null, baseline: null, difference: null, needed: null, more: null }], arms: [], tags: [] } });
    const one = summaryOf({ view: bare, read: { rows: [], total: 0, sample: [] }, changed: [] });
    expect(one).toMatchObject({ standing: 'COULD_NOT_RUN', baseline: null, costUsd: null, cases: { needed: null } });
    for (const text of [markdownOf(reported(one)), junitOf(reported(one)), htmlOf(one, [], 0)]) expect(text).toContain('no model');
    expect(markdownOf(reported(one))).toContain('cost unknown');
    expect(standingOf({ state: 'RUNNING', verdict: null })).toBe('RUNNING');
  });
  test('held against a floor, what lies below it fails', () => {
    const alone = (value: number): RowView => row(0, 'x', { baseline: [], scores: [{ evaluator: 'grounded', outcome: null, difference: null, candidate: { value, error: null, label: null, explanation: null }, baseline: null }] });
    const floored = (value: number): number => summaryOf({ view: view({ baseline: 'none', results: { ...view().results, evaluators: view().results.evaluators.map((one) => ({ ...one, floor: 0.8, difference: null, baseline: null })) } }), read: { rows: [alone(value)], total: 1, sample: [] }, changed: [] }).worst.length;
    expect([floored(0.79), floored(0.8)]).toEqual([1, 0]);
  });
  test('what changed in the bundle is named part by part', () => {
    const bundle = { digest: 'd', prompts: [{ prompt: 'answer', version: 2 }], model: { name: 'main', version: 1 }, context: null, guardrails: [], tools: [{ name: 'find' }] };
    expect(changedParts({ ...bundle, prompts: [{ prompt: 'answer', version: 3 }, { prompt: 'ask', version: 1 }], tools: [], context: { name: 'docs', version: 2 } }, bundle)).toEqual(['prompt answer@2 → answer@3', 'prompt none → ask@1', 'context none → docs@2', 'tool find → none']);
    expect(changedParts(bundle, bundle)).toEqual([]);
  });
});

describe('R-968 a stranger\'s text in a report stays text', () => {
  const poisoned = (text: string): readonly RowView[] => [row(0, text, { item: text, tags: [text], expected: text, variables: [{ name: text, value: text }], candidate: [said(text)], baseline: [said(`${text} `)], scores: [{ evaluator: 'grounded', outcome: 'REGRESSED', difference: -1, candidate: { value: 0, error: null, label: text, explanation: text }, baseline: { value: 1, error: text, label: text, explanation: text } }] })];
  const all = (text: string): Summary => summaryOf({ view: view({ error: text, progress: { ...view().progress, flags: [text] }, results: { ...view().results, tags: view().results.tags.map((one) => ({ ...one, tag: text })) } }), read: { rows: poisoned(text), total: 1, sample: poisoned(text) }, changed: [text], subject: text });
  /** The tags of ours: a report of harmless text has the same ones in the same order as one of hostile text. */
  const skeleton = (text: string): string => (text.match(/<[^>]*>/g) ?? []).filter((tag) => !/<\/?(?:ins|del)>/.test(tag)).map((tag) => tag.replace(/aria-label="[^"]*"/, '').replace(/ (?:x1|x2|y1|y2|x|y|cx|cy|width|height|viewBox)="[^"]*"/g, '')).join('');
  test.each(HOSTILE)('Markdown, %j', (text) => {
    const markdown = markdownOf({ ...reported(all(text)), notes: [text], refusals: [{ subject: text, code: 'BAD_INPUT', message: text }] });
    expect(skeleton(markdown) === skeleton(markdownOf({ ...reported(all('harmless')), notes: ['harmless'], refusals: [{ subject: 'x', code: 'BAD_INPUT', message: 'x' }] }))).toBe(true);
    // A line is one of ours from its first character to its last: a heading, a sentence in numbers, or a table that no line of theirs divides.
    for (const line of markdown.split(/\r\n|[\n\r\u0085\u2028\u2029]/)) expect(line).toMatch(/^(?:|#{2,4} [\p{L}\p{M}\p{So}\ufe0f\d ]+|- [\w .,;()%]+|<table>.*<\/table>)$/u);
    // What could mention or link stands in code alone.
    expect(markdown.replace(/<(code|pre)>.*?<\/\1>/gs, '')).not.toMatch(/@|https?:|www\.|#\d/);
  });
  test.each(HOSTILE)('JUnit, %j', (text) => {
    const xml = junitOf({ ...reported(all(text)), notes: [text], refusals: [{ subject: text, code: 'BAD_INPUT', message: text }] });
    expect(wellFormed(xml)).toBeNull();
    expect(xml.match(/<testcase /g)).toHaveLength(3);
  });
  test.each(HOSTILE)('HTML, %j', (text) => {
    const page = htmlOf(all(text), poisoned(text), 1);
    const harmless = 'x'.repeat(text.length);   // as long, because charts have an axis of lengths
    expect(skeleton(page) === skeleton(htmlOf(all(harmless), poisoned(harmless), 1))).toBe(true);
  });
  test('for any text', () => {
    const harmless = skeleton(markdownOf(reported(all('harmless'))));
    fc.assert(fc.property(fc.string({ unit: 'binary', minLength: 1 }).filter((text) => text.trim() !== ''), (text) => {
      expect(skeleton(markdownOf(reported(all(text))))).toBe(harmless);
      expect(wellFormed(junitOf(reported(all(text))))).toBeNull();
    }), { numRuns: 60 });
  });
  test('a mark that turns the direction is shown by its number', () => { expect(markdownOf(reported(all('a\u202eb')))).toContain('a[U+202E]b'); });
  test('a long text is cut, and the summary of a step stays far below a megabyte', () => {
    const text = markdownOf(reported(...Array.from({ length: 50 }, () => summaryOf({ view: view({ error: '<'.repeat(9_000) }), read: { rows: Array.from({ length: 8 }, (_, i) => row(i, '<'.repeat(9_000), { item: '&'.repeat(9_000) })), total: 8, sample: [] }, changed: ['"'.repeat(9_000)] }))));
    expect(text).toContain('more characters)');
    expect(text.match(/^### /gm)).toHaveLength(50);
    expect(Buffer.byteLength(text)).toBeLessThan(1_000_000);
  });
});

describe('R-969 in JUnit an INCONCLUSIVE evaluation fails, what could not run is an error, and nothing is skipped', () => {
  const totals = (text: string): readonly (string | undefined)[] => [...(/<testsuites [^>]*tests="(\d+)" failures="(\d+)" errors="(\d+)"/.exec(text) ?? [])].slice(1);
  test.each<[string, Partial<ResultsView>, readonly string[]]>([
    ['PASS', { verdict: { kind: 'PASS', reasons: [], moreCasesNeeded: null, evidence: tests(4, 0) } }, ['2', '0', '0']],
    ['FAIL', {}, ['2', '2', '0']],
    ['INCONCLUSIVE', { verdict: { kind: 'INCONCLUSIVE', reasons: ['TOO_FEW'], moreCasesNeeded: 40, evidence: tests(1, 0) } }, ['2', '2', '0']],
    ['could not run', { state: 'FAILED', verdict: null, error: 'no model' }, ['2', '0', '1']],
    ['still running', { state: 'RUNNING', verdict: null }, ['2', '0', '1']],
  ])('%s', (_name, more, expected) => {
    const text = junitOf(reported(summary(more)));
    expect(wellFormed(text)).toBeNull();
    expect(totals(text)).toEqual(expected);
    expect(text).not.toContain('<skipped');
  });
  test('nothing to evaluate is a report without a case', () => { expect(totals(junitOf({ summaries: [], notes: ['nothing -- at all -->'], refusals: [] }))).toEqual(['0', '0', '0']); });
});

describe('R-975 the page of a report loads nothing and runs nothing', () => {
  const page = htmlOf(summary(), rows, 120);
  test('its policy allows one style, by digest, and nothing else', async () => {
    const { createHash } = await import('node:crypto');
    expect(page).toContain(`content="default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'"`);
    expect(page.split('<style>')[1]?.split('</style>')[0]).toBe(STYLE);
    expect(page).not.toMatch(/<script|<link|<iframe|<img|<object|<embed|<form|\ssrc=|\shref=|\sstyle=|\son\w+=|url\(|@import/i);
  });
  test('the two answers differ word by word, and charts say in words what they show', () => {
    expect(page).toContain('It opens at <del>seven</del><ins>nine</ins>.');
    for (const chart of ['grounded: difference by case', 'Length of the answers', 'Words that both answers share', 'Cost of an answer', 'grounded: difference by tag']) expect(page).toMatch(new RegExp(`<figcaption>${chart}`));
    expect((page.match(/<svg /g) ?? []).length).toBe((page.match(/role="img" aria-label="[^"]{10,}"/g) ?? []).length);
  });
  test('a hidden case is its id and its tags', () => {
    const hidden = htmlOf(summary(), [row(1, 'secret text', { hidden: true, scores: [], candidate: [], baseline: [], variables: [], expected: null })], 1);
    expect(hidden).toContain('This case is hidden.');
    expect(hidden.split('Cases, the worst first')[1]).not.toContain('secret text');
  });
});
