import { TooLargeError } from '../core/errors.js';
import type { Client } from './client.js';

interface Page<T> { readonly page: { readonly nodes: readonly T[]; readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null } } }
export const PAGE_SIZE = 100;

/** Page by page what a connection holds; the query calls the connection `page` and takes `$first` and `$after`. */
export async function* pages<T>(api: Client, query: string, variables: Readonly<Record<string, unknown>>): AsyncGenerator<readonly T[], void> {
  for (let after: string | null = null; ;) {
    const { page }: Page<T> = await api.ask<Page<T>>(query, { ...variables, first: PAGE_SIZE, after });
    yield page.nodes;
    if (!page.pageInfo.hasNextPage || page.pageInfo.endCursor === null || page.pageInfo.endCursor === after) return;
    after = page.pageInfo.endCursor;
  }
}

export async function all<T>(api: Client, query: string, variables: Readonly<Record<string, unknown>>, max = 10_000): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const nodes of pages<T>(api, query, variables)) {
    found.push(...nodes);
    if (found.length > max) throw new TooLargeError(`More than ${max} entries.`, 'Ask for a smaller part.');
  }
  return found;
}
