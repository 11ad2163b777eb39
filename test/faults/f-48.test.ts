import { MongoClient } from 'mongodb';
import { ulid } from 'ulid';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createReleaseSplitActivities } from '../../activities/release-split.js';
import { createRelay } from '../../api/relay.js';
import { openStore } from '../../store/index.js';
import type { Intent, Store } from '../../store/index.js';
import { CANDIDATE, STABLE, releaseDoc } from '../edge-world.js';
import { reaches, until } from '../harness.js';
import { check } from '../harness/invariants.js';
import { sha256 } from '../harness/invariants/world.js';
import { ledgeredTraffic } from '../harness/ledger.js';
import { seeds } from '../harness/plant.js';
import type { Plant } from '../harness/plant.js';
import { checked, readStored } from '../harness/stored.js';
import { seeded } from '../seeded.js';
import { judge, push, putPolicy } from '../world.js';
import { ENVIRONMENT_WRITE, QUICK, anotherText, lookAt, moment, refusal, startSettled, startVersion, statesOf } from './canary.js';
import type { Look } from './canary.js';

const ROUNDS = 200, AT_ONCE = 25, FULL_ROUNDS = 5;

/** Nothing here is about time: a slow machine makes it slow, and nothing else. */
const PATIENT = { maxTimeMs: 60_000, giveUpMs: 90_000, selectMs: 60_000, connectMs: 60_000, waitQueueMs: 60_000, socketMs: 90_000 };

describe('R-003 there is always a way back; rollback is one write and wins every race', () => {
  describe.each(seeds)('seed %i', (seed) => {
    const database = `f48_${process.pid}_${seed}`;
    const random = seeded(seed);
    let store: Store;
    beforeAll(async () => { store = await openStore({ uri: inject('mongodbUri'), database, appName: 'f-48', role: 'control', timeouts: PATIENT }); });
    afterAll(async () => {
      await store?.close();
      const raw = await MongoClient.connect(inject('mongodbUri'));
      await raw.db(database).dropDatabase();
      await raw.close();
    });

    const actor = { id: 'person:olga', kind: 'person' as const };
    const template = releaseDoc();
    const { application, requestedBy, message, tier, ownerTeam, authors, dataset, contents } = template;
    const policy = { ...template.policy, plan: { ...template.policy.plan, stages: [{ weightBp: 5_000, durationMinSec: 1, durationMaxSec: 9 }], evaluation: { ...template.policy.plan.evaluation, ageMaxSec: 3_600 } } };
    const told = (id: string, action: string, subject: string): Intent => ({ id, application, action, actor, subject });
    /** As many reads as the promotion makes before its write, some more, or none: who comes first is the seed's to say, however fast the database is. */
    const pause = async (environment: string): Promise<void> => { for (let left = Math.floor(random() * 5); left > 0; left -= 1) await store.environments.find(application, environment); };

    /** A release at the end of its bake, in an environment of its own; then a promotion against a rollback. */
    async function race(environment: string): Promise<'PROMOTED' | 'ROLLED_BACK'> {
      const subject = `${application}/${environment}`;
      const first = `${environment}-first`, release = ulid();
      const begun = await store.environments.open({ application, environment, release: first, candidate: STABLE, contents: STABLE, intent: told(`${first}/opened`, 'environment.opened', subject) });
      if (begun.kind !== 'opened') throw new Error(begun.kind);
      await store.environments.promote({ application, environment, release: first, epoch: begun.epoch, rev: begun.rev, candidate: STABLE, leaseMs: 60_000, intent: told(`${first}/promoted`, 'split.promoted', subject) });

      const asked = `${release}/requested`;
      await store.releases.insert({ _id: release, application, environment, once: { key: release, args: 'd' }, candidate: CANDIDATE, contents, requestedBy, message, tier, ownerTeam, authors, policy, dataset, evaluators: [], approvalsNeeded: 0 }, { id: asked, type: 'release.requested', actor }, told(asked, 'release.requested', release));
      const opened = await store.environments.open({ application, environment, release, candidate: CANDIDATE, contents, intent: told(`${release}/opened`, 'environment.opened', subject) });
      if (opened.kind !== 'opened') throw new Error(opened.kind);
      const at = { release, application, environment, epoch: opened.epoch };
      const ticket = { evaluation: 'E', bundle: CANDIDATE, baseline: STABLE, datasetDigest: dataset.digest, evaluatorDigests: [], policyDigest: policy.digest, verdict: 'PASS' as const, finishedAt: await store.environments.now() };
      await store.releases.annotate(release, null, { epoch: opened.epoch, baseline: STABLE, ticket }, null);
      const move = (from: 'REQUESTED' | 'CANARY' | 'BAKING' | 'ROLLING_BACK', to: 'CANARY' | 'BAKING' | 'PROMOTED' | 'ROLLING_BACK' | 'ROLLED_BACK', weightBp?: number) => store.releases.move(release, from, to, { id: `${release}/${to}`, type: `release.${to.toLowerCase()}`, actor, ...(weightBp === undefined ? {} : { data: { stage: 0, weightBp } }) }, {}, told(`${release}/${to}`, `release.${to.toLowerCase()}`, release));
      const split = createReleaseSplitActivities(store);
      await move('REQUESTED', 'CANARY', 5_000);
      await split.setWeight({ at, id: `${release}/weight`, weightBp: 5_000 });
      await move('CANARY', 'BAKING', 9_000);
      await split.setWeight({ at, id: `${release}/bake`, weightBp: 9_000 });

      const promote = () => split.promote({ at, id: `${release}/promote` });
      const rollback = (id: string) => store.environments.rollback({ application, environment, release, candidate: CANDIDATE, contents, forCause: false, reason: 'enough', intent: { ...told(id, 'release.rolling_back', release), note: { workflowId: `release/${subject}`, rolledBack: { release, rev: 0, epoch: 0, forCause: false, reason: 'enough', actor } } } });
      const [promoted, back] = await Promise.all([promote(), pause(environment).then(() => rollback(`${release}/back`))]);
      expect([promoted.kind, back.kind]).toSatisfy(([p, b]: string[]) => (p === 'written' && b === 'notOpen') || (p === 'superseded' && b === 'rolledBack'));
      // Who lost asks again, as attempts whose answer was lost do: nothing changes any more.
      const end = promoted.kind === 'written' ? 'PROMOTED' : 'ROLLED_BACK';
      const env = await store.environments.find(application, environment);
      const [late, again] = await Promise.all([promote(), rollback(`${release}/again`)]);
      expect([late.kind, again.kind]).toEqual(end === 'PROMOTED' ? ['written', 'notOpen'] : ['superseded', 'repeated']);
      const after = await store.environments.find(application, environment);
      expect([after?.rev, after?.epoch, after?.split, after?.open]).toEqual([env?.rev, env?.epoch, env?.split, null]);
      expect(after?.split).toMatchObject(end === 'PROMOTED' ? { stable: CANDIDATE, weightBp: 0 } : { stable: STABLE, weightBp: 0 });
      if (end === 'PROMOTED') { await move('BAKING', 'PROMOTED'); return end; }
      await move('BAKING', 'ROLLING_BACK');
      const taken = await split.takeBack({ at, id: `${release}/taken`, note: null, cause: null });
      await split.awaitReaders({ at, rev: taken.rev, epoch: taken.epoch });
      await move('ROLLING_BACK', 'ROLLED_BACK');
      return end;
    }

    test(`${ROUNDS} promotions against ${ROUNDS} rollbacks: one of the two each time, whatever is repeated`, async () => {
      const ends: string[] = [];
      for (let round = 0; round < ROUNDS; round += AT_ONCE) ends.push(...await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => race(`race-${round + i}`))));
      // Both have to have won now and then, or nothing raced.
      expect(new Set(ends)).toEqual(new Set(['PROMOTED', 'ROLLED_BACK']));
      const relay = createRelay({ intents: store.intents, duties: store.duties, releases: store.releases, orders: { noteRolledBack: () => Promise.resolve() }, sha256, holder: 'f-48', tell: (event) => { throw new Error(JSON.stringify(event)); } });
      await until('everything to be told', async () => { await relay.tick(); return (await store.intents.pending(1)).length === 0; }, 60_000, 0);
      await relay.stop();
      const { store: stored, nowMs } = await readStored(inject('mongodbUri'), database);
      expect(stored.releases).toHaveLength(ROUNDS);
      const shown = ['I-05', 'I-06', 'I-07', 'I-08', 'I-09', 'I-12', 'I-13', 'I-14', 'I-27'];   // nobody evaluated or served here
      expect(check([], stored, stored.audit, nowMs).filter(({ invariant }) => shown.includes(invariant))).toEqual([]);
    }, 900_000);
  });

  describe.each(seeds)('through every door, seed %i', (seed) => {
    let plant: Plant;
    let look: Look;
    beforeAll(async () => {
      plant = await startSettled({ seed });
      look = await lookAt(plant);
      await putPolicy(plant, { ...QUICK, policy: 'race', stages: [{ weightBp: 5_000, durationMinSec: 1, durationMaxSec: 900 }], bake: { durationMinSec: 1, durationMaxSec: 900, holdbackBp: 3_000 } });
    });
    afterAll(async () => { await look?.close(); await plant?.stop(); });

    test(`${FULL_ROUNDS} releases are rolled back in the moment of their promotion: an acknowledged rollback is never undone`, async () => {
      const users = ledgeredTraffic(plant, { perSec: 40, guardrail: 'sloppy', judge });
      const link = plant.link('worker-1', 'mongodb');
      // What was taken back without a cause may be released again, and has its evaluation: only what was promoted is followed by another text.
      let version = await push(plant, anotherText());
      for (let round = 0; round < FULL_ROUNDS; round += 1) {
        const id = await startVersion(plant, version, { policy: 'race' });
        await until('the decision to promote', async () => await look.db.collection('decisions').countDocuments({ release: id, mode: 'bake', decision: { decision: 'PROMOTE' } }) > 0, 90_000, 5);
        link.slow(200, ENVIRONMENT_WRITE);   // the promotion is on its way for a while
        await moment(plant, 0, 300);
        const told = await refusal(plant.ledger.mutate(plant.api, plant.people.onCall, 'rollbackRelease', { id, idempotencyKey: `taken-back-${round}-${seed}` }, '{ id state }'));
        link.pass();
        const ended = await reaches(plant, id, [told === 'answered' ? 'ROLLED_BACK' : 'PROMOTED'], 60_000);
        expect(['answered', 'CONFLICT']).toContain(told);
        expect(statesOf(ended).filter((state) => state === 'PROMOTED' || state === 'ROLLED_BACK')).toHaveLength(1);
        const { split } = await look.environment();
        expect([split?.stable === ended.candidate.digest, split?.candidate]).toEqual([told !== 'answered', undefined]);
        if (told !== 'answered') version = await push(plant, anotherText());
      }
      await users.stop();
    });

    test('and every invariant holds', async () => { await checked(plant); });
  });
});
