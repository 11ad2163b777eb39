import type { ApplicationKey, ReleaseId } from '../core/ids.js';
import type { ServedEnvironment, TimelineEntry } from '../store/index.js';

/** An environment as its resolvers are given it: the application names it, the document is born with the first release. */
export interface EnvironmentParent { readonly application: ApplicationKey; readonly name: string; readonly isProtected: boolean; readonly served: ServedEnvironment | null }
/** One entry of a release's timeline. */
export interface EventParent { readonly release: ReleaseId; readonly entry: TimelineEntry }
