/**
 * Opaque ids. A flavour makes two kinds of id different types without a cast at every wall: a plain string may become one,
 * a `ReleaseId` never passes for a `BundleDigest`.
 */
interface Flavour<Name extends string> { readonly _flavour?: Name }

/** `^[a-z][a-z0-9-]{1,38}$`: the unit of isolation. */
export type ApplicationKey = string & Flavour<'ApplicationKey'>;
/** `application/environment`. */
export type EnvironmentId = string & Flavour<'EnvironmentId'>;
/** A ULID; of a REVERT `revert/application/environment/rev`. */
export type ReleaseId = string & Flavour<'ReleaseId'>;
/** A ULID. */
export type EvaluationId = string & Flavour<'EvaluationId'>;
/** A ULID. */
export type CalibrationId = string & Flavour<'CalibrationId'>;
/** `sha256:` + 64 hex digits of a bundle's canonical form. */
export type BundleDigest = string & Flavour<'BundleDigest'>;
/** `sha256:` + 64 hex digits of anything else that is immutable. */
export type Digest = string & Flavour<'Digest'>;
/** `kind:name`, who did something: `person:alice`, `ci:github`, `application:…`, `slipway:workflow`. */
export type ActorId = string & Flavour<'ActorId'>;

/** SHA-256 of a text, as lower-case hex without prefix. Handed to the core, which has no crypto of its own. */
export type Sha256 = (text: string) => string;
/** HMAC-SHA256. */
export type Hmac = (key: Uint8Array, data: Uint8Array) => Uint8Array;

export const environmentId = (application: ApplicationKey, environment: string): EnvironmentId => `${application}/${environment}`;

/** For the end of an exhaustive switch: a new case does not compile until it has a sentence. */
export const unreachable = (value: never): never => { throw new RangeError(`unreachable: ${String(value)}`); };
