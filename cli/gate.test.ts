import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { run } from './index.js';

class Lines extends Writable { text = ''; override _write(chunk: Buffer, _encoding: string, done: () => void): void { this.text += chunk.toString(); done(); } }
const { input, expected } = (JSON.parse(readFileSync(new URL('../core/stats/vectors.json', import.meta.url), 'utf8')) as {
  vectors: { id: string; cases: { input: { lines: object[] }; expected: { lines: object[] } }[] }[];
}).vectors.find(({ id }) => id === 'V29')?.cases[0] ?? expect.fail();
const file = input.lines.map((line) => JSON.stringify(line));

let folder = '';
beforeEach(() => { folder = mkdtempSync(path.join(tmpdir(), 'slipway-gate-')); });
afterEach(() => { rmSync(folder, { recursive: true, force: true }); });

interface Said { readonly code: number; readonly out: string; readonly err: string; readonly lines: Record<string, unknown>[] }
async function slipway(argv: readonly string[], stdin = new PassThrough(), signal = new AbortController().signal): Promise<Said> {
  const [out, err] = [new Lines(), new Lines()];
  const code = await run({ argv, env: {}, stdout: out, stderr: err, stdin, cwd: folder, isTty: false, nowMs: Date.now, signal });
  return { code, out: out.text, err: err.text, lines: out.text.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Record<string, unknown>) };
}
const replayed = (lines: readonly string[], ...options: string[]): Promise<Said> => {
  writeFileSync(path.join(folder, 'lines.jsonl'), lines.join('\n'));
  return slipway(['gate', 'replay', 'lines.jsonl', ...options]);
};

describe('R-552 slipway gate replay decides again from recorded lines, and nothing else', () => {
  test('a file, with and without --json the same: one line a block, the decision last', async () => {
    const plain = await replayed(file);
    expect(plain.code).toBe(0);
    expect(plain.err).toBe('');
    expect(plain.lines.length).toBe(expected.lines.length);
    expect(plain.lines.map((line) => Object.keys(line))).toEqual(expected.lines.map((line) => Object.keys(line)));
    expect(plain.lines.at(-1)).toEqual(expected.lines.at(-1));
    expect((await replayed(file, '--json')).out).toBe(plain.out);
  });
  test('standard input, as it comes: a block is answered before the next is sent', async () => {
    const stdin = new PassThrough();
    const out = new Lines();
    const ended = run({ argv: ['gate', 'replay', '-'], env: {}, stdout: out, stderr: new Lines(), stdin, cwd: folder, isTty: false, nowMs: Date.now, signal: new AbortController().signal });
    const bytes = Buffer.from(`${file.slice(0, 2).join('\r\n')}\r\n`);
    stdin.write(bytes.subarray(0, 100));
    stdin.write(bytes.subarray(100));
    await expect.poll(() => out.text).toMatch(/^\{"block":0,.*\}\n$/);
    stdin.end(`${file.slice(2).join('\n')}\n\n  \n`);
    expect(await ended).toBe(0);
    expect(out.text.trimEnd().split('\n').length).toBe(expected.lines.length);
  });
  test('letters of many bytes may be cut anywhere', async () => {
    const stdin = new PassThrough();
    const bytes = Buffer.from([file[0], '{"birth":{"note":"größer 🛶"}}'].join('\n'));
    const ended = slipway(['gate', 'replay', '-'], stdin);
    for (const byte of bytes) stdin.write(Buffer.from([byte]));
    stdin.end();
    expect((await ended).lines).toEqual([{ decision: 'HOLD', reasons: ['NO_DATA', 'TOO_FEW', 'EVIDENCE_PENDING'] }]);
  });
  test('the first bad line: what came before stands, then the error and nothing more, exit code 4', async () => {
    const { code, lines, err } = await replayed([...file.slice(0, 3), '{"weight":{"bp":0}}', ...file.slice(3)]);
    expect(code).toBe(4);
    expect(lines.length).toBe(3);
    expect(lines.at(-1)).toEqual({ error: { line: 4, code: 'BAD_INPUT', message: 'weight.bp must be a whole number in 1..9999' } });
    expect(err).toMatch(/^BAD_INPUT: line 4: weight\.bp must be .*\n {2}\S/);
  });
  test('an empty file is bad at line 1', async () => {
    expect(await replayed([])).toMatchObject({ code: 4, lines: [{ error: { line: 1, code: 'BAD_INPUT' } }] });
  });
  test('a receipt that is decided otherwise: exit code 1; with --json its error is a line of JSON', async () => {
    const receipt = '{"receipt":{"decision":"PROMOTE"}}';
    expect(await replayed([...file.slice(0, 2), receipt])).toMatchObject({ code: 1, lines: [{ block: 0 }, { error: { line: 3, code: 'RECEIPT_MISMATCH' } }] });
    const { err } = await replayed([...file.slice(0, 2), receipt], '--json');
    expect(JSON.parse(err)).toMatchObject({ type: 'error', code: 'RECEIPT_MISMATCH', hint: expect.stringContaining('--tolerance') as string });
  });
  test('--tolerance lets the last bits of another engine pass', async () => {
    const near = [...file.slice(0, 2), '{"receipt":{"decision":"HOLD","logE":{"error":{"harm":-0.1317148850}}}}'];
    expect((await replayed(near)).code).toBe(1);
    expect((await replayed(near, '--tolerance', '1e-9')).code).toBe(0);
  });
  test.each(['-1', 'NaN', '', 'Infinity', 'much'])('--tolerance %j is refused', async (tolerance) => {
    expect(await replayed(file, `--tolerance=${tolerance}`)).toMatchObject({ code: 4, out: '', err: expect.stringMatching(/BAD_INPUT/) as string });
  });
  test.each([['is not there', 'nothing.jsonl'], ['is a folder', '.']])('a file that %s: exit code 3, nothing on standard output', async (_name, name) => {
    expect(await slipway(['gate', 'replay', name])).toMatchObject({ code: 3, out: '', err: expect.stringContaining('cannot be read') as string });
  });
  test('Ctrl-C while it waits for a line', async () => {
    const stop = new AbortController();
    const stdin = new PassThrough();
    const ended = slipway(['gate', 'replay', '-'], stdin, stop.signal);
    stdin.write(`${file[0]}\n`);
    stop.abort();
    expect((await ended).code).toBe(130);
  });
  test('what would steer a terminal is not passed on', async () => {
    const { err } = await replayed([file[0] ?? '', '{"block":{"metric":"\\u001b[2Jgone","i":0,"stable":{},"candidate":{}}}']);
    expect(err).toContain('gone');
    expect(err).not.toContain('\u001b');
  });
});

describe('R-553 no other command loads the decision rule', () => {
  const sources = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  const importing = (what: RegExp): string[] => sources.filter((name) => what.test(readFileSync(path.join(import.meta.dirname, name), 'utf8')));
  test('it is read by its command alone, and that is loaded when it is typed', () => {
    expect(importing(/from '\.\.\/core\/gate\//)).toEqual(['gate.ts']);
    expect(importing(/from '\.\/gate\.js'/)).toEqual([]);
    expect(importing(/import\('\.\/gate\.js'\)/)).toEqual(['words.ts']);
  });
});
