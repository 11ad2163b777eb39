import { z } from 'zod';

/** How people write quantities in `slipway.yaml`: a number and its unit, and nothing that has to be guessed. */

const MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const tenfold = (text: string, scale: number): number => Number((Number(text) * scale).toPrecision(12));   // 0.1 % is 0.001, not 0.0010000000000000000208

/** `30s`, `10m`, `2h`, `7d`, in milliseconds. */
export const duration = (secMin: number, secMax: number) => z.string({ error: 'a duration is written 30s, 10m, 2h or 7d' })
  .regex(/^[0-9]{1,6}[smhd]$/, 'a duration is written 30s, 10m, 2h or 7d')
  .transform((text) => Number(text.slice(0, -1)) * (MS[text.slice(-1)] ?? Number.NaN))
  .refine((ms) => ms >= secMin * 1_000, `at least ${secMin} s`)
  .refine((ms) => ms <= secMax * 1_000, `at most ${secMax} s`);

/** The same in whole seconds. */
export const seconds = (secMin: number, secMax: number) => duration(secMin, secMax).transform((ms) => ms / 1_000);

/** `10%`, at most two decimals, in basis points of all traffic. */
export const weight = (bpMin: number, bpMax: number) => z.string({ error: 'a weight is written 10%' })
  .regex(/^[0-9]{1,3}(\.[0-9]{1,2})?%$/, 'a weight is written 10%, with at most two decimals')
  .transform((text) => tenfold(text.slice(0, -1), 100))
  .refine((bp) => bp >= bpMin && bp <= bpMax, `between ${bpMin / 100}% and ${bpMax / 100}%`);

const PROBABILITY = 'a probability is written 0.1% or 0.001, above 0 and below 1';
const SHARE = 'a share is written 0.6 or 60%, at most 1';
const DIFFERENCE = 'a difference is written 10pp or 0.1, at most 1; a bare % could mean relative';

/** A probability: `0.1%` or `0.001`. */
export const probability = z.union([
  z.number().gt(0, PROBABILITY).lt(1, PROBABILITY),
  z.string().regex(/^[0-9]{1,2}(\.[0-9]{1,4})?%$/, PROBABILITY).transform((text) => tenfold(text.slice(0, -1), 0.01)).refine((value) => value > 0, PROBABILITY),
], { error: PROBABILITY });

/** Part of a whole: `0.6` or `60%`. */
export const share = z.union([
  z.number().min(0, SHARE).max(1, SHARE),
  z.string().regex(/^[0-9]{1,3}(\.[0-9]{1,2})?%$/, SHARE).transform((text) => tenfold(text.slice(0, -1), 0.01)).refine((value) => value <= 1, SHARE),
], { error: SHARE });

/** An absolute difference of two rates or scores: `10pp` (percentage points) or `0.1`. A bare `%` could also mean "relative" and is refused. */
export const difference = z.union([
  z.number().min(0, DIFFERENCE).max(1, DIFFERENCE),
  z.string().regex(/^[0-9]{1,3}(\.[0-9]{1,3})?pp$/, DIFFERENCE).transform((text) => tenfold(text.slice(0, -2), 0.01)).refine((value) => value <= 1, DIFFERENCE),
], { error: DIFFERENCE });

const MILLISECONDS = 'an objective is written 800ms, 4s or 1m';
/** `800ms`, `4s`, `1m`: how long a call may take, in milliseconds. */
export const objective = z.string({ error: MILLISECONDS }).regex(/^[0-9]{1,6}(ms|s|m)$/, MILLISECONDS)
  .transform((text) => Number(text.replace(/\D+$/, '')) * (text.endsWith('ms') ? 1 : MS[text.slice(-1)] ?? Number.NaN))
  .refine((ms) => ms >= 1 && ms <= 86_400_000, 'between 1ms and a day');

const LIMIT = `${DIFFERENCE}; of a mean it is written 5% (of stable's mean) or as a number`;
/** What a metric tolerates, as it is written: only its kind says which form it may have. */
export const limit = z.union([
  z.number().min(0, DIFFERENCE).max(1_000_000_000).transform((value) => ({ value, form: 'number' as const })),
  z.string().regex(/^[0-9]{1,3}(\.[0-9]{1,3})?pp$/, LIMIT).transform((text) => ({ value: tenfold(text.slice(0, -2), 0.01), form: 'points' as const })),
  z.string().regex(/^[0-9]{1,3}(\.[0-9]{1,2})?%$/, LIMIT).transform((text) => ({ value: tenfold(text.slice(0, -1), 0.01), form: 'part' as const })),
], { error: LIMIT });
export type Limit = z.output<typeof limit>;
/** What is wrong with the form of a limit; null: nothing. */
export function faultOfLimit({ value, form }: Limit, isMean: boolean): string | null {
  if (isMean) return form === 'points' ? 'a limit of a mean is written 5% (of stable\'s mean) or as a number; points are for rates and scores' : null;
  return form === 'part' || value > 1 ? DIFFERENCE : null;
}

/** `0.15 USD`. */
export const money = z.string({ error: 'money is written 0.15 USD' })
  .regex(/^[0-9]{1,9}(\.[0-9]{1,6})? USD$/, 'money is written 0.15 USD').transform((text) => Number(text.slice(0, -4)));
