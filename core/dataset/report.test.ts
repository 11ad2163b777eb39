import { describe, expect, test } from 'vitest';
import { diffOf, reportOf, type DatasetItem } from './index.js';

const item = (id: string, question: string, more: Partial<DatasetItem> = {}): DatasetItem => ({ id, variables: { question }, ...more });

describe('R-943 a report names duplicates, near duplicates and what leaks between splits', () => {
  test('white space, case and the way an accent is written do not make another question; what is expected does not either', () => {
    const report = reportOf([item('a', 'Where is  the café?'), item('b', 'where is the CAFE\u0301?', { expected: 'There.' }), item('c', 'Where is the bar?')]);
    expect(report).toMatchObject({ items: 3, duplicateGroups: 1, duplicateItems: 1, duplicates: [{ ids: ['a', 'b'], count: 2, splits: [] }], leaks: [], leakGroups: 0 });
  });
  test('the same in two splits is a leak, in one it is none', () => {
    const report = reportOf([item('a', 'x', { split: 'train' }), item('b', 'X', { split: 'test' }), item('c', 'y', { split: 'dev' }), item('d', 'Y', { split: 'dev' }), item('e', 'z', { split: 'dev' }), item('f', 'Z')]);
    expect(report.duplicateGroups).toBe(3);
    expect(report.leaks).toEqual([{ ids: ['a', 'b'], count: 2, splits: ['test', 'train'] }]);
    expect(report.splits).toEqual([{ split: null, items: 1 }, { split: 'dev', items: 3 }, { split: 'test', items: 1 }, { split: 'train', items: 1 }]);
  });
  test('a whole conversation is content too', () => {
    const turns = (last: string): Partial<DatasetItem> => ({ variables: {}, messages: [{ role: 'user', content: 'Hi' }, { role: 'assistant', content: 'Hello' }, { role: 'user', content: last }] });
    expect(reportOf([item('a', '', turns('How?')), item('b', '', turns('how? ')), item('c', '', turns('Why?'))]).duplicates).toEqual([{ ids: ['a', 'b'], count: 2, splits: [] }]);
  });
  test('a word changed in a long text is near, another question is not', () => {
    const words = (n: number, other = -1): string => Array.from({ length: n }, (_, i) => (i === other ? 'changed' : `word${i}`)).join(' ');
    const report = reportOf([item('a', words(60), { split: 'train' }), item('b', words(60, 30), { split: 'test' }), item('c', Array.from({ length: 60 }, (_, i) => `else${i}`).join(' '), { split: 'test' })]);
    // 58 shingles each; three of either hold the word that differs: 55 of 61.
    expect(report.near).toEqual([{ a: 'a', b: 'b', similarity: 0.902, isAcrossSplits: true }]);
    expect(report.isNearPartial).toBe(false);
  });
  test('exact duplicates are not told again as near ones', () => { const text = 'one two three four five six'; expect(reportOf([item('a', text), item('b', text.toUpperCase())]).near).toEqual([]); });
  test('tags and the hidden slice are counted', () => {
    const report = reportOf([item('a', '1', { tags: ['x', 'y'] }), item('b', '2', { tags: ['x', 'x'], hidden: true })]);
    expect([report.tags, report.hidden]).toEqual([[{ tag: 'x', items: 2 }, { tag: 'y', items: 1 }], 1]);
  });
  test('what there is too much to compare is said', () => {
    const items = Array.from({ length: 5_200 }, (_, i) => item(`i${i}`, Array.from({ length: 402 }, (_w, w) => `w${i}x${w}`).join(' ')));
    expect(reportOf(items)).toMatchObject({ isNearPartial: true, duplicateGroups: 0 });
  });
  test('lists are cut and counted', () => {
    const report = reportOf(Array.from({ length: 300 }, (_, i) => item(`i${i}`, `q${Math.floor(i / 2)}`, { split: i % 2 === 0 ? 'a' : 'b' })).concat(Array.from({ length: 40 }, (_, i) => item(`s${i}`, 'same'))));
    expect([report.duplicates.length, report.duplicateGroups, report.leaks.length, report.leakGroups, report.duplicateItems]).toEqual([100, 151, 100, 150, 189]);
    expect(report.duplicates[0]).toMatchObject({ count: 40, ids: { length: 20 } });
  });
});

describe('R-944 two versions are compared by the ids of their cases, field by field', () => {
  test('added, removed, changed and unchanged', () => {
    const diff = diffOf([item('gone', 'a'), item('same', 'b', { tags: ['t'] }), item('other', 'c', { expected: 'x', variables: { question: 'c', passage: 'p' } })],
      [item('other', 'C', { hidden: true, toolCalls: { order: 'any', calls: [] } }), item('same', 'b', { tags: ['t'] }), item('new', 'd')]);
    expect(diff).toEqual({
      added: 1, removed: 1, changed: 1, unchanged: 1,
      changes: [{ kind: 'removed', id: 'gone', fields: [] }, { kind: 'changed', id: 'other', fields: ['variables.passage', 'variables.question', 'expected', 'hidden', 'toolCalls'] }, { kind: 'added', id: 'new', fields: [] }],
    });
  });
  test('order says nothing, nor the order of keys in a schema', () => {
    const tools = (schema: Readonly<Record<string, unknown>>): Partial<DatasetItem> => ({ toolCalls: { order: 'strict', calls: [{ name: 'a', arguments: schema }] } });
    expect(diffOf([item('a', '1', tools({ type: 'object', title: 't' })), item('b', '2')], [item('b', '2'), item('a', '1', tools({ title: 't', type: 'object' }))])).toMatchObject({ unchanged: 2, changes: [] });
  });
  test('only names are told, never contents', () => { expect(JSON.stringify(diffOf([item('a', 'the old secret')], [item('a', 'the new secret')]))).not.toContain('secret'); });
});
