import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gql, reaches, root, startStack, traffic, until, type Json, type Stack, type Traffic } from './harness.js';
import { wellFormed } from './well-formed.js';
import { ALSO_GOOD, GOOD, judge, push, settle, SLOPPY, start } from './world.js';

let stack: Stack;
let users: Traffic;
const folder = mkdtempSync(path.join(tmpdir(), 'slipway-evidence-'));
beforeAll(async () => {
  stack = await startStack();
  await settle(stack, { stages: [{ weightBp: 5_000, durationMinSec: 4, durationMaxSec: 600 }] });
  users = traffic(stack, { perSec: 60, guardrail: 'sloppy', judge });
}, 180_000);
afterAll(async () => { await users?.stop(); await stack?.stop(); rmSync(folder, { recursive: true, force: true }); });

interface Said { readonly code: number | null; readonly lines: readonly string[]; readonly err: string }
/** The command line as people start it, in a process of its own. */
function slipway(words: readonly string[], onLine: (line: string) => void = () => undefined): Promise<Said> {
  const child = spawn(process.execPath, ['--import', 'tsx', path.join(root, 'bin/slipway.ts'), ...words, '--data', stack.dataDir], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NODE_ENV: 'test' } });
  const lines: string[] = [];
  let err = '';
  child.stderr.on('data', (text: Buffer) => { err += text.toString(); });
  createInterface({ input: child.stdout }).on('line', (line) => { lines.push(line); onLine(line); });
  return new Promise((resolve) => { child.once('close', (code) => { resolve({ code, lines, err }); }); });
}
const records = ({ lines }: Said): Json[] => lines.map((line): Json => JSON.parse(line));

const ask = async (id: string, fields: string): Promise<Json> => (await gql(stack.api, stack.people.releaseManager, `query($id: ID!) { release(id: $id) ${fields} }`, { id })).release;
const EVIDENCE = '{ state progress evidence { metric kind stable { units bad mean interval { lower upper } } candidate { units bad mean interval { lower upper } } logEHarm logENi difference { estimate lower upper } harm notWorse harmProgress progress waitingFor history { seq logENi difference { estimate } } } assignment { words } }';

describe('R-934 people see the evidence before, during and after a release', () => {
  test('before the first release nothing is known of the traffic, and cases are', async () => {
    const told = await slipway(['release', 'forecast', 'helpdesk', 'production', '--policy', 'quick', '--json']);
    expect(told.err).toBe('');
    expect(records(told)[0]).toMatchObject({ type: 'forecast', canary: false, traffic: { unitsPerSec: null }, secToPromoted: null, evaluation: { items: 150, evaluators: [{ evaluator: 'knows', casesIdentical: 38 }] } });
    const { id } = await start(stack, await push(stack, GOOD));
    await reaches(stack, id, ['PROMOTED']);
    expect(await ask(id, EVIDENCE)).toMatchObject({ evidence: [], assignment: null, progress: null });
  });

  test('a good version: its evidence moves, and it can be watched', async () => {
    const { id } = await start(stack, await push(stack, ALSO_GOOD));
    const watched = slipway(['release', 'watch', id, '--json']);
    const early = await until('evidence', async () => { const now = await ask(id, EVIDENCE); return (now.evidence[0]?.candidate.units ?? 0) > 0 && now; });
    expect(early.evidence[0]).toMatchObject({ metric: 'sloppy', kind: 'RATE', candidate: { bad: 0, mean: 0 } });
    expect((await reaches(stack, id, ['PROMOTED'], 150_000)).state).toBe('PROMOTED');
    const late = (await ask(id, EVIDENCE)).evidence[0];
    expect(late.candidate.units).toBeGreaterThan(early.evidence[0].candidate.units);
    expect(late.logENi).toBeGreaterThan(early.evidence[0].logENi);
    expect(late).toMatchObject({ progress: 1, waitingFor: [], notWorse: expect.stringMatching(/^(more than 10\^12|[\d,]+) : 1 that the candidate's sloppy rate is not higher by 20 pp or more$/) as string });
    expect(late.candidate.interval.upper).toBeGreaterThan(0);
    expect(late.history.at(-1).logENi).toBe(late.logENi);
    expect(late.history.length).toBeLessThanOrEqual(100);
    const said = await watched;
    expect([said.code, said.err]).toEqual([0, '']);
    const looks = records(said).filter(({ type }) => type === 'look');
    expect(looks.some(({ evidence }) => evidence[0]?.candidate.units > 0 && typeof evidence[0]?.harm === 'string')).toBe(true);
    expect(records(said).at(-2)).toMatchObject({ type: 'release', state: 'PROMOTED' });
  });

  test('after it the forecast knows the traffic, and a start shows it first', async () => {
    const [told] = records(await slipway(['release', 'forecast', 'helpdesk', 'production', '--policy', 'quick', '--json']));
    expect(told.traffic.unitsPerSec).toBeGreaterThan(0);
    expect(told).toMatchObject({ canary: true, secToPromoted: expect.any(Number) as number, stages: [{ sec: expect.any(Number) as number }], metrics: [{ metric: 'sloppy', smallestEffect: expect.any(Number) as number }], faults: [] });
    const begun = await slipway(['release', 'start', '--app', 'helpdesk', '--env', 'production', '--prompt', `answer@${await push(stack, SLOPPY)}`, '--policy', 'quick']);
    expect(begun.err).toBe('');
    expect(begun.lines[0]).toMatch(/^Policy quick v\d+$/);
    expect(begun.lines[1]).toMatch(/traffic +[\d.]+ units a second/);
    const [, id = ''] = /release (\S+) started/.exec(begun.lines.join('\n')) ?? [];
    const ended = await reaches(stack, id, ['ROLLED_BACK'], 150_000);
    const [evidence] = (await ask(ended.id, '{ evidence { harm harmProgress alarm history { logEHarm } } }')).evidence;
    expect(evidence).toMatchObject({ alarm: true, harmProgress: 1, harm: expect.stringMatching(/ : 1 that the candidate's sloppy rate is higher$/) as string });
    const file = path.join(folder, 'evidence.svg');
    const drawn = await slipway(['release', 'chart', id, '-o', file]);
    expect([drawn.code, drawn.err]).toEqual([0, '']);
    const svg = readFileSync(file, 'utf8');
    expect(wellFormed(svg)).toBeNull();
    expect(svg).toMatch(/<path class="line harm" d="M[\d.,LM]+"/);
    expect(svg).toContain('>taken back<');
    expect(svg).toMatch(/<desc[^>]*>[^<]*that the candidate's sloppy rate is higher/);
  });
});
