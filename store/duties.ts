import type { DutyWrites } from './documents.js';
import type { Row, Tables } from './table.js';
import { eq, literal, merged, NOW, sinceMs } from './terms.js';

interface DutyRow extends Row { readonly shape: 1; readonly holder: string; readonly seq: number; readonly at: Date; readonly ms: number }

export function createDuties({ table }: Tables): DutyWrites {
  const rows = table<DutyRow>('duties');
  return {
    async hold(duty, holder, ms) {
      // First the way that is nearly always taken: renew it, or take one that has lapsed.
      const mine = { $set: { holder: literal(holder), at: NOW, ms: literal(ms), seq: { $add: ['$seq', 1] } } };
      const held = await rows.change({ _id: eq(duty), $or: [{ holder: eq(holder) }, { $expr: { $gte: [sinceMs('$at'), '$ms'] } }] }, [mine]);
      if (held !== null) return true;
      const { row } = await rows.born(duty, merged(literal({ _id: duty, shape: 1, holder, ms, seq: 1 }), { at: NOW }));
      return row.holder === holder;
    },
    async release(duty, holder) {
      await rows.change({ _id: eq(duty), holder: eq(holder) }, [{ $set: { ms: literal(0) } }]);
    },
  };
}
