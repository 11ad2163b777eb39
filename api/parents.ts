import type { AssignmentEvidence, GatePlan, MetricEvidence, MetricStanding, Named } from '../core/gate/index.js';
import type { DatasetDiff } from '../core/dataset/index.js';
import type { ApplicationKey, ReleaseId } from '../core/ids.js';
import type { ServedEnvironment, TimelineEntry } from '../store/index.js';
import type { Story } from './resolvers/evidence-story.js';

/** An environment as its resolvers are given it: the application names it, the document is born with the first release. */
export interface EnvironmentParent { readonly application: ApplicationKey; readonly name: string; readonly isProtected: boolean; readonly served: ServedEnvironment | null }
/** Two versions of a dataset, compared. */
export interface DatasetDiffParent extends DatasetDiff { readonly from: number; readonly to: number }
/** One entry of a release's timeline. */
export interface EventParent { readonly release: ReleaseId; readonly entry: TimelineEntry }
/** What the last receipt holds of one metric. The story behind it is read only where a field asks for it. */
export interface EvidenceParent {
  readonly gate: GatePlan; readonly evidence: MetricEvidence; readonly standing: MetricStanding; readonly named: Named;
  readonly story: () => Promise<Story>;
}
export interface ArmParent { readonly of: EvidenceParent; readonly arm: 'stable' | 'candidate' }
export interface AssignmentParent { readonly evidence: AssignmentEvidence; readonly standing: MetricStanding; readonly story: () => Promise<Story> }
