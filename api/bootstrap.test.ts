import { describe, expect, test } from 'vitest';
import { listen, world, type World } from '../test/stand-ins.js';
import { bootstrapAdmin, bootstrapDevelopment, type BootstrapDeps } from './index.js';

const depsOf = ({ deps, people }: World): BootstrapDeps => ({
  ...deps,
  people: { ...deps.people, put: ({ _id, name, team }) => { people.set(_id, { name, team, grants: people.get(_id)?.grants ?? [] }); return Promise.resolve({ _id, name, team, shape: 1, createdAt: new Date(0), intents: [] }); } },
  grants: { put: (grant) => { people.get(grant.person)?.grants.push({ application: grant.application, role: grant.role }); return Promise.resolve({ ...grant, shape: 1, createdAt: new Date(0), intents: [] }); } },
});

describe('R-740 development has five people and two keys, production has none of them', () => {
  test('each of them is who they are said to be', async () => {
    const w = world();
    const file = await bootstrapDevelopment(depsOf(w), { isProduction: false });
    expect(Object.keys(file.people).sort()).toEqual(['admin', 'approver', 'author', 'onCall', 'releaseManager']);
    const door = await listen(w);
    const roles = await Promise.all(Object.values(file.people).map(async (token) => (await door.post(token, '{ me { id grants { application role } } }')).json.data.me as unknown));
    expect(roles).toEqual(([['admin', 'ADMIN'], ['author', 'AUTHOR'], ['releaseManager', 'RELEASE_MANAGER'], ['approver', 'APPROVER'], ['onCall', 'ON_CALL']]).map(([id, role]) => ({ id: `person:${String(id)}`, grants: [{ application: '*', role }] })));
    expect((await door.post(file.keys.ci, '{ application(key: "helpdesk") { tier environmentNames { name protected } } }')).json.data.application).toEqual({ tier: 'LOW', environmentNames: [{ name: 'production', protected: true }] });
    expect((await door.post(file.keys.app, '{ me { kind } }')).json.data.me).toEqual({ kind: 'application' });
    await door.close();
  });
  test('secrets are nowhere but in what is returned', async () => {
    const w = world();
    const file = await bootstrapDevelopment(depsOf(w), { isProduction: false });
    const kept = JSON.stringify([[...w.keys.values()], w.intents]);
    for (const secret of [...Object.values(file.people), ...Object.values(file.keys)]) expect(kept).not.toContain(secret);
  });
  test('a second start keeps the application and makes new keys', async () => {
    const w = world();
    const first = await bootstrapDevelopment(depsOf(w), { isProduction: false });
    const owner = w.applications.get('helpdesk');
    const second = await bootstrapDevelopment(depsOf(w), { isProduction: false });
    expect(w.applications.get('helpdesk')).toBe(owner);
    expect(second.keys.app).not.toBe(first.keys.app);
  });
  test('not in production', async () => {
    const w = world();
    await expect(bootstrapDevelopment(depsOf(w), { isProduction: true })).rejects.toThrow(RangeError);
    expect([w.keys.size, w.people.size]).toEqual([0, 0]);
  });
});

describe('R-741 the first ADMIN is appointed once', () => {
  test('a session for 8 h, then never again', async () => {
    const w = world();
    const { session } = await bootstrapAdmin(depsOf(w));
    const [key] = w.keys.values();
    expect([key?.authMethod, (key?.expiresAt.getTime() ?? 0) - (key?.createdAt.getTime() ?? 0)]).toEqual(['admin-issued', 8 * 3_600_000]);
    const door = await listen(w, { environment: 'production' });
    expect((await door.post(session, '{ me { grants { role } } }')).json.data.me.grants).toEqual([{ role: 'ADMIN' }]);
    await door.close();
    await expect(bootstrapAdmin(depsOf(w))).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(w.keys.size).toBe(1);
  });
});
