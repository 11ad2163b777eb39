import { z } from 'zod';
import { application, idempotencyKey, name, text, unique } from './terms.js';

/** One version arrives in one request: how many cases really fit is bounded by the body's 1 MiB. */
export const DATASET_ITEMS_MAX = 5_000;
export const CELL_BYTES_MAX = 65_536;

const bytesOf = (cell: string): number => new TextEncoder().encode(cell).length;
const item = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9_.:/-]{1,200}$/, 'an item id is at most 200 letters, digits and . _ : / -'),
  variables: z.array(z.strictObject({ name: z.string().min(1).max(64), value: text(1_048_576) })).max(100).superRefine(unique((one) => one.name, 'variable')),
  expected: text(1_048_576).optional(), contains: z.array(text(1_048_576).min(1)).min(1).max(100).optional(), tags: z.array(text(100).min(1)).max(20).optional(),
  judged: z.strictObject({ answer: text(1_048_576), other: text(1_048_576).optional(), label: z.number().min(0).max(1) }).optional(),
}).superRefine(({ variables, expected, contains, judged }, context) => {
  const cells: { readonly path: (string | number)[]; readonly cell: string }[] = [
    ...variables.map(({ value }, index) => ({ path: ['variables', index, 'value'], cell: value })), ...(contains ?? []).map((value, index) => ({ path: ['contains', index], cell: value })),
    ...(expected === undefined ? [] : [{ path: ['expected'], cell: expected }]), ...(judged === undefined ? [] : [{ path: ['judged', 'answer'], cell: judged.answer }, { path: ['judged', 'other'], cell: judged.other ?? '' }]),
  ];
  for (const { path, cell } of cells) {
    if (cell.length <= CELL_BYTES_MAX / 4) continue;
    const bytes = bytesOf(cell);
    if (bytes > CELL_BYTES_MAX) context.addIssue({ code: 'custom', path, message: `the cell has ${bytes} bytes; the limit is ${CELL_BYTES_MAX}`, params: { tooLarge: true } });
  }
});

export const ImportDatasetVersionInput = z.strictObject({
  application, name, items: z.array(item).min(1).max(DATASET_ITEMS_MAX).superRefine(unique((one) => one.id, 'item')), idempotencyKey,
});
export type ImportDatasetVersionInput = z.output<typeof ImportDatasetVersionInput>;
