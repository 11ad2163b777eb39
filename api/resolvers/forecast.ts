import { BadInputError } from '../../core/errors.js';
import { faultsOfForecast, forecastOf, gatePlanOf, plannedCases, smallestEffectsOf } from '../../core/gate/index.js';
import type { GatePlan, KnownValues, TrafficPlan } from '../../core/gate/index.js';
import { asMeant } from '../../core/release/index.js';
import type { RolloutPolicy } from '../../core/release/index.js';
import type { ApplicationDoc, EnvironmentDoc } from '../../store/index.js';
import type { Context } from '../context.js';
import type { QueryResolvers, Traffic } from '../generated.js';
import { environmentOf } from './environment.js';
import { spreadsOf } from './policy-dataset.js';
import { pinsOf } from './release-pins.js';
import type { Pins } from './release-pins.js';
import { knownOf, trafficOf } from './traffic.js';

/** All a forecast is made of. */
interface Known { readonly traffic: Traffic; readonly values: Readonly<Record<string, KnownValues>>; readonly gate: GatePlan; readonly plan: TrafficPlan; readonly hasCanary: boolean }

async function knownBy({ deps }: Context, application: string, environment: string, policy: RolloutPolicy, served: EnvironmentDoc | null): Promise<Known> {
  const stable = served?.split?.stable;
  const [traffic, values] = await Promise.all([trafficOf(deps, application, environment), stable === undefined ? {} : knownOf(deps, application, environment, policy, stable)]);
  return {
    traffic, values, gate: gatePlanOf(policy, values), hasCanary: stable !== undefined,
    plan: { unitsPerSec: traffic.unitsPerSec, stages: policy.stages.map(({ weightBp, durationMinSec, durationMaxSec }) => ({ weightBp, minMs: durationMinSec * 1_000, maxMs: durationMaxSec * 1_000 })) },
  };
}

/** Where better is asked for, equal arms are never promoted: how long it takes is a matter of how much better the candidate is. */
const faultsIn = (policy: RolloutPolicy, { gate, plan, hasCanary }: Known): readonly string[] => (!hasCanary || asMeant(policy).aim === 'better' ? [] : faultsOfForecast(gate, plan));

const HINT = 'Widen the margins, the error budget or the maxima and put the policy again. The numbers: slipway release forecast <app> <env> --policy <policy>.';

/** @throws BadInputError with the numbers, where the environment's traffic is known well enough and cannot show the policy within its maxima */
export async function assertCanBeShown(context: Context, { policy }: Pins, served: EnvironmentDoc | null): Promise<void> {
  if (served === null) return;
  const known = await knownBy(context, served.application, served.name, policy.policy, served);
  const faults = known.traffic.firm ? faultsIn(policy.policy, known) : [];
  if (faults.length > 0) throw new BadInputError(`Policy ${policy.name} cannot be shown at the traffic of ${served._id}: ${faults.join('; ')}.`, HINT);
}

/** A policy belongs to no environment: it is refused where each whose traffic is known says so. The busiest one's numbers are told. */
export async function faultsAtTraffic(context: Context, { _id, environments }: ApplicationDoc, policy: RolloutPolicy): Promise<readonly string[]> {
  const judged = await Promise.all(environments.map(async ({ name }) => {
    const served = await context.deps.environments.find(_id, name);
    if (served?.split == null) return null;
    const known = await knownBy(context, _id, name, policy, served);
    return known.traffic.firm ? { perSec: known.traffic.unitsPerSec ?? 0, faults: faultsIn(policy, known).map((fault) => `At the traffic of ${served._id}: ${fault}.`) } : null;
  }));
  const known = judged.filter((one) => one !== null).sort((a, b) => b.perSec - a.perSec);
  return known.every(({ faults }) => faults.length > 0) ? known[0]?.faults ?? [] : [];
}

const inSec = (ms: number | null): number | null => (ms === null ? null : ms / 1_000);

export const forecastQueries = {
  releaseForecast: async (_root, { application, environment, policy: name }, context) => {
    await environmentOf(context, application, environment);
    const [pins, served] = await Promise.all([pinsOf(context, application, name), context.deps.environments.find(application, environment)]);
    const { policy } = pins.policy;
    const known = await knownBy(context, application, environment, policy, served);
    const { traffic, values, gate, plan, hasCanary } = known;
    const { stages, unitsAtLastWeight, unitsToPromote, msToPromote, rollbacks } = forecastOf(gate, plan);
    const effects = smallestEffectsOf(gate, plan);
    return {
      application, environment, policy: pins.policy, traffic, canary: hasCanary, unitsAtLastWeight, unitsToBake: unitsToPromote, secToBake: inSec(msToPromote),
      secToPromoted: msToPromote === null ? null : msToPromote / 1_000 + policy.bake.durationMinSec,
      stages: policy.stages.map((stage, index) => {
        const { ms = null, units = null } = stages[index] ?? {};
        return { index, ...stage, sec: inSec(ms), units, candidateUnits: units === null ? null : units * stage.weightBp / 10_000 };
      }),
      rollbacks: rollbacks.map(({ ms, ...rollback }) => ({ ...rollback, sec: inSec(ms) })),
      metrics: policy.metrics.map(({ name: metric, role, kind }) => ({
        metric, role, kind, base: values[metric]?.mean ?? null, assumed: assumedOf(gate, metric), smallestEffect: effects.find((effect) => effect.metric === metric)?.difference ?? null,
      })),
      evaluation: await evaluationForecast(context, application, pins), faults: faultsIn(policy, known),
    };
  },
} satisfies QueryResolvers;

function assumedOf({ metrics }: GatePlan, id: string): number {
  const metric = metrics.find((one) => one.id === id);
  switch (metric?.type) {
    case 'binary': return metric.prior.p0;
    case 'histogram': case 'moments': return metric.prior.mean;
    case 'units': case undefined: return 0;
  }
}

async function evaluationForecast(context: Context, application: string, { policy: { policy }, dataset, evaluators }: Pins) {
  const spreads = await spreadsOf(context, application, policy, dataset, evaluators);
  return {
    dataset: dataset.name, items: dataset.items,
    evaluators: spreads.map(({ evaluator, margin, sd, isMeasured }) => { const { cases, identical } = plannedCases({ margin, sd }); return { evaluator, margin, sd, measured: isMeasured, cases, casesIdentical: identical }; }),
  };
}
