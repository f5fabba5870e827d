// Real faults against the real system: workerd with both workers on a D1 that is a file.
// Usage: npm run faults -- [NAME…] [--cycles N] [--seed N] [--small] [--json FILE]
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { removeTemplate } from '../tests/faults/local-system.js';
import { scenarios } from '../tests/faults/scenarios.js';
import { runMain, UserError } from './tools.mjs';

const help = `npm run faults -- [NAME…] [options]
  NAME         ${Object.keys(scenarios).join(', ')} (all of them)
  --cycles N   how often the fault strikes, where it strikes more than once
  --seed N     of everything that is left to chance (a new one each time)
  --small      the version that npm test runs
  --json FILE  writes the figures there as well`;

/** @param {string[]} args */
function readOptions(args) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        cycles: { type: 'string' },
        seed: { type: 'string', default: String(Date.now() % 1_000_000) },
        small: { type: 'boolean', default: false },
        json: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new UserError(`${/** @type {Error} */ (error).message}\n${help}`);
  }
}

/** @param {string} name @param {string | undefined} text */
function readCount(name, text) {
  if (text === undefined) return undefined;
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1) throw new UserError(`${name} must be a number from 1 on.`);
  return count;
}

/**
 * Runs one scenario and prints what it found.
 *
 * @param {keyof typeof scenarios} name
 * @param {{ seed: number, cycles?: number, small: boolean }} task
 * @returns {Promise<Record<string, any>>} its figures
 */
async function runScenario(name, task) {
  const again = `npm run faults -- ${name} --seed ${task.seed}${task.small ? ' --small' : ''}`;
  console.log(`${name}: ${again}${task.cycles ? ` --cycles ${task.cycles}` : ''}`);
  const print = (/** @type {string} */ line) => console.log(`  ${line}`);
  try {
    const { findings, figures } = await scenarios[name]({ ...task, print });
    for (const { what, ok, detail } of findings.list) {
      print(ok ? `✓ ${what}` : `✗ ${what}: ${typeof detail === 'string' ? detail : JSON.stringify(detail)}`);
    }
    for (const [figure, value] of Object.entries(figures)) print(`${figure}: ${JSON.stringify(value)}`);
    return { name, seed: task.seed, ok: findings.failed.length === 0, ...figures };
  } catch (error) {
    print(`✗ ended early: ${/** @type {Error} */ (error).stack}`);
    return { name, seed: task.seed, ok: false };
  }
}

// What runs is ended, and what is mounted unmounted, when this process exits.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));

await runMain(async () => {
  const { values, positionals } = readOptions(process.argv.slice(2));
  if (values.help) {
    console.log(help);
    return 0;
  }
  const names = positionals.length > 0 ? positionals : Object.keys(scenarios);
  const unknown = names.filter((name) => !Object.hasOwn(scenarios, name));
  if (unknown.length > 0) throw new UserError(`There is no scenario ${unknown.join(', ')}.\n${help}`);
  const task = {
    seed: /** @type {number} */ (readCount('--seed', values.seed)),
    cycles: readCount('--cycles', values.cycles),
    small: values.small,
  };
  const results = [];
  for (const name of /** @type {(keyof typeof scenarios)[]} */ (names))
    results.push(await runScenario(name, task));
  await removeTemplate();
  if (values.json) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
  for (const result of results) console.log(JSON.stringify(result));
  return results.every(({ ok }) => ok) ? 0 : 1;
});
