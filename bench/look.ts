/** Bench of goal E5: one look costs the same after 10^8 observations as after 10^3. `npm run bench -- look [--json] [--pairs N]`. */
import { parseArgs } from 'node:util';
import { consume, decisionOf, evidenceOf, startGate } from '../core/gate/index.js';
import type { GatePlan, GateState } from '../core/gate/index.js';
import { HARM_ODDS, marginGrid, randomOf } from '../core/stats/index.js';
import { measure, report } from './pairs.js';
import { binomialSampler, costLaw, histogramSampler, scoreLaw } from './statistics/draw.js';

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false }, pairs: { type: 'string', default: '15' } } });

/** A rate, a score, a cost and the split, as a release has them. */
const PLAN: GatePlan = {
  format: 1, weightBp: 500, metrics: [
    { id: 'error', type: 'binary', role: 'guardrail', share: 0.5, excessWeight: 1, prior: { p0: 0.01 }, harm: { odds: HARM_ODDS }, ni: { margins: marginGrid(0.01), act: 0.01 } },
    { id: 'quality', type: 'histogram', role: 'guardrail', share: 0.4, prior: { mean: 0.18, variance: 0.0225 }, ni: { margins: [0.02], act: 0.02 } },
    { id: 'cost', type: 'histogram', role: 'signal', share: 0.1, cap: 20, prior: { mean: 1, variance: 1 }, harm: { rho: 1.05 } },
    { id: 'assignment', type: 'units' },
  ],
};
const random = randomOf(5, 8);
const [bad, quality, cost] = [binomialSampler(0.01), histogramSampler(scoreLaw(0.18, 0.15)), histogramSampler(costLaw(1, 1, 20))];

/** One look's blocks: 200 requests, 10 judged in each arm. The same in both states, so only what was seen before differs. */
type Blocks = readonly { readonly metric: string; readonly stable: unknown; readonly candidate: unknown }[];
const look = (times: number): Blocks => {
  const many = (rows: readonly (readonly [number, number])[]): (readonly [number, number])[] => rows.map(([x, count]) => [x, count * times] as const);
  return [
    { metric: 'error', stable: { n: 190 * times, k: bad(random, 190) * times }, candidate: { n: 10 * times, k: bad(random, 10) * times } },
    { metric: 'quality', stable: { h: many(quality(random, 10)) }, candidate: { h: many(quality(random, 10)) } },
    { metric: 'cost', stable: { h: many(cost(random, 190)) }, candidate: { h: many(cost(random, 10)) } },
    { metric: 'assignment', stable: { n: 190 * times }, candidate: { n: 10 * times } },
  ];
};
const take = (state: GateState, blocks: Blocks, i: number): GateState => blocks.reduce<GateState>((before, block) => consume(PLAN, before, { block: { ...block, i } } as never), state);

/** A state that has seen about this many observations, in five looks. */
function seen(observations: number): GateState {
  let state = startGate(PLAN);
  for (let i = 0; i < 5; i += 1) state = take(state, look(Math.max(1, Math.round(observations / 5 / 200))), i);
  return state;
}
const [few, many] = [seen(1e3), seen(1e8)];
const next = Array.from({ length: 64 }, () => look(1));

const LOOKS = 400;
/** CPU time of one look in microseconds: state read from its written form, blocks taken in, decided, written again. */
function lookUs(state: GateState): number {
  const written = JSON.stringify(state);
  const began = process.cpuUsage();
  let length = 0;
  for (let i = 0; i < LOOKS; i += 1) {
    const after = take(JSON.parse(written) as GateState, next[i % next.length] ?? [], 5);
    decisionOf(PLAN, after);
    evidenceOf(PLAN, after);
    length += JSON.stringify(after).length;
  }
  const { user, system } = process.cpuUsage(began);
  if (length === 0) throw new Error('nothing was written');
  return (user + system) / LOOKS;
}

const bytesOf = (state: GateState): readonly { readonly metric: string; readonly bytes: number }[] => state.metrics.map((metric) => ({ metric: metric.id, bytes: JSON.stringify(metric).length }));
const figure = await measure({
  bench: 'look', goal: 'E5', metric: 'one look after 10⁸ observations, CPU', unit: 'us', floorName: 'after 10³', limit: 1.05,
  floor: async () => lookUs(few), ours: async () => lookUs(many),
}, { pairs: Math.max(3, Number(values.pairs)), warmUps: 3, discardedMax: 15 });
const sizes = bytesOf(many).map(({ metric, bytes }, i) => ({ metric, few: bytesOf(few)[i]?.bytes ?? 0, many: bytes }));
if (values.json) process.stdout.write(`${JSON.stringify({ type: 'state', unit: 'bytes', metrics: sizes })}\n`);
else process.stdout.write(`State, bytes of JSON after 10³ and 10⁸ observations: ${sizes.map(({ metric, few: small, many: large }) => `${metric} ${small} / ${large}`).join(', ')}.\n\n`);
report([figure], { json: values.json });
