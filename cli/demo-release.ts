import { isUnavailable, type Client } from './client.js';
import { pause, type Context } from './context.js';
import { outcomeOf, type Outcome } from './demo-summary.js';
import { recordEvent } from './release-watch.js';
import { headline, percentOfBp, releaseOf, viewLines, type ReleaseView } from './release-view.js';

const LOOK_MS = 400;
/** Outcomes that come late may still change what is known of the exposure; blocks settle within maturity and a few seconds. */
const SETTLE_LIMIT_MS = 60_000;
/** Then the demo says that this takes unusually long. */
const UNUSUAL_MS = { EVALUATING: 60_000, CANARY: 90_000, BAKING: 45_000, ROLLING_BACK: 45_000 } as const;

export interface Followed { readonly release: ReleaseView; readonly outcome: Outcome }
export interface Follow { readonly api: Client; readonly context: Pick<Context, 'io' | 'out'>; readonly signal: AbortSignal; readonly below: () => readonly string[]; readonly stillUp: () => void }

/** Watches a release to its end, drawing what is known, and then until its exposure is settled. Only reports. */
export async function follow(id: string, { api, context: { io, out }, signal, below, stillUp }: Follow): Promise<Followed> {
  const weightsBp: number[] = [];
  let seq = 0;
  let state = { name: '', sinceMs: io.nowMs(), isTold: false };
  let release: ReleaseView;
  for (let misses = 0; ; await pause(LOOK_MS, signal)) {
    stillUp();
    try { release = await releaseOf(api, id, seq); misses = 0; } catch (error) {
      misses += 1;
      if (!isUnavailable(error) || misses > 10) throw error;
      continue;
    }
    for (const event of release.timeline) {
      seq = Math.max(seq, event.seq);
      recordEvent(event, out, { release: id });
    }
    if (release.state !== state.name) state = { name: release.state, sinceMs: io.nowMs(), isTold: false };
    const { stage } = release;
    if (release.state === 'CANARY' && stage !== null && stage.weightBp > 0 && weightsBp.at(-1) !== stage.weightBp) {
      weightsBp.push(stage.weightBp);
      out.record('stage', { release: id, index: stage.index, weightBp: stage.weightBp });
    }
    if (!release.open) break;
    const unusualMs = (UNUSUAL_MS as Readonly<Record<string, number>>)[release.state] ?? 30_000;
    const tookMs = io.nowMs() - state.sinceMs;
    if (tookMs > unusualMs && !state.isTold) {
      state = { ...state, isTold: true };
      out.record('slow', { release: id, state: release.state, tookMs });
      out.line(out.paint('dim', `${headline(release)} takes longer than usual (${Math.round(tookMs / 1_000)} s). A slow machine waits instead of rolling back.`));
    }
    if (out.isTty) out.draw([...viewLines(release, out), progressLine(release), ...below()]);
    else out.draw([headline(release)]);
  }
  const endedMs = io.nowMs();
  while (!isSettled(release) && io.nowMs() - endedMs < SETTLE_LIMIT_MS) {
    await pause(LOOK_MS, signal);
    release = await releaseOf(api, id);
    out.draw(out.isTty ? [`${headline(release)}  waiting for the last outcomes`, ...below()] : [headline(release)]);
  }
  out.draw([]);
  out.settle();
  release = await releaseOf(api, id);
  return { release, outcome: outcomeOf(release, weightsBp) };
}

const isSettled = ({ exposure, rollback, state }: ReleaseView): boolean =>
  (exposure === null || exposure.settled) && (state !== 'ROLLED_BACK' || rollback === null || rollback.convergedAt !== null);

/** How far it is: cases while it is evaluated, stages while it climbs. */
function progressLine(release: ReleaseView): string {
  const { evaluation } = release;
  if (release.state === 'EVALUATING' && evaluation !== null && evaluation.progress.itemsTotal > 0) return `  ${strip(evaluation.progress.items / evaluation.progress.itemsTotal)} ${evaluation.progress.items}/${evaluation.progress.itemsTotal}`;
  if (release.state === 'BAKING') return `  ${strip(1)} baking with a holdback`;
  if (release.stage !== null && release.stages.length > 0) return `  ${strip((release.stage.index + 0.5) / (release.stages.length + 1))} ${release.stages.map(({ weightBp }) => percentOfBp(weightBp)).join(' → ')}`;
  return '';
}

const strip = (share: number): string => { const full = Math.round(Math.min(1, Math.max(0, share)) * 24); return `${'█'.repeat(full)}${'░'.repeat(24 - full)}`; };
