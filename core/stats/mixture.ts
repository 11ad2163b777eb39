/**
 * Mixtures of e-processes over alternatives, statistics.md 2.1 (8) and, over start times, 2.2 (9).
 * State is plain JSON: it can be written down after any block and continued from there, bit for bit.
 */
import { logAddExp, logSumExp } from './special.js';

/** The mass of the copy that is born first; `null` = one plain product without restarts. */
export type Restart = { readonly v0: number } | null;

/** The e-processes of all components. `births` counts the copies of (9); with none yet, or in a plain product, it is 0. */
export interface Mixture {
  /** log R_k of (9), or the summed log factors of (8); no meaning before the first birth */
  readonly logs: readonly number[];
  readonly births: number;
}

/** All components at the start. A restart mixture needs its first `bear` before it can gather anything. */
export const startMixture = (components: number): Mixture => ({ logs: Array.from({ length: components }, () => 0), births: 0 });

/**
 * One more copy starts now in every component, before the next block is consumed. The e-value does not change by it: the mass
 * comes from what had not been given away. A plain product has no copies and stays as it is.
 */
export function bear(mixture: Mixture, restart: Restart): Mixture {
  if (restart === null) return mixture;
  const s = mixture.births;
  if (s === 0) return { logs: mixture.logs.map(() => Math.log(restart.v0)), births: 1 };
  const logMass = Math.log((1 - restart.v0) / (s * (s + 1)));
  return { logs: mixture.logs.map((log) => logAddExp(log, logMass)), births: s + 1 };
}

/**
 * Takes in one block.
 *
 * @param logFactors one per component, in the component's order
 * @throws RangeError when there are more or fewer: the caller's bug
 */
export function stepMixture(mixture: Mixture, logFactors: readonly number[], restart: Restart): Mixture {
  if (logFactors.length !== mixture.logs.length) throw new RangeError(`${mixture.logs.length} components, ${logFactors.length} factors`);
  if (restart !== null && mixture.births === 0) return mixture;
  return { logs: mixture.logs.map((log, k) => log + (logFactors[k] ?? 0)), births: mixture.births };
}

/** log E: (8) for a plain product, (9) for a restart mixture, where what has not been given to a copy stays at 1. */
export function mixtureLogE(mixture: Mixture, restart: Restart): number {
  if (restart === null) return logSumExp(mixture.logs) - Math.log(mixture.logs.length) + 0;
  if (mixture.births === 0) return 0;
  return logAddExp(logSumExp(mixture.logs) - Math.log(mixture.logs.length), Math.log((1 - restart.v0) / mixture.births));
}
