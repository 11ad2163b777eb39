import type { GraphQLFieldResolver, GraphQLResolveInfo } from 'graphql';
import { decide } from '../core/access.js';
import type { Action, Principal } from '../core/access.js';
import { ForbiddenError, NotFoundError, RateLimitedError, UnauthenticatedError } from '../core/errors.js';
import { ACTION_OF } from './actions.js';
import type { RootField } from './actions.js';
import type { Context, RequestContext } from './context.js';

type Field = GraphQLFieldResolver<unknown, RequestContext>;
type Subscribing = { readonly subscribe: Field; readonly resolve?: Field };
export type RootResolvers = Readonly<Record<string, Field | Subscribing>>;

const SUBSCRIPTIONS_MAX = 20;

/**
 * Root fields behind their door: nobody without a principal, and no answer without having asked `decide` for the field's action. A single
 * thing that is not there, or not theirs, is null where the schema allows it, so that both look alike.
 */
export function guarded(type: 'Query' | 'Mutation' | 'Subscription', fields: RootResolvers): RootResolvers {
  return Object.fromEntries(Object.entries(fields).map(([name, field]): [string, Field | Subscribing] => {
    const root = `${type}.${name}` as RootField;
    if (typeof field === 'function') return [name, type === 'Mutation' ? thenNudging(guard(root, field)) : guard(root, field)];
    return [name, { ...field, subscribe: limited(guard(root, field.subscribe)) }];
  }));
}

function guard(root: RootField, resolve: Field): Field {
  const declared: Action | 'self' = ACTION_OF[root];
  return async (source, args: unknown, request, info) => {
    const { principal } = request;
    if (principal === null) throw new UnauthenticatedError('Nobody is signed in: this needs a key or a session.');
    let isAsked = declared === 'self';
    const context: Context = {
      ...request, principal,
      may: (resource, other) => {
        const action = other ?? declared;
        if (action === 'self') throw new Error(`${root} is about whoever asks, and asks for more`);
        isAsked = true;
        return demand(principal, action, resource);
      },
      narrowed: () => { isAsked = true; },
    };
    try {
      const answer: unknown = await (resolve as GraphQLFieldResolver<unknown, Context>)(source, args, context, info);
      if (!isAsked && answer !== null) throw new Error(`${root} answered without asking who may`);
      return answer;
    } catch (error) {
      if (error instanceof NotFoundError && isNullable(info)) return null;
      throw error;
    }
  };
}

const isNullable = ({ returnType, operation }: GraphQLResolveInfo): boolean => String(operation.operation) === 'query' && !String(returnType).endsWith('!');

function demand(principal: Principal, action: Action, resource: Parameters<Context['may']>[0]): ReturnType<Context['may']> {
  const access = decide(principal, action, resource);
  if (access.kind === 'allow') return access;
  if (access.code === 'NOT_FOUND') throw new NotFoundError(resource.kind, resource.id);
  throw new ForbiddenError(access.message);
}

/** Whatever a mutation wrote, its intents wait: also when its answer was lost on the way. */
const thenNudging = (resolve: Field): Field => async (source, args, context, info) => {
  try { return await resolve(source, args, context, info); } finally { context.deps.nudge(); }
};

/** At most so many streams a principal and process. */
function limited(subscribe: Field): Field {
  const open = new Map<string, number>();
  return async (source, args, context, info) => {
    const id = context.principal?.id ?? '';
    if ((open.get(id) ?? 0) >= SUBSCRIPTIONS_MAX) throw new RateLimitedError(`${id} has ${SUBSCRIPTIONS_MAX} event streams open already.`, 10);
    const events = await subscribe(source, args, context, info) as AsyncGenerator<unknown>;
    const leave = (): void => { const left = (open.get(id) ?? 1) - 1; if (left > 0) open.set(id, left); else open.delete(id); };
    open.set(id, (open.get(id) ?? 0) + 1);
    let isOpen = true;
    const close = (): void => { if (isOpen) { isOpen = false; leave(); } };
    // Not a generator of its own: one that was never begun would never run its `finally`.
    return {
      next: async () => { try { const step = await events.next(); if (step.done === true) close(); return step; } catch (error) { close(); throw error; } },
      return: async (value: unknown) => { close(); return events.return(value); },
      throw: async (error: unknown) => { close(); return events.throw(error); },
      [Symbol.asyncIterator]() { return this; },
    };
  };
}
