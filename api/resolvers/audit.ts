import { AuditPageArguments } from '../../schema/page.js';
import { read } from '../../schema/read.js';
import type { AuditEventResolvers, QueryResolvers } from '../generated.js';
import { applicationOf } from './pages.js';

export const auditQueries = {
  /** Who may see only what they did gets a page with the rest left out: the cursor goes on over it. */
  audit: async (_root, { application, ...args }, context) => {
    const { first, after } = read(AuditPageArguments, { first: args.first, after: args.after });
    const { ownOnly } = context.may({ kind: 'application', id: application, application });
    await applicationOf(context, application);
    const events = await context.deps.audit.list(application, after, first + 1);
    const page = events.slice(0, first);
    return {
      nodes: ownOnly ? page.filter(({ actor }) => actor === context.principal.id) : page,
      pageInfo: { hasNextPage: events.length > first, endCursor: page.at(-1)?.seq.toString() ?? null },
    };
  },
} satisfies QueryResolvers;

export const auditEventFields = {} satisfies AuditEventResolvers;
