import { z } from 'zod';
import { CELL_BYTES_MAX, FAULTS, ITEMS_MAX, faultsOfItem, type DatasetItem } from '../core/dataset/index.js';
import { application, idempotencyKey, json, name, text, unique } from './terms.js';

/** One request carries so many cases at most: how many really fit is bounded by the body's 1 MiB. */
export const DATASET_ITEMS_MAX = 5_000;
/** Each part is within a request: a version is bounded by them. */
export const DATASET_PARTS_MAX = 40;
export { CELL_BYTES_MAX };

const wide = text(1_048_576);
const shape = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9_.:/-]{1,200}$/, 'an item id is at most 200 letters, digits and . _ : / -'),
  variables: z.array(z.strictObject({ name: z.string().min(1).max(64), value: wide })).max(100).superRefine(unique((one) => one.name, 'variable')),
  expected: wide.optional(), contains: z.array(wide.min(1)).min(1).max(100).optional(), tags: z.array(text(100).min(1)).max(20).optional(),
  split: z.string().optional(), hidden: z.boolean().optional(), source: z.strictObject({ kind: z.string(), ref: z.string() }).optional(),
  messages: z.array(z.strictObject({ role: z.enum(['user', 'assistant']), content: wide })).max(100).optional(),
  toolCalls: z.strictObject({ order: z.enum(['strict', 'any']), calls: z.array(z.strictObject({ name: z.string(), arguments: json.optional() })).max(32) }).optional(),
  judged: z.strictObject({ answer: wide, other: wide.optional(), label: z.number() }).optional(),
});
const item = shape.superRefine((one, context) => {
  for (const { column, code, message } of faultsOfItem(caseOf(one))) {
    const isSize = code === 'CELL_TOO_LARGE' || code === 'ROW_TOO_LARGE';
    context.addIssue({ code: 'custom', path: column === undefined ? [] : [column], message: isSize ? message : `${message}. ${FAULTS[code]}`, ...(isSize ? { params: { tooLarge: true } } : {}) });
  }
});
const items = z.array(item).min(1).max(DATASET_ITEMS_MAX).superRefine(unique((one) => one.id, 'item'));

export const AddDatasetPartInput = z.strictObject({ application, name, items, idempotencyKey });
export type AddDatasetPartInput = z.output<typeof AddDatasetPartInput>;

const part = z.strictObject({ digest: z.string().regex(/^sha256:[0-9a-f]{64}$/, 'a digest is sha256: and 64 hexadecimal digits'), items: z.int().min(1).max(DATASET_ITEMS_MAX) });
export const ImportDatasetVersionInput = z.strictObject({
  application, name, items: items.optional(), parts: z.array(part).min(1).max(DATASET_PARTS_MAX).superRefine(unique((one) => one.digest, 'part')).optional(), idempotencyKey,
}).superRefine((input, context) => {
  if ((input.items === undefined) === (input.parts === undefined)) context.addIssue({ code: 'custom', path: ['items'], message: 'give either items, or parts that were added before' });
  const sum = (input.parts ?? []).reduce((all, one) => all + one.items, 0);
  if (sum > ITEMS_MAX) context.addIssue({ code: 'custom', path: ['parts'], message: `the parts hold ${sum} items; the limit is ${ITEMS_MAX}`, params: { tooLarge: true } });
});
export type ImportDatasetVersionInput = z.output<typeof ImportDatasetVersionInput>;

/** A case as it is kept. What is left out stays out, so that the digest of a case does not depend on who sent it. */
export function caseOf({ variables, hidden, source, messages, toolCalls, judged, ...more }: z.output<typeof shape>): DatasetItem {
  const { id, expected, contains, tags, split } = more;
  return {
    id, variables: Object.fromEntries(variables.map((one) => [one.name, one.value])),
    ...(expected === undefined ? {} : { expected }), ...(contains === undefined ? {} : { contains }), ...(tags === undefined ? {} : { tags }), ...(split === undefined ? {} : { split }), ...(hidden === true ? { hidden } : {}),
    ...(source === undefined ? {} : { source }), ...(messages === undefined ? {} : { messages }),
    ...(toolCalls === undefined ? {} : { toolCalls: { order: toolCalls.order, calls: toolCalls.calls.map((call) => ({ name: call.name, ...(call.arguments === undefined ? {} : { arguments: call.arguments }) })) } }),
    ...(judged === undefined ? {} : { judged: { answer: judged.answer, ...(judged.other === undefined ? {} : { other: judged.other }), label: judged.label } }),
  };
}
