import { assignmentOf, differenceShown, evidenceOf, show, startShown } from '../../core/gate/index.js';
import type { Difference, GatePlan, Shown } from '../../core/gate/index.js';
import type { ReceiptDoc, ReleaseDoc, ReleaseReads } from '../../store/index.js';

/** One metric as a receipt left it. */
export interface MetricPoint { readonly logEHarm: number | null; readonly logENi: number | null; readonly stable: number | null; readonly candidate: number | null; readonly difference: Difference | null }
export interface StoryPoint {
  readonly seq: number; readonly at: Date; readonly stage: number; readonly weightBp: number;
  readonly metrics: Readonly<Record<string, MetricPoint>>;
  readonly logESrm: number | null;
}
/** What a release's receipts tell, read in their order. */
export interface Story { readonly seq: number; readonly shown: Shown; readonly points: readonly StoryPoint[] }

const PAGE = 50;
/** Of a story nobody has asked for yet so many receipts are read, the newest: what a later start shows holds as well, of the time since then. */
const RECEIPTS_MAX = 3_000;
const POINTS_MAX = 400;
const STORIES_MAX = 64;

/**
 * Receipts never change, so what was read once is kept and only what is new is read: whoever watches asks every second. By the half that reads,
 * because two stores share no release; the story that was asked for longest ago is forgotten first.
 */
const known = new WeakMap<ReleaseReads, Map<string, Story>>();

export async function storyOf(releases: ReleaseReads, { _id, gate }: Pick<ReleaseDoc, '_id'> & { readonly gate: GatePlan }): Promise<Story> {
  const stories = known.get(releases) ?? new Map<string, Story>();
  known.set(releases, stories);
  const before = stories.get(_id) ?? { seq: 0, shown: startShown(gate), points: [] };
  const fresh = await receiptsAfter(releases, _id, before.seq);
  const story = fresh.reduce((told, receipt) => tell(gate, told, receipt), before);
  // Who asked at the same time may have come further.
  if ((stories.get(_id)?.seq ?? 0) <= story.seq) { stories.delete(_id); stories.set(_id, story); }
  for (const oldest of stories.keys()) { if (stories.size <= STORIES_MAX) break; stories.delete(oldest); }
  return story;
}

/** In their order. They are paged newest first. */
async function receiptsAfter(releases: ReleaseReads, release: string, seq: number): Promise<readonly ReceiptDoc[]> {
  const fresh: ReceiptDoc[] = [];
  for (let after: string | null | undefined; after !== null && fresh.length < RECEIPTS_MAX;) {
    const page = await releases.receipts(release, { first: PAGE, ...(after === undefined ? {} : { after }) });
    const news = page.items.filter((receipt) => receipt.seq > seq);
    fresh.push(...news);
    after = news.length < page.items.length ? null : page.next;
  }
  return fresh.reverse();
}

function tell(gate: GatePlan, { shown: before, points }: Story, { seq, at, stage, state, lines }: ReceiptDoc): Story {
  const shown = show(gate, before, lines);
  const metrics = evidenceOf(gate, state).map(({ metric, units, bad, logEHarm, logENi, actingMargin }): [string, MetricPoint] => [metric, {
    logEHarm, logENi: actingMargin === null ? null : logENi[String(actingMargin)] ?? null, difference: differenceShown(gate, shown, metric),
    stable: units.stable === 0 ? null : bad.stable / units.stable, candidate: units.candidate === 0 ? null : bad.candidate / units.candidate,
  }]);
  const point: StoryPoint = { seq, at, stage, weightBp: state.weightBp, metrics: Object.fromEntries(metrics), logESrm: assignmentOf(gate, state)[0]?.logESrm ?? null };
  const all = [...points, point];
  return { seq, shown, points: all.length > POINTS_MAX ? all.filter((one, i) => i % 2 === 0 || one === point) : all };
}

/** So many at most, evenly, the first and the last among them. */
export function thinned<T>(points: readonly T[], most: number): readonly T[] {
  if (points.length <= most) return points;
  return Array.from({ length: most }, (_, i) => points[Math.round(i * (points.length - 1) / (most - 1))]).filter((point): point is T => point !== undefined);
}
