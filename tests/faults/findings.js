// What a scenario found: every expectation is checked and told, met or not.

/** @typedef {{ what: string, ok: boolean, detail?: unknown }} Finding */

/** The expectations of one scenario, in order. */
export class Findings {
  /** @type {Finding[]} */
  list = [];

  /**
   * @param {string} what is expected, as a statement
   * @param {boolean} ok
   * @param {unknown} [detail] what was found instead
   */
  check(what, ok, detail) {
    this.list.push(ok ? { what, ok } : { what, ok, detail });
  }

  /**
   * @param {string} what
   * @param {unknown} actual
   * @param {unknown} expected compared as JSON
   */
  equal(what, actual, expected) {
    const [left, right] = [JSON.stringify(actual), JSON.stringify(expected)];
    this.check(what, left === right, `${left} instead of ${right}`);
  }

  /** @returns {Finding[]} what is not as expected */
  get failed() {
    return this.list.filter(({ ok }) => !ok);
  }
}

/**
 * What every scenario is given and answers with.
 *
 * @typedef {object} Task
 * @property {number} seed of everything that is left to chance
 * @property {(line: string) => void} print
 * @property {number} [cycles] how often the fault strikes; default: the scenario's own
 * @property {boolean} [small] the version for every test run
 * @typedef {{ findings: Findings, figures: Record<string, any> }} Outcome
 */
