import { assignmentOf, consume, decisionIn, evidenceOf, linesOfLook, startGate } from '../core/gate/index.js';
import type { GateDecision, GateLine, GatePlan, GateState, HoldReason, LookBlock, MetricEvidence, Stage } from '../core/gate/index.js';
import { ASSIGNMENT, sentenceOfHolds } from '../core/release/index.js';
import type { MetricKind } from '../core/release/index.js';
import type { BlockDoc, Guards, NewEntry, ReceiptDoc, ReleaseDoc, ServedEnvironment } from '../store/index.js';
import { SLIPWAY } from './deps.js';
import type { ActivityDeps, ReleaseAt } from './deps.js';
import { final, undecided } from './failure.js';
import { areSeenInBoth, guardsAfter, isUnits, lookBlocksOf, sentenceOfGuards } from './release-guards.js';
import { clockOf, delayMs, firstBlockOf, hasSeenBoth, holdsOf, isBirthDue, nextUnits, trafficFrom } from './release-stage.js';
import type { Clock, LookMode } from './release-stage.js';

export type { LookMode } from './release-stage.js';
export interface LookOrder {
  readonly at: ReleaseAt; readonly mode: LookMode;
  readonly paused: { readonly manual: boolean; readonly lost: boolean };
  /** A lapsed lease may mend itself: `CLEAN` ends the pause. */
  readonly mayResume: boolean;
}
/** What a look can come to. HOLD is none of them: it is asked again. */
export type LookOutcome =
  | { readonly kind: 'ADVANCE' | 'PROMOTE' | 'CLEAN' | 'LEASE_LOST' | 'SUPERSEDED' }
  | { readonly kind: 'ROLLBACK'; readonly forCause: boolean; readonly reason: string; readonly receipt: string | null };

type LookDeps = Pick<ActivityDeps, 'releases' | 'environments' | 'blocks' | 'auditLagSec' | 'digest' | 'code' | 'trace'>;
interface Open extends ReleaseDoc { readonly gate: GatePlan; readonly stage: NonNullable<ReleaseDoc['stage']> }
/** What was read and decided. `receipt` is the last one, written now or before. */
interface Seen { readonly decision: GateDecision; readonly reasons: readonly HoldReason[]; readonly state: GateState; readonly receipt: ReceiptDoc['_id'] | null; readonly seq: number; readonly through: Readonly<Record<string, number>>; readonly guards: Guards | null }

/** Looks may overlap: who comes second reads again, and this often. */
const TRIES = 3;
const BIRTHS_WAIT: readonly HoldReason[] = ['MANUAL_PAUSE', 'APPROVAL', 'FREEZE', 'TOPLINE_BREACH', 'SRM', 'READ_FAILED', 'AUDIT_LAG'];
const receiptId = (release: string, seq: number): string => `${release}/${String(seq).padStart(8, '0')}`;

export function createReleaseLookActivities({ releases, environments, blocks, auditLagSec, digest, code, trace }: LookDeps) {
  return {
    /**
     * One look; undecided, it is asked again after a delay, and the history does not grow. Safe to run twice and beside itself: the receipt
     * takes the number after the one that was read. Receipt first, then lease: what was not written down was not seen.
     */
    watchStage: (order: LookOrder): Promise<LookOutcome> => trace.span('slipway.look', { mode: order.mode }, () => look(order)),
  };

  async function look(order: LookOrder): Promise<LookOutcome> {
    const { at, mode } = order;
    const served = await environments.served(at.application, at.environment);
    if (served?.doc.open?.release !== at.release || served.doc.open.epoch !== at.epoch) return { kind: 'SUPERSEDED' };
    const release = await openRelease(at);
    const clock = clockOf(release, served.now);
    if (clock === null) throw final('NOT_FOUND', `Release ${at.release} has no stage.`);
    const { policy: { plan } } = release;

    const seen = await see(order, release, served, clock);
    if (seen === null) throw undecided('Another look came first.', plan.blockSec * 1_000 / 2);
    if (seen.decision.decision === 'ROLLBACK') return rollbackOf(release, seen);
    const missed = seen.guards === null ? null : sentenceOfGuards(plan, seen.guards);
    if (missed !== null) return { kind: 'ROLLBACK', forCause: true, reason: missed, receipt: seen.receipt };
    if (seen.decision.decision === 'HOLD') await noteHeadline(release, seen);

    const renewal = await environments.renew({ application: at.application, environment: at.environment, epoch: at.epoch, rev: served.doc.rev });
    const weightBp = served.doc.split?.candidate === release.candidate ? served.doc.split.weightBp : 0;
    if (renewal.kind === 'superseded') {
      if (renewal.epoch !== at.epoch) return { kind: 'SUPERSEDED' };
      throw undecided('The split has just changed.', plan.blockSec * 1_000 / 2);
    }
    if (renewal.kind === 'lapsed' && weightBp > 0) return { kind: 'LEASE_LOST' };

    if (mode === 'paused') {
      if (clock.stillForMs > plan.pausedMaxSec * 1_000) return { kind: 'ROLLBACK', forCause: false, reason: `Paused for longer than ${plan.pausedMaxSec} s.`, receipt: seen.receipt };
      if (order.mayResume && !seen.reasons.some((reason) => BIRTHS_WAIT.includes(reason))) return { kind: 'CLEAN' };
    } else if (seen.decision.decision === 'ADVANCE' || seen.decision.decision === 'PROMOTE') return { kind: seen.decision.decision };
    throw undecided(sentenceOfHolds(seen.reasons), delayMs(plan, clock, seen.through));
  }

  async function openRelease(at: ReleaseAt): Promise<Open> {
    const found = await releases.find(at.release);
    if (found?.gate == null || found.stage === null) throw final('NOT_FOUND', `Release ${at.release} has no plan to be watched by.`);
    return { ...found, gate: found.gate, stage: found.stage };
  }

  /** Reads what is new, decides, and writes the receipt where anything was read or has changed. `null`: always another look was first. */
  async function see(order: LookOrder, release: Open, served: ServedEnvironment, clock: Clock): Promise<Seen | null> {
    for (let tried = 0; tried < TRIES; tried += 1) {
      const last = await releases.lastReceipt(release._id);
      const before = last?.state ?? startGate(release.gate);
      const through = last?.through ?? {};
      // Read first: a fold writes its blocks in no order, and says last how far it has come. Beyond that a block before it may still be missing.
      const folded = (await blocks.folded(release._id)).through;
      const fresh = (await Promise.all(release.gate.metrics.map(({ id }) => blocks.after(release.application, release._id, id, through[id] ?? -1))))
        .flat().filter(({ metric, block }) => block <= (folded[metric] ?? -1));
      const guards = guardsAfter(release.policy.plan, last?.guards ?? null, fresh);
      const stage = await stageOf(order, release, clock, last, before, fresh, folded, guards);
      const lines = linesOf(release, served, clock, last, before, stage, fresh);
      const state = lines.reduce((next, line) => consume(release.gate, next, line), before);
      const decision = decisionIn(order.mode, release.gate, state);
      const reasons = decision.decision === 'HOLD' ? decision.reasons : [];
      if (lines.length === 0) return { decision, reasons, state, receipt: last?._id ?? null, seq: last?.seq ?? 0, through, guards };
      const next = nextThrough(through, fresh);
      const seq = (last?.seq ?? 0) + 1;
      const { logE, thresholds } = evidence(release.gate, state);
      const receipt = {
        _id: receiptId(release._id, seq), release: release._id, application: release.application, seq, mode: order.mode, stage: release.stage.index,
        planDigest: digest(release.gate), code, lines, logE, thresholds, state, decision, reasons, through: next, ...(guards === null ? {} : { guards }),
      };
      if (await releases.appendReceipt(receipt) === 'appended') return { decision, reasons, state, receipt: receipt._id, seq, through: next, guards };
    }
    return null;
  }

  /** The stage's line: what the policy, the clock and the traffic add to the blocks. */
  async function stageOf({ mode, paused }: LookOrder, release: Open, clock: Clock, last: ReceiptDoc | null, before: GateState, fresh: readonly BlockDoc[], folded: Readonly<Record<string, number>>, guards: Guards | null): Promise<Stage> {
    const { application, _id, stage: { index }, policy: { plan } } = release;
    const guardrails = plan.metrics.filter(({ role }) => role === 'guardrail');
    const first = firstBlockOf(plan, clock);
    const inStage = mode === 'paused' || hasSeenBoth(last, index, mode) ? null
      : await Promise.all(guardrails.map(({ name }) => blocks.after(application, _id, name, first - 1)));
    const shares = folded[ASSIGNMENT];
    // A reason that comes from blocks stays until blocks say otherwise.
    const areInBoth = shares === undefined || !fresh.some(isUnits) ? before.stage.hold.includes('MULTIPLE_EXPOSURES') : areSeenInBoth(await blocks.after(application, _id, ASSIGNMENT, trafficFrom(shares)));
    const holds = holdsOf(plan, { mode, clock, metrics: guardrails, folded, inStage, areInBoth, isBreached: guards !== null && guards.finding.kind !== 'QUIET', auditLagSec: await auditLagSec() });
    const isLast = mode === 'bake' || index >= plan.stages.length - 1;
    if (mode === 'paused') {
      // A reason is always set, so that nothing can be latched that only an open road may lead to.
      const why: HoldReason[] = [...(paused.manual || !paused.lost ? ['MANUAL_PAUSE' as const] : []), ...(paused.lost ? ['LEASE_LOST' as const] : [])];
      return { last: isLast, minMet: before.stage.minMet, maxMet: false, nextUnits: before.stage.nextUnits, hold: [...why, ...holds] };
    }
    const { durationMinSec, durationMaxSec } = mode === 'bake' ? plan.bake : plan.stages[index] ?? plan.bake;
    // Who is served tells the traffic best where all of them are units of a metric.
    const metric = guardrails.find(({ missingAs }) => missingAs !== null) ?? guardrails[0];
    const to = metric === undefined ? undefined : folded[metric.name];
    // Told anew only when blocks came: an idle stage must not write receipts about its idleness.
    const units = isLast ? 0 : metric === undefined || to === undefined || fresh.length === 0 ? before.stage.nextUnits
      : nextUnits(release.gate, plan, index, clock, await blocks.after(application, _id, metric.name, trafficFrom(to)), to);
    return { last: isLast, minMet: clock.elapsedMs >= durationMinSec * 1_000, maxMet: clock.elapsedMs >= durationMaxSec * 1_000, nextUnits: units, hold: holds };
  }

  async function noteHeadline({ _id, holds, timeline }: ReleaseDoc, { reasons, seq }: Seen): Promise<void> {
    const [headline] = reasons;
    if (headline !== holds[0]) {
      const id = `${_id}/held/${seq}`;
      const entry: NewEntry | null = timeline.some((one) => one.id === id) ? null : { id, type: 'release.held', actor: SLIPWAY, reason: sentenceOfHolds(reasons), data: { reasons } };
      await releases.annotate(_id, entry, { holds: reasons }, null);
    } else if (reasons.join() !== holds.join()) await releases.annotate(_id, null, { holds: reasons }, null);
  }
}

/** The lines since the receipt before; none where nothing was read and nothing has changed. */
function linesOf(release: Open, served: ServedEnvironment, clock: Clock, last: ReceiptDoc | null, before: GateState, stage: Stage, fresh: readonly BlockDoc[]): readonly GateLine[] {
  const carriedBp = served.doc.split?.candidate === release.candidate ? served.doc.split.weightBp : 0;
  const hasNewWeight = carriedBp > 0 && carriedBp < 10_000 && carriedBp !== before.weightBp;
  const birth = isBirthDue(last, release.stage.index, clock);
  const acknowledged = before.metrics.filter(({ id, acknowledged: already }) => !already && release.timeline.some(({ type, data }) => type === 'release.acknowledged' && data?.['metric'] === id));
  const was = before.stage;
  const isSame = was.last === stage.last && was.minMet === stage.minMet && was.maxMet === stage.maxMet && was.nextUnits === stage.nextUnits && was.hold.join() === stage.hold.join();
  if (fresh.length === 0 && !hasNewWeight && !birth && acknowledged.length === 0 && isSame) return [];
  const read: readonly LookBlock[] = lookBlocksOf(fresh, served, release);
  return [
    ...acknowledged.map(({ id }): GateLine => ({ acknowledge: { metric: id } })),
    ...linesOfLook(release.gate, { ...(hasNewWeight ? { weightBp: carriedBp } : {}), heldBp: before.weightBp, isBirthDue: birth, stage, blocks: read }),
  ];
}

function nextThrough(through: Readonly<Record<string, number>>, fresh: readonly BlockDoc[]): Readonly<Record<string, number>> {
  const next = { ...through };
  for (const { metric, block } of fresh) next[metric] = Math.max(next[metric] ?? -1, block);
  return next;
}

/** For display: per metric its harm, and its acting margin under `metric/ni`; of the assignment the evidence against its shares. */
function evidence(plan: GatePlan, state: GateState): Pick<ReceiptDoc, 'logE' | 'thresholds'> {
  const logE: Record<string, number> = {};
  const thresholds: Record<string, number> = {};
  for (const { metric, logEHarm, harmThreshold, logENi, actingMargin, niThreshold } of evidenceOf(plan, state)) {
    if (logEHarm !== null) logE[metric] = logEHarm;
    if (harmThreshold !== null) thresholds[metric] = harmThreshold;
    const ni = actingMargin === null ? undefined : logENi[String(actingMargin)];
    if (ni !== undefined) { logE[`${metric}/ni`] = ni; thresholds[`${metric}/ni`] = niThreshold; }
  }
  for (const { metric, logESrm, threshold } of assignmentOf(plan, state)) { logE[metric] = logESrm; thresholds[metric] = threshold; }
  return { logE, thresholds };
}

function rollbackOf({ gate, stage, policy }: Open, { decision, state, receipt }: Seen): LookOutcome {
  if (decision.decision !== 'ROLLBACK') return { kind: 'SUPERSEDED' };
  if (decision.reason === 'STAGE_MAX') return { kind: 'ROLLBACK', forCause: false, reason: `STAGE_MAX: stage ${stage.index + 1} reached its maximum without enough evidence.`, receipt };
  const metric = evidenceOf(gate, state).find((one) => one.metric === decision.metric);
  const kind = policy.plan.metrics.find(({ name }) => name === decision.metric)?.kind ?? 'rate';
  const said = (arm: 'stable' | 'candidate'): string => (metric === undefined || metric.units[arm] === 0 ? 'unknown' : SAID[kind](metric, arm));
  return { kind: 'ROLLBACK', forCause: true, reason: `HARM: ${decision.metric} is worse: ${said('candidate')} on the candidate, ${said('stable')} on stable.`, receipt };
}

/** What an arm has shown of a metric, in its own direction: a score is kept as badness, and told as it was given. */
const SAID: Readonly<Record<MetricKind, (evidence: MetricEvidence, arm: 'stable' | 'candidate') => string>> = {
  rate: ({ bad, units }, arm) => `${bad[arm]} of ${units[arm]} bad`,
  score: ({ bad, units }, arm) => `${(1 - bad[arm] / units[arm]).toFixed(3)} on average of ${units[arm]}`,
  mean: ({ bad, units }, arm) => `${Number((bad[arm] / units[arm]).toPrecision(3))} on average of ${units[arm]}`,
};
