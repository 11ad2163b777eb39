import { condition, setHandler } from '@temporalio/workflow';
import type { ReleaseAct } from '../core/release/index.js';
import {
  acknowledgeUpdate, approveUpdate, bornUpdate, cancelUpdate, pauseUpdate, rejectUpdate, resumeUpdate, rolledBackSignal,
} from './messages.js';
import type { AcknowledgeAct, Act, ActResult } from './messages.js';
import { commitAct } from './proxies.js';
import { adopt } from './release-flight.js';
import type { Flight } from './release-flight.js';

/** Listens to people and to the relay. Every message names its release: this workflow's id belongs to the environment. */
export function hear(flight: Flight): void {
  setHandler(bornUpdate, async () => {
    await condition(() => flight.birth !== null);
    if (flight.birth === null) throw new RangeError('born without a birth');
    return flight.birth;
  });
  setHandler(rolledBackSignal, (note) => { if (note.release === flight.at.release) flight.note ??= note; });
  setHandler(approveUpdate, (act) => commit(flight, 'approve', act));
  setHandler(rejectUpdate, (act) => commit(flight, 'reject', act));
  setHandler(pauseUpdate, (act) => commit(flight, 'pause', act));
  setHandler(resumeUpdate, (act) => commit(flight, 'resume', act));
  setHandler(cancelUpdate, (act) => commit(flight, 'cancel', act));
  setHandler(acknowledgeUpdate, (act) => commit(flight, 'acknowledge', act));
}

/** Commits one act, then follows the document. Whether its state allows the act is the document's to say: it may be a write ahead of us. */
async function commit(flight: Flight, act: ReleaseAct, message: Act | AcknowledgeAct): Promise<ActResult> {
  const { release } = flight.at;
  if (message.release !== release) return conflict(`${message.release} is not the release that is open here; ${release} is.`);
  await condition(() => flight.birth !== null);
  if (flight.birth?.kind !== 'opened') return conflict(`${release} was never opened.`);
  if (flight.note !== null) return conflict(`${release} has been rolled back.`);
  if (flight.closing) return conflict(`${release} is just ending.`);
  flight.acting += 1;
  try {
    const { actor, name, team, reason, id } = message;
    const metric = 'metric' in message ? { metric: message.metric } : {};
    const committed = await commitAct({ act, at: flight.at, actor, name, team, reason, id, ...metric });
    if (committed.kind === 'refused') return committed;
    if (act === 'pause') flight.paused.manual = true;
    adopt(flight, committed.standing);
    return { kind: committed.kind, state: committed.standing.state };
  } finally { flight.acting -= 1; }
}

const conflict = (message: string): ActResult => ({ kind: 'refused', code: 'CONFLICT', message, hint: 'Look at the release, then decide again.' });
