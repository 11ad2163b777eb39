/** The assignment: statistics.md 2.9, with weights that may change. */
import { TILTS, thresholdOf, tiltLogFactors } from '../stats/index.js';
import { ANY_NUMBER, COUNT, faultsOfFields, listOf } from './fields.js';
import { ID_FIELDS, mixtureProcess } from './metric.js';
import type { MetricType } from './metric.js';
import type { UnitsMetric } from './policy.js';

export const UNITS: MetricType<UnitsMetric> = {
  faultsOf: (where, metric) => faultsOfFields(where, metric, ID_FIELDS, { tilts: listOf('a list of at least one number', ANY_NUMBER, 1) }),
  contradictionsOf: () => [],
  planOf: ({ id, tilts = TILTS }, { alphaSrm }) => ({
    id, role: 'assignment', excessWeight: 0, minUnits: 0, ni: null, whenOpen: null, halfLifeBlocks: null, expects: null,
    harm: mixtureProcess(tilts.length, null, (_seen, { stable, candidate, weight }) => tiltLogFactors(tilts, { stable: unitsOf(stable), candidate: unitsOf(candidate) }, weight)),
    harmThreshold: thresholdOf(alphaSrm),
    statistics: ['n'], none: { stable: { n: 0 }, candidate: { n: 0 } }, totalsOf: (arm) => ({ n: unitsOf(arm) }), badOf: () => 0,
    advance: (before, block) => ({ stable: { n: before.stable.n + block.stable.n }, candidate: { n: before.candidate.n + block.candidate.n } }),
    faultOf: (where, arm) => faultsOfFields(where, arm, { n: COUNT })[0] ?? null,
  }),
};

const unitsOf = (arm: object): number => 'n' in arm && typeof arm.n === 'number' ? arm.n : NaN;
