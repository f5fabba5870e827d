// Soak: a steady mixed load on the real system; memory, handles and tables must stay flat.
// Usage: npm run soak -- [--minutes N] [--rate N] [--seed N] [--json FILE]
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { removeTemplate } from '../tests/faults/local-system.js';
import { soak } from '../tests/faults/soak.js';
import { runMain, UserError } from './tools.mjs';

const help = `npm run soak -- [options]
  --minutes N  how long (30); under 10 the series are told, and not judged
  --rate N     jobs a second (60)
  --seed N     of everything that is left to chance (a new one each time)
  --json FILE  writes the figures and every sample there`;

/** @param {string[]} args */
function readOptions(args) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        minutes: { type: 'string', default: '30' },
        rate: { type: 'string', default: '60' },
        seed: { type: 'string', default: String(Date.now() % 1_000_000) },
        json: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    return values;
  } catch (error) {
    throw new UserError(`${/** @type {Error} */ (error).message}\n${help}`);
  }
}

/** @param {string} name @param {string} text */
function readNumber(name, text) {
  const number = Number(text);
  if (!Number.isFinite(number) || number <= 0)
    throw new UserError(`${name} must be a number above 0.\n${help}`);
  return number;
}

// What runs is ended, and what is mounted unmounted, when this process exits.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));

await runMain(async () => {
  const values = readOptions(process.argv.slice(2));
  if (values.help) {
    console.log(help);
    return 0;
  }
  const task = {
    minutes: readNumber('--minutes', values.minutes),
    perSecond: readNumber('--rate', values.rate),
    seed: readNumber('--seed', values.seed),
  };
  console.log(`soak: ${task.minutes} min, ${task.perSecond} jobs/s, seed ${task.seed}`);
  const { findings, figures, samples } = await soak({ ...task, print: (line) => console.log(`  ${line}`) });
  await removeTemplate();
  for (const { what, ok, detail } of findings.list) {
    console.log(ok ? `  ✓ ${what}` : `  ✗ ${what}: ${JSON.stringify(detail)}`);
  }
  const { series, ...rest } = figures;
  for (const [name, { mean, perMinute }] of Object.entries(series)) {
    console.log(`  ${name.padEnd(32)} mean ${mean}, ${perMinute} per minute`);
  }
  const ok = findings.failed.length === 0;
  if (values.json)
    writeFileSync(values.json, `${JSON.stringify({ ...task, ok, ...figures, samples }, null, 2)}\n`);
  console.log(JSON.stringify({ name: 'soak', seed: task.seed, ok, ...rest }));
  return ok ? 0 : 1;
});
