import { NotFoundError, SlipwayError } from '../core/errors.js';
import type { Client } from './client.js';
import { argument, wanted, type Context, type Typed } from './context.js';
import { EXIT } from './exit.js';
import type { Output } from './output.js';
import { percentOfBp } from './release-view.js';

/** What a release will take, as the commands read it. */
export interface ForecastView {
  readonly policy: { readonly name: string; readonly version: number };
  readonly traffic: { readonly unitsPerSec: number | null; readonly release: string | null; readonly since: string | null; readonly until: string | null; readonly firm: boolean }; readonly canary: boolean;
  readonly stages: readonly { readonly weightBp: number; readonly durationMinSec: number; readonly durationMaxSec: number; readonly sec: number | null; readonly units: number | null; readonly candidateUnits: number | null }[];
  readonly unitsAtLastWeight: number | null; readonly unitsToBake: number | null; readonly secToBake: number | null; readonly secToPromoted: number | null;
  readonly rollbacks: readonly { readonly metric: string; readonly base: number; readonly doubled: number; readonly units: number; readonly candidateUnits: number; readonly badResponses: number; readonly sec: number | null }[];
  readonly metrics: readonly { readonly metric: string; readonly role: string; readonly kind: 'RATE' | 'SCORE' | 'MEAN'; readonly base: number | null; readonly assumed: number; readonly smallestEffect: number | null }[];
  readonly evaluation: EvaluationForecast; readonly faults: readonly string[];
}
export interface EvaluationForecast {
  readonly dataset: string; readonly items: number;
  readonly evaluators: readonly { readonly evaluator: string; readonly margin: number; readonly sd: number; readonly measured: boolean; readonly cases: number; readonly casesIdentical: number }[];
}

const EVALUATION = '{ dataset items evaluators { evaluator margin sd measured cases casesIdentical } }';
const FIELDS = `{ policy { name version } traffic { unitsPerSec release since until firm } canary stages { weightBp durationMinSec durationMaxSec sec units candidateUnits }
  unitsAtLastWeight unitsToBake secToBake secToPromoted rollbacks { metric base doubled units candidateUnits badResponses sec } metrics { metric role kind base assumed smallestEffect } evaluation ${EVALUATION} faults }`;
const query = (fields: string): string => `query($application: ID!, $environment: ID!, $policy: String!) { releaseForecast(application: $application, environment: $environment, policy: $policy) ${fields} }`;

interface Asked { readonly application: string; readonly environment: string; readonly policy: string }
async function ask<T>(api: Client, fields: string, { application, environment, policy }: Asked): Promise<T | null> {
  return (await api.ask<{ releaseForecast: T | null }>(query(fields), { application, environment, policy })).releaseForecast;
}

/** `slipway release forecast APP ENV --policy P` */
export async function forecast(typed: Typed, { out, client }: Context): Promise<number> {
  const asked = { application: argument(typed, 0), environment: argument(typed, 1), policy: wanted(typed, 'policy') };
  const found = await ask<ForecastView>(await client('releaseManager'), FIELDS, asked);
  if (found === null) throw new NotFoundError('environment or policy', `${asked.application}/${asked.environment} ${asked.policy}`);
  tellForecast(asked, found, out);
  out.next(found.faults.length > 0 ? 'slipway apply -f slipway.yaml' : `slipway release start --app ${asked.application} --env ${asked.environment} --policy ${asked.policy} --prompt <name@version>`);
  return EXIT.ok.code;
}

/** The numbers before something starts. They decide nothing: where they cannot be had, what is about to start says itself what is wrong. */
export async function forewarn(api: Client, asked: Asked, out: Output): Promise<void> {
  const found = await unlessRefused(ask<ForecastView>(api, FIELDS, asked));
  if (found !== null) tellForecast(asked, found, out);
}
export async function forewarnOfCases(api: Client, asked: Asked, out: Output): Promise<void> {
  const found = await unlessRefused(ask<Pick<ForecastView, 'evaluation'>>(api, `{ evaluation ${EVALUATION} }`, asked));
  if (found === null) return;
  out.record('plan', { ...found.evaluation });
  for (const line of caseLines(found.evaluation)) out.line(line);
}
async function unlessRefused<T>(asking: Promise<T | null>): Promise<T | null> {
  try { return await asking; } catch (error) {
    if (error instanceof SlipwayError) return null;
    throw error;
  }
}

function tellForecast(asked: Asked, found: ForecastView, out: Output): void {
  out.record('forecast', { application: asked.application, environment: asked.environment, ...found });
  for (const line of forecastLines(found, out)) out.line(line);
}

const UNKNOWN = 'unknown';
/** Two digits: it is an expectation. */
const about = (value: number | null): string => (value === null ? UNKNOWN : value >= 10_000 ? String(Number(value.toPrecision(2))) : value >= 100 ? String(10 * Math.ceil(value / 10)) : String(Math.ceil(value)));
export function timeOf(sec: number | null): string {
  if (sec === null) return UNKNOWN;
  const [size, unit] = sec < 120 ? [1, 's'] : sec < 7_200 ? [60, 'min'] : sec < 172_800 ? [3_600, 'h'] : [86_400, 'd'];
  const value = sec / size;
  return `${value < 10 ? Number(value.toFixed(1)) : Math.round(value)} ${unit}`;
}
const percentage = (share: number): string => `${Number((100 * share).toPrecision(2))} %`;

export function forecastLines({ policy, traffic, canary, stages, unitsAtLastWeight, unitsToBake, secToBake, secToPromoted, rollbacks, metrics, evaluation, faults }: ForecastView, out: Pick<Output, 'paint'>): string[] {
  const arrivals = traffic.unitsPerSec === null ? `${UNKNOWN}, until a release here has had some` : `${Number(traffic.unitsPerSec.toPrecision(3))} units a second, as in release ${traffic.release ?? UNKNOWN} until ${traffic.until ?? UNKNOWN}`;
  const lines = [`Policy ${policy.name} v${policy.version}`, `  traffic       ${arrivals}`];
  if (!canary) lines.push('  canary        none: nothing is stable here yet, the floors decide');
  else {
    lines.push(`  equal         promoted after ${timeOf(secToPromoted)}: a ramp of ${timeOf(secToBake)} and ${about(unitsToBake)} units, then the bake${traffic.unitsPerSec === null ? `; at the last weight alone ${about(unitsAtLastWeight)} units` : ''}`);
    for (const stage of stages) lines.push(`  ${percentOfBp(stage.weightBp).padStart(12)}  ${timeOf(stage.sec)}, ${about(stage.candidateUnits)} of ${about(stage.units)} units served the candidate; ${timeOf(stage.durationMinSec)} at least, ${timeOf(stage.durationMaxSec)} at most`);
    for (const { metric, base, doubled, badResponses, candidateUnits, sec } of rollbacks) {
      lines.push(`  twice as bad  ${metric} ${percentage(base)} → ${percentage(doubled)}: taken back after ${about(badResponses)} bad responses in ${about(candidateUnits)} of the candidate's${sec === null ? '' : `, ${timeOf(sec)}`}`);
    }
    for (const { metric, kind, smallestEffect, base, assumed } of metrics) {
      if (smallestEffect === null && base === null) continue;
      const effect = smallestEffect === null ? UNKNOWN : kind === 'RATE' ? `${Number((100 * smallestEffect).toPrecision(2))} pp` : String(Number(smallestEffect.toPrecision(2)));
      lines.push(`  would find    ${metric} worse by ${effect}${base === null ? `, if stable has ${kind === 'RATE' ? percentage(assumed) : String(Number(assumed.toPrecision(3)))}` : ''}`);
    }
  }
  lines.push(...caseLines(evaluation).map((line) => `  ${line}`));
  for (const fault of faults) lines.push(out.paint('bad', `  cannot be     ${fault}`));
  return lines;
}

/** How many cases the margins need, and whether they are there. */
export const caseLines = ({ dataset, items, evaluators }: EvaluationForecast): string[] => evaluators.map(({ evaluator, margin, sd, measured, cases, casesIdentical }) =>
  `cases         ${evaluator} needs about ${cases} for a margin of ${margin} (spread ${Number(sd.toPrecision(2))}, ${measured ? 'as measured last' : 'assumed until it is measured'}), ${casesIdentical} when outputs are identical; ${dataset} has ${items}${items < cases ? ': too few' : ''}`);
