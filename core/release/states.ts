export type ReleaseState =
  | 'REQUESTED' | 'EVALUATING' | 'AWAITING_APPROVAL' | 'CANARY' | 'PAUSED' | 'BAKING' | 'ROLLING_BACK'
  | 'PROMOTED' | 'ROLLED_BACK' | 'REJECTED' | 'CANCELLED' | 'FAILED';

/** Every legal move. An empty row is terminal. Without a canary PROMOTED follows only when the environment has no stable; a REVERT is born there. */
export const MAY_BECOME = {
  REQUESTED: ['EVALUATING', 'AWAITING_APPROVAL', 'CANARY', 'PROMOTED', 'REJECTED', 'CANCELLED'],
  EVALUATING: ['AWAITING_APPROVAL', 'CANARY', 'PROMOTED', 'REJECTED', 'CANCELLED'],
  AWAITING_APPROVAL: ['CANARY', 'PROMOTED', 'REJECTED', 'CANCELLED'],
  CANARY: ['CANARY', 'PAUSED', 'BAKING', 'ROLLING_BACK'],
  PAUSED: ['CANARY', 'BAKING', 'ROLLING_BACK'],
  BAKING: ['PROMOTED', 'PAUSED', 'ROLLING_BACK'],
  ROLLING_BACK: ['ROLLED_BACK'],
  PROMOTED: [], ROLLED_BACK: [], REJECTED: [], CANCELLED: [], FAILED: [], // FAILED is written by repair, never by a move
} as const satisfies Record<ReleaseState, readonly ReleaseState[]>;

/** Where a release may go from S; `never` when S is terminal. */
export type Next<S extends ReleaseState> = (typeof MAY_BECOME)[S][number];
export type OpenState = { [S in ReleaseState]: [Next<S>] extends [never] ? never : S }[ReleaseState];

export const RELEASE_STATES = Object.keys(MAY_BECOME) as readonly ReleaseState[];
export const isOpen = (state: ReleaseState): state is OpenState => MAY_BECOME[state].length > 0;
export const mayBecome = (from: ReleaseState, to: ReleaseState): boolean => (MAY_BECOME[from] as readonly ReleaseState[]).includes(to);
/** States in which the candidate may hold weight: here the only ways out are forward by evidence, or back. */
export const isExposed = (state: ReleaseState): boolean => state === 'CANARY' || state === 'PAUSED' || state === 'BAKING';
