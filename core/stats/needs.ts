/** What a method asks of its caller. A number outside is the caller's bug, and the error says which field it was. */

/** @throws RangeError unless low <= value <= high; NaN is outside of everything */
export function needRange(field: string, value: number, low: number, high: number): void {
  if (!(value >= low && value <= high)) throw new RangeError(`${field} must lie in [${low}, ${high}], not ${value}`);
}

/** @throws RangeError unless the value is a finite number above 0 */
export function needPositive(field: string, value: number): void {
  if (!(value > 0 && value < Infinity)) throw new RangeError(`${field} must be a number above 0, not ${value}`);
}

/** @throws RangeError unless the value is finite */
export function needFinite(field: string, value: number): void {
  if (!Number.isFinite(value)) throw new RangeError(`${field} must be a finite number, not ${value}`);
}

/** @throws RangeError unless the value is a whole number in [0, 2^53) */
export function needCount(field: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${field} must be a whole number from 0, not ${value}`);
}

/** @throws RangeError unless 0 < value < 1 */
export function needInside(field: string, value: number): void {
  if (!(value > 0 && value < 1)) throw new RangeError(`${field} must lie in (0,1), not ${value}`);
}
