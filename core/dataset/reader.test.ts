import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCsv } from './csv.js';
import { createLines } from './lines.js';
import { createDatasetReader, FAULTS, FAULTS_SHOWN, ITEMS_MAX, ROW_BYTES_MAX, rowsOf, sentenceOfFault, VERSION_BYTES_MAX, type DatasetItem, type DatasetRead, type FaultCode, type ReaderOptions } from './index.js';

const readAll = (text: string, options: Partial<ReaderOptions> = {}, size = Number.POSITIVE_INFINITY): DatasetRead => {
  const reader = createDatasetReader({ format: 'jsonl', ...options });
  for (let at = 0; at < text.length; at += size) reader.feed(text.slice(at, at + size));
  return reader.end();
};
const csv = (text: string, options: Partial<ReaderOptions> = {}): DatasetRead => readAll(text, { format: 'csv', ...options });
const itemsOf = (read: DatasetRead): readonly DatasetItem[] => { if (read.kind !== 'read') throw new Error(read.faults.map(sentenceOfFault).join('\n')); return read.items; };
const codesOf = (read: DatasetRead): readonly (readonly [number, string | undefined, FaultCode])[] => (read.kind === 'refused' ? read.faults.map(({ row, column, code }) => [row, column, code] as const) : []);
const row = (more: object): string => JSON.stringify({ id: 'x', ...more });
const GOOD = '{"id":"good","variables":{"q":"a"}}';

describe('R-940 a dataset file is read whole or not at all, and every bad row is named with its row', () => {
  test('every field of a case', () => {
    const item = {
      id: 'one', variables: { question: 'How?' }, expected: 'So.', contains: ['So'], tags: ['a', 'b'], split: 'test', hidden: true, source: { kind: 'trace', ref: '4bf92f35' },
      messages: [{ role: 'user', content: 'Hi' }, { role: 'assistant', content: 'Hello' }, { role: 'user', content: 'How?' }],
      toolCalls: { order: 'any', calls: [{ name: 'search', arguments: { type: 'object', properties: { q: { enum: ['x', null] } } } }] },
    };
    expect(itemsOf(readAll(`${JSON.stringify(item)}\r\n\n${row({ toolCalls: [{ name: 'book' }], hidden: false, tags: null })}`)))
      .toEqual([item, { id: 'x', variables: {}, toolCalls: { order: 'strict', calls: [{ name: 'book' }] } }]);
  });
  test('all bad rows are told, each with its line, and nothing is imported', () => {
    const read = readAll([GOOD, 'not json', '[1]', row({ expectd: 'x' }), '', row({ id: 'good' }), row({ id: 'fine' })].join('\n'));
    expect(codesOf(read)).toEqual([[2, undefined, 'NOT_JSON'], [3, undefined, 'NOT_OBJECT'], [4, 'expectd', 'UNKNOWN_KEY'], [6, 'id', 'DUPLICATE_ID']]);
    expect(read).toMatchObject({ kind: 'refused', count: 4, faults: [{ hint: FAULTS.NOT_JSON }, {}, {}, { message: expect.stringContaining('in row 1') as string }] });
  });
  test.each<[string, string, string | undefined, FaultCode]>([
    ['no id', '{"variables":{}}', 'id', 'MISSING'], ['an id that is a number', row({ id: 7 }), 'id', 'WRONG_TYPE'], ['an id with a blank', row({ id: 'a b' }), 'id', 'BAD_VALUE'],
    ['a variable that is a number', row({ variables: { q: 1 } }), 'variables', 'WRONG_TYPE'], ['tags that are a text', row({ tags: 'a' }), 'tags', 'WRONG_TYPE'], ['an empty list to look for', row({ contains: [] }), 'contains', 'BAD_VALUE'],
    ['an empty tag', row({ tags: [''] }), 'tags.0', 'BAD_VALUE'], ['hidden as a text', row({ hidden: 'yes' }), 'hidden', 'WRONG_TYPE'], ['a split with capitals', row({ split: 'Test' }), 'split', 'BAD_VALUE'],
    ['a source that is a text', row({ source: 'x' }), 'source', 'WRONG_TYPE'], ['a url that is a script', row({ source: { kind: 'url', ref: 'javascript:alert(1)' } }), 'source.ref', 'BAD_VALUE'],
    ['a conversation that ends with the assistant', row({ messages: [{ role: 'assistant', content: 'x' }] }), 'messages', 'BAD_VALUE'], ['an empty conversation', row({ messages: [] }), 'messages', 'BAD_VALUE'],
    ['a system turn', row({ messages: [{ role: 'system', content: 'x' }] }), 'messages', 'WRONG_TYPE'], ['a turn with more in it', row({ messages: [{ role: 'user', content: 'x', name: 'y' }] }), 'messages', 'WRONG_TYPE'],
    ['a tool without a name', row({ toolCalls: [{ arguments: {} }] }), 'toolCalls', 'WRONG_TYPE'], ['a tool with a blank in its name', row({ toolCalls: [{ name: 'a b' }] }), 'toolCalls.calls.0.name', 'BAD_VALUE'],
    ['an order of no kind', row({ toolCalls: { order: 'some', calls: [] } }), 'toolCalls', 'WRONG_TYPE'], ['arguments that are a list', row({ toolCalls: [{ name: 'a', arguments: [] }] }), 'toolCalls', 'WRONG_TYPE'],
  ])('%s', (_name, text, column, code) => { expect(codesOf(readAll(`${GOOD}\n${text}`))).toEqual([[2, column, code]]); });
  test('an empty file is no dataset', () => { for (const text of ['', '\n\n']) expect(codesOf(readAll(text))).toEqual([[1, undefined, 'EMPTY']]); });
  test('a hundred are shown and all are counted', () => {
    const read = readAll(Array.from({ length: 250 }, () => 'x').join('\n'));
    expect([read.kind === 'refused' && read.count, read.kind === 'refused' && read.faults.length]).toEqual([250, FAULTS_SHOWN]);
  });
  test('one case too many is told once', () => {
    const read = readAll(Array.from({ length: ITEMS_MAX + 3 }, (_, i) => `{"id":"i${i}"}`).join('\n'));
    expect(codesOf(read)).toEqual([[ITEMS_MAX + 1, undefined, 'TOO_MANY_ROWS']]);
  });
  test('a split is given to rows that name none', () => { expect(itemsOf(readAll(`${GOOD}\n${row({ split: 'dev' })}`, { split: 'test' })).map(({ split }) => split)).toEqual(['test', 'dev']); });
  test('how the file is cut into pieces makes no difference', () => {
    const jsonl = [GOOD, 'not json', row({ expected: 'größer 🙂' }), 'x'.repeat(50)].join('\r\n');
    const table = 'id,var:q,expected\r\na,"one, ""two""\r\nthree",\r\nb,x"y,z\nc,,"";\nd,e,f,g\n';
    for (const [text, format] of [[jsonl, 'jsonl'], [table, 'csv']] as const) for (const size of [1, 2, 3, 7]) expect(readAll(text, { format }, size)).toEqual(readAll(text, { format }));
  });
});

describe('R-952 pairs that people judged are read and written as prompt, chosen and rejected, and nobody can tell by the place who won', () => {
  const pair = (i: number, more: object = {}): string => JSON.stringify({ prompt: `Question ${i}?`, chosen: `good ${i}`, rejected: `bad ${i % 7}`, ...more });
  const lines = Array.from({ length: 60 }, (_, i) => pair(i));
  test('each is a case with a label; about half of the winners stand second', () => {
    const items = itemsOf(readAll(lines.join('\n'), { format: 'preferences', input: 'ask' }));
    expect(items[0]).toMatchObject({ id: 'pair-1', variables: { ask: 'Question 0?' } });
    for (const [i, { judged }] of items.entries()) expect(judged?.label === 1 ? [judged.answer, judged.other] : [judged?.other, judged?.answer]).toEqual([`good ${i}`, `bad ${i % 7}`]);
    const first = items.filter(({ judged }) => judged?.label === 1).length;
    expect(first).toBeGreaterThan(15);
    expect(first).toBeLessThan(45);
  });
  test('the place does not depend on who was chosen', () => {
    const [one] = itemsOf(readAll(pair(3), { format: 'preferences' }));
    const [other] = itemsOf(readAll(JSON.stringify({ prompt: 'Question 3?', chosen: 'bad 3', rejected: 'good 3' }), { format: 'preferences' }));
    expect([other?.judged?.answer, other?.judged?.other, other?.judged?.label]).toEqual([one?.judged?.answer, one?.judged?.other, 1 - (one?.judged?.label ?? 0)]);
  });
  test('written and read again they are the same; ties and single answers have no row', () => {
    const items = itemsOf(readAll(lines.join('\n'), { format: 'preferences' }));
    expect(itemsOf(readAll([...rowsOf(items, 'preferences')].join('\n'), { format: 'preferences' }))).toEqual(items);
    expect([...rowsOf([{ id: 'tie', variables: { question: 'q' }, judged: { answer: 'a', other: 'b', label: 0.5 } }, { id: 'one', variables: { question: 'q' }, judged: { answer: 'a', label: 1 } }, { id: 'none', variables: {} }], 'preferences')]).toEqual([]);
  });
  test.each<[string, string, RegExp]>([
    ['no chosen answer', JSON.stringify({ prompt: 'p', rejected: 'r' }), /chosen: is a text/], ['the same twice', JSON.stringify({ prompt: 'p', chosen: 'r', rejected: 'r' }), /is the chosen answer/],
    ['another field', pair(1, { score: 3 }), /score: there is no such field/], ['__proto__', '{"prompt":"p","chosen":"a","rejected":"b","__proto__":{}}', /__proto__/], ['no JSON', '{', /not JSON/], ['a list', '[]', /not an object/],
  ])('%s is a fault of its row', (_name, line, fault) => {
    const read = readAll(`${pair(0)}\n${line}`, { format: 'preferences' });
    expect(read.kind === 'refused' ? read.faults.map((one) => sentenceOfFault(one)).join('; ') : 'read').toMatch(fault);
    expect(read.kind === 'refused' ? read.faults[0]?.row : 0).toBe(2);
  });
});

describe('R-941 what would hurt a reader is a named error on its row, the rows after it are read on, and memory stays bounded', () => {
  const deep = (levels: number): string => `{"id":"x","toolCalls":[{"name":"a","arguments":{"x":${'['.repeat(levels)}${']'.repeat(levels)}}}]}`;
  test.each<[string, string, FaultCode]>([
    ['a row of 10 MB', row({ expected: 'x'.repeat(10_000_000) }), 'ROW_TOO_LARGE'], ['a cell of more than 64 KiB', row({ expected: 'ä'.repeat(32_769) }), 'CELL_TOO_LARGE'], ['cells that are too much together', row({ contains: Array.from({ length: 5 }, () => 'x'.repeat(60_000)) }), 'ROW_TOO_LARGE'],
    ['JSON that is 10^5 deep', deep(100_000), 'TOO_DEEP'], ['brackets and nothing else', '['.repeat(100_000), 'TOO_DEEP'], ['a key __proto__', '{"id":"x","__proto__":{"hidden":true}}', 'FORBIDDEN_KEY'],
    ['a variable __proto__', '{"id":"x","variables":{"__proto__":"y"}}', 'FORBIDDEN_KEY'], ['a variable constructor', row({ variables: { constructor: 'y' } }), 'FORBIDDEN_KEY'],
    ['a key prototype deep in a schema', row({ toolCalls: [{ name: 'a', arguments: { properties: { prototype: {} } } }] }), 'FORBIDDEN_KEY'], ['half a character', '{"id":"x","expected":"a\\ud800b"}', 'LONE_SURROGATE'],
    ['a key twice', '{"id":"x","expected":"a", "expected" :"b"}', 'REPEATED_KEY'], ['a variable twice, once escaped', '{"id":"x","variables":{"q":"a","\\u0071":"b"}}', 'REPEATED_KEY'],
    ['half a character in a schema', '{"id":"x","toolCalls":[{"name":"a","arguments":{"title":"\\udc00"}}]}', 'LONE_SURROGATE'], ['a NUL', '{"id":"x","tags":["a\\u0000"]}', 'NUL'], ['bytes that are not UTF-8', row({ expected: 'caf\ufffd' }), 'NOT_UTF8'],
  ])('%s', (_name, text, code) => {
    const read = readAll([GOOD, text, 'not json'].join('\n'));
    expect(codesOf(read).map(([line, , found]) => [line, found])).toEqual([[2, code], [3, 'NOT_JSON']]);
  });
  test('the same word as a value, in another object or in a list is no key twice', () => { expect(itemsOf(readAll('{"id":"id","tags":["id","id","a\\":"],"source":{"kind":"id","ref":"kind"},"variables":{"id":"\\\\"}}'))).toHaveLength(1); });
  test('the same in a CSV file', () => {
    const big = 'x'.repeat(ROW_BYTES_MAX + 1);
    expect(codesOf(csv(`id,var:q,expected\na,"${big}\n${big}",\nb,ok,n\u0000o\nc,${'y'.repeat(65_537)},\nd,\ud800,\n`)).map(([line, , code]) => [line, code])).toEqual([[2, 'ROW_TOO_LARGE'], [4, 'NUL'], [5, 'CELL_TOO_LARGE'], [6, 'LONE_SURROGATE']]);
    expect(codesOf(csv('id,var:__proto__\na,b\n'))).toContainEqual([1, 'var:__proto__', 'FORBIDDEN_KEY']);
    expect(codesOf(csv('id,messages\na,"[[[["\n'))).toEqual([[2, 'messages', 'NOT_JSON']]);
    expect(codesOf(csv(`id,messages\na,${'['.repeat(70)}\n`))).toEqual([[2, 'messages', 'TOO_DEEP']]);
  });
  test('a fault never repeats what a cell holds', () => {
    const secret = 'the-answer-nobody-may-see';
    for (const text of [`{"id":"x","expected":"${secret}`, row({ expected: `${secret}\u0000` }), row({ tags: [secret.repeat(10)] }), row({ contains: secret })]) expect(JSON.stringify(readAll(text))).not.toContain(secret);
  });
  test('a pattern that explodes is only a text until an evaluator of linear time runs it', () => { expect(itemsOf(readAll(row({ toolCalls: [{ name: 'a', arguments: { pattern: '(a+)+$' } }], expected: `${'a'.repeat(40)}!` })))).toHaveLength(1); });
  test('of a row that is too large nothing is handed on, and the next one is read', () => {
    const lines: unknown[] = [], records: unknown[] = [];
    const line = createLines((at, text) => { lines.push([at, text]); }), record = createCsv((one) => { records.push([one.row, one.cells, one.faults.map(({ code }) => code)]); });
    for (let i = 0; i < 300; i += 1) { line.feed('x'.repeat(1_000)); record.feed(`${'x'.repeat(999)},`); }
    line.feed('\nok\n'); record.feed('\na,b\n');
    line.end(); record.end();
    expect(lines).toEqual([[1, undefined], [2, 'ok']]);
    expect(records).toEqual([[1, [], ['ROW_TOO_LARGE']], [2, ['a', 'b'], []]]);
  });
  test('a file of any size is read to its end, and one version has a size: told once, with its row', () => {
    const reader = createDatasetReader({ format: 'jsonl' });
    const text = 'x'.repeat(60_000);
    for (let i = 0; i < 600; i += 1) reader.feed(`${row({ id: `i${i}`, expected: text })}\n`);
    const read = reader.end();
    // Each row has 60 028 to 60 030 bytes and one more for the digits of its id: 33 554 432 are crossed by the 559th.
    expect(codesOf(read)).toEqual([[Math.floor(VERSION_BYTES_MAX / 60_030) + 1, undefined, 'TOO_LARGE']]);
  });
  test('any text at all is read to its end', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.constantFrom('jsonl' as const, 'csv' as const), (text, format) => { expect(['read', 'refused']).toContain(readAll(text, { format }).kind); }), { seed: 941, numRuns: 300 });
  });
});

describe('R-942 CSV is read as RFC 4180 has it, and written so that no spreadsheet takes a cell for a formula', () => {
  test('every column', () => {
    const text = '\ufeffid,var:question,expected,contains,tags,split,hidden,source,messages,toolCalls\r\n'
      + 'a,"Where, and ""when""?\r\nTell me.",Here,here|now,"[""x"",""y|z""]",test,yes,trace:4bf9,"[{""role"":""user"",""content"":""Hi""}]","[{""name"":""find""}]"\r\n'
      + '\r\nb,,,,,,no,https://example.com/t/1,,\r\n';
    expect(itemsOf(csv(text))).toEqual([
      { id: 'a', variables: { question: 'Where, and "when"?\r\nTell me.' }, expected: 'Here', contains: ['here', 'now'], tags: ['x', 'y|z'], split: 'test', hidden: true, source: { kind: 'trace', ref: '4bf9' }, messages: [{ role: 'user', content: 'Hi' }], toolCalls: { order: 'strict', calls: [{ name: 'find' }] } },
      { id: 'b', variables: { question: '' }, source: { kind: 'url', ref: 'https://example.com/t/1' } },
    ]);
  });
  test('any other column is refused, or with --variables is a variable of its name', () => {
    expect(codesOf(csv('id,question\na,b\n'))).toEqual([[1, 'question', 'UNKNOWN_COLUMN']]);
    expect(itemsOf(csv('id,question,var:passage\na,b,c\n', { takesAllColumns: true }))).toEqual([{ id: 'a', variables: { question: 'b', passage: 'c' } }]);
  });
  test.each<[string, string, readonly (readonly [number, string | undefined, FaultCode])[]]>([
    ['a quote in a plain cell', 'id,expected\na,b"c\nd,e\n', [[2, 'cell 2', 'STRAY_QUOTE']]], ['text after a closing quote', 'id,expected\na,"b"c\nd,e\n', [[2, 'cell 2', 'STRAY_QUOTE']]], ['a quote that is never closed', 'id,expected\na,b\nc,"d\n', [[3, 'cell 2', 'UNCLOSED_QUOTE']]],
    ['a carriage return alone', 'id,expected\na,b\rc\nd,e\n', [[2, 'cell 2', 'STRAY_RETURN']]], ['a cell too few and one too many', 'id,expected\na\nb,c,d\n', [[2, undefined, 'CELL_COUNT'], [3, undefined, 'CELL_COUNT']]],
    ['a column twice', 'id,expected,expected\na,b,c\n', [[1, 'expected', 'UNKNOWN_COLUMN']]], ['no column id', 'expected\nb\nc\n', [[1, 'id', 'MISSING']]], ['semicolons', 'id;expected\na;b\n', [[1, 'id;expected', 'UNKNOWN_COLUMN'], [1, 'id', 'MISSING']]],
    ['no row', 'id,expected\n', [[1, undefined, 'EMPTY']]], ['hidden is no word', 'id,hidden\na,maybe\n', [[2, 'hidden', 'WRONG_TYPE']]], ['a source without a kind', 'id,source\na,4bf9\n', [[2, 'source', 'BAD_VALUE']]],
  ])('%s', (_name, text, faults) => { expect(codesOf(csv(text))).toEqual(faults); });
  test('a row is named by the line it begins on', () => { expect(codesOf(csv('id,expected\na,"1\n2\n3"\n,x\n'))).toEqual([[5, 'id', 'MISSING']]); });
  test('formula cells are data when read, and guarded when written', () => {
    expect(itemsOf(csv("id,expected\na,=1+1\nb,'=1+1\nc,'quoted'\n")).map(({ expected }) => expected)).toEqual(['=1+1', '=1+1', "'quoted'"]);
    const lines = [...rowsOf(['=cmd', '+1', '-1', '@x', "'=y", '\tz', 'plain'].map((expected, i) => ({ id: `i${i}`, variables: {}, expected })), 'csv')];
    expect(lines.slice(1).map((line) => line.slice(line.indexOf(',') + 1))).toEqual(["'=cmd", "'+1", "'-1", "'@x", "''=y", "'\tz", 'plain']);
  });
  test('what is written is read back, whatever the cells hold', () => {
    const cell = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.constantFrom('=x', "'", "'=", "''@", '"', ',', '\r\n', ' a ', '\n', '-', '[', '|')).filter((text) => !/[\0\ufffd]/.test(text));
    const item = fc.record({ variables: fc.record({ q: cell, 'other one': cell }), expected: cell.filter((text) => text !== ''), tags: fc.array(fc.string({ minLength: 1, maxLength: 9, unit: 'grapheme' }).filter((text) => !/[\0\ufffd]/.test(text)), { maxLength: 3 }), hidden: fc.constant(true as const) }, { requiredKeys: ['variables'] });
    fc.assert(fc.property(fc.array(item, { minLength: 1, maxLength: 5 }), fc.constantFrom('csv' as const, 'jsonl' as const), (list, format) => {
      const items = list.map((one, i) => ({ id: `i${i}`, ...one }));
      expect(itemsOf(readAll([...rowsOf(items, format)].join('\n'), { format }))).toEqual(items);
    }), { seed: 942, numRuns: 200 });
  });
});
