/**
 * Rules that others use, from their documentation or source; nothing of theirs is run. Each is told every block and says whether it rolls back.
 * Kayenta has a row of its own.
 */
import { logFactor, logPhi, normalQuantile } from '../../core/stats/index.js';
import type { ArmCounts } from '../../core/stats/index.js';

export interface Rule { readonly step: (block: ArmCounts) => boolean }
export interface RuleSetting { readonly base: number; readonly weight: number; readonly alpha: number }

/** Argo Rollouts: every fifth look the canary's rate over the last five is measured; more than twice the base fails; the fourth failure ends it. */
export function argo({ base }: RuleSetting): Rule {
  let [look, n, k, failures] = [0, 0, 0, 0];
  return {
    step({ candidate }) {
      look += 1; n += candidate.n; k += candidate.k;
      if (look % 5 !== 0) return false;
      if (n > 0 && k / n > 2 * base) failures += 1;
      n = 0; k = 0;
      return failures >= 4;
    },
  };
}

/** Flagger: every look; more than twice the base fails; the tenth failure ends it. */
export function flagger({ base }: RuleSetting): Rule {
  let failures = 0;
  return { step({ candidate: { n, k } }) { if (n > 0 && k / n > 2 * base) failures += 1; return failures >= 10; } };
}

/** Both arms' totals, from 100 canary requests and 5 events on; `null` before. */
function pooled(): (block: ArmCounts) => { readonly difference: number; readonly variance: number } | null {
  let [na, ka, nb, kb] = [0, 0, 0, 0];
  return ({ stable, candidate }) => {
    na += stable.n; ka += stable.k; nb += candidate.n; kb += candidate.k;
    if (nb < 100 || na === 0 || ka + kb < 5) return null;
    const p = (ka + kb) / (na + nb);
    return { difference: kb / nb - ka / na, variance: p * (1 - p) * (1 / na + 1 / nb) };
  };
}

/** A one-sided z-test of the totals, repeated at every look. */
export function repeatedZ({ alpha }: RuleSetting): Rule {
  const totals = pooled();
  const critical = normalQuantile(1 - alpha);
  return { step(block) { const d = totals(block); return d !== null && d.variance > 0 && d.difference / Math.sqrt(d.variance) >= critical; } };
}

/** mSPRT with a half-normal prior of the base's width, on the totals. */
export function mSprt({ base, alpha }: RuleSetting): Rule {
  const totals = pooled();
  const threshold = -Math.log(alpha);
  return {
    step(block) {
      const d = totals(block);
      if (d === null || d.variance === 0) return false;
      const shrink = 1 + base * base / d.variance;
      const m = base * d.difference / d.variance / Math.sqrt(shrink);
      return Math.LN2 - 0.5 * Math.log(shrink) + m * m / 2 + logPhi(m) >= threshold;
    },
  };
}

/** The z that Statsig's formula asks for: its prior is a multiple of the running variance, so it is one number for all times. */
export function statsigCriticalZ(weight: number, alpha: number): number {
  const ratio = 2 * normalQuantile(1 - alpha / 2) ** 2 * weight * (1 - weight);
  return Math.sqrt(2 * (1 + ratio) / ratio * (Math.log(2 / alpha) + 0.5 * Math.log1p(ratio)));
}

export function statsig({ weight, alpha }: RuleSetting): Rule {
  const totals = pooled();
  const critical = statsigCriticalZ(weight, alpha);
  return { step(block) { const d = totals(block); return d !== null && d.variance > 0 && d.difference / Math.sqrt(d.variance) >= critical; } };
}

/** The two-sample factor with independent Beta(0.18, 0.18) plug-ins: valid, and slower than a mixture. */
export function plugIn({ alpha }: RuleSetting): Rule {
  let [na, ka, nb, kb, log] = [0, 0, 0, 0, 0];
  const threshold = -Math.log(alpha);
  return {
    step(block) {
      const [a, b] = [(ka + 0.18) / (na + 0.36), (kb + 0.18) / (nb + 0.36)];
      if (b > a) log += logFactor(block, { a, b }, 1, 0);
      na += block.stable.n; ka += block.stable.k; nb += block.candidate.n; kb += block.candidate.k;
      return log >= threshold;
    },
  };
}

/** Those of every run, and those of full runs only; the order is that of the columns. */
export const RULES = { argo, flagger, repeatedZ, mSprt } as const;
export const SLOW_RULES = { statsig, plugIn } as const;
export const RULE_NAMES: Readonly<Record<keyof typeof RULES | keyof typeof SLOW_RULES, string>> = {
  argo: 'Argo style', flagger: 'Flagger style', repeatedZ: 'repeated z', mSprt: 'mSPRT, half-normal', statsig: 'Statsig formula', plugIn: 'Beta(.18) plug-in',
};
export type RuleName = keyof typeof RULE_NAMES;
export const ruleOf = (name: RuleName): ((setting: RuleSetting) => Rule) => ({ ...RULES, ...SLOW_RULES })[name];
export const rulesOf = (mode: 'quick' | 'full'): readonly RuleName[] => Object.keys(mode === 'full' ? { ...RULES, ...SLOW_RULES } : RULES) as RuleName[];
