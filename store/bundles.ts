import type { Digest } from '../core/ids.js';
import type { BundleDoc, BundleParts, BundleReads, BundleWrites, ConnectionDoc, ContextVersionDoc, GuardrailPolicyDoc, Inserted, ModelVersionDoc, Pinned, PromptVersionDoc } from './documents.js';
import type { Table, Tables } from './table.js';
import { decode, encode } from './json.js';
import { findVersion, insertVersion, newborn, type Line } from './once.js';
import { eq } from './terms.js';

/** Keys in here are names and schemas of other people. */
type BundleRow = Omit<BundleDoc, 'parts'> & { readonly parts: string };
type ModelRow = Omit<ModelVersionDoc, 'safety'> & { readonly safety: string };
const readBundle = (row: BundleRow): BundleDoc => ({ ...row, parts: decode<BundleParts>(row.parts) });
const readModel = (row: ModelRow): ModelVersionDoc => ({ ...row, safety: decode<ModelVersionDoc['safety']>(row.safety) });
const line = (kind: string) => (application: string, name: string): Line => ({ kind, field: 'name', application, name });
const modelLine = line('model'), contextLine = line('context'), guardrailLine = line('guardrail');

interface VersionedContent { readonly version: number; readonly digest: Digest }
/** A bundle names what it pins by number and by digest. Another digest under the number means that somebody changed a version by hand. */
function pinned<D extends VersionedContent>(found: D | undefined | null, pin: Pinned, what: string): D {
  if (found?.digest !== pin.digest) throw new Error(`The bundle pins ${what}/${pin.version} as ${pin.digest}; the store has ${found?.digest ?? 'none'}.`);
  return found;
}

/** All that is pinned of one kind, in one command, in the order of the names. */
async function pinnedAll<D extends VersionedContent & { readonly _id: string }>(rows: Table<D>, field: 'name' | 'prompt', application: string, pins: Readonly<Record<string, Pinned>> = {}): Promise<D[]> {
  const entries = Object.entries(pins).sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length === 0) return [];
  const found = await rows.all({ application: eq(application), $or: entries.map(([name, pin]) => ({ [field]: eq(name), version: eq(pin.version) })) }, { _id: 1 }, entries.length);
  return entries.map(([name, pin]) => pinned(found.find((row) => (row as unknown as Record<string, unknown>)[field] === name && row.version === pin.version), pin, name));
}

export function createBundles({ table }: Tables): BundleReads & BundleWrites {
  const bundles = table<BundleRow>('bundles'), models = table<ModelRow>('modelVersions'), contexts = table<ContextVersionDoc>('contextVersions');
  const guardrails = table<GuardrailPolicyDoc>('guardrailPolicies'), prompts = table<PromptVersionDoc>('promptVersions'), connections = table<ConnectionDoc>('connections');

  const find: BundleReads['find'] = async (application, digest) => {
    const row = await bundles.first({ application: eq(application), digest: eq(digest) });
    return row === null ? null : readBundle(row);
  };
  const model: BundleReads['model'] = async (application, name, version) => {
    const row = await findVersion(models, modelLine(application, name), version);
    return row === null ? null : readModel(row);
  };
  return {
    find, model,
    async models(application) {
      const latest = await models.aggregate<ModelRow>([
        { $match: { application: eq(application) } }, { $sort: { name: 1, version: -1 } }, { $group: { _id: '$name', row: { $first: '$$ROOT' } } }, { $sort: { _id: 1 } }, { $limit: 100 }, { $replaceWith: '$row' },
      ]);
      return latest.map(readModel);
    },
    context: (application, name, version) => findVersion(contexts, contextLine(application, name), version),
    guardrail: (application, name, version) => findVersion(guardrails, guardrailLine(application, name), version),
    /** Six commands at most, whatever the bundle holds. */
    async content(application, digest) {
      const bundle = await find(application, digest);
      if (bundle === null) return null;
      const { parts, contents, authors } = bundle;
      const modelOf = async (pin: BundleParts['model']) => (pin === undefined ? null : pinned(await model(application, pin.name, pin.version), pin, pin.name));
      const contextOf = async (pin: BundleParts['context']) => (pin === undefined ? null : pinned(await findVersion(contexts, contextLine(application, pin.name), pin.version), pin, pin.name));
      const [texts, versionOfModel, context, checks] = await Promise.all([
        pinnedAll(prompts, 'prompt', application, parts.prompts), modelOf(parts.model), contextOf(parts.context), pinnedAll(guardrails, 'name', application, parts.guardrails),
      ]);
      const connection = versionOfModel === null ? null : await connections.first({ application: eq(application), name: eq(versionOfModel.connection) });
      return { digest, contents, application, authors, prompts: texts, model: versionOfModel, connection, context, guardrails: checks, tools: parts.tools ?? [], safety: parts.safety ?? {} };
    },
    async insert(doc, intent) {
      const id = `${doc.application}/${doc.digest}`;
      const { row } = await bundles.born(id, newborn({ ...doc, _id: id, parts: encode(doc.parts) }, intent));
      return readBundle(row);
    },
    async insertModel(doc, intent) {
      const written: Inserted<ModelRow> = await insertVersion(models, modelLine(doc.application, doc.name), { ...doc, safety: encode(doc.safety) }, intent);
      return { kind: written.kind, doc: readModel(written.doc) };
    },
    insertContext: (doc, intent) => insertVersion(contexts, contextLine(doc.application, doc.name), doc, intent),
    insertGuardrail: (doc, intent) => insertVersion(guardrails, guardrailLine(doc.application, doc.name), doc, intent),
  };
}
