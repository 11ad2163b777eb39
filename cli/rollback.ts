import { argument, optional, pause, type Context, type Typed } from './context.js';
import type { Client } from './client.js';
import { EXIT } from './exit.js';
import { findRelease, nameOf, type ReleaseView } from './release-view.js';

const LOOK_MS = 250;
/** Longer than any lease a policy may have and a reader's time to be forgotten; then the command names who is missing. */
const CONVERGE_LIMIT_MS = 90_000;

interface Place {
  readonly split: { readonly rev: number; readonly epoch: number; readonly weightBp: number } | null;
  readonly stable: { readonly digest: string; readonly prompts: readonly { readonly prompt: string; readonly version: number }[] } | null;
  readonly leaseLeftMs: number | null;
  readonly readers: readonly { readonly reader: string; readonly epoch: number; readonly rev: number; readonly connected: boolean }[];
}
const PLACE = `query($application: ID!, $name: ID!) { environment(application: $application, name: $name) { split { rev epoch weightBp } stable { digest prompts { prompt version } } leaseLeftMs readers { reader epoch rev connected } } }`;

/**
 * `slipway rollback APP ENV`: one write, no question. Then it waits until it is proven: every connected reader has acknowledged the new
 * revision, or what it could still have served has ended with its lease.
 */
export async function rollback(typed: Typed, context: Context): Promise<number> {
  const { io, out, client } = context;
  const [application, environment] = [argument(typed, 0), argument(typed, 1)];
  const reason = optional(typed, 'reason');
  const api = await client('onCall');
  const begunMs = io.nowMs();
  const release = await api.mutate<Pick<ReleaseView, 'id' | 'kind' | 'state'>>('rollbackEnvironment', { application, environment, ...(reason === undefined ? {} : { reason }) }, '{ id kind state }');
  const after = await placeOf(api, application, environment);
  const rev = after?.split?.rev ?? null;
  out.record('rollback', { application, environment, release: release.id, kind: release.kind, rev, stable: after?.stable?.digest ?? null, tookMs: io.nowMs() - begunMs });
  out.line(`${application}/${environment} ${release.kind === 'REVERT' ? 'is back at' : 'stays at'} ${nameOf(after?.stable)}${rev === null ? '' : `, rev ${rev}`}. Waiting until every reader serves it.`);

  const proof = await awaitConverged(api, { application, environment, release: release.id, rev }, context, begunMs);
  out.record('converged', { ...proof, tookMs: io.nowMs() - begunMs });
  if (proof.converged) out.line(out.paint('good', `Converged after ${((proof.convergeMs ?? io.nowMs() - begunMs) / 1_000).toFixed(1)} s${proof.leaseEnded ? ', by the end of the lease' : ''}${proof.stragglers.length > 0 ? `; without ${proof.stragglers.join(', ')}` : ''}.`));
  else out.line(out.paint('bad', `Not proven within ${CONVERGE_LIMIT_MS / 1_000} s; the split is back, and these have not said so: ${proof.stragglers.join(', ') || 'unknown'}.`));
  out.next(proof.converged ? `slipway status ${application} ${environment}` : 'slipway doctor');
  return proof.converged ? EXIT.ok.code : EXIT.negative.code;
}

interface Proof { readonly converged: boolean; readonly convergeMs: number | null; readonly stragglers: readonly string[]; readonly leaseEnded: boolean }

async function awaitConverged(api: Client, target: { readonly application: string; readonly environment: string; readonly release: string; readonly rev: number | null }, { io }: Context, begunMs: number): Promise<Proof> {
  for (;;) {
    // The workflow's own proof, where there is a workflow; a REVERT has none, and with Temporal down nobody writes one.
    const summary = (await findRelease(api, target.release, 1_000_000_000))?.rollback ?? null;
    if (summary !== null && summary.convergedAt !== null) return { converged: true, convergeMs: summary.convergeMs, stragglers: summary.stragglers, leaseEnded: summary.leaseEnded };
    const place = await placeOf(api, target.application, target.environment);
    const missing = behind(place, target.rev);
    if (summary === null && place !== null && target.rev !== null && missing.length === 0) return { converged: true, convergeMs: null, stragglers: [], leaseEnded: false };
    if (io.nowMs() - begunMs > CONVERGE_LIMIT_MS) return { converged: false, convergeMs: null, stragglers: missing, leaseEnded: false };
    await pause(LOOK_MS, io.signal);
  }
}

/** Connected readers that have not acknowledged this revision. */
export const behind = (place: Pick<Place, 'readers'> | null, rev: number | null): string[] =>
  (place?.readers ?? []).filter((reader) => reader.connected && (rev === null || reader.rev < rev)).map(({ reader }) => reader);

const placeOf = async (api: Client, application: string, name: string): Promise<Place | null> => (await api.ask<{ environment: Place | null }>(PLACE, { application, name })).environment;
