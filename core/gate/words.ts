/** Evidence in words. A logarithm is for machines; people are told how many times better one explanation fits than the other. */
import type { MetricKind, MetricPlan } from '../release/index.js';

/** Above it nothing is gained by a number. */
const ODDS_MAX_LOG = 12 * Math.LN10;

/** An e-value as odds: `1,200 : 1`, at most `more than 10^12 : 1`; below one the explanation fits worse, and that is all that is said. */
export function oddsOf(logE: number): string {
  if (!(logE <= ODDS_MAX_LOG)) return Number.isNaN(logE) ? 'unknown' : 'more than 10^12 : 1';
  const e = Math.exp(logE);
  return e < 1 ? 'less than 1 : 1' : `${grouped(Number(e.toPrecision(2)))} : 1`;
}

const grouped = (value: number): string => (value < 1_000 ? String(value) : String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ','));

/** What of a policy's metric words are made of. */
export type Named = Pick<MetricPlan, 'name' | 'kind' | 'tolerance' | 'margin'> & Partial<Pick<MetricPlan, 'relative'>>;

/** Of a rate percentage points, of a relative limit per cent of stable's mean, else the metric's own unit. */
function amountOf({ kind, relative }: Named, value: number): string {
  const number = Number((kind === 'rate' || relative === true ? 100 * value : value).toPrecision(6));
  return relative === true ? `${number} %` : kind === 'rate' ? `${number} pp` : String(number);
}

const NOUN: Readonly<Record<MetricKind, (name: string) => string>> = { rate: (name) => `${name} rate`, score: (name) => name, mean: (name) => `mean ${name}` };
const worse = ({ kind }: Named): string => (kind === 'score' ? 'lower' : 'higher');

/** What the harm test has found. */
export function harmWords(metric: Named, logE: number): string {
  const limit = metric.tolerance > 0 ? ` by more than ${amountOf(metric, metric.tolerance)}` : '';
  return said(logE, `the candidate's ${NOUN[metric.kind](metric.name)} is ${worse(metric)}${limit}`);
}

/** What the promotion test has found: that it is not worse by the margin, or, with a margin of 0, that it is better. */
export function notWorseWords(metric: Named, logE: number): string {
  const margin = metric.margin ?? 0;
  const what = margin > 0 ? `not ${worse(metric)} by ${amountOf(metric, margin)} or more` : metric.kind === 'score' ? 'higher' : 'lower';
  return said(logE, `the candidate's ${NOUN[metric.kind](metric.name)} is ${what}`);
}

/** What the assignment's test has found. */
export const assignmentWords = (logE: number): string => said(logE, "the arms' shares are not those of the plan");

const said = (logE: number, what: string): string => (logE > 0 || Number.isNaN(logE) ? `${oddsOf(logE)} that ${what}` : `No evidence that ${what}.`);
