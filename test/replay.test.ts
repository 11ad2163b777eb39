import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { Worker } from '@temporalio/worker';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeBundle } from '../worker/bundle.js';
import { installRuntime } from '../worker/index.js';

// Recorded by `RECORD_HISTORIES=1 npx vitest run --project engines test/release.e2e.test.ts`. A change of commands needs a `patched()`
// branch; then the old histories stay, and new ones are recorded beside them.
const folder = path.join(import.meta.dirname, 'histories');
const names = readdirSync(folder).filter((name) => name.endsWith('.json')).sort();
let workflowBundle: { code: string };
beforeAll(async () => {
  installRuntime({ tell: () => undefined });
  workflowBundle = { ...(await makeBundle([])) };
});
const historyOf = (name: string): { events: { eventType: string; activityTaskScheduledEventAttributes?: { activityType: { name: string } } }[] } => JSON.parse(readFileSync(path.join(folder, name), 'utf8'));

describe('R-314 every recorded history replays on the workflows of today', () => {
  test('there is one for each way to end', () => {
    expect(names).toEqual(expect.arrayContaining(['promoted.json', 'promoted-first.json', 'rolled-back-by-decision.json', 'rolled-back-by-note.json', 'rejected.json', 'cancelled.json']));
  });
  test.each(names)('%s', async (name) => {
    await expect(Worker.runReplayHistory({ workflowBundle }, historyOf(name), `release/${name}`)).resolves.toBeUndefined();
  });
  test('a history that the workflow would not have made is refused', async () => {
    const history = historyOf('promoted.json');
    const scheduled = history.events.find(({ activityTaskScheduledEventAttributes: of }) => of?.activityType.name === 'promote');
    if (scheduled?.activityTaskScheduledEventAttributes === undefined) throw new Error('promoted.json promotes nothing');
    scheduled.activityTaskScheduledEventAttributes.activityType.name = 'takeBack';
    await expect(Worker.runReplayHistory({ workflowBundle }, history, 'release/changed')).rejects.toThrow(/TMPRL1100|[Nn]ondetermin/);
  });
});
