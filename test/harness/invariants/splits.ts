/** I-03, I-04, I-07, I-08: what may be served, and what becomes of it. */
import { bundleDigest, contentsDigest } from '../../../core/bundle/index.js';
import { isOpen } from '../../../core/release/index.js';
import type { ReleaseDoc, SplitDoc } from '../../../store/index.js';
import { environmentOf, ms, releasesById, sha256, splitsOf, toldOf } from './world.js';
import type { Invariant, Stored } from './world.js';

const sameSet = (a: readonly string[], b: readonly string[]): boolean => a.toSorted().join() === b.toSorted().join();

/** A finished evaluation that said PASS about exactly what this release pinned, before the split. */
function hasTicket(store: Stored, release: ReleaseDoc, bundle: string, baseline: string, split: SplitDoc): boolean {
  return store.evaluations.some(({ application, plan, verdict, finishedAt }) => application === release.application && verdict?.kind === 'PASS' && plan.bundle === bundle && plan.baseline === baseline
    && plan.dataset.digest === release.dataset.digest && plan.policy.digest === release.policy.digest && sameSet(plan.evaluators.map((one) => one.digest), release.evaluators.map((one) => one.digest))
    && finishedAt !== null && ms(finishedAt) <= ms(split.at));
}

/** No traffic without a ticket: neither for a candidate, nor for a bundle that becomes stable other than by a revert. */
export const ticketed: Invariant = function* ({ store }) {
  const releases = releasesById(store);
  for (const splits of splitsOf(store).values()) {
    for (const [i, split] of splits.entries()) {
      const before = splits[i - 1];
      const isNewStable = before?.stable !== split.stable;
      if (split.weightBp <= 0 && !isNewStable) continue;
      const release = releases.get(split.release ?? '');
      if (release?.kind === 'REVERT') continue;
      if (release === undefined) { yield `${split._id} serves what no release put there`; continue; }
      const [bundle, baseline] = isNewStable ? [split.stable, before?.stable ?? 'none'] : [split.candidate ?? '', split.stable];
      if (!hasTicket(store, release, bundle, baseline, split)) yield `${split._id}: no PASS for ${bundle} against ${baseline} with what ${release._id} pins`;
    }
  }
};

export const wellFormed: Invariant = function* ({ store }) {
  const releases = releasesById(store);
  const bundles = new Map(store.bundles.map((bundle) => [`${bundle.application}/${bundle.digest}`, bundle]));
  for (const bundle of store.bundles) {
    if (bundleDigest(bundle.parts, sha256) !== bundle.digest) yield `bundle ${bundle._id} is not what its digest says`;
    if (contentsDigest(bundle.parts, sha256) !== bundle.contents) yield `bundle ${bundle._id} has other contents than it says`;
  }
  for (const split of store.splits) {
    const { _id, application, stable, candidate, weightBp, leaseMs } = split;
    if (!Number.isInteger(weightBp) || weightBp < 0 || weightBp > 10_000) yield `${_id} has a weight of ${weightBp}`;
    if (!Number.isInteger(leaseMs) || leaseMs <= 0) yield `${_id} has a lease of ${leaseMs} ms`;
    for (const named of [stable, ...(candidate === undefined ? [] : [candidate])]) if (!bundles.has(`${application}/${named}`)) yield `${_id} names ${named}, which does not exist`;
    if (weightBp === 0) continue;
    if (candidate === undefined) { yield `${_id} gives weight to no candidate`; continue; }
    const environment = store.environments.find(({ _id: id }) => id === environmentOf(split));
    if (environment?.quarantine.some((bar) => bar.digest === candidate && ms(bar.at) < ms(split.at))) yield `${_id} serves ${candidate}, which is quarantined`;
    const stage = releases.get(split.release ?? '')?.timeline.findLast(({ data, at }) => typeof data?.['weightBp'] === 'number' && ms(at) <= ms(split.at));
    if (stage === undefined || weightBp > Number(stage.data?.['weightBp'])) yield `${_id} has ${weightBp} bp, and its stage ${String(stage?.data?.['weightBp'] ?? 'none')}`;
  }
};

/** A release's state and what the environment serves tell the same story. */
export const agreed: Invariant = function* ({ store }) {
  const all = splitsOf(store);
  for (const release of store.releases) {
    const { _id, kind, application, state, epoch, candidate, baseline, rollback } = release;
    const splits = all.get(environmentOf(release)) ?? [];
    // Under its own epoch: what a later release is rolled back to names this one again, under a higher.
    const promotions = splits.filter((split) => split.release === _id && split.epoch === epoch && split.candidate === undefined && split.stable === candidate);
    if (kind === 'REVERT') {
      const rev = Number(_id.slice(_id.lastIndexOf('/') + 1));
      const [now, before] = [splits.find((split) => split.rev === rev), splits.find((split) => split.rev === rev - 1)];
      if (state !== 'PROMOTED') yield `${_id} is a revert and ${state}`;
      if (now?.stable !== candidate || now.candidate !== undefined) yield `${_id}: rev ${rev} does not serve ${candidate} alone`;
      if (before?.stable !== baseline) yield `${_id} took back ${String(baseline)}, but rev ${rev - 1} served ${String(before?.stable)}`;
      if (before?.candidate !== undefined) yield `${_id} was committed while a candidate was open`;
    } else if (state === 'PROMOTED') {
      if (promotions.length !== 1) yield `${_id} is PROMOTED and has ${promotions.length} splits that made it stable`;
    } else if (!isOpen(state)) {
      if (promotions.length > 0) yield `${_id} is ${state}, and rev ${promotions[0]?.rev} made its candidate stable`;
      if (splits.some((split) => split.release === _id && split.candidate !== undefined && split.stable !== baseline)) yield `${_id} changed what was stable`;
      const env = store.environments.find((one) => one._id === environmentOf(release));
      if (env?.split?.release === _id && env.split.candidate !== undefined) yield `${_id} is ${state}, and its candidate is still served`;
    }
    const takenBack = kind === 'REVERT' && release.message !== '' ? baseline : kind === 'RELEASE' && state === 'ROLLED_BACK' && rollback?.forCause === true ? candidate : null;
    if (takenBack !== null && !isBarred(store, release, takenBack)) yield `${_id} took ${takenBack} back for cause, and it is not quarantined in ${application}/${release.environment}`;
  }
};
const isBarred = (store: Stored, release: ReleaseDoc, bundle: string): boolean =>
  store.environments.some((env) => env._id === environmentOf(release) && env.quarantine.some((bar) => bar.digest === bundle))
  || store.audit.some(({ action, subject }) => action === 'bundle.quarantine_lifted' && subject.startsWith(`${environmentOf(release)}/`));

/** Revisions are contiguous, epochs never fall, a rollback raises both, and nothing of its release comes after it. */
export const absorbed: Invariant = function* ({ store, ledger }) {
  const all = splitsOf(store);
  for (const env of store.environments) {
    const splits = all.get(env._id) ?? [];
    for (const [i, split] of splits.entries()) {
      if (split.rev !== i + 1) { yield `${env._id}: rev ${split.rev} stands where ${i + 1} should`; break; }
      const before = splits[i - 1];
      if (before !== undefined && split.epoch < before.epoch) yield `${split._id}: epoch ${split.epoch} after ${before.epoch}`;
    }
    const last = splits.at(-1);
    if ((last?.rev ?? 0) !== env.rev && env.intents.length === 0) yield `${env._id} is at rev ${env.rev}, and its log ends at ${last?.rev ?? 0}`;
    if (last?.rev === env.rev && (last.stable !== env.split?.stable || last.candidate !== env.split.candidate || last.weightBp !== env.split.weightBp)) yield `${env._id} serves another split than the log's last`;
  }
  for (const release of store.releases) {
    const splits = all.get(environmentOf(release)) ?? [];
    const rev = release.kind === 'REVERT' ? Number(release._id.slice(release._id.lastIndexOf('/') + 1)) : release.rollback?.rev;
    if (rev === undefined) continue;
    const [now, before] = [splits.find((split) => split.rev === rev), splits.find((split) => split.rev === rev - 1)];
    if (now !== undefined && before !== undefined && now.epoch <= before.epoch) yield `${now._id} took ${release._id} back without raising the epoch`;
    if (now?.candidate !== undefined && now.release === release._id) yield `${now._id} took ${release._id} back and kept its candidate`;
    const later = release.kind === 'RELEASE' ? splits.find((split) => split.rev > rev && split.release === release._id) : undefined;
    if (later !== undefined) yield `${later._id} is of ${release._id}, which was taken back at rev ${rev}`;
  }
  const releases = releasesById(store);
  for (const line of ledger) {
    const told = line.op.startsWith('rollback') && line.outcome === 'ok' ? toldOf(line) : null;
    const now = releases.get(told?.id ?? '');
    if (now?.kind === 'RELEASE' && now.state === 'PROMOTED' && told?.state !== 'PROMOTED') yield `the rollback of ${now._id} was acknowledged as ${String(told?.state)}, and it is PROMOTED`;
  }
};
