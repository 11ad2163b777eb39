import type { ErrorCode } from '../core/errors.js';

/** What a command ends with. `docs/cli.md` is held equal to this table by a test. */
export const EXIT = {
  ok: { code: 0, means: 'Done; for `evaluate --wait` PASS, for `release watch` PROMOTED, for `audit verify` sound.' },
  negative: { code: 1, means: 'A clear answer, and it is no: FAIL, a release that did not become stable, a broken chain, a receipt that is decided otherwise again, a return that was not proven in time.' },
  inconclusive: { code: 2, means: 'INCONCLUSIVE: not enough evidence either way.' },
  failed: { code: 3, means: 'Could not run: an evaluation that failed or was cancelled, a stack that did not start, a file that cannot be read, a bug.' },
  badInput: { code: 4, means: 'What was typed or declared is not what is asked for (BAD_INPUT, NOT_FOUND, TOO_LARGE, UNSUPPORTED).' },
  forbidden: { code: 5, means: 'Not allowed (UNAUTHENTICATED, FORBIDDEN).' },
  conflict: { code: 6, means: 'Something else is so (CONFLICT, EVIDENCE_MISSING, QUARANTINED).' },
  unavailable: { code: 7, means: 'A part that is needed does not answer (UNAVAILABLE, RATE_LIMITED). Safe to repeat.' },
  interrupted: { code: 130, means: 'Stopped by Ctrl-C or a signal. What the command had started it has stopped.' },
} as const satisfies Record<string, { readonly code: number; readonly means: string }>;

const OF_ERROR = {
  BAD_INPUT: 'badInput', NOT_FOUND: 'badInput', TOO_LARGE: 'badInput', UNSUPPORTED: 'badInput', UNAUTHENTICATED: 'forbidden', FORBIDDEN: 'forbidden',
  CONFLICT: 'conflict', EVIDENCE_MISSING: 'conflict', QUARANTINED: 'conflict', UNAVAILABLE: 'unavailable', RATE_LIMITED: 'unavailable', INTERNAL: 'failed',
} as const satisfies Record<ErrorCode, keyof typeof EXIT>;

export const exitOf = (code: ErrorCode): number => EXIT[OF_ERROR[code]].code;
