/** What a block says, from batches alone: pure, and the same whatever the order, repetition and packing of what was reported. */
import { COST_CAP_USD, isFedBy } from '../core/release/index.js';
import type { MetricPlan } from '../core/release/index.js';
import { histogramOf, sketchOf } from '../core/stats/index.js';
import type { ArmCounts, ArmHistogram, BatchDoc, NewBlock, Obs, ReaderUnits, ReleaseDoc } from '../store/index.js';
import { isWorse } from './batch.js';

/** USD a million tokens, of each arm's bundle; null: not known. */
export interface Prices { readonly stable: Price | null; readonly candidate: Price | null }
interface Price { readonly input: number; readonly output: number }
/** Blocks, both ends among them. */
export interface BlockRange { readonly from: number; readonly to: number }

type Arms<Unit> = Readonly<Record<Obs['arm'], Map<string, Unit>>>;
const READERS_MAX = 5;
const TOKENS_A_PRICE = 1_000_000;

/**
 * The blocks of one metric, empty ones left out. A unit is whoever reported a value of any feed by the cut-off, once, whatever number of calls:
 * of a rate it is bad when any of them was; of a score or a mean it has the mean of its calls. The result depends on what was reported and
 * when it arrived, not on order, repetition or packing.
 */
export function blocksOf(release: ReleaseDoc, metric: MetricPlan, span: BlockRange, read: readonly BatchDoc[], prices: Prices): readonly NewBlock[] {
  if (metric.kind === 'rate') return blocksWith(release, metric, span, read, { born: bornRate, see: (unit, one, atMs) => { seeRate(metric, unit, one, atMs); }, armOf: (units) => countsOf(metric, units) });
  const cap = capOf(release, metric);
  return blocksWith(release, metric, span, read, { born: bornMean, see: (unit, one) => { seeMean(metric, unit, one); }, armOf: (units, arm) => histogramOfUnits(metric, units, cap, prices[arm]) });
}

/**
 * The blocks of the assignment: distinct units by arm. None where a block's units carry more than one rev: its weight is not one.
 *
 * @param metric  its name in the gate's plan
 */
export function assignmentBlocksOf(release: ReleaseDoc, metric: { readonly name: string; readonly maturityMs: number }, span: BlockRange, read: readonly BatchDoc[]): readonly NewBlock[] {
  return [...unitsOf<Set<string>>(release, metric.maturityMs, span, read, () => new Set(), (unit, { rev, reader }) => { unit.add(`${rev}/${reader}`); })].flatMap(([block, { stable, candidate }]) => {
    const marks = [...stable.values(), ...candidate.values()].flatMap((unit) => [...unit]);
    const [rev, ...others] = new Set(marks.map((mark) => Number(mark.slice(0, mark.indexOf('/')))));
    if (rev === undefined || others.length > 0) return [];
    const both = [...candidate.keys()].filter((unit) => stable.has(unit)).length;
    return [{ ...headOf(release, metric.name, block), stable: { n: stable.size }, candidate: { n: candidate.size }, rev, both, readers: loudestOf(stable, candidate) }];
  });
}

interface Tally<Unit, Arm> { readonly born: () => Unit; readonly see: (unit: Unit, one: Obs, atMs: number) => void; readonly armOf: (units: Iterable<Unit>, arm: Obs['arm']) => Arm }

function blocksWith<Unit, Arm extends ArmCounts | ArmHistogram>(release: ReleaseDoc, metric: MetricPlan, span: BlockRange, read: readonly BatchDoc[], { born, see, armOf }: Tally<Unit, Arm>): readonly NewBlock[] {
  return [...unitsOf(release, metric.maturityMs, span, read, born, see)].map(([block, { stable, candidate }]) =>
    ({ ...headOf(release, metric.name, block), stable: armOf(stable.values(), 'stable'), candidate: armOf(candidate.values(), 'candidate') }) as NewBlock);
}

/** Per block, in order, and arm who was there by the cut-off, and what `see` made of what they reported. */
function unitsOf<Unit>({ _id, policy: { plan } }: ReleaseDoc, maturityMs: number, { from, to }: BlockRange, read: readonly BatchDoc[], born: () => Unit, see: (unit: Unit, one: Obs, atMs: number) => void): readonly (readonly [number, Arms<Unit>])[] {
  const blockMs = plan.blockSec * 1000;
  const blocks = new Map<number, Arms<Unit>>();
  for (const { at, obs } of read) {
    const atMs = at.getTime();
    for (const one of obs) {
      if (one.release !== _id) continue;
      const block = Math.floor((one.sec * 1000) / blockMs);
      if (block < from || block > to || atMs > (block + 1) * blockMs + maturityMs) continue;
      let arms = blocks.get(block);
      if (arms === undefined) blocks.set(block, arms = { stable: new Map(), candidate: new Map() });
      const units = arms[one.arm];
      let unit = units.get(one.unit);
      if (unit === undefined) units.set(one.unit, unit = born());
      see(unit, one, atMs);
    }
  }
  return [...blocks].sort(([a], [b]) => a - b);
}

const headOf = ({ application, _id }: ReleaseDoc, metric: string, block: number) => ({ _id: `${application}/${_id}/${metric}/${String(block).padStart(12, '0')}`, application, release: _id, metric, block });

// ── rates ──────────────────────────────────────────────────────────────────────────────────────────────────────────

interface RateUnit { isSeen: boolean; isBad: boolean; atMs: number }
const bornRate = (): RateUnit => ({ isSeen: false, isBad: false, atMs: 0 });

/** An error, a guardrail or a slow call is bad once; of feedback the last value stands, and of two at the same moment the worse. */
function seeRate(metric: MetricPlan, unit: RateUnit, { feed, value }: Obs, atMs: number): void {
  if (!isFedBy(metric, feed)) return;
  const isBad = value > (metric.objectiveMs ?? 0);
  if (!metric.from.startsWith('feedback:') || !unit.isSeen || atMs === unit.atMs) unit.isBad ||= isBad;
  else if (atMs > unit.atMs) unit.isBad = isBad;
  unit.atMs = Math.max(unit.atMs, atMs);
  unit.isSeen = true;
}

function countsOf({ missingAs }: MetricPlan, units: Iterable<RateUnit>): ArmCounts {
  let [n, k] = [0, 0];
  for (const { isSeen, isBad } of units) {
    n += 1;
    if (isSeen ? isBad : missingAs === 1) k += 1;
  }
  return { n, k };
}

// ── scores and means ───────────────────────────────────────────────────────────────────────────────────────────────

/** By call: what is reported again is the same call. */
type MeanUnit = Map<string, Obs>;
const bornMean = (): MeanUnit => new Map();

function seeMean(metric: MetricPlan, unit: MeanUnit, one: Obs): void {
  if (!isFedBy(metric, one.feed) || !isPossible(metric, one.value)) return;
  const call = one.call ?? '';
  const before = unit.get(call);
  if (before === undefined || isWorse(one, before)) unit.set(call, one);
}

/** A score outside [0, 1] and a negative amount are no observation of this metric. */
const isPossible = ({ kind }: MetricPlan, value: number): boolean => value >= 0 && (kind === 'mean' ? value < Infinity : value <= 1);

/** Units by value; one without a value has `missingAs`, or is no unit of this metric. */
function histogramOfUnits(metric: MetricPlan, units: Iterable<MeanUnit>, cap: number, price: Price | null): ArmHistogram {
  const values: number[] = [];
  for (const unit of units) {
    const value = meanOf(metric, unit, price) ?? metric.missingAs;
    if (value !== null) values.push(value);
  }
  return { n: values.length, h: metric.kind === 'score' ? hundredthsOf(values) : histogramOf(sketchOf(values), cap) };
}

/** Summed in the order of the calls' ids, so that the order of arrival leaves no trace in the last bit. */
function meanOf({ kind, from }: MetricPlan, unit: MeanUnit, price: Price | null): number | null {
  if (unit.size === 0 || (from === 'cost' && price === null)) return null;
  const calls = [...unit].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
  const valueOf = ({ value, output }: Obs): number => (from === 'cost' && price !== null ? (value * price.input + (output ?? 0) * price.output) / TOKENS_A_PRICE : value);
  const mean = calls.reduce((sum, one) => sum + valueOf(one), 0) / calls.length;
  return kind === 'score' ? Math.max(0, 1 - mean) : mean;
}

/** Rounding to 0.01 is part of the metric: 101 values. */
function hundredthsOf(values: readonly number[]): ArmHistogram['h'] {
  const counts = new Map<number, number>();
  for (const value of values) { const step = Math.round(value * 100); counts.set(step, (counts.get(step) ?? 0) + 1); }
  return [...counts].sort(([a], [b]) => a - b).map(([step, count]) => [step / 100, count] as const);
}

/** As it was pinned when the release opened. */
function capOf({ gate }: ReleaseDoc, { name, cap }: MetricPlan): number {
  const pinned = gate?.metrics.find(({ id }) => id === name);
  return pinned !== undefined && 'cap' in pinned && typeof pinned.cap === 'number' ? pinned.cap : cap ?? COST_CAP_USD;
}

// ── the assignment ─────────────────────────────────────────────────────────────────────────────────────────────────

/** Who minted the tokens of the most units: where the arms differ, one of them often did it. */
function loudestOf(stable: ReadonlyMap<string, ReadonlySet<string>>, candidate: ReadonlyMap<string, ReadonlySet<string>>): readonly ReaderUnits[] {
  const units = new Map<string, { stable: number; candidate: number }>();
  for (const [arm, all] of [['stable', stable], ['candidate', candidate]] as const) {
    for (const marks of all.values()) for (const mark of marks) {
      const reader = mark.slice(mark.indexOf('/') + 1);
      const counts = units.get(reader) ?? { stable: 0, candidate: 0 };
      counts[arm] += 1;
      units.set(reader, counts);
    }
  }
  const loudness = ({ stable: a, candidate: b }: { readonly stable: number; readonly candidate: number }): number => a + b;
  return [...units].sort(([a, one], [b, other]) => loudness(other) - loudness(one) || (a < b ? -1 : 1)).slice(0, READERS_MAX).map(([reader, counts]) => ({ reader, ...counts }));
}
