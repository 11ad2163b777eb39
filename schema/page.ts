import { z } from 'zod';
import { after, first } from './terms.js';

/** Every list is read in pages of at most 100. */
export const PageArguments = z.object({ first, after: after.optional() });
export type PageArguments = z.output<typeof PageArguments>;
/** The audit's cursor is the seq of the last event seen. */
export const AuditPageArguments = z.object({ first, after: z.string().regex(/^\d{1,10}$/, 'is the seq of an event').transform(Number).default(0) });
export type AuditPageArguments = z.output<typeof AuditPageArguments>;
