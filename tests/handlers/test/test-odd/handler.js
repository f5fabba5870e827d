/** @type {Record<string, () => unknown>} */
const ways = {
  throwsUndefined: () => {
    throw undefined;
  },
  throwsText: () => {
    throw 'just text';
  },
  rejectsNull: () => Promise.reject(null),
  returnsCycle: () => {
    /** @type {Record<string, unknown>} */
    const cycle = {};
    cycle.self = cycle;
    return cycle;
  },
  returnsBigInt: () => 1n,
  returnsFunction: () => () => {},
  returnsHalfCharacter: () => ({ text: 'a\ud800b' }),
  returnsTooMuch: () => 'x'.repeat(1024 * 1024 + 1),
};

/** @param {{ way: string }} payload */
export default ({ way }) => ways[way]?.();
