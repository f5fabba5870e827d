// What no formatter checks, over every file that is not ignored: line lengths, forgotten reminders, paths of
// somebody's machine, registry hosts in lock files.
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './tools.mjs';

export const columnsMax = 110;
// Tests hold longer texts: SQL, JSON and titles that read as sentences.
const testColumnsMax = 120;

const ignored = new Set(['.git', 'node_modules', 'build', 'dist', 'coverage', '.wrangler']);
const source = /\.(js|mjs|cc|h|ts|cmake)$/;
const text =
  /\.(js|mjs|cc|h|ts|sql|cmake|json|jsonc|md|txt|html|css)$|(^|\/)(run|bootstrap|CMakeLists\.txt)$/;
// Put together from halves, so that this file does not find itself.
const reminder = new RegExp(
  String.raw`\b(${['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X', 'HA' + 'CK'].join('|')})\b`,
);
const machinePath = /(^|[\s"'`(=:])\/(home|root|Users|work)\/\w/;

/**
 * @param {string} file relative to the root
 * @returns {string[]} faults, `file:line: what` each
 */
function faultsIn(file) {
  /** @type {string[]} */
  const faults = [];
  const columns = file.startsWith('tests/') ? testColumnsMax : columnsMax;
  for (const [index, line] of readFileSync(path.join(root, file), 'utf8').split('\n').entries()) {
    const report = (/** @type {string} */ what) => faults.push(`${file}:${index + 1}: ${what}`);
    if (source.test(file) && [...line].length > columns) report(`longer than ${columns} columns`);
    if (reminder.test(line)) report('a reminder left behind');
    if (machinePath.test(line) || line.includes(root)) report('a path of one machine');
    if (path.basename(file) === 'package-lock.json' && line.includes('"resolved"'))
      report('a registry address');
  }
  return faults;
}

/** @returns {string[]} every fault in the project, `file:line: what` each */
export function tidinessFaults() {
  return globSync('**/*', { cwd: root, withFileTypes: true, exclude: (entry) => ignored.has(entry.name) })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .filter((file) => text.test(file))
    .sort()
    .flatMap(faultsIn);
}
