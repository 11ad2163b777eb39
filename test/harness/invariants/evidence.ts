/** I-01, I-02, I-10, I-20, I-23: what was counted, and what was decided from it. The counting here is written a second time, on purpose. */
import { breachesOf, nextReceipt, objectivesOf, replayWatched } from '../../../core/gate/index.js';
import type { Receipt, WatchedLook } from '../../../core/gate/index.js';
import { encode } from '../../../store/json.js';
import { ASSIGNMENT, asMeant, assignmentMaturityMs, watchedAs } from '../../../core/release/index.js';
import type { MetricPlan } from '../../../core/release/index.js';
import type { BatchDoc, ReceiptDoc, ReleaseDoc } from '../../../store/index.js';
import type { Sent } from '../ledger.js';
import { digest, grouped, ms, toldOf } from './world.js';
import type { Invariant, Stored } from './world.js';

const ARMS = ['stable', 'candidate'] as const;
interface Counted { readonly all: ReadonlySet<string>; /** In a batch by the cut-off. */ readonly inTime: ReadonlySet<string>; /** With a value of the feed that is bad, whenever. */ readonly bad: ReadonlySet<string> }

/** What is counted of a metric's units: whoever reported anything, or, where what is missing makes no unit of it, whoever reported its feed. */
type Counting = Pick<MetricPlan, 'name' | 'from' | 'maturityMs' | 'missingAs'> & { /** Of a watch: what its bundle alone has answered. */ readonly sinceRev?: number };
const countedIn = ({ plan }: ReleaseDoc['policy'], hasUnits: boolean): readonly Counting[] =>
  [...plan.metrics, ...(hasUnits ? [{ name: ASSIGNMENT, from: 'error', maturityMs: assignmentMaturityMs(plan), missingAs: 0 } as const] : [])];
const watchedIn = ({ policy: { plan }, watch }: ReleaseDoc): readonly Counting[] => (watch === undefined ? [] : asMeant(plan).topline.flatMap((line) =>
  plan.metrics.filter(({ name }) => name === line.metric).map((metric) => ({ ...metric, name: watchedAs(metric.name), sinceRev: watch.rev }))));

/** Distinct units of one arm in one block, from every batch there is. */
function countsOf(batches: readonly BatchDoc[], release: ReleaseDoc, metric: Counting, block: number, arm: (typeof ARMS)[number]): Counted {
  const blockMs = release.policy.plan.blockSec * 1_000;
  const cutOffMs = (block + 1) * blockMs + metric.maturityMs;
  const all = new Set<string>(), inTime = new Set<string>(), bad = new Set<string>();
  for (const { at, obs } of batches) {
    for (const one of obs) {
      if (one.release !== release._id || one.arm !== arm || Math.floor(one.sec * 1_000 / blockMs) !== block) continue;
      if (metric.sinceRev !== undefined && (arm !== 'stable' || one.rev < metric.sinceRev)) continue;
      const isFed = one.feed === metric.from || (metric.from === 'guardrail' && one.feed.startsWith('guardrail:'));
      all.add(one.unit);
      if (ms(at) <= cutOffMs && (isFed || metric.missingAs !== null)) inTime.add(one.unit);
      if (isFed && one.value > 0) bad.add(one.unit);
    }
  }
  return { all, inTime, bad };
}
const throughOf = (store: Stored, release: string, metric: string): number => store.duties.find(({ _id }) => _id === `fold/${release}`)?.through?.find((one) => one.metric === metric)?.block ?? -1;

export const nothingLost: Invariant = function* ({ store, ledger }) {
  const stored = new Set(store.batches.map(({ _id }) => _id.slice(_id.lastIndexOf('/') + 1)));
  const releases = new Set(store.releases.map(({ _id }) => _id));
  for (const { id, op, outcome, result } of ledger) {
    if (outcome !== 'ok') continue;
    const { batch } = (result ?? {}) as Partial<Sent>;
    if (op === 'ingest' && batch !== undefined && !stored.has(batch)) yield `call ${id}: the batch ${batch} was acknowledged and is not stored`;
    const told = op === 'startRelease' ? toldOf({ result }) : null;
    if (told !== null && !releases.has(told.id)) yield `call ${id}: release ${told.id} was acknowledged and is not stored`;
  }
  const blocks = new Map(store.blocks.map((block) => [`${block.release}/${block.metric}/${block.block}`, block]));
  for (const release of store.releases.filter(({ stage, watch }) => stage !== null || watch !== undefined)) {
    const blockMs = release.policy.plan.blockSec * 1_000;
    const own = store.batches.filter(({ obs }) => obs.some((one) => one.release === release._id));
    const seen = new Set(own.flatMap(({ obs }) => obs.flatMap((one) => (one.release === release._id ? [Math.floor(one.sec * 1_000 / blockMs)] : []))));
    for (const metric of [...release.stage === null ? [] : countedIn(release.policy, release.gate?.metrics.some(({ type }) => type === 'units') ?? false), ...watchedIn(release)]) {
      for (const block of seen) {
        if (block > throughOf(store, release._id, metric.name)) continue;   // not folded yet, or never to be
        if (metric.sinceRev !== undefined && release.watch !== undefined && block < Math.floor(ms(release.watch.since) / blockMs)) continue;   // between the split and PROMOTED
        const folded = blocks.get(`${release._id}/${metric.name}/${block}`);
        // The weight of a block moved while it was assigned: its shares are compared with none.
        if (metric.name === ASSIGNMENT && folded === undefined) continue;
        for (const arm of ARMS) {
          const { inTime } = countsOf(own, release, metric, block, arm);
          if (inTime.size > (folded?.[arm].n ?? 0)) yield `${release._id}/${metric.name}/${block}: ${inTime.size} units of ${arm} came in time, ${folded?.[arm].n ?? 0} were counted`;
        }
      }
    }
  }
};

export const countedOnce: Invariant = function* ({ store }) {
  const releases = new Map(store.releases.map((release) => [release._id, release]));
  for (const batch of grouped(store.batches, ({ _id }) => _id).values()) if (batch.length > 1) yield `batch ${String(batch[0]?._id)} is stored ${batch.length} times`;
  for (const block of store.blocks) {
    const release = releases.get(block.release);
    const metric = release && [...countedIn(release.policy, true), ...watchedIn(release)].find(({ name }) => name === block.metric);
    if (release === undefined || metric === undefined) { yield `block ${block._id} belongs to nothing`; continue; }
    for (const arm of ARMS) {
      const { n, k = 0 } = block[arm] as { readonly n: number; readonly k?: number };
      const { all, bad } = countsOf(store.batches, release, metric, block.block, arm);
      if (n > all.size) yield `${block._id}: ${n} units of ${arm} were counted, ${all.size} reported`;
      if (k > n || (metric.missingAs === 0 && k > bad.size)) yield `${block._id}: ${k} bad units of ${arm}, ${bad.size} reported, of ${n}`;
    }
  }
};

/** Every decision follows from its lines and the receipt before, bit for bit; going forward needs units on both arms. */
export const evidenced: Invariant = function* ({ store }) {
  const byRelease = grouped(store.decisions, ({ release }) => release);
  const blocks = new Map(store.blocks.map((block) => [`${block.release}/${block.metric}/${block.block}`, block]));
  for (const release of store.releases) {
    const receipts = (byRelease.get(release._id) ?? []).toSorted((a, b) => a.seq - b.seq);
    if (receipts.length > 0 && release.gate === null) { yield `${release._id} was decided on without a plan`; continue; }
    const guardrails = new Set(release.policy.plan.metrics.flatMap(({ name, role }) => (role === 'guardrail' ? [name] : [])));
    const consumed = new Set<string>();
    let before: Receipt | null = null;
    for (const [i, receipt] of receipts.entries()) {
      const { seq, mode, lines, planDigest, code } = receipt;
      if (seq !== i + 1) { yield `${release._id}: receipt ${seq} follows ${i}`; break; }
      if (planDigest !== digest(release.gate)) yield `${receipt._id} was decided by another plan`;
      for (const line of lines) {
        if (!('block' in line)) continue;
        const key = `${release._id}/${line.block.metric}/${line.block.i}`;
        const folded = blocks.get(key);
        if (consumed.has(key)) yield `${receipt._id} consumes ${key} again`;
        consumed.add(key);
        if (folded === undefined || encode([folded.stable, folded.candidate].map(statisticsOf)) !== encode([line.block.stable, line.block.candidate].map(statisticsOf))) yield `${receipt._id} read ${key} as it does not stand`;
      }
      let made: Receipt;
      try { made = nextReceipt(release.gate as NonNullable<ReleaseDoc['gate']>, before, { mode, lines, planDigest, code }); } catch (error) { yield `${receipt._id} cannot be replayed: ${String(error)}`; break; }
      if (encode([made.state, made.decision, made.reasons]) !== encode([inOrderOf(receipt.state, made.state), receipt.decision, receipt.reasons])) yield `${receipt._id} says ${receipt.decision.decision}, and its lines lead to ${made.decision.decision}`;
      if ((receipt.decision.decision === 'ADVANCE' || receipt.decision.decision === 'PROMOTE') && receipt.state.metrics.some(({ id, total, unreadable }) => guardrails.has(id) && (unreadable || total.stable.n === 0 || total.candidate.n === 0))) yield `${receipt._id} goes forward without evidence on both arms`;
      before = { ...made, state: receipt.state };
    }
    for (const move of movesOf(release)) if (!receipts.some((receipt) => move.says.includes(receipt.decision.decision) && receipt.mode === move.mode && receipt.stage === move.stage)) yield `${release._id} went to ${move.to} without a receipt that says so`;
  }
};

/** Every look of a watch follows from its lines and the look before, its lines from the blocks as they stand; nothing is reverted without a look in alarm. */
export const watched: Invariant = function* ({ store }) {
  const looks = grouped(store.decisions as unknown as readonly (Omit<ReceiptDoc, 'lines' | 'state'> & WatchedLook)[], ({ release }) => release);
  const blocks = new Map(store.blocks.map((block) => [`${block.release}/${block.metric}/${block.block}`, block]));
  for (const release of store.releases) {
    const own = (looks.get(`watch/${release._id}`) ?? []).toSorted((a, b) => a.seq - b.seq);
    const objectives = objectivesOf(release.policy.plan);
    for (const [i, look] of own.entries()) {
      if (look.seq !== i + 1) yield `${look._id} follows ${i}`;
      for (const { metric, i: index, n, k } of look.lines) {
        const folded = blocks.get(`${release._id}/${watchedAs(metric)}/${index}`);
        if (folded === undefined || encode(statisticsOf(folded.stable)) !== encode(statisticsOf({ n, k }))) yield `${look._id} read block ${index} of ${metric} as it does not stand`;
      }
    }
    const replayed = replayWatched(objectives, own);
    if (replayed !== 'same') yield `${own[replayed]?._id ?? release._id} does not follow from its lines`;
    if (release.watch?.outcome === 'REVERTED' && !own.some(({ state }) => breachesOf(objectives, state).length > 0)) yield `${release._id} was taken back by its watch, and no look was in alarm`;
  }
};
const statisticsOf = (arm: object): unknown => { const { n, k = null, h = null } = arm as { readonly n: number; readonly k?: number; readonly h?: unknown }; return [n, k, h]; };
/** The stored state as it is; only the order of keys is the other's. */
const inOrderOf = (stored: unknown, made: unknown): unknown => {
  if (typeof stored !== 'object' || typeof made !== 'object' || stored === null || made === null) return stored;
  if (Array.isArray(stored)) return stored.map((one, i) => inOrderOf(one, (made as unknown[])[i]));
  const own = stored as Record<string, unknown>, order = Object.keys(made);
  return Object.fromEntries([...order.filter((key) => key in own), ...Object.keys(own).filter((key) => !order.includes(key))].map((key) => [key, inOrderOf(own[key], (made as Record<string, unknown>)[key])]));
};

interface Move { readonly to: string; readonly mode: ReceiptDoc['mode']; readonly stage: number; readonly says: readonly string[] }
/** Every step of a release that only evidence may lead to. */
function movesOf({ timeline, kind, gate }: ReleaseDoc): readonly Move[] {
  if (kind === 'REVERT' || gate === null) return [];   // a first release has nothing to compare with
  const moves: Move[] = [];
  let stage = -1;
  for (const { type, data, state, actor } of timeline) {
    const to = data?.['stage'];
    if (typeof to === 'number' && (type === 'release.stage_started' || type === 'release.baking')) {
      if (to > 0) moves.push({ to: `stage ${to}`, mode: 'climb', stage: to - 1, says: ['ADVANCE', 'PROMOTE'] });
      stage = to;
    }
    if (type === 'release.promoted' && state === 'PROMOTED' && actor.id !== 'slipway:repair') moves.push({ to: 'PROMOTED', mode: 'bake', stage, says: ['PROMOTE'] });
  }
  return moves;
}

/** Eight calls at once a worker: those under way when the budget was met were paid for. */
const AT_ONCE = 8;
export const withinBudget: Invariant = function* ({ store }) {
  for (const { _id, plan, progress } of store.evaluations) if (progress.calls > plan.callsMax + AT_ONCE) yield `evaluation ${_id} made ${progress.calls} calls of ${plan.callsMax}`;
};

export const errorsStay: Invariant = function* ({ store }) {
  for (const { _id, text, error } of store.answers) if ((text === null) !== (error !== null)) yield `answer ${_id} has text ${String(text !== null)} and error ${String(error)}`;
  for (const { _id, value, error } of store.scores) {
    if ((value === null) !== (error !== null)) yield `score ${_id} has value ${String(value)} and error ${String(error)}`;
    if (value !== null && !(value >= 0 && value <= 1)) yield `score ${_id} is ${value}`;
  }
  for (const { _id, verdict, progress } of store.evaluations) {
    for (const { evaluator, n, errors } of verdict?.evidence.evaluators ?? []) {
      if (n < progress.items) yield `evaluation ${_id}: ${evaluator} is judged on ${n} of ${progress.items} cases`;
      if (errors.candidate > n || errors.baseline > n) yield `evaluation ${_id}: ${evaluator} has more errors than cases`;
    }
  }
};
