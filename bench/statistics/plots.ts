/** The two plots of the report, written as SVG by hand: no package, no script, readable on light and dark ground. */
import { RULE_NAMES, rulesOf } from './competitors.js';
import type { StatFigure } from './figures.js';
import { RULE_REPLICATES } from './null-rows.js';
import { countBy } from './rows.js';
import type { Mode, Outcomes } from './rows.js';

const [WIDTH, HEIGHT] = [860, 460];
const [LEFT, RIGHT, TOP, BOTTOM] = [70, 190, 40, 60];
const COLOURS = ['#1a7f37', '#cf222e', '#bc4c00', '#8250df', '#0969da', '#9a6700', '#57606a'];

interface Line { readonly name: string; readonly points: readonly (readonly [x: number, y: number])[] }

const text = (x: number, y: number, words: string, extra = ''): string => `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${extra}>${words.replace(/&/g, '&amp;').replace(/</g, '&lt;')}</text>`;
const line = (x1: number, y1: number, x2: number, y2: number, style: string): string =>
  `<line x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}" ${style}/>`;

const page = (title: string, inside: readonly string[]): string => [
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" fill="#24292f">`,
  `<title>${title}</title>`, `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`, text(LEFT, 22, title, 'font-size="15" font-weight="bold"'), ...inside, '</svg>', '',
].join('\n');

const LOOKS = [1, 10, 100, 1_000, 10_000];
const RATES = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1];

/** Share of healthy candidates that were taken back by each look, row N1, both axes logarithmic; the broken line is alpha. */
export function falseRollbackPlot(outcomes: Outcomes, mode: Mode): string {
  const looksMax = mode === 'full' ? 10_000 : 2_000;
  const x = (look: number): number => LEFT + Math.log10(look) / Math.log10(looksMax) * (WIDTH - LEFT - RIGHT);
  const y = (rate: number): number => TOP + Math.log10(Math.max(rate, 1e-3)) / -3 * (HEIGHT - TOP - BOTTOM);
  const grid = [...new Set(Array.from({ length: 81 }, (_, i) => Math.round(looksMax ** (i / 80))))];
  const followed = Math.min(outcomes.count, RULE_REPLICATES[mode]);
  const linesOf = (name: string, looks: readonly number[]): Line => ({ name, points: grid.map((look) => [look, countBy(looks, look) / looks.length] as const).filter(([, rate]) => rate > 0) });
  const lines = [linesOf('Slipway, α 5 %', outcomes.column('alpha5')), ...rulesOf(mode).map((rule) => linesOf(RULE_NAMES[rule], outcomes.column(rule).slice(0, followed)))];
  const labels = spread(lines.map(({ points }, i) => ({ i, y: y(points.at(-1)?.[1] ?? 1e-3) })), 15);
  return page('Healthy candidates taken back: 1 % base, 5 % canary, a look a minute of 200 requests', [
    ...RATES.map((rate) => line(LEFT, y(rate), WIDTH - RIGHT, y(rate), 'stroke="#d0d7de"') + text(LEFT - 8, y(rate) + 4, `${Number((rate * 100).toPrecision(2))} %`, 'text-anchor="end"')),
    ...LOOKS.filter((look) => look <= looksMax).map((look) => line(x(look), TOP, x(look), HEIGHT - BOTTOM, 'stroke="#eaeef2"') + text(x(look), HEIGHT - BOTTOM + 18, look.toLocaleString('en-US'), 'text-anchor="middle"')),
    line(LEFT, y(0.05), WIDTH - RIGHT, y(0.05), 'stroke="#24292f" stroke-dasharray="6 4"'), text(LEFT + 6, y(0.05) - 5, 'α = 5 %'),
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 18, 'looks', 'text-anchor="middle"'),
    ...lines.flatMap(({ name, points }, i) => {
      const colour = COLOURS[i] ?? '#24292f';
      const path = points.map(([look, rate], at) => `${at === 0 ? 'M' : 'L'}${x(look).toFixed(1)} ${y(rate).toFixed(1)}`).join('');
      return [`<path d="${path}" fill="none" stroke="${colour}" stroke-width="${i === 0 ? 3 : 1.5}"/>`, text(WIDTH - RIGHT + 8, (labels[i] ?? 0) + 4, points.length === 0 ? `${name}: none` : name, `fill="${colour}"`)];
    }),
  ]);
}

/** Heights at least `gap` apart, in the order of the lines. */
function spread(marks: readonly { readonly i: number; readonly y: number }[], gap: number): number[] {
  const heights: number[] = [];
  let last = -Infinity;
  for (const { i, y } of [...marks].sort((a, b) => a.y - b.y)) { last = Math.max(y, last + gap); heights[i] = last; }
  return heights;
}

const RATIO = /^(?:(.+): )?mean (?:requests|units) to the (?:I\* )?bound(?: of \d+)?, α 5 %(?:, (.+))?$/;
const SCENARIOS: Readonly<Record<string, string>> = {
  D1: '1 → 3 %, 5 % canary', D2: '1 → 3 %, 50 % canary', D3: '0.1 → 0.5 %, 5 % canary', D4: '5 → 7.67 %, 5 % canary', D5: 'quality .82 → .78', D6: 'cost + 20 %, 5 % canary',
};
const RATIO_MAX = 6;

/** Mean delay over the least that is possible at 5 %, a bar a method; methods without error control are there for their delay only. */
export function delayPlot(figures: readonly StatFigure[]): string {
  const bars = figures.flatMap((figure) => {
    const scenario = SCENARIOS[figure.row];
    const match = RATIO.exec(figure.metric);
    if (scenario === undefined || match === null) return [];
    return [{ scenario, method: match[1] ?? match[2] ?? 'betting, shipped', isOurs: match[1] === undefined && (match[2] === undefined || match[2].includes('shipped')), ratio: figure.value, low: figure.low ?? figure.value, high: figure.high ?? figure.value }];
  }).filter(({ ratio }) => Number.isFinite(ratio));
  const x = (ratio: number): number => 250 + Math.min(ratio, RATIO_MAX) / RATIO_MAX * (WIDTH - 250 - 70);
  const step = Math.min(24, (HEIGHT - TOP - BOTTOM) / Math.max(1, bars.length));
  return page('Requests until a regression is found, over the least any test needs (α 5 %)', [
    ...[0, 1, 2, 3, 4, 5, 6].map((ratio) => line(x(ratio), TOP, x(ratio), HEIGHT - BOTTOM, ratio === 1 ? 'stroke="#24292f" stroke-dasharray="6 4"' : 'stroke="#eaeef2"') + text(x(ratio), HEIGHT - BOTTOM + 18, String(ratio), 'text-anchor="middle"')),
    text((250 + WIDTH - 70) / 2, HEIGHT - 18, 'ratio to the bound (bars at the edge are longer); rules without error control can be below 1: they take back healthy ones too', 'text-anchor="middle"'),
    ...bars.flatMap(({ scenario, method, isOurs, ratio, low, high }, i) => {
      const top = TOP + i * step;
      const middle = top + step * 0.75;
      const isNew = i === 0 || bars[i - 1]?.scenario !== scenario;
      return [
        ...(isNew ? [text(10, middle, scenario, 'font-weight="bold" font-size="11"')] : []),
        text(242, middle, isOurs ? 'Slipway' : method, 'text-anchor="end" font-size="11"'),
        `<rect x="${x(0)}" y="${(top + step * 0.15).toFixed(1)}" width="${(x(ratio) - x(0)).toFixed(1)}" height="${(step * 0.7).toFixed(1)}" fill="${isOurs ? '#1a7f37' : '#8c959f'}"/>`,
        line(x(low), top + step / 2, x(high), top + step / 2, 'stroke="#24292f"'),
        text(x(ratio) + 6, middle, ratio.toFixed(2), 'font-size="11"'),
      ];
    }),
  ]);
}
