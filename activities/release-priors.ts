/** What is known of stable when a release opens: from former releases in its environment, and from what the models of both arms cost. */
import type { KnownValues } from '../core/gate/index.js';
import type { BundleDigest } from '../core/ids.js';
import { costCapOf } from '../core/release/index.js';
import type { MetricPlan } from '../core/release/index.js';
import type { ArmTotals, NewRelease } from '../store/index.js';
import type { ActivityDeps } from './deps.js';

/** Units from which a former release's values say more than the default. */
const PRIOR_UNITS_MIN = 200;
const FORMER_RELEASES = 10;
/** How far back a mean says what a call costs today. */
const COSTS_MS = 7 * 86_400_000;

export type Priors = Readonly<Record<string, KnownValues>>;

/**
 * By metric name. A rate has its mean, smoothed by half a unit; a score, kept as badness, and a mean have their spread as well; a cost has the
 * cap that binds its release. What nothing is known of is left out.
 */
export async function priorsOf({ releases, blocks, bundles, environments }: Pick<ActivityDeps, 'releases' | 'blocks' | 'bundles' | 'environments'>, release: NewRelease, stable: BundleDigest): Promise<Priors> {
  const { application, environment, candidate, policy: { plan: { metrics } } } = release;
  const { items } = await releases.list({ application, environment }, { first: FORMER_RELEASES });
  const priors: Record<string, KnownValues> = {};
  const costs = metrics.find(({ from, cap }) => from === 'cost' && cap === undefined);
  const sinceMs = costs === undefined ? 0 : (await environments.now()).getTime() - COSTS_MS;
  let stableMeanUsd: number | null = null;
  // By the arm that today's stable was; the newest that says enough.
  for (const former of items) {
    if (former._id === release._id || former.stage === null || (former.candidate !== stable && former.baseline !== stable)) continue;
    const totals = await blocks.totals(application, former._id);
    for (const before of former.policy.plan.metrics) {
      const today = metrics.find((one) => one.name === before.name && one.from === before.from && one.kind === before.kind && one.objectiveMs === before.objectiveMs);
      const counts = totals.find(({ metric }) => metric === before.name)?.[former.candidate === stable ? 'candidate' : 'stable'];
      if (today === undefined || counts === undefined || counts.n < PRIOR_UNITS_MIN) continue;
      priors[today.name] ??= valuesOf(today, counts);
      if (today === costs && former.createdAt.getTime() >= sinceMs) stableMeanUsd ??= counts.sum / counts.n;
    }
  }
  if (costs !== undefined) {
    const models = await Promise.all([stable, candidate].map(async (digest) => {
      const model = (await bundles.content(application, digest))?.model;
      return { maxTokens: model?.parameters.maxTokens ?? null, priceUsdPerMTok: model?.priceUsdPerMTok ?? null };
    }));
    priors[costs.name] = { ...priors[costs.name], cap: costCapOf({ stableMeanUsd, models }) };
  }
  return priors;
}

function valuesOf({ kind }: MetricPlan, { n, k, sum, sumsq }: ArmTotals): KnownValues {
  if (kind === 'rate') return { mean: (k + 0.5) / (n + 1) };
  const mean = sum / n;
  return { mean, variance: Math.max(0, (sumsq - n * mean * mean) / (n - 1)) };
}
