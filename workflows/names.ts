/** Names both sides of Temporal must agree on. */
export const TASK_QUEUE = 'slipway';
/** Live releases never wait behind a large evaluation. */
export const EVALUATION_QUEUE = 'slipway-evaluation';

/** One per environment: the id itself refuses a second open release. It is free again when the release has ended. */
export const releaseWorkflowId = (application: string, environment: string): string => `release/${application}/${environment}`;
/** One per environment: the next promotion's watch takes the place of the one before. */
export const watchWorkflowId = (application: string, environment: string): string => `watch/${application}/${environment}`;
/** The identity is the digest of everything the verdict depends on, without its prefix. */
export const evaluationWorkflowId = (application: string, identity: string, attempt: number): string => `evaluation/${application}/${identity.replace('sha256:', '')}/${attempt}`;
/** The id is the calibration's own: each is another asking. */
export const calibrationWorkflowId = (application: string, once: string): string => `calibration/${application}/${once}`;
