import { EnvelopArmorPlugin } from '@escape.tech/graphql-armor';
import type { ASTVisitor, ValidationContext } from 'graphql';
import { createGraphQLError } from 'graphql-yoga';
import type { Plugin } from 'graphql-yoga';
import type { Principal } from '../core/access.js';

/** What one document may ask for. Sizes of lists are bounded by `first`, which every connection demands. */
export const LIMITS = { tokens: 1_000, depth: 8, aliases: 15, directives: 5, cost: 5_000, bodyBytes: 1_048_576, page: 100 } as const;

/** Bounds that hold before anything is executed. No alias is exempt, `__typename` included. */
export const limitPlugin = (): Plugin => EnvelopArmorPlugin({
  maxTokens: { n: LIMITS.tokens }, maxDepth: { n: LIMITS.depth, ignoreIntrospection: true }, maxAliases: { n: LIMITS.aliases, allowList: [] },
  maxDirectives: { n: LIMITS.directives }, costLimit: { maxCost: LIMITS.cost, ignoreIntrospection: true }, blockFieldSuggestion: { mask: '' },
});

/** The schema is shown to people; machines know what they want, and strangers need not. */
export const introspectionPlugin = (principalOf: (context: object) => Principal | null): Plugin => ({
  onValidate({ context, addValidationRule }) {
    if (principalOf(context)?.kind !== 'person') addValidationRule(noIntrospection);
  },
});

/** The two fields through which a schema is entered; `__typename` says nothing that the asker has not named. */
const noIntrospection = (context: ValidationContext): ASTVisitor => ({
  Field(node) {
    if (node.name.value === '__schema' || node.name.value === '__type') context.reportError(createGraphQLError('The schema is shown to people who are signed in.', { nodes: [node] }));
  },
});
