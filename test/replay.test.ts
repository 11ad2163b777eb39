import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Worker } from '@temporalio/worker';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeBundle } from '../worker/bundle.js';
import { installRuntime } from '../worker/index.js';

// Recorded by `RECORD_HISTORIES=1 npx vitest run --project engines test/release.e2e.test.ts test/watch-workflow.e2e.test.ts` with a scripted world, and, in the folders, by
// scripts/record-histories.ts from the programs themselves. A change of commands needs a `patched()` branch; then the old histories stay,
// and new ones are recorded beside them. Interceptors are part of the order of commands: a history replays on a bundle with those it was
// made with, none for the scripted world, and bin/worker's for the programs.
const folder = path.join(import.meta.dirname, 'histories');
/** What the programs of the first version left: ends, and what was running when they stopped. */
const KEEL = ['release-shop-production-running', 'release-shop-staging-running', 'release-shop-held-running', 'release-shop-baking-running', 'release-shop-rejected-rejected', 'release-shop-cancelled-cancelled', 'release-shop-taken-cancelled', 'release-shop-expired-cancelled', 'release-shop-lost-rolled-back', 'release-shop-noted-rolled-back', 'release-shop-harmed-rolled-back', 'release-shop-failing-rejected', 'release-shop-resumed-promoted', 'release-shop-killed-rejected', 'evaluation-shop-finished', 'evaluation-shop-cancelled', 'evaluation-helpdesk-finished'];
/** What seldom happens: a run that went on in another because its history grew too long, that other one, and a release whose workflow was taken away. */
const RARE = ['evaluation-helpdesk-continued-as-new', 'evaluation-helpdesk-finished', 'release-helpdesk-production-terminated'];
/** The demo as anybody runs it: two that go live, one that users find out, one that no user sees. */
const DEMO = ['release-helpdesk-production-promoted', 'release-helpdesk-production-rolled-back', 'release-helpdesk-production-rejected', 'evaluation-helpdesk-finished'];
const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.json(\.gz)?$/.test(name)).sort();
let workflowBundle: { readonly code: string };
beforeAll(async () => {
  installRuntime({ tell: () => undefined });
  workflowBundle = await makeBundle();
});

interface History { readonly events: { readonly eventType: string; readonly workflowExecutionStartedEventAttributes?: { readonly workflowType: { readonly name: string } }; readonly activityTaskScheduledEventAttributes?: { readonly activityType: { name: string } } }[] }
const historyOf = (name: string): History => {
  const bytes = readFileSync(path.join(folder, name));
  return JSON.parse((name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')) as History;
};
const typeOf = ({ events }: History): string => events[0]?.workflowExecutionStartedEventAttributes?.workflowType.name ?? '';
const replay = (name: string, history: History): Promise<void> => Worker.runReplayHistory({ workflowBundle: { ...workflowBundle } }, history, `${typeOf(history)}/${name}`);

describe('R-314 every recorded history replays on the workflows of today', () => {
  test('there is one for each way to end, and one for each state in which a worker may have to go on', () => {
    expect(names).toEqual(expect.arrayContaining(['promoted.json', 'promoted-first.json', 'rolled-back-by-decision.json', 'rolled-back-by-note.json', 'rejected.json', 'cancelled.json', 'promoted-and-watched.json', 'watch-reverted.json']));
    const recorded = (place: string) => names.filter((name) => name.startsWith(`${place}/`)).map((name) => name.replace(/^\w+\/|-\d+\.json\.gz$/g, ''));
    expect(recorded('keel')).toEqual(expect.arrayContaining(KEEL));
    expect(recorded('rare')).toEqual(expect.arrayContaining(RARE));
    expect(recorded('demo')).toEqual(expect.arrayContaining(DEMO));
    expect(names.length).toBeGreaterThanOrEqual(40);
  });
  test.each(names)('%s', async (name) => {
    await expect(replay(name, historyOf(name))).resolves.toBeUndefined();
  });
  test.each([
    ['a release', 'promoted.json', 'promote', 'takeBack'],
    ['a watch', 'watch-reverted.json', 'watchStable', 'watchStage'],
    ['an evaluation', names.find((name) => /evaluation-shop-finished/.test(name)) ?? '', 'runBatch', 'finishEvaluation'],
  ])('a history that the workflow of %s would not have made is refused', async (_what, name, was, instead) => {
    const history = historyOf(name);
    const scheduled = history.events.find(({ activityTaskScheduledEventAttributes: of }) => of?.activityType.name === was);
    if (scheduled?.activityTaskScheduledEventAttributes === undefined) throw new Error(`${name} has no ${was}`);
    scheduled.activityTaskScheduledEventAttributes.activityType.name = instead;
    await expect(replay(name, history)).rejects.toThrow(/TMPRL1100|[Nn]ondetermin/);
  });
});
