// The terminal: lines that stay, and under them a table that is redrawn in place. Where the output is no
// terminal, or one too small for the table, a row is printed whenever it changes.

/** @typedef {{ id: string, cells: string[] }} Row */

const clearBelow = '\u001b[0J';

/** @param {number} lines */
const up = (lines) => (lines > 0 ? `\u001b[${lines}A\r` : '\r');

export class Screen {
  /** @type {string[]} lines of the table as drawn */
  #drawn = [];
  /** @type {Map<string, string>} row as last printed, by id */
  #printed = new Map();

  /**
   * @param {import('node:tty').WriteStream | NodeJS.WritableStream} out
   * @param {{ header: string[], widths: number[] }} table widths: characters of each column; 0: as
   *   many as there are
   */
  constructor(out, { header, widths }) {
    this.out = /** @type {import('node:tty').WriteStream} */ (out);
    this.header = header;
    this.widths = widths;
  }

  /** @param {string} line */
  print(line) {
    const erase = this.#drawn.length > 0 ? up(this.#drawn.length) + clearBelow : '';
    this.out.write(`${erase}${line}\n${this.#drawn.map((drawn) => `${drawn}\n`).join('')}`);
  }

  /** @param {Row[]} rows all of the table's */
  show(rows) {
    if (this.out.isTTY && rows.length + 2 < (this.out.rows ?? 0)) this.#redraw(rows);
    else this.#printChanges(rows);
  }

  /** What is drawn now stays; the next table is drawn under it. */
  keep() {
    this.#drawn = [];
    this.#printed.clear();
  }

  /** @param {string[]} cells */
  #line(cells) {
    const padded = cells.map((cell, n) => cut(cell, this.widths[n] ?? 0, n < cells.length - 1));
    return padded.join('  ').trimEnd();
  }

  /** @param {Row[]} rows */
  #redraw(rows) {
    const columns = this.out.columns ?? 80;
    const lines = [this.header, ...rows.map(({ cells }) => cells)].map((cells) =>
      cut(this.#line(cells), columns - 1, false),
    );
    this.out.write(`${up(this.#drawn.length)}${clearBelow}${lines.map((line) => `${line}\n`).join('')}`);
    this.#drawn = lines;
  }

  /** @param {Row[]} rows */
  #printChanges(rows) {
    this.#drawn = [];
    for (const { id, cells } of rows) {
      const line = this.#line(cells);
      if (this.#printed.get(id) === line) continue;
      if (this.#printed.size === 0) this.out.write(`${this.#line(this.header)}\n`);
      this.#printed.set(id, line);
      this.out.write(`${line}\n`);
    }
  }
}

/**
 * @param {string} text
 * @param {number} width 0: as it is
 * @param {boolean} pad
 * @returns {string} the text cut to the width, and filled up to it
 */
function cut(text, width, pad) {
  if (width === 0) return text;
  const characters = [...text];
  if (characters.length > width) return `${characters.slice(0, width - 1).join('')}…`;
  return pad ? text + ' '.repeat(width - characters.length) : text;
}
