import { scaleLinear, scaleUtc } from 'd3-scale';
import { curveStepAfter, line } from 'd3-shape';
import { escaped } from './markup.js';

/** One line of a panel: natural logarithms over time, and the one that decides. `null` is a gap. */
export interface ChartLine { readonly name: string; readonly kind: 'harm' | 'fine'; readonly threshold: number | null; readonly points: readonly { readonly at: Date; readonly logE: number | null }[] }
export interface ChartPanel { readonly name: string; readonly lines: readonly ChartLine[] }
export interface Chart {
  readonly title: string;
  readonly description: string;
  readonly panels: readonly ChartPanel[];
  /** Each lasts until the next. */
  readonly stages: readonly { readonly label: string; readonly at: Date }[];
  readonly decision: { readonly label: string; readonly kind: 'good' | 'bad'; readonly at: Date } | null;
  readonly from: Date;
  readonly to: Date;
}

const WIDTH = 960;
const LEFT = 110;
const RIGHT = 34;
const TOP = 64;
const PANEL = 150;
const GAP = 44;
const BOTTOM = 40;
/** Evidence against: less than this is all the same. */
const LOWEST = -5;
/** Evidence that nobody needs more of: 10^12 : 1. */
const HIGHEST = 12 * Math.LN10;
const DECADES = [1, 2, 3, 6, 12] as const;

/** Colours that people who see few of them tell apart, and dashes for those who see none; for light and for dark surroundings. */
const STYLE = `
  .ground { fill: #ffffff } .text { fill: #1f2328; font: 12px system-ui, sans-serif } .soft { fill: #59636e } .head { font-size: 16px; font-weight: 600 } .name { font-weight: 600 }
  .axis { stroke: #59636e } .grid { stroke: #d1d9e0 } .stage { fill: #eef1f4 } .stage.odd { fill: #dfe5eb }
  .line { fill: none; stroke-width: 2; stroke-linejoin: round } .limit { fill: none; stroke-width: 1.5; stroke-dasharray: 2 3 }
  .harm { stroke: #b34700 } .fine { stroke: #0067a3; stroke-dasharray: 7 3 } .limit.fine { stroke-dasharray: 2 3 } .text.harm, .text.fine { stroke: none } .text.harm { fill: #b34700 } .text.fine { fill: #0067a3 }
  .decision { stroke-width: 2 } .decision.good { stroke: #1a7f37 } .decision.bad { stroke: #b3261e } .text.good { fill: #1a7f37 } .text.bad { fill: #b3261e }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117 } .text { fill: #e6edf3 } .soft { fill: #9198a1 } .axis { stroke: #9198a1 } .grid { stroke: #30363d } .stage { fill: #161b22 } .stage.odd { fill: #21262d }
    .harm { stroke: #f0a35e } .fine { stroke: #6cb6ff } .text.harm { fill: #f0a35e } .text.fine { fill: #6cb6ff }
    .decision.good { stroke: #57ab5a } .decision.bad { stroke: #f47067 } .text.good { fill: #57ab5a } .text.bad { fill: #f47067 }
  }`;

/** The picture as a document of its own: nothing is loaded from elsewhere, and it says in words what it shows. */
export function svgOf(chart: Chart): string {
  const { title, description, panels, stages, decision } = chart;
  const height = TOP + panels.length * (PANEL + GAP) + BOTTOM - GAP;
  const x = scaleUtc([chart.from, chart.to], [LEFT, WIDTH - RIGHT]).clamp(true);
  const bottom = height - BOTTOM;
  const body = [
    `<rect class="ground" width="${WIDTH}" height="${height}"/>`,
    text(LEFT, 24, 'text head', title),
    ...stages.map(({ label, at }, i) => {
      const [from, to] = [x(at), x(stages[i + 1]?.at ?? decision?.at ?? chart.to)];
      return `<rect class="stage${i % 2 === 1 ? ' odd' : ''}" x="${n(from)}" y="${TOP}" width="${n(Math.max(0, to - from))}" height="${bottom - TOP}"/>${to - from > 7 * label.length ? text(from + 4, TOP - 6, 'text soft', label) : ''}`;
    }),
    ...panels.map((panel, i) => panelOf(panel, TOP + i * (PANEL + GAP), x)),
    ...x.ticks(6).map((at) => `<line class="axis" x1="${n(x(at))}" x2="${n(x(at))}" y1="${bottom}" y2="${bottom + 5}"/>${text(x(at), bottom + 20, 'text soft', x.tickFormat(6, '%H:%M:%S')(at), 'middle')}`),
    ...(decision === null ? [] : [`<line class="decision ${decision.kind}" x1="${n(x(decision.at))}" x2="${n(x(decision.at))}" y1="${TOP - 16}" y2="${bottom}"/>${text(Math.min(x(decision.at), WIDTH - RIGHT) - 4, TOP - 20, `text ${decision.kind}`, decision.label, 'end')}`]),
    text(WIDTH - RIGHT, height - 4, 'text soft', 'UTC', 'end'),
  ];
  return `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title description">
<title id="title">${escaped(title)}</title>
<desc id="description">${escaped(description)}</desc>
<style>${STYLE}
</style>
${body.join('\n')}
</svg>
`;
}

function panelOf({ name, lines }: ChartPanel, top: number, x: (at: Date) => number): string {
  const values = lines.flatMap(({ points, threshold }) => [...points.flatMap(({ logE }) => (logE === null ? [] : [logE])), ...(threshold === null ? [] : [1.15 * threshold])]);
  const y = scaleLinear([Math.max(LOWEST, Math.min(0, ...values)), Math.min(HIGHEST, Math.max(1, ...values))], [top + PANEL, top]).clamp(true);
  const [low = 0, high = 1] = y.domain();
  const most = Math.floor(high / Math.LN10);
  const step = DECADES.find((decades) => most / decades <= 4) ?? 12;
  const ticks = Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step);
  const path = line<{ readonly at: Date; readonly logE: number | null }>(({ at }) => x(at), ({ logE }) => y(logE ?? 0)).defined(({ logE }) => logE !== null).curve(curveStepAfter).digits(1);
  return [
    ...ticks.map((power) => `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${n(y(power * Math.LN10))}" y2="${n(y(power * Math.LN10))}"/>${text(LEFT - 8, y(power * Math.LN10) + 4, 'text soft', `${power < 4 ? String(10 ** power) : `10^${power}`} : 1`, 'end')}`),
    `<line class="axis" x1="${LEFT}" x2="${LEFT}" y1="${n(y(low))}" y2="${top}"/>`,
    text(8, top - 8, 'text name', name.length > 13 ? `${name.slice(0, 12)}…` : name),
    ...lines.map(({ name: what, kind, threshold, points }, i) => [
      threshold === null ? '' : `<line class="limit ${kind}" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${n(y(threshold))}" y2="${n(y(threshold))}"/>`,
      `<path class="line ${kind}" d="${path(points) ?? ''}"><title>${escaped(`${name}: ${what}`)}</title></path>`,
      text(LEFT + 6, top + 14 + 16 * i, `text ${kind}`, what),
    ].join('')),
  ].join('\n');
}

const n = (value: number): string => String(Number(value.toFixed(1)));
const text = (x: number, y: number, classes: string, words: string, anchor = 'start'): string => `<text class="${classes}" x="${n(x)}" y="${n(y)}"${anchor === 'start' ? '' : ` text-anchor="${anchor}"`}>${escaped(words)}</text>`;
