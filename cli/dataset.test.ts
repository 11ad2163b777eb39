import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ATTACK_FAMILIES, FAULTS, type DatasetItem } from '../core/dataset/index.js';
import { furnished, listen, type Door, type World } from '../test/stand-ins.js';
import { inputOf, partsOf } from './apply-dataset.js';
import { run } from './index.js';

type Fields = Record<string, unknown>;
const ATTACKS = ATTACK_FAMILIES.reduce((sum, { attacks }) => sum + attacks.length, 0);

// The API is the real one, its store stands in memory.
let w: World, door: Door, folder: string, key: string;
beforeEach(async () => {
  w = await furnished();
  key = w.session('author', [{ application: 'helpdesk', role: 'AUTHOR' }]);
  door = await listen(w);
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-cli-'));
});
afterEach(async () => { await door.close(); rmSync(folder, { recursive: true, force: true }); });

class Lines extends Writable { text = ''; override _write(chunk: Buffer, _encoding: string, done: () => void): void { this.text += chunk.toString(); done(); } }
async function slipway(...argv: string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string; readonly lines: Fields[] }> {
  const [out, err] = [new Lines(), new Lines()];
  const code = await run({ argv: [...argv, '--api', door.url, '--key', key], env: {}, stdout: out, stderr: err, stdin: new PassThrough(), cwd: folder, isTty: false, nowMs: Date.now, signal: new AbortController().signal });
  return { code, out: out.text, err: err.text, lines: out.text.split('\n').filter((line) => line.startsWith('{"type"')).map((line) => JSON.parse(line) as Fields) };
}
const write = (name: string, text: string): void => { writeFileSync(path.join(folder, name), text); };
const put = (file: string, ...more: string[]): ReturnType<typeof slipway> => slipway('dataset', 'import', file, '--app', 'helpdesk', '--name', 'cases', ...more);
const rows = (count: number, more: (i: number) => object = () => ({})): string => Array.from({ length: count }, (_, i) => JSON.stringify({ id: `i${String(i)}`, variables: { q: `ask ${String(i)}` }, ...more(i) })).join('\n');

describe('R-950 the command line imports, shows, compares and exports datasets', () => {
  test('the same file twice is one version, another is the next', async () => {
    write('a.jsonl', rows(3)); write('b.jsonl', rows(3, (i) => (i === 1 ? { expected: 'x' } : {})));
    expect((await put('a.jsonl', '--json')).lines.at(-2)).toMatchObject({ type: 'dataset', version: 1, items: 3, change: 'created' });
    expect((await put('a.jsonl', '--json')).lines.at(-2)).toMatchObject({ type: 'dataset', version: 1, change: 'unchanged' });
    const said = await put('b.jsonl');
    expect([said.code, said.out]).toEqual([0, expect.stringMatching(/cases@2 {2}created {2}3 cases[^]*slipway dataset diff cases 1 2 --app helpdesk/) as string]);
  });
  test('every faulty row is told, the exit code is that of bad input, and nothing is imported', async () => {
    write('bad.csv', 'id,var:q,split\na,b,Train\nb,"x\n');
    const said = await put('bad.csv', '--json');
    expect(said.code).toBe(4);
    expect(said.lines.map(({ type, row, code }) => [type, row, code])).toEqual([['fault', 2, 'BAD_VALUE'], ['fault', 3, 'UNCLOSED_QUOTE']]);
    expect(JSON.parse(said.err)).toMatchObject({ code: 'BAD_INPUT', message: 'bad.csv: 2 faults. Nothing was imported.' });
    expect((await put('bad.csv')).out).toContain('row 3, cell 2: a quoted cell is never closed (UNCLOSED_QUOTE)');
    expect(w.intents).toEqual([]);
  });
  test('bytes that are not UTF-8 are a fault of their row', async () => {
    writeFileSync(path.join(folder, 'latin.csv'), Buffer.from('id,expected\na,ok\nb,caf\xe9\n', 'latin1'));
    expect((await put('latin.csv', '--json')).lines).toMatchObject([{ row: 3, code: 'NOT_UTF8' }]);
  });
  test('a file, a set or a format that is not there', async () => {
    write('a.jsonl', rows(1));
    for (const said of [await put('none.jsonl'), await slipway('dataset', 'import', '--app', 'helpdesk', '--name', 'cases'), await put('a.jsonl', '--builtin', 'other'), await put('a.jsonl', '--format', 'xml'), await put('a.jsonl', '--builtin', 'adversarial', '--fill', 'x')]) expect([said.code, said.err]).toEqual([4, expect.stringContaining('BAD_INPUT') as string]);
  });
  test('--check reads and reports; nothing is sent', async () => {
    write('a.jsonl', `${rows(2, (i) => ({ split: i === 0 ? 'train' : 'test', variables: { q: i === 0 ? 'Why?' : ' why? ' } }))}`);
    const said = await put('a.jsonl', '--check');
    expect([said.code, said.out]).toEqual([0, expect.stringMatching(/1 case stands in more than one split[^]*i0, i1: test, train[^]*Nothing was imported/) as string]);
    expect(w.intents).toEqual([]);
  });
  test('20 000 cases arrive in parts and are one version', async () => {
    write('many.jsonl', rows(20_000));
    const said = await put('many.jsonl', '--json');
    expect(said.lines.at(-2)).toMatchObject({ type: 'dataset', version: 1, items: 20_000 });
    expect(w.sets.size).toBeGreaterThan(3);
    const { lines } = await slipway('dataset', 'show', 'cases', '--app', 'helpdesk', '--json');
    expect(lines[0]).toMatchObject({ type: 'report', items: 20_000, duplicateItems: 0 });
    expect((await put('many.jsonl', '--json')).lines.at(-2)).toMatchObject({ version: 1, change: 'unchanged' });
  });
  test('an import cut off between its parts is finished by the same command', async () => {
    write('many.jsonl', rows(10_100));
    const { keepPart } = w.deps.datasets;
    let calls = 0;
    const broken = await listen({ ...w, deps: { ...w.deps, datasets: { ...w.deps.datasets, keepPart: (...args) => ((calls += 1) === 2 ? Promise.reject(new Error('cut off')) : keepPart(...args)) } } });
    try {
      const [whole, url] = [door, broken.url];
      door = { ...broken, url };
      expect((await put('many.jsonl')).code).not.toBe(0);
      door = whole;
    } finally { await broken.close(); }
    expect(w.intents).toEqual([]);
    expect((await put('many.jsonl', '--json')).lines.at(-2)).toMatchObject({ version: 1, items: 10_100 });
  });
  test('the built-in attacks with a file or alone, filled as the prompt is', async () => {
    write('a.jsonl', rows(3));
    expect((await put('a.jsonl', '--builtin', 'adversarial', '--input', 'q', '--document', 'passage', '--fill', 'tone=a=b', '--json')).lines.at(-2)).toMatchObject({ items: ATTACKS + 3 });
    expect((await slipway('dataset', 'show', 'cases', '--app', 'helpdesk', '--json')).lines.at(-2)).toMatchObject({ type: 'dataset', version: 1, adversarial: ATTACKS });
    const stored = [...w.sets.values()].flat().find(({ id }) => id.startsWith('adversarial/')) as DatasetItem;
    expect([Object.keys(stored.variables).sort(), stored.variables['tone']]).toEqual([['passage', 'q', 'tone'], 'a=b']);
    expect((await slipway('dataset', 'import', '--app', 'helpdesk', '--name', 'attacks', '--builtin', 'adversarial', '--json')).lines.at(-2)).toMatchObject({ name: 'attacks', items: ATTACKS });
  });
  test('slipway.yaml names a CSV file and adds the attacks; applied again there is nothing to do', async () => {
    write('slipway.yaml', 'application: helpdesk\ndatasets: [ { dataset: cases, file: cases.csv, attacks: { input: q } } ]\n');
    write('cases.csv', 'id,var:q\na,why\n');
    expect((await slipway('apply', '-f', 'slipway.yaml', '--yes')).out).toContain(`created  dataset cases (${String(ATTACKS + 1)} cases), version 1`);
    expect((await slipway('apply', '-f', 'slipway.yaml', '--yes')).out).toContain('Nothing to do.');
    write('cases.csv', 'id,var:q\na,why\na,how\n');
    const said = await slipway('apply', '-f', 'slipway.yaml', '--yes');
    expect([said.code, said.err]).toEqual([4, expect.stringContaining('cases.csv:3: id: a is there already, in row 2') as string]);
  });
  test('a diff names what became of each case', async () => {
    write('a.jsonl', rows(3)); write('b.jsonl', `${rows(2, (i) => (i === 1 ? { tags: ['t'], variables: { q: 'other' } } : {}))}\n{"id":"new"}`);
    await put('a.jsonl'); await put('b.jsonl');
    expect((await slipway('dataset', 'diff', 'cases', '1', '2', '--app', 'helpdesk')).out).toMatch(/^- i2\n~ i1 {2}variables\.q, tags\n\+ new\n1 added, 1 removed, 1 changed, 1 unchanged\./);
    const { code, lines } = await slipway('dataset', 'diff', 'cases', '1', '2', '--app', 'helpdesk', '--json');
    expect([code, lines[3]]).toEqual([0, { type: 'diff', application: 'helpdesk', name: 'cases', from: 1, to: 2, added: 1, removed: 1, changed: 1, unchanged: 1 }]);
    for (const versions of [['1', '9'], ['x', '2']]) expect((await slipway('dataset', 'diff', 'cases', ...versions, '--app', 'helpdesk')).code).toBe(4);
  });
  test.each(['jsonl', 'csv'])('what is exported as %s is imported as it was, page by page, without the hidden slice', async (format) => {
    const more = { expected: '=1+1', contains: ['a|b'], tags: ['t'], split: 'test', source: { kind: 'trace', ref: '4bf9' }, messages: [{ role: 'user', content: 'Hi' }], toolCalls: { order: 'any', calls: [{ name: 'find', arguments: { type: 'object' } }] } };
    write('a.jsonl', `${rows(230, (i) => (i === 7 ? more : {}))}\n{"id":"held","hidden":true,"variables":{"q":"secret"}}`);
    await put('a.jsonl');
    const said = await slipway('dataset', 'export', 'cases@1', '--app', 'helpdesk', '-o', `out.${format}`);
    expect(said.out).toContain(`230 cases in out.${format}; 1 of the hidden slice are left out.`);
    expect(readFileSync(path.join(folder, `out.${format}`), 'utf8')).not.toContain('secret');
    await put(`out.${format}`);
    const { lines } = await slipway('dataset', 'diff', 'cases', '1', '2', '--app', 'helpdesk', '--json');
    expect(lines).toMatchObject([{ type: 'change', kind: 'REMOVED', id: 'held' }, { type: 'diff', unchanged: 230 }, { type: 'next' }]);
  });
  test('the built-in attacks as a file, and a dataset to standard output', async () => {
    expect((await slipway('dataset', 'export', '--builtin', 'adversarial', '-o', 'attacks.csv')).out).toContain(`${String(ATTACKS)} cases in attacks.csv`);
    expect((await put('attacks.csv', '--json')).lines.at(-2)).toMatchObject({ items: ATTACKS });
    write('a.jsonl', rows(2));
    await put('a.jsonl');
    expect((await slipway('dataset', 'export', 'cases', '--app', 'helpdesk', '-o', '-')).out).toBe(`${rows(2)}\n`);
    for (const words of [['cases'], ['cases', '--builtin', 'adversarial'], ['none', '--app', 'helpdesk'], ['cases@x', '--app', 'helpdesk']]) expect((await slipway('dataset', 'export', ...words, '-o', 'x')).code).toBe(4);
  });
  test('requests are filled up to their limit and not beyond, in order', () => {
    const items = Array.from({ length: 50 }, (_, i): DatasetItem => ({ id: `i${String(i)}`, variables: { q: 'ä'.repeat(i) } }));
    const parts = partsOf(items, 700);
    expect(parts.flat()).toEqual(items.map(inputOf));
    for (const [index, part] of parts.entries()) {
      expect(Buffer.byteLength(JSON.stringify(part))).toBeLessThanOrEqual(701);
      const next = parts[index + 1]?.[0];
      if (next !== undefined) expect(Buffer.byteLength(JSON.stringify([...part, next]))).toBeGreaterThan(701);
    }
  });
  test('docs/datasets.md names every fault of a row', () => {
    const page = readFileSync(path.resolve(import.meta.dirname, '..', 'docs', 'datasets.md'), 'utf8');
    expect(Object.keys(FAULTS).filter((code) => !page.includes(`\`${code}\``))).toEqual([]);
  });
});
