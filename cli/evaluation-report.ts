import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { argument, wanted, type Context, type Typed } from './context.js';
import { changedOf, resultsOf, rowsOf } from './evaluation-view.js';
import { summaryOf } from './evaluation-summary.js';
import { EXIT } from './exit.js';
import { htmlOf } from './report-html.js';
import { unwritable } from './report.js';

/** Rows that charts and clusters are drawn from. */
const ROWS_READ = 1_000;

/** `slipway evaluation report ID -o FILE` */
export async function report(typed: Typed, { io, out, client }: Context): Promise<number> {
  const [id, file] = [argument(typed, 0), wanted(typed, 'output')];
  const api = await client('author');
  const view = await resultsOf(api, id);
  const [read, changed] = await Promise.all([rowsOf(api, id, ROWS_READ), changedOf(api, view)]);
  const { rows, total } = read;
  const page = htmlOf(summaryOf({ view, read, changed }), rows, total);
  if (file === '-') { io.stdout.write(page); return EXIT.ok.code; }
  const target = path.resolve(io.cwd, file);
  await writeFile(target, page).catch((error: unknown) => { throw unwritable(file, error); });
  out.record('report', { evaluation: id, file: target, bytes: Buffer.byteLength(page), rows: rows.length, rowsTotal: total });
  out.line(`Evaluation ${id} is written to ${file}.`);
  out.next(`slipway evaluation show ${id}`);
  return EXIT.ok.code;
}
