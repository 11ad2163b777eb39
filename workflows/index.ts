/** All that Temporal registers. Every function exported here becomes a workflow type. */
export { runRelease } from './release.js';
export { runCalibration } from './calibration.js';
export { runEvaluation } from './evaluation.js';
export { runWatch } from './watch.js';
