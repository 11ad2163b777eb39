import type { ApplicationKey } from '../../core/ids.js';
import { PageArguments } from '../../schema/page.js';
import { read } from '../../schema/read.js';
import type { ApplicationDoc, Page, PageRequest } from '../../store/index.js';
import { NotFoundError } from '../../core/errors.js';
import type { Context } from '../context.js';

/** A page as GraphQL shows it. */
export const connectionOf = <T>({ items, next }: Page<T>): { readonly nodes: readonly T[]; readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null } } =>
  ({ nodes: items, pageInfo: { hasNextPage: next !== null, endCursor: next } });

/** @throws BadInputError for a size outside 1 … 100 */
export function pageOf(args: { readonly first: number; readonly after?: string | null | undefined }): PageRequest {
  const { first, after } = read(PageArguments, { first: args.first, after: args.after });
  return { first, ...(after === undefined ? {} : { after }) };
}

/** The application, once it is known that the principal may. @throws NotFoundError for both: not there, not theirs */
export async function applicationOf({ loaders, may }: Context, key: ApplicationKey): Promise<ApplicationDoc> {
  may({ kind: 'application', id: key, application: key });
  return present(await loaders.application(key), 'application', key);
}

export function present<T>(found: T | null | undefined, kind: string, id: string): T {
  if (found === null || found === undefined) throw new NotFoundError(kind, id);
  return found;
}

/** Null stands for an optional argument that was left out. */
export const given = <T>(value: T | null | undefined): T | undefined => value ?? undefined;
