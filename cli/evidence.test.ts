import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { svgOf } from './evidence-chart.js';
import { forecastLines, timeOf, type ForecastView } from './forecast.js';
import { wellFormed } from '../test/well-formed.js';
import { createOutput } from './output.js';
import { chartOf, type ChartedRelease } from './release-chart.js';
import { armsOf, liveLines } from './release-live.js';
import type { EvidenceView, ReleaseView } from './release-view.js';

const error: EvidenceView = {
  metric: 'error', role: 'GUARDRAIL', kind: 'RATE', stable: { units: 1_800, bad: 80, mean: 80 / 1_800, interval: { lower: 0.03, upper: 0.06 } }, candidate: { units: 200, bad: 25, mean: 0.125, interval: { lower: 0.05, upper: 0.2 } },
  logEHarm: 3.45, harmThreshold: 6.9, logENi: -1, niThreshold: 3, margin: 0.05, upper: 1, difference: { estimate: 0.081, lower: -0.012, upper: 0.17 },
  harm: "32 : 1 that the candidate's error rate is higher", notWorse: 'No evidence.', alarm: false, passed: false, harmProgress: 0.5, progress: 0, waitingFor: ['That it is not worse is less than 1 : 1; 20 : 1 is needed.'],
};
const quality: EvidenceView = { ...error, metric: 'quality', kind: 'SCORE', role: 'OBSERVE', harmProgress: null, harmThreshold: null, niThreshold: null, logENi: null, progress: null, stable: { units: 10, bad: null, mean: 0.2, interval: null }, candidate: { units: 5, bad: null, mean: 0.25, interval: { lower: 0.1, upper: 0.5 } }, difference: { estimate: 0.05, lower: -0.01, upper: 0.11 }, waitingFor: [] };
const release = (more: Partial<ReleaseView> = {}): ReleaseView => ({
  id: 'r1', kind: 'RELEASE', application: 'helpdesk', environment: 'production', state: 'CANARY', open: true, message: '', baseline: null, candidate: { digest: 'sha256:c', prompts: [{ prompt: 'answer', version: 3 }] }, policy: null, evaluation: null,
  approvals: [], approvalsNeeded: 0, stages: [{ weightBp: 1_000 }, { weightBp: 5_000 }], stage: { index: 0, weightBp: 1_000, durationMinSec: 3, since: null }, holds: ['ERROR_BUDGET', 'MIN_DURATION'], waitingFor: ['The next stage could cost more.'], evidence: [error, quality],
  assignment: { units: { stable: 1_800, candidate: 200 }, logE: 0.4, threshold: 6.9, words: '1.5 : 1', alarm: false, acknowledged: false, alarmProgress: 0.06, waitingFor: [] }, progress: 0.25, rollback: null, exposure: null, timeline: [], createdAt: '', terminalAt: null, ...more,
});
const screen = (width: number, isTty = true) => ({ paint: (_colour: string, text: string) => text, isTty, width });

describe('R-926 release watch draws each metric against its threshold, both arms, and what it waits for', () => {
  test('on a terminal: bars as long as the evidence', () => {
    const lines = liveLines(release(), screen(100));
    const bars = lines.map((line) => /▕(.*)▏/.exec(line)?.[1] ?? '').filter((bar) => bar !== '');
    expect(new Set(bars.map((bar) => bar.length)).size).toBe(1);
    const [width = 0] = bars.map((bar) => bar.length);
    expect(lines.find((line) => line.includes('worse  ')) ?? '').toContain(`error       ▕${'█'.repeat(width / 2)}${' '.repeat(width / 2)}▏  worse     3.5 of 6.9`);
    expect(lines.find((line) => line.includes('not worse')) ?? '').toContain(`▕${' '.repeat(width)}▏  not worse -1.0 of 3.0`);
    expect(lines.join('\n')).toContain('stable 4.4 % (3 … 6) of 1800, candidate 12.5 % (5 … 20) of 200; +8.1 pp (−1.2 … +17)');
    expect(lines.join('\n')).toContain('That it is not worse is less than 1 : 1; 20 : 1 is needed.');
    expect(lines.join('\n')).toContain('held        ERROR_BUDGET: The next stage could cost more.');
    expect(lines[1]).toMatch(/next step +▕█+[▏▎▍▌▋▊▉]? *▏ {2}25 %/);
    expect(lines.find((line) => line.includes('assignment'))).toMatch(/shares 0\.4 of 6\.9$/);
  });
  test('an alarm and what has been shown are said, not only coloured', () => {
    const told = liveLines(release({ evidence: [{ ...error, alarm: true, passed: true }] }), screen(100)).join('\n');
    expect(told).toContain('3.5 of 6.9, ALARM');
    expect(told).toContain(', shown');
  });
  test('a score is told as people know it, larger is better', () => {
    expect(armsOf(quality)).toBe('stable 0.8 of 10, candidate 0.75 (0.5 … 0.9) of 5; −0.05 (−0.11 … +0.01)');
  });
  test.each([60, 80, 100, 300])('in %i columns no bar is broken', (width) => {
    for (const line of liveLines(release(), screen(width)).filter((one) => one.includes('▕'))) expect(line.length).toBeLessThanOrEqual(width);
  });
  test.each([['elsewhere', screen(100, false)], ['in a narrow window', screen(50)]])('%s it is the table of release status', (_name, out) => {
    const lines = liveLines(release(), out).join('\n');
    expect(lines).not.toContain('▕');
    expect(lines).toMatch(/error +80\/1800 4\.4 % +25\/200 13 % +32 of 992/);
    expect(lines).toContain('10: 0.8');
  });
});

/** A terminal of its own: what is written, as it then stands there. */
class Terminal extends Writable {
  columns = 40; rows = 10; written: string[] = [];
  readonly lines: string[] = []; row = 0;
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.written.push(chunk.toString());
    for (const [, up, clear, end, line] of chunk.toString().matchAll(/\u001b\[(\d+)A|(\u001b\[2K)|(\u001b\[0J)|([^\u001b\n]*\n?)/g)) {   // eslint-disable-line no-control-regex
      if (up !== undefined) this.row -= Number(up);
      else if (clear !== undefined) this.lines[this.row] = '';
      else if (end !== undefined) this.lines.length = this.row;
      else if (line?.endsWith('\n') === true) { if (line !== '\n' || this.lines[this.row] === undefined) this.lines[this.row] = line.slice(0, -1); this.row += 1; }
    }
    done();
  }
}

describe('R-927 a live drawing writes what has changed and nothing else', () => {
  const drawing = () => { const stdout = new Terminal(); return { stdout, out: createOutput({ stdout, stderr: stdout, isTty: true, env: { NO_COLOR: '1' } }, false) }; };
  test('lines that are the same are passed by; the same again writes nothing', () => {
    const { stdout, out } = drawing();
    out.draw(['one', 'two', 'three']);
    stdout.written = [];
    out.draw(['one', 'TWO', 'three']);
    expect(stdout.lines).toEqual(['one', 'TWO', 'three']);
    expect(stdout.written.join('')).not.toMatch(/one|three/);
    stdout.written = [];
    out.draw(['one', 'TWO', 'three']);
    expect(stdout.written.join('')).toBe('');
  });
  test('it grows, shrinks and ends, each in one piece, below what was said', () => {
    const { stdout, out } = drawing();
    out.line('said');
    for (const lines of [['a'], ['a', 'b', 'c'], ['x'], ['x', 'y'], []]) {
      stdout.written = [];
      out.draw(lines);
      expect(stdout.lines).toEqual(['said', ...lines]);
      expect(stdout.written.length).toBe(1);
    }
  });
  test('a line that is said stands above, and the drawing is still drawn over', () => {
    const { stdout, out } = drawing();
    out.draw(['a', 'b']);
    out.line('said');
    out.draw(['a', 'c']);
    expect(stdout.lines).toEqual(['said', 'a', 'c']);
  });
  test('no line is wider than the window, and no drawing higher; colours take no room and stay', () => {
    const { stdout, out } = drawing();
    out.draw(Array.from({ length: 30 }, () => 'x'.repeat(90)));
    expect(stdout.lines).toEqual(Array.from({ length: 9 }, () => `${'x'.repeat(38)}…`));
    const coloured = new Terminal();
    createOutput({ stdout: coloured, stderr: coloured, isTty: true, env: {} }, false).draw([`\u001b[31m${'y'.repeat(30)}\u001b[0m${'z'.repeat(30)}`, `\u001b[32m${'w'.repeat(39)}\u001b[0m`]);
    expect(coloured.written.join('')).toBe(`\u001b[31m${'y'.repeat(30)}\u001b[0m${'z'.repeat(8)}…\n\u001b[32m${'w'.repeat(39)}\u001b[0m\n`);
  });
  test('without a terminal the lines that are new are written below', () => {
    const stdout = new Terminal();
    const out = createOutput({ stdout, stderr: stdout, isTty: false, env: {} }, false);
    out.draw(['a', 'b']);
    out.draw(['a', 'c']);
    expect(stdout.written.join('')).toBe('a\nb\nc\n');
  });
});

const at = (sec: number): string => new Date(1_700_000_000_000 + 1_000 * sec).toISOString();
const charted = (more: Partial<ChartedRelease> = {}): ChartedRelease => ({
  id: 'r1', application: 'helpdesk', environment: 'production', state: 'ROLLED_BACK', candidate: { digest: 'sha256:c', prompts: [{ prompt: 'answer', version: 3 }] }, stages: [{ weightBp: 1_000 }, { weightBp: 5_000 }], terminalAt: at(100),
  rollback: { reason: 'HARM: <error> & "more"\u0007', committedAt: at(95) }, timeline: [{ at: at(0), data: null }, { at: at(5), data: { stage: 0, weightBp: 1_000 } }, { at: at(50), data: { stage: 1, weightBp: 5_000 } }],
  evidence: [{ metric: 'error', harmThreshold: 6.9, niThreshold: 3, harm: "32 : 1 that the candidate's error rate is higher", notWorse: null, history: [10, 20, 30, 90].map((sec) => ({ at: at(sec), logEHarm: sec === 30 ? null : sec / 10, logENi: -sec })) },
    { metric: 'seen', harmThreshold: null, niThreshold: null, harm: null, notWorse: null, history: [] }],
  assignment: { threshold: 6.9, words: "No evidence that the arms' shares are not those of the plan.", history: [{ at: at(10), logE: 0 }, { at: at(90), logE: 500 }] }, ...more,
});

describe('R-928 release chart draws the evidence over time, for eyes and for readers, in light and in dark', () => {
  const svg = svgOf(chartOf(charted()));
  test('it is well-formed, whole in itself, and says in words what it shows', () => {
    expect(wellFormed(svg)).toBeNull();
    expect(svg).toContain('<title id="title">helpdesk production: answer@3, ROLLED_BACK</title>');
    expect(svg).toMatch(/<desc id="description">[^<]*error: 32 : 1 that the candidate's error rate is higher\.[^<]*It was taken back: HARM: &lt;error&gt; &amp; &quot;more&quot;\ufffd\.<\/desc>/);
    expect(svg).toContain('role="img" aria-labelledby="title description"');
    expect(svg).toContain('@media (prefers-color-scheme: dark)');
    expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|url\(|<script|href/);
  });
  test('a panel for each metric that can decide and one for the assignment, each with its threshold', () => {
    expect(svg.match(/class="line (harm|fine)"/g)).toEqual(['class="line harm"', 'class="line fine"', 'class="line harm"']);
    expect(svg.match(/class="limit /g)).toHaveLength(3);
    expect(svg).toContain('>taken back<');
    expect(svg.match(/class="stage( odd)?"/g)).toHaveLength(2);
    expect(svg).toContain('stage 1 10 %');
  });
  test('higher is more: a line climbs with its evidence, has a gap where there is none, and stays in its panel', () => {
    const [harm = '', , shares = ''] = [...svg.matchAll(/<path class="line \w+" d="([^"]*)"/g)].map(([, d]) => d ?? '');
    const heights = (d: string): number[] => [...d.matchAll(/[ML]([\d.]+),([\d.]+)/g)].map(([, , y]) => Number(y));
    expect(heights(harm)[0]).toBeGreaterThan(heights(harm).at(-1) ?? Infinity);
    expect(harm.match(/M/g)).toHaveLength(2);
    expect(Math.min(...heights(shares))).toBeGreaterThanOrEqual(64);
    for (const number of svg.matchAll(/\s(?:x|y|x1|x2|y1|y2|width|height)="([^"]*)"/g)) expect(Number.isFinite(Number(number[1]))).toBe(true);
  });
  test('promoted, and still open', () => {
    expect(svgOf(chartOf(charted({ state: 'PROMOTED', rollback: null })))).toContain('>promoted<');
    const open = svgOf(chartOf(charted({ state: 'CANARY', rollback: null, terminalAt: null })));
    expect(wellFormed(open)).toBeNull();
    expect(open).not.toContain('class="decision');
  });
  test('where no evidence was gathered there is nothing to draw', () => {
    expect(() => chartOf(charted({ evidence: [], assignment: null }))).toThrow(/no evidence/);
  });
  test('what draws is loaded by its command alone, and that when it is typed', () => {
    const sources = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
    const naming = (what: RegExp): string[] => sources.filter((name) => what.test(readFileSync(path.join(import.meta.dirname, name), 'utf8')));
    expect(naming(/from 'd3-/)).toEqual(['evidence-chart.ts', 'report-charts.ts']);
    expect([naming(/evidence-chart\.js'/), naming(/report-charts\.js'/), naming(/report-html\.js'/)]).toEqual([['release-chart.ts'], ['report-html.ts'], ['evaluation-report.ts']]);
    expect([naming(/'\.\/release-chart\.js'/), naming(/'\.\/evaluation-report\.js'/)]).toEqual([['words.ts'], ['words.ts']]);
  });
});

const view = (more: Partial<ForecastView> = {}): ForecastView => ({
  policy: { name: 'usual', version: 2 }, traffic: { unitsPerSec: 5, release: 'r0', since: at(0), until: at(600), firm: true }, canary: true, stages: [{ weightBp: 2_500, durationMinSec: 900, durationMaxSec: 14_400, sec: 1_080, units: 5_400, candidateUnits: 1_350 }],
  unitsAtLastWeight: 3_600, unitsToBake: 5_400, secToBake: 1_080, secToPromoted: 1_980, rollbacks: [{ metric: 'error', base: 0.01, doubled: 0.02, units: 9_000, candidateUnits: 2_250, badResponses: 44.3, sec: 1_800 }],
  metrics: [{ metric: 'error', role: 'GUARDRAIL', kind: 'RATE', base: null, assumed: 0.01, smallestEffect: 0.0123 }],
  evaluation: { dataset: 'facts', items: 150, evaluators: [{ evaluator: 'knows', margin: 0.05, sd: 0.25, measured: true, cases: 310, casesIdentical: 78 }] }, faults: [], ...more,
});

describe('R-929 release forecast says what a release will take, release start and evaluate before they start', () => {
  const told = (more?: Partial<ForecastView>): string => forecastLines(view(more), { paint: (_colour, text) => text }).join('\n');
  test('time, units, bad responses, what would be found, cases', () => {
    expect(told()).toContain('promoted after 33 min: a ramp of 18 min and 5400 units, then the bake');
    expect(told()).toContain('25 %  18 min, 1350 of 5400 units served the candidate; 15 min at least, 4 h at most');
    expect(told()).toContain('error 1 % → 2 %: taken back after 45 bad responses in 2250 of the candidate\'s, 30 min');
    expect(told()).toContain('error worse by 1.2 pp, if stable has 1 %');
    expect(told()).toContain('knows needs about 310 for a margin of 0.05 (spread 0.25, as measured last), 78 when outputs are identical; facts has 150: too few');
  });
  test('what is not known is unknown, never 0', () => {
    const unknown = told({ traffic: { unitsPerSec: null, release: null, since: null, until: null, firm: false }, secToBake: null, secToPromoted: null, unitsToBake: null, stages: [{ weightBp: 2_500, durationMinSec: 900, durationMaxSec: 14_400, sec: null, units: null, candidateUnits: null }], metrics: [{ metric: 'error', role: 'GUARDRAIL', kind: 'RATE', base: null, assumed: 0.01, smallestEffect: null }], rollbacks: [] });
    expect(unknown).toContain('traffic       unknown');
    expect(unknown).toContain('promoted after unknown: a ramp of unknown and unknown units, then the bake; at the last weight alone 3600 units');
    expect(unknown).not.toMatch(/\b0\b(?![.])/);
  });
  test('why it cannot be, and that a first release has no canary', () => {
    expect(told({ faults: ['stage 1 (25 %) is expected to take 90000 s'] })).toContain('cannot be     stage 1 (25 %) is expected to take 90000 s');
    expect(told({ canary: false })).toContain('nothing is stable here yet');
    expect(told({ canary: false })).not.toContain('equal');
  });
  test.each<[number | null, string]>([[null, 'unknown'], [4.25, '4.3 s'], [90, '90 s'], [150, '2.5 min'], [7_200, '2 h'], [400_000, '4.6 d']])('%s seconds: %s', (sec, words) => { expect(timeOf(sec)).toBe(words); });
});
