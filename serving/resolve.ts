import { createHash } from 'node:crypto';
import type { Arm, TokenFields } from '../core/assignment/index.js';
import { armOf, bucketOf, leaseLeftMs } from '../core/assignment/index.js';
import type { ApplicationKey } from '../core/ids.js';
import { BUNDLE_FLAG } from './contents.js';
import type { PreparedBundle } from './contents.js';
import type { Held } from './snapshot.js';

/** What an answer needs besides the snapshot. */
export interface ResolveDeps {
  readonly seal: (fields: TokenFields) => string;
  readonly unitOf: (application: ApplicationKey, targetingKey: string) => string;
  /** Name of this edge in the tokens it mints. */
  readonly reader: string;
  /** The database's time; null when it is not known, and then there is no token. */
  readonly databaseMs: () => number | null;
}

/** One assignment, which all prompts of a bundle follow. */
export interface Assignment {
  readonly arm: Arm;
  /** SPLIT while a candidate is open and its lease runs, else STATIC. */
  readonly reason: 'SPLIT' | 'STATIC';
  readonly bundle: PreparedBundle | null;
  readonly targetingKey: string | null;
  /** null: the snapshot is fresh and no lease is over. */
  readonly staleMs: number | null;
  readonly token: string | null;
}

/** @param staleMs  age of the snapshot when it is no longer fresh, else null */
export interface Moment { readonly monotonicMs: number; readonly ageMs: number; readonly isFresh: boolean }

/**
 * Who is served what. Always answers: a lease that is over, or a snapshot that is old, means stable, or the split as it was, without a token.
 *
 * @returns null when a candidate is open and nobody said who is asking
 */
export function assign(held: Held, targetingKey: string | null, moment: Moment, deps: ResolveDeps): Assignment | null {
  const { split } = held;
  const hasCandidate = split?.candidate !== undefined;
  const leftMs = hasCandidate ? leaseLeftMs(held.lease, moment.monotonicMs) : 0;
  const isOpen = hasCandidate && leftMs > 0;
  if (isOpen && targetingKey === null) return null;
  const bucket = isOpen && targetingKey !== null ? bucketOf(held.salt, targetingKey) : 0;
  const arm = split === null ? 'stable' : armOf(split, bucket, leftMs);
  const isStale = !moment.isFresh || (hasCandidate && !isOpen);
  const databaseMs = deps.databaseMs();
  const token = split === null || isStale || targetingKey === null || databaseMs === null ? null : deps.seal({
    rev: held.rev, assignedAtSec: Math.floor(databaseMs / 1000), bucket, arm, unit: deps.unitOf(held.application, targetingKey),
    application: held.application, environment: held.environment, release: split.release, reader: deps.reader,
  });
  return { arm, reason: isOpen ? 'SPLIT' : 'STATIC', bundle: arm === 'candidate' ? held.candidate : held.stable, targetingKey, staleMs: isStale ? Math.round(moment.ageMs) : null, token };
}

/** One flag of the arm as an OFREP success, or null when its bundle has none of that key. */
export function flagJson(held: Held, assignment: Assignment, key: string): string | null {
  const flag = assignment.bundle?.flags.get(key);
  if (flag === undefined) return null;
  const version = flag.version === null ? '' : `,"slipway.promptVersion":${flag.version}`;
  return `{"key":${JSON.stringify(key)},"value":${flag.json},"reason":"${assignment.reason}","variant":"${assignment.arm}","metadata":{${setJson(held)}${version}${personJson(assignment)}}}`;
}

/** Every prompt of the arm; the whole bundle is not among them, it would say everything twice. */
export function bulkJson(held: Held, assignment: Assignment): string {
  const flags: string[] = [];
  for (const key of assignment.bundle?.flags.keys() ?? []) {
    const flag = key === BUNDLE_FLAG ? null : flagJson(held, assignment, key);
    if (flag !== null) flags.push(flag);
  }
  return `{"flags":[${flags.join(',')}],"metadata":{${setJson(held)}}}`;
}

/** A strong tag of the result for this context, without the token and the age, or no answer would ever be a 304. */
export function etagOf(held: Held, assignment: Assignment): string {
  const parts = [held.application, held.environment, held.epoch, held.rev, assignment.arm, assignment.reason, assignment.bundle?.digest ?? null, held.split?.release ?? null, assignment.targetingKey, assignment.staleMs !== null];
  return `"${createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 27)}"`;
}

const setJson = (held: Held): string => {
  const { split } = held;
  const set = `"flagSetId":${JSON.stringify(`${held.application}/${held.environment}`)},"version":"${held.rev}","slipway.epoch":${held.epoch}`;
  return split === null ? set : `${set},"slipway.release":${JSON.stringify(split.release)}`;
};

function personJson({ bundle, targetingKey, token, staleMs }: Assignment): string {
  let json = bundle === null ? '' : `,"slipway.bundle":"${bundle.digest}"`;
  if (targetingKey !== null) json += `,"contextId":${JSON.stringify(targetingKey)}`;
  if (token !== null) json += `,"slipway.assignment":"${token}"`;
  if (staleMs !== null) json += `,"slipway.stale":true,"slipway.ageMs":${staleMs}`;
  return json;
}
