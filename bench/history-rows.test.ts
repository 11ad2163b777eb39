import { describe, expect, test } from 'vitest';
import { rowsOf } from './history-rows.js';

type Event = Parameters<typeof rowsOf>[0][number];
const payload = (value: unknown): { payloads: { metadata: Record<string, Uint8Array>; data: Uint8Array }[] } =>
  ({ payloads: [{ metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from(JSON.stringify(value)) }] });
let last = 0;
const event = (attributes: object): Event => ({ eventId: ++last, ...attributes }) as unknown as Event;
/** One activity as the server writes it: scheduled, started at some attempt, completed. */
const activity = (name: string, result: unknown, attempt = 1): readonly Event[] => {
  const scheduled = event({ activityTaskScheduledEventAttributes: { activityType: { name }, input: payload('in') } });
  return [scheduled, event({ activityTaskStartedEventAttributes: { scheduledEventId: scheduled.eventId, attempt } }), event({ activityTaskCompletedEventAttributes: { result: payload(result) } })];
};
const update = (name: string): Event => event({ workflowExecutionUpdateAcceptedEventAttributes: { acceptedRequest: { input: { name } } } });

describe('R-884 a release\'s history is counted by the state it was written in: its events, the bytes of its payloads, the looks behind one activity', () => {
  const rows = rowsOf([
    event({ workflowExecutionStartedEventAttributes: { input: payload({ release: 'r' }) } }), update('born'),
    ...activity('openRelease', { kind: 'opened', standing: { state: 'REQUESTED' } }), ...activity('recordState', { state: 'CANARY' }),
    ...activity('watchStage', { kind: 'ADVANCE' }, 600), update('pause'), ...activity('commitAct', { kind: 'done', standing: { state: 'PAUSED' } }),
    ...activity('watchStage', { kind: 'CLEAN' }, 3), ...activity('recordState', { state: 'PROMOTED' }), event({ workflowExecutionCompletedEventAttributes: {} }),
  ]);
  test('every event belongs to the state that was, until an activity came to another', () => {
    expect(Object.fromEntries(Object.entries(rows.states).map(([state, { events }]) => [state, events]))).toEqual({ REQUESTED: 8, CANARY: 7, PAUSED: 6, PROMOTED: 1 });
    expect(rows.events).toBe(22);
  });
  test('looks are attempts and not events; the update that a release is born with is no person\'s act', () => {
    expect(rows).toMatchObject({ looks: 603, acts: 1, activities: 6 });
  });
  test('payloads are counted by their data alone, in the state they were written in', () => {
    const text = (value: unknown): number => JSON.stringify(value).length;
    expect(rows.states['PAUSED']?.payloadBytes).toBe(2 * text('in') + text({ kind: 'CLEAN' }) + text({ state: 'PROMOTED' }));
    expect(Object.values(rows.states).reduce((sum, { payloadBytes }) => sum + payloadBytes, 0)).toBe(rows.payloadBytes);
  });
  test('a result that is no JSON changes nothing', () => {
    expect(rowsOf([event({ activityTaskCompletedEventAttributes: { result: { payloads: [{ metadata: {}, data: Buffer.from('\u0000') }] } } }), event({ timerStartedEventAttributes: {} })]).states).toEqual({ REQUESTED: { events: 2, payloadBytes: 1 } });
  });
});
