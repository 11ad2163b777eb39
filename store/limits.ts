import { NO_CALLS_YET, takeFrom } from '../core/limit/index.js';
import { decode, encode } from './json.js';
import type { LimitDoc, LimitWrites } from './documents.js';
import type { Tables } from './table.js';
import { eq, literal, merged, NOW } from './terms.js';

const TRIES = 12;
/** Others were quicker, again and again. */
const AGAIN_MS = 50;

/** As text: `-0` and numbers of any size come back as they were. */
type LimitRow = Omit<LimitDoc, 'state'> & { readonly state: string };

export function createLimits({ table }: Tables): LimitWrites {
  const rows = table<LimitRow>('limits');
  return {
    async take(application, connection, rules, take) {
      const id = `${application}/${connection}`;
      for (let tries = 0; tries < TRIES; tries += 1) {
        const [found] = await rows.aggregate<{ row: LimitRow; now: Date }>([{ $match: { _id: eq(id) } }, { $project: { _id: 0, row: '$$ROOT', now: NOW } }]);
        if (found === undefined) {
          await rows.born(id, merged(literal({ _id: id, shape: 1, application, connection, rev: 1, state: encode(NO_CALLS_YET) }), { at: NOW }));
          continue;
        }
        const { state, allotment } = takeFrom(decode(found.row.state), rules, take, found.now.getTime());
        if (await rows.change({ _id: eq(id), rev: eq(found.row.rev) }, [{ $set: { rev: { $add: ['$rev', 1] }, state: literal(encode(state)), at: NOW } }]) !== null) return allotment;
      }
      return { slots: rules.concurrencyMax === null ? null : take.underway, tokens: { count: 0, firstInMs: AGAIN_MS, everyMs: 0 }, pausedMs: 0, againMs: AGAIN_MS };
    },
  };
}
