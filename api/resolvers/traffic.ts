import { knownFrom } from '../../core/gate/index.js';
import type { KnownValues } from '../../core/gate/index.js';
import { ASSIGNMENT } from '../../core/release/index.js';
import type { RolloutPolicy } from '../../core/release/index.js';
import type { BlockReads, EnvironmentReads, ReleaseDoc, ReleaseReads } from '../../store/index.js';
import type { Traffic } from '../generated.js';

interface Reads { readonly releases: ReleaseReads; readonly blocks: BlockReads; readonly environments: EnvironmentReads }

/** Older releases say little about the traffic of today. */
const TRAFFIC_DAYS = 7;
const DAY_SEC = 86_400;
const FORMER_RELEASES = 10;
/** From how many blocks on a rate of arrival is told, and from how many a policy is refused by it. */
const TOLD_BLOCKS = 5;
const FIRM_BLOCKS = 30;

const UNKNOWN: Traffic = { unitsPerSec: null, release: null, since: null, until: null, firm: false };

/** Units a second of both arms in an environment, by the newest release that had traffic: its blocks of the last 7 days. */
export async function trafficOf(reads: Reads, application: string, environment: string): Promise<Traffic> {
  const { items } = await reads.releases.list({ application, environment }, { first: FORMER_RELEASES });
  const nowSec = (await reads.environments.now()).getTime() / 1_000;
  for (const release of items) {
    if (release.stage === null) continue;   // it never had weight
    const traffic = await trafficIn(reads.blocks, release, nowSec - TRAFFIC_DAYS * DAY_SEC);
    if (traffic !== null) return traffic;
  }
  return UNKNOWN;
}

async function trafficIn(blocks: BlockReads, { _id, application, policy: { plan } }: ReleaseDoc, sinceSec: number): Promise<Traffic | null> {
  const after = Math.floor(sinceSec / plan.blockSec);
  // All units are in the assignment's blocks; releases from before there was one counted them for each metric.
  for (const metric of [ASSIGNMENT, ...plan.metrics.filter(({ role }) => role === 'guardrail').map(({ name }) => name)]) {
    const rows = await blocks.after(application, _id, metric, after);
    const [first, last] = [rows[0], rows.at(-1)];
    if (first === undefined || last === undefined) continue;
    const spanned = last.block - first.block + 1;   // a block in which nobody came is not written
    if (spanned < TOLD_BLOCKS) return null;
    const units = rows.reduce((sum, { stable, candidate }) => sum + stable.n + candidate.n, 0);
    const atBlock = (block: number): Date => new Date(block * plan.blockSec * 1_000);
    return { unitsPerSec: units / (spanned * plan.blockSec), release: _id, since: atBlock(first.block), until: atBlock(last.block + 1), firm: spanned >= FIRM_BLOCKS };
  }
  return null;
}

/** What former releases measured of today's stable, by metric, as a release that opens now would start from it. */
export async function knownOf({ releases, blocks }: Reads, application: string, environment: string, policy: RolloutPolicy, stable: string): Promise<Readonly<Record<string, KnownValues>>> {
  const { items } = await releases.list({ application, environment }, { first: FORMER_RELEASES });
  const served = items.filter((former) => former.stage !== null && (former.candidate === stable || former.baseline === stable));
  const formers = await Promise.all(served.map(async (former) => {
    const totals = await blocks.totals(application, former._id);
    return { former, metrics: former.policy.plan.metrics, sumsOf: (name: string) => totals.find(({ metric }) => metric === name)?.[former.candidate === stable ? 'candidate' : 'stable'] };
  }));
  // The cap of the release before: that of the next one is found when it opens.
  const caps = (name: string): KnownValues => formers.map(({ former }) => capOf(former, name)).find(({ cap }) => cap !== undefined) ?? {};
  return Object.fromEntries(Object.entries(knownFrom(policy.metrics, formers)).map(([name, known]) => [name, { ...known, ...caps(name) }]));
}

function capOf({ gate }: ReleaseDoc, name: string): KnownValues {
  const metric = gate?.metrics.find(({ id }) => id === name);
  return metric?.type === 'histogram' && metric.cap !== undefined ? { cap: metric.cap } : {};
}
