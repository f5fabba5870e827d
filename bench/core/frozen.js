// Time and entropy that stand still while a flow runs: what it binds and decides is then the same each time.

const { now } = Date;
const getRandomValues = crypto.getRandomValues.bind(crypto);

/**
 * @param {number} at ms since the epoch, which Date.now() says from now on
 * @param {Uint8Array} seed what crypto.getRandomValues() gives, from its start each time
 */
export function freeze(at, seed) {
  Date.now = () => at;
  crypto.getRandomValues = (/** @type {any} */ array) => {
    array.set(seed.subarray(0, array.length));
    return array;
  };
}

/** Time and entropy go on. */
export function thaw() {
  Date.now = now;
  crypto.getRandomValues = getRandomValues;
}
