/** Bench of goal F2: does time make a release's workflow history grow? `npm run bench -- history [--short | --minutes 10,40] [--pairs N] [--json] [--keep NAME]` */
import { mkdirSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { releaseWorkflowId } from '../workflows/names.js';
import { gql, mutate, reaches, startStack, traffic, until } from '../test/harness.js';
import type { Stack } from '../test/harness.js';
import { ALSO_GOOD, GOOD, judge, push, settle, start } from '../test/world.js';
import { rowsOf } from './history-rows.js';
import type { HistoryRows } from './history-rows.js';
import { measured, rounded, surroundingsOf, tell } from './measured.js';

const { values } = parseArgs({ options: { short: { type: 'boolean', default: false }, minutes: { type: 'string' }, pairs: { type: 'string', default: '1' }, json: { type: 'boolean', default: false }, keep: { type: 'string' } } });
const [briefMin = 10, lastingMin = 40] = (values.minutes ?? (values.short ? '1,4' : '10,40')).split(',').map(Number);
const PER_SEC = 5;
const STAGES = 2;
const say = (line: string): void => { process.stderr.write(`${line}\n`); };

interface Lived { readonly minutes: number; readonly pair: number; readonly release: string; readonly state: string; readonly canarySec: number; readonly bakeSec: number; readonly observations: number; readonly looks: number; readonly historyBytes: number; readonly rows: HistoryRows; readonly timeline: readonly unknown[] }

/** One release of an application of its own, which differs from the others in nothing but how long its stages last. */
async function live(stack: Stack, client: Client, minutes: number, pair: number): Promise<Lived> {
  const application = `lives-${Math.round(minutes * 60)}s-${pair}`;
  await mutate(stack.api, stack.people.admin, 'createApplication', { key: application, team: 'bench', owner: 'admin', deputy: 'author', tier: 'LOW', purpose: 'Lives for a while.', environments: [{ name: 'production', protected: true }] }, '{ key }');
  const { secret } = await mutate(stack.api, stack.people.admin, 'createApiKey', { application, kind: 'APPLICATION', name: 'bench', environment: 'production', scopes: ['SERVE', 'INGEST'] }, '{ secret }');
  const durationMinSec = minutes * 60 / STAGES;
  const stages = [{ weightBp: 2_500, durationMinSec, durationMaxSec: durationMinSec * 4 + 600 }, { weightBp: 5_000, durationMinSec, durationMaxSec: durationMinSec * 4 + 600 }];
  await settle(stack, { application, leaseMs: 60_000, stages, bake: { durationMinSec: 5, durationMaxSec: 3_600, holdbackBp: 1_000 } });
  await reaches(stack, (await start(stack, await push(stack, GOOD, application), { application })).id, ['PROMOTED']);
  const users = traffic(stack, { perSec: PER_SEC, guardrail: 'sloppy', judge, key: String(secret) });
  try {
    const { id } = await start(stack, await push(stack, ALSO_GOOD, application), { application });
    say(`${application}: ${String(id)} is on its way`);
    await reaches(stack, String(id), ['CANARY']);
    // Seldom: who watches must not be what the stack is busy with.
    await until(`${application} to have ended`, async () => !((await gql(stack.api, stack.people.releaseManager, 'query($id: ID!) { release(id: $id) { open } }', { id })).release as { readonly open: boolean }).open, minutes * 60_000 * 4 + 900_000, 2_000);
    const { state, timeline } = (await gql(stack.api, stack.people.releaseManager, 'query($id: ID!) { release(id: $id) { state timeline { seq at type state } } }', { id })).release as { readonly state: string; readonly timeline: readonly { readonly at: string; readonly state: string }[] };
    const at = (name: string): number => Date.parse(timeline.find((entry) => entry.state === name)?.at ?? '');
    if (state !== 'PROMOTED') throw new Error(`${application} ended ${state}`);
    const handle = client.workflow.getHandle(releaseWorkflowId(application, 'production'));
    await handle.result();
    const [{ raw }, history] = await Promise.all([handle.describe(), handle.fetchHistory()]);
    const rows = rowsOf(history.events ?? []);
    say(`${application}: ${rows.events} events, ${rows.looks} looks, load ${loadavg()[0]?.toFixed(1) ?? ''}`);
    return {
      minutes, pair, release: String(id), state, canarySec: (at('BAKING') - at('CANARY')) / 1_000, bakeSec: (at('PROMOTED') - at('BAKING')) / 1_000,
      observations: [...users.served.values()].reduce((sum, one) => sum + one, 0), looks: rows.looks, historyBytes: Number(raw.workflowExecutionInfo?.historySizeBytes ?? 0), rows, timeline,
    };
  } finally { await users.stop(); }
}

const stack = await startStack();
const lives: Lived[] = [];
try {
  const connection = await Connection.connect({ address: stack.temporal });
  const client = new Client({ connection });
  // Side by side: what disturbs one disturbs the others.
  lives.push(...await Promise.all(Array.from({ length: Number(values.pairs) }, (_, pair) => [live(stack, client, briefMin, pair), live(stack, client, lastingMin, pair)]).flat()));
  await connection.close();
} finally { await stack.stop(); }

const of = (minutes: number): readonly Lived[] => lives.filter((one) => one.minutes === minutes).sort((a, b) => a.pair - b.pair);
const [brief, lasting] = [of(briefMin), of(lastingMin)];
const ratios = (pick: (one: Lived) => number): readonly number[] => brief.map((one, index) => { const other = lasting[index]; return other === undefined ? Number.NaN : pick(other) / pick(one); });
const figures = [
  measured({ bench: 'history', goal: 'F2', metric: `events, ${lastingMin} min of canary over ${briefMin} min`, unit: '×', limit: 1 }, ratios(({ rows }) => rows.events)),
  measured({ bench: 'history', goal: 'F2', metric: 'events beyond 8, per activity and act of a person', unit: 'events', limit: 8 }, lives.map(({ rows }) => (rows.events - 8) / (rows.activities + rows.acts))),
  measured({ bench: 'history', goal: null, metric: `looks, ${lastingMin} min over ${briefMin} min`, unit: '×', limit: null }, ratios(({ looks }) => looks)),
  measured({ bench: 'history', goal: null, metric: `history in bytes, ${lastingMin} min over ${briefMin} min`, unit: '×', limit: null }, ratios(({ historyBytes }) => historyBytes)),
  ...[[briefMin, brief] as const, [lastingMin, lasting] as const].flatMap(([minutes, group]) => [
    measured({ bench: 'history', goal: null, metric: `events, ${minutes} min`, unit: 'events', limit: null }, group.map(({ rows }) => rows.events)),
    measured({ bench: 'history', goal: null, metric: `looks, ${minutes} min`, unit: 'looks', limit: null }, group.map(({ looks }) => looks)),
    measured({ bench: 'history', goal: null, metric: `payloads, ${minutes} min`, unit: 'bytes', limit: null }, group.map(({ rows }) => rows.payloadBytes)),
    measured({ bench: 'history', goal: null, metric: `history, ${minutes} min`, unit: 'bytes', limit: null }, group.map(({ historyBytes }) => historyBytes)),
  ]),
];
if (values.keep !== undefined) {
  const folder = path.resolve(import.meta.dirname, 'results', 'history');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, `${values.keep}.json`), `${JSON.stringify(rounded({ ...surroundingsOf({ temporal: 'start-dev 1.29.1 (SQLite)', mongodb: 'embedded' }), perSec: PER_SEC, figures, lives }), null, 1)}\n`);
}
if (!values.json) {
  for (const [minutes, group] of [[briefMin, brief], [lastingMin, lasting]] as const) say(`${minutes} min: ${Object.entries(group[0]?.rows.states ?? {}).map(([state, { events, payloadBytes }]) => `${state} ${events} events, ${payloadBytes} B`).join('; ')}`);
}
tell(figures, { json: values.json, engines: { temporal: 'start-dev 1.29.1 (SQLite)', mongodb: 'embedded' } });
