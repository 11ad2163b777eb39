import type { Split, TokenFields } from '../core/assignment/index.js';
import type { ApplicationKey, ReleaseId } from '../core/ids.js';
import type { Obs, ReleaseDoc, ReleaseReads } from '../store/index.js';

/** Why something that was reported is stored and not counted. Never an error to the client: it may be somebody else's span. */
export const CAUSES = ['no_token', 'bad_signature', 'foreign', 'unknown_rev', 'wrong_arm', 'late', 'future', 'not_a_call'] as const;
export type Cause = (typeof CAUSES)[number];

/** The part of an observation that the token proves. */
export type Attributed = Omit<Obs, 'feed' | 'value' | 'call' | 'output'>;
export type Outcome = { readonly kind: 'attributed'; readonly to: Attributed } | { readonly kind: 'uncounted'; readonly cause: Cause };

/** Whose key sent it; for a person's feedback, whose application it is. */
export interface Sender { readonly application: ApplicationKey; readonly environment: string }
export type RecentSplits = readonly (Split & { readonly rev: number })[];

export interface AttributionDeps {
  readonly open: (token: string) => TokenFields | null;
  /** The environment's last splits; null where it has none. */
  readonly recentOf: (application: ApplicationKey, environment: string) => RecentSplits | null;
  /** The database's time; null when it is not known, and then time decides nothing. */
  readonly databaseMs: () => number | null;
  readonly windows: Pick<Windows, 'isClosed'>;
  readonly tokensMax?: number;
}
export interface Attribution {
  /** The checks of a token: seal, application and environment, release, arm against bucket and weight of its rev, age. */
  attribute(token: string | null, sender: Sender): Outcome;
  /** True for a sealed token of a revision that is newer than any known here: the snapshot is behind. */
  isAhead(token: string | null, sender: Sender): boolean;
}

/** A reader's clock is carried from the database's; this much apart is delay, more is not. */
const AHEAD_MAX_MS = 5_000;

export function createAttribution({ open, recentOf, databaseMs, windows, tokensMax = 50_000 }: AttributionDeps): Attribution {
  const opened = new Map<string, TokenFields>();
  /** Only what opened is remembered, so that a flood of forgeries pushes nothing out. */
  const fieldsOf = (token: string): TokenFields | null => {
    const known = opened.get(token);
    if (known !== undefined) return known;
    const fields = open(token);
    if (fields === null) return null;
    if (opened.size >= tokensMax) opened.delete(opened.keys().next().value ?? '');
    opened.set(token, fields);
    return fields;
  };
  const isOf = (fields: TokenFields, sender: Sender): boolean => fields.application === sender.application && fields.environment === sender.environment;

  const causeOf = (fields: TokenFields, sender: Sender): Cause | null => {
    if (!isOf(fields, sender)) return 'foreign';
    const split = recentOf(sender.application, sender.environment)?.find(({ rev }) => rev === fields.rev);
    if (split === undefined || split.release !== fields.release) return 'unknown_rev';
    if ((split.candidate !== undefined && fields.bucket < split.weightBp) !== (fields.arm === 'candidate')) return 'wrong_arm';
    const nowMs = databaseMs();
    if (nowMs === null) return null;
    if (fields.assignedAtSec * 1000 > nowMs + AHEAD_MAX_MS) return 'future';
    return windows.isClosed(fields.release, fields.assignedAtSec, nowMs) ? 'late' : null;
  };

  return {
    attribute: (token, sender) => {
      if (token === null) return { kind: 'uncounted', cause: 'no_token' };
      const fields = fieldsOf(token);
      const cause = fields === null ? 'bad_signature' : causeOf(fields, sender);
      if (fields === null || cause !== null) return { kind: 'uncounted', cause: cause ?? 'bad_signature' };
      return { kind: 'attributed', to: { release: fields.release, arm: fields.arm, rev: fields.rev, sec: fields.assignedAtSec, unit: fields.unit, reader: fields.reader } };
    },
    isAhead: (token, sender) => {
      const fields = token === null ? null : fieldsOf(token);
      if (fields === null || !isOf(fields, sender)) return false;
      const recent = recentOf(sender.application, sender.environment);
      return recent === null || recent.every(({ rev }) => rev < fields.rev);
    },
  };
}

/** What the releases in flight still take: until when, and of which feeds. */
export interface Windows {
  /** Reads the open releases again. Keeps what it knew on failure. */
  refresh(): Promise<void>;
  /** True when every metric's cut-off of the block of that second has passed. */
  isClosed(release: ReleaseId, sec: number, databaseMs: number): boolean;
  /** Whether an observation of that feed is kept. What says that a unit is there, and of a release not known here anything, always is. */
  reads(release: ReleaseId, feed: string): boolean;
  /** Attributes of spans that a metric of some release in flight reads; the rest is not looked at. */
  attributeKeys(): ReadonlySet<string>;
}

/** A release that is not in flight feeds the watch after its promotion; the Collector's retries end long before this. */
const WITHOUT_PLAN_MS = 3_600_000;
/** Kept whether or not a metric reads them: a unit that reported anything counts in every metric of its release. */
const ALWAYS = /^(error|guardrail:|feedback:)/;
const ATTRIBUTE = 'attribute:';

interface Window { readonly blockMs: number; readonly maturityMs: number; readonly feeds: ReadonlySet<string> }
const windowOf = ({ policy: { plan: { blockSec, metrics } } }: ReleaseDoc): Window =>
  ({ blockMs: blockSec * 1000, maturityMs: Math.max(0, ...metrics.map(({ maturityMs }) => maturityMs)), feeds: new Set(metrics.map(({ from }) => from)) });

export function createWindows({ releases }: { readonly releases: Pick<ReleaseReads, 'exposed'> }): Windows {
  let plans: ReadonlyMap<ReleaseId, Window> = new Map();
  let keys: ReadonlySet<string> = new Set();
  return {
    refresh: async () => {
      try { plans = new Map((await releases.exposed()).map((release) => [release._id, windowOf(release)])); } catch { return; /* what was known is still so */ }
      keys = new Set([...plans.values()].flatMap(({ feeds }) => [...feeds].flatMap((feed) => (feed.startsWith(ATTRIBUTE) ? [feed.slice(ATTRIBUTE.length)] : []))));
    },
    isClosed: (release, sec, databaseMs) => {
      const plan = plans.get(release);
      if (plan === undefined) return databaseMs > sec * 1000 + WITHOUT_PLAN_MS;
      return databaseMs > (Math.floor((sec * 1000) / plan.blockMs) + 1) * plan.blockMs + plan.maturityMs;
    },
    reads: (release, feed) => ALWAYS.test(feed) || (plans.get(release)?.feeds.has(feed) ?? true),
    attributeKeys: () => keys,
  };
}
