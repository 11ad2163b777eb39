/**
 * Makes what follows from something else: from the SDL `schema/typedefs.generated.ts` and `api/generated.ts`, from the shapes of the files
 * people keep in git `schema/json/`, and the tables of `docs/cli.md`, `docs/errors.md` and `docs/settings.md`. With `--check` it writes
 * nothing and fails when one of them is stale.
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { generate } from '@graphql-codegen/cli';
import { ENUMS } from '../api/enums.js';   // GraphQL's words and ours: an enum's internal values, on the way in and out
import { referenceOfExits, referenceOfWords } from '../cli/reference.js';
import { jsonSchemas } from '../schema/manifest.js';
import { tableOfErrors, tableOfSettings, withTable } from './pages.js';

const root = path.resolve(import.meta.dirname, '..');
const folder = path.join(root, 'schema');

const doc = (name: string): string => `../store/index.js#${name}`;
const parent = (name: string): string => `./parents.js#${name}`;
/** What a resolver of a type is given. */
const MAPPERS: Readonly<Record<string, string>> = {
  Application: doc('ApplicationDoc'), ApiKey: doc('ApiKeyDoc'), Connection: doc('ConnectionDoc'), PromptVersion: doc('PromptVersionDoc'), ModelVersion: doc('ModelVersionDoc'),
  ContextVersion: doc('ContextVersionDoc'), GuardrailPolicy: doc('GuardrailPolicyDoc'), Bundle: doc('BundleDoc'), DatasetVersion: doc('DatasetDoc'), EvaluatorVersion: doc('EvaluatorDoc'),
  RolloutPolicy: doc('PolicyDoc'), Evaluation: doc('EvaluationDoc'), Calibration: doc('CalibrationDoc'), Qualification: '../core/score/index.js#Qualification as JudgeQualification', Release: doc('ReleaseDoc'), Actor: doc('Actor as ActorDoc'), Quarantine: doc('Quarantine as QuarantineDoc'),
  DatasetCase: '../core/dataset/index.js#DatasetItem', DatasetDiff: parent('DatasetDiffParent'), DatasetReport: '../core/dataset/index.js#DatasetReport as ReportOfDataset', DatasetNearPair: '../core/dataset/index.js#NearPair',
  Environment: parent('EnvironmentParent'), ReleaseEvent: parent('EventParent'), MetricEvidence: parent('EvidenceParent'), ArmCounts: parent('ArmParent'), AssignmentEvidence: parent('AssignmentParent'), AuditEvent: doc('AuditDoc'), Me: '../core/access.js#Principal', Verdict: '../core/gate/index.js#Verdict as GateVerdict',
};

/** A mapper says what an enum is on our side; without one the plugin leaves it untyped. */
const ENUM_MAPPERS = Object.fromEntries(Object.entries(ENUMS).map(([name, values]) => [name, Object.values(values).map((value) => `'${value}'`).join(' | ')]));

const sources = readdirSync(folder).filter((file) => file.endsWith('.graphql')).sort();
const typeDefs = `/** Made by scripts/generate.ts from the .graphql files of this folder. */
export const typeDefs: readonly string[] = [
${sources.map((file) => `  // ${file}\n  ${JSON.stringify(readFileSync(path.join(folder, file), 'utf8'))},`).join('\n')}
];
`;

const [made] = await generate({
  schema: sources.map((file) => path.join(folder, file)), silent: true, noSilentErrors: true, emitLegacyCommonJSImports: false, importExtension: '.js',
  generates: {
    [path.join(root, 'api/generated.ts')]: {
      plugins: ['typescript', 'typescript-resolvers'],
      config: {
        contextType: './context.js#Context', mappers: { ...MAPPERS, ...ENUM_MAPPERS }, enumsAsTypes: true, enumValues: ENUMS, useTypeImports: true, strictScalars: true, immutableTypes: true,
        avoidOptionals: { field: true, object: true, inputValue: false, defaultValue: false }, maybeValue: 'T | null', inputMaybeValue: 'T | null | undefined',
        scalars: { ID: 'string', DateTime: { input: 'Date', output: 'Date' }, JSON: 'unknown' }, resolversNonOptionalTypename: false, useIndexSignature: false,
      },
    },
  },
}, false) as readonly { readonly filename: string; readonly content: string }[];
if (made === undefined) throw new Error('nothing was generated');

const outputs: readonly (readonly [string, string])[] = [
  ['schema/typedefs.generated.ts', typeDefs],
  ['api/generated.ts', `/** Made by scripts/generate.ts from the SDL. */\n${made.content}`],
  ...Object.entries(jsonSchemas()).map(([file, schema]) => [`schema/json/${file}`, `${JSON.stringify(schema, null, 2)}\n`] as const),
  ['docs/cli.md', withTable(withTable(contentOf('docs/cli.md') ?? '', 'words', referenceOfWords()), 'exits', referenceOfExits())],
  ['docs/errors.md', withTable(contentOf('docs/errors.md') ?? '', 'errors', tableOfErrors())],
  ['docs/settings.md', withTable(contentOf('docs/settings.md') ?? '', 'settings', tableOfSettings())],
];
const stale = outputs.filter(([file, text]) => contentOf(file) !== text);
if (process.argv.includes('--check')) {
  for (const [file] of stale) process.stderr.write(`${file} is stale: run npm run generate\n`);
  process.exitCode = stale.length === 0 ? 0 : 1;
} else for (const [file, text] of stale) { writeFileSync(path.join(root, file), text); process.stdout.write(`${file}\n`); }

function contentOf(file: string): string | null {
  try { return readFileSync(path.join(root, file), 'utf8'); } catch { return null; }
}
