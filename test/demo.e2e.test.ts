import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { root } from './harness.js';

interface Told { readonly candidate: string; readonly outcome: string; readonly verdict?: string; readonly decidedBy?: string; readonly canaryRequests?: number; readonly badResponses?: number; readonly waldBoundBadResponses?: number; readonly detectMs?: number; readonly convergeMs?: number }
interface Summary { readonly type: string; readonly engines: Record<string, string>; readonly releases: readonly Told[] }

const folder = mkdtempSync(path.join(tmpdir(), 'slipway-prompts-'));
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

/** The demo as anybody runs it; the last line is the summary. */
function demo(...words: readonly string[]): Promise<Summary> {
  const env: NodeJS.ProcessEnv = { ...process.env };
  delete env['MONGODB_URI']; delete env['TEMPORAL_ADDRESS']; delete env['NODE_ENV']; delete env['VITEST'];
  const child = spawn(process.execPath, [path.join(root, 'scripts/slipway.mjs'), 'demo', '--json', ...words], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => {
      const lines = Buffer.concat(out).toString('utf8').trim().split('\n');
      try {
        const last = JSON.parse(lines.at(-1) ?? '') as Summary;
        if (code !== 0 || last.type !== 'summary') throw new Error('no summary');
        resolve(last);
      } catch { reject(new Error(`the demo ended with ${String(code)}\n${lines.slice(-20).join('\n')}\n${Buffer.concat(err).toString('utf8')}`)); }
    });
  });
}
const outcomes = ({ releases }: Summary): readonly string[] => releases.map(({ candidate, outcome }) => `${candidate} ${outcome}`);

/** The demo's prompts with other texts under the same versions. */
function texts(under: Readonly<Record<string, string>>): string {
  const from = path.join(root, 'examples/helpdesk/prompts');
  const file = (version: string): string => readdirSync(from).find((name) => name.includes(`.${version}.`)) ?? '';
  for (const [version, text] of Object.entries(under)) copyFileSync(path.join(from, file(text)), path.join(folder, file(version)));
  return folder;
}

describe('R-873 the story is decided by the texts', () => {
  test('as shipped: v2 is promoted, v3 taken back, v4 refused, and it says what that cost', async () => {
    const summary = await demo();
    expect(outcomes(summary).slice(-3)).toEqual(['answer@2 PROMOTED', 'answer@3 ROLLED_BACK', 'answer@4 REJECTED']);
    const [, taken, refused] = summary.releases.slice(-3);
    expect(taken).toMatchObject({ decidedBy: expect.stringMatching(/^(ungrounded|thumbsDown)$/) as unknown });
    for (const figure of ['canaryRequests', 'badResponses', 'waldBoundBadResponses', 'detectMs', 'convergeMs'] as const) expect(taken?.[figure], figure).toBeGreaterThanOrEqual(0);
    expect(taken?.badResponses).toBeGreaterThan(0);
    expect(taken?.canaryRequests).toBeGreaterThanOrEqual(taken?.badResponses ?? 0);
    expect(refused?.verdict).toBe('FAIL');
    expect(Object.keys(summary.engines).sort()).toEqual(['model', 'mongodb', 'temporal']);
  }, 600_000);

  test('with the texts of v2 and v3 swapped the outcomes swap; v1 shipped again is not taken back for cause', async () => {
    const summary = await demo('--prompts', texts({ v1: 'v1', v2: 'v3', v3: 'v2', v4: 'v1' }));
    expect(outcomes(summary).slice(-3)).toEqual(['answer@2 ROLLED_BACK', 'answer@3 PROMOTED', 'answer@4 PROMOTED']);
  }, 600_000);
});
