import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answerId, clustersOf, countedOf, idsOf, matches, measuredOf, scoreId, scoresOfCase, shownDifference, shownScore, slicesOf, spreadOf, totalsOf, worstFirst } from './index.js';
import type { Asked, FailingRow, KeptAnswer, KeptScore, RowScore, ScoredRow } from './index.js';

const arms: Asked['arms'] = [{ name: 'candidate', content: { application: 'helpdesk', digest: 'sha256:b' } }, { name: 'baseline', content: { application: 'helpdesk', digest: 'sha256:a' } }];
const exact = { name: 'exact', digest: 'sha256:e', spec: { kind: 'exact' as const } };
const pair = { name: 'better', digest: 'sha256:p', spec: { kind: 'pairwise' as const, judge: { name: 'j', version: 1, digest: 'sha256:j' }, rubric: 'Which?', reference: false } };
const item = { itemDigest: 'sha256:i' };
const score = (value: number | null, more: Partial<KeptScore> = {}): KeptScore => ({ value, error: null, label: null, explanation: null, ...more });
const answer = (text: string | null, error: string | null = null): KeptAnswer => ({ text, error });

/** By repetition the candidate's and the baseline's score; undefined where there is no answer. */
function kept(asked: Asked, values: readonly (readonly [KeptScore | undefined, KeptScore | undefined])[], answers: readonly (readonly [KeptAnswer | undefined, KeptAnswer | undefined])[] = values.map(() => [answer('new'), answer('old')])) {
  const [scores, texts] = [new Map<string, KeptScore>(), new Map<string, KeptAnswer>()];
  for (const [repetition, both] of values.entries()) for (const [a, value] of both.entries()) {
    const arm = asked.arms[a], text = answers[repetition]?.[a], [evaluator] = asked.evaluators;
    if (arm === undefined || evaluator === undefined) continue;
    if (text !== undefined) texts.set(answerId('helpdesk', arm.content.digest, item.itemDigest, repetition), text);
    if (value !== undefined) scores.set(scoreId(evaluator, asked.arms, arm, item, repetition, asked.repetitions), value);
  }
  return { scores, answers: texts };
}

describe('R-960 a row is both arms\' scores of one case, and what is an error or no longer kept is never a number', () => {
  const asked: Asked = { evaluators: [exact], arms, repetitions: 1 };
  const one = (values: Parameters<typeof kept>[1], answers?: Parameters<typeof kept>[2], of = asked): RowScore | undefined => scoresOfCase(of, item, kept(of, values, answers))[0];
  test.each<[string, number, number, RowScore['outcome']]>([['worse', 0, 1, 'REGRESSED'], ['better', 1, 0, 'IMPROVED'], ['equal', 0.5, 0.5, 'SAME']])('%s', (_name, candidate, baseline, outcome) => {
    expect(one([[score(candidate), score(baseline)]])).toMatchObject({ outcome, difference: candidate - baseline, candidate: { value: candidate }, baseline: { value: baseline } });
  });
  test('an answer that is an error has no score, and counts as 0', () => {
    expect(one([[undefined, score(1)]], [[answer(null, 'timeout'), answer('old')]])).toMatchObject({ outcome: 'ERROR', difference: -1, candidate: { value: null, error: 'timeout' } });
  });
  test('an evaluator\'s error is told as such', () => {
    expect(one([[score(null, { error: 'judge: garbage' }), score(1)]])).toMatchObject({ outcome: 'ERROR', candidate: { value: null, error: 'judge: garbage' } });
  });
  test('what is no longer kept is compared with nothing', () => {
    expect(one([[score(1), undefined]], [[answer('new'), undefined]])).toMatchObject({ outcome: null, difference: null, baseline: { value: null, error: 'the answer is no longer kept' } });
  });
  test('of repetitions the mean, an error among them as 0, with the words of the worst', () => {
    const twice: Asked = { ...asked, repetitions: 2 };
    expect(one([[score(1, { label: 'pass' }), score(1)], [score(0, { label: 'fail', explanation: 'wrong' }), score(1)]], undefined, twice)).toMatchObject({ outcome: 'REGRESSED', difference: -0.5, candidate: { value: 0.5, label: 'fail', explanation: 'wrong' } });
    expect(one([[score(1), score(1)], [undefined, score(1)]], [[answer('x'), answer('y')], [answer(null, 'gone'), answer('y')]], twice)).toMatchObject({ outcome: 'ERROR', candidate: { value: 0.5, error: 'gone' } });
  });
  test('a pair is one score: the baseline has what is left of 1, and its words are said of the candidate', () => {
    const paired: Asked = { evaluators: [pair], arms, repetitions: 1 };
    const found = scoresOfCase(paired, item, kept(paired, [[score(0.25, { label: 'lost' }), undefined]]));
    expect(found[0]).toMatchObject({ difference: -0.5, candidate: { value: 0.25, label: 'lost' }, baseline: { value: 0.75, label: null } });
  });
  test('without a baseline there is nothing to compare with', () => {
    expect(one([[score(0), undefined]], undefined, { ...asked, arms: arms.slice(0, 1) })).toMatchObject({ outcome: null, difference: null, baseline: null, candidate: { value: 0 } });
  });
  test('ids are those under which it is kept, each once', () => {
    const both = idsOf({ evaluators: [exact, pair], arms, repetitions: 2 }, [item]);
    expect([both.answers.length, both.scores.length]).toEqual([4, 6]);
    expect(both.scores).toContain('helpdesk/sha256:b/sha256:i/1/sha256:p/vs/sha256:a');
  });
});

const row = (position: number, differences: Record<string, number | null>, more: Partial<ScoredRow> = {}): ScoredRow => ({
  position, item: `i${position}`, tags: [], hidden: false, ...more,
  scores: Object.entries(differences).map(([evaluator, difference]): RowScore => {
    const arm = { error: null, label: null, explanation: null };
    return { evaluator, difference, outcome: difference === null ? null : difference < 0 ? 'REGRESSED' : difference > 0 ? 'IMPROVED' : 'SAME', candidate: { ...arm, value: difference === null ? null : 0.5 + difference / 2 }, baseline: { ...arm, value: difference === null ? null : 0.5 - difference / 2 } };
  }),
});

describe('R-961 the worst cases come first, and a filter lets through what it names', () => {
  const rows = [row(0, { a: 0.5, b: 0 }), row(1, { a: -0.2, b: 0.1 }, { tags: ['x'] }), row(2, { a: 0, b: -1 }), row(3, { a: null, b: null })];
  test('by any evaluator, or by the one that is named; what is not known comes last', () => {
    expect(worstFirst(rows).map(({ position }) => position)).toEqual([2, 1, 0, 3]);
    expect(worstFirst(rows, 'a').map(({ position }) => position)).toEqual([1, 2, 0, 3]);
  });
  test('by outcome, evaluator and tag', () => {
    const found = (filter: Parameters<typeof matches>[1]): number[] => rows.filter((one) => matches(one, filter)).map(({ position }) => position);
    expect(found({})).toEqual([0, 1, 2, 3]);
    expect(found({ outcome: 'REGRESSED' })).toEqual([1, 2]);
    expect(found({ outcome: 'REGRESSED', evaluator: 'a' })).toEqual([1]);
    expect(found({ tag: 'x', outcome: 'IMPROVED' })).toEqual([1]);
    expect(found({ evaluator: 'none' })).toEqual([]);
  });
});

describe('R-962 of a hidden case nobody is told more than its id and its tags', () => {
  const hidden = row(0, { a: -1 }, { hidden: true, tags: ['x'] });
  test('its place in the order and the filters say nothing of its scores', () => {
    expect(worstFirst([hidden, row(1, { a: 1 })]).map(({ position }) => position)).toEqual([1, 0]);
    expect(matches(hidden, { outcome: 'REGRESSED' })).toBe(false);
    expect(matches(hidden, { evaluator: 'a' })).toBe(false);
    expect(matches(hidden, { tag: 'x' })).toBe(true);
  });
  test('a slice does not count it', () => { expect(slicesOf([hidden, row(1, { a: 1 }, { tags: ['x'] })], ['a'], 100)).toMatchObject([{ tag: 'x', n: 1, regressed: 0 }]); });
});

describe('R-963 an interval for reading holds what was seen, stays within what can be, and never calls a few equal scores certain', () => {
  test('for any differences', () => {
    fc.assert(fc.property(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 2, maxLength: 200 }), fc.integer({ min: 2, max: 5_000 }), (values, planned) => {
      const spread = spreadOf(values);
      const shown = spread === null ? null : shownDifference(spread, planned);
      expect(shown).not.toBeNull();
      if (shown === null) return;
      expect(shown.lower).toBeLessThanOrEqual(shown.estimate + 1e-12);
      expect(shown.upper).toBeGreaterThanOrEqual(shown.estimate - 1e-12);
      expect(shown.lower).toBeGreaterThanOrEqual(-1);
      expect(shown.upper).toBeLessThanOrEqual(1);
    }));
  });
  test('equal scores have an interval that has a width, and less of it the more there are', () => {
    const width = (n: number): number => { const shown = shownScore({ n, mean: 0.5, sd: 0 }, 150); return shown === null ? NaN : shown.upper - shown.lower; };
    expect(width(5)).toBeGreaterThan(width(150));
    expect(width(150)).toBeGreaterThan(0.005);
    expect(shownScore({ n: 1, mean: 1, sd: null }, 150)).toBeNull();
  });
});

describe('R-964 counts and totals hold errors, and what one answer does not say is unknown of all', () => {
  const counted = (): ReturnType<typeof countedOf> => countedOf([row(0, { a: -1 }), row(1, { a: 0 }), row(2, { a: 0.5 })], 'a');
  test('rows are counted by their outcome', () => { expect(counted()).toMatchObject({ regressed: 1, same: 1, improved: 1, errors: 0, difference: { n: 3, mean: -0.5 / 3 } }); });
  test('with one row that is gone no mean is told', () => { expect(countedOf([row(0, { a: -1 }), row(1, { a: null })], 'a')).toMatchObject({ difference: null, candidate: null, baseline: null }); });
  type Given = Parameters<typeof measuredOf>[0][number];
  const totals = (arm: 'candidate' | 'baseline', cases: readonly (readonly Given[])[]): ReturnType<typeof totalsOf> => totalsOf(arm, cases.map(measuredOf));
  const measured = (more: Partial<Given> = {}): Given => ({ text: 'abcd', error: null, inputTokens: 10, outputTokens: 5, costUsd: 0.5, durationMs: 100, ...more });
  test('sums, nearest ranks, lengths', () => {
    const cases = Array.from({ length: 10 }, (_, i) => [measured({ durationMs: 100 * (i + 1) })]);
    expect(totals('candidate', cases)).toEqual({ arm: 'candidate', answers: 10, errors: 0, costUsd: 5, inputTokens: 100, outputTokens: 50, latencyMs: { p50: 500, p90: 900, p99: 1_000 }, length: 4, agreement: null });
  });
  test('an unknown cost makes the cost unknown; an error is counted and has none', () => {
    expect(totals('baseline', [[measured({ costUsd: null })], [measured()]])).toMatchObject({ costUsd: null, inputTokens: 20 });
    expect(totals('baseline', [[measured({ text: null, error: 'x', costUsd: null, durationMs: 9_999 })], [measured()]])).toMatchObject({ answers: 2, errors: 1, costUsd: 0.5, latencyMs: { p99: 100 } });
    expect(totals('baseline', [])).toMatchObject({ costUsd: null, latencyMs: null, length: null });
  });
  test('agreement is the share of pairs that say the same; an error agrees with nothing', () => {
    expect(totals('candidate', [[measured(), measured(), measured({ text: 'other' })]]).agreement).toBeCloseTo(1 / 3);
    expect(totals('candidate', [[measured({ text: null, error: 'x' }), measured({ text: null, error: 'x' })]]).agreement).toBe(0);
  });
});

describe('R-973 failing cases are put together by what they have in common, each in one cluster', () => {
  const failing = (item: string, more: Partial<FailingRow> = {}): FailingRow => ({ item, evaluator: 'grounded', tags: [], loss: -1, error: null, finishReason: 'stop', text: 'something', label: null, labelBefore: null, ...more });
  test('by evaluator, cause and a tag that fails more often than it is there', () => {
    const refunds = Array.from({ length: 6 }, (_, i) => failing(`r${i}`, { tags: ['refunds', 'en'], text: 'We will gladly refund everything' }));
    const timeouts = Array.from({ length: 4 }, (_, i) => failing(`t${i}`, { tags: ['en'], error: `timeout after ${i} ms`, text: null }));
    const others = Array.from({ length: 60 }, (_, i) => ({ item: `o${i}`, tags: i < 3 ? ['refunds', 'en'] : ['en'], text: 'The office opens at seven' }));
    const clusters = clustersOf([...refunds, ...timeouts], [...refunds, ...timeouts, ...others]);
    expect(clusters.map(({ size, tag, cause }) => [size, tag, cause])).toEqual([[6, 'refunds', 'lower score'], [4, null, 'error: timeout after # ms']]);
    expect(clusters[0]?.terms).toContain('refund');
    expect(clusters[0]?.name).toContain('tag refunds');
    expect(clusters[0]?.examples).toEqual(['r0', 'r1', 'r2']);
  });
  test('without a sample no tag and no word names a cluster', () => {
    expect(clustersOf(Array.from({ length: 5 }, (_, i) => failing(`a${i}`, { tags: ['refunds'] })), [])).toMatchObject([{ size: 5, tag: null, terms: [] }]);
  });
  test.each<[Partial<FailingRow>, string]>([[{ text: '  ' }, 'empty answer'], [{ finishReason: 'length' }, 'cut off at its length'], [{ finishReason: 'content_filter' }, 'refused by a filter'], [{ label: 'refusal', labelBefore: 'answer' }, 'refusal'], [{ label: 'fail', labelBefore: 'pass' }, 'pass → fail'], [{ label: '2 of 5', labelBefore: '4 of 5' }, 'lower score']])('%o is %s', (more, cause) => {
    expect(clustersOf([failing('a', more)], [])[0]?.cause).toBe(cause);
  });
  test('whatever fails, each row is counted once while clusters are few, and the same rows give the same names', () => {
    fc.assert(fc.property(fc.array(fc.record({ tags: fc.subarray(['a', 'b', 'c']), evaluator: fc.constantFrom('x', 'y'), loss: fc.double({ min: -1, max: 0, noNaN: true }) }), { maxLength: 40 }), (rows) => {
      const all = rows.map((one, i) => failing(`i${i}`, one));
      const clusters = clustersOf(all, [...all, { item: 'other', tags: [], text: null }]);
      expect(clusters.reduce((sum, { size }) => sum + size, 0)).toBe(all.length);
      expect(clustersOf(all, [...all, { item: 'other', tags: [], text: null }])).toEqual(clusters);
    }));
  });
});
