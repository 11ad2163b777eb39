import { describe, expect, it } from 'vitest';
import { startGate } from './index.js';
import { faultsOfPlan, fullPlan } from './plan.js';
import type { GatePlan } from './policy.js';

const error = { id: 'error', type: 'binary', role: 'guardrail', share: 1, prior: { p0: 0.01 } } as const;
const ni = { margins: [0.01, 0.05], act: 0.01 };
const plan = (metric: object, fields: object = {}): unknown => ({ format: 1, metrics: [{ ...error, ...metric }], ...fields });

describe('R-510 a plan that contradicts itself or says something unknown is refused', () => {
  it.each<[string, unknown, RegExp]>([
    ['no object', null, /plan must be an object/], ['a list', [], /plan must be an object/], ['another format', { ...plan({}) as object, format: 2 }, /format must be 1/],
    ['no metric', { format: 1, metrics: [] }, /at least one metric/], ['no guardrail', plan({ role: 'signal' }), /at least one guardrail/],
    ['an unknown field', plan({}, { alfa: 0.1 }), /plan\.alfa is not a field/], ['an unknown field of a metric', plan({ marign: 1 }), /error\.marign is not a field/],
    ['an unknown field of a test', plan({ harm: { tau: 0.1 } }), /harm\.tau is not a field/],
    ['a level of 0', plan({}, { alpha: 0 }), /alpha must be/], ['a level of 1', plan({}, { alphaPromote: 1 }), /alphaPromote must be/],
    ['no block at all', plan({}, { minBlocks: 0 }), /minBlocks/], ['no budget', plan({}, { errorBudget: 0 }), /errorBudget/], ['a first mass of 1', plan({}, { restart: { v0: 1 } }), /restart\.v0/],
    ['weight 10000', plan({}, { weightBp: 10_000 }), /weightBp/], ['an unknown reason', plan({}, { stage: { hold: ['LATER'] } }), /stage\.hold/],
    ['an empty id', plan({ id: '' }), /\.id must be/], ['a prior above 1', plan({ prior: { p0: 1.2 } }), /p0 must be/], ['NaN as prior', plan({ prior: { p0: NaN } }), /p0 must be/],
    ['no prior', plan({ prior: undefined }), /prior must be/], ['no share', plan({ share: undefined }), /share/], ['a share of 0', plan({ share: 0 }), /share must be/],
    ['odds of 1', plan({ harm: { odds: [1] } }), /odds must be/], ['no alternative', plan({ harm: { odds: [], learned: false } }), /at least one alternative/],
    ['descending margins', plan({ ni: { margins: [0.05, 0.01], act: 0.01 } }), /strictly ascend/], ['equal margins', plan({ ni: { margins: [0.01, 0.01], act: 0.01 } }), /strictly ascend/],
    ['no margin', plan({ ni: { margins: [], act: 0.01 } }), /margins must be/], ['an acting margin that is not on the grid', plan({ ni: { margins: [0.01], act: 0.02 } }), /act 0\.02 is not/],
    ['more tolerated than promoted', plan({ harm: { tolerance: 0.02 }, ni }), /tolerates 0\.02 where stable's rate is 0/],
    ['more tolerated at a high rate', plan({ harm: { rho: 1.5 }, ni }), /stable's rate is 1/],
    ['a half-life of 0', plan({ halfLifeBlocks: 0 }), /halfLifeBlocks/],
    ['a metric twice', { format: 1, metrics: [{ ...error, share: 0.5 }, { ...error, share: 0.5 }] }, /there twice/],
    ['more than one alpha', { format: 1, metrics: [{ ...error, share: 0.7 }, { ...error, id: 'slow', share: 0.7 }] }, /sum to 1\.4/],
  ])('%s', (_name, value, message) => {
    expect(faultsOfPlan(value).join('\n')).toMatch(message);
    expect(() => startGate(value as GatePlan)).toThrow(RangeError);
  });

  const prior = { mean: 0.2, variance: 0.02 };
  const scored = (fields: object): unknown => ({ format: 1, metrics: [{ id: 'quality', type: 'histogram', role: 'guardrail', share: 1, prior, ...fields }] });
  const spent = (fields: object): unknown => ({ format: 1, metrics: [{ id: 'cost', type: 'moments', role: 'guardrail', share: 1, prior, harm: { scale: 0.04 }, ...fields }] });
  const counted = (fields: object): unknown => ({ format: 1, metrics: [error, { id: 'assignment', type: 'units', ...fields }] });
  it.each<[string, unknown, RegExp]>([
    ['no type', plan({ type: undefined }), /type is missing/], ['an unknown type', plan({ type: 'poisson' }), /type must be one of binary, histogram, moments, units/],
    ['an inherited name as type', plan({ type: 'constructor' }), /type must be one of/],
    ['a cap of 0', scored({ cap: 0 }), /cap must be a number > 0/], ['a mean above the cap', scored({ cap: 0.1 }), /prior\.mean must be a number in \[0, 0\.1\]/], ['no spread', scored({ prior: { mean: 0.2, variance: 0 } }), /variance must be/],
    ['odds of a score', scored({ harm: { odds: [2] } }), /harm\.odds is not a field/], ['an effect of 0', scored({ harm: { effects: [0] } }), /effects must be/], ['no effect', scored({ ni: { ...ni, effects: [] } }), /effects must be/],
    ['a whole stake', scored({ harm: { trunc: 1 } }), /trunc must be/], ['a rate as prior', scored({ prior: { p0: 0.1 } }), /prior\.mean is missing/], ['a scale of a score', scored({ harm: { scale: 1 } }), /scale is not a field/],
    ['default effects of a mean of 0', scored({ cap: 2, prior: { mean: 0, variance: 1 } }), /name effects > 0/],
    ['more tolerated than promoted at the cap', scored({ cap: 3, harm: { rho: 1.1 }, ni: { margins: [0.2], act: 0.2 } }), /stable's mean is 3, the margin allows only 3\.2/],
    ['no harm test named of moments', spent({ harm: undefined }), /harm must be/], ['harm of moments left out', { format: 1, metrics: [{ id: 'cost', type: 'moments', role: 'guardrail', share: 1, prior }] }, /cost\.harm is missing/],
    ['no scale', spent({ harm: {} }), /scale is missing/], ['a cap of moments', spent({ cap: 1 }), /cap is not a field/], ['no scale of the margins', spent({ ni }), /ni\.scale is missing/],
    ['a steeper harm test', spent({ harm: { rho: 1.2, scale: 1 }, ni: { ...ni, rho: 1.1, scale: 1 } }), /tolerates 1\.2 times stable's mean, the margin allows only 1\.1/],
    ['more tolerated than promoted without a cap', spent({ harm: { tolerance: 0.02, scale: 1 }, ni: { ...ni, scale: 1 } }), /tolerates 0\.02/],
    ['a role of the assignment', counted({ role: 'guardrail' }), /role is not a field/], ['a share of the assignment', counted({ share: 0.1 }), /share is not a field/], ['no tilt', counted({ tilts: [] }), /tilts must be/],
    ['NaN as tilt', counted({ tilts: [NaN] }), /tilts must be/], ['only an assignment', { format: 1, metrics: [{ id: 'assignment', type: 'units' }] }, /at least one guardrail/],
  ])('of another type: %s', (_name, value, message) => {
    expect(faultsOfPlan(value).join('\n')).toMatch(message);
    expect(() => startGate(value as GatePlan)).toThrow(RangeError);
  });

  it.each<[string, unknown]>([
    ['a score', scored({})], ['a score with everything said', scored({ cap: 1, minUnits: 5, halfLifeBlocks: 100, excessWeight: 1, harm: { rho: 1.05, tolerance: 0, effects: [0.1], trunc: 0.5 }, ni: { rho: 1.1, margins: [0, 0.02], act: 0, effects: [0.1], trunc: 0.5 } })],
    ['a mean with a cap', scored({ cap: 7 })], ['a mean of 0 with effects', scored({ cap: 2, prior: { mean: 0, variance: 1 }, harm: { effects: [0.1] } })],
    ['moments', spent({})], ['moments without a harm test', spent({ harm: null, ni: { ...ni, scale: 1 } })], ['a negative mean', spent({ prior: { mean: -3, variance: 1 } })],
    ['an assignment', counted({})], ['an assignment with its own tilts', counted({ tilts: [0.3] })], ['better by two points', plan({ harm: { tolerance: -0.02 }, ni: { margins: [-0.02, 0], act: -0.02 } })],
  ])('of another type, %s is a plan', (_name, value) => { expect(faultsOfPlan(value)).toEqual([]); });

  it.each<[string, unknown]>([
    ['the least', plan({})], ['an observed metric without a share', { format: 1, metrics: [error, { id: 'length', type: 'binary', role: 'observe', prior: { p0: 0.5 } }] }],
    ['harm switched off', plan({ harm: null, ni })], ['tolerance equal to the margin', plan({ harm: { tolerance: 0.01 }, ni })], ['plain products', plan({}, { restart: null })],
    ['shares that sum to 1 with a rounding error', { format: 1, metrics: Array.from({ length: 10 }, (_, i) => ({ ...error, id: `m${i}`, share: 0.1 })) }],
  ])('%s is a plan', (_name, value) => { expect(faultsOfPlan(value)).toEqual([]); });

  it('says what its defaults are', () => {
    expect(fullPlan(plan({ ni }) as GatePlan)).toMatchObject({
      alpha: 0.01, alphaPromote: 0.05, alphaCs: 0.05, minBlocks: 2, errorBudget: 25, restart: { v0: 0.75 }, weightBp: 5_000,
      stage: { last: true, minMet: true, maxMet: false, nextUnits: 0, hold: [] },
    });
  });
});
