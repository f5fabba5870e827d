// Builds and runs every test; the last line is `N passed, N failed` (and `, N skipped` if there are any).
// Usage: node scripts/test.mjs [FILTER] [--watch | --coverage | --asan]
//   --asan  only the native tests, under the address and undefined-behaviour sanitizers
//   FILTER  only tests whose name, or whose file's name, contains it. Without one all but those that take all
//           cores for ten minutes: tests/sim/breaks.test.js
import { existsSync, globSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { prepare } from '../tests/decisions/logs.js';
import { build, buildPreset } from './build.mjs';
import { runCatch2 } from './catch2.mjs';
import { readIfPresent, root, run, runMain, runOrThrow, UserError } from './tools.mjs';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

// The native executables, and the files whose names select their tests.
const suites = [
  ['core', 'tests/core/*_test.cc'],
  ['chat', 'tests/chat/*_test.cc'],
  ['abi', 'tests/abi/*_test.cc'],
  ['regressions', 'tests/regressions/*_test.cc'],
  ['corpus', 'tests/fuzz/*_fuzz.cc'],
  ['exhaustive', 'tests/exhaustive/*_test.cc'],
  ['decisions', 'tests/decisions/*_test.cc'],
];

/**
 * @param {string} preset that is built
 * @param {string} filter
 * @returns {Promise<Counts>}
 */
async function runNative(preset, filter) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  await prepare();
  for (const [name, pattern] of suites) {
    const executable = path.join(root, 'build', preset, `${name}_tests`);
    // Millions of steps, which the sanitizers would make a matter of hours.
    if (!existsSync(executable) || (preset === 'asan' && name === 'exhaustive')) continue;
    const { passed, failures } = await runCatch2(executable, filter, globSync(pattern));
    for (const failure of failures) console.log(`FAILED ${name}: ${failure.name}\n${failure.details}`);
    console.log(`${name}_tests: ${passed} passed, ${failures.length} failed`);
    counts.passed += passed;
    counts.failed += failures.length;
  }
  return counts;
}

// Tests that reckon and do not wait: they run beside those of the workers, which mostly wait.
const reckoning = /^tests\/(sim|decisions|fuzz)\//;
// And those that take all cores for ten minutes: they run when they are named (`npm test -- sim/breaks`).
const greedy = /^tests\/sim\/breaks\.test\.js$/;

/**
 * One run of vitest, which prints its own report.
 *
 * @param {string[]} args further arguments
 * @param {boolean} named whether tests are selected by name: the rest then counts as nothing, not as skipped
 * @param {string} [name] of its report; runs at the same time need different ones
 * @returns {Promise<Counts>}
 */
async function vitest(args, named, name = 'vitest') {
  const report = path.join(root, 'build', `${name}.json`);
  await runOrThrow('rm', ['-f', report]);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const { code } = await run('vitest', ['run', '--passWithNoTests', ...reporters, ...args]);
  const text = readIfPresent(report);
  if (text === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const result = JSON.parse(text);
  const counts = {
    passed: result.numPassedTests,
    failed: result.numFailedTests,
    skipped: named ? 0 : result.numPendingTests + result.numTodoTests,
  };
  // A file that does not load, or an error outside any test, fails the run without failing a test.
  if (code !== 0 && counts.failed === 0) counts.failed = Math.max(1, result.numFailedTestSuites);
  return counts;
}

/**
 * @param {string} filter
 * @param {string[]} options for vitest
 * @returns {Promise<Counts>}
 */
async function runJavaScript(filter, options) {
  const files = globSync('tests/**/*.test.js', { cwd: root });
  if (files.length === 0) return { passed: 0, failed: 0, skipped: 0 };
  if (!filter) return vitest(options, false);
  const chosen = files.filter((file) => file.includes(filter));
  // No test's name has a slash.
  const rest = filter.includes('/') ? [] : files.filter((file) => !chosen.includes(file));
  const pattern = filter.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const runs = [];
  if (chosen.length > 0) runs.push(await vitest([...options, ...chosen], false));
  if (rest.length > 0) runs.push(await vitest([...options, ...rest, '--testNamePattern', pattern], true));
  return runs.reduce(add, { passed: 0, failed: 0, skipped: 0 });
}

/**
 * Two lanes, as many as small machines have cores: one reckons, the other waits for workers most of the
 * time.
 * @returns {Promise<Counts>}
 */
async function runEverything() {
  const files = globSync('tests/**/*.test.js', { cwd: root });
  const own = files.filter((file) => reckoning.test(file) && !greedy.test(file));
  const others = files.filter((file) => !reckoning.test(file));
  const reckon = async () => add(await runNative('dev', ''), await vitest(own, false, 'vitest-reckoning'));
  const lanes = await Promise.all([reckon(), vitest(others, false)]);
  return lanes.reduce(add);
}

/**
 * @param {Counts} a
 * @param {Counts} b
 * @returns {Counts}
 */
function add(a, b) {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/** Prints, per file of the core, the lines that the native tests executed. */
async function printNativeCoverage() {
  const folder = path.join(root, 'build', 'coverage');
  const data = globSync(`${folder}/CMakeFiles/sluice_*.dir/wasm/**/*.gcda`);
  const report = await runOrThrow('gcov', [
    '--no-output',
    '--relative-only',
    '--source-prefix',
    root,
    ...data,
  ]);
  for (const [, file, share] of report.matchAll(/File '(wasm\/[^']*)'\nLines executed:(.*)/g)) {
    console.log(`${share.padStart(20)}  ${file}`);
  }
}

/**
 * Prints the last line and returns the exit status.
 * @param {Counts} counts
 * @param {string} filter
 */
function conclude({ passed, failed, skipped }, filter) {
  if (passed + failed + skipped === 0) console.log(filter ? `No test matches "${filter}".` : 'No tests.');
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  return failed > 0 || passed === 0 ? 1 : 0;
}

/** @param {string[]} args */
function readOptions(args) {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { watch: { type: 'boolean' }, coverage: { type: 'boolean' }, asan: { type: 'boolean' } },
    });
    return {
      filter: positionals.join(' '),
      watch: values.watch,
      coverage: values.coverage,
      asan: values.asan,
    };
  } catch (error) {
    throw new UserError(/** @type {Error} */ (error).message);
  }
}

await runMain(async () => {
  const { filter, watch, coverage, asan } = readOptions(process.argv.slice(2));
  if (asan) {
    await buildPreset('asan');
    return conclude(await runNative('asan', filter), filter);
  }
  await build({ test: true, bundles: false });
  if (watch) return (await run('vitest', ['watch', ...(filter ? [filter] : [])])).code;

  const preset = coverage ? 'coverage' : 'dev';
  // Beside the compiler the workers are slow enough to fail.
  await buildPreset(preset);
  if (!filter && !coverage) return conclude(await runEverything(), filter);
  const native = await runNative(preset, filter);
  if (coverage) await printNativeCoverage();
  return conclude(add(native, await runJavaScript(filter, coverage ? ['--coverage'] : [])), filter);
});
