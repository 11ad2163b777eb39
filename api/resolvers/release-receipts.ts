import { replayFileOf } from '../../core/gate/index.js';
import type { ReleaseDoc } from '../../store/index.js';
import type { Context } from '../context.js';
import type { ReceiptConnection } from '../generated.js';
import { connectionOf, pageOf } from './pages.js';

/** With the plan before them, the lines of all receipts are a file for `slipway gate replay`. */
export async function receiptsOf({ _id, gate }: ReleaseDoc, args: { readonly first: number; readonly after?: string | null | undefined }, { deps }: Context): Promise<ReceiptConnection> {
  if (gate === null) return connectionOf({ items: [], next: null });
  const { items, next } = await deps.releases.receipts(_id, pageOf(args), 'oldest');
  return connectionOf({
    items: items.map((receipt) => {
      const [, ...lines] = replayFileOf(gate, [receipt]);
      const { seq, at, mode, stage, decision: { decision }, reasons, code } = receipt;
      return { seq, at, mode, stage, decision, reasons, code, lines: lines.map((line) => JSON.stringify(line)) };
    }),
    next,
  });
}

export const gatePlanOf = ({ gate }: ReleaseDoc): string | null => (gate === null ? null : JSON.stringify({ plan: gate }));
