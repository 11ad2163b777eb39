import { beforeEach, describe, expect, test } from 'vitest';
import type { Reply } from '../test/harness.js';
import { furnished, listen, sha256, type Door, type World } from '../test/stand-ins.js';
import { canonical } from '../core/canonical.js';

type Answer = Readonly<Record<string, unknown>>;
interface Fault { readonly code: string; readonly message: string; readonly hint: string }

let w: World;
let author: string;
beforeEach(async () => {
  w = await furnished();
  author = w.session('author', [{ application: 'helpdesk', role: 'AUTHOR' }, { application: 'helpdesk', role: 'RELEASE_MANAGER' }]);
});
async function via<T>(run: (door: Door) => Promise<T>): Promise<T> {
  const door = await listen(w);
  try { return await run(door); } finally { await door.close(); }
}
const faultOf = (reply: Reply): Fault => {
  const error = reply.json.errors?.[0] as { readonly message: string; readonly extensions: { readonly code: string; readonly hint: string } } | undefined;
  return { code: error?.extensions.code ?? 'none', message: error?.message ?? '', hint: error?.extensions.hint ?? '' };
};
let keys = 0;
const call = (name: string, input: object, fields: string): Promise<Reply> => via((door) => door.post(author, `mutation($input: ${name[0]?.toUpperCase() ?? ''}${name.slice(1)}Input!) { ${name}(input: $input) ${fields} }`,
  { input: { application: 'helpdesk', name: 'cases', idempotencyKey: `the-key-of-call-${String(keys += 1)}`, ...input } }));
const done = async (reply: Promise<Reply>, name: string): Promise<Answer> => { const { json, text } = await reply; if (json.errors) throw new Error(text); return json.data[name] as Answer; };
const add = (items: readonly object[]): Promise<Reply> => call('addDatasetPart', { items }, '{ digest items }');
const put = (input: object): Promise<Reply> => call('importDatasetVersion', input, '{ version digest items adversarial hidden }');
const ask = async (query: string): Promise<Answer> => { const { json, text } = await via((door) => door.post(author, query, {})); if (json.errors) throw new Error(text); return json.data as Answer; };

const case_ = (id: string, more: object = {}): object => ({ id, variables: [{ name: 'q', value: `ask ${id}` }], ...more });
const digestOfItems = (items: readonly object[]): string => `sha256:${sha256(canonical(items))}`;
const plain = (id: string, more: object = {}): object => ({ id, variables: { q: `ask ${id}` }, ...more });

describe('R-947 a version that arrives in parts is the version that arrives at once, whatever is repeated, lost or cut off', () => {
  const [one, two] = [[case_('a'), case_('b')], [case_('c', { tags: ['adversarial'], hidden: true })]];
  const whole = [...one, ...two];
  test('one digest, one count, all cases in their order', async () => {
    const parts = [await done(add(one), 'addDatasetPart'), await done(add(two), 'addDatasetPart')];
    expect(parts).toEqual([{ digest: digestOfItems([plain('a'), plain('b')]), items: 2 }, { digest: digestOfItems([plain('c', { tags: ['adversarial'], hidden: true })]), items: 1 }]);
    const inParts = await done(put({ parts }), 'importDatasetVersion');
    const atOnce = await done(put({ items: whole, name: 'others' }), 'importDatasetVersion');
    expect(inParts).toEqual({ ...atOnce, digest: digestOfItems([plain('a'), plain('b'), plain('c', { tags: ['adversarial'], hidden: true })]), items: 3, adversarial: 1, hidden: 1 });
    expect(await ask('{ datasetVersion(application: "helpdesk", name: "cases") { version cases(first: 10) { nodes { id } pageInfo { hasNextPage } } } }'))
      .toEqual({ datasetVersion: { version: 1, cases: { nodes: [{ id: 'a' }, { id: 'b' }, { id: 'c' }], pageInfo: { hasNextPage: false } } } });
  });
  test('a part sent again is the same part, and parts alone are no version', async () => {
    expect(await done(add(one), 'addDatasetPart')).toEqual(await done(add(one), 'addDatasetPart'));
    expect(await ask('{ datasetVersion(application: "helpdesk", name: "cases") { version } }')).toEqual({ datasetVersion: null });
    expect(w.intents.filter(({ action }) => action === 'dataset.imported')).toEqual([]);
  });
  test('the last request sent again is the same version; under the key another input is a conflict', async () => {
    const parts = [await done(add(one), 'addDatasetPart')];
    const idempotencyKey = 'the-key-of-this-import';
    const first = await done(put({ parts, idempotencyKey }), 'importDatasetVersion');
    expect(await done(put({ parts, idempotencyKey }), 'importDatasetVersion')).toEqual(first);
    expect(faultOf(await put({ items: two, idempotencyKey })).code).toBe('CONFLICT');
  });
  test('a part that was cut off in the middle makes no version until it is whole', async () => {
    const part = await done(add(one), 'addDatasetPart');
    const key = `helpdesk/cases/${String(part['digest'])}`;
    w.sets.set(key, (w.sets.get(key) ?? []).slice(0, 1));
    expect(faultOf(await put({ parts: [part] }))).toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining('parts.0') as string, hint: expect.stringContaining('addDatasetPart') as string });
    // As many as there should be, and not those that there should be.
    w.sets.set(key, [{ id: 'a', variables: { q: 'ask a' } }, { id: 'b', variables: { q: 'ask somebody else' } }]);
    expect(faultOf(await put({ parts: [part] })).code).toBe('NOT_FOUND');
    await done(add(one), 'addDatasetPart');
    expect(await done(put({ parts: [part] }), 'importDatasetVersion')).toMatchObject({ version: 1, items: 2 });
  });
  test('a count that is not the part\'s, a part of another dataset and one that never was are refused', async () => {
    const part = await done(add(one), 'addDatasetPart');
    for (const input of [{ parts: [{ ...part, items: 1 }] }, { parts: [part], name: 'others' }, { parts: [{ digest: digestOfItems([]), items: 1 }] }]) expect(faultOf(await put(input)).code).toBe('NOT_FOUND');
  });
  test('an id in two parts is refused with its name', async () => {
    const parts = [await done(add(one), 'addDatasetPart'), await done(add([case_('z'), case_('a')]), 'addDatasetPart')];
    expect(faultOf(await put({ parts }))).toMatchObject({ code: 'BAD_INPUT', message: expect.stringMatching(/parts\.1: item a is there twice, first in part 0/) as string });
  });
  test('a schema that cannot be compiled is refused with its place', async () => {
    const deps = { ...w.deps, specChecks: { ...w.deps.specChecks, faultOfSchema: (schema: Readonly<Record<string, unknown>>) => ('bad' in schema ? 'the schema cannot be compiled' : undefined) } };
    w = { ...w, deps };
    const items = [case_('a'), case_('b', { toolCalls: { order: 'ANY', calls: [{ name: 'x', arguments: {} }, { name: 'y', arguments: { bad: 1 } }] } })];
    for (const reply of [await add(items), await put({ items })]) expect(faultOf(reply)).toMatchObject({ code: 'BAD_INPUT', message: 'items.1.toolCalls.calls.1.arguments: the schema cannot be compiled' });
  });
});

describe('R-948 the hidden slice is shown to nobody but the worker', () => {
  const secret = 'nobody-may-see-this';
  const held = { id: 'held', variables: [{ name: 'q', value: secret }], expected: secret, contains: [secret], tags: ['t'], split: 'test', hidden: true, source: { kind: 'ticket', ref: secret }, messages: [{ role: 'USER', content: secret }], toolCalls: { order: 'STRICT', calls: [{ name: secret }] } };
  const ALL = 'id tags hidden variables { name value } expected contains split source { kind ref } messages { role content } toolCalls';
  test('its id and tags are, and nothing else', async () => {
    await done(put({ items: [held, { ...held, id: 'shown', hidden: false }] }), 'importDatasetVersion');
    const { datasetVersion } = await ask(`{ datasetVersion(application: "helpdesk", name: "cases") { hidden cases(first: 5) { nodes { ${ALL} } } } }`);
    expect(datasetVersion).toEqual({ hidden: 1, cases: { nodes: [
      { id: 'held', tags: ['t'], hidden: true, variables: null, expected: null, contains: null, split: null, source: null, messages: null, toolCalls: null },
      { ...held, id: 'shown', hidden: false, toolCalls: { order: 'strict', calls: [{ name: secret }] } },
    ] } });
  });
  test('what is told of a version with it tells nothing of it', async () => {
    await done(put({ items: [held, case_('x')] }), 'importDatasetVersion');
    await done(put({ items: [{ ...held, expected: `${secret}-too` }, case_('x')] }), 'importDatasetVersion');
    const told = await ask('{ datasetVersion(application: "helpdesk", name: "cases") { report { items hidden duplicateItems duplicates { ids } near { a b } } } datasetDiff(application: "helpdesk", name: "cases", from: 1, to: 2) { added removed changed unchanged changes(first: 5) { nodes { kind id fields } } } }');
    expect(told).toMatchObject({ datasetVersion: { report: { items: 2, hidden: 1 } }, datasetDiff: { added: 0, removed: 0, changed: 1, unchanged: 1, changes: { nodes: [{ kind: 'CHANGED', id: 'held', fields: ['expected'] }] } } });
    expect(JSON.stringify(told)).not.toContain(secret);
  });
});

describe('R-144 every list is read in pages of at most 100', () => {
  test('cases page by page, and what there is of changes', async () => {
    await done(put({ items: Array.from({ length: 25 }, (_, i) => case_(`i${String(i)}`)) }), 'importDatasetVersion');
    await done(put({ items: Array.from({ length: 25 }, (_, i) => case_(`i${String(i + 5)}`)) }), 'importDatasetVersion');
    const ids: string[] = [];
    for (let after = ''; ;) {
      const { datasetVersion } = await ask(`{ datasetVersion(application: "helpdesk", name: "cases", version: 1) { cases(first: 10${after}) { nodes { id } pageInfo { hasNextPage endCursor } } } }`) as { datasetVersion: { cases: { nodes: { id: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } } } };
      ids.push(...datasetVersion.cases.nodes.map(({ id }) => id));
      if (!datasetVersion.cases.pageInfo.hasNextPage) break;
      after = `, after: "${datasetVersion.cases.pageInfo.endCursor}"`;
    }
    expect(ids).toEqual(Array.from({ length: 25 }, (_, i) => `i${String(i)}`));
    const { datasetDiff } = await ask('{ datasetDiff(application: "helpdesk", name: "cases", from: 1, to: 2) { added removed changes(first: 4) { nodes { id } pageInfo { hasNextPage } } } }');
    expect(datasetDiff).toEqual({ added: 5, removed: 5, changes: { nodes: [{ id: 'i0' }, { id: 'i1' }, { id: 'i2' }, { id: 'i3' }], pageInfo: { hasNextPage: true } } });
  });
  test.each(['cases(first: 101) { nodes { id } }', 'cases(first: 5, after: "mine") { nodes { id } }'])('not %s', async (field) => {
    await done(put({ items: [case_('a')] }), 'importDatasetVersion');
    expect(faultOf(await via((door) => door.post(author, `{ datasetVersion(application: "helpdesk", name: "cases") { ${field} } }`, {}))).code).toBe('BAD_INPUT');
  });
  test('one request reads the contents of four versions and no more', async () => {
    for (let i = 0; i < 5; i += 1) await done(put({ items: [case_(`v${String(i)}`)] }), 'importDatasetVersion');
    const reports = (versions: readonly number[]): Promise<Reply> => via((door) => door.post(author, `{ ${versions.map((v) => `v${String(v)}: datasetVersion(application: "helpdesk", name: "cases", version: ${String(v)}) { report { items } }`).join(' ')} }`, {}));
    expect(faultOf(await reports([1, 2, 3, 4])).code).toBe('none');
    expect(faultOf(await reports([1, 2, 3, 4, 5]))).toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('at most 4') as string });
  });
  test('a version that is not there', async () => {
    expect(await ask('{ datasetVersion(application: "helpdesk", name: "none") { version } }')).toEqual({ datasetVersion: null });
    expect(faultOf(await via((door) => door.post(author, '{ datasetDiff(application: "helpdesk", name: "facts", from: 1, to: 9) { added } }', {})))).toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining('facts 9') as string });
  });
});
