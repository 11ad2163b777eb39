import { z } from 'zod';
import { application, idempotencyKey, term, text } from './terms.js';

/** `token` is the assignment the feedback is about; 1 is the unwanted answer, as in `thumbs_down`. */
export const RecordFeedbackInput = z.strictObject({ application, token: z.string().min(1).max(2_000), label: term, value: z.number().min(0).max(1), comment: text(4_000).optional(), idempotencyKey });
export type RecordFeedbackInput = z.output<typeof RecordFeedbackInput>;
