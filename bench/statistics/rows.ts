/** The rows of the table, and what runs one. */
import type { Random } from '../../core/stats/index.js';
import type { StatFigure } from './figures.js';

export type Mode = 'quick' | 'full';

/** Columns of outcomes, one place a replicate. */
export interface Outcomes { readonly count: number; readonly column: (name: string) => readonly number[] }

export interface Row {
  /** its id in the table; its number seeds its streams, so it never changes */
  readonly id: string;
  readonly number: number;
  readonly title: string;
  /** 0 = not run in this mode */
  readonly replicates: Readonly<Record<Mode, number>>;
  readonly columns: readonly string[];
  /** What one replicate comes out as, in the order of the columns. Prepared once a worker. */
  readonly prepare: (mode: Mode) => (replicate: number, random: Random) => readonly number[];
  readonly judge: (outcomes: Outcomes, mode: Mode) => readonly StatFigure[];
}

/** Never happened, in a column of looks. */
export const NEVER = -1;

/** How many of these looks came, at all or by a certain look. */
export const countBy = (looks: readonly number[], by = Infinity): number => looks.reduce((sum, look) => look !== NEVER && look <= by ? sum + 1 : sum, 0);
