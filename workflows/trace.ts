import { currentUpdateInfo } from '@temporalio/workflow';
import type { Headers, WorkflowInterceptorsFactory } from '@temporalio/workflow';

/** Where OpenTelemetry's interceptors of client and activity put the context: it only has to get from one to the other. */
const HEADER = '_tracer-data';

/**
 * Carries the trace of whoever started this workflow, or sent it an update, on to what it starts in turn: one trace from a mutation to the
 * model call. The package's own interceptor would do that with spans of the workflow's own, and with a whole tracing SDK in each workflow
 * that waits (docs/decisions/0014).
 */
export const interceptors: WorkflowInterceptorsFactory = () => {
  let ofRun: Headers[string] | undefined;
  const ofUpdates = new Map<string, Headers[string]>();
  const along = <I extends { readonly headers: Headers }, T>(input: I, next: (input: I) => T): T => {
    const context = ofUpdates.get(currentUpdateInfo()?.id ?? '') ?? ofRun;
    return next(context === undefined ? input : { ...input, headers: { ...input.headers, [HEADER]: context } });
  };
  return {
    inbound: [{
      execute: (input, next) => { ofRun = input.headers[HEADER]; return next(input); },
      handleUpdate: (input, next) => {
        const context = input.headers[HEADER];
        if (context === undefined) return next(input);
        ofUpdates.set(input.updateId, context);
        const done = next(input);
        const forget = (): void => { ofUpdates.delete(input.updateId); };
        done.then(forget, forget);   // and not `finally`: no tick more for who waits, whom histories replay
        return done;
      },
    }],
    outbound: [{ scheduleActivity: along, startChildWorkflowExecution: along, continueAsNew: along }],
  };
};
