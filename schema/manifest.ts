import { isMap, isScalar, parseAllDocuments, visit } from 'yaml';
import { z } from 'zod';
import { BadInputError, TooLargeError } from '../core/errors.js';
import { ManifestEvaluator, evaluatorInput } from './manifest-evaluator.js';
import { PromptFile } from './manifest-prompt.js';
import { difference, duration, faultOfLimit, limit, money, objective, probability, seconds, share, weight } from './manifest-units.js';

/**
 * The files people keep in git. `readManifest` turns the text of a `slipway.yaml` into the inputs of GraphQL mutations; the editor's
 * view of the same shapes is `schema/json/*.schema.json`, made by `jsonSchemas` and held equal by a test.
 */

const TEXT_BYTES_MAX = 1_048_576;
const ALIASES_MAX = 100;
const DAY_SEC = 86_400;

const name = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'a name is lower-case letters, digits and dashes, beginning with a letter');
const applicationKey = z.string().regex(/^[a-z][a-z0-9-]{1,38}$/, 'an application key is 2 to 39 lower-case letters, digits and dashes');
const text = (max: number) => z.string().min(1).max(max);
const tier = z.enum(['LOW', 'LIMITED', 'HIGH']);

const Environment = z.union([name.transform((one) => ({ name: one })), z.strictObject({ name, protected: z.boolean().optional() })]);
const Application = z.strictObject({
  key: applicationKey, team: text(100), owner: text(100), deputy: text(100), tier, purpose: text(2_000), environments: z.array(Environment).min(1).max(20),
}).describe('An inventory entry. Where the application exists already, its key alone is enough.');

/** `env:NAME` is read from the surroundings of `slipway apply`: the address of a development stack is not the same twice. */
const baseUrl = z.string().max(2_048).regex(/^(https?:\/\/[^\s]+|env:[A-Z][A-Z0-9_]{0,99})$/, 'a base URL begins with http:// or https://, or is env:NAME');
const WIRES = { 'openai-compatible': 'OPENAI_COMPATIBLE', 'openai-responses': 'OPENAI_RESPONSES', anthropic: 'ANTHROPIC', sandbox: 'SANDBOX' } as const;
const Connection = z.strictObject({
  connection: name, kind: z.enum(['openai-compatible', 'openai-responses', 'anthropic', 'sandbox']), baseUrl,
  secret: z.string().regex(/^(env:[A-Z][A-Z0-9_]{0,99}|file:[a-z0-9][a-z0-9._-]{0,99})$/, 'a secret is a reference such as env:OPENAI_API_KEY or file:openai, never the secret itself').optional(),
  limits: z.strictObject({ requestsPerMin: z.int().min(1).max(10_000_000).optional(), concurrency: z.int().min(1).max(10_000).optional() }).optional().describe('Of all workers together.'),
}).transform(({ connection, kind, baseUrl: url, secret, limits }) => compact({
  name: connection, kind: WIRES[kind], baseUrl: url, secretRef: secret, requestsPerMin: limits?.requestsPerMin, concurrencyMax: limits?.concurrency,
}));

const settings = z.record(z.string().min(1).max(100), z.string().max(1_000))
  .transform((pairs) => Object.entries(pairs).map(([key, value]) => ({ name: key, value })));
const Model = z.strictObject({
  model: name, connection: name, id: text(200).describe('The id the provider knows, best a dated one.'), floating: z.boolean().optional(),
  parameters: z.strictObject({
    temperature: z.number().min(0).max(2).optional(), topP: z.number().min(0).max(1).optional(), maxTokens: z.int().min(1).max(1_000_000).optional(),
    seed: z.int().optional(), stop: z.array(text(100)).max(16).optional(), stream: z.boolean().optional(),
  }).optional(),
  safety: settings.optional(),
  price: z.strictObject({ input: money, output: money, cachedInput: money.optional(), reasoning: money.optional() }).transform(compact).optional().describe('Per million tokens.'),
}).transform(({ model, id, price, ...rest }) => compact({ name: model, ...rest, model: id, priceUsdPerMTok: price }));

const Dataset = z.strictObject({
  dataset: name, file: text(1_000).describe('JSON lines, one case a line, or CSV where its name ends in .csv; relative to this file.'),
  attacks: z.strictObject({
    input: z.string().min(1).max(64).default('question').describe("The prompt's variable for what the user says."), documents: z.array(z.string().min(1).max(64)).max(20).optional().describe("The prompt's variables for what was found for it."),
    fill: z.record(z.string().min(1).max(64), text(65_536)).optional().describe("What the prompt's other variables hold."),
  }).optional().describe('Adds the built-in attacks, which tiers LIMITED and HIGH ask for.'),
}).transform(({ dataset, file, attacks }) => ({ name: dataset, file, ...(attacks === undefined ? {} : { attacks }) }));

const EvaluatorUse = z.union([
  name.transform((one) => ({ name: one })),
  z.strictObject({ name, role: z.enum(['guardrail', 'signal']).optional(), margin: difference.optional(), floor: z.number().min(0).max(1).optional(), mustPass: z.boolean().optional() })
    .transform(({ role, ...rest }) => compact({ ...rest, role: role === undefined ? undefined : upper(role) })),
]);
const EvaluationRule = z.strictObject({
  dataset: name, evaluators: z.array(EvaluatorUse).min(1).max(20), margin: difference.optional(), repetitions: z.int().min(1).max(20).optional(),
  budget: z.strictObject({ calls: z.int().min(1).max(1_000_000).optional(), money: money.optional() }).optional(), maxAge: seconds(60, 365 * DAY_SEC).optional(), slices: z.array(text(100)).max(20).optional().describe('Tags of cases: a part that collapses fails the whole.'),
}).transform(({ budget, maxAge, ...rest }) => compact({ ...rest, callsMax: budget?.calls, spendMaxUsd: budget?.money, ageMaxSec: maxAge }));

const FEED = /^(error|slow|cost|guardrail|(guardrail|feedback|evaluation|attribute):[A-Za-z0-9_.-]{1,64})$/;
const Metric = z.strictObject({
  from: z.string().regex(FEED, 'metrics are fed from error, slow, cost, guardrail, guardrail:<name>, feedback:<label>, evaluation:<name> and attribute:<key>').optional(),
  role: z.enum(['guardrail', 'signal', 'observe']).optional(), kind: z.enum(['rate', 'score', 'mean']).optional(), maturity: duration(0, DAY_SEC).optional(),
  tolerance: limit.optional(), margin: limit.optional(), objective: objective.optional(), cap: z.union([z.number().gt(0).max(1_000_000_000), money]).optional(),
  share: share.optional(), excessWeight: z.number().min(0).max(100).optional(), missingAs: z.union([z.literal(0), z.literal(1)]).optional(),
});
type Metric = z.output<typeof Metric>;
const isMean = (metric: string, { from, kind }: Metric): boolean => kind === 'mean' || (from ?? metric) === 'cost';
/** `5%` of a mean is a part of stable's, a number an amount: never one beside the other. */
function inputOf(metric: string, one: Metric) {
  const { kind, maturity, role, tolerance, margin, objective: objectiveMs, ...rest } = one;
  const given = [tolerance, margin].filter((limited) => limited !== undefined);
  return compact({
    name: metric, ...rest, role: role === undefined ? undefined : upper(role), maturityMs: maturity, tolerance: tolerance?.value, margin: margin?.value, objectiveMs,
    // Left out where it says nothing new, so that a manifest of an earlier version makes the same input.
    kind: kind === undefined || kind === 'rate' ? undefined : upper(kind), relative: isMean(metric, one) && given.length > 0 ? given.every(({ form }) => form === 'part') : undefined,
  });
}
const metricName = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,62}$/, 'a metric has a name of letters, digits, _ and -');
const Metrics = z.record(metricName, Metric)
  .refine((metrics) => Object.keys(metrics).length > 0, 'at least one metric')
  .refine((metrics) => Object.keys(metrics).length <= 20, 'at most 20 metrics')
  .superRefine((metrics, context) => {
    for (const [metric, one] of Object.entries(metrics)) {
      const mean = isMean(metric, one);
      for (const field of ['tolerance', 'margin'] as const) {
        const fault = one[field] === undefined ? null : faultOfLimit(one[field], mean);
        if (fault !== null) context.addIssue({ code: 'custom', path: [metric, field], message: fault });
      }
      if (mean && one.tolerance !== undefined && one.margin !== undefined && one.tolerance.form !== one.margin.form) {
        context.addIssue({ code: 'custom', path: [metric, 'margin'], message: 'tolerance and margin are both parts (5%) or both numbers' });
      }
    }
  })
  .transform((metrics) => Object.entries(metrics).map(([metric, one]) => inputOf(metric, one)));

const Stage = z.strictObject({ weight: weight(1, 10_000), min: seconds(0, 7 * DAY_SEC), max: seconds(1, 30 * DAY_SEC).optional() })
  .transform(({ weight: weightBp, min, max }) => compact({ weightBp, durationMinSec: min, durationMaxSec: max }));
const Policy = z.strictObject({
  policy: name,
  evaluation: EvaluationRule,
  approvals: z.strictObject({ count: z.int().min(0).max(10).optional(), outsideTeam: z.int().min(0).max(10).optional(), expire: seconds(60, 30 * DAY_SEC).optional() })
    .transform(({ expire, ...rest }) => compact({ ...rest, expireSec: expire })).optional(),
  block: seconds(1, 3_600).optional(),
  lease: duration(5, 600).optional(),
  alpha: z.strictObject({ harm: probability.optional(), promote: probability.optional() }).optional(),
  errorBudget: z.number().gt(0).max(1_000_000).optional(),
  stages: z.array(Stage).min(1).max(20).optional(),
  metrics: Metrics,
  bake: z.strictObject({ min: seconds(0, 30 * DAY_SEC).optional(), max: seconds(1, 30 * DAY_SEC).optional(), holdback: weight(1, 5_000).optional() })
    .transform(({ min, max, holdback }) => compact({ durationMinSec: min, durationMaxSec: max, holdbackBp: holdback })).optional(),
  pausedMax: seconds(60, 30 * DAY_SEC).optional(),
  floatingModels: z.enum(['allow', 'refuse']).optional(),
  aim: z.enum(['notWorse', 'better']).optional(),
  topline: z.record(metricName, z.strictObject({ max: probability })).refine((lines) => Object.keys(lines).length <= 20, 'at most 20 toplines')
    .transform((lines) => Object.entries(lines).map(([metric, { max }]) => ({ metric, max }))).optional(),
  watch: seconds(0, 30 * DAY_SEC).optional(),
}).transform(({ policy, block, lease, pausedMax, floatingModels, aim, watch, ...rest }) => compact({
  name: policy, ...rest, blockSec: block, leaseMs: lease, pausedMaxSec: pausedMax, floatingModels: floatingModels === undefined ? undefined : upper(floatingModels),
  aim: aim === undefined ? undefined : AIM[aim], watchSec: watch,
}));
const AIM = { notWorse: 'NOT_WORSE', better: 'BETTER' } as const;

/** One document of a `slipway.yaml`: one application and what belongs to it. Several applications are several documents, divided by `---`. */
export const Manifest = z.strictObject({
  application: z.union([applicationKey.transform((key) => ({ key })), Application], { error: unionFault('an application is a key, or key, team, owner, deputy, tier, purpose and environments') }),
  connections: z.array(Connection).max(50).default([]),
  models: z.array(Model).max(50).default([]),
  prompts: z.array(text(1_000)).max(200).default([]).describe('Paths of .prompt.yml files, relative to this file.'),
  datasets: z.array(Dataset).max(50).default([]),
  evaluators: z.array(ManifestEvaluator).max(50).default([]).transform((list) => list.map(evaluatorInput)),
  policies: z.array(Policy).max(50).default([]),
});
export type Manifest = z.infer<typeof Manifest>;

/** Words of policies that people may know from the design, and that this version would have to ignore. It refuses them instead. */
const NOT_YET = new Set(['freeze', 'adversarial', 'human', 'before']);

/**
 * A `slipway.yaml`, one entry for each of its documents.
 *
 * @throws TooLargeError above 1 MiB; BadInputError that names every fault with its path: an unknown key, a wrong unit, a custom tag,
 *   a merge key, a name declared twice, more than 100 aliases
 */
export function readManifest(yaml: string): Manifest[] {
  const documents = parseYaml(yaml).map((value, index, all) => check(Manifest, value, all.length > 1 ? `document ${index + 1}: ` : ''));
  if (documents.length === 0) throw new BadInputError('The manifest is empty.', 'Begin with: application: my-app');
  for (const manifest of documents) {
    for (const kind of ['connections', 'models', 'datasets', 'evaluators', 'policies'] as const) {
      const names = manifest[kind].map((one) => one.name);
      const twice = names.find((one, index) => names.indexOf(one) !== index);
      if (twice !== undefined) throw new BadInputError(`${kind}: ${twice} is declared twice.`);
    }
  }
  const keys = documents.map((manifest) => manifest.application.key);
  const again = keys.find((key, index) => keys.indexOf(key) !== index);
  if (again !== undefined) throw new BadInputError(`Two documents declare the application ${again}.`, 'Put what belongs to one application into one document.');
  return documents;
}

/** A `.prompt.yml` in the GitHub Models format. Same limits, same errors. */
export function readPromptFile(yaml: string): PromptFile {
  const [value, ...more] = parseYaml(yaml);
  if (value === undefined || more.length > 0) throw new BadInputError('A prompt file holds exactly one document.');
  return check(PromptFile, value, '');
}

/** The published JSON Schemas, by file name under `schema/json/`. */
export function jsonSchemas(): Record<string, unknown> {
  const published = (shape: z.ZodType, title: string) => ({ ...z.toJSONSchema(shape, { io: 'input', reused: 'inline' }), title });
  return { 'slipway.schema.json': published(Manifest, 'slipway.yaml'), 'prompt.schema.json': published(PromptFile, '*.prompt.yml (GitHub Models format)') };
}

/** YAML 1.2, core schema: no merge keys, no tags of other schemas, no dates, no `yes`. */
function parseYaml(yaml: string): unknown[] {
  const bytes = new TextEncoder().encode(yaml).length;
  if (bytes > TEXT_BYTES_MAX) throw new TooLargeError(`The file has ${bytes} bytes; the limit is ${TEXT_BYTES_MAX}.`);
  const parsed = parseAllDocuments(yaml, { version: '1.2', schema: 'core', merge: false, uniqueKeys: true, strict: true, prettyErrors: true });
  return ('empty' in parsed ? [] : parsed).filter((document) => document.contents !== null).map((document) => {
    const fault = document.errors[0] ?? document.warnings[0];
    if (fault !== undefined) throw new BadInputError(`Not YAML that can be read: ${fault.message.trim()}`, 'Plain YAML 1.2 is read: no custom tags, no merge keys.');
    visit(document, { Pair(_key, pair) {
      if (isScalar(pair.key) && pair.key.value === '<<') throw new BadInputError('Merge keys (<<) are not read.', 'Write the keys out, or use an alias for a whole value.');
      if (isMap(pair.key)) throw new BadInputError('A key is a plain word.');
    } });
    try { return document.toJS({ maxAliasCount: ALIASES_MAX }) as unknown; } catch (error) {
      throw new BadInputError(`Not YAML that can be read: ${error instanceof Error ? error.message : String(error)}`, `At most ${ALIASES_MAX} aliases are followed.`);
    }
  });
}

function check<Shape extends z.ZodType>(shape: Shape, value: unknown, where: string): z.output<Shape> {
  const outcome = shape.safeParse(value);
  if (outcome.success) return outcome.data;
  const faults = outcome.error.issues.flatMap((issue) => faultsOf(issue, []));
  throw new BadInputError(`${where}${faults.slice(0, 10).join('; ')}`, 'docs/manifest.md names every key and its form.');
}

/** One sentence a fault, with the path from the top. Of a union the branch that understood most of the value speaks. */
function faultsOf(issue: z.core.$ZodIssue, before: readonly PropertyKey[]): string[] {
  const path = [...before, ...issue.path];
  const place = placeOf(path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => (NOT_YET.has(key) ? `${placeOf([...path, key])}: this version of Slipway does not know "${key}" yet; take it out` : `${placeOf([...path, key])}: unknown key`));
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0 && issue.message === UNION) {
    const depth = (branch: readonly z.core.$ZodIssue[]): number => Math.max(0, ...branch.map((one) => one.path.length + (one.code === 'unrecognized_keys' ? 1 : 0)));
    const told = issue.errors.reduce((best, next) => (depth(next) > depth(best) ? next : best));
    return told.flatMap((one) => faultsOf(one, path));
  }
  return [`${place}: ${issue.message}`];
}

const UNION = 'Invalid input';
const placeOf = (path: readonly PropertyKey[]): string => path.map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`)).join('') || 'the file';

/** The union's own sentence for what is no object; the keys of an object speak for themselves. */
function unionFault(sentence: string) {
  return (issue: { readonly input?: unknown }): string => (typeof issue.input === 'object' && issue.input !== null ? UNION : sentence);
}

type Compact<T> = { [Key in keyof T as undefined extends T[Key] ? never : Key]: T[Key] } & { [Key in keyof T as undefined extends T[Key] ? Key : never]?: Exclude<T[Key], undefined> };
/** What was left out stays out: an input's absent field means "the tier's default", a null would not. */
function compact<T extends object>(value: T): Compact<T> {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Compact<T>;
}
function upper<Word extends string>(word: Word): Uppercase<Word> { return word.toUpperCase() as Uppercase<Word>; }
