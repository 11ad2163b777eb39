/** Where a report goes, and in which form. */
import { appendFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { BadInputError } from '../core/errors.js';
import { optional, type Io, type Typed } from './context.js';
import type { Reported } from './evaluation-summary.js';
import { createOutput, type Output } from './output.js';
import { junitOf } from './report-junit.js';
import { markdownOf } from './report-markdown.js';

export const REPORT_KINDS = ['markdown', 'junit', 'json', 'github'] as const;
export type ReportKind = (typeof REPORT_KINDS)[number];
export interface ReportOrder { readonly kind: ReportKind; readonly file: string | null }

/** @throws BadInputError before anything is begun that could not be told in the end */
export function reportOrderOf(typed: Typed, io: Io): ReportOrder | null {
  const [kind, file] = [optional(typed, 'report'), optional(typed, 'output')];
  if (kind === undefined) {
    if (file !== undefined) throw new BadInputError('--output says where a report goes, and none was asked for.', `Say which: --report ${REPORT_KINDS.join(', ')}.`);
    return null;
  }
  const known = REPORT_KINDS.find((one) => one === kind);
  if (known === undefined) throw new BadInputError(`There is no report ${kind}.`, `One of ${REPORT_KINDS.join(', ')}.`);
  if (known === 'github' && (io.env['GITHUB_STEP_SUMMARY'] ?? '') === '') throw new BadInputError('GITHUB_STEP_SUMMARY is not set: this is no step of GitHub Actions.', 'Elsewhere: --report markdown --output FILE.');
  return { kind: known, file: file === undefined || file === '-' ? null : file };
}

/** A report on standard output stands there alone: what else is said goes to standard error. */
export function outputBeside(order: ReportOrder | null, io: Io, out: Output): Output {
  return order === null || order.kind === 'github' || order.file !== null ? out : createOutput({ stdout: io.stderr, stderr: io.stderr, isTty: false, env: io.env }, out.isJson);
}

export async function writeReport({ kind, file }: ReportOrder, reported: Reported, io: Io): Promise<void> {
  const text = textOf(kind, reported);
  const { summaries, standing } = reported;
  if (kind === 'github') {
    await append(io.env['GITHUB_STEP_SUMMARY'] ?? '', text);
    const outputs = io.env['GITHUB_OUTPUT'] ?? '';
    // Words of ours and ids: no line of it can become another output.
    if (outputs !== '') await append(outputs, `verdict=${standing}\nevaluation=${summaries.map(({ evaluation }) => evaluation.replace(/[^\w.:/-]/g, '')).join(',')}\n`);
  }
  if (file !== null) await put(path.resolve(io.cwd, file), text);
  else if (kind !== 'github') io.stdout.write(text);
}

export function textOf(kind: ReportKind, reported: Reported): string {
  switch (kind) {
    case 'markdown': case 'github': return markdownOf(reported);
    case 'junit': return junitOf(reported);
    case 'json': return `${JSON.stringify({ format: 1, standing: reported.standing, notes: reported.notes, refusals: reported.refusals, evaluations: reported.summaries }, null, 2)}\n`;
  }
}

const append = (file: string, text: string): Promise<void> => appendFile(file, text).catch((error: unknown) => { throw unwritable(file, error); });
const put = (file: string, text: string): Promise<void> => writeFile(file, text).catch((error: unknown) => { throw unwritable(file, error); });
export const unwritable = (file: string, error: unknown): BadInputError => new BadInputError(`${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`, 'Name a file in a folder that exists.');
