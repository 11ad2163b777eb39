/** Every field of the SDL, root fields behind their guard. */
import { GraphQLDateTime, GraphQLJSON } from 'graphql-scalars';
import type { makeExecutableSchema } from '@graphql-tools/schema';
import { ENUMS } from '../enums.js';
import { guarded } from '../guard.js';
import type { RootResolvers } from '../guard.js';
import type { EvaluationDoc } from '../../store/index.js';
import type { EventParent } from '../parents.js';
import type { ActorResolvers, SubscriptionResolvers } from '../generated.js';
import { apiKeyFields, applicationFields, applicationMutations, applicationQueries, meFields } from './application.js';
import { auditEventFields, auditQueries } from './audit.js';
import { bundleFields, bundleMutations, bundleQueries, connectionFields, contextVersionFields, guardrailPolicyFields, modelVersionFields } from './bundle.js';
import { calibrationFields, calibrationMutations, calibrationQueries, qualificationFields } from './calibration.js';
import { datasetMutations, datasetQueries } from './dataset.js';
import { datasetCaseFields, datasetDiffFields, datasetNearPairFields, datasetReportFields, datasetVersionFields } from './dataset-contents.js';
import { environmentFields, environmentMutations, environmentQueries, quarantineFields } from './environment.js';
import { armFields, assignmentFields, evidenceFields } from './evidence.js';
import { evaluationFields, evaluationMutations, evaluationQueries, evaluatorVersionFields, verdictFields } from './evaluation.js';
import { evaluationProgress } from './evaluation-progress.js';
import { forecastQueries } from './forecast.js';
import { observationMutations } from './observation.js';
import { promptMutations, promptQueries, promptVersionFields } from './prompt.js';
import { releaseEvents } from './release-events.js';
import { releaseEventFields, releaseFields, rolloutPolicyFields } from './release-fields.js';
import { releaseMutations, releaseQueries } from './release.js';

const queries = { ...applicationQueries, ...promptQueries, ...bundleQueries, ...datasetQueries, ...environmentQueries, ...evaluationQueries, ...calibrationQueries, ...releaseQueries, ...forecastQueries, ...auditQueries };
const mutations = { ...applicationMutations, ...promptMutations, ...bundleMutations, ...datasetMutations, ...environmentMutations, ...evaluationMutations, ...calibrationMutations, ...releaseMutations, ...observationMutations };
const subscriptions = {
  evaluationProgress: { subscribe: (_root, args, context) => evaluationProgress(args, context), resolve: (evaluation: EvaluationDoc) => evaluation },
  releaseEvents: { subscribe: (_root, args, context) => releaseEvents(args, context), resolve: (event: EventParent) => event },
} satisfies SubscriptionResolvers;
const actorFields = { authMethod: ({ authMethod }) => authMethod ?? null } satisfies ActorResolvers;

export const resolvers: NonNullable<Parameters<typeof makeExecutableSchema>[0]['resolvers']> = {
  ...ENUMS, DateTime: GraphQLDateTime, JSON: GraphQLJSON,
  Query: guarded('Query', queries as unknown as RootResolvers), Mutation: guarded('Mutation', mutations as unknown as RootResolvers),
  Subscription: guarded('Subscription', subscriptions as unknown as RootResolvers),
  Actor: actorFields, ApiKey: apiKeyFields, Application: applicationFields, AuditEvent: auditEventFields, Bundle: bundleFields, Calibration: calibrationFields, Qualification: qualificationFields, Connection: connectionFields, ContextVersion: contextVersionFields,
  DatasetVersion: datasetVersionFields, DatasetCase: datasetCaseFields, DatasetDiff: datasetDiffFields, DatasetReport: datasetReportFields, DatasetNearPair: datasetNearPairFields, Environment: environmentFields, Evaluation: evaluationFields, EvaluatorVersion: evaluatorVersionFields, GuardrailPolicy: guardrailPolicyFields,
  Me: meFields, ModelVersion: modelVersionFields, PromptVersion: promptVersionFields, Quarantine: quarantineFields, Release: releaseFields, ReleaseEvent: releaseEventFields,
  RolloutPolicy: rolloutPolicyFields, Verdict: verdictFields, MetricEvidence: evidenceFields, ArmCounts: armFields, AssignmentEvidence: assignmentFields,
};
