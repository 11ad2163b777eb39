import http from 'node:http';
import https from 'node:https';
import { connect } from 'node:net';
import { SlipwayError } from '../core/errors.js';
import type { Context, Stack, Typed } from './context.js';
import { EXIT } from './exit.js';

/** What was found out about one part, and what to do when it is not well. */
export interface Finding { readonly part: string; readonly isWell: boolean; readonly found: string; readonly advice: string }
const LIMIT_MS = 3_000;
const NODE_MIN = [20, 19] as const;

/** `slipway doctor` */
export async function doctor(_typed: Typed, { out, client, stack }: Context): Promise<number> {
  const here = await stack();
  const findings: Finding[] = [nodeFinding(process.versions.node)];
  findings.push(here === undefined
    ? { part: 'stack', isWell: true, found: 'no development stack in this directory', advice: '' }
    : { part: 'stack', isWell: true, found: `dev.json names ${here.api}`, advice: '' });
  findings.push(...(await apiFindings(client, here)));
  if (here !== undefined) findings.push(...(await Promise.all([readiness('edge', here.edge), modelFinding(here), temporalFinding(here)])));
  for (const finding of findings) out.record('finding', { ...finding });
  await out.table(['', 'part', 'found'], findings.map(({ part, isWell, found }) => [isWell ? out.paint('good', 'ok') : out.paint('bad', 'no'), part, found]));
  const sick = findings.filter(({ isWell }) => !isWell);
  for (const { part, advice } of sick) out.line(`\n${part}: ${advice}`);
  out.next(sick.length === 0 ? 'slipway status' : 'slipway doctor');
  return sick.length === 0 ? EXIT.ok.code : EXIT.unavailable.code;
}

export function nodeFinding(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isWell = major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1]);
  return { part: 'node', isWell, found: version, advice: `Install Node ${NODE_MIN.join('.')} or newer.` };
}

async function apiFindings(client: Context['client'], here: Stack | undefined): Promise<Finding[]> {
  try {
    const api = await client('releaseManager');
    const ready = await readiness('api', api.url);
    if (!ready.isWell) return [ready];
    const { me } = await api.ask<{ me: { id: string } }>('{ me { id } }');
    return [ready, { part: 'key', isWell: true, found: me.id, advice: '' }];
  } catch (error) {
    const advice = error instanceof SlipwayError ? error.hint : 'slipway dev';
    return [{ part: error instanceof SlipwayError && error.code !== 'UNAVAILABLE' ? 'key' : 'api', isWell: false, found: error instanceof Error ? error.message : String(error), advice: here === undefined ? advice : `${advice} If the stack has ended, start it again: slipway dev` }];
  }
}

/** `/readyz` of a program names what it waits for. */
async function readiness(part: string, url: string): Promise<Finding> {
  const answer = await get(`${url}/readyz`);
  if (answer.status === 200) return { part, isWell: true, found: `${url} is ready`, advice: '' };
  if (answer.status === undefined) return { part, isWell: false, found: `${url}: ${answer.text}`, advice: `Nothing answers at ${url}. Start the stack (slipway dev), or look into its log: logs/${part}.log in the data directory.` };
  const missing = missingOf(answer.text);
  return { part, isWell: false, found: `${url} lives and is not ready: ${missing.join(', ') || answer.status}`, advice: missing.map(adviceFor).join(' ') || 'Wait a moment and look again.' };
}

function missingOf(text: string): string[] {
  try {
    const { checks } = JSON.parse(text) as { checks?: Record<string, boolean> };
    return Object.entries(checks ?? {}).filter(([, isMet]) => !isMet).map(([name]) => name);
  } catch { return []; }
}

function adviceFor(check: string): string {
  if (/mongo|store|database/i.test(check)) return 'MongoDB does not answer: is it up, and is MONGODB_URI right? Until then edges serve what they last knew, and nothing can be changed.';
  if (/temporal|orders/i.test(check)) return 'Temporal does not answer: is it up, and is TEMPORAL_ADDRESS right? slipway rollback works without it.';
  if (/relay|audit/i.test(check)) return 'The audit relay is behind: restart bin/api.';
  return `It waits for ${check}: its log says why.`;
}

async function modelFinding({ model }: Stack): Promise<Finding> {
  if (model === '') return { part: 'model', isWell: true, found: 'none named', advice: '' };
  const { status, text } = await get(`${model}/models`);
  // A provider that asks for a key answers 401: it is there.
  const isWell = status !== undefined && status < 500;
  return { part: 'model', isWell, found: status === undefined ? `${model}: ${text}` : `${model} answers ${status}`, advice: 'Is SLIPWAY_MODEL_URL right? Evaluations and the demo need it; releases under way do not.' };
}

function temporalFinding({ temporal }: Stack): Promise<Finding> {
  const advice = 'Is Temporal up? Rollback works without it; the other acts wait.';
  const [host = '', port = ''] = temporal.split(/:(?=\d+$)/);
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port) || 7_233, timeout: LIMIT_MS });
    const end = (isWell: boolean, found: string): void => { socket.destroy(); resolve({ part: 'temporal', isWell, found: `${temporal} ${found}`, advice }); };
    socket.once('connect', () => { end(true, 'listens'); }).once('timeout', () => { end(false, 'is silent'); }).once('error', (error) => { end(false, error.message); });
  });
}

function get(url: string): Promise<{ readonly status: number | undefined; readonly text: string }> {
  return new Promise((resolve) => {
    if (!URL.canParse(url)) { resolve({ status: undefined, text: 'no address' }); return; }
    const request = (url.startsWith('https:') ? https : http).get(url, { agent: false, timeout: LIMIT_MS }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => { if (text.length < 65_536) text += chunk; }).on('end', () => { resolve({ status: response.statusCode, text }); }).on('error', (error) => { resolve({ status: undefined, text: error.message }); });
    });
    request.on('timeout', () => { request.destroy(new Error(`no answer in ${LIMIT_MS / 1_000} s`)); });
    request.on('error', (error: NodeJS.ErrnoException) => { resolve({ status: undefined, text: error.code === 'ECONNREFUSED' ? 'nothing listens there' : error.message }); });
  });
}
