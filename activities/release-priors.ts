/** What is known of stable when a release opens: from former releases in its environment, and from what the models of both arms cost. */
import { knownFrom } from '../core/gate/index.js';
import type { FormerRelease, KnownValues } from '../core/gate/index.js';
import type { BundleDigest } from '../core/ids.js';
import { costCapOf } from '../core/release/index.js';
import type { NewRelease } from '../store/index.js';
import type { ActivityDeps } from './deps.js';

const FORMER_RELEASES = 10;
/** How far back a mean says what a call costs today. */
const COSTS_MS = 7 * 86_400_000;

/** By metric name. A cost has the cap that binds its release; what nothing is known of is left out. */
export async function priorsOf({ releases, blocks, bundles, environments }: Pick<ActivityDeps, 'releases' | 'blocks' | 'bundles' | 'environments'>, release: NewRelease, stable: BundleDigest): Promise<Readonly<Record<string, KnownValues>>> {
  const { application, environment, candidate, policy: { plan: { metrics } } } = release;
  const { items } = await releases.list({ application, environment }, { first: FORMER_RELEASES });
  const served = items.filter((one) => one._id !== release._id && one.stage !== null && (one.candidate === stable || one.baseline === stable));
  const formers = await Promise.all(served.map(async (one): Promise<FormerRelease & { readonly at: Date }> => {
    const totals = await blocks.totals(application, one._id);
    return { at: one.createdAt, metrics: one.policy.plan.metrics, sumsOf: (name) => totals.find(({ metric }) => metric === name)?.[one.candidate === stable ? 'candidate' : 'stable'] };
  }));
  const known = knownFrom(metrics, formers);
  const costs = metrics.find(({ from, cap }) => from === 'cost' && cap === undefined);
  if (costs === undefined) return known;
  const sinceMs = (await environments.now()).getTime() - COSTS_MS;
  const models = await Promise.all([stable, candidate].map(async (digest) => {
    const model = (await bundles.content(application, digest))?.model;
    return { maxTokens: model?.parameters.maxTokens ?? null, priceUsdPerMTok: model?.priceUsdPerMTok ?? null };
  }));
  const stableMeanUsd = knownFrom([costs], formers.filter(({ at }) => at.getTime() >= sinceMs))[costs.name]?.mean ?? null;
  return { ...known, [costs.name]: { ...known[costs.name], cap: costCapOf({ stableMeanUsd, models }) } };
}
