/** A release's world as a script: the document's rules in memory, and looks that come to what the test says. */
import { ApplicationFailure } from '@temporalio/activity';
import type { ActivityDeps, Evaluated, EvaluationActivities, LookMode, LookOutcome, Opening, ReleaseActivities, ReleaseAt, Standing } from '../activities/index.js';
import { isOpen, mayBecome, policyOf, refusalOf } from '../core/release/index.js';
import type { PolicyInput, ReleaseState, RiskTier } from '../core/release/index.js';
import type { NewRelease, RolledBackNote } from '../store/index.js';
import type { ReleaseOrder } from '../workflows/messages.js';

export type Look = LookOutcome['kind'] | 'HARM' | 'STAGE_MAX' | 'HOLD';
export type Joined = Evaluated['kind'] | 'RUNNING';

const LOOK_MS = 30;
const undecided = (): ApplicationFailure => ApplicationFailure.create({ type: 'Undecided', message: 'undecided', nextRetryDelay: LOOK_MS, category: 'BENIGN' });

/** One release and what happens to it. `did` is what the workflow did, in order. */
export class World {
  readonly did: string[] = [];
  state: ReleaseState = 'REQUESTED';
  seq = 1;
  stage: number | null = null;
  weightBp = 0;
  epoch = 1;
  rev = 7;
  approvals = 0;
  /** What each look comes to, by mode; the last one stays. */
  looks: Record<LookMode, Look[]> = { climb: ['HOLD'], paused: ['HOLD'], bake: ['HOLD'] };
  joined: Joined[] = ['PASS'];
  opening: Opening | null = null;
  /** Weights at which the lease is found lapsed once. */
  lapsesAt: number | null = null;
  isTicketGone = false;
  readonly acts = new Set<string>();
  readonly order: ReleaseOrder;
  readonly hasBaseline: boolean;

  constructor(order: ReleaseOrder, hasBaseline = true) { this.order = order; this.hasBaseline = hasBaseline; }

  get standing(): Standing { return { state: this.state, seq: this.seq, stage: this.stage, approved: this.approvals >= this.order.release.approvalsNeeded }; }

  move(from: ReleaseState, to: ReleaseState): boolean {
    if (this.state !== from) return false;
    if (!mayBecome(from, to)) throw new Error(`illegal: ${from} to ${to}`);
    this.state = to;
    this.seq += 1;
    this.did.push(to);
    return true;
  }
  /** As the API does it: the epoch is gone, whatever the release does next. */
  rollBack(reason = 'people complain'): RolledBackNote {
    this.epoch += 1;
    this.rev += 1;
    this.weightBp = 0;
    return { release: this.order.release._id, rev: this.rev, epoch: this.epoch, forCause: true, reason, actor: { id: 'person:oncall', kind: 'person' } };
  }
}

const next = <T>(script: T[]): T | undefined => (script.length > 1 ? script.shift() : script[0]);

export function scripted(worldOf: (release: string) => World): ReleaseActivities & Pick<EvaluationActivities, 'openEvaluation' | 'runBatch' | 'finishEvaluation'> {
  const at = (order: { readonly at: ReleaseAt }): World => worldOf(order.at.release);
  const isOurs = (order: { readonly at: ReleaseAt }, world: World): boolean => order.at.epoch === world.epoch;
  const assertTicket = (world: World): void => { if (world.isTicketGone) throw ApplicationFailure.nonRetryable('No PASS admits it.', 'EVIDENCE_MISSING'); };
  return {
    openRelease: async ({ release }) => {
      const world = worldOf(release._id);
      return world.opening ?? { kind: 'opened', standing: world.standing, epoch: world.epoch, baseline: world.hasBaseline ? 'sha256:a' : 'none' };
    },
    recordState: async (order) => {
      const world = at(order);
      if (world.move(order.from, order.to) && order.stage !== undefined) world.stage = order.stage.index;
      if (order.to === 'CANCELLED' || order.to === 'REJECTED') world.did.push(`because ${order.reason ?? ''}`);
      return world.standing;
    },
    commitAct: async ({ act, id, at: { release } }) => {
      const world = worldOf(release);
      if (world.acts.has(id)) return { kind: 'repeated', standing: world.standing };
      const refusal = refusalOf(act, world.state);
      if (refusal !== null) return { kind: 'refused', code: 'CONFLICT', message: refusal, hint: '' };
      world.acts.add(id);
      const to = { pause: 'PAUSED', resume: world.stage === world.order.release.policy.plan.stages.length ? 'BAKING' : 'CANARY', reject: 'REJECTED', cancel: 'CANCELLED', approve: null, acknowledge: null }[act] as ReleaseState | null;
      if (to === null) { world.seq += 1; if (act === 'approve') world.approvals += 1; world.did.push(act); } else world.move(world.state, to);
      return { kind: 'done', standing: world.standing };
    },
    noteHold: async (order) => { const world = at(order); world.seq += 1; world.did.push(order.holds.join('+')); return world.standing; },
    setWeight: async (order) => {
      const world = at(order);
      if (!isOurs(order, world)) return { kind: 'superseded' };
      if (order.weightBp > 0) assertTicket(world);
      if (order.weightBp > 0 && world.lapsesAt === order.weightBp) { world.lapsesAt = null; return { kind: 'lapsed' }; }
      if (world.state === 'PAUSED' && order.weightBp > world.weightBp) return { kind: 'written', rev: world.rev };
      if (world.weightBp !== order.weightBp) { world.weightBp = order.weightBp; world.rev += 1; world.did.push(`${order.weightBp} bp`); }
      return { kind: 'written', rev: world.rev };
    },
    promote: async (order) => {
      const world = at(order);
      if (!isOurs(order, world)) return { kind: 'superseded' };
      assertTicket(world);
      world.did.push('promote');
      return { kind: 'written', rev: ++world.rev };
    },
    takeBack: async (order) => {
      const world = at(order);
      if (isOurs(order, world)) world.rollBack();
      const reason = order.note?.reason ?? order.cause?.reason ?? 'unknown';
      world.did.push(`back: ${reason}`);
      return { rev: world.rev, epoch: world.epoch, reason };
    },
    awaitReaders: async () => ({ convergeMs: 40, stragglers: [], leaseEnded: false }),
    watchStage: async (order) => {
      const world = at(order);
      if (!isOurs(order, world)) return { kind: 'SUPERSEDED' };
      const kind = next(world.looks[order.mode]) ?? 'HOLD';
      if (kind === 'HOLD' || (kind === 'CLEAN' && !order.mayResume)) throw undecided();
      if (kind === 'HARM' || kind === 'STAGE_MAX' || kind === 'ROLLBACK') return { kind: 'ROLLBACK', forCause: kind === 'HARM', reason: kind, receipt: null };
      return { kind };
    },
    joinEvaluation: async (order) => {
      const kind = next(at(order).joined) ?? 'PASS';
      if (kind === 'RUNNING') throw undecided();
      return kind === 'PASS' ? { kind } : { kind, reason: `evaluation: ${kind}` };
    },
    openEvaluation: async () => { throw new Error('not in this script'); },
    runBatch: async () => { throw new Error('not in this script'); },
    finishEvaluation: async () => { throw new Error('not in this script'); },
  };
}

let made = 0;
/** A release of its own environment, with two stages. */
export function orderOf(tier: RiskTier = 'LOW', change: Partial<PolicyInput> = {}): ReleaseOrder {
  const plan = policyOf({
    name: 'quick', approvals: { count: tier === 'LOW' ? 0 : 1 }, leaseMs: 30_000, blockSec: 1, evaluation: { dataset: 'cases', evaluators: [{ name: 'exact' }] }, metrics: [{ name: 'error' }],
    stages: [{ weightBp: 1_000, durationMinSec: 0 }, { weightBp: 5_000, durationMinSec: 0 }], ...change,
  }, tier);
  made += 1;
  const id = `R${String(made).padStart(3, '0')}`;
  const release: NewRelease = {
    _id: id, application: 'helpdesk', environment: `e${made}-${process.pid}`, once: { key: `person:rob|startRelease|${id}-${process.pid}`, args: 'sha256:args' }, candidate: 'sha256:b', contents: 'sha256:c',
    requestedBy: { id: 'person:rob', kind: 'person' }, message: 'better words', tier, ownerTeam: 'support', authors: ['person:eve'],
    policy: { name: 'quick', version: 1, digest: 'sha256:p', plan }, dataset: { name: 'cases', version: 1, digest: 'sha256:d', items: 200 },
    evaluators: [{ name: 'exact', version: 1, digest: 'sha256:e', role: 'guardrail', margin: 0.05, floor: null }], approvalsNeeded: plan.approvals.count,
  };
  return { release, reason: 'better words' };
}

export const isEnded = (world: World): boolean => !isOpen(world.state);
export type { ActivityDeps };
