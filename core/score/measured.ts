import type { Answer, ScoreResult } from './types.js';

/** What answering took, against a target. 1 up to the target; with a limit it falls evenly to 0 there, without one it is 0 above the target. */
export type MeasuredSpec =
  | { readonly kind: 'latency'; readonly targetMs: number; readonly limitMs?: number }
  | { readonly kind: 'cost'; readonly targetUsd: number; readonly limitUsd?: number };

export function faultsOfMeasured(spec: MeasuredSpec): string[] {
  const { target, limit, unit } = readSpec(spec);
  if (!(target > 0 && Number.isFinite(target))) return [`target${unit} is above 0, not ${target}`];
  return limit === undefined || (limit > target && Number.isFinite(limit)) ? [] : [`limit${unit} lies above target${unit}, and ${limit} does not`];
}

/** An unknown price or duration is an error: it is neither free nor instant. */
export function scoreMeasured(spec: MeasuredSpec, answer: Answer): ScoreResult {
  const { target, limit, unit } = readSpec(spec);
  const measured = spec.kind === 'latency' ? answer.durationMs : answer.costUsd;
  if (typeof measured !== 'number' || !(measured >= 0)) return { error: spec.kind === 'latency' ? 'how long the answer took is not known' : 'what the answer cost is not known: its model has no price, or the provider reported no tokens' };
  const explanation = spec.kind === 'latency' ? `${Math.round(measured)} ms, target ${target} ms` : `${Number(measured.toPrecision(4))} USD, target ${target} USD`;
  if (measured <= target) return { value: 1, label: 'pass', explanation };
  if (limit === undefined || measured >= limit) return { value: 0, label: 'fail', explanation: limit === undefined ? explanation : `${explanation}, limit ${limit} ${unit === 'Ms' ? 'ms' : 'USD'}` };
  return { value: (limit - measured) / (limit - target), explanation };
}

const readSpec = (spec: MeasuredSpec): { readonly target: number; readonly limit: number | undefined; readonly unit: 'Ms' | 'Usd' } =>
  (spec.kind === 'latency' ? { target: spec.targetMs, limit: spec.limitMs, unit: 'Ms' } : { target: spec.targetUsd, limit: spec.limitUsd, unit: 'Usd' });
