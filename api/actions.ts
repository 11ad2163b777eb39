import type { Action } from '../core/access.js';
import type { Mutation, Query, Subscription } from './generated.js';

type FieldOf<Type extends string, Fields> = `${Type}.${Exclude<keyof Fields, '__typename'> & string}`;
export type RootField = FieldOf<'Query', Query> | FieldOf<'Mutation', Mutation> | FieldOf<'Subscription', Subscription>;

/**
 * What each door of the API asks of `decide`. A field without a line does not compile; `self` is open to whoever is signed in, about
 * themselves alone. Fields below a root field belong to the same application and need nothing more.
 */
export const ACTION_OF = {
  'Query.me': 'self',
  'Query.application': 'read', 'Query.applications': 'read', 'Query.prompts': 'read', 'Query.promptVersions': 'read', 'Query.bundle': 'read', 'Query.connections': 'read',
  'Query.evaluators': 'read', 'Query.modelVersion': 'read', 'Query.datasets': 'read', 'Query.datasetVersion': 'read', 'Query.datasetDiff': 'read', 'Query.policies': 'read', 'Query.environment': 'read', 'Query.release': 'read',
  'Query.releases': 'read', 'Query.releaseForecast': 'read', 'Query.evaluation': 'read', 'Query.evaluations': 'read', 'Query.calibration': 'read', 'Query.calibrations': 'read', 'Query.apiKeys': 'readKeys', 'Query.audit': 'readAudit',
  'Mutation.createApplication': 'createApplication', 'Mutation.createPromptVersion': 'createPromptVersion', 'Mutation.createConnection': 'createConnection',
  'Mutation.createModelVersion': 'createModelVersion', 'Mutation.createContextVersion': 'createContextVersion', 'Mutation.createGuardrailPolicy': 'createGuardrailPolicy',
  'Mutation.createBundle': 'createBundle', 'Mutation.addDatasetPart': 'addDatasetPart', 'Mutation.importDatasetVersion': 'importDatasetVersion', 'Mutation.createEvaluatorVersion': 'createEvaluatorVersion',
  'Mutation.putRolloutPolicy': 'putRolloutPolicy', 'Mutation.startEvaluation': 'startEvaluation', 'Mutation.cancelEvaluation': 'cancelEvaluation',
  'Mutation.calibrateJudge': 'calibrateJudge',
  'Mutation.startRelease': 'startRelease', 'Mutation.approveRelease': 'approveRelease', 'Mutation.rejectRelease': 'rejectRelease', 'Mutation.pauseRelease': 'pauseRelease',
  'Mutation.resumeRelease': 'resumeRelease', 'Mutation.cancelRelease': 'cancelRelease', 'Mutation.acknowledgeHold': 'acknowledgeHold',
  'Mutation.rollbackRelease': 'rollbackRelease', 'Mutation.rollbackEnvironment': 'rollbackEnvironment', 'Mutation.liftQuarantine': 'liftQuarantine',
  'Mutation.recordFeedback': 'recordFeedback', 'Mutation.createApiKey': 'createApiKey', 'Mutation.revokeApiKey': 'revokeApiKey',
  'Subscription.evaluationProgress': 'read', 'Subscription.releaseEvents': 'read',
} as const satisfies Readonly<Record<RootField, Action | 'self'>>;
