/**
 * How far a judge can be trusted, statistics.md 2.11: agreement with people beyond chance, and what a judge's known errors do to a rate.
 */
import { needCount, needInside, needRange } from './needs.js';
import { normalQuantile } from './special.js';

/** Counts of cases: rows are what people said, columns what the judge said, the same categories in the same order. */
export type Confusion = readonly (readonly number[])[];

export interface Agreement {
  readonly n: number;
  /** observed agreement, and that of chance */
  readonly po: number;
  readonly pe: number;
  readonly value: number;
  readonly se: number;
  /** ends of the interval; never narrower than Wilson's for the observed agreement, so that few cases without an error prove little */
  readonly low: number;
  readonly high: number;
}

/** How much two categories agree: 1 on the diagonal; 0 elsewhere where the categories have no order. */
export type AgreementWeights = 'none' | 'linear' | 'quadratic';

/**
 * Cohen's kappa, weighted where the categories are ordered.
 *
 * @throws RangeError on a table that is not square, or has no case, or where chance alone agrees on everything: kappa has no meaning then
 */
export function kappa(table: Confusion, weights: AgreementWeights = 'none', alpha = 0.05): Agreement {
  const { n, size, shares, rows, columns } = readTable(table);
  const weightOf = (i: number, j: number): number => {
    if (weights === 'none') return i === j ? 1 : 0;
    const distance = Math.abs(i - j) / (size - 1);
    return 1 - (weights === 'linear' ? distance : distance * distance);
  };
  let po = 0;
  let squares = 0;
  let pe = 0;
  shares.forEach((row, i) => row.forEach((share, j) => {
    const weight = weightOf(i, j);
    po += weight * share;
    squares += weight * weight * share;
    pe += weight * (rows[i] ?? 0) * (columns[j] ?? 0);
  }));
  return agreement(n, po, pe, Math.max(0, squares - po * po), alpha);
}

/** Gwet's AC1: beside kappa where one category is rare and kappa falls although both agree on nearly everything. */
export function gwetAc1(table: Confusion, alpha = 0.05): Agreement {
  const { n, size, shares, rows, columns } = readTable(table);
  let po = 0;
  let pe = 0;
  shares.forEach((row, i) => {
    const share = ((rows[i] ?? 0) + (columns[i] ?? 0)) / 2;
    po += row[i] ?? 0;
    pe += share * (1 - share) / (size - 1);
  });
  return agreement(n, po, pe, po * (1 - po), alpha);
}

function agreement(n: number, po: number, pe: number, variance: number, alpha: number): Agreement {
  needInside('alpha', alpha);
  if (pe >= 1) throw new RangeError('table has one category only: agreement beyond chance has no meaning');
  const z = normalQuantile(1 - alpha / 2);
  const se = Math.sqrt(variance / n) / (1 - pe);
  const value = (po - pe) / (1 - pe);
  const centre = (po + z * z / (2 * n)) / (1 + z * z / n);
  const reach = z * Math.sqrt(po * (1 - po) / n + z * z / (4 * n * n)) / (1 + z * z / n);
  return {
    n, po, pe, value, se,
    low: Math.min(value - z * se, (centre - reach - pe) / (1 - pe)),
    high: Math.min(1, Math.max(value + z * se, (centre + reach - pe) / (1 - pe))),
  };
}

function readTable(table: Confusion): { n: number; size: number; shares: readonly (readonly number[])[]; rows: readonly number[]; columns: readonly number[] } {
  const size = table.length;
  if (size < 2) throw new RangeError(`table must have at least two categories, not ${size}`);
  let n = 0;
  table.forEach((row, i) => {
    if (row.length !== size) throw new RangeError(`table[${i}] must have ${size} columns, not ${row.length}`);
    row.forEach((count, j) => { needCount(`table[${i}][${j}]`, count); n += count; });
  });
  if (n === 0) throw new RangeError('table must hold at least one case');
  const shares = table.map((row) => row.map((count) => count / n));
  const rows = shares.map((row) => row.reduce((sum, share) => sum + share, 0));
  const columns = shares.map((_, j) => shares.reduce((sum, row) => sum + (row[j] ?? 0), 0));
  return { n, size, shares, rows, columns };
}

/** From this lower end of kappa on a judge may take a release back, and may promote one. */
export const JUDGE_MAY_ROLL_BACK = 0.4;
export const JUDGE_MAY_PROMOTE = 0.6;

/** What a judge of this agreement may decide; where neither holds its metric is `observe`. */
export const judgeMay = ({ low }: Agreement): { readonly rollBack: boolean; readonly promote: boolean } =>
  ({ rollBack: low >= JUDGE_MAY_ROLL_BACK, promote: low >= JUDGE_MAY_PROMOTE });

/**
 * The true share of good answers behind a binary judge's share, by Rogan and Gladen.
 *
 * @param observed     share that the judge calls good
 * @param sensitivity  share of the good that it calls good, and
 * @param specificity  share of the bad that it calls bad; together above 1, or the judge says nothing
 */
export function roganGladen(observed: number, sensitivity: number, specificity: number): number {
  needRange('observed', observed, 0, 1);
  needRange('sensitivity', sensitivity, 0, 1);
  needRange('specificity', specificity, 0, 1);
  const reach = sensitivity + specificity - 1;
  if (!(reach > 0)) throw new RangeError(`sensitivity and specificity must sum to more than 1, not ${sensitivity + specificity}`);
  return Math.min(1, Math.max(0, (observed + specificity - 1) / reach));
}

/** Who won a pair that was shown in both orders: the answer in first or in second place. */
export type Winner = 'first' | 'second' | 'tie';
export interface SwappedPair { readonly candidateFirst: Winner; readonly candidateSecond: Winner }

export interface PositionBias {
  readonly n: number;
  /** share of pairs with the same verdict in both orders */
  readonly consistency: number;
  /** how much more often than half of the time the first place wins, of showings that had a winner; 0 where none had */
  readonly bias: number;
  /** mean score of the candidate: 1 won, 0 lost, ½ a tie or a pair whose orders disagree */
  readonly score: number;
}

/** What a judge does when the two answers change places. */
export function positionBias(pairs: readonly SwappedPair[]): PositionBias {
  if (pairs.length === 0) throw new RangeError('pairs must hold at least one');
  let consistent = 0;
  let score = 0;
  let firsts = 0;
  let won = 0;
  for (const { candidateFirst, candidateSecond } of pairs) {
    const one = candidateFirst === 'tie' ? 0.5 : candidateFirst === 'first' ? 1 : 0;
    const two = candidateSecond === 'tie' ? 0.5 : candidateSecond === 'second' ? 1 : 0;
    if (one === two) { consistent += 1; score += one; } else score += 0.5;
    for (const winner of [candidateFirst, candidateSecond]) {
      if (winner === 'tie') continue;
      won += 1;
      if (winner === 'first') firsts += 1;
    }
  }
  return { n: pairs.length, consistency: consistent / pairs.length, bias: won === 0 ? 0 : firsts / won - 0.5, score: score / pairs.length };
}
