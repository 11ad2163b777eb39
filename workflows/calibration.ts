import { ActivityFailure, allHandlersFinished, condition, setHandler } from '@temporalio/workflow';
import type { CalibrationBirth, CalibrationOrder, ProbesAsked } from '../activities/index.js';
import { calibrationBornUpdate } from './messages.js';
import { askProbes, finishCalibration, openCalibration } from './proxies.js';

/** Questions in one activity. */
const PROBES = 50;

/** One calibration of a judge: all its questions, then what they say. */
export async function runCalibration(order: CalibrationOrder): Promise<string> {
  let birth: CalibrationBirth | null = null;
  setHandler(calibrationBornUpdate, async () => {
    await condition(() => birth !== null);
    if (birth === null) throw new RangeError('born without a birth');
    return birth;
  });
  const opened = await openCalibration(order);
  birth = opened.birth;
  let state: string = opened.state;
  if (opened.state === 'RUNNING') state = await finishCalibration({ order, error: await asked(order, opened.probes) });
  await condition(allHandlersFinished);
  return state;
}

/** Why not all of it was asked; null where it was. */
async function asked(order: CalibrationOrder, probes: number): Promise<string | null> {
  let before: ProbesAsked | null = null;
  for (let from = 0; from < probes; from += PROBES) {
    const to = Math.min(from + PROBES, probes);
    try { before = await askProbes({ order, from, to, before }); } catch (error) {
      if (error instanceof ActivityFailure) return error.cause?.message ?? error.message;
      throw error;
    }
    if (before.isSpent) return `The budget was spent after ${before.spending.calls} calls, before all ${probes} questions were asked.`;
  }
  return null;
}
