import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { replay, replayLines, replayText } from './replay.js';
import type { GateLine, GatePlan } from './policy.js';

interface V29 { input: { lines: [{ plan: GatePlan }, ...GateLine[]] }; expected: { lines: Record<string, unknown>[] } }
const vectors = (JSON.parse(readFileSync(new URL('../stats/vectors.json', import.meta.url), 'utf8')) as { vectors: { id: string; cases: V29[] }[] }).vectors;
const { input, expected } = vectors.find(({ id }) => id === 'V29')?.cases[0] ?? expect.fail();

/** The vector's assignment metric (type units) waits for srm (2.9); its lines keep their place in the numbering. */
const WAITING = 'assignment';
const plan: GatePlan = { ...input.lines[0].plan, metrics: input.lines[0].plan.metrics.filter(({ id }) => id !== WAITING) };
const [, ...all] = input.lines;
const numbered = all.map((line, i) => ({ line, number: i + 2 })).filter(({ line }) => !('block' in line && line.block.metric === WAITING));
const lines = numbered.map(({ line }) => line);
const numbers = numbered.map(({ number }) => number);
const wanted = expected.lines.filter((line) => line['metric'] !== WAITING);

/** Numbers within the vectors' tolerance, everything else equal. */
function expectLike(got: unknown, like: unknown): void {
  if (typeof like === 'number') { expect(Math.abs(Number(got) - like)).toBeLessThanOrEqual(Math.max(1e-9, 1e-9 * Math.abs(like))); return; }
  if (typeof like !== 'object' || like === null) { expect(got).toBe(like); return; }
  expect(Object.keys(got as object)).toEqual(Object.keys(like));
  for (const [key, value] of Object.entries(like)) expectLike((got as Record<string, unknown>)[key], value);
}

describe('R-525 a replay decides again what the vectors say (V29, its binary metric)', () => {
  const result = replay(plan, lines, { numbers });
  it('prints every block and the decision, keys in their order', () => {
    const printed = replayLines(result).map((text) => JSON.parse(text) as unknown);
    expect(printed.length).toBe(wanted.length);
    for (const [i, like] of wanted.entries()) expectLike(printed[i], like);
  });
  it('the decision names metric, block and input line', () => {
    expect(result.decision).toEqual({ decision: 'ROLLBACK', reason: 'HARM', metric: 'error', block: 4, line: 10 });
  });
  it('a file gives the same as its parsed lines, with CRLF and empty lines counted', () => {
    const text = [JSON.stringify({ plan }), '  ', ...lines.map((line) => JSON.stringify(line)), ''].join('\r\n');
    const again = replayText(text);
    expect(again.outputs).toEqual(result.outputs);
    expect(again.decision).toMatchObject({ decision: 'ROLLBACK', block: 4, line: 9 });
  });
  it('margins are printed ascending even where an object would reorder them', () => {
    const wide = { ...plan, metrics: [{ ...plan.metrics[0], ni: { margins: [0.01, 0.5, 1], act: 0.01 } }] } as GatePlan;
    expect(replayLines(replay(wide, lines))[0]).toMatch(/"logENi":\{"0\.01":[^,]+,"0\.5":[^,]+,"1":[^,]+\},"upper":1\}$/);
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
  const exact = replay(plan, first).outputs[0]?.logEHarm ?? NaN;
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
