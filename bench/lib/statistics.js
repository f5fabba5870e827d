/**
 * @param {number[]} values
 * @returns {number} the middle one, or the mean of both; NaN of none
 */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return Number.isInteger(middle) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[Math.floor(middle)];
}

/**
 * @param {number[]} values
 * @param {number} percent above 0, to 100
 * @returns {number} the smallest value that so many percent of all do not exceed (nearest rank); NaN of none
 */
export function percentile(values, percent) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? Number.NaN;
}

/**
 * @param {number} value
 * @param {number} [digits] after the point
 */
export function rounded(value, digits = 0) {
  return Number(value.toFixed(digits));
}
