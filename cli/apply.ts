import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { BadInputError } from '../core/errors.js';
import { readManifest } from '../schema/manifest.js';
import { planOf, type Step } from './apply-plan.js';
import { InterruptedError, isOn, wanted, type Context, type Typed } from './context.js';
import { EXIT } from './exit.js';

/** `slipway apply -f slipway.yaml`: a plan, a question, and only what differs. */
export async function apply(typed: Typed, context: Context): Promise<number> {
  const { io, out } = context;
  const file = path.resolve(io.cwd, wanted(typed, 'file'));
  const steps = await readPlan(file, context);
  const work = await tellPlan(steps, context);
  if (work.length === 0) {
    out.line('Nothing to do.');
    out.next('slipway status');
    return EXIT.ok.code;
  }
  if (isOn(typed, 'plan')) { out.next(`slipway apply -f ${wanted(typed, 'file')} --yes`); return EXIT.ok.code; }
  if (!isOn(typed, 'yes') && !(await isAgreed(context, work.length))) { out.line('Nothing was changed.'); return EXIT.ok.code; }
  await performAll(work, context);
  out.next('slipway prompt push <file>');
  return EXIT.ok.code;
}

export async function readPlan(file: string, context: Context): Promise<Step[]> {
  const { io, client, stack } = context;
  const text = await readFile(file, 'utf8').catch(() => { throw new BadInputError(`${file} cannot be read.`, 'slipway apply -f slipway.yaml'); });
  // A development stack has its model on a port of its own; env:SLIPWAY_MODEL_URL names it in a file that is the same everywhere.
  const model = (await stack())?.model;
  const env = { ...(model === undefined || model === '' ? {} : { SLIPWAY_MODEL_URL: model }), ...io.env };
  const api = await client('releaseManager');
  const steps: Step[] = [];
  for (const manifest of readManifest(text)) steps.push(...(await planOf(manifest, api, { folder: path.dirname(file), env })));
  return steps;
}

/** @returns the steps that have something to do */
export async function tellPlan(steps: readonly Step[], { out }: Context): Promise<readonly Step[]> {
  const colour = { create: 'good', change: 'bold', unchanged: 'dim' } as const;
  for (const { application, kind, name, change } of steps) out.record('plan', { application, kind, name, change });
  await out.table(['plan', 'kind', 'name'], steps.map(({ kind, name, change }) => [out.paint(colour[change], change), kind, name]));
  const work = steps.filter(({ change }) => change !== 'unchanged');
  out.line(`\n${steps.filter(({ change }) => change === 'create').length} to create, ${steps.filter(({ change }) => change === 'change').length} to change, ${steps.length - work.length} unchanged.`);
  return work;
}

export async function performAll(work: readonly Step[], { out, client }: Pick<Context, 'out' | 'client'>): Promise<void> {
  for (const step of work) {
    const version = await step.perform(await client(step.person));
    out.record('applied', { application: step.application, kind: step.kind, name: step.name, change: step.change, ...(version === undefined ? {} : { version }) });
    out.line(`${out.paint('good', step.change === 'create' ? 'created' : 'changed')}  ${step.kind} ${step.name}${version === undefined ? '' : `, version ${version}`}`);
  }
}

async function isAgreed({ io, out }: Context, count: number): Promise<boolean> {
  if (!out.isTty) throw new BadInputError(`${count} things differ, and there is nobody to ask.`, 'Look at the plan, then add --yes.');
  const reader = createInterface({ input: io.stdin, output: io.stdout });
  try {
    const answer = await reader.question(`Make it so (${count})? [y/N] `, { signal: io.signal });
    return /^y(es)?$/i.test(answer.trim());
  } catch { throw new InterruptedError(); } finally { reader.close(); }
}
