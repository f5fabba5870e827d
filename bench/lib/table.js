/** @typedef {string | number | undefined} Cell */

/**
 * A number as people read it: grouped from 1000 on, no more than three significant digits below 100.
 *
 * @param {number} value
 * @returns {string}
 */
export function figure(value) {
  if (!Number.isFinite(value)) return '–';
  const digits = Math.abs(value) >= 100 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 3 };
  return value.toLocaleString('en-GB', digits);
}

/**
 * Lines of a table: text to the left, numbers (as `figure` writes them) to the right.
 *
 * @param {string[]} header
 * @param {Cell[][]} rows a cell that is undefined shows a dash
 * @returns {string[]} the header, a rule, and a line for each row
 */
export function formatTable(header, rows) {
  const texts = rows.map((row) => header.map((_, n) => cellText(row[n])));
  const widths = header.map((title, n) => Math.max(title.length, ...texts.map((row) => row[n].length)));
  const right = header.map((_, n) => rows.some((row) => typeof row[n] === 'number'));
  const line = (/** @type {string[]} */ cells) =>
    cells
      .map((cell, n) => (right[n] ? cell.padStart(widths[n]) : cell.padEnd(widths[n])))
      .join('  ')
      .trimEnd();
  return [line(header), widths.map((width) => '-'.repeat(width)).join('  '), ...texts.map(line)];
}

/** @param {Cell} cell */
function cellText(cell) {
  if (cell === undefined) return '–';
  return typeof cell === 'number' ? figure(cell) : cell;
}
