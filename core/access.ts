import type { ActorId, ApplicationKey } from './ids.js';
import type { RiskTier } from './release/index.js';

export const ROLES = ['VIEWER', 'AUTHOR', 'RELEASE_MANAGER', 'APPROVER', 'ON_CALL', 'AUDITOR', 'ADMIN'] as const;
export type Role = (typeof ROLES)[number];
export const SCOPES = ['serve', 'ingest', 'feedback'] as const;
export type Scope = (typeof SCOPES)[number];

/** A role on one application, or on all (`*`). */
export interface Grant { readonly application: ApplicationKey | '*'; readonly role: Role }

/** Who asks. Made at the door from a key or a session, never from the input. */
export type Principal =
  | { readonly kind: 'person'; readonly id: ActorId; readonly name: string; readonly team: string; readonly grants: readonly Grant[]; readonly authMethod: 'dev' | 'admin-issued' }
  | { readonly kind: 'ci'; readonly id: ActorId; readonly applications: readonly ApplicationKey[] }
  | { readonly kind: 'application'; readonly id: ActorId; readonly application: ApplicationKey; readonly environment: string; readonly scopes: readonly Scope[] };

// ── what may be done ───────────────────────────────────────────────────────────────────────────────────────────────

/** `own`: only what it started. `open`: only where the environment is not protected. `notOwnAtHigh`: at tier HIGH not by the person whose release it is. */
type Cell = 'yes' | 'own' | 'open' | 'notOwnAtHigh' | 'tightening' | 'feedbackScope';
type Row = Readonly<Partial<Record<Role | 'CI' | 'ap', Cell>>>;

const EVERY_ROLE: Row = { VIEWER: 'yes', AUTHOR: 'yes', RELEASE_MANAGER: 'yes', APPROVER: 'yes', ON_CALL: 'yes', AUDITOR: 'yes', ADMIN: 'yes', CI: 'yes' };
const MAKES_VERSIONS: Row = { AUTHOR: 'yes', RELEASE_MANAGER: 'yes', CI: 'yes' };
const HOLDS_BACK: Row = { AUTHOR: 'own', RELEASE_MANAGER: 'yes', APPROVER: 'yes', ON_CALL: 'yes', ADMIN: 'yes', CI: 'own' };
const TAKES_BACK: Row = { AUTHOR: 'yes', RELEASE_MANAGER: 'yes', APPROVER: 'yes', ON_CALL: 'yes', ADMIN: 'yes', CI: 'yes' };
const GOES_ON: Row = { RELEASE_MANAGER: 'notOwnAtHigh' };

/** Who may do what. What is not here is denied. CI that starts a release in a protected environment needs an approval at any tier. */
const MATRIX = {
  read: EVERY_ROLE,
  readAudit: { RELEASE_MANAGER: 'own', APPROVER: 'own', AUDITOR: 'yes', ADMIN: 'yes' },
  readKeys: { RELEASE_MANAGER: 'yes', ON_CALL: 'yes', ADMIN: 'yes' },
  createPromptVersion: MAKES_VERSIONS, createContextVersion: MAKES_VERSIONS, createGuardrailPolicy: MAKES_VERSIONS, createBundle: MAKES_VERSIONS,
  addDatasetPart: MAKES_VERSIONS, importDatasetVersion: MAKES_VERSIONS, createEvaluatorVersion: MAKES_VERSIONS, createModelVersion: MAKES_VERSIONS,
  startEvaluation: MAKES_VERSIONS, cancelEvaluation: MAKES_VERSIONS,
  // Labels decide what a judge may decide: not by whoever writes what is judged.
  calibrateJudge: { RELEASE_MANAGER: 'yes', ADMIN: 'yes' },
  startRelease: { AUTHOR: 'open', RELEASE_MANAGER: 'yes', CI: 'yes' },
  approveRelease: { RELEASE_MANAGER: 'yes', APPROVER: 'yes' },
  rejectRelease: HOLDS_BACK, pauseRelease: HOLDS_BACK, cancelRelease: HOLDS_BACK,
  resumeRelease: GOES_ON, acknowledgeHold: GOES_ON,
  rollbackRelease: TAKES_BACK, rollbackEnvironment: TAKES_BACK,
  liftQuarantine: { RELEASE_MANAGER: 'yes', APPROVER: 'yes' },
  putRolloutPolicy: { RELEASE_MANAGER: 'yes', ON_CALL: 'tightening', ADMIN: 'yes' },
  createApplication: { ADMIN: 'yes' }, createConnection: { ADMIN: 'yes' },
  createApiKey: { RELEASE_MANAGER: 'yes', ADMIN: 'yes' }, revokeApiKey: { RELEASE_MANAGER: 'yes', ON_CALL: 'yes', ADMIN: 'yes' }, createSession: { ADMIN: 'yes' },
  recordFeedback: { AUTHOR: 'yes', RELEASE_MANAGER: 'yes', APPROVER: 'yes', ON_CALL: 'yes', ap: 'feedbackScope' },
} as const satisfies Readonly<Record<string, Row>>;

export type Action = keyof typeof MATRIX;
export const ACTIONS = Object.keys(MATRIX) as readonly Action[];

/** What it would be done to, as far as the matrix asks. What is not said counts as the stricter. */
export interface Resource {
  /** `release`, `application` …, and its id as it was asked for: the words of a NOT_FOUND. */
  readonly kind: string;
  readonly id: string;
  /** `*` for what belongs to all applications: then only a grant on `*` is a part in it. */
  readonly application: ApplicationKey | '*';
  readonly environment?: string;
  /** Whether the environment is protected; by default it is. */
  readonly isProtected?: boolean;
  /** Who started it. */
  readonly owner?: ActorId;
  readonly tier?: RiskTier;
  /** A policy that is nowhere laxer than the one it replaces; by default it is not. */
  readonly isTightening?: boolean;
}

export type Access =
  | { readonly kind: 'allow'; /** Only through cells that say `own`: a list has to be narrowed to what the principal started. */ readonly ownOnly: boolean }
  | { readonly kind: 'deny'; readonly code: 'FORBIDDEN' | 'NOT_FOUND'; readonly message: string };

/**
 * May this principal do this? Denied by default. Without any part in the application the answer is the one for an id that does not exist.
 *
 * @param resource  for a list whose rows belong to several people leave `owner` out: `own` cells then allow with `ownOnly`
 */
export function decide(principal: Principal, action: Action, resource: Resource): Access {
  // An act on what may not exist yet, and one that concerns no application: refusing them says nothing about what is there.
  if (action !== 'createApplication' && action !== 'createSession' && !hasPart(principal, resource)) return { kind: 'deny', code: 'NOT_FOUND', message: `No ${resource.kind} ${resource.id}.` };
  const row: Row = MATRIX[action];
  const cells = columnsOf(principal, resource.application).map((column) => row[column]).filter((cell) => cell !== undefined);
  if (cells.some((cell) => cell !== 'own' && holds(cell, principal, resource))) return { kind: 'allow', ownOnly: false };
  if (cells.includes('own') && (resource.owner === undefined ? action === 'readAudit' : resource.owner === principal.id)) return { kind: 'allow', ownOnly: true };
  return { kind: 'deny', code: 'FORBIDDEN', message: `${action} on ${resource.application} needs ${needed(row)}; ${principal.id} may not.` };
}

/** The applications a principal may list; `*` for all. */
export function applicationsOf(principal: Principal): readonly ApplicationKey[] | '*' {
  if (principal.kind === 'ci') return principal.applications;
  if (principal.kind === 'application') return [principal.application];
  return principal.grants.some(({ application }) => application === '*') ? '*' : [...new Set(principal.grants.map(({ application }) => application))];
}

function hasPart(principal: Principal, { application, environment }: Resource): boolean {
  switch (principal.kind) {
    case 'person': return principal.grants.some((grant) => grant.application === '*' || grant.application === application);
    case 'ci': return application !== '*' && principal.applications.includes(application);
    case 'application': return principal.application === application && (environment === undefined || environment === principal.environment);
  }
}

function columnsOf(principal: Principal, application: ApplicationKey | '*'): readonly (Role | 'CI' | 'ap')[] {
  if (principal.kind === 'person') return principal.grants.filter((grant) => grant.application === '*' || grant.application === application).map(({ role }) => role);
  return [principal.kind === 'ci' ? 'CI' : 'ap'];
}

function holds(cell: Exclude<Cell, 'own'>, principal: Principal, resource: Resource): boolean {
  switch (cell) {
    case 'yes': return true;
    case 'open': return resource.isProtected === false;
    case 'tightening': return resource.isTightening === true;
    case 'notOwnAtHigh': return (resource.tier ?? 'HIGH') !== 'HIGH' || (resource.owner !== undefined && resource.owner !== principal.id);
    case 'feedbackScope': return principal.kind === 'application' && principal.scopes.includes('feedback');
  }
}

const CONDITION = {
  yes: '', own: ' (for what they started)', open: ' (where the environment is not protected)', notOwnAtHigh: ' (at tier HIGH not of their own release)',
  tightening: ' (for a policy that is nowhere laxer)', feedbackScope: ' with the scope feedback',
} as const satisfies Record<Cell, string>;
const needed = (row: Row): string => Object.entries(row)
  .map(([column, cell]) => `${column === 'CI' ? 'a CI key' : column === 'ap' ? 'an application key' : column}${CONDITION[cell]}`).join(' or ');

// ── keys ───────────────────────────────────────────────────────────────────────────────────────────────────────────

export type KeyKind = 'ap' | 'ci' | 'st';
/** `id` is public and finds the stored hash; `secret` is the whole text, which is hashed. */
export interface Key { readonly kind: KeyKind; readonly id: string; readonly secret: string }

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const KEY = /^slp_(ap|ci|st)_([0-9A-Za-z]{30})([0-9A-Za-z]{6})$/;
const ID_LENGTH = 8;

/**
 * `slp_<kind>_<30 base62><6 base62>`, where the last six are the CRC-32 of all before them. Checked on the text alone, before any query.
 *
 * @returns null for anything else, other kinds of key included
 */
export function parseKey(text: string): Key | null {
  const [, kind, random, check] = KEY.exec(text) ?? [];
  if (kind === undefined || random === undefined || checksumOf(`slp_${kind}_${random}`) !== check) return null;
  return { kind: kind as KeyKind, id: random.slice(0, ID_LENGTH), secret: text };
}

/** @throws RangeError unless `random30` is thirty characters of 0-9A-Za-z */
export function composeKey(kind: KeyKind, random30: string): Key {
  if (!/^[0-9A-Za-z]{30}$/.test(random30)) throw new RangeError('a key is made of thirty characters of 0-9A-Za-z');
  const body = `slp_${kind}_${random30}`;
  return { kind, id: random30.slice(0, ID_LENGTH), secret: `${body}${checksumOf(body)}` };
}

function checksumOf(text: string): string {
  let rest = crc32(text);
  let digits = '';
  for (let i = 0; i < 6; i += 1) { digits = (BASE62[rest % 62] ?? '0') + digits; rest = Math.floor(rest / 62); }
  return digits;
}

/** CRC-32 as in zip and Ethernet (reflected polynomial 0xEDB88320) of an ASCII text, as an unsigned number. */
export function crc32(text: string): number {
  let register = 0xffffffff;
  for (let i = 0; i < text.length; i += 1) {
    register ^= text.charCodeAt(i) & 0xff;
    for (let bit = 0; bit < 8; bit += 1) register = (register >>> 1) ^ (register & 1 ? 0xedb88320 : 0);
  }
  return (register ^ 0xffffffff) >>> 0;
}
