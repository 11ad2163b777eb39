import { breachesOf, nextWatched, objectivesOf, startWatched, watchAlarms, watchedThrough } from '../core/gate/index.js';
import type { Objective, WatchBreach, Watched } from '../core/gate/index.js';
import type { ApplicationKey, ReleaseId } from '../core/ids.js';
import { asMeant, watchedAs } from '../core/release/index.js';
import type { EnvironmentDoc, ReleaseDoc, WatchEnd, WatchRecord } from '../store/index.js';
import { SLIPWAY, intentOf } from './deps.js';
import type { ActivityDeps } from './deps.js';
import { final, undecided } from './failure.js';
import { percent, watchBlockOf } from './release-guards.js';

export interface WatchOrder {
  readonly release: ReleaseId; readonly application: ApplicationKey; readonly environment: string;
  /** The workflow of whatever release is open here: who is told when that release has to give way. */
  readonly releaseWorkflow: string;
}
/** `SUPERSEDED`: something else is stable, by whoever's hand. */
export interface WatchOutcome { readonly kind: WatchEnd; readonly reason: string | null }

type WatchDeps = Pick<ActivityDeps, 'releases' | 'environments' | 'watches' | 'blocks' | 'digest' | 'code' | 'trace' | 'tell'>;
interface Looking { readonly objectives: readonly Objective[]; readonly state: Watched }

/** Looks may overlap, and people may write at the same moment: who comes second reads again, and this often. */
const TRIES = 3;
/** However short the blocks: a watch lasts for a day. */
const LOOK_MIN_MS = 5_000;
const FORMER_RELEASES = 5;

export function createWatchActivities({ releases, environments, watches, blocks, digest, code, trace, tell }: WatchDeps) {
  return {
    /**
     * One look at what was promoted; while nothing is above its objective it is asked again after a delay, and the history does not grow. Safe
     * to run twice and beside itself: the receipt takes the number after the one that was read, and the write back is known by its intent.
     */
    watchStable: (order: WatchOrder): Promise<WatchOutcome> => trace.span('slipway.watch', {}, () => look(order)),
  };

  async function look(order: WatchOrder): Promise<WatchOutcome> {
    const { application, environment } = order;
    const release = await releases.find(order.release);
    if (release?.state !== 'PROMOTED') throw final('NOT_FOUND', `No release ${order.release} was promoted.`);
    if (release.watch?.outcome != null) return { kind: release.watch.outcome, reason: endOf(release)?.reason ?? null };
    const served = await environments.served(application, environment);
    if (served === null || !isStill(served.doc, release)) return superseded(release);
    const watch = release.watch ?? await begin(release, served.doc);
    if (served.now.getTime() >= watch.until.getTime()) return end(release, 'OVER', null);

    const seen = await see(release);
    if (seen === null) throw undecided('Another look came first.', delayMs(release));
    const breaches = breachesOf(seen.objectives, seen.state);
    if (breaches.length === 0) throw undecided('Nothing is above its objective.', delayMs(release));
    return turnBack(order, release, breaches);
  }

  /** From the promotion on, however late this is. What was watched here before is over. */
  async function begin(release: ReleaseDoc, { recent, rev }: EnvironmentDoc): Promise<WatchRecord> {
    const { _id, application, environment, policy: { plan } } = release;
    const { items } = await releases.list({ application, environment, states: ['PROMOTED'] }, { first: FORMER_RELEASES });
    for (const former of items) if (former._id !== _id && former.watch?.open === true) await end(former, 'SUPERSEDED', null);
    const alone = recent.find((split) => split.release === _id && split.candidate === undefined);
    const written = await releases.annotate(_id, null, { watch: { rev: alone?.rev ?? rev, forSec: asMeant(plan).watchSec } }, null);
    const watch = written.kind === 'moved' ? undefined : written.doc.watch;
    if (watch === undefined) throw final('NOT_FOUND', `Release ${_id} cannot be watched.`);
    return watch;
  }

  /** Reads what is new and writes the receipt, where anything was read. `null`: always another look was first. */
  async function see(release: ReleaseDoc): Promise<Looking | null> {
    const { _id, application, policy: { plan } } = release;
    const objectives = objectivesOf(plan);
    for (let tried = 0; tried < TRIES; tried += 1) {
      const last = await watches.last(_id);
      const before = last?.state ?? startWatched(objectives);
      const through = watchedThrough(before);
      // Read first: a fold writes its blocks in no order, and says last how far it has come.
      const folded = (await blocks.folded(_id)).through;
      const fresh = (await Promise.all(objectives.map(async ({ metric }) => (await blocks.after(application, _id, watchedAs(metric), through[metric] ?? -1))
        .filter(({ block }) => block <= (folded[watchedAs(metric)] ?? -1)).map((block) => watchBlockOf(metric, block, 'stable'))))).flat();
      if (fresh.length === 0) return { objectives, state: before };
      const { lines, state } = nextWatched(objectives, before, fresh);
      const alarms = watchAlarms(objectives, state.detectors);
      const written = await watches.append({
        release: _id, application, seq: (last?.seq ?? 0) + 1, planDigest: digest(objectives), code, lines, state, breaches: breachesOf(objectives, state), through: watchedThrough(state),
        logE: Object.fromEntries(alarms.flatMap(({ metric, logM }) => (logM === null ? [] : [[metric, logM] as const]))), thresholds: Object.fromEntries(alarms.map(({ metric, threshold }) => [metric, threshold])),
      });
      if (written === 'appended') return { objectives, state };
    }
    return null;
  }

  /** The previous bundle back, in the one write that people have too. Whoever else writes first has won, and is read again. */
  async function turnBack(order: WatchOrder, release: ReleaseDoc, breaches: readonly WatchBreach[]): Promise<WatchOutcome> {
    const { application, environment } = order;
    const reason = breaches.map((breach) => sentenceOf(breach, release)).join(' ');
    await note(release, breaches, reason);
    for (let tried = 0; tried < TRIES; tried += 1) {
      const now = await environments.find(application, environment);
      if (now === null || !isStill(now, release)) return superseded(release);
      if (now.previous === null) throw undecided(`${reason} There is no previous bundle to go back to.`, delayMs(release));
      if (now.open !== null) await clear(order, now, reason, release);
      else {
        const outcome = await environments.revert({ application, environment, rev: now.rev, contents: release.contents, reason, actor: SLIPWAY, ...reversionOf(release) });
        if (outcome.kind === 'reverted' || outcome.kind === 'repeated') return end(release, 'REVERTED', reason);
      }
    }
    throw undecided(`${application}/${environment} is changed by others faster than it can be taken back.`, 1_000);
  }

  /** A release without weight was measured against what is taken back now: it gives way. One with weight holds both arms to the objectives itself. */
  async function clear({ application, environment, releaseWorkflow }: WatchOrder, { open, split }: EnvironmentDoc, reason: string, release: ReleaseDoc): Promise<void> {
    const holder = open === null ? null : await releases.find(open.release);
    if (holder === null || split?.candidate !== undefined) throw undecided(`${reason} Release ${open?.release ?? ''} is under way.`, delayMs(release));
    const told = `What it would have followed is taken back. ${reason}`;
    const intent = intentOf(application, `${release._id}/watch/cleared/${holder._id}`, 'release.rolling_back', SLIPWAY, holder._id, told);
    await environments.rollback({
      application, environment, release: holder._id, candidate: holder.candidate, contents: holder.contents, forCause: false, reason: told,
      intent: { ...intent, note: { workflowId: releaseWorkflow, rolledBack: { release: holder._id, rev: 0, epoch: 0, forCause: false, reason: told, actor: SLIPWAY } } },
    });
  }

  /** Once a metric, on the release's own timeline. */
  async function note({ _id, application, environment, timeline }: ReleaseDoc, breaches: readonly WatchBreach[], reason: string): Promise<void> {
    for (const { metric, max, n, k } of breaches) {
      const id = `${_id}/watch/alarm/${metric}`;
      if (timeline.some((entry) => entry.id === id)) continue;
      const written = await releases.annotate(_id, { id, type: 'release.watch_alarm', actor: SLIPWAY, reason, data: { metric, max, units: n, bad: k } }, {}, intentOf(application, id, 'release.watch_alarm', SLIPWAY, _id, reason));
      if (written.kind === 'written') tell({ event: 'watch.alarm', level: 'warn', release: _id, environment: `${application}/${environment}`, reason });
    }
  }

  /** Something else is stable; if an attempt before this one made it so, its answer was lost. */
  async function superseded(release: ReleaseDoc): Promise<WatchOutcome> {
    const { _id, application, environment, contents, policy: { plan } } = release;
    const last = await watches.last(_id);
    const breaches = last === null ? [] : breachesOf(objectivesOf(plan), last.state);
    if (breaches.length === 0) return end(release, 'SUPERSEDED', null);
    const reason = breaches.map((breach) => sentenceOf(breach, release)).join(' ');
    // Of no revision, so that nothing is written: it only finds what was.
    const outcome = await environments.revert({ application, environment, rev: NO_REV, contents, reason, actor: SLIPWAY, ...reversionOf(release) });
    return outcome.kind === 'repeated' ? end(release, 'REVERTED', reason) : end(release, 'SUPERSEDED', null);
  }

  async function end(release: ReleaseDoc, outcome: WatchEnd, reason: string | null): Promise<WatchOutcome> {
    const { _id, application, environment } = release;
    const id = `${_id}/watch/ended`;
    const written = await releases.annotate(_id, { id, type: 'release.watch_ended', actor: SLIPWAY, data: { outcome }, ...(reason === null ? {} : { reason }) }, { watchEnd: outcome },
      intentOf(application, id, 'release.watch_ended', SLIPWAY, _id, reason ?? undefined));
    if (written.kind === 'written') tell({ event: 'watch.ended', release: _id, environment: `${application}/${environment}`, outcome, reason });
    return { kind: outcome, reason };
  }
}

const NO_REV = -1;
/** By which the write back is known, whoever asks and however often. */
const reversionOf = ({ _id, contents }: ReleaseDoc) => ({ once: { key: `slipway|watch|${_id}`, args: contents }, intentId: `${_id}/watch/reverted` });

/** While another release has its candidate there, the split names that release; what is stable is still this one's. */
const isStill = ({ split }: EnvironmentDoc, { _id, candidate }: ReleaseDoc): boolean =>
  split !== null && split.stable === candidate && (split.release === _id || split.candidate !== undefined);
const endOf = ({ timeline }: ReleaseDoc) => timeline.find(({ type }) => type === 'release.watch_ended');
const delayMs = ({ policy: { plan } }: ReleaseDoc): number => Math.max(plan.blockSec * 1_000, LOOK_MIN_MS);

/** The metric, its rate against its objective, and since when. */
function sentenceOf({ metric, max, from, n, k }: WatchBreach, { policy: { plan } }: ReleaseDoc): string {
  const since = new Date(from * plan.blockSec * 1_000).toISOString();
  return `${metric} is above its objective: ${k} of ${n} bad (${n === 0 ? 'unknown' : percent(k / n)}) since ${since}, at most ${percent(max)} may be.`;
}
