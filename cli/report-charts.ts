/** Charts of an evaluation as SVG inside a page: no style of their own, nothing loaded, and each says in words what it shows. */
import { scaleLinear } from 'd3-scale';
import { clipped, plain } from './markup.js';

/** One arm's, or one evaluator's, values. */
export interface Series { readonly name: string; readonly kind: 'candidate' | 'baseline' | 'difference'; readonly values: readonly number[] }

const WIDTH = 460;
const HEIGHT = 170;
const LEFT = 40;
const RIGHT = 12;
const TOP = 12;
const BOTTOM = 26;
const BINS = 20;

/**
 * How often which value was seen: the series side by side in bins of the same edges.
 *
 * @param range  what the axis holds at least
 * @returns      an empty text where there is nothing to draw
 */
export function histogram(title: string, series: readonly Series[], format: (value: number) => string, range?: readonly [number, number]): string {
  const drawn = series.filter(({ values }) => values.length > 0);
  const all = drawn.flatMap(({ values }) => values).filter((value) => Number.isFinite(value));
  if (all.length === 0) return '';
  const [low, high] = all.reduce(([least, most], value) => [Math.min(least, value), Math.max(most, value)], [range?.[0] ?? Infinity, range?.[1] ?? -Infinity]);
  const x = scaleLinear([low, high > low ? high : low + 1], [LEFT, WIDTH - RIGHT]).nice(BINS);
  const edges = x.ticks(BINS);
  const [from = low, second = low + 1] = edges;
  const size = second - from;
  const counts = drawn.map(({ values }) => values.reduce<number[]>((bins, value) => { const bin = Math.min(edges.length - 1, Math.max(0, Math.floor((value - from) / size + 1e-9))); bins[bin] = (bins[bin] ?? 0) + 1; return bins; }, new Array<number>(edges.length).fill(0)));
  const y = scaleLinear([0, Math.max(1, ...counts.flat())], [HEIGHT - BOTTOM, TOP]).nice(4);
  const bars = drawn.flatMap(({ name, kind }, s) => (counts[s] ?? []).flatMap((count, bin) => {
    if (count === 0) return [];
    const [left, right] = [x(from + bin * size), Math.min(WIDTH - RIGHT, x(from + (bin + 1) * size))];
    const width = Math.max(1, (right - left) / drawn.length - 1);
    return [`<rect class="bar ${kind}" x="${n(left + s * (right - left) / drawn.length)}" y="${n(y(count))}" width="${n(width)}" height="${n(y(0) - y(count))}"><title>${plain(`${name}: ${count} from ${format(from + bin * size)}`)}</title></rect>`];
  }));
  return figure(title, `${title}: ${drawn.map(({ name, values }) => `${name} ${values.length} values from ${format(Math.min(...values))} to ${format(Math.max(...values))}`).join('; ')}.`, HEIGHT, [
    ...y.ticks(4).filter(Number.isInteger).map((at) => `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${n(y(at))}" y2="${n(y(at))}"/><text class="soft" x="${LEFT - 6}" y="${n(y(at) + 4)}" text-anchor="end">${at}</text>`),
    ...bars, ...x.ticks(5).map((at) => `<text class="soft" x="${n(x(at))}" y="${HEIGHT - 8}" text-anchor="middle">${plain(format(at))}</text>`),
  ], drawn);
}

/** An estimate and its ends. */
export interface IntervalRow { readonly name: string; readonly estimate: number; readonly lower: number; readonly upper: number }
const ROW = 22;
const NAME = 150;
const ROWS_MAX = 40;

/** Rows with an interval each, against 0. */
export function intervals(title: string, rows: readonly IntervalRow[], format: (value: number) => string): string {
  const drawn = rows.slice(0, ROWS_MAX);
  if (drawn.length === 0) return '';
  const height = TOP + drawn.length * ROW + BOTTOM;
  const x = scaleLinear([Math.min(0, ...drawn.map(({ lower }) => lower)), Math.max(0, ...drawn.map(({ upper }) => upper))], [NAME, WIDTH - RIGHT]).nice(5);
  return figure(title, `${title}: ${drawn.map(({ name, estimate, lower, upper }) => `${name} ${format(estimate)} from ${format(lower)} to ${format(upper)}`).join('; ')}.`, height, [
    ...x.ticks(5).map((at) => `<line class="grid" x1="${n(x(at))}" x2="${n(x(at))}" y1="${TOP}" y2="${height - BOTTOM}"/><text class="soft" x="${n(x(at))}" y="${height - 8}" text-anchor="middle">${plain(format(at))}</text>`),
    `<line class="axis" x1="${n(x(0))}" x2="${n(x(0))}" y1="${TOP}" y2="${height - BOTTOM}"/>`,
    ...drawn.flatMap(({ name, estimate, lower, upper }, i) => {
      const at = TOP + (i + 0.5) * ROW;
      const kind = upper < 0 ? 'bad' : lower > 0 ? 'good' : 'open';
      return [`<text x="${NAME - 8}" y="${n(at + 4)}" text-anchor="end">${plain(clipped(name, 22).replace(/ \(\d+ more characters\)$/, ''))}</text>`,
        `<line class="range ${kind}" x1="${n(x(lower))}" x2="${n(x(upper))}" y1="${n(at)}" y2="${n(at)}"/><circle class="point ${kind}" cx="${n(x(estimate))}" cy="${n(at)}" r="4"><title>${plain(`${name}: ${format(estimate)}`)}</title></circle>`];
    }),
  ], []);
}

function figure(title: string, words: string, height: number, body: readonly string[], legend: readonly Series[]): string {
  const keys = legend.length < 2 ? '' : ` ${legend.map(({ name, kind }) => `<span class="key ${kind}">${plain(name)}</span>`).join(' ')}`;
  return `<figure><figcaption>${plain(title)}${keys}</figcaption><svg viewBox="0 0 ${WIDTH} ${n(height)}" role="img" aria-label="${plain(clipped(words, 2_000))}">${body.join('')}</svg></figure>`;
}
const n = (value: number): string => String(Number(value.toFixed(1)));
