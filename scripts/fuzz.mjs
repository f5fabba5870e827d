// Fuzzes the core: libFuzzer targets with address and undefined-behaviour sanitizers, and the JSON reader
// against V8's. Usage: node scripts/fuzz.mjs [--seconds N] [--target NAME …] [--jobs N] [--seed N]
//   [--merge]
//   --seconds  per target (default 60)
//   --target   only these (see tests/fuzz); may be given several times
//   --jobs     targets at a time (default 2)
//   --seed     of the generators, from 1 on (default: another each time)
//   --merge    afterwards, tests/fuzz/corpus/<target> becomes the fewest inputs that cover what was found
// Prints a line per target and at last one JSON object; exit status 1 when an input crashed, hung, leaked or
// took too much memory. Such an input is kept, and the command that runs it again is printed.
import { globSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build, buildPreset } from './build.mjs';
import { countWhere, root, run, runMain, runOrThrow, UserError } from './tools.mjs';

/**
 * What a target came to.
 * @typedef {{ executions: number, perSecond: number, newInputs: number, coverage: number, failure?: string,
 *   replay?: string }} Result
 */

const folder = path.join('build', 'fuzz');
const differential = 'json_v8';
// An input that takes longer is a hang: the slowest good one takes some tens of milliseconds.
const secondsPerInputMax = 20;
const megabytesMax = 2048;
// The committed corpus stays small enough to run in every test.
const corpusFilesMax = 300;
const corpusBytesMax = 120_000;
// Shorter stacks and a smaller quarantine: allocations are most of a run's time otherwise.
const sanitizers = 'malloc_context_size=6:quarantine_size_mb=16:detect_stack_use_after_return=0';

/** Names of the libFuzzer targets. */
function fuzzers() {
  return globSync('tests/fuzz/*_fuzz.cc', { cwd: root }).map((file) => path.basename(file, '.cc'));
}

/** @param {string} text @param {RegExp} pattern with one group @returns {number} the last match, or 0 */
function lastNumber(text, pattern) {
  return Number([...text.matchAll(pattern)].at(-1)?.[1] ?? 0);
}

/** @param {string} report what libFuzzer wrote @returns {string} its reason to stop */
function reasonOf(report) {
  const lines = report
    .split('\n')
    .filter((line) => /^broken: |runtime error:|^SUMMARY: |==ERROR: /.test(line));
  return lines.length > 0 ? lines.join('\n    ') : report.slice(-2000);
}

/**
 * @param {string} target
 * @param {number} seconds
 * @param {number} seed
 * @returns {Promise<Result>}
 */
async function fuzz(target, seconds, seed) {
  const found = path.join(folder, 'found', target);
  const crashes = path.join(folder, 'crashes');
  for (const each of [found, crashes]) mkdirSync(path.join(root, each), { recursive: true });
  const dictionary = globSync(`tests/fuzz/${target}.dict`, { cwd: root }).map((file) => `-dict=${file}`);
  const executable = path.join(folder, target);
  const { code, stdout, stderr } = await run(
    executable,
    [
      `-max_total_time=${seconds}`,
      `-seed=${seed}`,
      `-timeout=${secondsPerInputMax}`,
      `-rss_limit_mb=${megabytesMax}`,
      `-artifact_prefix=${path.join(crashes, `${target}-`)}`,
      '-print_final_stats=1',
      '-max_len=4096',
      ...dictionary,
      found,
      path.join('tests', 'fuzz', 'corpus', target),
    ],
    { capture: true, env: { ASAN_OPTIONS: sanitizers } },
  );
  const report = stdout + stderr;
  /** @type {Result} */
  const result = {
    executions: lastNumber(report, /number_of_executed_units:\s*(\d+)/g) || lastNumber(report, /^#(\d+)\t/gm),
    perSecond: lastNumber(report, /average_exec_per_sec:\s*(\d+)/g),
    newInputs: lastNumber(report, /new_units_added:\s*(\d+)/g),
    coverage: lastNumber(report, /cov: (\d+)/g),
  };
  if (code === 0) return result;
  const input = /Test unit written to (\S+)/.exec(report)?.[1];
  return { ...result, failure: reasonOf(report), replay: input && `${executable} ${input}` };
}

/**
 * @param {number} seconds
 * @param {number} seed
 * @returns {Promise<Result>}
 */
async function compareWithV8(seconds, seed) {
  const { code, stdout, stderr } = await run(
    'node',
    ['tests/fuzz/json_v8.mjs', '--seconds', String(seconds), '--seed', String(seed)],
    { capture: true },
  );
  const last = stdout.trim().split('\n').at(-1) ?? '';
  const { documents = 0, difference, replay } = /^\{.*\}$/.test(last) ? JSON.parse(last) : {};
  const result = {
    executions: documents,
    perSecond: Math.round(documents / seconds),
    newInputs: 0,
    coverage: 0,
  };
  return code === 0 ? result : { ...result, failure: difference ?? stderr, replay };
}

/** @param {string} name @param {Result} result */
function printResult(name, { executions, perSecond, newInputs, coverage, failure, replay }) {
  const figures = `${executions} executions, ${perSecond}/s, ${newInputs} new inputs, coverage ${coverage}`;
  console.log(`${failure === undefined ? 'ok    ' : 'FAILED'}  ${name.padEnd(13)} ${figures}`);
  if (failure !== undefined) console.log(`    ${failure}\n    again: ${replay ?? 'no input was kept'}`);
}

/**
 * Makes a target's committed corpus minimal again; inputs with a name of their own stay.
 * @param {string} target
 */
async function merge(target) {
  const corpus = path.join('tests', 'fuzz', 'corpus', target);
  const fewest = path.join(folder, 'merged', target);
  rmSync(path.join(root, fewest), { recursive: true, force: true });
  mkdirSync(path.join(root, fewest), { recursive: true });
  mkdirSync(path.join(root, corpus), { recursive: true });
  const from = [corpus, path.join(folder, 'found', target)];
  await runOrThrow(path.join(folder, target), ['-set_cover_merge=1', '-max_len=4096', fewest, ...from]);
  const named = readdirSync(path.join(root, corpus)).filter((name) => !/^[0-9a-f]{40}$/.test(name));
  for (const name of readdirSync(path.join(root, corpus))) {
    if (!named.includes(name)) rmSync(path.join(root, corpus, name));
  }
  const sized = readdirSync(path.join(root, fewest)).map((name) => {
    return { name, size: statSync(path.join(root, fewest, name)).size };
  });
  sized.sort((a, b) => a.size - b.size);
  let files = named.length;
  let bytes = 0;
  for (const { name, size } of sized) {
    if (files === corpusFilesMax || bytes + size > corpusBytesMax) break;
    files += 1;
    bytes += size;
    renameSync(path.join(root, fewest, name), path.join(root, corpus, name));
  }
  console.log(`corpus  ${target.padEnd(13)} ${files} files, ${bytes} bytes`);
}

/** @param {string[]} args */
function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: 'string', default: '60' },
      target: { type: 'string', multiple: true },
      jobs: { type: 'string', default: '2' },
      seed: { type: 'string', default: String((Date.now() % 1_000_000) + 1) },
      merge: { type: 'boolean', default: false },
    },
  });
  const all = [...fuzzers(), differential].sort();
  const targets = values.target ?? all;
  const unknown = targets.filter((name) => !all.includes(name));
  if (unknown.length > 0) throw new UserError(`no target ${unknown.join(', ')}: ${all.join(', ')}`);
  const [seconds, jobs, seed] = [Number(values.seconds), Number(values.jobs), Number(values.seed)];
  if (![seconds, jobs, seed].every((each) => Number.isInteger(each) && each > 0)) {
    throw new UserError('--seconds, --jobs and --seed are whole numbers from 1 on');
  }
  return { targets, seconds, jobs, seed, merge: values.merge };
}

await runMain(async () => {
  const options = readOptions(process.argv.slice(2));
  const compiled = options.targets.filter((name) => name !== differential);
  if (compiled.length > 0) await buildPreset('fuzz');
  if (options.targets.includes(differential)) await build({ test: true, bundles: false });
  /** @type {Record<string, Result>} */
  const results = {};
  const { targets, jobs, seconds, seed } = options;
  await countWhere(targets, jobs, async (name) => {
    const result = await (name === differential ? compareWithV8(seconds, seed) : fuzz(name, seconds, seed));
    results[name] = result;
    printResult(name, result);
    return result.failure === undefined;
  });
  const failed = Object.keys(results).filter((name) => results[name]?.failure !== undefined);
  if (options.merge && failed.length === 0) for (const target of compiled) await merge(target);
  console.log(JSON.stringify({ seconds, seed, failed, targets: results }));
  return failed.length > 0 ? 1 : 0;
});
