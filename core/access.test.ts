import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RISK_TIERS, TIER_RULES, faultsOf, isTightening, policyOf, quorum } from './release/index.js';
import { ACTIONS, ROLES, applicationsOf, composeKey, crc32, decide, parseKey, type Action, type Principal, type Resource } from './access.js';

const ALL = 'VIEWER AUTHOR RELEASE_MANAGER APPROVER ON_CALL AUDITOR ADMIN CI ap'.split(' ');

/**
 * The matrix as security.md 3.2 prints it, one column a letter: y allowed, - never, o only what it started, u only where the environment is
 * unprotected, h not at tier HIGH by the person whose release it is, t only a policy that tightens, f with the scope `feedback`.
 */
const PRINTED: Record<Action, string> = {
  read: /*                VIE AUT REL APP ONC AUD ADM CI  ap */ 'y   y   y   y   y   y   y   y   -',
  readAudit: /*                                              */ '-   -   o   o   -   y   y   -   -',
  readKeys: /*                                               */ '-   -   y   -   y   -   y   -   -',
  createPromptVersion: /*                                    */ '-   y   y   -   -   -   -   y   -',
  createContextVersion: /*                                   */ '-   y   y   -   -   -   -   y   -',
  createGuardrailPolicy: /*                                  */ '-   y   y   -   -   -   -   y   -',
  createBundle: /*                                           */ '-   y   y   -   -   -   -   y   -',
  addDatasetPart: /*                                         */ '-   y   y   -   -   -   -   y   -',
  importDatasetVersion: /*                                   */ '-   y   y   -   -   -   -   y   -',
  createEvaluatorVersion: /*                                 */ '-   y   y   -   -   -   -   y   -',
  createModelVersion: /*                                     */ '-   y   y   -   -   -   -   y   -',
  startEvaluation: /*                                        */ '-   y   y   -   -   -   -   y   -',
  cancelEvaluation: /*                                       */ '-   y   y   -   -   -   -   y   -',
  calibrateJudge: /*                                         */ '-   -   y   -   -   -   y   -   -',
  startRelease: /*                                           */ '-   u   y   -   -   -   -   y   -',
  approveRelease: /*                                         */ '-   -   y   y   -   -   -   -   -',
  rejectRelease: /*                                          */ '-   o   y   y   y   -   y   o   -',
  pauseRelease: /*                                           */ '-   o   y   y   y   -   y   o   -',
  cancelRelease: /*                                          */ '-   o   y   y   y   -   y   o   -',
  resumeRelease: /*                                          */ '-   -   h   -   -   -   -   -   -',
  acknowledgeHold: /*                                        */ '-   -   h   -   -   -   -   -   -',
  rollbackRelease: /*                                        */ '-   y   y   y   y   -   y   y   -',
  rollbackEnvironment: /*                                    */ '-   y   y   y   y   -   y   y   -',
  liftQuarantine: /*                                         */ '-   -   y   y   -   -   -   -   -',
  putRolloutPolicy: /*                                       */ '-   -   y   -   t   -   y   -   -',
  createApplication: /*                                      */ '-   -   -   -   -   -   y   -   -',
  createConnection: /*                                       */ '-   -   -   -   -   -   y   -   -',
  createApiKey: /*                                           */ '-   -   y   -   -   -   y   -   -',
  revokeApiKey: /*                                           */ '-   -   y   -   y   -   y   -   -',
  createSession: /*                                          */ '-   -   -   -   -   -   y   -   -',
  recordFeedback: /*                                         */ '-   y   y   y   y   -   -   -   f',
};

const ME = 'person:me';
const principal = (column: string, application = 'helpdesk', scopes: readonly ('serve' | 'ingest' | 'feedback')[] = ['serve', 'ingest', 'feedback']): Principal => {
  if (column === 'CI') return { kind: 'ci', id: ME, applications: [application] };
  if (column === 'ap') return { kind: 'application', id: ME, application, environment: 'production', scopes };
  return { kind: 'person', id: ME, name: 'Me', team: 'team', authMethod: 'dev', grants: [{ application, role: column as never }] };
};
const expected = (cell: string, { isProtected, owner, tier, isTightening }: Resource, action: Action, scopes: readonly string[]): boolean => {
  switch (cell) {
    case 'y': return true;
    case 'o': return owner === ME || (action === 'readAudit' && owner === undefined);
    case 'u': return isProtected === false;
    case 'h': return tier === 'LOW' || tier === 'LIMITED' || (owner !== undefined && owner !== ME);
    case 't': return isTightening === true;
    case 'f': return scopes.includes('feedback');
    default: return false;
  }
};

describe('R-710 who may do what is the printed matrix, cell by cell', () => {
  test('every action is in the table', () => { expect(Object.keys(PRINTED).sort()).toEqual([...ACTIONS].sort()); });
  test.each(Object.entries(PRINTED).flatMap(([action, row]) => row.split(/ +/).map((cell, i) => [action as Action, ALL[i] as string, cell] as const)))('%s by %s: %s', (action, column, cell) => {
    expect('y-ouhtf').toContain(cell);
    for (const isProtected of [true, false, undefined]) for (const owner of [ME, 'person:other', undefined]) for (const tier of ['LOW', 'LIMITED', 'HIGH', undefined] as const) {
      for (const isTightening of [true, false, undefined]) for (const scopes of [['feedback'], ['serve', 'ingest']] as const) {
        const resource: Resource = {
          kind: 'release', id: 'r1', application: 'helpdesk', ...(isProtected === undefined ? {} : { isProtected }), ...(owner === undefined ? {} : { owner }),
          ...(tier === undefined ? {} : { tier }), ...(isTightening === undefined ? {} : { isTightening }),
        };
        const answer = decide(principal(column, 'helpdesk', scopes), action, resource);
        if (expected(cell, resource, action, scopes)) expect(answer).toEqual({ kind: 'allow', ownOnly: cell === 'o' });
        else expect(answer).toMatchObject({ kind: 'deny', code: 'FORBIDDEN' });
      }
    }
  });
});

describe('R-711 who has no part in an application gets the answer for what does not exist', () => {
  test.each(ACTIONS.filter((action) => action !== 'createApplication' && action !== 'createSession').flatMap((action) => ALL.map((column) => [action, column] as const)))('%s by %s', (action, column) => {
    const foreign: Resource = { kind: 'release', id: 'r1', application: 'payroll', isProtected: false, owner: ME, tier: 'LOW', isTightening: true };
    expect(decide(principal(column), action, foreign)).toEqual({ kind: 'deny', code: 'NOT_FOUND', message: 'No release r1.' });
  });
  test('an application key has no part in another environment either', () => {
    expect(decide(principal('ap'), 'recordFeedback', { kind: 'environment', id: 'helpdesk/staging', application: 'helpdesk', environment: 'staging' })).toMatchObject({ code: 'NOT_FOUND' });
  });
  test('creating an application that exists and one that does not are refused in the same words', () => {
    const message = (id: string): unknown => (decide(principal('ADMIN'), 'createApplication', { kind: 'application', id, application: id }) as { message?: string }).message?.replace(id, 'X');
    expect(message('payroll')).toBe(message('nothing'));
    expect(decide(principal('ADMIN'), 'createApplication', { kind: 'application', id: 'payroll', application: 'payroll' })).toMatchObject({ code: 'FORBIDDEN' });
  });
  test('what belongs to all applications needs a grant on all', () => {
    expect(decide(principal('ADMIN'), 'createSession', { kind: 'person', id: 'alice', application: '*' })).toMatchObject({ code: 'FORBIDDEN' });
    expect(decide(principal('ADMIN', '*'), 'createSession', { kind: 'person', id: 'alice', application: '*' })).toMatchObject({ kind: 'allow' });
  });
});

describe('R-712 roles add up, per application, and a refusal names who may', () => {
  test('a grant on all applications counts in each; one on another counts nowhere else', () => {
    expect(decide(principal('RELEASE_MANAGER', '*'), 'startRelease', { kind: 'application', id: 'payroll', application: 'payroll' })).toMatchObject({ kind: 'allow' });
    const mixed: Principal = { kind: 'person', id: ME, name: 'Me', team: 't', authMethod: 'dev', grants: [{ application: 'helpdesk', role: 'VIEWER' }, { application: 'payroll', role: 'ADMIN' }] };
    expect(decide(mixed, 'createConnection', { kind: 'application', id: 'helpdesk', application: 'helpdesk' })).toMatchObject({ code: 'FORBIDDEN' });
    expect(applicationsOf(mixed)).toEqual(['helpdesk', 'payroll']);
    expect(applicationsOf(principal('VIEWER', '*'))).toBe('*');
    expect(applicationsOf(principal('CI'))).toEqual(['helpdesk']);
  });
  test('the message', () => {
    expect(decide(principal('VIEWER'), 'approveRelease', { kind: 'release', id: 'r', application: 'helpdesk' })).toEqual({ kind: 'deny', code: 'FORBIDDEN', message: 'approveRelease on helpdesk needs RELEASE_MANAGER or APPROVER; person:me may not.' });
  });
  test('nobody without a grant may anything', () => {
    const nobody: Principal = { kind: 'person', id: ME, name: 'Me', team: 't', authMethod: 'dev', grants: [] };
    for (const action of ACTIONS) expect(decide(nobody, action, { kind: 'application', id: 'helpdesk', application: 'helpdesk', owner: ME, isProtected: false, tier: 'LOW', isTightening: true })).toMatchObject({ kind: 'deny' });
  });
  test('there are seven roles', () => { expect(ROLES).toHaveLength(7); });
});

describe('R-713 a key is told from a look-alike on its text alone', () => {
  const random = 'abcdefgh0123456789ABCDEFGHIJKL';
  const base62 = fc.stringMatching(/^[0-9A-Za-z]{30}$/);

  test('CRC-32 of the check value, and of nothing', () => { expect([crc32('123456789'), crc32('')]).toEqual([0xcbf43926, 0]); });
  test('for any thirty characters what is composed is read back', () => {
    fc.assert(fc.property(base62, fc.constantFrom('ap' as const, 'ci' as const, 'st' as const), (text, kind) => {
      const key = composeKey(kind, text);
      expect(key.secret).toMatch(/^slp_(ap|ci|st)_[0-9A-Za-z]{36}$/);
      expect(key.id).toBe(text.slice(0, 8));
      expect(parseKey(key.secret)).toEqual(key);
    }));
  });
  test('any one changed character is found', () => {
    const { secret } = composeKey('ap', random);
    for (let i = 0; i < secret.length; i += 1) for (const letter of '0Zz') {
      if (secret[i] !== letter) expect(parseKey(secret.slice(0, i) + letter + secret.slice(i + 1))).toBeNull();
    }
  });
  test.each([
    ['nothing', ''], ['another kind', composeKey('ap', random).secret.replace('slp_ap', 'slp_ci')], ['an unknown kind', composeKey('ap', random).secret.replace('slp_ap', 'slp_zz')],
    ['one character short', composeKey('ap', random).secret.slice(0, -1)], ['one too many', `${composeKey('ap', random).secret}0`], ['a line end after it', `${composeKey('ap', random).secret}\n`],
    ['an injection', "slp_ap_' OR 1=1 --0123456789012345678901"], ['no checksum', `slp_ap_${random}`],
  ])('%s is no key', (_name, text) => { expect(parseKey(text)).toBeNull(); });
  test.each(['', random.slice(1), `${random}x`, random.replace('a', '-'), random.replace('a', 'é')])('%j makes no key', (text) => { expect(() => composeKey('ap', text)).toThrow(RangeError); });
});

describe('R-010 making things safer takes one person, making them riskier takes as many as the risk tier says', () => {
  const person = (role: (typeof ROLES)[number], id = `person:${role}`): Principal => ({ kind: 'person', id, name: id, team: 'helpdesk', grants: [{ application: 'helpdesk', role }], authMethod: 'dev' });
  const resource = (more: Partial<Resource> = {}): Resource => ({ kind: 'release', id: 'R1', application: 'helpdesk', environment: 'production', isProtected: true, owner: 'person:another', ...more });
  const may = (role: (typeof ROLES)[number], action: Action, more: Partial<Resource> = {}): boolean => decide(person(role), action, resource(more)).kind === 'allow';
  const least = { name: 'usual', evaluation: { dataset: 'facts', evaluators: [{ name: 'knows' }] }, metrics: [{ name: 'error' }] } as const;
  const approvedBy = (count: number, team: string) => Array.from({ length: count }, (_, i) => ({ approver: `person:${team}-${String(i)}`, team }));

  test.each(RISK_TIERS)('tier %s: whoever stands by may hold it or take it back, alone, be it their own release or another\'s', (tier) => {
    for (const role of ['RELEASE_MANAGER', 'APPROVER', 'ON_CALL', 'ADMIN'] as const) {
      for (const action of ['pauseRelease', 'cancelRelease', 'rejectRelease', 'rollbackRelease', 'rollbackEnvironment'] as const) {
        for (const owner of [`person:${role}`, 'person:another']) expect(may(role, action, { tier, owner }), `${role} ${action} ${owner}`).toBe(true);
      }
    }
    expect(may('AUTHOR', 'rollbackEnvironment', { tier })).toBe(true);
    expect(may('ON_CALL', 'putRolloutPolicy', { tier, isTightening: true })).toBe(true);
    for (const role of ['VIEWER', 'AUDITOR'] as const) expect(may(role, 'rollbackRelease', { tier })).toBe(false);
  });

  test.each(RISK_TIERS)('tier %s: who only stands by may not let it go on, lift, or loosen', (tier) => {
    for (const action of ['resumeRelease', 'acknowledgeHold', 'liftQuarantine', 'startRelease', 'approveRelease'] as const) expect(may('ON_CALL', action, { tier }), action).toBe(false);
    expect(may('ON_CALL', 'putRolloutPolicy', { tier, isTightening: false })).toBe(false);
    expect(may('RELEASE_MANAGER', 'resumeRelease', { tier, owner: 'person:RELEASE_MANAGER' })).toBe(tier !== 'HIGH');
  });

  test.each([['LOW', 0, 0], ['LIMITED', 1, 0], ['HIGH', 2, 1]] as const)('tier %s: %i people let a release go out, %i of them from outside', (tier, count, outsideTeam) => {
    const plan = policyOf(least, tier).approvals;
    expect([plan.count, plan.outsideTeam]).toEqual([count, outsideTeam]);
    const reached = (approvals: ReturnType<typeof approvedBy>): boolean => quorum({ approvals, plan, ownerTeam: 'helpdesk' }).reached;
    expect(reached([...approvedBy(count - outsideTeam, 'helpdesk'), ...approvedBy(outsideTeam, 'quality')])).toBe(true);
    if (count > 0) expect(reached(approvedBy(count - 1, 'quality'))).toBe(false);
    if (outsideTeam > 0) expect(reached(approvedBy(count, 'helpdesk'))).toBe(false);
    // Nor does a policy get below it: fewer is refused, and fewer than before is loosening.
    if (count > 0) expect(faultsOf(policyOf({ ...least, approvals: { count: count - 1, outsideTeam: 0 } }, tier)).join(' ')).toContain(`tier ${tier} asks for ${String(TIER_RULES[tier].approvals.count)}`);
    const more = policyOf({ ...least, approvals: { count: count + 1 } }, tier);
    expect([isTightening(policyOf(least, tier), more), isTightening(more, policyOf(least, tier))]).toEqual([true, false]);
  });
});
