import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LINE_MAX, readReplay, replay, replayLines, replayText, startReplay } from './replay.js';
import type { BlockFields, GateLine, GatePlan } from './policy.js';

interface Recorded { input: { lines: [{ plan: GatePlan }, ...GateLine[]] }; expected: { lines: Record<string, unknown>[] } }
const vectors = (JSON.parse(readFileSync(new URL('../stats/vectors.json', import.meta.url), 'utf8')) as { vectors: { id: string; cases: Recorded[] }[] }).vectors;
const caseOf = (id: string): Recorded => vectors.find((one) => one.id === id)?.cases[0] ?? expect.fail(id);

const { input } = caseOf('V29');
const [{ plan }, ...lines] = input.lines;

/** Numbers within the vectors' tolerance, everything else equal. */
function expectLike(got: unknown, like: unknown): void {
  if (typeof like === 'number') { expect(Math.abs(Number(got) - like)).toBeLessThanOrEqual(Math.max(1e-9, 1e-9 * Math.abs(like))); return; }
  if (typeof like !== 'object' || like === null) { expect(got).toBe(like); return; }
  expect(Object.keys(got as object)).toEqual(Object.keys(like));
  for (const [key, value] of Object.entries(like)) expectLike((got as Record<string, unknown>)[key], value);
}

describe('R-525 a replay decides again what the vectors say', () => {
  const result = replay(plan, lines);
  it.each(['V29', 'V25'])('%s prints every block and the decision, keys in their order', (id) => {
    const { input: { lines: [first, ...rest] }, expected } = caseOf(id);
    const printed = replayLines(replay(first.plan, rest)).map((text) => JSON.parse(text) as unknown);
    expect(printed.length).toBe(expected.lines.length);
    for (const [i, like] of expected.lines.entries()) expectLike(printed[i], like);
  });
  it('the decision names metric, block and input line', () => {
    expect(result.decision).toEqual({ decision: 'ROLLBACK', reason: 'HARM', metric: 'error', block: 4, line: 10 });
  });
  it('a file gives the same as its parsed lines, with CRLF and empty lines counted', () => {
    const text = [JSON.stringify({ plan }), '  ', ...lines.map((line) => JSON.stringify(line)), ''].join('\r\n');
    const again = replayText(text);
    expect(again.outputs).toEqual(result.outputs);
    expect(again.decision).toMatchObject({ decision: 'ROLLBACK', block: 4, line: 11 });
  });
  it('margins are printed ascending even where an object would reorder them', () => {
    const wide = { ...plan, metrics: [{ ...plan.metrics[0], ni: { margins: [0.01, 0.5, 1], act: 0.01 } }] } as GatePlan;
    expect(replayLines(replay(wide, lines.slice(0, 1)))[0]).toMatch(/"logENi":\{"0\.01":[^,]+,"0\.5":[^,]+,"1":[^,]+\},"upper":1\}$/);
  });
  it('the end of the file decides where nothing is latched', () => {
    expect(replay(plan, lines.slice(0, 2)).decision).toEqual({ decision: 'HOLD', reasons: ['EVIDENCE_PENDING'] });
    expect(replay(plan, []).decision).toEqual({ decision: 'HOLD', reasons: ['NO_DATA', 'TOO_FEW', 'EVIDENCE_PENDING'] });
    expect(replay({ ...plan, stage: { last: false } }, lines.slice(0, 2)).decision).toEqual({ decision: 'ADVANCE' });
    expect(replay({ ...plan, stage: { maxMet: true } }, []).decision).toEqual({ decision: 'ROLLBACK', reason: 'STAGE_MAX', line: 1 });
  });
});

describe('R-526 the first bad line ends a replay: earlier outputs stand, no decision', () => {
  const head = JSON.stringify({ plan });
  const ok = JSON.stringify({ block: { metric: 'error', i: 5, stable: { n: 10, k: 1 }, candidate: { n: 10, k: 1 } } });
  const blockWith = (fields: object): string => JSON.stringify({ block: { metric: 'error', i: 6, stable: { n: 10, k: 1 }, candidate: { n: 10, k: 1 }, ...fields } });
  it.each<[string, string, RegExp]>([
    ['not JSON', '{"block":', /not JSON/], ['a list', '[]', /exactly one key/], ['two kinds', '{"birth":{},"weight":{"bp":1}}', /exactly one key/], ['an unknown kind', '{"burial":{}}', /exactly one key/],
    ['an inherited name as kind', '{"constructor":{}}', /exactly one key/],
    ['a second plan', head, /there already/], ['an unknown metric', blockWith({ metric: 'slow' }), /no metric slow/], ['the index again', blockWith({ i: 5 }), /must ascend/], ['an earlier index', blockWith({ i: 1 }), /must ascend/],
    ['a negative index', blockWith({ i: -1 }), /block\.i must be/], ['half an index', blockWith({ i: 6.5 }), /block\.i must be/], ['more bad than units', blockWith({ stable: { n: 1, k: 2 } }), /k must be at most n/],
    ['null for a number', blockWith({ stable: { n: 1, k: null } }), /stable\.k must be/], ['2^53 units', blockWith({ stable: { n: 2 ** 53, k: 0 } }), /stable\.n must be/], ['a missing arm', blockWith({ candidate: undefined }), /candidate is missing/],
    ['another type\'s statistics', blockWith({ stable: { h: [] } }), /stable\.n is missing/], ['an unknown field', blockWith({ weight: 1 }), /block\.weight is not/], ['a note that is no string', blockWith({ note: 1 }), /block\.note/],
    ['weight 0', '{"weight":{"bp":0}}', /weight\.bp/], ['an unknown reason', '{"stage":{"hold":["WAIT"]}}', /stage\.hold/], ['acknowledging a guardrail', '{"acknowledge":{"metric":"error"}}', /only a signal/],
    ['an assignment that is a rate', '{"block":{"metric":"assignment","i":1,"stable":{"n":1,"k":0},"candidate":{"n":1}}}', /stable\.k is not a field/],
    ['half a unit', '{"block":{"metric":"assignment","i":1,"stable":{"n":1},"candidate":{"n":0.5}}}', /candidate\.n must be/],
    ['a receipt without a decision', '{"receipt":{}}', /decision is missing/], ['a receipt of an unknown metric', '{"receipt":{"decision":"HOLD","logE":{"slow":{}}}}', /no metric slow/],
  ])('%s', (_name, bad, message) => {
    const result = replayText([head, ok, bad, ok].join('\n'));
    expect(result.outputs.length).toBe(1);
    expect(result.decision).toBeNull();
    expect(result.error).toMatchObject({ line: 3, code: 'BAD_INPUT' });
    expect(result.error?.message).toMatch(message);
    expect(replayLines(result).at(-1)).toMatch(/^\{"error":\{"line":3,"code":"BAD_INPUT","message":"/);
  });
  it('no object at all is line 1, no plan first is its line', () => {
    expect(replayText(' \n\n').error).toMatchObject({ line: 1, code: 'BAD_INPUT' });
    expect(replayText(`\n${ok}`).error).toMatchObject({ line: 2 });
    expect(replayText('\n\n{"plan":{"format":1,"metrics":[]}}').error).toMatchObject({ line: 3 });
  });
});

describe('R-527 a recorded decision that differs is found', () => {
  const first = lines.slice(0, 1);
  const [output] = replay(plan, first).outputs;
  const exact = output !== undefined && 'logEHarm' in output ? output.logEHarm ?? NaN : NaN;
  it('equal: prints nothing', () => {
    const result = replay(plan, [...first, { receipt: { decision: 'HOLD', reasons: ['TOO_FEW', 'EVIDENCE_PENDING'], logE: { error: { harm: exact } } } }]);
    expect(result.error).toBeNull();
    expect(result.outputs.length).toBe(1);
  });
  it.each<[string, { decision: 'HOLD' | 'PROMOTE'; reasons?: ('TOO_FEW' | 'SRM')[]; logE?: { error: { harm: number } } | { error: { ni: Record<string, number> } } }]>([
    ['another decision', { decision: 'PROMOTE' }], ['other reasons', { decision: 'HOLD', reasons: ['SRM'] }], ['other evidence', { decision: 'HOLD', logE: { error: { harm: exact + 1e-9 } } }],
    ['other evidence at a margin', { decision: 'HOLD', logE: { error: { ni: { '0.01': 1 } } } }], ['a margin that is not there', { decision: 'HOLD', logE: { error: { ni: { '0.02': 1 } } } }],
  ])('%s', (_name, receipt) => {
    expect(replay(plan, [...first, { receipt }]).error).toMatchObject({ line: 3, code: 'RECEIPT_MISMATCH' });
  });
  it('within a tolerance the evidence of another engine is equal', () => {
    const receipt = { decision: 'HOLD' as const, logE: { error: { harm: exact + 1e-9 } } };
    expect(replay(plan, [...first, { receipt }], { tolerance: 1e-8 }).error).toBeNull();
  });
});

const prior = { mean: 0.2, variance: 0.02 };
const scores: GatePlan = { format: 1, metrics: [
  { id: 'quality', type: 'histogram', role: 'guardrail', share: 0.5, prior }, { id: 'cost', type: 'moments', role: 'signal', share: 0.5, prior, harm: { scale: 0.1 } },
] };
describe('R-526 the first bad line ends a replay: earlier outputs stand, no decision', () => {
  const blockOf = (metric: string, candidate: unknown): string => JSON.stringify({ block: { metric, i: 0, stable: metric === 'cost' ? { n: 2, sum: 1, sumsq: 1 } : { h: [[0.1, 3]] }, candidate } });
  it.each<[string, string, RegExp]>([
    ['values that descend', blockOf('quality', { h: [[0.2, 1], [0.1, 1]] }), /candidate\.h\[1\] has value 0\.1 after 0\.2; values must strictly ascend/], ['a value twice', blockOf('quality', { h: [[0.2, 1], [0.2, 1]] }), /strictly ascend/],
    ['a value above the cap', blockOf('quality', { h: [[1.01, 1]] }), /h\[0\] must have a value in \[0, 1\]/], ['a negative value', blockOf('quality', { h: [[-0.1, 1]] }), /value in/], ['a value that is no number', blockOf('quality', { h: [['0.1', 1]] }), /value in/],
    ['null as value', blockOf('quality', { h: [[null, 1]] }), /value in/], ['half a count', blockOf('quality', { h: [[0.1, 0.5]] }), /h\[0\] must have as count/], ['a negative count', blockOf('quality', { h: [[0.1, -1]] }), /as count/],
    ['a bucket of three', blockOf('quality', { h: [[0.1, 1, 1]] }), /must be \[value, count\]/], ['no list', blockOf('quality', { h: {} }), /a list of/], ['n of a histogram', blockOf('quality', { n: 3, h: [[0.1, 3]] }), /\.n is not a field/],
    ['a negative square', blockOf('cost', { n: 1, sum: 1, sumsq: -1 }), /sumsq must be/], ['a sum of nothing', blockOf('cost', { n: 0, sum: 1, sumsq: 0 }), /without units sum and sumsq must be 0/], ['no sum', blockOf('cost', { n: 1, sumsq: 1 }), /sum is missing/],
    ['an infinite sum', blockOf('cost', { n: 1, sum: 1, sumsq: 1 }).replace('"sumsq":1}}', '"sumsq":1e999}}'), /sumsq must be/],
  ])('of a mean: %s', (_name, bad, message) => {
    const result = replayText(`${JSON.stringify({ plan: scores })}\n${bad}`);
    expect(result).toMatchObject({ outputs: [], decision: null, error: { line: 2, code: 'BAD_INPUT' } });
    expect(result.error?.message).toMatch(message);
  });
  it('a line longer than is read is refused, and nothing is read after an error', () => {
    const ended = readReplay(startReplay, `"${'x'.repeat(LINE_MAX)}"`).replaying;
    expect(ended.error).toMatchObject({ line: 1, code: 'BAD_INPUT' });
    expect(readReplay(ended, JSON.stringify({ plan })).replaying).toBe(ended);
  });
});

describe('R-542 a mean is printed with its cap as upper end, and without one with none', () => {
  const ni = { margins: [0.1, 0.3], act: 0.1 };
  const capped: GatePlan = { format: 1, metrics: [{ id: 'cost', type: 'histogram', role: 'guardrail', share: 1, cap: 4, prior, ni }] };
  const open: GatePlan = { format: 1, metrics: [{ id: 'cost', type: 'moments', role: 'guardrail', share: 1, prior, harm: null, ni: { ...ni, scale: 0.1 } }] };
  const blocks = (count: number, arm: object): GateLine[] => Array.from({ length: count }, (_, i) => ({ block: { metric: 'cost', i, stable: arm, candidate: arm } as BlockFields }));
  it('while the largest margin stands, then the margin above', () => {
    const small = replay(capped, blocks(2, { h: [[0.2, 1]] })).outputs;
    expect(small.at(-1)).toMatchObject({ logEHarm: expect.any(Number) as number, upper: 4 });
    expect(replay(capped, blocks(200, { h: [[0.2, 10]] })).outputs.at(-1)).toMatchObject({ upper: 0.1 });
    expect(replay(open, blocks(2, { n: 1, sum: 0.2, sumsq: 0.04 })).outputs.at(-1)).toMatchObject({ logEHarm: null, upper: null });
    expect(replay(open, blocks(200, { n: 10, sum: 2, sumsq: 0.4 })).outputs.at(-1)).toMatchObject({ upper: 0.1 });
  });
});
