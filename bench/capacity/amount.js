/** @param {number} value @returns {string} three significant digits: 0.0159, 1,230, 4.2 M, 1.24 T */
export function amount(value) {
  if (value === 0) return '0';
  for (const [size, letter] of /** @type {const} */ ([
    [1e12, 'T'],
    [1e9, 'G'],
    [1e6, 'M'],
  ]))
    if (value >= size) return `${amount(value / size)} ${letter}`;
  return value.toLocaleString('en-GB', { maximumSignificantDigits: 3 });
}

/** @param {number} value dollars */
export const usd = (value) => (value > 0 && value < 0.01 ? 'under $0.01' : `$${amount(value)}`);
