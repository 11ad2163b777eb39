import type { WorkflowHandle } from '@temporalio/client';

type Event = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number];
export interface HistoryPart { readonly events: number; readonly payloadBytes: number }
/** What a release's history consists of. */
export interface HistoryRows extends HistoryPart {
  /** by the state the release was in when the event was written */
  readonly states: Readonly<Record<string, HistoryPart>>;
  readonly types: Readonly<Record<string, number>>;
  readonly activities: number;
  /** updates that people sent, without the one that every release is born with */
  readonly acts: number;
  /** attempts of the activity that looks: what the history does not show as events */
  readonly looks: number;
}

/** Counts a history's events and the bytes of its payloads, state by state. A state ends with the activity that came to another one. */
export function rowsOf(events: readonly Event[]): HistoryRows {
  const states: Record<string, { events: number; payloadBytes: number }> = {};
  const types: Record<string, number> = {};
  const names = new Map<string, string>();
  let state = 'REQUESTED', activities = 0, acts = 0, looks = 0, payloadBytes = 0;
  for (const event of events) {
    const [type, detail] = detailOf(event);
    const bytes = bytesIn(detail);
    const part = (states[state] ??= { events: 0, payloadBytes: 0 });
    part.events += 1;
    part.payloadBytes += bytes;
    payloadBytes += bytes;
    types[type] = (types[type] ?? 0) + 1;
    if (type === 'activityTaskScheduled') { activities += 1; names.set(String(event.eventId), event.activityTaskScheduledEventAttributes?.activityType?.name ?? ''); }
    if (type === 'workflowExecutionUpdateAccepted' && event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input?.name !== 'born') acts += 1;
    if (type === 'activityTaskStarted' && names.get(String(event.activityTaskStartedEventAttributes?.scheduledEventId)) === 'watchStage') looks += event.activityTaskStartedEventAttributes?.attempt ?? 0;
    if (type === 'activityTaskCompleted') state = stateIn(event.activityTaskCompletedEventAttributes?.result?.payloads?.[0]?.data) ?? state;
  }
  return { events: events.length, payloadBytes, states, types, activities, acts, looks };
}

function detailOf(event: Event): readonly [type: string, detail: unknown] {
  const found = Object.entries(event).find(([name, value]) => name.endsWith('EventAttributes') && value !== null && value !== undefined);
  return found === undefined ? ['unknown', null] : [found[0].slice(0, -'EventAttributes'.length), found[1]];
}

/** Payloads are what we put in; the rest of an event is the server's. */
function bytesIn(value: unknown): number {
  if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value)) return 0;
  if ('data' in value && 'metadata' in value && ArrayBuffer.isView(value.data)) return value.data.byteLength;
  return Object.values(value).reduce((sum: number, one: unknown) => sum + bytesIn(one), 0);
}

/** The state that an activity's result tells, itself or in its `standing`. */
function stateIn(data: Uint8Array | null | undefined): string | null {
  if (data === null || data === undefined) return null;
  let result: unknown;
  try { result = JSON.parse(Buffer.from(data).toString('utf8')); } catch { return null; }
  const told = result as { readonly state?: unknown; readonly standing?: { readonly state?: unknown } } | null;
  const state = told?.standing?.state ?? told?.state;
  return typeof state === 'string' ? state : null;
}
