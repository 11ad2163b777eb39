import type { RolloutPolicy } from '../core/release/index.js';
import type { ApplicationDoc, BundleDoc, RevertRecord, StoredIntent } from './documents.js';
import { encode } from './json.js';
import type { ReleaseRow } from './releases-row.js';
import { TakenError, type Tables } from './table.js';
import { eq, literal } from './terms.js';

/** Where the release that once shipped this bundle is not known: a policy that asks and allows nothing. */
const NO_PLAN: RolloutPolicy = {
  name: '', tier: 'LOW', evaluation: { dataset: '', evaluators: [], repetitions: 1, callsMax: 0, ageMaxSec: 0 }, approvals: { count: 0, outsideTeam: 0, expireSec: 0 }, blockSec: 60, leaseMs: 60_000,
  alpha: { harm: 0, promote: 0 }, errorBudget: 0, stages: [], metrics: [], bake: { durationMinSec: 0, durationMaxSec: 0, holdbackBp: 0 }, pausedMaxSec: 0, floatingModels: 'refuse',
};
type Sketch = Pick<ReleaseRow, 'contents' | 'tier' | 'ownerTeam' | 'authors' | 'policy' | 'dataset' | 'evaluators'>;

/** Writes releases of kind REVERT: born terminal, never open. The environment document is their truth; this is the record. */
export function createReverts({ table }: Pick<Tables, 'table'>) {
  const rows = table<ReleaseRow>('releases'), bundles = table<BundleDoc>('bundles'), applications = table<ApplicationDoc>('applications');

  /** What the release that made the bundle stable said of it, or as much as the inventory knows. */
  async function sketchOf(application: string, record: RevertRecord): Promise<Sketch> {
    const former = await rows.first({ application: eq(application), environment: eq(record.environment), candidate: eq(record.candidate), state: 'PROMOTED', kind: 'RELEASE' }, { createdAt: -1 });
    if (former !== null) return former;
    const [bundle, owner] = await Promise.all([bundles.first({ application: eq(application), digest: eq(record.candidate) }), applications.first({ _id: eq(application) })]);
    return {
      contents: bundle?.contents ?? String(record.candidate), tier: owner?.tier ?? 'LOW', ownerTeam: owner?.team ?? '', authors: bundle?.authors ?? [],
      policy: { name: '', version: 0, digest: '', plan: encode(NO_PLAN) }, dataset: { name: '', version: 0, digest: '', items: 0 }, evaluators: [],
    };
  }

  return {
    async write(intent: StoredIntent, record: RevertRecord): Promise<void> {
      const { contents, tier, ownerTeam, authors, policy, dataset, evaluators } = await sketchOf(intent.application, record);
      const reason = record.reason === undefined ? {} : { reason: record.reason };
      const row = (key: string): ReleaseRow => ({
        _id: record.id, shape: 1, kind: 'REVERT', application: intent.application, environment: record.environment, once: { key, args: record.args },
        state: 'PROMOTED', open: false, epoch: record.epoch, candidate: record.candidate, contents, baseline: record.baseline, requestedBy: record.requestedBy, message: record.reason ?? '', tier, ownerTeam, authors,
        policy, gate: null, dataset, evaluators, evaluation: null, ticket: null, approvals: [], approvalsNeeded: 0, approvalExpiresAt: null, stage: null, holds: [], rollback: null,
        timeline: [{ id: intent.id, seq: 1, type: 'release.reverted', at: intent.at, actor: record.requestedBy, state: 'PROMOTED', ...reason, data: encode({ rev: record.rev, epoch: record.epoch }) }],
        seq: 1, createdAt: intent.at, terminalAt: intent.at, intents: [],
      });
      try {
        await rows.born(record.id, literal(row(record.key)));
      } catch (error) {
        if (!(error instanceof TakenError)) throw error;
        // The key already stands on another release. One intent must not hold up the relay: the id tells them apart.
        await rows.born(record.id, literal(row(`${record.key}|${record.id}`)));
      }
    },
  };
}
