/** Every row of statistics.md section 8, in its order. */
import { BOUNDED_ROWS } from './bounded-rows.js';
import { DETECTION_ROWS } from './detection-rows.js';
import { EXACT_ROWS } from './exact-rows.js';
import { KAYENTA_ROWS } from './kayenta-rows.js';
import { NULL_ROWS } from './null-rows.js';
import { PROMOTION_ROWS } from './promotion-rows.js';
import type { Row } from './rows.js';

export const ROWS: readonly Row[] = [...NULL_ROWS, ...BOUNDED_ROWS, ...DETECTION_ROWS, ...PROMOTION_ROWS, ...EXACT_ROWS, ...KAYENTA_ROWS]
  .sort((x, y) => x.id[0] === y.id[0] ? x.number - y.number : 'NDLPSGFXK'.indexOf(x.id[0] ?? '') - 'NDLPSGFXK'.indexOf(y.id[0] ?? ''));
