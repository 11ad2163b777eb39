/**
 * The helpdesk and its simulated users, as a program:
 *
 *     SLIPWAY_EDGE_URL=… SLIPWAY_API_KEY=slp_ap_… SLIPWAY_MODEL_URL=…/v1 npx tsx examples/helpdesk/main.ts
 *
 *   --json        a JSON line a second instead of a sentence
 *   --tether      end when standard input ends: for a program that starts this one
 *   --per-sec N   users a second (18)
 */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createHelpdesk } from './app.js';
import { readContent, type Content } from './content.js';
import { startUsers } from './users.js';

const EVERY_MS = 500;
const CHUNK = 24;

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false }, tether: { type: 'boolean', default: false }, 'per-sec': { type: 'string', default: '18' } } });
const required = (name: string): string => {
  const value = process.env[name];
  if (value === undefined || value === '') { process.stderr.write(`${name} is not set. slipway dev prints what it has to be.\n`); process.exit(1); }
  return value;
};
const [edgeUrl, edgeKey, modelUrl] = [required('SLIPWAY_EDGE_URL'), required('SLIPWAY_API_KEY'), required('SLIPWAY_MODEL_URL')];
const ratePerSec = Number(values['per-sec']);
if (!(ratePerSec > 0 && ratePerSec <= 1_000)) { process.stderr.write('--per-sec is above 0 and at most 1000.\n'); process.exit(1); }
const say = (type: string, fields: Readonly<Record<string, number>>): void => {
  process.stdout.write(values.json ? `${JSON.stringify({ type, ...fields })}\n` : `${type}: ${Object.entries(fields).map(([name, value]) => `${name} ${value}`).join(', ')}\n`);
};

const stopped = new Promise<void>((resolve) => {
  process.once('SIGTERM', resolve).once('SIGINT', resolve);
  if (values.tether) process.stdin.once('end', resolve).once('error', () => { resolve(); }).resume();
});
process.stdout.on('error', () => { process.exit(1); });   // nobody listens any more

// Beside this file, or, when it was built, beside its source.
const content = readContent(existsSync(new URL('handbook.md', import.meta.url)) ? undefined : new URL('../../../examples/helpdesk/', import.meta.url));
let isOver = false;
void stopped.then(() => { isOver = true; });
await prewarm(content);
if (isOver) process.exit(0);
const helpdesk = createHelpdesk({ edgeUrl, edgeKey, modelUrl, content });
const users = startUsers({ helpdesk, questions: content.users, ratePerSec });
const timer = setInterval(() => { say('users', { ...users.counts }); }, EVERY_MS);
await stopped;
clearInterval(timer);
await users.stop();
await helpdesk.close();
say('users', { ...users.counts });
process.exit(0);

/** What users will ask and what they will be answered from, so that the first of them need not wait. A model without this door is asked as it comes. */
async function prewarm({ passages, users: asking }: Content): Promise<void> {
  const texts = [...new Set([...passages, ...asking.map(({ question }) => question)])];
  for (let done = 0; done < texts.length && !isOver; done += CHUNK) {
    const response = await fetch(`${modelUrl}/prewarm`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ texts: texts.slice(done, done + CHUNK) }) }).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.ok !== true) return;
    say('prewarm', { done: Math.min(done + CHUNK, texts.length), total: texts.length });
  }
}
