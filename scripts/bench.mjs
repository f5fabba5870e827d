// Benchmarks. Prints a table for each part and, as its last line, all figures as one JSON object.
// Usage: npm run bench -- [PART…] [--runs N] [--quick] [--only NAME…] [--from FILE] [--json FILE]
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { commit, machine } from '../bench/lib/machine.js';
import { root, runMain, UserError } from './tools.mjs';

/** In the order in which they run. */
const parts = ['e2e', 'latency', 'cost', 'core', 'scale', 'size', 'capacity'];

const help = `npm run bench -- [PART…] [options]
  PART         ${parts.join(', ')} (all of them)
  --runs N     rounds of what is measured more than once: medians count (3)
  --quick      small sizes, to see that it works: its figures mean nothing
  --only NAME  of a part that compares systems, only this one (several: once for each)
  --from FILE  figures of an earlier run, for capacity, which reckons with those of cost and scale
  --json FILE  writes the figures there as well`;

/**
 * @typedef {object} BenchOptions
 * @property {string} root the project's folder
 * @property {(line: string) => void} print shows a line of progress
 * @property {number} runs rounds of what is measured more than once
 * @property {boolean} quick small sizes
 * @property {string} folder a fresh folder of the part's own, removed afterwards; others may pass
 *   through, not read
 * @property {string[]} only names of the systems to compare; empty: all
 * @property {Record<string, any>} figures of the parts that have run, and of an earlier run
 */

/**
 * @typedef {object} Part
 * @property {(options: BenchOptions) => Promise<Record<string, any>>} run measures; resolves to the part's
 *   member of the JSON. It ends whatever it started, and what it starts ends with this process
 *   (bench/lib/children.js).
 * @property {(result: Record<string, any>) => string[]} table the same for people, a line each
 */

/** @param {string[]} args */
function parse(args) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        runs: { type: 'string', default: '3' },
        quick: { type: 'boolean', default: false },
        only: { type: 'string', multiple: true, default: [] },
        from: { type: 'string' },
        json: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new UserError(`${/** @type {Error} */ (error).message}\n${help}`);
  }
}

/** @param {string[]} args */
function readOptions(args) {
  const { values, positionals } = parse(args);
  const runs = Number(values.runs);
  if (!Number.isSafeInteger(runs) || runs < 1)
    throw new UserError(`--runs must be a number from 1 on.\n${help}`);
  const unknown = positionals.filter((name) => !parts.includes(name));
  if (unknown.length > 0) throw new UserError(`There is no part ${unknown.join(', ')}.\n${help}`);
  const names = positionals.length > 0 ? parts.filter((name) => positionals.includes(name)) : parts;
  return { ...values, runs, names };
}

/** @param {string} file that --json wrote @returns {Record<string, any>} */
function readFigures(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UserError(`${file}: ${/** @type {Error} */ (error).message}`);
  }
}

/** Folders of the parts that run. @type {Set<string>} */
const folders = new Set();

/** @param {string} folder */
const remove = (folder) => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });

/**
 * Runs one part in a folder of its own.
 *
 * @param {string} name
 * @param {Pick<BenchOptions, 'runs' | 'quick' | 'only' | 'figures'>} options
 * @returns {Promise<Record<string, any>>}
 */
async function runPart(name, { runs, quick, only, figures }) {
  const folder = mkdtempSync(path.join(tmpdir(), `sluice-bench-${name}-`));
  // PostgreSQL, which does not run as root, has to pass through.
  chmodSync(folder, 0o711);
  folders.add(folder);
  try {
    /** @type {Part} */
    const part = await import(`../bench/${name}/index.js`);
    const print = (/** @type {string} */ line) => console.log(`  ${line}`);
    console.log(`\n${name}`);
    const result = await part.run({ root, print, runs, quick, folder, only, figures });
    console.log(part.table(result).join('\n'));
    return result;
  } finally {
    folders.delete(folder);
    remove(folder);
  }
}

// What a part started ends when this process does; then its folder goes, with nobody left to write to it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    process.once('exit', () => {
      for (const folder of folders) remove(folder);
    });
    process.exit(130);
  });
}

await runMain(async () => {
  const { names, from, json, help: helpWanted, ...options } = readOptions(process.argv.slice(2));
  if (helpWanted) {
    console.log(help);
    return 0;
  }
  /** @type {Record<string, any>} */
  const report = { date: new Date().toISOString(), machine: machine(), commit: await commit() };
  if (options.quick) report.quick = true;
  const earlier = from ? readFigures(from) : {};
  let status = 0;
  for (const name of names) {
    try {
      report[name] = await runPart(name, { ...options, figures: { ...earlier, ...report } });
    } catch (error) {
      // The other parts' figures are worth having all the same.
      console.error(`${name} failed:`, error instanceof UserError ? error.message : error);
      status = 1;
    }
  }
  if (json) {
    mkdirSync(path.dirname(path.resolve(json)), { recursive: true });
    writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`);
  }
  console.log(`\n${JSON.stringify(report)}`);
  return status;
});
