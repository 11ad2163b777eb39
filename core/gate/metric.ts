/**
 * What the gate asks of a metric's type. Each type answers in a file of its own; nothing else asks which type a metric has. A type's state
 * is plain JSON, and its processes are closures over a plan that does not change.
 */
import { bear, mixtureLogE, startMixture, stepMixture, thresholdOf } from '../stats/index.js';
import type { Counts, Mixture, Restart, Score, Sums } from '../stats/index.js';
import { NOT_NEGATIVE, OBJECT, POSITIVE, faultsOfFields, isFields, number, oneOf, orNull, whole } from './fields.js';
import type { Fields, Rule } from './fields.js';
import { GATE_DEFAULTS } from './policy.js';
import type { ArmStatistics, GateMetric, MetricRole, TestedMetric } from './policy.js';

/** What one process has gathered. */
export type Evidence = Mixture | Score;
/** What was counted of an arm over blocks: all of it for readiness and display, faded for the bets. */
export type Totals = Counts | Sums | { readonly n: number };
export interface ArmTotals { readonly stable: Totals; readonly candidate: Totals }
/** A readable block, and the weight its units were assigned by. */
export interface ReadBlock { readonly stable: ArmStatistics; readonly candidate: ArmStatistics; readonly weight: number }

/** One e-process. */
export interface Process {
  /** before the first block; the first copy of a restart mixture is born */
  readonly start: Evidence;
  readonly bear: (evidence: Evidence) => Evidence;
  /** factors from what was seen before the block */
  readonly step: (evidence: Evidence, seen: ArmTotals, block: ReadBlock) => Evidence;
  readonly logE: (evidence: Evidence) => number;
}

/** The non-inferiority tests of a metric, one per margin, in the plan's order. */
export interface MarginTests {
  readonly margins: readonly number[];
  readonly act: number;
  readonly actIndex: number;
  readonly tests: readonly Process[];
}

/** What a metric is expected to show, for what is said before a release starts (2.13). */
export interface Expectation {
  /** nats per unit against a margin when the arms are equal */
  readonly infoAt: (margin: number, weight: number) => number;
  /** nats per unit of its harm test when the candidate is worse by this much, everything else as it was; 0 where it tolerates that */
  readonly harmInfoAt: (distance: number, weight: number) => number;
  /** the largest distance there is; `null` = without a bound */
  readonly distanceMax: number | null;
  /** candidate units the harm test needs at the least for its largest alternative, at this level; 0 where it has none */
  readonly unitsToHarm: (weight: number, alpha: number) => number;
  /** of a rate: its base, and what the harm test compares it with */
  readonly rate: { readonly p0: number; readonly rho: number; readonly line: number } | null;
}

/** A metric with its defaults, ready to be stepped. */
export interface MetricPlan {
  readonly id: string;
  readonly role: MetricRole | 'assignment';
  readonly excessWeight: number;
  readonly minUnits: number;
  /** the harm test; of an assignment its ratio test */
  readonly harm: Process | null;
  /** `null` where the metric's harm test decides nothing */
  readonly harmThreshold: number | null;
  readonly ni: MarginTests | null;
  /** upper end (26) while the largest margin stands; `null` = without end */
  readonly whenOpen: number | null;
  readonly none: ArmTotals;
  /** names of an arm's statistics */
  readonly statistics: readonly string[];
  /** what is wrong with an arm's statistics, as a sentence that opens with `where`; `null` = they can be read */
  readonly faultOf: (where: string, arm: unknown) => string | null;
  /** a readable arm's totals */
  readonly totalsOf: (arm: ArmStatistics) => Totals;
  /** the totals after a block; with a half-life (in blocks) the old ones fade */
  readonly advance: (before: ArmTotals, block: ArmTotals, halfLifeBlocks: number | null) => ArmTotals;
  readonly halfLifeBlocks: number | null;
  /** the badness an arm has shown in all: bad units of a rate, else the sum of its values */
  readonly badOf: (totals: Totals) => number;
  readonly expects: Expectation | null;
}

/** What a plan gives to all of its metrics. */
export interface Levels { readonly alpha: number; readonly alphaSrm: number; readonly restart: Restart }

/** One type of metric. */
export interface MetricType<M extends GateMetric> {
  /** what is wrong with its fields, each for itself */
  readonly faultsOf: (where: string, metric: Fields) => string[];
  /** what shows only when every field is in its place */
  readonly contradictionsOf: (metric: M) => string[];
  readonly planOf: (metric: M, levels: Levels) => MetricPlan;
}

/** Whether all of an arm pair's numbers are. */
export const areFinite = ({ stable, candidate }: ArmTotals): boolean => [stable, candidate].every((totals) => Object.values<unknown>({ ...totals }).every(Number.isFinite));

/** A mixture as a process: of e-processes with one factor each a block, and with restarts where the plan has them. */
export function mixtureProcess(components: number, restart: Restart, factors: (seen: ArmTotals, block: ReadBlock) => readonly number[]): Process {
  return {
    start: bear(startMixture(components), restart),
    bear: (evidence) => bear(evidence as Mixture, restart),
    step: (evidence, seen, block) => stepMixture(evidence as Mixture, factors(seen, block), restart),
    logE: (evidence) => mixtureLogE(evidence as Mixture, restart),
  };
}

/** Evidence that can be written down and read again, and compared with a threshold. */
export function isSound(process: Process, evidence: Evidence): boolean {
  const numbers = 'logs' in evidence ? evidence.logs : [evidence.score, evidence.info];
  return numbers.every(Number.isFinite) && Number.isFinite(process.logE(evidence));
}

const ID: Rule = { wants: '1 to 64 of A-Z a-z 0-9 _ . -', holds: (v) => typeof v === 'string' && /^[A-Za-z0-9_.-]{1,64}$/.test(v) };
export const ID_FIELDS = { id: ID, type: { wants: 'binary, histogram, moments or units', holds: (v: unknown) => typeof v === 'string' } } as const;

/** The fields all comparing metrics share, and those of their prior and their tests. */
export function faultsOfTested(where: string, metric: Fields, { own = {}, prior, both, harm, ni, isHarmNeeded = false }: {
  readonly own?: Readonly<Record<string, Rule>>;
  readonly prior: Readonly<Record<string, Rule>>;
  /** required, and optional, in either test */
  readonly both: readonly [Readonly<Record<string, Rule>>, Readonly<Record<string, Rule>>];
  readonly harm: Readonly<Record<string, Rule>>;
  readonly ni: Readonly<Record<string, Rule>>;
  readonly isHarmNeeded?: boolean;
}): string[] {
  const harmRule = { harm: orNull(OBJECT) };
  const faults = faultsOfFields(where, metric, {
    ...ID_FIELDS, role: oneOf('guardrail', 'signal', 'observe'), prior: OBJECT, ...(isHarmNeeded ? harmRule : {}),
  }, {
    share: number('a number in (0,1]', (x) => x > 0 && x <= 1), excessWeight: NOT_NEGATIVE, minUnits: whole('a whole number', 0),
    halfLifeBlocks: orNull(POSITIVE), ni: orNull(OBJECT), ...(isHarmNeeded ? {} : harmRule), ...own,
  });
  if (metric['role'] !== 'observe' && metric['share'] === undefined) faults.push(`${where}.share is missing: a ${String(metric['role'])} metric needs its part of alpha`);
  if (isFields(metric['prior'])) faults.push(...faultsOfFields(`${where}.prior`, metric['prior'], prior, { kappa: POSITIVE }));
  const [needed, optional] = both;
  if (isFields(metric['harm'])) faults.push(...faultsOfFields(`${where}.harm`, metric['harm'], needed, { rho: POSITIVE, ...optional, ...harm }));
  if (isFields(metric['ni'])) faults.push(...faultsOfFields(`${where}.ni`, metric['ni'], { ...needed, ...ni }, { rho: POSITIVE, ...optional }));
  return faults;
}

/** Margins in order, the acting one among them, and 1.2: no more tolerated than may be promoted, at each of these means of stable. */
export function faultsOfMargins({ id, harm, ni }: TestedMetric, means: readonly number[], noun: 'rate' | 'mean'): string[] {
  if (!ni) return [];
  const faults: string[] = [];
  if (ni.margins.some((margin, i) => i > 0 && margin <= (ni.margins[i - 1] ?? -Infinity))) faults.push(`metric ${id}: margins must strictly ascend`);
  if (!ni.margins.includes(ni.act)) faults.push(`metric ${id}: act ${ni.act} is not one of the margins`);
  if (harm === null) return faults;
  const { rho = 1, tolerance = 0 } = harm ?? {};
  for (const m of means) {
    const tolerated = rho * m + tolerance;
    const promoted = (ni.rho ?? 1) * m + ni.act;
    if (tolerated > promoted) faults.push(`metric ${id}: the harm test tolerates ${tolerated} where stable's ${noun} is ${m}, the margin allows only ${promoted}`);
  }
  return faults;
}

/** What a comparing metric's plan has whatever its type. */
export function testedPlan({ id, role, share, excessWeight = 0, minUnits, halfLifeBlocks = null }: TestedMetric, alpha: number,
  harm: Process | null, minUnitsDefault: number = GATE_DEFAULTS.minUnits): Pick<MetricPlan, 'id' | 'role' | 'excessWeight' | 'minUnits' | 'halfLifeBlocks' | 'harm' | 'harmThreshold'> {
  const part = role === 'observe' ? null : share ?? null;
  return {
    id, role, excessWeight, minUnits: minUnits ?? minUnitsDefault, halfLifeBlocks, harm,
    harmThreshold: harm === null || part === null ? null : thresholdOf(alpha, part),
  };
}

/** One process per margin. */
export const marginTests = (ni: { readonly margins: readonly number[]; readonly act: number } | null | undefined, processOf: (margin: number) => Process): MarginTests | null =>
  ni ? { margins: ni.margins, act: ni.act, actIndex: ni.margins.indexOf(ni.act), tests: ni.margins.map(processOf) } : null;
