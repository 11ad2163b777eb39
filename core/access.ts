import type { ActorId, ApplicationKey } from './ids.js';

export const ROLES = ['VIEWER', 'AUTHOR', 'RELEASE_MANAGER', 'APPROVER', 'ON_CALL', 'AUDITOR', 'ADMIN'] as const;
export type Role = (typeof ROLES)[number];
export const SCOPES = ['serve', 'ingest', 'feedback'] as const;
export type Scope = (typeof SCOPES)[number];

/** A role on one application, or on all (`*`). */
export interface Grant { readonly application: ApplicationKey | '*'; readonly role: Role }

/** Who asks. Made at the door from a key or a session, never from the input. */
export type Principal =
  | { readonly kind: 'person'; readonly id: ActorId; readonly name: string; readonly team: string; readonly grants: readonly Grant[]; readonly authMethod: 'dev' | 'admin-issued' }
  | { readonly kind: 'ci'; readonly id: ActorId; readonly applications: readonly ApplicationKey[] }
  | { readonly kind: 'application'; readonly id: ActorId; readonly application: ApplicationKey; readonly environment: string; readonly scopes: readonly Scope[] };
