import { boundOf } from '../../core/stats/index.js';
import type { BlockDoc, BlockReads, ReleaseDoc, ReleaseReads } from '../../store/index.js';
import type { Exposure } from '../generated.js';

/**
 * What a candidate cost its users, from the folded blocks of the metric that decided, or of the first guardrail. Null before it had weight.
 * A unit that came back in another block counts again: blocks know how many, not who.
 */
export async function exposureOf(release: ReleaseDoc, { blocks, releases }: { readonly blocks: BlockReads; readonly releases: ReleaseReads }): Promise<Exposure | null> {
  const { _id, application, stage, policy: { plan }, rollback } = release;
  if (stage === null) return null;
  const receipt = await releases.lastReceipt(_id);
  const decided = receipt?.decision.decision === 'ROLLBACK' && receipt.decision.reason === 'HARM' ? receipt.decision.metric : undefined;
  // A score or a mean has no bad responses: then the first guardrail that counts them says what the candidate cost.
  const rates = plan.metrics.filter(({ kind }) => kind === 'rate');
  const metric = rates.find(({ name }) => name === decided) ?? rates.find(({ role }) => role === 'guardrail');
  if (metric === undefined) return null;
  const [rows, { through }] = await Promise.all([blocks.after(application, _id, metric.name, -1), blocks.folded(_id)]);
  const sum = (pick: (row: BlockDoc) => number): number => rows.reduce((total, row) => total + pick(row), 0);
  const [n, k, stableN, stableK] = [sum((row) => row.candidate.n), sum((row) => badOf(row.candidate)), sum((row) => row.stable.n), sum((row) => badOf(row.stable))];
  const firstBad = rows.find(({ candidate }) => badOf(candidate) > 0);
  const firstBadAt = firstBad === undefined ? null : new Date(firstBad.block * plan.blockSec * 1_000);
  return {
    metric: metric.name, users: n, requests: n, badResponses: k,
    waldBoundBadResponses: n === 0 || stableN === 0 ? null : badAtLeast(stableK / stableN, k / n, n / (n + stableN), plan.alpha.harm * metric.share, metric.tolerance),
    firstBadAt, detectMs: firstBadAt === null || rollback === null ? null : Math.max(0, rollback.committedAt.getTime() - firstBadAt.getTime()),
    settled: isSettled(release, through[metric.name]),
  };
}

const badOf = (arm: BlockDoc['stable']): number => ('k' in arm ? arm.k : 0);

/** Bad responses of the candidate that a test of this level has to let pass, by Wald's bound; null where there is nothing to find. */
function badAtLeast(stable: number, candidate: number, weight: number, alpha: number, line: number): number | null {
  if (candidate <= stable + line || !(alpha > 0 && alpha < 1)) return null;
  const { bad } = boundOf({ stable, candidate, weight, alpha, line });
  return Number.isFinite(bad) ? bad : null;
}

/** The fold has passed the block in which the release ended. */
function isSettled({ terminalAt, policy: { plan } }: ReleaseDoc, through: number | undefined): boolean {
  return terminalAt !== null && through !== undefined && through >= Math.floor(terminalAt.getTime() / (plan.blockSec * 1_000));
}
