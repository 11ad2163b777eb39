/** Made by scripts/generate.ts from the SDL. */
import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { ApplicationDoc, ApiKeyDoc, ConnectionDoc, PromptVersionDoc, ModelVersionDoc, ContextVersionDoc, GuardrailPolicyDoc, BundleDoc, DatasetDoc, EvaluatorDoc, PolicyDoc, EvaluationDoc, CalibrationDoc, ReleaseDoc, Actor as ActorDoc, Quarantine as QuarantineDoc, AuditDoc } from '../store/index.js';
import type { Qualification as JudgeQualification } from '../core/score/index.js';
import type { DatasetItem, DatasetReport as ReportOfDataset, NearPair } from '../core/dataset/index.js';
import type { DatasetDiffParent, EnvironmentParent, EventParent, EvidenceParent, ArmParent, AssignmentParent } from './parents.js';
import type { Principal } from '../core/access.js';
import type { Verdict as GateVerdict } from '../core/gate/index.js';
import type { Context } from './context.js';
export type Maybe<T> = T | null;
export type InputMaybe<T> = T | null | undefined;
export type Omit<T, K extends keyof T> = Pick<T, Exclude<keyof T, K>>;
export type RequireFields<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: NonNullable<T[P]> };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** RFC 3339, UTC. */
  DateTime: { input: Date; output: Date; }
  /** Any JSON value. */
  JSON: { input: unknown; output: unknown; }
};

/** `metric`: the signal metric in alarm, or SRM for the shares of the arms. */
export type AcknowledgeHoldInput = {
  readonly cause: Scalars['String']['input'];
  readonly id: Scalars['ID']['input'];
  readonly idempotencyKey: Scalars['String']['input'];
  readonly metric: Scalars['String']['input'];
};

/** Who did it: `person:…`, `ci:…`, `application:…`, `slipway:…`. */
export type Actor = {
  readonly __typename?: 'Actor';
  readonly authMethod: Maybe<Scalars['String']['output']>;
  readonly id: Scalars['ID']['output'];
  readonly kind: Scalars['String']['output'];
};

export type AddDatasetPartInput = {
  readonly application: Scalars['ID']['input'];
  readonly idempotencyKey: Scalars['String']['input'];
  readonly items: ReadonlyArray<DatasetItemInput>;
  readonly name: Scalars['String']['input'];
};

/** Kappa, or Gwet's AC1, with its 95 % interval. */
export type Agreement = {
  readonly __typename?: 'Agreement';
  readonly high: Scalars['Float']['output'];
  readonly low: Scalars['Float']['output'];
  readonly value: Scalars['Float']['output'];
};

/** BETTER: one fixed weight; what has a margin of 0 must be shown to be better, not only not worse. */
export type Aim =
  | 'better'
  | 'notWorse';

export type AlphaInput = {
  readonly harm?: InputMaybe<Scalars['Float']['input']>;
  readonly promote?: InputMaybe<Scalars['Float']['input']>;
};

export type ApiKey = {
  readonly __typename?: 'ApiKey';
  readonly application: Scalars['ID']['output'];
  readonly createdAt: Scalars['DateTime']['output'];
  readonly environment: Maybe<Scalars['ID']['output']>;
  readonly expiresAt: Scalars['DateTime']['output'];
  readonly id: Scalars['ID']['output'];
  readonly kind: KeyKind;
  readonly name: Scalars['String']['output'];
  readonly revokedAt: Maybe<Scalars['DateTime']['output']>;
  readonly scopes: ReadonlyArray<KeyScope>;
};

export type ApiKeyConnection = {
  readonly __typename?: 'ApiKeyConnection';
  readonly nodes: ReadonlyArray<ApiKey>;
  readonly pageInfo: PageInfo;
};

/** The secret is shown once. */
export type ApiKeyWithSecret = {
  readonly __typename?: 'ApiKeyWithSecret';
  readonly apiKey: ApiKey;
  readonly secret: Scalars['String']['output'];
};

export type Application = {
  readonly __typename?: 'Application';
  readonly createdAt: Scalars['DateTime']['output'];
  readonly deputy: Scalars['String']['output'];
  readonly environmentNames: ReadonlyArray<EnvironmentName>;
  readonly environments: ReadonlyArray<Environment>;
  readonly key: Scalars['ID']['output'];
  readonly owner: Scalars['String']['output'];
  readonly purpose: Scalars['String']['output'];
  readonly team: Scalars['String']['output'];
  readonly tier: RiskTier;
};

export type ApplicationConnection = {
  readonly __typename?: 'ApplicationConnection';
  readonly nodes: ReadonlyArray<Application>;
  readonly pageInfo: PageInfo;
};

export type Approval = {
  readonly __typename?: 'Approval';
  readonly approver: Scalars['ID']['output'];
  readonly at: Scalars['DateTime']['output'];
  readonly authMethod: Scalars['String']['output'];
  readonly comment: Scalars['String']['output'];
  readonly digest: Scalars['ID']['output'];
  readonly name: Scalars['String']['output'];
  readonly team: Scalars['String']['output'];
};

export type ApprovalRuleInput = {
  readonly count?: InputMaybe<Scalars['Int']['input']>;
  readonly expireSec?: InputMaybe<Scalars['Int']['input']>;
  readonly outsideTeam?: InputMaybe<Scalars['Int']['input']>;
};

export type ApproveReleaseInput = {
  readonly comment?: InputMaybe<Scalars['String']['input']>;
  readonly id: Scalars['ID']['input'];
  readonly idempotencyKey: Scalars['String']['input'];
};

/** `bad`: null where units are not good or bad. `mean`: of a rate the share of bad units, of a score the mean of its badness; null without units. */
export type ArmCounts = {
  readonly __typename?: 'ArmCounts';
  readonly bad: Maybe<Scalars['Int']['output']>;
  readonly interval: Maybe<Interval>;
  readonly mean: Maybe<Scalars['Float']['output']>;
  readonly units: Scalars['Int']['output'];
};

/** The mean of the repetitions, an error among them as 0; null where all are errors. Label and explanation are those of the worst. */
export type ArmScore = {
  readonly __typename?: 'ArmScore';
  readonly error: Maybe<Scalars['String']['output']>;
  readonly explanation: Maybe<Scalars['String']['output']>;
  readonly label: Maybe<Scalars['String']['output']>;
  readonly value: Maybe<Scalars['Float']['output']>;
};

/** What one answer does not say is null of all. Latency is of answers that are no errors, by nearest rank. */
export type ArmTotals = {
  readonly __typename?: 'ArmTotals';
  /** Share of pairs of repetitions that say the same, word for word; null with one repetition. */
  readonly agreement: Maybe<Scalars['Float']['output']>;
  readonly answers: Scalars['Int']['output'];
  readonly arm: EvaluationArm;
  readonly bundle: Scalars['ID']['output'];
  readonly costUsd: Maybe<Scalars['Float']['output']>;
  readonly errors: Scalars['Int']['output'];
  readonly inputTokens: Maybe<Scalars['Int']['output']>;
  readonly latencyMs: Maybe<LatencyQuantiles>;
  /** Mean length of an answer in characters. */
  readonly length: Maybe<Scalars['Float']['output']>;
  readonly outputTokens: Maybe<Scalars['Int']['output']>;
};

export type ArmUnits = {
  readonly __typename?: 'ArmUnits';
  readonly candidate: Scalars['Int']['output'];
  readonly stable: Scalars['Int']['output'];
};

/** Whether the arms have the shares they should have. An alarm holds, it never takes back. */
export type AssignmentEvidence = {
  readonly __typename?: 'AssignmentEvidence';
  readonly acknowledged: Scalars['Boolean']['output'];
  readonly alarm: Scalars['Boolean']['output'];
  /** How near an alarm is, in [0,1]. */
  readonly alarmProgress: Scalars['Float']['output'];
  readonly history: ReadonlyArray<AssignmentPoint>;
  readonly logE: Maybe<Scalars['Float']['output']>;
  readonly threshold: Scalars['Float']['output'];
  readonly units: ArmUnits;
  readonly waitingFor: ReadonlyArray<Scalars['String']['output']>;
  readonly words: Scalars['String']['output'];
};


/** Whether the arms have the shares they should have. An alarm holds, it never takes back. */
export type AssignmentEvidenceHistoryArgs = {
  points: InputMaybe<Scalars['Int']['input']>;
};

export type AssignmentPoint = {
  readonly __typename?: 'AssignmentPoint';
  readonly at: Scalars['DateTime']['output'];
  readonly logE: Maybe<Scalars['Float']['output']>;
  readonly seq: Scalars['Int']['output'];
  readonly stage: Scalars['Int']['output'];
  readonly weightBp: Scalars['Int']['output'];
};

export type AttacksTried = {
  readonly __typename?: 'AttacksTried';
  readonly ids: ReadonlyArray<Scalars['ID']['output']>;
  /** Called good. */
  readonly through: Scalars['Int']['output'];
  readonly tried: Scalars['Int']['output'];
};

export type AuditEvent = {
  readonly __typename?: 'AuditEvent';
  readonly action: Scalars['String']['output'];
  readonly actor: Scalars['ID']['output'];
  readonly actorKind: Scalars['String']['output'];
  readonly afterDigest: Maybe<Scalars['ID']['output']>;
  readonly application: Scalars['ID']['output'];
  readonly at: Scalars['DateTime']['output'];
  readonly authMethod: Maybe<Scalars['String']['output']>;
  readonly beforeDigest: Maybe<Scalars['ID']['output']>;
  readonly hash: Scalars['ID']['output'];
  readonly intentId: Scalars['ID']['output'];
  readonly previousHash: Scalars['ID']['output'];
  readonly reason: Maybe<Scalars['String']['output']>;
  readonly seq: Scalars['Int']['output'];
  readonly subject: Scalars['String']['output'];
};

export type AuditEventConnection = {
  readonly __typename?: 'AuditEventConnection';
  readonly nodes: ReadonlyArray<AuditEvent>;
  readonly pageInfo: PageInfo;
};

export type BakeInput = {
  readonly durationMaxSec?: InputMaybe<Scalars['Int']['input']>;
  readonly durationMinSec?: InputMaybe<Scalars['Int']['input']>;
  readonly holdbackBp?: InputMaybe<Scalars['Int']['input']>;
};

/** What is evaluated, shipped and quarantined: versions pinned together, content-addressed. Empty parts are left out of the canonical form. */
export type Bundle = {
  readonly __typename?: 'Bundle';
  readonly application: Scalars['ID']['output'];
  readonly authors: ReadonlyArray<Scalars['ID']['output']>;
  /** The text that was hashed. */
  readonly canonical: Scalars['String']['output'];
  readonly context: Maybe<ContextVersion>;
  readonly createdAt: Scalars['DateTime']['output'];
  readonly digest: Scalars['ID']['output'];
  readonly floatingModel: Scalars['Boolean']['output'];
  readonly guardrails: ReadonlyArray<GuardrailPolicy>;
  readonly model: Maybe<ModelVersion>;
  readonly prompts: ReadonlyArray<PromptVersion>;
  readonly safety: Scalars['JSON']['output'];
  readonly tools: ReadonlyArray<Tool>;
};

/** `dataset`: its items carry what people judged, `judged { answer other label }`. Newest versions, where none is named. Questions asked: two a case and one an attack; twice as many of pairs. */
export type CalibrateJudgeInput = {
  readonly application: Scalars['ID']['input'];
  readonly callsMax?: InputMaybe<Scalars['Int']['input']>;
  readonly dataset: Scalars['String']['input'];
  readonly datasetVersion?: InputMaybe<Scalars['Int']['input']>;
  readonly evaluator: Scalars['String']['input'];
  readonly idempotencyKey: Scalars['String']['input'];
  readonly spendMaxUsd?: InputMaybe<Scalars['Float']['input']>;
  readonly version?: InputMaybe<Scalars['Int']['input']>;
};

/** How far a judge agrees with people, and what it may decide therefore. */
export type Calibration = {
  readonly __typename?: 'Calibration';
  readonly application: Scalars['ID']['output'];
  readonly createdAt: Scalars['DateTime']['output'];
  readonly dataset: Maybe<DatasetVersion>;
  readonly error: Maybe<Scalars['String']['output']>;
  readonly evaluator: Scalars['String']['output'];
  readonly finishedAt: Maybe<Scalars['DateTime']['output']>;
  readonly id: Scalars['ID']['output'];
  readonly progress: CalibrationProgress;
  readonly qualification: Maybe<Qualification>;
  readonly requestedBy: Actor;
  readonly state: CalibrationState;
  readonly version: Scalars['Int']['output'];
};

export type CalibrationConnection = {
  readonly __typename?: 'CalibrationConnection';
  readonly nodes: ReadonlyArray<Calibration>;
  readonly pageInfo: PageInfo;
};

export type CalibrationProgress = {
  readonly __typename?: 'CalibrationProgress';
  readonly calls: Scalars['Int']['output'];
  /** Unknown is null, never 0. */
  readonly costUsd: Maybe<Scalars['Float']['output']>;
  readonly errors: Scalars['Int']['output'];
  readonly probes: Scalars['Int']['output'];
  readonly probesTotal: Scalars['Int']['output'];
};

export type CalibrationState =
  | 'FAILED'
  | 'FINISHED'
  | 'RUNNING';

export type CancelEvaluationInput = {
  readonly id: Scalars['ID']['input'];
  readonly idempotencyKey: Scalars['String']['input'];
  readonly reason: Scalars['String']['input'];
};

export type CancelReleaseInput = {
  readonly id: Scalars['ID']['input'];
  readonly idempotencyKey: Scalars['String']['input'];
  readonly reason: Scalars['String']['input'];
};

/** One of `bundle`, or `prompt` with `version`. */
export type CandidateInput = {
  readonly bundle?: InputMaybe<Scalars['ID']['input']>;
  readonly prompt?: InputMaybe<Scalars['String']['input']>;
  readonly version?: InputMaybe<Scalars['Int']['input']>;
};

export type CaseVariable = {
  readonly __typename?: 'CaseVariable';
  readonly name: Scalars['String']['output'];
  readonly value: Scalars['String']['output'];
};

/** A provider. The secret is a reference, `env:OPENAI_API_KEY` or `file:openai`, never the secret itself. */
export type Connection = {
  readonly __typename?: 'Connection';
  readonly application: Scalars['ID']['output'];
  readonly baseUrl: Scalars['String']['output'];
  /** Calls at once, of all workers together; null: each has its own bound. */
  readonly concurrencyMax: Maybe<Scalars['Int']['output']>;
  readonly createdAt: Scalars['DateTime']['output'];
  readonly kind: ConnectionKind;
  readonly name: Scalars['String']['output'];
  /** Of all workers together; null: it is learned from what the provider refuses. */
  readonly requestsPerMin: Maybe<Scalars['Int']['output']>;
  readonly secretRef: Maybe<Scalars['String']['output']>;
};

export type ConnectionKind =
  | 'anthropic'
  | 'openai-compatible'
  | 'openai-responses'
  | 'sandbox';

export type ConsistencyBy =
  | 'meaning'
  | 'text';

export type ContainsMode =
  | 'all'
  | 'any';

export type ContextVersion = {
  readonly __typename?: 'ContextVersion';
  readonly application: Scalars['ID']['output'];
  readonly author: Scalars['ID']['output'];
  readonly createdAt: Scalars['DateTime']['output'];
  readonly digest: Scalars['ID']['output'];
  readonly embeddingModel: Scalars['String']['output'];
  readonly id: Scalars['ID']['output'];
  readonly index: Scalars['String']['output'];
  readonly name: Scalars['String']['output'];
  readonly reranker: Maybe<Scalars['String']['output']>;
  readonly topK: Scalars['Int']['output'];
  readonly version: Scalars['Int']['output'];
};

export type CreateApiKeyInput = {
  readonly application: Scalars['ID']['input'];
  readonly environment?: InputMaybe<Scalars['ID']['input']>;
  readonly idempotencyKey: Scalars['String']['input'];
  readonly kind: KeyKind;
  readonly lifeDays?: InputMaybe<Scalars['Int']['input']>;
  readonly name: Scalars['String']['input'];
  readonly scopes?: InputMaybe<ReadonlyArray<KeyScope>>;
};

export type CreateApplicationInput = {
  readonly deputy: Scalars['String']['input'];
  readonly environments: ReadonlyArray<EnvironmentNameInput>;
  readonly idempotencyKey: Scalars['String']['input'];
  readonly key: Scalars['ID']['input'];
  readonly owner: Scalars['String']['input'];
  readonly purpose: Scalars['String']['input'];
  readonly team: Scalars['String']['input'];
  readonly tier: RiskTier;
};

/** Either all parts, or `from` an environment's stable with the named parts replaced. */
export type CreateBundleInput = {
  readonly application: Scalars['ID']['input'];
  readonly context?: InputMaybe<PartInput>;
  readonly from?: InputMaybe<Scalars['ID']['input']>;
  readonly guardrails?: InputMaybe<ReadonlyArray<PartInput>>;
  readonly idempotencyKey: Scalars['String']['input'];
  readonly model?: InputMaybe<PartInput>;
  readonly prompts?: InputMaybe<ReadonlyArray<PartInput>>;
  readonly safety?: InputMaybe<ReadonlyArray<SettingInput>>;
  readonly tools?: InputMaybe<ReadonlyArray<ToolInput>>;
};

export type CreateConnectionInput = {
  readonly application: Scalars['ID']['input'];
  readonly baseUrl: Scalars['String']['input'];
  readonly concurrencyMax?: InputMaybe<Scalars['Int']['input']>;
  readonly idempotencyKey: Scalars['String']['input'];
  readonly kind: ConnectionKind;
  readonly name: Scalars['String']['input'];
  readonly requestsPerMin?: InputMaybe<Scalars['Int']['input']>;
  readonly secretRef?: InputMaybe<Scalars['String']['input']>;
};

export type CreateContextVersionInput = {
  readonly application: Scalars['ID']['input'];
  readonly embeddingModel: Scalars['String']['input'];
  readonly idempotencyKey: Scalars['String']['input'];
  readonly index: Scalars['String']['input'];
  readonly name: Scalars['String']['input'];
  readonly reranker?: InputMaybe<Scalars['String']['input']>;
  readonly topK: Scalars['Int']['input'];
};

/** Each kind takes its own settings and refuses the others. */
export type CreateEvaluatorVersionInput = {
  readonly absolute?: InputMaybe<Scalars['Float']['input']>;
  readonly application: Scalars['ID']['input'];
  readonly by?: InputMaybe<ConsistencyBy>;
  readonly context?: InputMaybe<Scalars['String']['input']>;
  readonly decimal?: InputMaybe<DecimalMark>;
  readonly detect?: InputMaybe<ReadonlyArray<PiiKind>>;
  readonly idempotencyKey: Scalars['String']['input'];
  readonly ignoreCase?: InputMaybe<Scalars['Boolean']['input']>;
  /** Judges. `reference` shows them the expected answer; `variables` are those of the case they may read, all by default; `question` and `context` name one each. */
  readonly judge?: InputMaybe<JudgeInput>;
  readonly kind: EvaluatorKind;
  readonly limitMs?: InputMaybe<Scalars['Float']['input']>;
  readonly limitUsd?: InputMaybe<Scalars['Float']['input']>;
  readonly mode?: InputMaybe<ContainsMode>;
  readonly name: Scalars['String']['input'];
  readonly pattern?: InputMaybe<Scalars['String']['input']>;
  readonly question?: InputMaybe<Scalars['String']['input']>;
  /** NUMERIC: which number of the answer counts, how fractions are written, and how far it may be off. */
  readonly reads?: InputMaybe<NumberPlace>;
  readonly reference?: InputMaybe<Scalars['Boolean']['input']>;
  readonly relative?: InputMaybe<Scalars['Float']['input']>;
  readonly rubric?: InputMaybe<Scalars['String']['input']>;
  readonly scale?: InputMaybe<JudgeScale>;
  readonly schema?: InputMaybe<Scalars['JSON']['input']>;
  /** LATENCY and COST: 1 up to the target, 0 from the limit on. */
  readonly targetMs?: InputMaybe<Scalars['Float']['input']>;
  readonly targetUsd?: InputMaybe<Scalars['Float']['input']>;
  readonly threshold?: InputMaybe<Scalars['Float']['input']>;
  readonly trim?: InputMaybe<Scalars['Boolean']['input']>;
  readonly variables?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  readonly wants?: InputMaybe<RefusalWish>;
};

export type CreateGuardrailPolicyInput = {
  readonly application: Scalars['ID']['input'];
  readonly checks: ReadonlyArray<GuardrailCheckInput>;
  readonly idempotencyKey: Scalars['String']['input'];
  readonly name: Scalars['String']['input'];
};

export type CreateModelVersionInput = {
  readonly application: Scalars['ID']['input'];
  readonly connection: Scalars['String']['input'];
  readonly floating?: InputMaybe<Scalars['Boolean']['input']>;
  readonly idempotencyKey: Scalars['String']['input'];
  readonly model: Scalars['String']['input'];
  readonly name: Scalars['String']['input'];
  readonly parameters?: InputMaybe<ParametersInput>;
  readonly priceUsdPerMTok?: InputMaybe<PriceInput>;
  readonly safety?: InputMaybe<ReadonlyArray<SettingInput>>;
};

export type CreatePromptVersionInput = {
  readonly application: Scalars['ID']['input'];
  readonly idempotencyKey: Scalars['String']['input'];
  readonly message: Scalars['String']['input'];
  readonly messages: ReadonlyArray<PromptMessageInput>;
  readonly prompt: Scalars['String']['input'];
  readonly source?: InputMaybe<SourceInput>;
  /** Every placeholder {{name}} must be declared, every declared one used. */
  readonly variables: ReadonlyArray<Scalars['String']['input']>;
};

/** A case. Everything but id, tags and hidden is null where it is of the hidden slice, or was left out. */
export type DatasetCase = {
  readonly __typename?: 'DatasetCase';
  readonly contains: Maybe<ReadonlyArray<Scalars['String']['output']>>;
  readonly expected: Maybe<Scalars['String']['output']>;
  readonly hidden: Scalars['Boolean']['output'];
  readonly id: Scalars['ID']['output'];
  readonly judged: Maybe<JudgedAnswer>;
  readonly messages: Maybe<ReadonlyArray<PromptMessage>>;
  readonly source: Maybe<DatasetSource>;
  readonly split: Maybe<Scalars['String']['output']>;
  readonly tags: ReadonlyArray<Scalars['String']['output']>;
  /** `{order, calls: [{name, arguments}]}`, arguments being a JSON Schema. */
  readonly toolCalls: Maybe<Scalars['JSON']['output']>;
  readonly variables: Maybe<ReadonlyArray<DatasetVariable>>;
};

export type DatasetCaseConnection = {
  readonly __typename?: 'DatasetCaseConnection';
  readonly nodes: ReadonlyArray<DatasetCase>;
  readonly pageInfo: PageInfo;
};

/** Of a changed case the names of the fields that differ, never what they hold. */
export type DatasetChange = {
  readonly __typename?: 'DatasetChange';
  readonly fields: ReadonlyArray<Scalars['String']['output']>;
  readonly id: Scalars['ID']['output'];
  readonly kind: DatasetChangeKind;
};

export type DatasetChangeConnection = {
  readonly __typename?: 'DatasetChangeConnection';
  readonly nodes: ReadonlyArray<DatasetChange>;
  readonly pageInfo: PageInfo;
};

export type DatasetChangeKind =
  | 'added'
  | 'changed'
  | 'removed';

export type DatasetDiff = {
  readonly __typename?: 'DatasetDiff';
  readonly added: Scalars['Int']['output'];
  readonly changed: Scalars['Int']['output'];
  readonly changes: DatasetChangeConnection;
  readonly from: Scalars['Int']['output'];
  readonly removed: Scalars['Int']['output'];
  readonly to: Scalars['Int']['output'];
  readonly unchanged: Scalars['Int']['output'];
};


export type DatasetDiffChangesArgs = {
  after: InputMaybe<Scalars['String']['input']>;
  first: Scalars['Int']['input'];
};

/** Cases that ask the same; at most twenty ids are named. */
export type DatasetGroup = {
  readonly __typename?: 'DatasetGroup';
  readonly count: Scalars['Int']['output'];
  readonly ids: ReadonlyArray<Scalars['ID']['output']>;
  readonly splits: ReadonlyArray<Scalars['String']['output']>;
};

export type DatasetItemInput = {
  readonly contains?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  readonly expected?: InputMaybe<Scalars['String']['input']>;
  /** Of the hidden slice: shown to nobody but the worker. */
  readonly hidden?: InputMaybe<Scalars['Boolean']['input']>;
  readonly id: Scalars['String']['input'];
  /** What a person said of an answer: what judges are calibrated with. */
  readonly judged?: InputMaybe<JudgedAnswerInput>;
  /** A whole conversation of USER and ASSISTANT, ending with the user; the prompt's system messages come before it. */
  readonly messages?: InputMaybe<ReadonlyArray<PromptMessageInput>>;
  readonly source?: InputMaybe<DatasetSourceInput>;
  readonly split?: InputMaybe<Scalars['String']['input']>;
  readonly tags?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  readonly toolCalls?: InputMaybe<ExpectedToolsInput>;
  readonly variables: ReadonlyArray<SettingInput>;
};

export type DatasetNearPair = {
  readonly __typename?: 'DatasetNearPair';
  readonly a: Scalars['ID']['output'];
  readonly acrossSplits: Scalars['Boolean']['output'];
  readonly b: Scalars['ID']['output'];
  readonly similarity: Scalars['Float']['output'];
};

/** Items that were kept for a version that is still to come, under the digest of their content. */
export type DatasetPart = {
  readonly __typename?: 'DatasetPart';
  readonly digest: Scalars['ID']['output'];
  readonly items: Scalars['Int']['output'];
};

export type DatasetPartInput = {
  readonly digest: Scalars['ID']['input'];
  readonly items: Scalars['Int']['input'];
};

/** At most a hundred groups and pairs are listed, and all groups are counted. White space and case do not make another question. */
export type DatasetReport = {
  readonly __typename?: 'DatasetReport';
  readonly duplicateGroups: Scalars['Int']['output'];
  readonly duplicateItems: Scalars['Int']['output'];
  readonly duplicates: ReadonlyArray<DatasetGroup>;
  readonly hidden: Scalars['Int']['output'];
  readonly items: Scalars['Int']['output'];
  /** Duplicates that stand in more than one split. */
  readonly leakGroups: Scalars['Int']['output'];
  readonly leaks: ReadonlyArray<DatasetGroup>;
  readonly near: ReadonlyArray<DatasetNearPair>;
  /** Not every case was compared for nearness: there are too many words. */
  readonly nearPartial: Scalars['Boolean']['output'];
  readonly splits: ReadonlyArray<DatasetSplitCount>;
  readonly tags: ReadonlyArray<DatasetTagCount>;
};

export type DatasetSource = {
  readonly __typename?: 'DatasetSource';
  readonly kind: Scalars['String']['output'];
  readonly ref: Scalars['String']['output'];
};

export type DatasetSourceInput = {
  readonly kind: Scalars['String']['input'];
  readonly ref: Scalars['String']['input'];
};

export type DatasetSplitCount = {
  readonly __typename?: 'DatasetSplitCount';
  readonly items: Scalars['Int']['output'];
  readonly split: Maybe<Scalars['String']['output']>;
};

export type DatasetTagCount = {
  readonly __typename?: 'DatasetTagCount';
  readonly items: Scalars['Int']['output'];
  readonly tag: Scalars['String']['output'];
};

export type DatasetVariable = {
  readonly __typename?: 'DatasetVariable';
  readonly name: Scalars['String']['output'];
  readonly value: Scalars['String']['output'];
};

/** A test set, immutable and numbered. `adversarial` and `hidden` count cases; null for versions that were imported before they were counted. */
export type DatasetVersion = {
  readonly __typename?: 'DatasetVersion';
  readonly adversarial: Maybe<Scalars['Int']['output']>;
  readonly application: Scalars['ID']['output'];
  readonly author: Scalars['ID']['output'];
  /** The cases in the order of the file. Of the hidden slice only id and tags are shown. */
  readonly cases: DatasetCaseConnection;
  readonly createdAt: Scalars['DateTime']['output'];
  readonly digest: Scalars['ID']['output'];
  readonly hidden: Maybe<Scalars['Int']['output']>;
  readonly id: Scalars['ID']['output'];
  readonly items: Scalars['Int']['output'];
  readonly name: Scalars['String']['output'];
  readonly report: DatasetReport;
  readonly version: Scalars['Int']['output'];
};


/** A test set, immutable and numbered. `adversarial` and `hidden` count cases; null for versions that were imported before they were counted. */
export type DatasetVersionCasesArgs = {
  after: InputMaybe<Scalars['String']['input']>;
  first: Scalars['Int']['input'];
};

export type DatasetVersionConnection = {
  readonly __typename?: 'DatasetVersionConnection';
  readonly nodes: ReadonlyArray<DatasetVersion>;
  readonly pageInfo: PageInfo;
};

export type DecimalMark =
  | 'comma'
  | 'point';

/** Candidate less stable, weighed over blocks: a ramp does not disturb it. Larger is worse. */
export type Difference = {
  readonly __typename?: 'Difference';
  readonly estimate: Scalars['Float']['output'];
  readonly lower: Scalars['Float']['output'];
  readonly upper: Scalars['Float']['output'];
};

export type Environment = {
  readonly __typename?: 'Environment';
  readonly application: Scalars['ID']['output'];
  readonly candidate: Maybe<Bundle>;
  /** What remains of the candidate's lease, in milliseconds. */
  readonly leaseLeftMs: Maybe<Scalars['Int']['output']>;
  readonly name: Scalars['ID']['output'];
  readonly openRelease: Maybe<Release>;
  readonly previous: Maybe<Scalars['ID']['output']>;
  readonly protected: Scalars['Boolean']['output'];
  readonly quarantine: ReadonlyArray<Quarantine>;
  readonly readers: ReadonlyArray<Reader>;
  /** Null until a bundle is stable here. */
  readonly split: Maybe<Split>;
  readonly splits: SplitConnection;
  readonly stable: Maybe<Bundle>;
  /** Spans of the last hour that were stored and not counted, by cause. */
  readonly uncounted: Scalars['JSON']['output'];
  /** Null where nothing is watched (any more). */
  readonly watch: Maybe<Watch>;
};


export type EnvironmentSplitsArgs = {
  after: InputMaybe<Scalars['String']['input']>;
  first: Scalars['Int']['input'];
};

/** A protected environment wants a release manager to start a release; CI may request one there. */
export type EnvironmentName = {
  readonly __typename?: 'EnvironmentName';
  readonly name: Scalars['ID']['output'];
  readonly protected: Scalars['Boolean']['output'];
};

export type EnvironmentNameInput = {
  readonly name: Scalars['ID']['input'];
  readonly protected?: InputMaybe<Scalars['Boolean']['input']>;
};

export type ErrorCode =
  | 'BAD_INPUT'
  | 'CONFLICT'
  | 'EVIDENCE_MISSING'
  | 'FORBIDDEN'
  | 'INTERNAL'
  | 'NOT_FOUND'
  | 'QUARANTINED'
  | 'RATE_LIMITED'
  | 'TOO_LARGE'
  | 'UNAUTHENTICATED'
  | 'UNAVAILABLE'
  | 'UNSUPPORTED';

export type Evaluation = {
  readonly __typename?: 'Evaluation';
  readonly application: Scalars['ID']['output'];
  readonly attempt: Scalars['Int']['output'];
  /** A digest, or `none`. */
  readonly baseline: Scalars['ID']['output'];
  readonly bundle: Scalars['ID']['output'];
  readonly createdAt: Scalars['DateTime']['output'];
  readonly dataset: Maybe<DatasetVersion>;
  readonly error: Maybe<Scalars['String']['output']>;
  readonly finishedAt: Maybe<Scalars['DateTime']['output']>;
  readonly id: Scalars['ID']['output'];
  readonly identity: Scalars['ID']['output'];
  readonly policy: Scalars['String']['output'];
  readonly progress: EvaluationProgress;
  readonly requestedBy: Actor;
  /** What the rows say together. */
  readonly results: EvaluationResults;
  /** The cases it has used, one row each. While it runs there are more at every look. */
  readonly rows: EvaluationRowConnection;
  readonly state: EvaluationState;
  readonly verdict: Maybe<Verdict>;
};


export type EvaluationRowsArgs = {
  after: InputMaybe<Scalars['String']['input']>;
  filter: InputMaybe<RowFilterInput>;
  first: Scalars['Int']['input'];
  order?: InputMaybe<RowOrder>;
};

export type EvaluationArm =
  | 'BASELINE'
  | 'CANDIDATE';

export type EvaluationConnection = {
  readonly __typename?: 'EvaluationConnection';
  readonly nodes: ReadonlyArray<Evaluation>;
  readonly pageInfo: PageInfo;
};

export type EvaluationForecast = {
  readonly __typename?: 'EvaluationForecast';
  readonly dataset: Scalars['String']['output'];
  /** Guardrail evaluators with a margin. */
  readonly evaluators: ReadonlyArray<EvaluatorForecast>;
  readonly items: Scalars['Int']['output'];
};

export type EvaluationProgress = {
  readonly __typename?: 'EvaluationProgress';
  readonly calls: Scalars['Int']['output'];
  /** Unknown is null, never 0. */
  readonly costUsd: Maybe<Scalars['Float']['output']>;
  readonly errors: Scalars['Int']['output'];
  /** What a person should know of the models that answered; null where nobody looked. */
  readonly flags: Maybe<ReadonlyArray<Scalars['String']['output']>>;
  readonly items: Scalars['Int']['output'];
  readonly itemsTotal: Scalars['Int']['output'];
  /** What the answers that were there already had cost. */
  readonly savedUsd: Maybe<Scalars['Float']['output']>;
};

/** `kept`: all answers are still there; where not, what needs them is null. */
export type EvaluationResults = {
  readonly __typename?: 'EvaluationResults';
  readonly arms: ReadonlyArray<ArmTotals>;
  readonly evaluators: ReadonlyArray<EvaluatorResult>;
  readonly kept: Scalars['Boolean']['output'];
  readonly rows: Scalars['Int']['output'];
  readonly tags: ReadonlyArray<TagResult>;
};

/** Of a hidden case: its id and its tags, nothing else. Of answers that are no longer kept there are none. */
export type EvaluationRow = {
  readonly __typename?: 'EvaluationRow';
  readonly baseline: ReadonlyArray<RowAnswer>;
  readonly candidate: ReadonlyArray<RowAnswer>;
  readonly expected: Maybe<Scalars['String']['output']>;
  readonly hidden: Scalars['Boolean']['output'];
  readonly item: Scalars['ID']['output'];
  /** Place in the order in which cases were asked, from 0. */
  readonly position: Scalars['Int']['output'];
  readonly scores: ReadonlyArray<RowScore>;
  readonly tags: ReadonlyArray<Scalars['String']['output']>;
  readonly variables: ReadonlyArray<CaseVariable>;
};

export type EvaluationRowConnection = {
  readonly __typename?: 'EvaluationRowConnection';
  readonly nodes: ReadonlyArray<EvaluationRow>;
  readonly pageInfo: PageInfo;
  /** How many the filter lets through. */
  readonly total: Scalars['Int']['output'];
};

export type EvaluationRuleInput = {
  readonly ageMaxSec?: InputMaybe<Scalars['Int']['input']>;
  readonly callsMax?: InputMaybe<Scalars['Int']['input']>;
  readonly dataset: Scalars['String']['input'];
  readonly evaluators: ReadonlyArray<EvaluatorUseInput>;
  readonly margin?: InputMaybe<Scalars['Float']['input']>;
  readonly repetitions?: InputMaybe<Scalars['Int']['input']>;
  /** Tags of cases: a part that collapses fails the whole, whatever the mean. */
  readonly slices?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** No call is made that may take it above this; a model without a price is refused. */
  readonly spendMaxUsd?: InputMaybe<Scalars['Float']['input']>;
};

export type EvaluationState =
  | 'CANCELLED'
  | 'FAILED'
  | 'FINISHED'
  | 'RUNNING';

/** `cases`: what the margin is planned with at this spread of the differences; `casesIdentical`: when all outputs are the same. `measured`: the spread is the last evaluation's, not the tier's. */
export type EvaluatorForecast = {
  readonly __typename?: 'EvaluatorForecast';
  readonly cases: Scalars['Int']['output'];
  readonly casesIdentical: Scalars['Int']['output'];
  readonly evaluator: Scalars['String']['output'];
  readonly margin: Scalars['Float']['output'];
  readonly measured: Scalars['Boolean']['output'];
  readonly sd: Scalars['Float']['output'];
};

export type EvaluatorKind =
  | 'answerCorrectness'
  | 'bleu'
  | 'consistency'
  | 'contains'
  | 'contextRelevance'
  | 'cost'
  | 'editDistance'
  | 'exact'
  | 'faithfulness'
  | 'jsonSchema'
  | 'latency'
  | 'llmJudge'
  | 'numeric'
  | 'pairwise'
  | 'pii'
  | 'refusal'
  | 'regex'
  | 'rougeL'
  | 'semantic'
  | 'toolCalls';

/** Intervals hold with 95 % each, whenever one looks; they are for reading, and decide nothing. Counts and means hold errors, as 0. */
export type EvaluatorResult = {
  readonly __typename?: 'EvaluatorResult';
  readonly baseline: Maybe<ShownMean>;
  readonly candidate: Maybe<ShownMean>;
  /** Paired, candidate less baseline. */
  readonly difference: Maybe<ShownMean>;
  readonly errors: Scalars['Int']['output'];
  readonly evaluator: Scalars['String']['output'];
  readonly floor: Maybe<Scalars['Float']['output']>;
  readonly improved: Scalars['Int']['output'];
  readonly kind: EvaluatorKind;
  readonly margin: Maybe<Scalars['Float']['output']>;
  readonly more: Maybe<Scalars['Int']['output']>;
  readonly n: Scalars['Int']['output'];
  /** Cases that the tests are likely to want in all, and still. */
  readonly needed: Maybe<Scalars['Int']['output']>;
  readonly regressed: Scalars['Int']['output'];
  readonly role: EvaluatorRole;
  readonly same: Scalars['Int']['output'];
};

export type EvaluatorRole =
  | 'guardrail'
  | 'signal';

/** `mustPass`: every case of the dataset has to score 1, and is asked therefore. */
export type EvaluatorUseInput = {
  readonly floor?: InputMaybe<Scalars['Float']['input']>;
  readonly margin?: InputMaybe<Scalars['Float']['input']>;
  readonly mustPass?: InputMaybe<Scalars['Boolean']['input']>;
  readonly name: Scalars['String']['input'];
  readonly role?: InputMaybe<EvaluatorRole>;
};

export type EvaluatorVersion = {
  readonly __typename?: 'EvaluatorVersion';
  readonly application: Scalars['ID']['output'];
  readonly author: Scalars['ID']['output'];
  readonly createdAt: Scalars['DateTime']['output'];
  readonly digest: Scalars['ID']['output'];
  readonly id: Scalars['ID']['output'];
  readonly kind: EvaluatorKind;
  readonly name: Scalars['String']['output'];
  readonly spec: Scalars['JSON']['output'];
  readonly version: Scalars['Int']['output'];
};

/** As one receipt left it. */
export type EvidencePoint = {
  readonly __typename?: 'EvidencePoint';
  readonly at: Scalars['DateTime']['output'];
  readonly candidate: Maybe<Scalars['Float']['output']>;
  readonly difference: Maybe<Difference>;
  readonly logEHarm: Maybe<Scalars['Float']['output']>;
  readonly logENi: Maybe<Scalars['Float']['output']>;
  readonly seq: Scalars['Int']['output'];
  readonly stable: Maybe<Scalars['Float']['output']>;
  readonly stage: Scalars['Int']['output'];
  readonly weightBp: Scalars['Int']['output'];
};

/** `arguments` is a JSON Schema; without one any arguments will do. */
export type ExpectedCallInput = {
  readonly arguments?: InputMaybe<Scalars['JSON']['input']>;
  readonly name: Scalars['String']['input'];
};

/** STRICT: these calls in this order. ANY: in whatever order. Either way no others. */
export type ExpectedToolsInput = {
  readonly calls: ReadonlyArray<ExpectedCallInput>;
  readonly order: ToolOrder;
};

/** What a candidate cost, from the folded blocks of the metric that decided (or of the first guardrail). `settled`: no block can still change it. */
export type Exposure = {
  readonly __typename?: 'Exposure';
  readonly badResponses: Scalars['Int']['output'];
  readonly detectMs: Maybe<Scalars['Int']['output']>;
  readonly firstBadAt: Maybe<Scalars['DateTime']['output']>;
  readonly metric: Scalars['String']['output'];
  readonly requests: Scalars['Int']['output'];
  readonly settled: Scalars['Boolean']['output'];
  readonly users: Scalars['Int']['output'];
  /** Bad responses any test must let pass at the declared alpha, with the rates measured here. */
  readonly waldBoundBadResponses: Maybe<Scalars['Float']['output']>;
};

export type FloatingModels =
  | 'allow'
  | 'refuse';

export type GuardrailCheck = {
  readonly __typename?: 'GuardrailCheck';
  readonly kind: Scalars['String']['output'];
  readonly name: Scalars['String']['output'];
  readonly threshold: Maybe<Scalars['Float']['output']>;
};

export type GuardrailCheckInput = {
  readonly kind: Scalars['String']['input'];
  readonly name: Scalars['String']['input'];
  readonly threshold?: InputMaybe<Scalars['Float']['input']>;
};

export type GuardrailPolicy = {
  readonly __typename?: 'GuardrailPolicy';
  readonly application: Scalars['ID']['output'];
  readonly author: Scalars['ID']['output'];
  readonly checks: ReadonlyArray<GuardrailCheck>;
  readonly createdAt: Scalars['DateTime']['output'];
  readonly digest: Scalars['ID']['output'];
  readonly id: Scalars['ID']['output'];
  readonly name: Scalars['String']['output'];
  readonly version: Scalars['Int']['output'];
};

export type HoldReason =
  | 'APPROVAL'
  | 'AUDIT_LAG'
  | 'ERROR_BUDGET'
  | 'EVIDENCE_PENDING'
  | 'FREEZE'
  | 'IMMATURE'
  | 'JUDGE_UNAVAILABLE'
  | 'LEASE_LOST'
  | 'MANUAL_PAUSE'
  | 'MIN_DURATION'
  | 'MULTIPLE_EXPOSURES'
  | 'NO_DATA'
  | 'PROVIDER_ERROR'
  | 'READ_FAILED'
  | 'SIGNAL_ALARM'
  | 'SRM'
  | 'STALE_DATA'
  | 'TOO_FEW'
  | 'TOPLINE_BREACH';

/** Either `items`, or `parts` that were kept before, in their order. */
export type ImportDatasetVersionInput = {
  readonly application: Scalars['ID']['input'];
  readonly idempotencyKey: Scalars['String']['input'];
  readonly items?: InputMaybe<ReadonlyArray<DatasetItemInput>>;
  readonly name: Scalars['String']['input'];
  readonly parts?: InputMaybe<ReadonlyArray<DatasetPartInput>>;
};

/** Ends that may be read at any time. Larger is worse; of a score they are of its badness, 1 - score. */
export type Interval = {
  readonly __typename?: 'Interval';
  readonly lower: Scalars['Float']['output'];
  readonly upper: Scalars['Float']['output'];
};

/** The model version that judges: the newest, where none is named. It is pinned by its digest. */
export type JudgeInput = {
  readonly model: Scalars['String']['input'];
  readonly version?: InputMaybe<Scalars['Int']['input']>;
};

export type JudgeScale =
  | 'oneToFive'
  | 'passFail';

/** QUALIFIED: it may fail an evaluation, or pass one too. ADVISORY: its scores are shown and decide nothing. */
export type JudgeStatus =
  | 'ADVISORY'
  | 'QUALIFIED';

/** What a person said of an answer. */
export type JudgedAnswer = {
  readonly __typename?: 'JudgedAnswer';
  readonly answer: Scalars['String']['output'];
  readonly label: Scalars['Float']['output'];
  readonly other: Maybe<Scalars['String']['output']>;
};

/** `label`: how good the answer is, in [0, 1]; beside an `other`, how far it is the better of the two: 1, 0.5 or 0. */
export type JudgedAnswerInput = {
  readonly answer: Scalars['String']['input'];
  readonly label: Scalars['Float']['input'];
  readonly other?: InputMaybe<Scalars['String']['input']>;
};

export type KeyKind =
  | 'ap'
  | 'ci'
  | 'st';

export type KeyScope =
  | 'feedback'
  | 'ingest'
  | 'serve';

export type LatencyQuantiles = {
  readonly __typename?: 'LatencyQuantiles';
  readonly p50: Scalars['Float']['output'];
  readonly p90: Scalars['Float']['output'];
  readonly p99: Scalars['Float']['output'];
};

export type LiftQuarantineInput = {
  readonly application: Scalars['ID']['input'];
  readonly digest: Scalars['ID']['input'];
  readonly environment: Scalars['ID']['input'];
  readonly idempotencyKey: Scalars['String']['input'];
  readonly reason: Scalars['String']['input'];
};

export type Me = {
  readonly __typename?: 'Me';
  readonly grants: ReadonlyArray<RoleGrant>;
  readonly id: Scalars['ID']['output'];
  readonly kind: Scalars['String']['output'];
  readonly name: Scalars['String']['output'];
  readonly team: Maybe<Scalars['String']['output']>;
};

export type MessageRole =
  | 'assistant'
  | 'system'
  | 'user';

/** Live evidence of one metric: both arms, and the e-values against what decides. */
export type MetricEvidence = {
  readonly __typename?: 'MetricEvidence';
  readonly alarm: Scalars['Boolean']['output'];
  readonly candidate: ArmCounts;
  /** Null until both arms have units enough to know their spread. */
  readonly difference: Maybe<Difference>;
  /** In words: `1,200 : 1 that the candidate's error rate is higher`. */
  readonly harm: Maybe<Scalars['String']['output']>;
  /** How near a rollback is, in [0,1]; null where the metric cannot bring one. */
  readonly harmProgress: Maybe<Scalars['Float']['output']>;
  readonly harmThreshold: Maybe<Scalars['Float']['output']>;
  /** At most so many points, 100 where nothing is said, evenly over the receipts, the last one among them. */
  readonly history: ReadonlyArray<EvidencePoint>;
  readonly kind: MetricKind;
  readonly logEHarm: Maybe<Scalars['Float']['output']>;
  readonly logENi: Maybe<Scalars['Float']['output']>;
  readonly margin: Maybe<Scalars['Float']['output']>;
  readonly metric: Scalars['String']['output'];
  readonly niThreshold: Maybe<Scalars['Float']['output']>;
  readonly notWorse: Maybe<Scalars['String']['output']>;
  readonly passed: Scalars['Boolean']['output'];
  /** How near it is to what the release waits for from it, in [0,1]; null where it waits for nothing from it. */
  readonly progress: Maybe<Scalars['Float']['output']>;
  readonly role: MetricRole;
  readonly stable: ArmCounts;
  readonly upper: Maybe<Scalars['Float']['output']>;
  /** Why it holds the release, in sentences with its numbers. */
  readonly waitingFor: ReadonlyArray<Scalars['String']['output']>;
};


/** Live evidence of one metric: both arms, and the e-values against what decides. */
export type MetricEvidenceHistoryArgs = {
  points: InputMaybe<Scalars['Int']['input']>;
};

export type MetricForecast = {
  readonly __typename?: 'MetricForecast';
  /** What the tests would start from. */
  readonly assumed: Scalars['Float']['output'];
  /** Stable's mean as former releases measured it; of a score that of its badness. */
  readonly base: Maybe<Scalars['Float']['output']>;
  readonly kind: MetricKind;
  readonly metric: Scalars['String']['output'];
  readonly role: MetricRole;
  /** The smallest worsening that is expected to be found before an equal candidate would have been promoted. */
  readonly smallestEffect: Maybe<Scalars['Float']['output']>;
};

/** `from` is what feeds it: error, slow, cost, guardrail, guardrail:<name>, feedback:<label>, evaluation:<name>, attribute:<key>; it may be left out where the name is a feed. */
export type MetricInput = {
  /** What a unit of a mean counts at most, in its own unit; of cost in USD. */
  readonly cap?: InputMaybe<Scalars['Float']['input']>;
  readonly excessWeight?: InputMaybe<Scalars['Float']['input']>;
  readonly from?: InputMaybe<Scalars['String']['input']>;
  /** Of an attribute; other feeds have one kind. */
  readonly kind?: InputMaybe<MetricKind>;
  readonly margin?: InputMaybe<Scalars['Float']['input']>;
  readonly maturityMs?: InputMaybe<Scalars['Int']['input']>;
  readonly missingAs?: InputMaybe<Scalars['Int']['input']>;
  readonly name: Scalars['String']['input'];
  /** From how many milliseconds on a call is slow. */
  readonly objectiveMs?: InputMaybe<Scalars['Int']['input']>;
  /** Tolerance and margin are parts of stable's mean: 0.05 is 5 % more. Of a mean, where it is the default. */
  readonly relative?: InputMaybe<Scalars['Boolean']['input']>;
  readonly role?: InputMaybe<MetricRole>;
  readonly share?: InputMaybe<Scalars['Float']['input']>;
  readonly tolerance?: InputMaybe<Scalars['Float']['input']>;
};

/** A unit is bad or not; a score in [0,1], larger is better; an amount of at least 0, larger is worse. */
export type MetricKind =
  | 'mean'
  | 'rate'
  | 'score';

export type MetricRole =
  | 'guardrail'
  | 'observe'
  | 'signal';

export type ModelVersion = {
  readonly __typename?: 'ModelVersion';
  readonly application: Scalars['ID']['output'];
  readonly author: Scalars['ID']['output'];
  readonly connection: Scalars['String']['output'];
  readonly createdAt: Scalars['DateTime']['output'];
  readonly digest: Scalars['ID']['output'];
  /** An alias that may come to mean another model, not a dated version. */
  readonly floating: Scalars['Boolean']['output'];
  readonly id: Scalars['ID']['output'];
  readonly model: Scalars['String']['output'];
  readonly name: Scalars['String']['output'];
  readonly parameters: Scalars['JSON']['output'];
  readonly priceUsdPerMTok: Maybe<Price>;
  readonly safety: Scalars['JSON']['output'];
  readonly version: Scalars['Int']['output'];
};

export type Mutation = {
  readonly __typename?: 'Mutation';
  readonly acknowledgeHold: Release;
  /** For versions that one request cannot carry: keeps some of its items; importDatasetVersion names the parts. A part that is sent again is the same part. */
  readonly addDatasetPart: DatasetPart;
  readonly approveRelease: Release;
  readonly calibrateJudge: Calibration;
  readonly cancelEvaluation: Evaluation;
  readonly cancelRelease: Release;
  readonly createApiKey: ApiKeyWithSecret;
  readonly createApplication: Application;
  readonly createBundle: Bundle;
  readonly createConnection: Connection;
  readonly createContextVersion: ContextVersion;
  readonly createEvaluatorVersion: EvaluatorVersion;
  readonly createGuardrailPolicy: GuardrailPolicy;
  readonly createModelVersion: ModelVersion;
  readonly createPromptVersion: PromptVersion;
  readonly importDatasetVersion: DatasetVersion;
  readonly liftQuarantine: Environment;
  readonly pauseRelease: Release;
  readonly putRolloutPolicy: RolloutPolicy;
  readonly recordFeedback: Scalars['Boolean']['output'];
  readonly rejectRelease: Release;
  readonly resumeRelease: Release;
  readonly revokeApiKey: ApiKey;
  readonly rollbackEnvironment: Release;
  readonly rollbackRelease: Release;
  readonly startEvaluation: Evaluation;
  readonly startRelease: Release;
};


export type MutationAcknowledgeHoldArgs = {
  input: AcknowledgeHoldInput;
};


export type MutationAddDatasetPartArgs = {
  input: AddDatasetPartInput;
};


export type MutationApproveReleaseArgs = {
  input: ApproveReleaseInput;
};


export type MutationCalibrateJudgeArgs = {
  input: CalibrateJudgeInput;
};


export type MutationCancelEvaluationArgs = {
  input: CancelEvaluationInput;
};


export type MutationCancelReleaseArgs = {
  input: CancelReleaseInput;
};


export type MutationCreateApiKeyArgs = {
  input: CreateApiKeyInput;
};


export type MutationCreateApplicationArgs = {
  input: CreateApplicationInput;
};


export type MutationCreateBundleArgs = {
  input: CreateBundleInput;
};


export type MutationCreateConnectionArgs = {
  input: CreateConnectionInput;
};


export type MutationCreateContextVersionArgs = {
  input: CreateContextVersionInput;
};


export type MutationCreateEvaluatorVersionArgs = {
  input: CreateEvaluatorVersionInput;
};


export type MutationCreateGuardrailPolicyArgs = {
  input: CreateGuardrailPolicyInput;
};


export type MutationCreateModelVersionArgs = {
  input: CreateModelVersionInput;
};


export type MutationCreatePromptVersionArgs = {
  input: CreatePromptVersionInput;
};


export type MutationImportDatasetVersionArgs = {
  input: ImportDatasetVersionInput;
};


export type MutationLiftQuarantineArgs = {
  input: LiftQuarantineInput;
};


export type MutationPauseReleaseArgs = {
  input: PauseReleaseInput;
};


export type MutationPutRolloutPolicyArgs = {
  input: PutRolloutPolicyInput;
};


export type MutationRecordFeedbackArgs = {
  input: RecordFeedbackInput;
};


export type MutationRejectReleaseArgs = {
  input: RejectReleaseInput;
};


export type MutationResumeReleaseArgs = {
  input: ResumeReleaseInput;
};


export type MutationRevokeApiKeyArgs = {
  input: RevokeApiKeyInput;
};


export type MutationRollbackEnvironmentArgs = {
  input: RollbackEnvironmentInput;
};


export type MutationRollbackReleaseArgs = {
  input: RollbackReleaseInput;
};


export type MutationStartEvaluationArgs = {
  input: StartEvaluationInput;
};


export type MutationStartReleaseArgs = {
  input: StartReleaseInput;
};

export type NumberPlace =
  | 'first'
  | 'last'
  | 'only';

export type PageInfo = {
  readonly __typename?: 'PageInfo';
  readonly endCursor: Maybe<Scalars['String']['output']>;
  readonly hasNextPage: Scalars['Boolean']['output'];
};

export type ParametersInput = {
  readonly maxTokens?: InputMaybe<Scalars['Int']['input']>;
  readonly seed?: InputMaybe<Scalars['Int']['input']>;
  readonly stop?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** The answer is read as it is written, and the time to its first token is known. */
  readonly stream?: InputMaybe<Scalars['Boolean']['input']>;
  readonly temperature?: InputMaybe<Scalars['Float']['input']>;
  readonly topP?: InputMaybe<Scalars['Float']['input']>;
};

export type PartInput = {
  readonly name: Scalars['String']['input'];
  readonly version: Scalars['Int']['input'];
};

export type PauseReleaseInput = {
  readonly id: Scalars['ID']['input'];
  readonly idempotencyKey: Scalars['String']['input'];
  readonly reason: Scalars['String']['input'];
};

export type PiiKind =
  | 'card'
  | 'email'
  | 'iban'
  | 'ip'
  | 'key'
  | 'phone';

/** Per million tokens. Where `cachedInput` or `reasoning` is not said, such a token costs what others of its side cost. */
export type Price = {
  readonly __typename?: 'Price';
  readonly cachedInput: Maybe<Scalars['Float']['output']>;
  readonly input: Scalars['Float']['output'];
  readonly output: Scalars['Float']['output'];
  readonly reasoning: Maybe<Scalars['Float']['output']>;
};

export type PriceInput = {
  readonly cachedInput?: InputMaybe<Scalars['Float']['input']>;
  readonly input: Scalars['Float']['input'];
  readonly output: Scalars['Float']['input'];
  readonly reasoning?: InputMaybe<Scalars['Float']['input']>;
};

export type PromptMessage = {
  readonly __typename?: 'PromptMessage';
  readonly content: Scalars['String']['output'];
  readonly role: MessageRole;
};

export type PromptMessageInput = {
  readonly content: Scalars['String']['input'];
  readonly role: MessageRole;
};

/** A named prompt's immutable numbered version. */
export type PromptVersion = {
  readonly __typename?: 'PromptVersion';
  readonly application: Scalars['ID']['output'];
  readonly author: Scalars['ID']['output'];
  readonly createdAt: Scalars['DateTime']['output'];
  readonly digest: Scalars['ID']['output'];
  readonly id: Scalars['ID']['output'];
  readonly message: Scalars['String']['output'];
  readonly messages: ReadonlyArray<PromptMessage>;
  readonly prompt: Scalars['String']['output'];
  readonly source: Maybe<Source>;
  readonly variables: ReadonlyArray<Scalars['String']['output']>;
  readonly version: Scalars['Int']['output'];
};

export type PromptVersionConnection = {
  readonly __typename?: 'PromptVersionConnection';
  readonly nodes: ReadonlyArray<PromptVersion>;
  readonly pageInfo: PageInfo;
};

/** What is left out takes the default of the application's tier. */
export type PutRolloutPolicyInput = {
  readonly aim?: InputMaybe<Aim>;
  readonly alpha?: InputMaybe<AlphaInput>;
  readonly application: Scalars['ID']['input'];
  readonly approvals?: InputMaybe<ApprovalRuleInput>;
  readonly bake?: InputMaybe<BakeInput>;
  readonly blockSec?: InputMaybe<Scalars['Int']['input']>;
  readonly errorBudget?: InputMaybe<Scalars['Float']['input']>;
  readonly evaluation: EvaluationRuleInput;
  readonly floatingModels?: InputMaybe<FloatingModels>;
  readonly idempotencyKey: Scalars['String']['input'];
  readonly leaseMs?: InputMaybe<Scalars['Int']['input']>;
  readonly metrics: ReadonlyArray<MetricInput>;
  readonly name: Scalars['String']['input'];
  readonly pausedMaxSec?: InputMaybe<Scalars['Int']['input']>;
  readonly stages?: InputMaybe<ReadonlyArray<StageInput>>;
  readonly topline?: InputMaybe<ReadonlyArray<ToplineInput>>;
  /** How long the new stable is held against the toplines; 0: not at all. */
  readonly watchSec?: InputMaybe<Scalars['Int']['input']>;
};

/** What was found of a judge. Shares are parts of 1; what could not be computed is null. */
export type Qualification = {
  readonly __typename?: 'Qualification';
  readonly ac1: Maybe<Agreement>;
  readonly agreement: Maybe<Agreement>;
  readonly attacks: AttacksTried;
  /** Rows are people's levels, columns the judge's. */
  readonly confusion: ReadonlyArray<ReadonlyArray<Scalars['Int']['output']>>;
  readonly errorShare: Maybe<Scalars['Float']['output']>;
  readonly flipShare: Maybe<Scalars['Float']['output']>;
  readonly labels: Scalars['Int']['output'];
  readonly mayFail: Scalars['Boolean']['output'];
  readonly mayPass: Scalars['Boolean']['output'];
  /** The model that said it judged: of any other nothing is known. */
  readonly model: Scalars['String']['output'];
  readonly positionBias: Maybe<Scalars['Float']['output']>;
  /** Pairs with the same winner in both orders, and how much oftener than half of the time the first place wins. */
  readonly positionConsistency: Maybe<Scalars['Float']['output']>;
  /** Why not more, in sentences. */
  readonly reasons: ReadonlyArray<Scalars['String']['output']>;
  readonly sensitivity: Maybe<Scalars['Float']['output']>;
  readonly specificity: Maybe<Scalars['Float']['output']>;
  readonly status: JudgeStatus;
};

export type Quarantine = {
  readonly __typename?: 'Quarantine';
  readonly at: Scalars['DateTime']['output'];
  readonly digest: Scalars['ID']['output'];
  readonly reason: Scalars['String']['output'];
  readonly release: Scalars['ID']['output'];
};

export type Query = {
  readonly __typename?: 'Query';
  readonly apiKeys: ApiKeyConnection;
  readonly application: Maybe<Application>;
  readonly applications: ApplicationConnection;
  /** The audit chain of one application, oldest first; `after` is the seq of the last event seen. */
  readonly audit: AuditEventConnection;
  readonly bundle: Maybe<Bundle>;
  readonly calibration: Maybe<Calibration>;
  /** Newest first; of one evaluator where it is named. */
  readonly calibrations: CalibrationConnection;
  /** What `slipway apply` compares a manifest with: the connections, the latest version of each evaluator, one model's latest version or the one named. */
  readonly connections: Maybe<ReadonlyArray<Connection>>;
  readonly datasetDiff: DatasetDiff;
  /** The latest version, or the one named. */
  readonly datasetVersion: Maybe<DatasetVersion>;
  readonly datasets: DatasetVersionConnection;
  readonly environment: Maybe<Environment>;
  readonly evaluation: Maybe<Evaluation>;
  readonly evaluations: EvaluationConnection;
  readonly evaluators: Maybe<ReadonlyArray<EvaluatorVersion>>;
  /** Who the key or session that asks belongs to. */
  readonly me: Me;
  readonly modelVersion: Maybe<ModelVersion>;
  readonly policies: RolloutPolicyConnection;
  readonly promptVersions: PromptVersionConnection;
  readonly prompts: ReadonlyArray<Scalars['String']['output']>;
  readonly release: Maybe<Release>;
  /** By what is known now; null where there is no such environment or policy. */
  readonly releaseForecast: Maybe<ReleaseForecast>;
  readonly releases: ReleaseConnection;
};


export type QueryApiKeysArgs = {
  after: InputMaybe<Scalars['String']['input']>;
  application: Scalars['ID']['input'];
  first: Scalars['Int']['input'];
};


export type QueryApplicationArgs = {
  key: Scalars['ID']['input'];
};


export type QueryApplicationsArgs = {
  after: InputMaybe<Scalars['String']['input']>;
  first: Scalars['Int']['input'];
};


export type QueryAuditArgs = {
  after: InputMaybe<Scalars['String']['input']>;
  application: Scalars['ID']['input'];
  first: Scalars['Int']['input'];
};


export type QueryBundleArgs = {
  application: Scalars['ID']['input'];
  digest: Scalars['ID']['input'];
};


export type QueryCalibrationArgs = {
  id: Scalars['ID']['input'];
};


export type QueryCalibrationsArgs = {
  after: InputMaybe<Scalars['String']['input']>;
  application: Scalars['ID']['input'];
  evaluator: InputMaybe<Scalars['String']['input']>;
  first: Scalars['Int']['input'];
};


export type QueryConnectionsArgs = {
  application: Scalars['ID']['input'];
};


export type QueryDatasetDiffArgs = {
  application: Scalars['ID']['input'];
  from: Scalars['Int']['input'];
  name: Scalars['String']['input'];
  to: Scalars['Int']['input'];
};


export type QueryDatasetVersionArgs = {
  application: Scalars['ID']['input'];
  name: Scalars['String']['input'];
  version: InputMaybe<Scalars['Int']['input']>;
};


export type QueryDatasetsArgs = {
  after: InputMaybe<Scalars['String']['input']>;
  application: Scalars['ID']['input'];
  first: Scalars['Int']['input'];
};


export type QueryEnvironmentArgs = {
  application: Scalars['ID']['input'];
  name: Scalars['ID']['input'];
};


export type QueryEvaluationArgs = {
  id: Scalars['ID']['input'];
};


export type QueryEvaluationsArgs = {
  after: InputMaybe<Scalars['String']['input']>;
  application: InputMaybe<Scalars['ID']['input']>;
  first: Scalars['Int']['input'];
};


export type QueryEvaluatorsArgs = {
  application: Scalars['ID']['input'];
};


export type QueryModelVersionArgs = {
  application: Scalars['ID']['input'];
  name: Scalars['String']['input'];
  version: InputMaybe<Scalars['Int']['input']>;
};


export type QueryPoliciesArgs = {
  after: InputMaybe<Scalars['String']['input']>;
  application: Scalars['ID']['input'];
  first: Scalars['Int']['input'];
};


export type QueryPromptVersionsArgs = {
  after: InputMaybe<Scalars['String']['input']>;
  application: Scalars['ID']['input'];
  first: Scalars['Int']['input'];
  prompt: InputMaybe<Scalars['String']['input']>;
};


export type QueryPromptsArgs = {
  application: Scalars['ID']['input'];
};


export type QueryReleaseArgs = {
  id: Scalars['ID']['input'];
};


export type QueryReleaseForecastArgs = {
  application: Scalars['ID']['input'];
  environment: Scalars['ID']['input'];
  policy: Scalars['String']['input'];
};


export type QueryReleasesArgs = {
  after: InputMaybe<Scalars['String']['input']>;
  application: InputMaybe<Scalars['ID']['input']>;
  environment: InputMaybe<Scalars['ID']['input']>;
  first: Scalars['Int']['input'];
  state: InputMaybe<ReadonlyArray<ReleaseState>>;
};

export type Reader = {
  readonly __typename?: 'Reader';
  readonly at: Scalars['DateTime']['output'];
  readonly connected: Scalars['Boolean']['output'];
  readonly epoch: Scalars['Int']['output'];
  readonly leaseSeq: Scalars['Int']['output'];
  readonly reader: Scalars['ID']['output'];
  readonly rev: Scalars['Int']['output'];
};

/** One decision, written down so that anybody can make it again. */
export type Receipt = {
  readonly __typename?: 'Receipt';
  readonly at: Scalars['DateTime']['output'];
  /** Version of the code, and of the engine whose logarithms were used. */
  readonly code: Scalars['String']['output'];
  readonly decision: Scalars['String']['output'];
  /** What was read since the receipt before, then what was decided: lines of the replay language, JSON each. */
  readonly lines: ReadonlyArray<Scalars['String']['output']>;
  readonly mode: Scalars['String']['output'];
  readonly reasons: ReadonlyArray<HoldReason>;
  readonly seq: Scalars['Int']['output'];
  readonly stage: Scalars['Int']['output'];
};

export type ReceiptConnection = {
  readonly __typename?: 'ReceiptConnection';
  readonly nodes: ReadonlyArray<Receipt>;
  readonly pageInfo: PageInfo;
};

/** Thumbs and labels, tied to the assignment they are about. */
export type RecordFeedbackInput = {
  readonly application: Scalars['ID']['input'];
  readonly comment?: InputMaybe<Scalars['String']['input']>;
  readonly idempotencyKey: Scalars['String']['input'];
  readonly label: Scalars['String']['input'];
  readonly token: Scalars['String']['input'];
  readonly value: Scalars['Float']['input'];
};

export type RefusalWish =
  | 'answer'
  | 'refusal';

export type RejectReleaseInput = {
  readonly id: Scalars['ID']['input'];
  readonly idempotencyKey: Scalars['String']['input'];
  readonly reason: Scalars['String']['input'];
};

export type Release = {
  readonly __typename?: 'Release';
  readonly application: Scalars['ID']['output'];
  readonly approvalExpiresAt: Maybe<Scalars['DateTime']['output']>;
  readonly approvals: ReadonlyArray<Approval>;
  readonly approvalsNeeded: Scalars['Int']['output'];
  /** Null where the release has none: it was opened before there was one, or has not begun. */
  readonly assignment: Maybe<AssignmentEvidence>;
  /** A digest, or `none` for the first release. */
  readonly baseline: Maybe<Scalars['ID']['output']>;
  readonly candidate: Bundle;
  readonly createdAt: Scalars['DateTime']['output'];
  readonly environment: Scalars['ID']['output'];
  readonly evaluation: Maybe<Evaluation>;
  readonly evidence: ReadonlyArray<MetricEvidence>;
  readonly exposure: Maybe<Exposure>;
  /** The first line of a replay file: the plan that was pinned when the release opened. */
  readonly gatePlan: Maybe<Scalars['String']['output']>;
  readonly holds: ReadonlyArray<HoldReason>;
  readonly id: Scalars['ID']['output'];
  readonly kind: ReleaseKind;
  readonly message: Scalars['String']['output'];
  readonly open: Scalars['Boolean']['output'];
  readonly policy: Maybe<RolloutPolicy>;
  /** How near the evidence is to the next step, in [0,1]; null before there is any. */
  readonly progress: Maybe<Scalars['Float']['output']>;
  /** In order; their lines after `gatePlan` are a replay file. */
  readonly receipts: ReceiptConnection;
  readonly requestedBy: Actor;
  readonly rollback: Maybe<RollbackSummary>;
  readonly stage: Maybe<Stage>;
  readonly stages: ReadonlyArray<Stage>;
  readonly state: ReleaseState;
  readonly terminalAt: Maybe<Scalars['DateTime']['output']>;
  readonly ticket: Maybe<Scalars['ID']['output']>;
  readonly tier: RiskTier;
  readonly timeline: ReadonlyArray<ReleaseEvent>;
  /** The same reasons as sentences. */
  readonly waitingFor: ReadonlyArray<Scalars['String']['output']>;
};


export type ReleaseReceiptsArgs = {
  after: InputMaybe<Scalars['String']['input']>;
  first?: Scalars['Int']['input'];
};


export type ReleaseTimelineArgs = {
  since: InputMaybe<Scalars['Int']['input']>;
};

export type ReleaseConnection = {
  readonly __typename?: 'ReleaseConnection';
  readonly nodes: ReadonlyArray<Release>;
  readonly pageInfo: PageInfo;
};

export type ReleaseEvent = {
  readonly __typename?: 'ReleaseEvent';
  readonly actor: Actor;
  readonly at: Scalars['DateTime']['output'];
  readonly data: Maybe<Scalars['JSON']['output']>;
  readonly reason: Maybe<Scalars['String']['output']>;
  readonly release: Scalars['ID']['output'];
  readonly seq: Scalars['Int']['output'];
  readonly state: ReleaseState;
  readonly type: Scalars['String']['output'];
};

/** What a release under a policy's latest version will take, said before it starts. */
export type ReleaseForecast = {
  readonly __typename?: 'ReleaseForecast';
  readonly application: Scalars['ID']['output'];
  /** False where nothing is stable yet: the first release has none. */
  readonly canary: Scalars['Boolean']['output'];
  readonly environment: Scalars['ID']['output'];
  readonly evaluation: EvaluationForecast;
  /** Why the policy cannot be shown within its maxima at this traffic. A start is refused by them where the traffic is firm. */
  readonly faults: ReadonlyArray<Scalars['String']['output']>;
  readonly metrics: ReadonlyArray<MetricForecast>;
  readonly policy: RolloutPolicy;
  readonly rollbacks: ReadonlyArray<RollbackForecast>;
  readonly secToBake: Maybe<Scalars['Float']['output']>;
  /** With the bake's minimum. */
  readonly secToPromoted: Maybe<Scalars['Float']['output']>;
  readonly stages: ReadonlyArray<StageForecast>;
  readonly traffic: Traffic;
  /** Units of both arms if the last stage's weight held from the start. */
  readonly unitsAtLastWeight: Maybe<Scalars['Float']['output']>;
  readonly unitsToBake: Maybe<Scalars['Float']['output']>;
};

export type ReleaseKind =
  | 'RELEASE'
  | 'REVERT';

export type ReleaseState =
  | 'AWAITING_APPROVAL'
  | 'BAKING'
  | 'CANARY'
  | 'CANCELLED'
  | 'EVALUATING'
  | 'FAILED'
  | 'PAUSED'
  | 'PROMOTED'
  | 'REJECTED'
  | 'REQUESTED'
  | 'ROLLED_BACK'
  | 'ROLLING_BACK';

export type ResumeReleaseInput = {
  readonly id: Scalars['ID']['input'];
  readonly idempotencyKey: Scalars['String']['input'];
  readonly reason: Scalars['String']['input'];
};

export type RevokeApiKeyInput = {
  readonly application: Scalars['ID']['input'];
  readonly id: Scalars['ID']['input'];
  readonly idempotencyKey: Scalars['String']['input'];
  readonly reason: Scalars['String']['input'];
};

export type RiskTier =
  | 'HIGH'
  | 'LIMITED'
  | 'LOW';

export type Role =
  | 'ADMIN'
  | 'APPROVER'
  | 'AUDITOR'
  | 'AUTHOR'
  | 'ON_CALL'
  | 'RELEASE_MANAGER'
  | 'VIEWER';

export type RoleGrant = {
  readonly __typename?: 'RoleGrant';
  readonly application: Scalars['ID']['output'];
  readonly role: Role;
};

/** With a reason, the present bundle is quarantined. Works with or without an open release. */
export type RollbackEnvironmentInput = {
  readonly application: Scalars['ID']['input'];
  readonly environment: Scalars['ID']['input'];
  readonly idempotencyKey: Scalars['String']['input'];
  readonly reason?: InputMaybe<Scalars['String']['input']>;
};

/** Expected until a doubled rate is taken back, at the first stage's weight. */
export type RollbackForecast = {
  readonly __typename?: 'RollbackForecast';
  readonly badResponses: Scalars['Float']['output'];
  readonly base: Scalars['Float']['output'];
  readonly candidateUnits: Scalars['Float']['output'];
  readonly doubled: Scalars['Float']['output'];
  readonly metric: Scalars['String']['output'];
  readonly sec: Maybe<Scalars['Float']['output']>;
  readonly units: Scalars['Float']['output'];
};

/** With a reason it is for cause, and the bundle is quarantined. */
export type RollbackReleaseInput = {
  readonly id: Scalars['ID']['input'];
  readonly idempotencyKey: Scalars['String']['input'];
  readonly reason?: InputMaybe<Scalars['String']['input']>;
};

/** What a rollback took: when it was committed, and until the last reader served stable. */
export type RollbackSummary = {
  readonly __typename?: 'RollbackSummary';
  readonly committedAt: Scalars['DateTime']['output'];
  readonly convergeMs: Maybe<Scalars['Int']['output']>;
  readonly convergedAt: Maybe<Scalars['DateTime']['output']>;
  readonly decidedBy: Scalars['String']['output'];
  readonly forCause: Scalars['Boolean']['output'];
  readonly leaseEnded: Scalars['Boolean']['output'];
  readonly reason: Scalars['String']['output'];
  readonly receipt: Maybe<Scalars['ID']['output']>;
  readonly rev: Scalars['Int']['output'];
  readonly stragglers: ReadonlyArray<Scalars['String']['output']>;
};

export type RolloutPolicy = {
  readonly __typename?: 'RolloutPolicy';
  readonly application: Scalars['ID']['output'];
  readonly author: Scalars['ID']['output'];
  readonly createdAt: Scalars['DateTime']['output'];
  readonly digest: Scalars['ID']['output'];
  readonly id: Scalars['ID']['output'];
  readonly name: Scalars['String']['output'];
  /** Every default filled in. */
  readonly policy: Scalars['JSON']['output'];
  readonly tier: RiskTier;
  readonly version: Scalars['Int']['output'];
};

export type RolloutPolicyConnection = {
  readonly __typename?: 'RolloutPolicyConnection';
  readonly nodes: ReadonlyArray<RolloutPolicy>;
  readonly pageInfo: PageInfo;
};

/** What was not reported is null, never 0. */
export type RowAnswer = {
  readonly __typename?: 'RowAnswer';
  readonly costUsd: Maybe<Scalars['Float']['output']>;
  readonly durationMs: Scalars['Float']['output'];
  readonly error: Maybe<Scalars['String']['output']>;
  readonly finishReason: Maybe<Scalars['String']['output']>;
  readonly inputTokens: Maybe<Scalars['Int']['output']>;
  readonly model: Maybe<Scalars['String']['output']>;
  readonly outputTokens: Maybe<Scalars['Int']['output']>;
  readonly repetition: Scalars['Int']['output'];
  readonly text: Maybe<Scalars['String']['output']>;
};

/** With an outcome: of that evaluator, or of any where none is named. A hidden case is found by its tag alone. */
export type RowFilterInput = {
  readonly evaluator?: InputMaybe<Scalars['String']['input']>;
  readonly outcome?: InputMaybe<RowOutcome>;
  readonly tag?: InputMaybe<Scalars['String']['input']>;
};

/** ASKED: as they were asked, a random order. WORST: the largest loss first, of the evaluator in the filter or of any; without a baseline the lowest score. */
export type RowOrder =
  | 'ASKED'
  | 'WORST';

export type RowOutcome =
  | 'ERROR'
  | 'IMPROVED'
  | 'REGRESSED'
  | 'SAME';

/** An error counts as 0 in the difference. The outcome is null where there is nothing to compare with. */
export type RowScore = {
  readonly __typename?: 'RowScore';
  readonly baseline: Maybe<ArmScore>;
  readonly candidate: ArmScore;
  readonly difference: Maybe<Scalars['Float']['output']>;
  readonly evaluator: Scalars['String']['output'];
  readonly outcome: Maybe<RowOutcome>;
};

export type SettingInput = {
  readonly name: Scalars['String']['input'];
  readonly value: Scalars['String']['input'];
};

/** Of scores, larger is better. */
export type ShownMean = {
  readonly __typename?: 'ShownMean';
  readonly estimate: Scalars['Float']['output'];
  readonly lower: Scalars['Float']['output'];
  readonly upper: Scalars['Float']['output'];
};

/** Where a version came from. */
export type Source = {
  readonly __typename?: 'Source';
  readonly commit: Scalars['String']['output'];
  readonly path: Scalars['String']['output'];
  readonly repository: Scalars['String']['output'];
};

export type SourceInput = {
  readonly commit: Scalars['String']['input'];
  readonly path: Scalars['String']['input'];
  readonly repository: Scalars['String']['input'];
};

export type Split = {
  readonly __typename?: 'Split';
  readonly at: Maybe<Scalars['DateTime']['output']>;
  readonly candidate: Maybe<Scalars['ID']['output']>;
  readonly epoch: Scalars['Int']['output'];
  readonly leaseMs: Scalars['Int']['output'];
  readonly release: Maybe<Scalars['ID']['output']>;
  readonly rev: Scalars['Int']['output'];
  readonly stable: Maybe<Scalars['ID']['output']>;
  readonly weightBp: Scalars['Int']['output'];
};

export type SplitConnection = {
  readonly __typename?: 'SplitConnection';
  readonly nodes: ReadonlyArray<Split>;
  readonly pageInfo: PageInfo;
};

export type Stage = {
  readonly __typename?: 'Stage';
  readonly durationMaxSec: Scalars['Int']['output'];
  readonly durationMinSec: Scalars['Int']['output'];
  readonly index: Scalars['Int']['output'];
  readonly since: Maybe<Scalars['DateTime']['output']>;
  readonly weightBp: Scalars['Int']['output'];
};

/** Expected of a candidate that is as good as stable. Null where traffic is unknown, or where evidence never ends the stage. */
export type StageForecast = {
  readonly __typename?: 'StageForecast';
  readonly candidateUnits: Maybe<Scalars['Float']['output']>;
  readonly durationMaxSec: Scalars['Int']['output'];
  readonly durationMinSec: Scalars['Int']['output'];
  readonly index: Scalars['Int']['output'];
  readonly sec: Maybe<Scalars['Float']['output']>;
  readonly units: Maybe<Scalars['Float']['output']>;
  readonly weightBp: Scalars['Int']['output'];
};

export type StageInput = {
  readonly durationMaxSec?: InputMaybe<Scalars['Int']['input']>;
  readonly durationMinSec: Scalars['Int']['input'];
  readonly weightBp: Scalars['Int']['input'];
};

/** `candidate`: a bundle digest or { prompt, version } on top of the environment's stable. */
export type StartEvaluationInput = {
  readonly application: Scalars['ID']['input'];
  readonly candidate: CandidateInput;
  readonly commit?: InputMaybe<Scalars['String']['input']>;
  readonly environment: Scalars['ID']['input'];
  readonly idempotencyKey: Scalars['String']['input'];
  readonly policy: Scalars['String']['input'];
};

export type StartReleaseInput = {
  readonly application: Scalars['ID']['input'];
  readonly candidate: CandidateInput;
  readonly environment: Scalars['ID']['input'];
  readonly idempotencyKey: Scalars['String']['input'];
  readonly message?: InputMaybe<Scalars['String']['input']>;
  readonly policy: Scalars['String']['input'];
};

export type Subscription = {
  readonly __typename?: 'Subscription';
  /** The evaluation as it is, then whenever it has come further, and as it ended. */
  readonly evaluationProgress: Evaluation;
  /** Every entry of the release's timeline after `since`, then each new one, until the release has ended. */
  readonly releaseEvents: ReleaseEvent;
};


export type SubscriptionEvaluationProgressArgs = {
  id: Scalars['ID']['input'];
};


export type SubscriptionReleaseEventsArgs = {
  id: Scalars['ID']['input'];
  since: InputMaybe<Scalars['Int']['input']>;
};

/** Hidden cases have no part in it. */
export type TagResult = {
  readonly __typename?: 'TagResult';
  readonly baseline: Maybe<Scalars['Float']['output']>;
  readonly candidate: Scalars['Float']['output'];
  readonly difference: Maybe<ShownMean>;
  readonly evaluator: Scalars['String']['output'];
  readonly n: Scalars['Int']['output'];
  readonly regressed: Scalars['Int']['output'];
  readonly tag: Scalars['String']['output'];
};

export type Tool = {
  readonly __typename?: 'Tool';
  readonly name: Scalars['String']['output'];
  readonly schema: Scalars['JSON']['output'];
};

export type ToolInput = {
  readonly name: Scalars['String']['input'];
  readonly schema: Scalars['JSON']['input'];
};

export type ToolOrder =
  | 'any'
  | 'strict';

/** An absolute objective of a rate: what the new stable is held to after a promotion. */
export type ToplineInput = {
  readonly max: Scalars['Float']['input'];
  readonly metric: Scalars['String']['input'];
};

/** What has been seen of an environment's traffic: the newest release of the last 7 days that had some. Unknown is null, never 0. `firm`: enough has been seen that a policy may be refused by it. */
export type Traffic = {
  readonly __typename?: 'Traffic';
  readonly firm: Scalars['Boolean']['output'];
  readonly release: Maybe<Scalars['ID']['output']>;
  readonly since: Maybe<Scalars['DateTime']['output']>;
  readonly unitsPerSec: Maybe<Scalars['Float']['output']>;
  readonly until: Maybe<Scalars['DateTime']['output']>;
};

/** Always with its evidence: per evaluator n, means, both log e-values and their thresholds, cases needed. */
export type Verdict = {
  readonly __typename?: 'Verdict';
  readonly evidence: Scalars['JSON']['output'];
  readonly kind: VerdictKind;
  readonly moreCasesNeeded: Maybe<Scalars['Int']['output']>;
  readonly reasons: ReadonlyArray<Scalars['String']['output']>;
};

export type VerdictKind =
  | 'FAIL'
  | 'INCONCLUSIVE'
  | 'PASS';

/** What was promoted last, held against its absolute objectives until then. */
export type Watch = {
  readonly __typename?: 'Watch';
  readonly alarms: ReadonlyArray<WatchAlarm>;
  readonly release: Scalars['ID']['output'];
  readonly until: Scalars['DateTime']['output'];
};

/** A metric in alarm: `bad` of `units` since then, where at most `max` may be. */
export type WatchAlarm = {
  readonly __typename?: 'WatchAlarm';
  readonly bad: Scalars['Int']['output'];
  readonly max: Scalars['Float']['output'];
  readonly metric: Scalars['String']['output'];
  readonly since: Scalars['DateTime']['output'];
  readonly units: Scalars['Int']['output'];
};



export type ResolverTypeWrapper<T> = Promise<T> | T;


export type ResolverWithResolve<TResult, TParent, TContext, TArgs> = {
  resolve: ResolverFn<TResult, TParent, TContext, TArgs>;
};
export type Resolver<TResult, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = ResolverFn<TResult, TParent, TContext, TArgs> | ResolverWithResolve<TResult, TParent, TContext, TArgs>;

export type ResolverFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => Promise<TResult> | TResult;

export type SubscriptionSubscribeFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => AsyncIterable<TResult> | Promise<AsyncIterable<TResult>>;

export type SubscriptionResolveFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

export interface SubscriptionSubscriberObject<TResult, TKey extends string, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<{ [key in TKey]: TResult }, TParent, TContext, TArgs>;
  resolve?: SubscriptionResolveFn<TResult, { [key in TKey]: TResult }, TContext, TArgs>;
}

export interface SubscriptionResolverObject<TResult, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<any, TParent, TContext, TArgs>;
  resolve: SubscriptionResolveFn<TResult, any, TContext, TArgs>;
}

export type SubscriptionObject<TResult, TKey extends string, TParent, TContext, TArgs> =
  | SubscriptionSubscriberObject<TResult, TKey, TParent, TContext, TArgs>
  | SubscriptionResolverObject<TResult, TParent, TContext, TArgs>;

export type SubscriptionResolver<TResult, TKey extends string, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> =
  | ((...args: any[]) => SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>)
  | SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>;

export type TypeResolveFn<TTypes, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (
  parent: TParent,
  context: TContext,
  info: GraphQLResolveInfo
) => Maybe<TTypes> | Promise<Maybe<TTypes>>;

export type IsTypeOfResolverFn<T = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (obj: T, context: TContext, info: GraphQLResolveInfo) => boolean | Promise<boolean>;

export type NextResolverFn<T> = () => Promise<T>;

export type DirectiveResolverFn<TResult = Record<PropertyKey, never>, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = (
  next: NextResolverFn<TResult>,
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;





/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  AcknowledgeHoldInput: AcknowledgeHoldInput;
  Actor: ResolverTypeWrapper<ActorDoc>;
  AddDatasetPartInput: AddDatasetPartInput;
  Agreement: ResolverTypeWrapper<Agreement>;
  Aim: ResolverTypeWrapper<'notWorse' | 'better'>;
  AlphaInput: AlphaInput;
  ApiKey: ResolverTypeWrapper<ApiKeyDoc>;
  ApiKeyConnection: ResolverTypeWrapper<Omit<ApiKeyConnection, 'nodes'> & { nodes: ReadonlyArray<ResolversTypes['ApiKey']> }>;
  ApiKeyWithSecret: ResolverTypeWrapper<Omit<ApiKeyWithSecret, 'apiKey'> & { apiKey: ResolversTypes['ApiKey'] }>;
  Application: ResolverTypeWrapper<ApplicationDoc>;
  ApplicationConnection: ResolverTypeWrapper<Omit<ApplicationConnection, 'nodes'> & { nodes: ReadonlyArray<ResolversTypes['Application']> }>;
  Approval: ResolverTypeWrapper<Approval>;
  ApprovalRuleInput: ApprovalRuleInput;
  ApproveReleaseInput: ApproveReleaseInput;
  ArmCounts: ResolverTypeWrapper<ArmParent>;
  ArmScore: ResolverTypeWrapper<ArmScore>;
  ArmTotals: ResolverTypeWrapper<ArmTotals>;
  ArmUnits: ResolverTypeWrapper<ArmUnits>;
  AssignmentEvidence: ResolverTypeWrapper<AssignmentParent>;
  AssignmentPoint: ResolverTypeWrapper<AssignmentPoint>;
  AttacksTried: ResolverTypeWrapper<AttacksTried>;
  AuditEvent: ResolverTypeWrapper<AuditDoc>;
  AuditEventConnection: ResolverTypeWrapper<Omit<AuditEventConnection, 'nodes'> & { nodes: ReadonlyArray<ResolversTypes['AuditEvent']> }>;
  BakeInput: BakeInput;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  Bundle: ResolverTypeWrapper<BundleDoc>;
  CalibrateJudgeInput: CalibrateJudgeInput;
  Calibration: ResolverTypeWrapper<CalibrationDoc>;
  CalibrationConnection: ResolverTypeWrapper<Omit<CalibrationConnection, 'nodes'> & { nodes: ReadonlyArray<ResolversTypes['Calibration']> }>;
  CalibrationProgress: ResolverTypeWrapper<CalibrationProgress>;
  CalibrationState: CalibrationState;
  CancelEvaluationInput: CancelEvaluationInput;
  CancelReleaseInput: CancelReleaseInput;
  CandidateInput: CandidateInput;
  CaseVariable: ResolverTypeWrapper<CaseVariable>;
  Connection: ResolverTypeWrapper<ConnectionDoc>;
  ConnectionKind: ResolverTypeWrapper<'openai-compatible' | 'openai-responses' | 'anthropic' | 'sandbox'>;
  ConsistencyBy: ResolverTypeWrapper<'text' | 'meaning'>;
  ContainsMode: ResolverTypeWrapper<'all' | 'any'>;
  ContextVersion: ResolverTypeWrapper<ContextVersionDoc>;
  CreateApiKeyInput: CreateApiKeyInput;
  CreateApplicationInput: CreateApplicationInput;
  CreateBundleInput: CreateBundleInput;
  CreateConnectionInput: CreateConnectionInput;
  CreateContextVersionInput: CreateContextVersionInput;
  CreateEvaluatorVersionInput: CreateEvaluatorVersionInput;
  CreateGuardrailPolicyInput: CreateGuardrailPolicyInput;
  CreateModelVersionInput: CreateModelVersionInput;
  CreatePromptVersionInput: CreatePromptVersionInput;
  DatasetCase: ResolverTypeWrapper<DatasetItem>;
  DatasetCaseConnection: ResolverTypeWrapper<Omit<DatasetCaseConnection, 'nodes'> & { nodes: ReadonlyArray<ResolversTypes['DatasetCase']> }>;
  DatasetChange: ResolverTypeWrapper<Omit<DatasetChange, 'kind'> & { kind: ResolversTypes['DatasetChangeKind'] }>;
  DatasetChangeConnection: ResolverTypeWrapper<Omit<DatasetChangeConnection, 'nodes'> & { nodes: ReadonlyArray<ResolversTypes['DatasetChange']> }>;
  DatasetChangeKind: ResolverTypeWrapper<'added' | 'removed' | 'changed'>;
  DatasetDiff: ResolverTypeWrapper<DatasetDiffParent>;
  DatasetGroup: ResolverTypeWrapper<DatasetGroup>;
  DatasetItemInput: DatasetItemInput;
  DatasetNearPair: ResolverTypeWrapper<NearPair>;
  DatasetPart: ResolverTypeWrapper<DatasetPart>;
  DatasetPartInput: DatasetPartInput;
  DatasetReport: ResolverTypeWrapper<ReportOfDataset>;
  DatasetSource: ResolverTypeWrapper<DatasetSource>;
  DatasetSourceInput: DatasetSourceInput;
  DatasetSplitCount: ResolverTypeWrapper<DatasetSplitCount>;
  DatasetTagCount: ResolverTypeWrapper<DatasetTagCount>;
  DatasetVariable: ResolverTypeWrapper<DatasetVariable>;
  DatasetVersion: ResolverTypeWrapper<DatasetDoc>;
  DatasetVersionConnection: ResolverTypeWrapper<Omit<DatasetVersionConnection, 'nodes'> & { nodes: ReadonlyArray<ResolversTypes['DatasetVersion']> }>;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  DecimalMark: ResolverTypeWrapper<'point' | 'comma'>;
  Difference: ResolverTypeWrapper<Difference>;
  Environment: ResolverTypeWrapper<EnvironmentParent>;
  EnvironmentName: ResolverTypeWrapper<EnvironmentName>;
  EnvironmentNameInput: EnvironmentNameInput;
  ErrorCode: ErrorCode;
  Evaluation: ResolverTypeWrapper<EvaluationDoc>;
  EvaluationArm: EvaluationArm;
  EvaluationConnection: ResolverTypeWrapper<Omit<EvaluationConnection, 'nodes'> & { nodes: ReadonlyArray<ResolversTypes['Evaluation']> }>;
  EvaluationForecast: ResolverTypeWrapper<EvaluationForecast>;
  EvaluationProgress: ResolverTypeWrapper<EvaluationProgress>;
  EvaluationResults: ResolverTypeWrapper<Omit<EvaluationResults, 'evaluators'> & { evaluators: ReadonlyArray<ResolversTypes['EvaluatorResult']> }>;
  EvaluationRow: ResolverTypeWrapper<EvaluationRow>;
  EvaluationRowConnection: ResolverTypeWrapper<EvaluationRowConnection>;
  EvaluationRuleInput: EvaluationRuleInput;
  EvaluationState: EvaluationState;
  EvaluatorForecast: ResolverTypeWrapper<EvaluatorForecast>;
  EvaluatorKind: ResolverTypeWrapper<'exact' | 'contains' | 'regex' | 'jsonSchema' | 'numeric' | 'rougeL' | 'bleu' | 'editDistance' | 'latency' | 'cost' | 'toolCalls' | 'refusal' | 'pii' | 'semantic' | 'consistency' | 'llmJudge' | 'pairwise' | 'contextRelevance' | 'faithfulness' | 'answerCorrectness'>;
  EvaluatorResult: ResolverTypeWrapper<Omit<EvaluatorResult, 'kind' | 'role'> & { kind: ResolversTypes['EvaluatorKind'], role: ResolversTypes['EvaluatorRole'] }>;
  EvaluatorRole: ResolverTypeWrapper<'guardrail' | 'signal'>;
  EvaluatorUseInput: EvaluatorUseInput;
  EvaluatorVersion: ResolverTypeWrapper<EvaluatorDoc>;
  EvidencePoint: ResolverTypeWrapper<EvidencePoint>;
  ExpectedCallInput: ExpectedCallInput;
  ExpectedToolsInput: ExpectedToolsInput;
  Exposure: ResolverTypeWrapper<Exposure>;
  Float: ResolverTypeWrapper<Scalars['Float']['output']>;
  FloatingModels: ResolverTypeWrapper<'allow' | 'refuse'>;
  GuardrailCheck: ResolverTypeWrapper<GuardrailCheck>;
  GuardrailCheckInput: GuardrailCheckInput;
  GuardrailPolicy: ResolverTypeWrapper<GuardrailPolicyDoc>;
  HoldReason: HoldReason;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  ImportDatasetVersionInput: ImportDatasetVersionInput;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  Interval: ResolverTypeWrapper<Interval>;
  JSON: ResolverTypeWrapper<Scalars['JSON']['output']>;
  JudgeInput: JudgeInput;
  JudgeScale: ResolverTypeWrapper<'passFail' | 'oneToFive'>;
  JudgeStatus: JudgeStatus;
  JudgedAnswer: ResolverTypeWrapper<JudgedAnswer>;
  JudgedAnswerInput: JudgedAnswerInput;
  KeyKind: ResolverTypeWrapper<'ap' | 'ci' | 'st'>;
  KeyScope: ResolverTypeWrapper<'serve' | 'ingest' | 'feedback'>;
  LatencyQuantiles: ResolverTypeWrapper<LatencyQuantiles>;
  LiftQuarantineInput: LiftQuarantineInput;
  Me: ResolverTypeWrapper<Principal>;
  MessageRole: ResolverTypeWrapper<'system' | 'user' | 'assistant'>;
  MetricEvidence: ResolverTypeWrapper<EvidenceParent>;
  MetricForecast: ResolverTypeWrapper<Omit<MetricForecast, 'kind' | 'role'> & { kind: ResolversTypes['MetricKind'], role: ResolversTypes['MetricRole'] }>;
  MetricInput: MetricInput;
  MetricKind: ResolverTypeWrapper<'rate' | 'score' | 'mean'>;
  MetricRole: ResolverTypeWrapper<'guardrail' | 'signal' | 'observe'>;
  ModelVersion: ResolverTypeWrapper<ModelVersionDoc>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  NumberPlace: ResolverTypeWrapper<'only' | 'first' | 'last'>;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  ParametersInput: ParametersInput;
  PartInput: PartInput;
  PauseReleaseInput: PauseReleaseInput;
  PiiKind: ResolverTypeWrapper<'email' | 'phone' | 'iban' | 'card' | 'ip' | 'key'>;
  Price: ResolverTypeWrapper<Price>;
  PriceInput: PriceInput;
  PromptMessage: ResolverTypeWrapper<Omit<PromptMessage, 'role'> & { role: ResolversTypes['MessageRole'] }>;
  PromptMessageInput: PromptMessageInput;
  PromptVersion: ResolverTypeWrapper<PromptVersionDoc>;
  PromptVersionConnection: ResolverTypeWrapper<Omit<PromptVersionConnection, 'nodes'> & { nodes: ReadonlyArray<ResolversTypes['PromptVersion']> }>;
  PutRolloutPolicyInput: PutRolloutPolicyInput;
  Qualification: ResolverTypeWrapper<JudgeQualification>;
  Quarantine: ResolverTypeWrapper<QuarantineDoc>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Reader: ResolverTypeWrapper<Reader>;
  Receipt: ResolverTypeWrapper<Receipt>;
  ReceiptConnection: ResolverTypeWrapper<ReceiptConnection>;
  RecordFeedbackInput: RecordFeedbackInput;
  RefusalWish: ResolverTypeWrapper<'answer' | 'refusal'>;
  RejectReleaseInput: RejectReleaseInput;
  Release: ResolverTypeWrapper<ReleaseDoc>;
  ReleaseConnection: ResolverTypeWrapper<Omit<ReleaseConnection, 'nodes'> & { nodes: ReadonlyArray<ResolversTypes['Release']> }>;
  ReleaseEvent: ResolverTypeWrapper<EventParent>;
  ReleaseForecast: ResolverTypeWrapper<Omit<ReleaseForecast, 'metrics' | 'policy'> & { metrics: ReadonlyArray<ResolversTypes['MetricForecast']>, policy: ResolversTypes['RolloutPolicy'] }>;
  ReleaseKind: ReleaseKind;
  ReleaseState: ReleaseState;
  ResumeReleaseInput: ResumeReleaseInput;
  RevokeApiKeyInput: RevokeApiKeyInput;
  RiskTier: RiskTier;
  Role: Role;
  RoleGrant: ResolverTypeWrapper<RoleGrant>;
  RollbackEnvironmentInput: RollbackEnvironmentInput;
  RollbackForecast: ResolverTypeWrapper<RollbackForecast>;
  RollbackReleaseInput: RollbackReleaseInput;
  RollbackSummary: ResolverTypeWrapper<RollbackSummary>;
  RolloutPolicy: ResolverTypeWrapper<PolicyDoc>;
  RolloutPolicyConnection: ResolverTypeWrapper<Omit<RolloutPolicyConnection, 'nodes'> & { nodes: ReadonlyArray<ResolversTypes['RolloutPolicy']> }>;
  RowAnswer: ResolverTypeWrapper<RowAnswer>;
  RowFilterInput: RowFilterInput;
  RowOrder: RowOrder;
  RowOutcome: RowOutcome;
  RowScore: ResolverTypeWrapper<RowScore>;
  SettingInput: SettingInput;
  ShownMean: ResolverTypeWrapper<ShownMean>;
  Source: ResolverTypeWrapper<Source>;
  SourceInput: SourceInput;
  Split: ResolverTypeWrapper<Split>;
  SplitConnection: ResolverTypeWrapper<SplitConnection>;
  Stage: ResolverTypeWrapper<Stage>;
  StageForecast: ResolverTypeWrapper<StageForecast>;
  StageInput: StageInput;
  StartEvaluationInput: StartEvaluationInput;
  StartReleaseInput: StartReleaseInput;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  TagResult: ResolverTypeWrapper<TagResult>;
  Tool: ResolverTypeWrapper<Tool>;
  ToolInput: ToolInput;
  ToolOrder: ResolverTypeWrapper<'strict' | 'any'>;
  ToplineInput: ToplineInput;
  Traffic: ResolverTypeWrapper<Traffic>;
  Verdict: ResolverTypeWrapper<GateVerdict>;
  VerdictKind: VerdictKind;
  Watch: ResolverTypeWrapper<Watch>;
  WatchAlarm: ResolverTypeWrapper<WatchAlarm>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  AcknowledgeHoldInput: AcknowledgeHoldInput;
  Actor: ActorDoc;
  AddDatasetPartInput: AddDatasetPartInput;
  Agreement: Agreement;
  AlphaInput: AlphaInput;
  ApiKey: ApiKeyDoc;
  ApiKeyConnection: Omit<ApiKeyConnection, 'nodes'> & { nodes: ReadonlyArray<ResolversParentTypes['ApiKey']> };
  ApiKeyWithSecret: Omit<ApiKeyWithSecret, 'apiKey'> & { apiKey: ResolversParentTypes['ApiKey'] };
  Application: ApplicationDoc;
  ApplicationConnection: Omit<ApplicationConnection, 'nodes'> & { nodes: ReadonlyArray<ResolversParentTypes['Application']> };
  Approval: Approval;
  ApprovalRuleInput: ApprovalRuleInput;
  ApproveReleaseInput: ApproveReleaseInput;
  ArmCounts: ArmParent;
  ArmScore: ArmScore;
  ArmTotals: ArmTotals;
  ArmUnits: ArmUnits;
  AssignmentEvidence: AssignmentParent;
  AssignmentPoint: AssignmentPoint;
  AttacksTried: AttacksTried;
  AuditEvent: AuditDoc;
  AuditEventConnection: Omit<AuditEventConnection, 'nodes'> & { nodes: ReadonlyArray<ResolversParentTypes['AuditEvent']> };
  BakeInput: BakeInput;
  Boolean: Scalars['Boolean']['output'];
  Bundle: BundleDoc;
  CalibrateJudgeInput: CalibrateJudgeInput;
  Calibration: CalibrationDoc;
  CalibrationConnection: Omit<CalibrationConnection, 'nodes'> & { nodes: ReadonlyArray<ResolversParentTypes['Calibration']> };
  CalibrationProgress: CalibrationProgress;
  CancelEvaluationInput: CancelEvaluationInput;
  CancelReleaseInput: CancelReleaseInput;
  CandidateInput: CandidateInput;
  CaseVariable: CaseVariable;
  Connection: ConnectionDoc;
  ContextVersion: ContextVersionDoc;
  CreateApiKeyInput: CreateApiKeyInput;
  CreateApplicationInput: CreateApplicationInput;
  CreateBundleInput: CreateBundleInput;
  CreateConnectionInput: CreateConnectionInput;
  CreateContextVersionInput: CreateContextVersionInput;
  CreateEvaluatorVersionInput: CreateEvaluatorVersionInput;
  CreateGuardrailPolicyInput: CreateGuardrailPolicyInput;
  CreateModelVersionInput: CreateModelVersionInput;
  CreatePromptVersionInput: CreatePromptVersionInput;
  DatasetCase: DatasetItem;
  DatasetCaseConnection: Omit<DatasetCaseConnection, 'nodes'> & { nodes: ReadonlyArray<ResolversParentTypes['DatasetCase']> };
  DatasetChange: DatasetChange;
  DatasetChangeConnection: Omit<DatasetChangeConnection, 'nodes'> & { nodes: ReadonlyArray<ResolversParentTypes['DatasetChange']> };
  DatasetDiff: DatasetDiffParent;
  DatasetGroup: DatasetGroup;
  DatasetItemInput: DatasetItemInput;
  DatasetNearPair: NearPair;
  DatasetPart: DatasetPart;
  DatasetPartInput: DatasetPartInput;
  DatasetReport: ReportOfDataset;
  DatasetSource: DatasetSource;
  DatasetSourceInput: DatasetSourceInput;
  DatasetSplitCount: DatasetSplitCount;
  DatasetTagCount: DatasetTagCount;
  DatasetVariable: DatasetVariable;
  DatasetVersion: DatasetDoc;
  DatasetVersionConnection: Omit<DatasetVersionConnection, 'nodes'> & { nodes: ReadonlyArray<ResolversParentTypes['DatasetVersion']> };
  DateTime: Scalars['DateTime']['output'];
  Difference: Difference;
  Environment: EnvironmentParent;
  EnvironmentName: EnvironmentName;
  EnvironmentNameInput: EnvironmentNameInput;
  Evaluation: EvaluationDoc;
  EvaluationConnection: Omit<EvaluationConnection, 'nodes'> & { nodes: ReadonlyArray<ResolversParentTypes['Evaluation']> };
  EvaluationForecast: EvaluationForecast;
  EvaluationProgress: EvaluationProgress;
  EvaluationResults: Omit<EvaluationResults, 'evaluators'> & { evaluators: ReadonlyArray<ResolversParentTypes['EvaluatorResult']> };
  EvaluationRow: EvaluationRow;
  EvaluationRowConnection: EvaluationRowConnection;
  EvaluationRuleInput: EvaluationRuleInput;
  EvaluatorForecast: EvaluatorForecast;
  EvaluatorResult: EvaluatorResult;
  EvaluatorUseInput: EvaluatorUseInput;
  EvaluatorVersion: EvaluatorDoc;
  EvidencePoint: EvidencePoint;
  ExpectedCallInput: ExpectedCallInput;
  ExpectedToolsInput: ExpectedToolsInput;
  Exposure: Exposure;
  Float: Scalars['Float']['output'];
  GuardrailCheck: GuardrailCheck;
  GuardrailCheckInput: GuardrailCheckInput;
  GuardrailPolicy: GuardrailPolicyDoc;
  ID: Scalars['ID']['output'];
  ImportDatasetVersionInput: ImportDatasetVersionInput;
  Int: Scalars['Int']['output'];
  Interval: Interval;
  JSON: Scalars['JSON']['output'];
  JudgeInput: JudgeInput;
  JudgedAnswer: JudgedAnswer;
  JudgedAnswerInput: JudgedAnswerInput;
  LatencyQuantiles: LatencyQuantiles;
  LiftQuarantineInput: LiftQuarantineInput;
  Me: Principal;
  MetricEvidence: EvidenceParent;
  MetricForecast: MetricForecast;
  MetricInput: MetricInput;
  ModelVersion: ModelVersionDoc;
  Mutation: Record<PropertyKey, never>;
  PageInfo: PageInfo;
  ParametersInput: ParametersInput;
  PartInput: PartInput;
  PauseReleaseInput: PauseReleaseInput;
  Price: Price;
  PriceInput: PriceInput;
  PromptMessage: PromptMessage;
  PromptMessageInput: PromptMessageInput;
  PromptVersion: PromptVersionDoc;
  PromptVersionConnection: Omit<PromptVersionConnection, 'nodes'> & { nodes: ReadonlyArray<ResolversParentTypes['PromptVersion']> };
  PutRolloutPolicyInput: PutRolloutPolicyInput;
  Qualification: JudgeQualification;
  Quarantine: QuarantineDoc;
  Query: Record<PropertyKey, never>;
  Reader: Reader;
  Receipt: Receipt;
  ReceiptConnection: ReceiptConnection;
  RecordFeedbackInput: RecordFeedbackInput;
  RejectReleaseInput: RejectReleaseInput;
  Release: ReleaseDoc;
  ReleaseConnection: Omit<ReleaseConnection, 'nodes'> & { nodes: ReadonlyArray<ResolversParentTypes['Release']> };
  ReleaseEvent: EventParent;
  ReleaseForecast: Omit<ReleaseForecast, 'metrics' | 'policy'> & { metrics: ReadonlyArray<ResolversParentTypes['MetricForecast']>, policy: ResolversParentTypes['RolloutPolicy'] };
  ResumeReleaseInput: ResumeReleaseInput;
  RevokeApiKeyInput: RevokeApiKeyInput;
  RoleGrant: RoleGrant;
  RollbackEnvironmentInput: RollbackEnvironmentInput;
  RollbackForecast: RollbackForecast;
  RollbackReleaseInput: RollbackReleaseInput;
  RollbackSummary: RollbackSummary;
  RolloutPolicy: PolicyDoc;
  RolloutPolicyConnection: Omit<RolloutPolicyConnection, 'nodes'> & { nodes: ReadonlyArray<ResolversParentTypes['RolloutPolicy']> };
  RowAnswer: RowAnswer;
  RowFilterInput: RowFilterInput;
  RowScore: RowScore;
  SettingInput: SettingInput;
  ShownMean: ShownMean;
  Source: Source;
  SourceInput: SourceInput;
  Split: Split;
  SplitConnection: SplitConnection;
  Stage: Stage;
  StageForecast: StageForecast;
  StageInput: StageInput;
  StartEvaluationInput: StartEvaluationInput;
  StartReleaseInput: StartReleaseInput;
  String: Scalars['String']['output'];
  Subscription: Record<PropertyKey, never>;
  TagResult: TagResult;
  Tool: Tool;
  ToolInput: ToolInput;
  ToplineInput: ToplineInput;
  Traffic: Traffic;
  Verdict: GateVerdict;
  Watch: Watch;
  WatchAlarm: WatchAlarm;
};

export type ActorResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Actor'] = ResolversParentTypes['Actor']> = {
  authMethod?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type AgreementResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Agreement'] = ResolversParentTypes['Agreement']> = {
  high?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  low?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  value?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
};

export type AimResolvers = { BETTER: 'better', NOT_WORSE: 'notWorse' };

export type ApiKeyResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ApiKey'] = ResolversParentTypes['ApiKey']> = {
  application?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  environment?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  expiresAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['KeyKind'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  revokedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  scopes?: Resolver<ReadonlyArray<ResolversTypes['KeyScope']>, ParentType, ContextType>;
};

export type ApiKeyConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ApiKeyConnection'] = ResolversParentTypes['ApiKeyConnection']> = {
  nodes?: Resolver<ReadonlyArray<ResolversTypes['ApiKey']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type ApiKeyWithSecretResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ApiKeyWithSecret'] = ResolversParentTypes['ApiKeyWithSecret']> = {
  apiKey?: Resolver<ResolversTypes['ApiKey'], ParentType, ContextType>;
  secret?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type ApplicationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Application'] = ResolversParentTypes['Application']> = {
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  deputy?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  environmentNames?: Resolver<ReadonlyArray<ResolversTypes['EnvironmentName']>, ParentType, ContextType>;
  environments?: Resolver<ReadonlyArray<ResolversTypes['Environment']>, ParentType, ContextType>;
  key?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  owner?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  purpose?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  team?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  tier?: Resolver<ResolversTypes['RiskTier'], ParentType, ContextType>;
};

export type ApplicationConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ApplicationConnection'] = ResolversParentTypes['ApplicationConnection']> = {
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Application']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type ApprovalResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Approval'] = ResolversParentTypes['Approval']> = {
  approver?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  authMethod?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  comment?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  digest?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  team?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type ArmCountsResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ArmCounts'] = ResolversParentTypes['ArmCounts']> = {
  bad?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  interval?: Resolver<Maybe<ResolversTypes['Interval']>, ParentType, ContextType>;
  mean?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  units?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type ArmScoreResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ArmScore'] = ResolversParentTypes['ArmScore']> = {
  error?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  explanation?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  label?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  value?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
};

export type ArmTotalsResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ArmTotals'] = ResolversParentTypes['ArmTotals']> = {
  agreement?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  answers?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  arm?: Resolver<ResolversTypes['EvaluationArm'], ParentType, ContextType>;
  bundle?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  costUsd?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  errors?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  inputTokens?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  latencyMs?: Resolver<Maybe<ResolversTypes['LatencyQuantiles']>, ParentType, ContextType>;
  length?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  outputTokens?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
};

export type ArmUnitsResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ArmUnits'] = ResolversParentTypes['ArmUnits']> = {
  candidate?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  stable?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type AssignmentEvidenceResolvers<ContextType = Context, ParentType extends ResolversParentTypes['AssignmentEvidence'] = ResolversParentTypes['AssignmentEvidence']> = {
  acknowledged?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  alarm?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  alarmProgress?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  history?: Resolver<ReadonlyArray<ResolversTypes['AssignmentPoint']>, ParentType, ContextType, Partial<AssignmentEvidenceHistoryArgs>>;
  logE?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  threshold?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  units?: Resolver<ResolversTypes['ArmUnits'], ParentType, ContextType>;
  waitingFor?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  words?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type AssignmentPointResolvers<ContextType = Context, ParentType extends ResolversParentTypes['AssignmentPoint'] = ResolversParentTypes['AssignmentPoint']> = {
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  logE?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  seq?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  stage?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  weightBp?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type AttacksTriedResolvers<ContextType = Context, ParentType extends ResolversParentTypes['AttacksTried'] = ResolversParentTypes['AttacksTried']> = {
  ids?: Resolver<ReadonlyArray<ResolversTypes['ID']>, ParentType, ContextType>;
  through?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  tried?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type AuditEventResolvers<ContextType = Context, ParentType extends ResolversParentTypes['AuditEvent'] = ResolversParentTypes['AuditEvent']> = {
  action?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  actor?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  actorKind?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  afterDigest?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  application?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  authMethod?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  beforeDigest?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  hash?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  intentId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  previousHash?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  reason?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  seq?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  subject?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type AuditEventConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['AuditEventConnection'] = ResolversParentTypes['AuditEventConnection']> = {
  nodes?: Resolver<ReadonlyArray<ResolversTypes['AuditEvent']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type BundleResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Bundle'] = ResolversParentTypes['Bundle']> = {
  application?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  authors?: Resolver<ReadonlyArray<ResolversTypes['ID']>, ParentType, ContextType>;
  canonical?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  context?: Resolver<Maybe<ResolversTypes['ContextVersion']>, ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  digest?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  floatingModel?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  guardrails?: Resolver<ReadonlyArray<ResolversTypes['GuardrailPolicy']>, ParentType, ContextType>;
  model?: Resolver<Maybe<ResolversTypes['ModelVersion']>, ParentType, ContextType>;
  prompts?: Resolver<ReadonlyArray<ResolversTypes['PromptVersion']>, ParentType, ContextType>;
  safety?: Resolver<ResolversTypes['JSON'], ParentType, ContextType>;
  tools?: Resolver<ReadonlyArray<ResolversTypes['Tool']>, ParentType, ContextType>;
};

export type CalibrationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Calibration'] = ResolversParentTypes['Calibration']> = {
  application?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  dataset?: Resolver<Maybe<ResolversTypes['DatasetVersion']>, ParentType, ContextType>;
  error?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  evaluator?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  finishedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  progress?: Resolver<ResolversTypes['CalibrationProgress'], ParentType, ContextType>;
  qualification?: Resolver<Maybe<ResolversTypes['Qualification']>, ParentType, ContextType>;
  requestedBy?: Resolver<ResolversTypes['Actor'], ParentType, ContextType>;
  state?: Resolver<ResolversTypes['CalibrationState'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type CalibrationConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CalibrationConnection'] = ResolversParentTypes['CalibrationConnection']> = {
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Calibration']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type CalibrationProgressResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CalibrationProgress'] = ResolversParentTypes['CalibrationProgress']> = {
  calls?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  costUsd?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  errors?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  probes?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  probesTotal?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type CaseVariableResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CaseVariable'] = ResolversParentTypes['CaseVariable']> = {
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  value?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type ConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Connection'] = ResolversParentTypes['Connection']> = {
  application?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  baseUrl?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  concurrencyMax?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['ConnectionKind'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  requestsPerMin?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  secretRef?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type ConnectionKindResolvers = { ANTHROPIC: 'anthropic', OPENAI_COMPATIBLE: 'openai-compatible', OPENAI_RESPONSES: 'openai-responses', SANDBOX: 'sandbox' };

export type ConsistencyByResolvers = { MEANING: 'meaning', TEXT: 'text' };

export type ContainsModeResolvers = { ALL: 'all', ANY: 'any' };

export type ContextVersionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ContextVersion'] = ResolversParentTypes['ContextVersion']> = {
  application?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  author?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  digest?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  embeddingModel?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  index?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  reranker?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  topK?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type DatasetCaseResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DatasetCase'] = ResolversParentTypes['DatasetCase']> = {
  contains?: Resolver<Maybe<ReadonlyArray<ResolversTypes['String']>>, ParentType, ContextType>;
  expected?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  hidden?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  judged?: Resolver<Maybe<ResolversTypes['JudgedAnswer']>, ParentType, ContextType>;
  messages?: Resolver<Maybe<ReadonlyArray<ResolversTypes['PromptMessage']>>, ParentType, ContextType>;
  source?: Resolver<Maybe<ResolversTypes['DatasetSource']>, ParentType, ContextType>;
  split?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  tags?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  toolCalls?: Resolver<Maybe<ResolversTypes['JSON']>, ParentType, ContextType>;
  variables?: Resolver<Maybe<ReadonlyArray<ResolversTypes['DatasetVariable']>>, ParentType, ContextType>;
};

export type DatasetCaseConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DatasetCaseConnection'] = ResolversParentTypes['DatasetCaseConnection']> = {
  nodes?: Resolver<ReadonlyArray<ResolversTypes['DatasetCase']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type DatasetChangeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DatasetChange'] = ResolversParentTypes['DatasetChange']> = {
  fields?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['DatasetChangeKind'], ParentType, ContextType>;
};

export type DatasetChangeConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DatasetChangeConnection'] = ResolversParentTypes['DatasetChangeConnection']> = {
  nodes?: Resolver<ReadonlyArray<ResolversTypes['DatasetChange']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type DatasetChangeKindResolvers = { ADDED: 'added', CHANGED: 'changed', REMOVED: 'removed' };

export type DatasetDiffResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DatasetDiff'] = ResolversParentTypes['DatasetDiff']> = {
  added?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  changed?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  changes?: Resolver<ResolversTypes['DatasetChangeConnection'], ParentType, ContextType, RequireFields<DatasetDiffChangesArgs, 'first'>>;
  from?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  removed?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  to?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  unchanged?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type DatasetGroupResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DatasetGroup'] = ResolversParentTypes['DatasetGroup']> = {
  count?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  ids?: Resolver<ReadonlyArray<ResolversTypes['ID']>, ParentType, ContextType>;
  splits?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
};

export type DatasetNearPairResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DatasetNearPair'] = ResolversParentTypes['DatasetNearPair']> = {
  a?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  acrossSplits?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  b?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  similarity?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
};

export type DatasetPartResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DatasetPart'] = ResolversParentTypes['DatasetPart']> = {
  digest?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  items?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type DatasetReportResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DatasetReport'] = ResolversParentTypes['DatasetReport']> = {
  duplicateGroups?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  duplicateItems?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  duplicates?: Resolver<ReadonlyArray<ResolversTypes['DatasetGroup']>, ParentType, ContextType>;
  hidden?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  items?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  leakGroups?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  leaks?: Resolver<ReadonlyArray<ResolversTypes['DatasetGroup']>, ParentType, ContextType>;
  near?: Resolver<ReadonlyArray<ResolversTypes['DatasetNearPair']>, ParentType, ContextType>;
  nearPartial?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  splits?: Resolver<ReadonlyArray<ResolversTypes['DatasetSplitCount']>, ParentType, ContextType>;
  tags?: Resolver<ReadonlyArray<ResolversTypes['DatasetTagCount']>, ParentType, ContextType>;
};

export type DatasetSourceResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DatasetSource'] = ResolversParentTypes['DatasetSource']> = {
  kind?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  ref?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type DatasetSplitCountResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DatasetSplitCount'] = ResolversParentTypes['DatasetSplitCount']> = {
  items?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  split?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type DatasetTagCountResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DatasetTagCount'] = ResolversParentTypes['DatasetTagCount']> = {
  items?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  tag?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type DatasetVariableResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DatasetVariable'] = ResolversParentTypes['DatasetVariable']> = {
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  value?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type DatasetVersionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DatasetVersion'] = ResolversParentTypes['DatasetVersion']> = {
  adversarial?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  application?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  author?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  cases?: Resolver<ResolversTypes['DatasetCaseConnection'], ParentType, ContextType, RequireFields<DatasetVersionCasesArgs, 'first'>>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  digest?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  hidden?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  items?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  report?: Resolver<ResolversTypes['DatasetReport'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type DatasetVersionConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DatasetVersionConnection'] = ResolversParentTypes['DatasetVersionConnection']> = {
  nodes?: Resolver<ReadonlyArray<ResolversTypes['DatasetVersion']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export type DecimalMarkResolvers = { COMMA: 'comma', POINT: 'point' };

export type DifferenceResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Difference'] = ResolversParentTypes['Difference']> = {
  estimate?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  lower?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  upper?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
};

export type EnvironmentResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Environment'] = ResolversParentTypes['Environment']> = {
  application?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  candidate?: Resolver<Maybe<ResolversTypes['Bundle']>, ParentType, ContextType>;
  leaseLeftMs?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  name?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  openRelease?: Resolver<Maybe<ResolversTypes['Release']>, ParentType, ContextType>;
  previous?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  protected?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  quarantine?: Resolver<ReadonlyArray<ResolversTypes['Quarantine']>, ParentType, ContextType>;
  readers?: Resolver<ReadonlyArray<ResolversTypes['Reader']>, ParentType, ContextType>;
  split?: Resolver<Maybe<ResolversTypes['Split']>, ParentType, ContextType>;
  splits?: Resolver<ResolversTypes['SplitConnection'], ParentType, ContextType, RequireFields<EnvironmentSplitsArgs, 'first'>>;
  stable?: Resolver<Maybe<ResolversTypes['Bundle']>, ParentType, ContextType>;
  uncounted?: Resolver<ResolversTypes['JSON'], ParentType, ContextType>;
  watch?: Resolver<Maybe<ResolversTypes['Watch']>, ParentType, ContextType>;
};

export type EnvironmentNameResolvers<ContextType = Context, ParentType extends ResolversParentTypes['EnvironmentName'] = ResolversParentTypes['EnvironmentName']> = {
  name?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  protected?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
};

export type EvaluationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Evaluation'] = ResolversParentTypes['Evaluation']> = {
  application?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  attempt?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  baseline?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  bundle?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  dataset?: Resolver<Maybe<ResolversTypes['DatasetVersion']>, ParentType, ContextType>;
  error?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  finishedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  identity?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  policy?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  progress?: Resolver<ResolversTypes['EvaluationProgress'], ParentType, ContextType>;
  requestedBy?: Resolver<ResolversTypes['Actor'], ParentType, ContextType>;
  results?: Resolver<ResolversTypes['EvaluationResults'], ParentType, ContextType>;
  rows?: Resolver<ResolversTypes['EvaluationRowConnection'], ParentType, ContextType, RequireFields<EvaluationRowsArgs, 'first' | 'order'>>;
  state?: Resolver<ResolversTypes['EvaluationState'], ParentType, ContextType>;
  verdict?: Resolver<Maybe<ResolversTypes['Verdict']>, ParentType, ContextType>;
};

export type EvaluationConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['EvaluationConnection'] = ResolversParentTypes['EvaluationConnection']> = {
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Evaluation']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type EvaluationForecastResolvers<ContextType = Context, ParentType extends ResolversParentTypes['EvaluationForecast'] = ResolversParentTypes['EvaluationForecast']> = {
  dataset?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  evaluators?: Resolver<ReadonlyArray<ResolversTypes['EvaluatorForecast']>, ParentType, ContextType>;
  items?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type EvaluationProgressResolvers<ContextType = Context, ParentType extends ResolversParentTypes['EvaluationProgress'] = ResolversParentTypes['EvaluationProgress']> = {
  calls?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  costUsd?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  errors?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  flags?: Resolver<Maybe<ReadonlyArray<ResolversTypes['String']>>, ParentType, ContextType>;
  items?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  itemsTotal?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  savedUsd?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
};

export type EvaluationResultsResolvers<ContextType = Context, ParentType extends ResolversParentTypes['EvaluationResults'] = ResolversParentTypes['EvaluationResults']> = {
  arms?: Resolver<ReadonlyArray<ResolversTypes['ArmTotals']>, ParentType, ContextType>;
  evaluators?: Resolver<ReadonlyArray<ResolversTypes['EvaluatorResult']>, ParentType, ContextType>;
  kept?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  rows?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  tags?: Resolver<ReadonlyArray<ResolversTypes['TagResult']>, ParentType, ContextType>;
};

export type EvaluationRowResolvers<ContextType = Context, ParentType extends ResolversParentTypes['EvaluationRow'] = ResolversParentTypes['EvaluationRow']> = {
  baseline?: Resolver<ReadonlyArray<ResolversTypes['RowAnswer']>, ParentType, ContextType>;
  candidate?: Resolver<ReadonlyArray<ResolversTypes['RowAnswer']>, ParentType, ContextType>;
  expected?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  hidden?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  item?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  position?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  scores?: Resolver<ReadonlyArray<ResolversTypes['RowScore']>, ParentType, ContextType>;
  tags?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  variables?: Resolver<ReadonlyArray<ResolversTypes['CaseVariable']>, ParentType, ContextType>;
};

export type EvaluationRowConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['EvaluationRowConnection'] = ResolversParentTypes['EvaluationRowConnection']> = {
  nodes?: Resolver<ReadonlyArray<ResolversTypes['EvaluationRow']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  total?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type EvaluatorForecastResolvers<ContextType = Context, ParentType extends ResolversParentTypes['EvaluatorForecast'] = ResolversParentTypes['EvaluatorForecast']> = {
  cases?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  casesIdentical?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  evaluator?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  margin?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  measured?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  sd?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
};

export type EvaluatorKindResolvers = { ANSWER_CORRECTNESS: 'answerCorrectness', BLEU: 'bleu', CONSISTENCY: 'consistency', CONTAINS: 'contains', CONTEXT_RELEVANCE: 'contextRelevance', COST: 'cost', EDIT_DISTANCE: 'editDistance', EXACT: 'exact', FAITHFULNESS: 'faithfulness', JSON_SCHEMA: 'jsonSchema', LATENCY: 'latency', LLM_JUDGE: 'llmJudge', NUMERIC: 'numeric', PAIRWISE: 'pairwise', PII: 'pii', REFUSAL: 'refusal', REGEX: 'regex', ROUGE_L: 'rougeL', SEMANTIC: 'semantic', TOOL_CALLS: 'toolCalls' };

export type EvaluatorResultResolvers<ContextType = Context, ParentType extends ResolversParentTypes['EvaluatorResult'] = ResolversParentTypes['EvaluatorResult']> = {
  baseline?: Resolver<Maybe<ResolversTypes['ShownMean']>, ParentType, ContextType>;
  candidate?: Resolver<Maybe<ResolversTypes['ShownMean']>, ParentType, ContextType>;
  difference?: Resolver<Maybe<ResolversTypes['ShownMean']>, ParentType, ContextType>;
  errors?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  evaluator?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  floor?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  improved?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['EvaluatorKind'], ParentType, ContextType>;
  margin?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  more?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  n?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  needed?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  regressed?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  role?: Resolver<ResolversTypes['EvaluatorRole'], ParentType, ContextType>;
  same?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type EvaluatorRoleResolvers = { GUARDRAIL: 'guardrail', SIGNAL: 'signal' };

export type EvaluatorVersionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['EvaluatorVersion'] = ResolversParentTypes['EvaluatorVersion']> = {
  application?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  author?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  digest?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['EvaluatorKind'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  spec?: Resolver<ResolversTypes['JSON'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type EvidencePointResolvers<ContextType = Context, ParentType extends ResolversParentTypes['EvidencePoint'] = ResolversParentTypes['EvidencePoint']> = {
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  candidate?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  difference?: Resolver<Maybe<ResolversTypes['Difference']>, ParentType, ContextType>;
  logEHarm?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  logENi?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  seq?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  stable?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  stage?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  weightBp?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type ExposureResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Exposure'] = ResolversParentTypes['Exposure']> = {
  badResponses?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  detectMs?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  firstBadAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  metric?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  requests?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  settled?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  users?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  waldBoundBadResponses?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
};

export type FloatingModelsResolvers = { ALLOW: 'allow', REFUSE: 'refuse' };

export type GuardrailCheckResolvers<ContextType = Context, ParentType extends ResolversParentTypes['GuardrailCheck'] = ResolversParentTypes['GuardrailCheck']> = {
  kind?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  threshold?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
};

export type GuardrailPolicyResolvers<ContextType = Context, ParentType extends ResolversParentTypes['GuardrailPolicy'] = ResolversParentTypes['GuardrailPolicy']> = {
  application?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  author?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  checks?: Resolver<ReadonlyArray<ResolversTypes['GuardrailCheck']>, ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  digest?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type IntervalResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Interval'] = ResolversParentTypes['Interval']> = {
  lower?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  upper?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
};

export interface JsonScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['JSON'], any> {
  name: 'JSON';
}

export type JudgeScaleResolvers = { ONE_TO_FIVE: 'oneToFive', PASS_FAIL: 'passFail' };

export type JudgedAnswerResolvers<ContextType = Context, ParentType extends ResolversParentTypes['JudgedAnswer'] = ResolversParentTypes['JudgedAnswer']> = {
  answer?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  label?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  other?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type KeyKindResolvers = { APPLICATION: 'ap', CI: 'ci', SESSION: 'st' };

export type KeyScopeResolvers = { FEEDBACK: 'feedback', INGEST: 'ingest', SERVE: 'serve' };

export type LatencyQuantilesResolvers<ContextType = Context, ParentType extends ResolversParentTypes['LatencyQuantiles'] = ResolversParentTypes['LatencyQuantiles']> = {
  p50?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  p90?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  p99?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
};

export type MeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Me'] = ResolversParentTypes['Me']> = {
  grants?: Resolver<ReadonlyArray<ResolversTypes['RoleGrant']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  team?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type MessageRoleResolvers = { ASSISTANT: 'assistant', SYSTEM: 'system', USER: 'user' };

export type MetricEvidenceResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MetricEvidence'] = ResolversParentTypes['MetricEvidence']> = {
  alarm?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  candidate?: Resolver<ResolversTypes['ArmCounts'], ParentType, ContextType>;
  difference?: Resolver<Maybe<ResolversTypes['Difference']>, ParentType, ContextType>;
  harm?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  harmProgress?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  harmThreshold?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  history?: Resolver<ReadonlyArray<ResolversTypes['EvidencePoint']>, ParentType, ContextType, Partial<MetricEvidenceHistoryArgs>>;
  kind?: Resolver<ResolversTypes['MetricKind'], ParentType, ContextType>;
  logEHarm?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  logENi?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  margin?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  metric?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  niThreshold?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  notWorse?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  passed?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  progress?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  role?: Resolver<ResolversTypes['MetricRole'], ParentType, ContextType>;
  stable?: Resolver<ResolversTypes['ArmCounts'], ParentType, ContextType>;
  upper?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  waitingFor?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
};

export type MetricForecastResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MetricForecast'] = ResolversParentTypes['MetricForecast']> = {
  assumed?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  base?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['MetricKind'], ParentType, ContextType>;
  metric?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  role?: Resolver<ResolversTypes['MetricRole'], ParentType, ContextType>;
  smallestEffect?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
};

export type MetricKindResolvers = { MEAN: 'mean', RATE: 'rate', SCORE: 'score' };

export type MetricRoleResolvers = { GUARDRAIL: 'guardrail', OBSERVE: 'observe', SIGNAL: 'signal' };

export type ModelVersionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ModelVersion'] = ResolversParentTypes['ModelVersion']> = {
  application?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  author?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  connection?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  digest?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  floating?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  model?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  parameters?: Resolver<ResolversTypes['JSON'], ParentType, ContextType>;
  priceUsdPerMTok?: Resolver<Maybe<ResolversTypes['Price']>, ParentType, ContextType>;
  safety?: Resolver<ResolversTypes['JSON'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type MutationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  acknowledgeHold?: Resolver<ResolversTypes['Release'], ParentType, ContextType, RequireFields<MutationAcknowledgeHoldArgs, 'input'>>;
  addDatasetPart?: Resolver<ResolversTypes['DatasetPart'], ParentType, ContextType, RequireFields<MutationAddDatasetPartArgs, 'input'>>;
  approveRelease?: Resolver<ResolversTypes['Release'], ParentType, ContextType, RequireFields<MutationApproveReleaseArgs, 'input'>>;
  calibrateJudge?: Resolver<ResolversTypes['Calibration'], ParentType, ContextType, RequireFields<MutationCalibrateJudgeArgs, 'input'>>;
  cancelEvaluation?: Resolver<ResolversTypes['Evaluation'], ParentType, ContextType, RequireFields<MutationCancelEvaluationArgs, 'input'>>;
  cancelRelease?: Resolver<ResolversTypes['Release'], ParentType, ContextType, RequireFields<MutationCancelReleaseArgs, 'input'>>;
  createApiKey?: Resolver<ResolversTypes['ApiKeyWithSecret'], ParentType, ContextType, RequireFields<MutationCreateApiKeyArgs, 'input'>>;
  createApplication?: Resolver<ResolversTypes['Application'], ParentType, ContextType, RequireFields<MutationCreateApplicationArgs, 'input'>>;
  createBundle?: Resolver<ResolversTypes['Bundle'], ParentType, ContextType, RequireFields<MutationCreateBundleArgs, 'input'>>;
  createConnection?: Resolver<ResolversTypes['Connection'], ParentType, ContextType, RequireFields<MutationCreateConnectionArgs, 'input'>>;
  createContextVersion?: Resolver<ResolversTypes['ContextVersion'], ParentType, ContextType, RequireFields<MutationCreateContextVersionArgs, 'input'>>;
  createEvaluatorVersion?: Resolver<ResolversTypes['EvaluatorVersion'], ParentType, ContextType, RequireFields<MutationCreateEvaluatorVersionArgs, 'input'>>;
  createGuardrailPolicy?: Resolver<ResolversTypes['GuardrailPolicy'], ParentType, ContextType, RequireFields<MutationCreateGuardrailPolicyArgs, 'input'>>;
  createModelVersion?: Resolver<ResolversTypes['ModelVersion'], ParentType, ContextType, RequireFields<MutationCreateModelVersionArgs, 'input'>>;
  createPromptVersion?: Resolver<ResolversTypes['PromptVersion'], ParentType, ContextType, RequireFields<MutationCreatePromptVersionArgs, 'input'>>;
  importDatasetVersion?: Resolver<ResolversTypes['DatasetVersion'], ParentType, ContextType, RequireFields<MutationImportDatasetVersionArgs, 'input'>>;
  liftQuarantine?: Resolver<ResolversTypes['Environment'], ParentType, ContextType, RequireFields<MutationLiftQuarantineArgs, 'input'>>;
  pauseRelease?: Resolver<ResolversTypes['Release'], ParentType, ContextType, RequireFields<MutationPauseReleaseArgs, 'input'>>;
  putRolloutPolicy?: Resolver<ResolversTypes['RolloutPolicy'], ParentType, ContextType, RequireFields<MutationPutRolloutPolicyArgs, 'input'>>;
  recordFeedback?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType, RequireFields<MutationRecordFeedbackArgs, 'input'>>;
  rejectRelease?: Resolver<ResolversTypes['Release'], ParentType, ContextType, RequireFields<MutationRejectReleaseArgs, 'input'>>;
  resumeRelease?: Resolver<ResolversTypes['Release'], ParentType, ContextType, RequireFields<MutationResumeReleaseArgs, 'input'>>;
  revokeApiKey?: Resolver<ResolversTypes['ApiKey'], ParentType, ContextType, RequireFields<MutationRevokeApiKeyArgs, 'input'>>;
  rollbackEnvironment?: Resolver<ResolversTypes['Release'], ParentType, ContextType, RequireFields<MutationRollbackEnvironmentArgs, 'input'>>;
  rollbackRelease?: Resolver<ResolversTypes['Release'], ParentType, ContextType, RequireFields<MutationRollbackReleaseArgs, 'input'>>;
  startEvaluation?: Resolver<ResolversTypes['Evaluation'], ParentType, ContextType, RequireFields<MutationStartEvaluationArgs, 'input'>>;
  startRelease?: Resolver<ResolversTypes['Release'], ParentType, ContextType, RequireFields<MutationStartReleaseArgs, 'input'>>;
};

export type NumberPlaceResolvers = { FIRST: 'first', LAST: 'last', ONLY: 'only' };

export type PageInfoResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
};

export type PiiKindResolvers = { CARD: 'card', EMAIL: 'email', IBAN: 'iban', IP: 'ip', KEY: 'key', PHONE: 'phone' };

export type PriceResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Price'] = ResolversParentTypes['Price']> = {
  cachedInput?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  input?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  output?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  reasoning?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
};

export type PromptMessageResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PromptMessage'] = ResolversParentTypes['PromptMessage']> = {
  content?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  role?: Resolver<ResolversTypes['MessageRole'], ParentType, ContextType>;
};

export type PromptVersionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PromptVersion'] = ResolversParentTypes['PromptVersion']> = {
  application?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  author?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  digest?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  messages?: Resolver<ReadonlyArray<ResolversTypes['PromptMessage']>, ParentType, ContextType>;
  prompt?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  source?: Resolver<Maybe<ResolversTypes['Source']>, ParentType, ContextType>;
  variables?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type PromptVersionConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PromptVersionConnection'] = ResolversParentTypes['PromptVersionConnection']> = {
  nodes?: Resolver<ReadonlyArray<ResolversTypes['PromptVersion']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type QualificationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Qualification'] = ResolversParentTypes['Qualification']> = {
  ac1?: Resolver<Maybe<ResolversTypes['Agreement']>, ParentType, ContextType>;
  agreement?: Resolver<Maybe<ResolversTypes['Agreement']>, ParentType, ContextType>;
  attacks?: Resolver<ResolversTypes['AttacksTried'], ParentType, ContextType>;
  confusion?: Resolver<ReadonlyArray<ReadonlyArray<ResolversTypes['Int']>>, ParentType, ContextType>;
  errorShare?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  flipShare?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  labels?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  mayFail?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  mayPass?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  model?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  positionBias?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  positionConsistency?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  reasons?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  sensitivity?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  specificity?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  status?: Resolver<ResolversTypes['JudgeStatus'], ParentType, ContextType>;
};

export type QuarantineResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Quarantine'] = ResolversParentTypes['Quarantine']> = {
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  digest?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  reason?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  release?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type QueryResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  apiKeys?: Resolver<ResolversTypes['ApiKeyConnection'], ParentType, ContextType, RequireFields<QueryApiKeysArgs, 'application' | 'first'>>;
  application?: Resolver<Maybe<ResolversTypes['Application']>, ParentType, ContextType, RequireFields<QueryApplicationArgs, 'key'>>;
  applications?: Resolver<ResolversTypes['ApplicationConnection'], ParentType, ContextType, RequireFields<QueryApplicationsArgs, 'first'>>;
  audit?: Resolver<ResolversTypes['AuditEventConnection'], ParentType, ContextType, RequireFields<QueryAuditArgs, 'application' | 'first'>>;
  bundle?: Resolver<Maybe<ResolversTypes['Bundle']>, ParentType, ContextType, RequireFields<QueryBundleArgs, 'application' | 'digest'>>;
  calibration?: Resolver<Maybe<ResolversTypes['Calibration']>, ParentType, ContextType, RequireFields<QueryCalibrationArgs, 'id'>>;
  calibrations?: Resolver<ResolversTypes['CalibrationConnection'], ParentType, ContextType, RequireFields<QueryCalibrationsArgs, 'application' | 'first'>>;
  connections?: Resolver<Maybe<ReadonlyArray<ResolversTypes['Connection']>>, ParentType, ContextType, RequireFields<QueryConnectionsArgs, 'application'>>;
  datasetDiff?: Resolver<ResolversTypes['DatasetDiff'], ParentType, ContextType, RequireFields<QueryDatasetDiffArgs, 'application' | 'from' | 'name' | 'to'>>;
  datasetVersion?: Resolver<Maybe<ResolversTypes['DatasetVersion']>, ParentType, ContextType, RequireFields<QueryDatasetVersionArgs, 'application' | 'name'>>;
  datasets?: Resolver<ResolversTypes['DatasetVersionConnection'], ParentType, ContextType, RequireFields<QueryDatasetsArgs, 'application' | 'first'>>;
  environment?: Resolver<Maybe<ResolversTypes['Environment']>, ParentType, ContextType, RequireFields<QueryEnvironmentArgs, 'application' | 'name'>>;
  evaluation?: Resolver<Maybe<ResolversTypes['Evaluation']>, ParentType, ContextType, RequireFields<QueryEvaluationArgs, 'id'>>;
  evaluations?: Resolver<ResolversTypes['EvaluationConnection'], ParentType, ContextType, RequireFields<QueryEvaluationsArgs, 'first'>>;
  evaluators?: Resolver<Maybe<ReadonlyArray<ResolversTypes['EvaluatorVersion']>>, ParentType, ContextType, RequireFields<QueryEvaluatorsArgs, 'application'>>;
  me?: Resolver<ResolversTypes['Me'], ParentType, ContextType>;
  modelVersion?: Resolver<Maybe<ResolversTypes['ModelVersion']>, ParentType, ContextType, RequireFields<QueryModelVersionArgs, 'application' | 'name'>>;
  policies?: Resolver<ResolversTypes['RolloutPolicyConnection'], ParentType, ContextType, RequireFields<QueryPoliciesArgs, 'application' | 'first'>>;
  promptVersions?: Resolver<ResolversTypes['PromptVersionConnection'], ParentType, ContextType, RequireFields<QueryPromptVersionsArgs, 'application' | 'first'>>;
  prompts?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType, RequireFields<QueryPromptsArgs, 'application'>>;
  release?: Resolver<Maybe<ResolversTypes['Release']>, ParentType, ContextType, RequireFields<QueryReleaseArgs, 'id'>>;
  releaseForecast?: Resolver<Maybe<ResolversTypes['ReleaseForecast']>, ParentType, ContextType, RequireFields<QueryReleaseForecastArgs, 'application' | 'environment' | 'policy'>>;
  releases?: Resolver<ResolversTypes['ReleaseConnection'], ParentType, ContextType, RequireFields<QueryReleasesArgs, 'first'>>;
};

export type ReaderResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Reader'] = ResolversParentTypes['Reader']> = {
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  connected?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  epoch?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  leaseSeq?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  reader?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  rev?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type ReceiptResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Receipt'] = ResolversParentTypes['Receipt']> = {
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  code?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  decision?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  lines?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  mode?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  reasons?: Resolver<ReadonlyArray<ResolversTypes['HoldReason']>, ParentType, ContextType>;
  seq?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  stage?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type ReceiptConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ReceiptConnection'] = ResolversParentTypes['ReceiptConnection']> = {
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Receipt']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type RefusalWishResolvers = { ANSWER: 'answer', REFUSAL: 'refusal' };

export type ReleaseResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Release'] = ResolversParentTypes['Release']> = {
  application?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  approvalExpiresAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  approvals?: Resolver<ReadonlyArray<ResolversTypes['Approval']>, ParentType, ContextType>;
  approvalsNeeded?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  assignment?: Resolver<Maybe<ResolversTypes['AssignmentEvidence']>, ParentType, ContextType>;
  baseline?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  candidate?: Resolver<ResolversTypes['Bundle'], ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  environment?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  evaluation?: Resolver<Maybe<ResolversTypes['Evaluation']>, ParentType, ContextType>;
  evidence?: Resolver<ReadonlyArray<ResolversTypes['MetricEvidence']>, ParentType, ContextType>;
  exposure?: Resolver<Maybe<ResolversTypes['Exposure']>, ParentType, ContextType>;
  gatePlan?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  holds?: Resolver<ReadonlyArray<ResolversTypes['HoldReason']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['ReleaseKind'], ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  open?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  policy?: Resolver<Maybe<ResolversTypes['RolloutPolicy']>, ParentType, ContextType>;
  progress?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  receipts?: Resolver<ResolversTypes['ReceiptConnection'], ParentType, ContextType, RequireFields<ReleaseReceiptsArgs, 'first'>>;
  requestedBy?: Resolver<ResolversTypes['Actor'], ParentType, ContextType>;
  rollback?: Resolver<Maybe<ResolversTypes['RollbackSummary']>, ParentType, ContextType>;
  stage?: Resolver<Maybe<ResolversTypes['Stage']>, ParentType, ContextType>;
  stages?: Resolver<ReadonlyArray<ResolversTypes['Stage']>, ParentType, ContextType>;
  state?: Resolver<ResolversTypes['ReleaseState'], ParentType, ContextType>;
  terminalAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  ticket?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  tier?: Resolver<ResolversTypes['RiskTier'], ParentType, ContextType>;
  timeline?: Resolver<ReadonlyArray<ResolversTypes['ReleaseEvent']>, ParentType, ContextType, Partial<ReleaseTimelineArgs>>;
  waitingFor?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
};

export type ReleaseConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ReleaseConnection'] = ResolversParentTypes['ReleaseConnection']> = {
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Release']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type ReleaseEventResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ReleaseEvent'] = ResolversParentTypes['ReleaseEvent']> = {
  actor?: Resolver<ResolversTypes['Actor'], ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  data?: Resolver<Maybe<ResolversTypes['JSON']>, ParentType, ContextType>;
  reason?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  release?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  seq?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  state?: Resolver<ResolversTypes['ReleaseState'], ParentType, ContextType>;
  type?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type ReleaseForecastResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ReleaseForecast'] = ResolversParentTypes['ReleaseForecast']> = {
  application?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  canary?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  environment?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  evaluation?: Resolver<ResolversTypes['EvaluationForecast'], ParentType, ContextType>;
  faults?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  metrics?: Resolver<ReadonlyArray<ResolversTypes['MetricForecast']>, ParentType, ContextType>;
  policy?: Resolver<ResolversTypes['RolloutPolicy'], ParentType, ContextType>;
  rollbacks?: Resolver<ReadonlyArray<ResolversTypes['RollbackForecast']>, ParentType, ContextType>;
  secToBake?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  secToPromoted?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  stages?: Resolver<ReadonlyArray<ResolversTypes['StageForecast']>, ParentType, ContextType>;
  traffic?: Resolver<ResolversTypes['Traffic'], ParentType, ContextType>;
  unitsAtLastWeight?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  unitsToBake?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
};

export type RoleGrantResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RoleGrant'] = ResolversParentTypes['RoleGrant']> = {
  application?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  role?: Resolver<ResolversTypes['Role'], ParentType, ContextType>;
};

export type RollbackForecastResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RollbackForecast'] = ResolversParentTypes['RollbackForecast']> = {
  badResponses?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  base?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  candidateUnits?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  doubled?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  metric?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  sec?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  units?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
};

export type RollbackSummaryResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RollbackSummary'] = ResolversParentTypes['RollbackSummary']> = {
  committedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  convergeMs?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  convergedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  decidedBy?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  forCause?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  leaseEnded?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  reason?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  receipt?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  rev?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  stragglers?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
};

export type RolloutPolicyResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RolloutPolicy'] = ResolversParentTypes['RolloutPolicy']> = {
  application?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  author?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  digest?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  policy?: Resolver<ResolversTypes['JSON'], ParentType, ContextType>;
  tier?: Resolver<ResolversTypes['RiskTier'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type RolloutPolicyConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RolloutPolicyConnection'] = ResolversParentTypes['RolloutPolicyConnection']> = {
  nodes?: Resolver<ReadonlyArray<ResolversTypes['RolloutPolicy']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type RowAnswerResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RowAnswer'] = ResolversParentTypes['RowAnswer']> = {
  costUsd?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  durationMs?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  error?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  finishReason?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  inputTokens?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  model?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  outputTokens?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  repetition?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  text?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type RowScoreResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RowScore'] = ResolversParentTypes['RowScore']> = {
  baseline?: Resolver<Maybe<ResolversTypes['ArmScore']>, ParentType, ContextType>;
  candidate?: Resolver<ResolversTypes['ArmScore'], ParentType, ContextType>;
  difference?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  evaluator?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  outcome?: Resolver<Maybe<ResolversTypes['RowOutcome']>, ParentType, ContextType>;
};

export type ShownMeanResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ShownMean'] = ResolversParentTypes['ShownMean']> = {
  estimate?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  lower?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  upper?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
};

export type SourceResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Source'] = ResolversParentTypes['Source']> = {
  commit?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  path?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  repository?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type SplitResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Split'] = ResolversParentTypes['Split']> = {
  at?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  candidate?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  epoch?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  leaseMs?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  release?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  rev?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  stable?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  weightBp?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type SplitConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['SplitConnection'] = ResolversParentTypes['SplitConnection']> = {
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Split']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type StageResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Stage'] = ResolversParentTypes['Stage']> = {
  durationMaxSec?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  durationMinSec?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  index?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  since?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  weightBp?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type StageForecastResolvers<ContextType = Context, ParentType extends ResolversParentTypes['StageForecast'] = ResolversParentTypes['StageForecast']> = {
  candidateUnits?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  durationMaxSec?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  durationMinSec?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  index?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  sec?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  units?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  weightBp?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type SubscriptionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  evaluationProgress?: SubscriptionResolver<ResolversTypes['Evaluation'], "evaluationProgress", ParentType, ContextType, RequireFields<SubscriptionEvaluationProgressArgs, 'id'>>;
  releaseEvents?: SubscriptionResolver<ResolversTypes['ReleaseEvent'], "releaseEvents", ParentType, ContextType, RequireFields<SubscriptionReleaseEventsArgs, 'id'>>;
};

export type TagResultResolvers<ContextType = Context, ParentType extends ResolversParentTypes['TagResult'] = ResolversParentTypes['TagResult']> = {
  baseline?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  candidate?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  difference?: Resolver<Maybe<ResolversTypes['ShownMean']>, ParentType, ContextType>;
  evaluator?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  n?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  regressed?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  tag?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type ToolResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Tool'] = ResolversParentTypes['Tool']> = {
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  schema?: Resolver<ResolversTypes['JSON'], ParentType, ContextType>;
};

export type ToolOrderResolvers = { ANY: 'any', STRICT: 'strict' };

export type TrafficResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Traffic'] = ResolversParentTypes['Traffic']> = {
  firm?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  release?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  since?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  unitsPerSec?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  until?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
};

export type VerdictResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Verdict'] = ResolversParentTypes['Verdict']> = {
  evidence?: Resolver<ResolversTypes['JSON'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['VerdictKind'], ParentType, ContextType>;
  moreCasesNeeded?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  reasons?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
};

export type WatchResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Watch'] = ResolversParentTypes['Watch']> = {
  alarms?: Resolver<ReadonlyArray<ResolversTypes['WatchAlarm']>, ParentType, ContextType>;
  release?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  until?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
};

export type WatchAlarmResolvers<ContextType = Context, ParentType extends ResolversParentTypes['WatchAlarm'] = ResolversParentTypes['WatchAlarm']> = {
  bad?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  max?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  metric?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  since?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  units?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type Resolvers<ContextType = Context> = {
  Actor?: ActorResolvers<ContextType>;
  Agreement?: AgreementResolvers<ContextType>;
  Aim?: AimResolvers;
  ApiKey?: ApiKeyResolvers<ContextType>;
  ApiKeyConnection?: ApiKeyConnectionResolvers<ContextType>;
  ApiKeyWithSecret?: ApiKeyWithSecretResolvers<ContextType>;
  Application?: ApplicationResolvers<ContextType>;
  ApplicationConnection?: ApplicationConnectionResolvers<ContextType>;
  Approval?: ApprovalResolvers<ContextType>;
  ArmCounts?: ArmCountsResolvers<ContextType>;
  ArmScore?: ArmScoreResolvers<ContextType>;
  ArmTotals?: ArmTotalsResolvers<ContextType>;
  ArmUnits?: ArmUnitsResolvers<ContextType>;
  AssignmentEvidence?: AssignmentEvidenceResolvers<ContextType>;
  AssignmentPoint?: AssignmentPointResolvers<ContextType>;
  AttacksTried?: AttacksTriedResolvers<ContextType>;
  AuditEvent?: AuditEventResolvers<ContextType>;
  AuditEventConnection?: AuditEventConnectionResolvers<ContextType>;
  Bundle?: BundleResolvers<ContextType>;
  Calibration?: CalibrationResolvers<ContextType>;
  CalibrationConnection?: CalibrationConnectionResolvers<ContextType>;
  CalibrationProgress?: CalibrationProgressResolvers<ContextType>;
  CaseVariable?: CaseVariableResolvers<ContextType>;
  Connection?: ConnectionResolvers<ContextType>;
  ConnectionKind?: ConnectionKindResolvers;
  ConsistencyBy?: ConsistencyByResolvers;
  ContainsMode?: ContainsModeResolvers;
  ContextVersion?: ContextVersionResolvers<ContextType>;
  DatasetCase?: DatasetCaseResolvers<ContextType>;
  DatasetCaseConnection?: DatasetCaseConnectionResolvers<ContextType>;
  DatasetChange?: DatasetChangeResolvers<ContextType>;
  DatasetChangeConnection?: DatasetChangeConnectionResolvers<ContextType>;
  DatasetChangeKind?: DatasetChangeKindResolvers;
  DatasetDiff?: DatasetDiffResolvers<ContextType>;
  DatasetGroup?: DatasetGroupResolvers<ContextType>;
  DatasetNearPair?: DatasetNearPairResolvers<ContextType>;
  DatasetPart?: DatasetPartResolvers<ContextType>;
  DatasetReport?: DatasetReportResolvers<ContextType>;
  DatasetSource?: DatasetSourceResolvers<ContextType>;
  DatasetSplitCount?: DatasetSplitCountResolvers<ContextType>;
  DatasetTagCount?: DatasetTagCountResolvers<ContextType>;
  DatasetVariable?: DatasetVariableResolvers<ContextType>;
  DatasetVersion?: DatasetVersionResolvers<ContextType>;
  DatasetVersionConnection?: DatasetVersionConnectionResolvers<ContextType>;
  DateTime?: GraphQLScalarType;
  DecimalMark?: DecimalMarkResolvers;
  Difference?: DifferenceResolvers<ContextType>;
  Environment?: EnvironmentResolvers<ContextType>;
  EnvironmentName?: EnvironmentNameResolvers<ContextType>;
  Evaluation?: EvaluationResolvers<ContextType>;
  EvaluationConnection?: EvaluationConnectionResolvers<ContextType>;
  EvaluationForecast?: EvaluationForecastResolvers<ContextType>;
  EvaluationProgress?: EvaluationProgressResolvers<ContextType>;
  EvaluationResults?: EvaluationResultsResolvers<ContextType>;
  EvaluationRow?: EvaluationRowResolvers<ContextType>;
  EvaluationRowConnection?: EvaluationRowConnectionResolvers<ContextType>;
  EvaluatorForecast?: EvaluatorForecastResolvers<ContextType>;
  EvaluatorKind?: EvaluatorKindResolvers;
  EvaluatorResult?: EvaluatorResultResolvers<ContextType>;
  EvaluatorRole?: EvaluatorRoleResolvers;
  EvaluatorVersion?: EvaluatorVersionResolvers<ContextType>;
  EvidencePoint?: EvidencePointResolvers<ContextType>;
  Exposure?: ExposureResolvers<ContextType>;
  FloatingModels?: FloatingModelsResolvers;
  GuardrailCheck?: GuardrailCheckResolvers<ContextType>;
  GuardrailPolicy?: GuardrailPolicyResolvers<ContextType>;
  Interval?: IntervalResolvers<ContextType>;
  JSON?: GraphQLScalarType;
  JudgeScale?: JudgeScaleResolvers;
  JudgedAnswer?: JudgedAnswerResolvers<ContextType>;
  KeyKind?: KeyKindResolvers;
  KeyScope?: KeyScopeResolvers;
  LatencyQuantiles?: LatencyQuantilesResolvers<ContextType>;
  Me?: MeResolvers<ContextType>;
  MessageRole?: MessageRoleResolvers;
  MetricEvidence?: MetricEvidenceResolvers<ContextType>;
  MetricForecast?: MetricForecastResolvers<ContextType>;
  MetricKind?: MetricKindResolvers;
  MetricRole?: MetricRoleResolvers;
  ModelVersion?: ModelVersionResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  NumberPlace?: NumberPlaceResolvers;
  PageInfo?: PageInfoResolvers<ContextType>;
  PiiKind?: PiiKindResolvers;
  Price?: PriceResolvers<ContextType>;
  PromptMessage?: PromptMessageResolvers<ContextType>;
  PromptVersion?: PromptVersionResolvers<ContextType>;
  PromptVersionConnection?: PromptVersionConnectionResolvers<ContextType>;
  Qualification?: QualificationResolvers<ContextType>;
  Quarantine?: QuarantineResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  Reader?: ReaderResolvers<ContextType>;
  Receipt?: ReceiptResolvers<ContextType>;
  ReceiptConnection?: ReceiptConnectionResolvers<ContextType>;
  RefusalWish?: RefusalWishResolvers;
  Release?: ReleaseResolvers<ContextType>;
  ReleaseConnection?: ReleaseConnectionResolvers<ContextType>;
  ReleaseEvent?: ReleaseEventResolvers<ContextType>;
  ReleaseForecast?: ReleaseForecastResolvers<ContextType>;
  RoleGrant?: RoleGrantResolvers<ContextType>;
  RollbackForecast?: RollbackForecastResolvers<ContextType>;
  RollbackSummary?: RollbackSummaryResolvers<ContextType>;
  RolloutPolicy?: RolloutPolicyResolvers<ContextType>;
  RolloutPolicyConnection?: RolloutPolicyConnectionResolvers<ContextType>;
  RowAnswer?: RowAnswerResolvers<ContextType>;
  RowScore?: RowScoreResolvers<ContextType>;
  ShownMean?: ShownMeanResolvers<ContextType>;
  Source?: SourceResolvers<ContextType>;
  Split?: SplitResolvers<ContextType>;
  SplitConnection?: SplitConnectionResolvers<ContextType>;
  Stage?: StageResolvers<ContextType>;
  StageForecast?: StageForecastResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  TagResult?: TagResultResolvers<ContextType>;
  Tool?: ToolResolvers<ContextType>;
  ToolOrder?: ToolOrderResolvers;
  Traffic?: TrafficResolvers<ContextType>;
  Verdict?: VerdictResolvers<ContextType>;
  Watch?: WatchResolvers<ContextType>;
  WatchAlarm?: WatchAlarmResolvers<ContextType>;
};

