import { once } from 'node:events';
import { NotFoundError } from '../core/errors.js';
import { argument, type Context, type Typed } from './context.js';
import { EXIT } from './exit.js';

const QUERY = `query($id: ID!, $after: String) { release(id: $id) { gatePlan receipts(first: 100, after: $after) { nodes { lines } pageInfo { hasNextPage endCursor } } } }`;
interface Answer { readonly release: { readonly gatePlan: string | null; readonly receipts: { readonly nodes: readonly { readonly lines: readonly string[] }[]; readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null } } } | null }

/** `slipway release receipts ID`: everything that was decided on and what was decided, for `slipway gate replay`. Page by page: a long release is never held as a whole. */
export async function receipts(typed: Typed, { io: { stdout }, client }: Context): Promise<number> {
  const api = await client('releaseManager');
  const id = argument(typed, 0);
  const write = async (line: string): Promise<void> => { if (!stdout.write(`${line}\n`)) await once(stdout, 'drain'); };
  for (let after: string | null = null; ;) {
    const { release }: Answer = await api.ask<Answer>(QUERY, { id, after });
    if (release === null) throw new NotFoundError('release', id);
    if (release.gatePlan === null) throw new NotFoundError('receipt of release', id);
    if (after === null) await write(release.gatePlan);
    for (const { lines } of release.receipts.nodes) for (const line of lines) await write(line);
    if (!release.receipts.pageInfo.hasNextPage) return EXIT.ok.code;
    after = release.receipts.pageInfo.endCursor;
  }
}
