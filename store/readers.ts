import type { ReaderDoc, ReaderWrites } from './documents.js';
import type { Tables } from './table.js';
import { literal, merged, NOW } from './terms.js';

export function createReaders({ table }: Tables): ReaderWrites {
  const rows = table<ReaderDoc>('readers');
  return {
    /** As it came: a reader that was restarted may truly serve an older revision again. `revAt` starts anew with each. */
    async acknowledge({ application, environment, reader, epoch, rev, leaseSeq }) {
      const same = { $and: [{ $eq: ['$epoch', literal(epoch)] }, { $eq: ['$rev', literal(rev)] }] };
      const id = `${application}/${environment}/${reader}`;
      await rows.put(id, [{ $replaceWith: merged('$$ROOT', literal({ _id: id, shape: 1, application, environment, reader, epoch, rev, leaseSeq }), { at: NOW, revAt: { $cond: [same, '$revAt', NOW] } }) }]);
    },
  };
}
