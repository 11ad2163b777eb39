import { ParentClosePolicy, WorkflowIdReusePolicy, patched, startChild } from '@temporalio/workflow';
import type { WatchOrder, WatchOutcome } from '../activities/index.js';
import { isWatched } from '../core/release/index.js';
import type { NewRelease } from '../store/index.js';
import { releaseWorkflowId, watchWorkflowId } from './names.js';
import { watchStable } from './proxies.js';

/** What was promoted, held against its absolute objectives until its time is over, something else is stable, or it is taken back. */
export async function runWatch(order: WatchOrder): Promise<WatchOutcome> { return watchStable(order); }

/** Begins the watch of what has just become stable. It outlives the release, and takes the place of the watch of what was stable before. */
export async function startWatch({ _id: release, application, environment, policy }: NewRelease): Promise<void> {
  if (!isWatched(policy.plan) || !patched('watch-after-promotion')) return;
  await startChild(runWatch, {
    workflowId: watchWorkflowId(application, environment), args: [{ release, application, environment, releaseWorkflow: releaseWorkflowId(application, environment) }],
    parentClosePolicy: ParentClosePolicy.ABANDON, workflowIdReusePolicy: WorkflowIdReusePolicy.TERMINATE_IF_RUNNING,
  });
}
