import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTokens } from '../../core/assignment/index.js';
import type { TokenFields } from '../../core/assignment/index.js';
import { hkdf, hmac } from '../edge-world.js';
import { gql } from '../harness.js';
import { seeds } from '../harness/plant.js';
import type { Plant } from '../harness/plant.js';
import { checked } from '../harness/stored.js';
import { lookAt, startSettled, takeBack } from './canary.js';
import type { Look } from './canary.js';
import { batchesOf, bodyOf, callOf, expected, folded, heldInCanary, report, served } from './reports.js';
import type { Call } from './reports.js';

const HOUR_SEC = 3_600, YEAR_SEC = 366 * 24 * HOUR_SEC;
const secret = randomBytes(32);
/** A stranger who has stolen nothing, and one who has stolen the key: what the second seals opens, and still has to be true. */
const [strange, stolen] = [randomBytes(32), secret].map((tokenKey) => createTokens({ tokenKey: new Uint8Array(tokenKey), hmac, hkdf }));

describe('R-620 an observation counts only with a token that proves its assignment; what does not is counted by cause', () => {
  describe.each(seeds)('seed %i', (seed) => {
    let plant: Plant;
    let look: Look;
    let id = '';
    let honest: readonly Call[] = [];
    let fields: TokenFields;
    beforeAll(async () => {
      const env = { SLIPWAY_TOKEN_KEY: secret.toString('base64url') };
      plant = await startSettled({ seed, count: { edge: 2 }, env: { api: env, worker: env, edge: env } });
      look = await lookAt(plant);
      id = await heldInCanary(plant);
    });
    afterAll(async () => { await look?.close(); await plant?.stop(); });
    const sealed = (over: Partial<TokenFields>, by = stolen): Call => ({ sealed: by?.seal({ ...fields, unit: randomBytes(8).toString('hex'), ...over }) ?? null, isBad: true, observed: [] });

    test('F-38: what a client says about the time decides nothing; the block is that of the token', async () => {
      const answers = await served(plant, 24);
      fields = stolen?.open(answers[0]?.sealed ?? '') as TokenFields;
      expect(fields).toMatchObject({ application: 'helpdesk', environment: 'production', release: id });
      honest = answers.map((answer) => callOf(answer, false));
      const third = Math.ceil(honest.length / 3);
      for (const [i, atNano] of ['1', String(4_102_444_800n * 1_000_000_000n), undefined].entries()) {   // 1970, 2100, now
        const own = honest.slice(i * third, (i + 1) * third), body = bodyOf(own, atNano);
        expect((await report(plant, plant.edges[i % 2] ?? '', body, own)).status).toBe(200);
        expect(await batchesOf(look, [body])).toEqual([{ units: own.length, uncounted: {} }]);
      }
    });

    test('F-38 and F-42: tokens from the future or long ago, forged, foreign, or none: stored, not counted, each by its cause', async () => {
      const [genuine = ''] = honest.map((call) => call.sealed ?? '');
      const middle = Math.floor(genuine.length / 2);
      const flipped = `${genuine.slice(0, middle)}${genuine[middle] === 'A' ? 'B' : 'A'}${genuine.slice(middle + 1)}`;
      const bad = (text: string | null): Call => ({ sealed: text, isBad: true, observed: [] });
      const cases: readonly (readonly [string, readonly Call[]])[] = [
        ['no_token', [bad(null), bad('x'.repeat(5_000))]],
        ['bad_signature', [bad('garbage'), bad('1.'), bad(flipped), bad(`${genuine}A`), bad('x'.repeat(1_000)), sealed({}, strange)]],
        ['foreign', [sealed({ application: 'another' }), sealed({ environment: 'staging' })]],
        ['unknown_rev', [sealed({ rev: 9_999 }), sealed({ release: '01NOTHINGOFTHISNAMEATALL00' })]],
        ['wrong_arm', [sealed({ arm: fields.arm === 'stable' ? 'candidate' : 'stable' })]],
        ['future', [sealed({ assignedAtSec: fields.assignedAtSec + HOUR_SEC }), sealed({ assignedAtSec: fields.assignedAtSec + YEAR_SEC })]],
        ['late', [sealed({ assignedAtSec: 1 }), sealed({ assignedAtSec: fields.assignedAtSec - HOUR_SEC })]],
      ];
      for (const [cause, calls] of cases) {
        const body = bodyOf(calls);
        const replies = await Promise.all(plant.edges.map((edge) => report(plant, edge, body, [])));
        expect(replies.map(({ status }) => status), cause).toEqual([200, 200]);
        expect(await batchesOf(look, [body]), cause).toEqual([{ units: 0, uncounted: { [cause]: calls.length } }]);
      }
      const blocks = await folded(look, id, honest);
      for (const [block, counts] of Object.entries(expected(honest, id))) expect([block, blocks[block]]).toEqual([block, counts]);
      const { environment } = await gql(plant.api, plant.people.onCall, '{ environment(application: "helpdesk", name: "production") { uncounted } }');
      expect(environment.uncounted).toMatchObject(Object.fromEntries(cases.map(([cause, calls]) => [cause, calls.length])));
      await takeBack(plant, id);
    });

    test('and every invariant holds', async () => { await checked(plant); });
  });
});
