/** Every code a person or a program can get from Slipway. `docs/errors.md` is held equal to this table by a test. */
export const ERRORS = {
  BAD_INPUT: { http: 400, meaning: 'What was sent is not what is asked for: a field is unknown, missing, of the wrong form or out of bounds.', hint: 'Correct the field that the message names and send it again.' },
  UNAUTHENTICATED: { http: 401, meaning: 'No key or session was sent, or it is malformed, unknown, expired or revoked.', hint: 'Send a live key: Authorization: Bearer slp_…' },
  FORBIDDEN: { http: 403, meaning: 'The key or person is known, and may not do this.', hint: 'Ask someone with the role that the message names.' },
  NOT_FOUND: { http: 404, meaning: 'There is nothing of that name here, or it belongs to an application you have no part in.', hint: 'Check the spelling, and the application of your key.' },
  CONFLICT: { http: 409, meaning: 'Something else is already so: an open release, another input under the same idempotency key, a state that does not allow this.', hint: 'Look at what the message names, then decide again.' },
  EVIDENCE_MISSING: { http: 412, meaning: 'No PASS verdict admits exactly these digests.', hint: 'Start an evaluation, or let the release start it.' },
  QUARANTINED: { http: 412, meaning: 'This bundle was taken back for cause in this environment.', hint: 'Fix it and release the new bundle, or lift the quarantine with a reason.' },
  TOO_LARGE: { http: 413, meaning: 'A body, a cell or a list is over its stated limit.', hint: 'Send it in smaller parts; the limit is in the message.' },
  UNSUPPORTED: { http: 415, meaning: 'A content type or encoding that this door does not take.', hint: 'Use one of those that the message names.' },
  RATE_LIMITED: { http: 429, meaning: 'Too much at once from this key or address.', hint: 'Wait as long as Retry-After says, then go on.' },
  UNAVAILABLE: { http: 503, meaning: 'A part that is needed for this does not answer now. Nothing was changed, or the same idempotency key may safely be repeated.', hint: 'Try again with the same idempotency key; slipway doctor says which part is down.' },
  INTERNAL: { http: 500, meaning: 'A bug of ours. The message is masked; the request id leads to the log line.', hint: 'Report it with the request id.' },
} as const;

export type ErrorCode = keyof typeof ERRORS;

/** Base of every error a person can act on: a stable code, a message, a hint. */
export class SlipwayError extends Error {
  override readonly name: string = 'SlipwayError';
  readonly code: ErrorCode;
  readonly hint: string;
  constructor(code: ErrorCode, message: string, hint?: string) {
    super(message);
    this.code = code;
    this.hint = hint ?? ERRORS[code].hint;
  }
}

export class BadInputError extends SlipwayError {
  override readonly name = 'BadInputError';
  constructor(message: string, hint?: string) { super('BAD_INPUT', message, hint); }
}
export class UnauthenticatedError extends SlipwayError {
  override readonly name = 'UnauthenticatedError';
  constructor(message = 'No valid key was sent.', hint?: string) { super('UNAUTHENTICATED', message, hint); }
}
export class ForbiddenError extends SlipwayError {
  override readonly name = 'ForbiddenError';
  constructor(message: string, hint?: string) { super('FORBIDDEN', message, hint); }
}
/** The same words for what does not exist and for what belongs to somebody else. */
export class NotFoundError extends SlipwayError {
  override readonly name = 'NotFoundError';
  constructor(kind: string, id: string) { super('NOT_FOUND', `No ${kind} ${id}.`); }
}
export class ConflictError extends SlipwayError {
  override readonly name: string = 'ConflictError';
  constructor(message: string, hint?: string) { super('CONFLICT', message, hint); }
}
export class ReleaseOpenError extends ConflictError {
  override readonly name = 'ReleaseOpenError';
  constructor(environment: string, holder: string) {
    super(`${environment} already has an open release: ${holder}.`, `See what it waits for: slipway release status ${holder}`);
  }
}
export class IdempotencyError extends ConflictError {
  override readonly name = 'IdempotencyError';
  constructor(key: string) { super(`The idempotency key ${key} was used with another input.`, 'Use a new key for a new input.'); }
}
export class EvidenceMissingError extends SlipwayError {
  override readonly name = 'EvidenceMissingError';
  constructor(message: string, hint?: string) { super('EVIDENCE_MISSING', message, hint); }
}
export class QuarantinedError extends SlipwayError {
  override readonly name = 'QuarantinedError';
  constructor(message: string, hint?: string) { super('QUARANTINED', message, hint); }
}
export class TooLargeError extends SlipwayError {
  override readonly name = 'TooLargeError';
  constructor(message: string, hint?: string) { super('TOO_LARGE', message, hint); }
}
export class RateLimitedError extends SlipwayError {
  override readonly name = 'RateLimitedError';
  readonly retryAfterSec: number;
  constructor(message: string, retryAfterSec: number) { super('RATE_LIMITED', message, `Try again in ${retryAfterSec} s.`); this.retryAfterSec = retryAfterSec; }
}
export class UnavailableError extends SlipwayError {
  override readonly name = 'UnavailableError';
  constructor(message: string, hint?: string) { super('UNAVAILABLE', message, hint); }
}
