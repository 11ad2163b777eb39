import { condition } from '@temporalio/workflow';
import { awaitReaders, takeBack } from './proxies.js';
import { nextId } from './release-flight.js';
import type { Flight, Step } from './release-flight.js';

/** Who finds the epoch gone was rolled back by somebody; the note says by whom and why, and may come a little later. */
const NOTE_WAIT = '30s';

/** Back, and proven: every connected reader serves stable, or is named, or its lease has run out. */
export async function rollBack(flight: Flight): Promise<Step<'ROLLING_BACK'>> {
  if (flight.note === null && flight.cause === null) await condition(() => flight.note !== null, NOTE_WAIT);
  const { note, cause } = flight;
  const back = await takeBack({ at: flight.at, id: nextId(flight), note, cause });
  await awaitReaders({ at: flight.at, rev: back.rev, epoch: back.epoch });
  return { to: 'ROLLED_BACK', reason: back.reason, ...(note === null ? {} : { actor: note.actor }) };
}
