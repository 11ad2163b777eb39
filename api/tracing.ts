import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { DocumentNode, ExecutionArgs } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/** Goes on with the trace in these headers, or begins one; `runtime/telemetry.ts` makes it. */
export type Traced = <T>(headers: Readonly<IncomingHttpHeaders>, name: string, run: () => Promise<T>) => Promise<T>;

/** One span an operation, named by its first root field: what is ordered in it belongs to the same trace. */
export const tracingPlugin = (traced: Traced): Plugin<{ req: IncomingMessage }> => ({
  onExecute({ executeFn, setExecuteFn }) {
    setExecuteFn((args: ExecutionArgs) => {
      const { req } = args.contextValue as { readonly req: IncomingMessage };
      return traced(req.headers, nameOf(args.document), () => Promise.resolve().then(() => executeFn(args) as unknown));
    });
  },
});

/** `mutation startRelease`. The names of strangers' own operations are not used: they would have no bound. */
export function nameOf(document: DocumentNode): string {
  for (const definition of document.definitions) {
    if (!('operation' in definition) || !('selectionSet' in definition)) continue;
    const [field] = definition.selectionSet.selections;
    return `${definition.operation} ${field !== undefined && 'alias' in field ? field.name.value : 'fragment'}`;
  }
  return 'query';
}
