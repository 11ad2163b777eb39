import type { ReleaseState } from './states.js';

/** What people do to an open release by message. Rollback is none of them: it is one write on the environment, in any state. */
export type ReleaseAct = 'approve' | 'reject' | 'pause' | 'resume' | 'cancel' | 'acknowledge';

/** The states in which each act has a meaning. */
const ALLOWED_IN: Readonly<Record<ReleaseAct, readonly ReleaseState[]>> = {
  approve: ['AWAITING_APPROVAL'],
  reject: ['REQUESTED', 'EVALUATING', 'AWAITING_APPROVAL'],
  cancel: ['REQUESTED', 'EVALUATING', 'AWAITING_APPROVAL'],
  pause: ['CANARY', 'BAKING'],
  resume: ['PAUSED'],
  acknowledge: ['CANARY', 'PAUSED', 'BAKING'],
};

/** `null` when the act is allowed, otherwise the sentence that refuses it. */
export function refusalOf(act: ReleaseAct, state: ReleaseState): string | null {
  const states = ALLOWED_IN[act];
  return states.includes(state) ? null : `A release that is ${state} takes no ${act}; only one that is ${states.join(' or ')} does.`;
}
