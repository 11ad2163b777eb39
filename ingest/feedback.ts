import type { TokenFields } from '../core/assignment/index.js';
import type { ApplicationKey } from '../core/ids.js';
import type { BatchReads, BatchWrites, EnvironmentReads } from '../store/index.js';
import { createAttribution } from './attribution.js';
import type { Cause, RecentSplits, Windows } from './attribution.js';
import type { Reported } from './gen-ai.js';
import { SETTLE_MS, attributeAll, batchId } from './batch.js';

/** A thumb, a rating, a label. `id` tells two equal ones apart: without it the same words are the same feedback. */
export interface Feedback { readonly token: string; readonly label: string; readonly value: number; readonly comment?: string; readonly id?: string }

const LABEL = /^[A-Za-z0-9._-]{1,64}$/;
const FIELDS = new Set(['token', 'label', 'value', 'comment', 'id']);

/** @returns the feedback, or a sentence that says what is wrong with it */
export function feedbackOf(text: string): Feedback | string {
  let read: unknown;
  try { read = JSON.parse(text); } catch { return 'The body is not JSON.'; }
  if (typeof read !== 'object' || read === null || Array.isArray(read)) return 'The body is not a JSON object.';
  const unknown = Object.keys(read).find((name) => !FIELDS.has(name));
  if (unknown !== undefined) return `There is no field "${unknown.slice(0, 40)}"; there are token, label, value, comment and id.`;
  const { token, label, value, comment, id } = read as Readonly<Record<string, unknown>>;
  if (typeof token !== 'string' || token === '' || token.length > 1_600) return 'token must be the text of slipway.assignment.';
  if (typeof label !== 'string' || !LABEL.test(label)) return 'label must be 1 to 64 letters, digits, ".", "_" or "-".';
  const number = typeof value === 'boolean' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) return 'value must be a number, true or false.';
  if (comment !== undefined && (typeof comment !== 'string' || comment.length > 4_000)) return 'comment must be a text of at most 4000 characters.';
  if (id !== undefined && (typeof id !== 'string' || id === '' || id.length > 128)) return 'id must be a text of 1 to 128 characters.';
  return { token, label, value: number, ...(comment === undefined ? {} : { comment }), ...(id === undefined ? {} : { id }) };
}

export const reportedByFeedback = ({ token, label, value }: Feedback): Reported => ({ token, feeds: [{ feed: `feedback:${label}`, value }] });

export interface ReportDeps {
  readonly open: (token: string) => TokenFields | null;
  readonly environments: Pick<EnvironmentReads, 'find'>;
  readonly batches: BatchWrites & Pick<BatchReads, 'now'>;
  readonly windows: Pick<Windows, 'isClosed' | 'reads'>;
}
/** What became of one report: counted, or stored and not counted. */
export type ReportOutcome = { readonly counted: true } | { readonly counted: false; readonly cause: Cause };

/**
 * Feedback from inside the control plane: a resolver, a judge. Stored when the promise resolves; a repeat with the same id changes nothing.
 * The caller has decided that whoever asks may speak for the application.
 *
 * @throws what the store throws while the database is away
 */
export function createReport({ open, environments, batches, windows }: ReportDeps): (application: ApplicationKey, feedback: Feedback) => Promise<ReportOutcome> {
  return async (application, feedback) => {
    const environment = open(feedback.token)?.environment ?? '';
    const [doc, now] = await Promise.all([environment === '' ? null : environments.find(application, environment), batches.now()]);
    const recent: RecentSplits | null = doc?.recent ?? null;
    const attribution = createAttribution({ open, recentOf: () => recent, databaseMs: () => now.getTime(), windows });
    const { obs, uncounted } = attributeAll([reportedByFeedback(feedback)], { application, environment }, attribution, windows);
    const body = JSON.stringify(['report', feedback.token, feedback.label, feedback.value, feedback.id ?? '']);
    await batches.accept([{ _id: batchId(application, body), application, obs, uncounted }], SETTLE_MS);
    const [cause] = Object.keys(uncounted) as Cause[];
    return cause === undefined ? { counted: true } : { counted: false, cause };
  };
}
