/** K1: a judge in the style of Kayenta, from its source: a point a minute in each arm, Mann and Whitney's 98 % interval of the shift, tolerance 0.25. */
import { normalQuantile } from '../../core/stats/index.js';
import type { Random } from '../../core/stats/index.js';
import { binomialSampler, costLaw, histogramSampler } from './draw.js';
import { meanFigure, shareFigure } from './figures.js';
import type { StatFigure } from './figures.js';
import { NEVER, countBy } from './rows.js';
import type { Row } from './rows.js';

const MINUTES = 300;
const POINTS_LEAST = 50;
const EVERY = 10;
const TOLERANCE = 0.25;

/** Whether the lower end of the interval of the shift lies above the tolerated part of the shift itself. */
function isHigh(stable: readonly number[], candidate: readonly number[]): boolean {
  const count = stable.length * candidate.length;
  const differences = new Float64Array(count);
  let at = 0;
  for (const b of candidate) for (const a of stable) { differences[at] = b - a; at += 1; }
  differences.sort();
  const spread = normalQuantile(0.99) * Math.sqrt(count * (stable.length + candidate.length + 1) / 12);
  const lower = differences[Math.max(0, Math.floor(count / 2 - spread))] ?? 0;
  const shift = ((differences[Math.floor((count - 1) / 2)] ?? 0) + (differences[Math.floor(count / 2)] ?? 0)) / 2;
  return lower > TOLERANCE * Math.abs(shift);
}

type Point = (random: Random) => number;

/** The minute at which it is taken back. */
function judged(random: Random, stable: Point, candidate: Point): number {
  const [a, b]: number[][] = [[], []];
  for (let minute = 1; minute <= MINUTES; minute += 1) {
    a?.push(stable(random));
    b?.push(candidate(random));
    if (minute >= POINTS_LEAST && minute % EVERY === 0 && isHigh(a ?? [], b ?? [])) return minute;
  }
  return NEVER;
}

const rate = (p: number, requests: number): Point => { const draw = binomialSampler(p); return (random) => draw(random, requests) / requests; };
const meanCost = (factor: number, requests: number): Point => {
  const draw = histogramSampler(costLaw(factor, 1, 20));
  return (random) => draw(random, requests).reduce((sum, [value, count]) => sum + value * count, 0) / requests;
};

const SCENES: readonly { readonly name: string; readonly requests: number; readonly make: () => readonly [Point, Point] }[] = [
  { name: 'identical arms, 1 % bad, 10 requests a minute', requests: 10, make: () => [rate(0.01, 10), rate(0.01, 10)] },
  { name: 'identical arms, 1 % bad, 100 a minute', requests: 100, make: () => [rate(0.01, 100), rate(0.01, 100)] },
  { name: '1 → 3 % bad, 10 a minute', requests: 10, make: () => [rate(0.01, 10), rate(0.03, 10)] },
  { name: '1 → 3 % bad, 100 a minute', requests: 100, make: () => [rate(0.01, 100), rate(0.03, 100)] },
  { name: '0.1 → 0.5 % bad, 100 a minute', requests: 100, make: () => [rate(0.001, 100), rate(0.005, 100)] },
  { name: 'cost + 20 %, 10 a minute', requests: 10, make: () => [meanCost(1, 10), meanCost(1.2, 10)] },
];

export const KAYENTA_ROWS: readonly Row[] = [{
  id: 'K1', number: 80, title: 'Kayenta style: a point a minute, judged every ten minutes from 50 points on, five hours', replicates: { quick: 0, full: 300 },
  columns: SCENES.map(({ name }) => name),
  prepare: () => { const made = SCENES.map(({ make }) => make()); return (_replicate, random) => made.map(([stable, candidate]) => judged(random, stable, candidate)); },
  judge: ({ column, count }) => SCENES.flatMap(({ name, requests }): StatFigure[] => {
    const minutes = column(name).filter((minute) => minute !== NEVER);
    return [
      shareFigure({ row: 'K1', metric: `taken back within five hours: ${name}` }, countBy(column(name)), count),
      ...(minutes.length < count / 2 ? [] : [meanFigure({ row: 'K1', metric: `mean canary requests: ${name}` }, minutes.map((minute) => minute * requests))]),
    ];
  }),
}];
