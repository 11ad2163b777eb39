import { BadInputError } from '../../core/errors.js';
import { armShown, assignmentOf, assignmentWords, differenceShown, evidenceOf, harmWords, notWorseWords, progressOf, standingOf } from '../../core/gate/index.js';
import type { GatePlan, Named } from '../../core/gate/index.js';
import type { ReceiptDoc, ReleaseDoc } from '../../store/index.js';
import type { RequestContext } from '../context.js';
import type { ArmCountsResolvers, AssignmentEvidenceResolvers, MetricEvidenceResolvers } from '../generated.js';
import type { AssignmentParent, EvidenceParent } from '../parents.js';
import { storyOf, thinned } from './evidence-story.js';
import type { Story } from './evidence-story.js';

interface Judged { readonly gate: GatePlan; readonly receipt: ReceiptDoc; readonly story: () => Promise<Story> }

/** Several fields of one request ask for the same receipt and the same story, and shall be answered from the same. */
const judged = new WeakMap<object, Map<string, Promise<Judged | null>>>();
function judgedOf({ _id, gate }: ReleaseDoc, context: Pick<RequestContext, 'deps'>): Promise<Judged | null> {
  const ofRequest = judged.get(context) ?? new Map<string, Promise<Judged | null>>();
  judged.set(context, ofRequest);
  const asked = ofRequest.get(_id);
  if (asked !== undefined) return asked;
  const { releases } = context.deps;
  const asking = gate === null ? Promise.resolve(null) : releases.lastReceipt(_id).then((receipt): Judged | null => {
    let story: Promise<Story> | undefined;
    return receipt === null ? null : { gate, receipt, story: () => story ??= storyOf(releases, { _id, gate }) };
  });
  ofRequest.set(_id, asking);
  return asking;
}

/** As the last receipt left it: what has been read so far, and the e-values against what decides. */
export async function evidenceOfRelease(release: ReleaseDoc, context: Pick<RequestContext, 'deps'>): Promise<readonly EvidenceParent[]> {
  const found = await judgedOf(release, context);
  if (found === null) return [];
  const { gate, receipt: { state }, story } = found;
  const standings = standingOf(gate, state);
  return evidenceOf(gate, state).flatMap((evidence) => {
    const standing = standings.find(({ metric }) => metric === evidence.metric);
    return standing === undefined ? [] : [{ gate, evidence, standing, named: namedOf(release, evidence.metric), story }];
  });
}

export async function assignmentOfRelease(release: ReleaseDoc, context: Pick<RequestContext, 'deps'>): Promise<AssignmentParent | null> {
  const found = await judgedOf(release, context);
  const evidence = found === null ? undefined : assignmentOf(found.gate, found.receipt.state)[0];
  const standing = found === null ? undefined : standingOf(found.gate, found.receipt.state).find(({ metric }) => metric === evidence?.metric);
  return found === null || evidence === undefined || standing === undefined ? null : { evidence, standing, story: found.story };
}

export async function progressOfRelease(release: ReleaseDoc, context: Pick<RequestContext, 'deps'>): Promise<number | null> {
  const found = await judgedOf(release, context);
  return found === null ? null : progressOf(found.gate, found.receipt.state);
}

/** The plan was made of the policy: what words call a metric is there. */
const namedOf = ({ policy: { plan } }: ReleaseDoc, name: string): Named => plan.metrics.find((metric) => metric.name === name) ?? { name, kind: 'rate', tolerance: 0, margin: null };

const finite = (value: number | null): number | null => (value !== null && Number.isFinite(value) ? value : null);
const actingOf = ({ evidence: { logENi, actingMargin } }: EvidenceParent): number | null => (actingMargin === null ? null : logENi[String(actingMargin)] ?? null);

const POINTS_MAX = 100;
function pointsOf(points: number | null | undefined): number {
  const most = points ?? POINTS_MAX;
  if (most < 2 || most > POINTS_MAX) throw new BadInputError(`points: ${most} is not 2 to ${POINTS_MAX}.`);
  return most;
}

export const evidenceFields = {
  metric: ({ evidence }) => evidence.metric, role: ({ evidence }) => evidence.role, kind: ({ named }) => named.kind,
  stable: (of) => ({ of, arm: 'stable' }), candidate: (of) => ({ of, arm: 'candidate' }),
  logEHarm: ({ evidence }) => finite(evidence.logEHarm), harmThreshold: ({ evidence }) => finite(evidence.harmThreshold),
  logENi: (parent) => finite(actingOf(parent)), niThreshold: ({ evidence }) => (evidence.actingMargin === null ? null : finite(evidence.niThreshold)),
  margin: ({ evidence }) => evidence.actingMargin, upper: ({ evidence }) => finite(evidence.upper),
  difference: async ({ gate, evidence, story }) => differenceShown(gate, (await story()).shown, evidence.metric),
  harm: ({ evidence, named }) => (evidence.logEHarm === null ? null : harmWords(named, evidence.logEHarm)),
  notWorse: (parent) => { const logE = actingOf(parent); return logE === null ? null : notWorseWords(parent.named, logE); },
  alarm: ({ evidence }) => evidence.alarmBlock !== null, passed: ({ evidence }) => evidence.passed,
  harmProgress: ({ standing }) => standing.harm, progress: ({ standing }) => standing.next, waitingFor: ({ standing }) => standing.waiting.map(({ sentence }) => sentence),
  history: async ({ evidence, story }, { points }) => {
    const most = pointsOf(points);
    const told = (await story()).points.flatMap(({ seq, at, stage, weightBp, metrics }) => { const own = metrics[evidence.metric]; return own === undefined ? [] : [{ seq, at, stage, weightBp, ...own }]; });
    return thinned(told, most).map((point) => ({ ...point, logEHarm: finite(point.logEHarm), logENi: finite(point.logENi) }));
  },
} satisfies MetricEvidenceResolvers;

export const armFields = {
  units: ({ of: { evidence }, arm }) => evidence.units[arm],
  bad: ({ of: { evidence, named }, arm }) => (named.kind === 'rate' ? evidence.bad[arm] : null),
  mean: ({ of: { evidence }, arm }) => (evidence.units[arm] === 0 ? null : evidence.bad[arm] / evidence.units[arm]),
  interval: async ({ of: { gate, evidence, story }, arm }) => {
    const shown = armShown(gate, (await story()).shown, evidence.metric, arm);
    return shown === null || shown.lower === null || shown.upper === null ? null : { lower: shown.lower, upper: shown.upper };
  },
} satisfies ArmCountsResolvers;

export const assignmentFields = {
  units: ({ evidence }) => evidence.units, logE: ({ evidence }) => finite(evidence.logESrm), threshold: ({ evidence }) => evidence.threshold, words: ({ evidence }) => assignmentWords(evidence.logESrm),
  alarm: ({ evidence }) => evidence.alarmBlock !== null, acknowledged: ({ evidence }) => evidence.acknowledged,
  alarmProgress: ({ standing }) => standing.harm ?? 0, waitingFor: ({ standing }) => standing.waiting.map(({ sentence }) => sentence),
  history: async ({ story }, { points }) => thinned((await story()).points, pointsOf(points)).map(({ seq, at, stage, weightBp, logESrm }) => ({ seq, at, stage, weightBp, logE: finite(logESrm) })),
} satisfies AssignmentEvidenceResolvers;
