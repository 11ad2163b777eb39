/** The store's rules that activities lean on, in memory and under a clock that the test moves. Only what activities call. */
import type { ActivityDeps } from '../activities/index.js';
import { isOpen, mayBecome } from '../core/release/index.js';
import type { ReleaseState } from '../core/release/index.js';
import type {
  AnswerDoc, BlockDoc, EnvironmentDoc, CalibrationDoc, EvaluationDoc, ModelVersionDoc, NewEntry, NewRelease, ReaderDoc, ReceiptDoc, ReleaseDoc, ReleasePatch, ReleaseWrite, ScoreDoc, ServedEnvironment, SplitDoc, TimelineEntry, UnitsBlock, WatchReceiptDoc,
} from '../store/index.js';

type Changing<T> = { -readonly [K in keyof T]: T[K] };

export interface Memory extends Pick<ActivityDeps, 'releases' | 'environments' | 'watches' | 'blocks' | 'bundles' | 'evaluations' | 'calibrations'> {
  nowMs: number;
  release(id: string): Changing<ReleaseDoc>;
  readonly environment: Changing<EnvironmentDoc>;
  readonly receipts: Map<string, ReceiptDoc>;
  readonly looks: WatchReceiptDoc[];
  readonly folded: BlockDoc[];
  through: Record<string, number>;
  readonly readers: (Omit<ReaderDoc, 'shape' | '_id'> & { _id?: string })[];
  readonly splits: SplitDoc[];
  readonly intents: string[];
  /** Notes for workflows, as the relay would deliver them. */
  readonly notes: { readonly workflowId: string; readonly release: string }[];
  readonly evaluationDocs: Map<string, Changing<EvaluationDoc>>;
  readonly calibrationDocs: Map<string, Changing<CalibrationDoc>>;
  readonly answers: Map<string, AnswerDoc>;
  readonly scores: Map<string, ScoreDoc>;
  /** Of the newest release; a rate's. */
  block(metric: string, index: number, stable: readonly [number, number], candidate: readonly [number, number]): void;
  /** Of the newest release, of any kind. */
  fold(metric: string, index: number, arms: Pick<BlockDoc, 'stable' | 'candidate'>, of?: Partial<UnitsBlock>): void;
  /** Sums of former releases. */
  readonly totals: Map<string, Awaited<ReturnType<Memory['blocks']['totals']>>>;
  /** Of bundles: the longest answer, and what a token costs. */
  readonly models: Map<string, { readonly maxTokens: number; readonly priceUsdPerMTok: { readonly input: number; readonly output: number } }>;
  /** As if it had been released before. */
  former(release: ReleaseDoc): void;
}

export function createMemory(stable: string | null = 'sha256:a'): Memory {
  const docs = new Map<string, Changing<ReleaseDoc>>();
  const memory: Pick<Memory, 'nowMs' | 'through'> = { nowMs: 1_700_000_000_000, through: {} };
  const now = (): Date => new Date(memory.nowMs);
  const receipts = new Map<string, ReceiptDoc>();
  const folded: BlockDoc[] = [];
  const totals: Memory['totals'] = new Map();
  const models: Memory['models'] = new Map();
  const readers: Memory['readers'] = [];
  const splits: SplitDoc[] = [];
  const intents: string[] = [];
  const notes: Memory['notes'] = [];
  const looks: WatchReceiptDoc[] = [];
  const evaluationDocs = new Map<string, Changing<EvaluationDoc>>();
  const answers = new Map<string, AnswerDoc>();
  const scores = new Map<string, ScoreDoc>();
  const environment: Changing<EnvironmentDoc> = {
    _id: 'helpdesk/production', shape: 1, application: 'helpdesk', name: 'production', rev: 7, epoch: 3,
    split: stable === null ? null : { stable, weightBp: 0, leaseMs: 60_000, release: 'R000' }, previous: null, recent: [], lease: { seq: 0, at: now(), ms: 60_000 }, open: null,
    quarantine: [], touchedAt: now(), intents: [],
  };
  const acts = new Map<string, { rev: number; epoch: number; at: Date }>();
  const reverts = new Map<string, { rev: number; epoch: number; stable: string; takenBack: string; release: string; at: Date }>();
  const doc = (id: string): Changing<ReleaseDoc> => { const found = docs.get(id); if (found === undefined) throw new Error(`no ${id}`); return found; };
  const copy = <T>(value: T): T => structuredClone(value);
  const told = (intent: { readonly id: string } | null): void => { if (intent !== null && !intents.includes(intent.id)) intents.push(intent.id); };

  function patch(found: Changing<ReleaseDoc>, { stage, still, approvalExpiresInSec, approval, watch, watchEnd, ...plain }: ReleasePatch): void {
    Object.assign(found, plain);
    if (stage !== undefined) found.stage = { ...stage, since: now(), stillMs: 0, stillSince: null };
    if (still === true && found.stage !== null && found.stage.stillSince === null) found.stage = { ...found.stage, stillSince: now() };
    if (still === false && found.stage?.stillSince != null) found.stage = { ...found.stage, stillMs: found.stage.stillMs + memory.nowMs - found.stage.stillSince.getTime(), stillSince: null };
    if (approvalExpiresInSec !== undefined) found.approvalExpiresAt = new Date(memory.nowMs + approvalExpiresInSec * 1_000);
    if (watch !== undefined && found.terminalAt !== null) found.watch ??= { rev: watch.rev, since: found.terminalAt, until: new Date(found.terminalAt.getTime() + watch.forSec * 1_000), open: true, outcome: null, endedAt: null };
    if (watchEnd !== undefined && found.watch?.open === true) found.watch = { ...found.watch, open: false, outcome: watchEnd, endedAt: now() };
    if (approval !== undefined) found.approvals = [...found.approvals, { ...approval, at: now() }];
  }
  function write(id: string, from: ReleaseState | null, to: ReleaseState | null, entry: NewEntry | null, change: ReleasePatch, intent: { readonly id: string } | null, asOf?: number): ReleaseWrite {
    const found = doc(id);
    if (entry !== null && found.timeline.some((one) => one.id === entry.id)) return { kind: 'repeated', doc: copy(found) };
    if ((from !== null && found.state !== from) || (asOf !== undefined && found.seq !== asOf)) return { kind: 'moved', state: found.state };
    if (to !== null) { found.state = to; found.open = isOpen(to); found.terminalAt = isOpen(to) ? null : now(); }
    patch(found, change);
    if (entry !== null) { found.seq += 1; found.timeline = [...found.timeline, entryOf(entry, found.seq, found.state)]; }
    told(intent);
    return { kind: 'written', doc: copy(found) };
  }
  const entryOf = ({ data, ...entry }: NewEntry, seq: number, state: ReleaseState): TimelineEntry => ({ ...entry, seq, at: now(), state, ...(data === undefined ? {} : { data }) });
  const blank = (release: NewRelease): Changing<ReleaseDoc> => ({
    ...release, shape: 1, kind: 'RELEASE', state: 'REQUESTED', open: true, epoch: null, baseline: null, gate: null, evaluation: null, ticket: null, approvals: [], approvalExpiresAt: null,
    stage: null, holds: [], rollback: null, timeline: [], seq: 1, createdAt: now(), terminalAt: null, intents: [],
  });
  const served = (): ServedEnvironment => ({ doc: copy(environment), leaseLeftMs: environment.lease.ms - (memory.nowMs - environment.lease.at.getTime()), now: now() });
  const lease = (ms: number): void => { environment.lease = { seq: 0, at: now(), ms }; };
  const isFenced = (epoch: number, rev: number): boolean => environment.epoch !== epoch || environment.rev !== rev;
  const superseded = () => ({ kind: 'superseded', rev: environment.rev, epoch: environment.epoch }) as const;
  const written = () => ({ kind: 'written', rev: environment.rev, epoch: environment.epoch }) as const;

  const releases: Memory['releases'] = {
    find: async (id) => copy(docs.get(id) ?? null),
    byOnce: async (application, key) => copy([...docs.values()].find((one) => one.application === application && one.once.key === key) ?? null),
    openOf: async () => copy([...docs.values()].find(({ open }) => open) ?? null),
    list: async ({ states }) => ({ items: copy([...docs.values()].reverse().filter(({ state }) => states?.includes(state) ?? true)), next: null }),
    exposed: async () => [],
    lastReceipt: async (release) => copy([...receipts.values()].filter((one) => one.release === release).sort((a, b) => b.seq - a.seq)[0] ?? null),
    receipts: async (release) => ({ items: copy([...receipts.values()].filter((one) => one.release === release)), next: null }),
    insert: async (release, entry, intent) => {
      const former = [...docs.values()].find((one) => one.once.key === release.once.key);
      if (former !== undefined) return { kind: former.once.args === release.once.args ? 'repeated' : 'reused', doc: copy(former) };
      const open = [...docs.values()].find((one) => one.open && one.environment === release.environment);
      if (open !== undefined) return { kind: 'held', by: copy(open) };
      docs.set(release._id, { ...blank(release), timeline: [entryOf(entry, 1, 'REQUESTED')] });
      told(intent);
      return { kind: 'inserted', doc: copy(doc(release._id)) };
    },
    move: async (id, from, to, entry, change, intent) => {
      if (!mayBecome(from, to) && !(to === 'FAILED' && isOpen(from))) throw new RangeError(`A release does not go from ${from} to ${to}.`);
      return write(id, from, to, entry, change, intent);
    },
    annotate: async (id, entry, change, intent, asOf) => write(id, null, null, entry, change, intent, asOf),
    appendReceipt: async (receipt) => {
      if (receipts.has(receipt._id)) return 'taken';
      receipts.set(receipt._id, copy({ ...receipt, shape: 1, at: now() }));
      return 'appended';
    },
  };
  const environments: Memory['environments'] = {
    find: async () => copy(environment), served: async () => served(), touched: async () => [], now: async () => now(),
    splits: async () => ({ items: splits, next: null }),
    readers: async () => readers.map((reader) => ({ _id: reader.reader, shape: 1, ...reader, ageMs: memory.nowMs - reader.at.getTime() })),
    open: async ({ release, candidate, intent }) => {
      if (environment.open?.release === release) return { kind: 'opened', rev: environment.rev, epoch: environment.epoch, stable: environment.split?.stable ?? null };
      if (environment.open !== null) return { kind: 'held', release: environment.open.release };
      const bar = environment.quarantine.find(({ digest }) => digest === candidate);
      if (bar !== undefined) return { kind: 'quarantined', reason: bar.reason };
      environment.epoch += 1;
      environment.open = { release, epoch: environment.epoch };
      told(intent);
      return { kind: 'opened', rev: environment.rev, epoch: environment.epoch, stable: environment.split?.stable ?? null };
    },
    setWeight: async ({ epoch, rev, candidate, weightBp, leaseMs, release, intent }) => {
      if (isFenced(epoch, rev) || environment.split === null) return superseded();
      environment.split = { stable: environment.split.stable, candidate, weightBp, leaseMs, release };
      environment.rev += 1;
      lease(leaseMs);
      told(intent);
      return written();
    },
    renew: async ({ epoch, rev }) => {
      if (isFenced(epoch, rev)) return superseded();
      if (served().leaseLeftMs <= 0) return { kind: 'lapsed' };
      environment.lease = { ...environment.lease, seq: environment.lease.seq + 1, at: now() };
      return { kind: 'renewed', seq: environment.lease.seq };
    },
    promote: async ({ epoch, rev, candidate, leaseMs, release, intent }) => {
      if (isFenced(epoch, rev)) return superseded();
      environment.previous = environment.split?.stable ?? null;
      environment.split = { stable: candidate, weightBp: 0, leaseMs, release };
      environment.rev += 1;
      environment.open = null;
      told(intent);
      return written();
    },
    close: async ({ release, epoch }) => {
      if (environment.epoch !== epoch || environment.open?.release !== release) return superseded();
      environment.open = null;
      return written();
    },
    rollback: async ({ release, candidate, contents, forCause, reason, intent }) => {
      const former = acts.get(release);
      if (environment.open?.release !== release) return former === undefined ? { kind: 'notOpen' } : { kind: 'repeated', ...former };
      environment.epoch += 1;
      environment.open = null;
      if (environment.split !== null) { environment.rev += 1; environment.split = { stable: environment.split.stable, weightBp: 0, leaseMs: environment.split.leaseMs, release: 'R000' }; }
      if (forCause) environment.quarantine = [...environment.quarantine, { digest: candidate, contents, release, reason, at: now() }];
      const act = { rev: environment.rev, epoch: environment.epoch, at: now() };
      acts.set(release, act);
      told(intent);
      if (intent.note !== undefined) notes.push({ workflowId: intent.note.workflowId, release: intent.note.rolledBack.release });
      return { kind: 'rolledBack', ...act };
    },
    revert: async ({ application, environment: name, rev, contents, reason, intentId }) => {
      const former = reverts.get(intentId);
      if (environment.rev !== rev || environment.open !== null || environment.previous === null || environment.split === null) {
        if (former !== undefined) return { kind: 'repeated', ...former };
        if (environment.open !== null) return { kind: 'open', release: environment.open.release };
        return { kind: environment.previous === null ? 'noPrevious' : 'raced' };
      }
      const { stable: takenBack, leaseMs, release: by } = environment.split;
      const stable = environment.previous;
      environment.rev += 1;
      environment.epoch += 1;
      const release = `revert/${application}/${name}/${environment.rev}`;
      if (reason !== undefined) environment.quarantine = [...environment.quarantine, { digest: takenBack, contents, release: by ?? '', reason, at: now() }];
      environment.split = { stable, weightBp: 0, leaseMs, release };
      environment.previous = null;
      told({ id: intentId });
      const act = { rev: environment.rev, epoch: environment.epoch, stable, takenBack, release, at: now() };
      reverts.set(intentId, act);
      return { kind: 'reverted', ...act };
    },
  };
  const watches: Memory['watches'] = {
    last: async (release) => copy(looks.filter((one) => one.release === release).sort((a, b) => b.seq - a.seq)[0] ?? null),
    receipts: async (release) => ({ items: copy(looks.filter((one) => one.release === release)), next: null }),
    append: async (receipt) => {
      if (looks.some(({ release, seq }) => release === receipt.release && seq === receipt.seq)) return 'taken';
      looks.push(copy({ ...receipt, _id: `watch/${receipt.release}/${receipt.seq}`, shape: 1, mode: 'watch', at: now() }));
      return 'appended';
    },
  };
  const blocks: Memory['blocks'] = {
    after: async (_application, release, metric, block) => copy(folded.filter((one) => one.release === release && one.metric === metric && one.block > block).sort((a, b) => a.block - b.block)),
    folded: async () => ({ through: memory.through, at: now() }),
    totals: async (_application, release) => totals.get(release) ?? [],
  };
  const bundles: Memory['bundles'] = {
    content: async (application, digest) => {
      const model = models.get(digest);
      return { digest, contents: '', application, authors: [], prompts: [], model: model === undefined ? null : { parameters: { maxTokens: model.maxTokens }, priceUsdPerMTok: model.priceUsdPerMTok } as ModelVersionDoc, connection: null, context: null, guardrails: [], tools: [], safety: {} };
    },
  };
  const evaluations: Memory['evaluations'] = {
    find: async (id) => copy(evaluationDocs.get(id) ?? null),
    byOnce: async () => null, list: async () => ({ items: [], next: null }),
    byIdentity: async (_application, identity) => copy([...evaluationDocs.values()].filter((one) => one.identity === identity).sort((a, b) => b.attempt - a.attempt)),
    answers: async (_application, ids) => copy([...answers.values()].filter(({ _id }) => ids.includes(_id))),
    scores: async (_application, ids) => copy([...scores.values()].filter(({ _id }) => ids.includes(_id))),
    insert: async (one, intent) => {
      const former = evaluationDocs.get(one._id);
      if (former !== undefined) return { kind: 'repeated', doc: copy(former) };
      evaluationDocs.set(one._id, {
        ...one, shape: 1, state: 'RUNNING', verdict: null, error: null, progress: { items: 0, itemsTotal: one.plan.dataset.items, calls: 0, errors: 0, costUsd: null },
        createdAt: now(), finishedAt: null, rev: 1, intents: [],
      });
      told(intent);
      return { kind: 'inserted', doc: copy(evaluationDocs.get(one._id) as EvaluationDoc) };
    },
    saveAnswers: async (many) => { for (const one of many) answers.set(one._id, { ...one, shape: 1, at: now(), expiresAt: now() }); },
    saveScores: async (many) => { for (const one of many) scores.set(one._id, { ...one, shape: 1, at: now(), expiresAt: now() }); },
    progress: async (id, progress) => { const one = evaluationDocs.get(id); if (one !== undefined) one.progress = progress; return one === undefined || one.state === 'RUNNING'; },
    finish: async (id, ended, intent) => {
      const one = evaluationDocs.get(id);
      if (one === undefined) throw new Error(`no ${id}`);
      if (one.state === 'RUNNING') { Object.assign(one, ended, { finishedAt: now() }); told(intent); }
      return copy(one);
    },
  };
  const calibrationDocs: Memory['calibrationDocs'] = new Map();
  const calibrations: Memory['calibrations'] = {
    find: async (id) => copy(calibrationDocs.get(id) ?? null), list: async () => ({ items: [], next: null }),
    byOnce: async (_application, key) => copy([...calibrationDocs.values()].find(({ once }) => once.key === key) ?? null),
    newest: async (_application, digest) => copy([...calibrationDocs.values()].reverse().find(({ evaluator, state }) => evaluator.digest === digest && state === 'FINISHED') ?? null),
    insert: async ({ probesTotal, ...one }, intent) => {
      const former = [...calibrationDocs.values()].find(({ once }) => once.key === one.once.key);
      if (former !== undefined) return { kind: former.once.args === one.once.args ? 'repeated' : 'reused', doc: copy(former) };
      const doc: CalibrationDoc = { ...one, shape: 1, state: 'RUNNING', progress: { probes: 0, probesTotal, calls: 0, errors: 0, costUsd: null }, qualification: null, error: null, createdAt: now(), finishedAt: null, rev: 1, intents: [] };
      calibrationDocs.set(one._id, doc);
      told(intent);
      return { kind: 'inserted', doc: copy(doc) };
    },
    progress: async (id, progress) => { const one = calibrationDocs.get(id); if (one !== undefined) one.progress = progress; },
    finish: async (id, ended, intent) => {
      const one = calibrationDocs.get(id);
      if (one === undefined) throw new Error(`no ${id}`);
      if (one.state === 'RUNNING') { Object.assign(one, ended, { finishedAt: now() }); told(intent); }
      return copy(one);
    },
  };
  const fold: Memory['fold'] = (metric, index, arms, of = {}) => {
    const release = [...docs.keys()].at(-1) ?? '';
    folded.push({ _id: `helpdesk/${release}/${metric}/${index}`, shape: 1, application: 'helpdesk', release, metric, block: index, ...arms, ...of, at: now() } as BlockDoc);
    memory.through[metric] = Math.max(memory.through[metric] ?? -1, index);
  };
  return Object.assign(memory, {
    releases, environments, watches, blocks, evaluations, calibrations, calibrationDocs, receipts, looks, folded, readers, splits, intents, notes, environment, evaluationDocs, answers, scores, release: doc,
    block: (metric: string, index: number, [sn, sk]: readonly [number, number], [cn, ck]: readonly [number, number]) => { fold(metric, index, { stable: { n: sn, k: sk }, candidate: { n: cn, k: ck } }); },
    bundles, fold, totals, models, former: (release: ReleaseDoc) => { docs.set(release._id, release); },
  });
}
