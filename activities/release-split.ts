import { admits } from '../core/gate/index.js';
import type { ReleaseId } from '../core/ids.js';
import type { EnvironmentDoc, Promote, ReleaseDoc, RolledBackNote, RollbackSummary, ServedEnvironment, SplitWrite } from '../store/index.js';
import { SLIPWAY, intentOf } from './deps.js';
import type { ActivityDeps, ReleaseAt } from './deps.js';
import { final, undecided } from './failure.js';

export interface SplitOrder { readonly at: ReleaseAt; /** Of the write, the same on every attempt. */ readonly id: string }
/** `superseded`: a rollback won. `lapsed`: the lease ran out unseen; weight comes back only after a look. */
export type SplitOutcome = { readonly kind: 'written'; readonly rev: number } | { readonly kind: 'superseded' } | { readonly kind: 'lapsed' };
export interface TakeBack extends SplitOrder {
  readonly note: RolledBackNote | null;
  readonly cause: { readonly forCause: boolean; readonly reason: string; readonly receipt: string | null } | null;
}
export interface TakenBack { readonly rev: number; readonly epoch: number; readonly reason: string }
export interface AwaitReaders { readonly at: ReleaseAt; readonly rev: number; readonly epoch: number }
export interface Convergence { readonly convergeMs: number | null; readonly stragglers: readonly string[]; readonly leaseEnded: boolean }

/** A reader is connected while it has acknowledged within this time. */
const CONNECTED_MS = 15_000;
const READS_MAX = 3;
/** A rollback is usually there within a second; after these it is asked for less often. */
const EAGER_MS = 3_000;
const SPLITS_READ = 20;

export function createReleaseSplitActivities({ releases, environments }: Pick<ActivityDeps, 'releases' | 'environments'>) {
  const doc = async (id: ReleaseId): Promise<ReleaseDoc> => {
    const found = await releases.find(id);
    if (found === null) throw final('NOT_FOUND', `No release ${id}.`);
    return found;
  };

  /** @throws EVIDENCE_MISSING, which no retry mends. The age counts when weight is first given: a long ramp does not outlive its ticket. */
  function assertTicket(release: ReleaseDoc, served: ServedEnvironment): void {
    const { ticket, candidate, baseline, dataset, evaluators, policy } = release;
    const isFirst = served.doc.split?.candidate !== candidate;
    const admission = ticket === null || baseline === null ? { ok: false, reason: 'NOT_PASSED' } : admits({ ...ticket, finishedAtMs: ticket.finishedAt.getTime() }, {
      bundle: candidate, baseline, datasetDigest: dataset.digest, evaluatorDigests: evaluators.map(({ digest }) => digest), policyDigest: policy.digest,
      maxAgeMs: isFirst ? policy.plan.evaluation.ageMaxSec * 1_000 : Number.POSITIVE_INFINITY, nowMs: served.now.getTime(),
    });
    if (!admission.ok) throw final('EVIDENCE_MISSING', `No PASS admits ${candidate}: ${'reason' in admission ? admission.reason : ''}.`);
  }

  const outcomeOf = (write: SplitWrite): SplitOutcome => (write.kind === 'superseded' ? { kind: 'superseded' } : { kind: 'written', rev: write.rev });
  const hasEpoch = ({ open }: EnvironmentDoc, { release, epoch }: ReleaseAt): boolean => open?.release === release && open.epoch === epoch;

  return {
    /**
     * The candidate's weight, under a fresh lease. Safe to run twice: it names the epoch and the rev it builds on, and a repeat finds its
     * own. A lease that ran out while nobody looked is not mended here.
     */
    async setWeight({ at, id, weightBp }: SplitOrder & { readonly weightBp: number }): Promise<SplitOutcome> {
      const release = await doc(at.release);
      for (let read = 0; read < READS_MAX; read += 1) {
        const served = await environments.served(at.application, at.environment);
        if (served === null || !hasEpoch(served.doc, at) || served.doc.split === null) return { kind: 'superseded' };
        const { rev, split } = served.doc;
        const carriedBp = split.candidate === release.candidate ? split.weightBp : 0;
        if (weightBp > 0) {
          assertTicket(release, served);
          if (carriedBp > 0 && served.leaseLeftMs <= 0) return { kind: 'lapsed' };
        }
        const isThere = weightBp === carriedBp && (weightBp === 0 || split.candidate === release.candidate);
        // Paused in the moment before: what is watched does not grow. Who resumes it asks again.
        if (isThere || (release.state === 'PAUSED' && weightBp > carriedBp)) return { kind: 'written', rev };
        const { leaseMs } = release.policy.plan;
        const write = await environments.setWeight({
          application: at.application, environment: at.environment, release: at.release, epoch: at.epoch, rev, candidate: release.candidate, weightBp, leaseMs,
          intent: intentOf(at.application, id, 'split.weight_set', SLIPWAY, `${at.application}/${at.environment}`),
        });
        if (write.kind !== 'superseded') return { kind: 'written', rev: write.rev };
        if (write.epoch !== at.epoch) return { kind: 'superseded' };
      }
      throw new Error(`The split of ${at.application}/${at.environment} changes faster than it can be read.`);
    },

    /** The candidate becomes stable. Safe to run twice: a repeat finds it stable by this release. */
    async promote({ at, id }: SplitOrder): Promise<SplitOutcome> {
      const release = await doc(at.release);
      for (let read = 0; read < READS_MAX; read += 1) {
        const served = await environments.served(at.application, at.environment);
        if (served === null) return { kind: 'superseded' };
        const { rev, split } = served.doc;
        if (split?.stable === release.candidate && split.release === at.release && split.candidate === undefined) return { kind: 'written', rev };
        const { leaseMs } = release.policy.plan;
        const order: Promote = {
          application: at.application, environment: at.environment, release: at.release, epoch: at.epoch, rev, candidate: release.candidate, leaseMs,
          intent: intentOf(at.application, id, 'split.promoted', SLIPWAY, `${at.application}/${at.environment}`),
        };
        // Promoted by an attempt whose answer was lost, and taken back since as what was stable: that was no rollback of this release.
        if (!hasEpoch(served.doc, at)) return outcomeOf(await environments.promote(order));
        assertTicket(release, served);
        if (split?.candidate === release.candidate && split.weightBp > 0 && served.leaseLeftMs <= 0) return { kind: 'lapsed' };
        const write = await environments.promote(order);
        if (write.kind !== 'superseded') return { kind: 'written', rev: write.rev };
        if (write.epoch !== at.epoch) return { kind: 'superseded' };
      }
      throw new Error(`The split of ${at.application}/${at.environment} changes faster than it can be read.`);
    },

    /**
     * Back to stable. Safe to run twice: what this release was taken back by, whoever did it, is found again, and nothing is written
     * once the environment is no longer this release's.
     */
    async takeBack({ at, id, note, cause }: TakeBack): Promise<TakenBack> {
      const release = await doc(at.release);
      const forCause = note?.forCause === true || cause?.forCause === true;
      // A change of mind that comes while harm is being acted on does not wipe out the harm.
      const why = note?.forCause === false && cause?.forCause === true ? cause : note ?? cause;
      const reason = why?.reason ?? 'The environment was rolled back.';
      const own = await environments.rollback({
        application: at.application, environment: at.environment, release: at.release, candidate: release.candidate, contents: release.contents, forCause, reason,
        intent: intentOf(at.application, id, 'split.rolled_back', SLIPWAY, `${at.application}/${at.environment}`, reason),
      });
      const back = own.kind === 'notOpen' ? await lookUp(at, note) : own;
      const summary: RollbackSummary = {
        rev: back.rev, forCause, reason, decidedBy: note?.actor.id ?? SLIPWAY.id, receipt: cause?.receipt ?? null, committedAt: back.at,
        convergedAt: null, convergeMs: null, stragglers: [], leaseEnded: false,
      };
      if (release.rollback?.rev !== back.rev) await releases.annotate(at.release, null, { rollback: summary }, null);
      return { rev: back.rev, epoch: back.epoch, reason };
    },

    /**
     * Proof of a rollback: each connected reader has acknowledged the rev, or the lease it could hold has run out and it is named. Safe to
     * run twice: it reads, and writes the same summary.
     */
    async awaitReaders({ at, rev, epoch }: AwaitReaders): Promise<Convergence> {
      const [release, readers, now] = await Promise.all([doc(at.release), environments.readers(at.application, at.environment), environments.now()]);
      if (release.rollback === null) throw final('NOT_FOUND', `Release ${at.release} has no rollback to wait for.`);
      const { committedAt } = release.rollback;
      const { leaseMs } = release.policy.plan;
      const sinceMs = now.getTime() - committedAt.getTime();
      const behind = readers.filter((reader) => reader.epoch < epoch || (reader.epoch === epoch && reader.rev < rev));
      const connected = behind.filter(({ ageMs }) => ageMs <= CONNECTED_MS);
      const leaseEnded = connected.length > 0 && sinceMs >= leaseMs;
      if (connected.length > 0 && !leaseEnded) throw undecided(`Not yet at rev ${rev}: ${connected.map(({ reader }) => reader).join(', ')}.`, sinceMs < EAGER_MS ? 250 : 1_000);
      const proven = readers.filter((reader) => reader.epoch === epoch && reader.rev === rev).map(({ revAt }) => revAt.getTime());
      const last = Math.max(committedAt.getTime(), leaseEnded ? committedAt.getTime() + leaseMs : 0, ...proven);
      // Who has been silent for a while and was behind then may still serve what is left of its lease: it is named.
      const stragglers = behind.filter(({ ageMs }) => ageMs <= sinceMs + CONNECTED_MS + leaseMs).map(({ reader }) => reader);
      const convergeMs = last - committedAt.getTime();
      await releases.annotate(at.release, null, { rollback: { ...release.rollback, convergedAt: new Date(last), convergeMs, stragglers, leaseEnded } }, null);
      return { convergeMs, stragglers, leaseEnded };
    },
  };

  /** The rev of somebody else's rollback, and when it was committed: from the past splits, where the relay has copied it by now. */
  async function lookUp({ application, environment }: ReleaseAt, note: RolledBackNote | null): Promise<{ readonly rev: number; readonly epoch: number; readonly at: Date }> {
    const [env, splits] = await Promise.all([environments.find(application, environment), environments.splits(application, environment, { first: SPLITS_READ })]);
    if (env === null) throw final('NOT_FOUND', `No environment ${application}/${environment}.`);
    const rev = note?.rev ?? env.rev;
    return { rev, epoch: note?.epoch ?? env.epoch, at: splits.items.find((split) => split.rev === rev)?.at ?? env.touchedAt };
  }
}
