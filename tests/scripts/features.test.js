// docs/features.md names, for every feature, tests that exist.
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** @typedef {{ feature: string, how: string, shown: string }} Row */

/** @type {Row[]} */
const rows = readFileSync('docs/features.md', 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('|') && !/^\| (feature |-+ )/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, feature = '', how = '', shown = '']) => ({ feature, how, shown }));

/** @param {string} name folder/file @returns {string} what its file holds; empty: there is none, or two */
function fileOf(name) {
  const found = [`tests/${name}.test.js`, `tests/${name}_test.cc`].filter((file) => existsSync(file));
  return found.length === 1 ? readFileSync(String(found[0]), 'utf8') : '';
}

/** @param {string} text @param {string} name @returns {boolean} whether the name stands there as a string */
const holds = (text, name) => ['"', "'", '`'].some((quote) => text.includes(quote + name + quote));

/** @param {Row} row @returns {string[]} what is wrong with it */
function faultsOf({ feature, how, shown }) {
  if (!feature || !how) return [`${feature}: a cell is empty`];
  if (shown === 'not yet') return [];
  const cited = [...shown.matchAll(/`([^`]+)` "([^"]+)"/g)];
  const rest = cited
    .reduce((text, [whole]) => text.replace(whole, ''), shown)
    .replaceAll(';', '')
    .trim();
  const unknown = cited.filter(([, file = '', name = '']) => !holds(fileOf(file), name));
  return [
    ...(cited.length === 0 || rest ? [`${feature}: "${shown}" names no test`] : []),
    ...unknown.map(([whole]) => `${feature}: there is no ${whole}`),
  ];
}

test('every feature has tests that exist', () => {
  expect(rows.length).toBeGreaterThan(140);
  expect(rows.flatMap(faultsOf)).toEqual([]);
});
