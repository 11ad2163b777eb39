import { beforeEach, describe, expect, test } from 'vitest';
import type { Reply } from '../test/harness.js';
import { furnished, listen, policyFor, type Door, type World } from '../test/stand-ins.js';
import { TIER_RULES } from '../core/release/index.js';
import type { PolicyDoc } from '../store/index.js';

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
const put = (input: object): Promise<Reply> => call('importDatasetVersion', input, '{ version digest items adversarial hidden }');

const case_ = (id: string, more: object = {}): object => ({ id, variables: [{ name: 'q', value: `ask ${id}` }], ...more });

describe('R-949 a policy of tier LIMITED or HIGH needs a dataset with a hundred attacks', () => {
  const dataset = async (attacks: number): Promise<void> => {
    await done(put({ name: 'facts', items: Array.from({ length: 1_200 }, (_, i) => case_(`i${String(i)}`, i < attacks ? { tags: ['adversarial', 'other'] } : { tags: ['ordinary'] })) }), 'importDatasetVersion');
  };
  const policy = (name: string): Promise<Reply> => call('putRolloutPolicy', { name, evaluation: { dataset: 'facts', evaluators: [{ name: 'knows', margin: 0.2, floor: 0.5 }] }, metrics: [{ name: 'error' }] }, '{ version }');
  const tiered = (tier: 'LOW' | 'LIMITED' | 'HIGH'): void => { const app = w.applications.get('helpdesk'); if (app) w.applications.set('helpdesk', { ...app, tier }); };
  test.each(['LIMITED', 'HIGH'] as const)('tier %s', async (tier) => {
    tiered(tier);
    await dataset(TIER_RULES[tier].adversarialMin - 1);
    expect(faultOf(await policy('few'))).toMatchObject({ code: 'BAD_INPUT', message: `Dataset facts has 99 cases tagged adversarial; tier ${tier} asks for 100: slipway dataset import <file> --builtin adversarial adds them.` });
    await dataset(TIER_RULES[tier].adversarialMin);
    expect(faultOf(await policy('enough')).message).not.toContain('adversarial');
  });
  test('tier LOW asks for none', async () => { tiered('LOW'); await dataset(0); expect(faultOf(await policy('any')).code).toBe('none'); });
  test('a release is refused too, where the newest version of the dataset has too few', async () => {
    tiered('LIMITED');
    const last = w.policies.at(-1) as PolicyDoc;
    w.policies.push({ ...last, version: last.version + 1, policy: policyFor('usual', 'LIMITED') });
    const start = (): Promise<Reply> => via((door) => door.post(author, 'mutation($input: StartReleaseInput!) { startRelease(input: $input) { id } }', { input: { application: 'helpdesk', environment: 'production', candidate: { prompt: 'answer', version: 2 }, policy: 'usual', idempotencyKey: 'the-key-of-this-release' } }));
    await dataset(40);
    expect(faultOf(await start())).toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('has 40 cases tagged adversarial; tier LIMITED asks for 100') as string });
    await dataset(100);
    expect(faultOf(await start()).code).toBe('none');
  });
});
