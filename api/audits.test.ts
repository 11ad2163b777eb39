import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { furnished, listen, world, type Door } from '../test/stand-ins.js';

let door: Door;
let token: string;
beforeAll(async () => {
  const w = await furnished('helpdesk', world());
  token = w.session('admin', [{ application: '*', role: 'ADMIN' }]);
  door = await listen(w);
});
afterAll(() => door.close());

// The audits know neither keys nor the header that a GET has to carry.
const fetchFn = (url: string, init: RequestInit = {}): Promise<Response> => fetch(url, { ...init, headers: { ...Object.fromEntries(new Headers(init.headers)), authorization: `Bearer ${token}`, 'x-slipway-csrf': '1' } });

describe('R-720 the API speaks GraphQL over HTTP as the specification says', () => {
  const audits = serverAudits({ url: () => door.url, fetchFn });
  test('there are 61 audits', () => { expect(audits).toHaveLength(61); });
  test.each(audits.map((audit) => [`${audit.id} ${audit.name}`, audit] as const))('%s', async (_name, audit) => {
    const result = await audit.fn();
    expect(result.status === 'ok' ? 'ok' : `${result.status}: ${'reason' in result ? String(result.reason) : ''}`).toBe('ok');
  });
});
