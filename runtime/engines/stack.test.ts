import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { surroundings } from '../settings.js';
import { answersOk, choosePort, waitUntil } from './port.js';
import { startStack } from './stack.js';
import type { Part } from './stack.js';

const dir = mkdtempSync(path.join(tmpdir(), 'slipway-stack-'));
afterAll(() => { rmSync(dir, { recursive: true, force: true }); });
const program = path.join(dir, 'program.mjs');
/** Ready after a while on PORT; writes its name to ENDED when it is asked to end; ends with code 9 when somebody asks for /crash. */
writeFileSync(program, `
import { createServer } from 'node:http'; import { appendFileSync } from 'node:fs';
const { PORT, NAME, ENDED, READY } = process.env;
console.log(NAME + ' starts');
process.on('SIGTERM', () => { appendFileSync(ENDED, NAME + '\\n'); process.exit(0); });
createServer((q, r) => { if (q.url === '/crash') process.exit(9); r.writeHead(READY === 'never' ? 503 : 200).end(); }).listen(+PORT, '127.0.0.1');`);

const ended = path.join(dir, 'ended');
async function partOf(name: string, more: Record<string, string> = {}, script = program): Promise<Part> {
  const port = await choosePort(0);
  return { name, command: [process.execPath, script], env: surroundings({ PORT: String(port), NAME: name, ENDED: ended, ...more }), readyUrl: `http://127.0.0.1:${port}/readyz` };
}
const options = { logDir: path.join(dir, 'logs'), cwd: dir, backoff: { firstMs: 10, maxMs: 20, steadyMs: 60_000 } };

describe('R-814 programs are ready together, started again when they crash, and stopped in reverse order', () => {
  test('all of it', async () => {
    const parts = [await partOf('model'), await partOf('worker'), await partOf('api')];
    const stack = await startStack(parts, options);
    expect(await Promise.all(parts.map(({ readyUrl }) => answersOk(readyUrl)))).toEqual([true, true, true]);
    const crashing = parts[1]?.readyUrl.replace('/readyz', '/crash') ?? '';
    await answersOk(crashing);
    await waitUntil('the worker again', async () => stack.processes[1]?.restarts() === 1 && answersOk(parts[1]?.readyUrl ?? ''), { limitMs: 10_000 });
    expect(stack.processes.map((one) => [one.name, one.restarts(), one.lastEnd()])).toEqual([['model', 0, undefined], ['worker', 1, 'ended with code 9'], ['api', 0, undefined]]);
    await stack.stop();
    expect(readFileSync(ended, 'utf8')).toBe('api\nworker\nmodel\n');
    expect(await Promise.all(parts.map(({ readyUrl }) => answersOk(readyUrl)))).toEqual([false, false, false]);
  });
  test('one that keeps crashing ends the start, with the end of its log, and the others are stopped', async () => {
    const broken = path.join(dir, 'broken.mjs');
    writeFileSync(broken, 'console.error("no such port of call"); process.exit(4);');
    const parts = [await partOf('edge'), await partOf('broken', {}, broken)];
    await expect(startStack(parts, options)).rejects.toThrow(/broken: ended with code 4\nno such port of call/);
    expect(await answersOk(parts[0]?.readyUrl ?? '')).toBe(false);
  });
  test('one that is never ready ends the start when time is up', async () => {
    const parts = [await partOf('slow', { READY: 'never' })];
    await expect(startStack(parts, { ...options, limitMs: 1_500 })).rejects.toThrow(/slow: not ready after 2 s\nslow starts/);
    expect(await answersOk(parts[0]?.readyUrl ?? '')).toBe(false);
  });
});
