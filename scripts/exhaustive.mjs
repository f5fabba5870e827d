// Explores the small cases in full: npm run exhaustive -- [FILTER] [--jobs N]
//   FILTER  only cases whose name contains it
//   --jobs  cases at once (2); each may take 4 GB of memory
// Prints a line of figures for each case, and where a rule is broken the shortest history that breaks it; the
// exit code is then 1.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildPreset } from './build.mjs';
import { countWhere, root, run, runMain } from './tools.mjs';

const executable = path.join(root, 'build', 'dev', 'exhaustive_tests');

/** @param {string} filter @returns {Promise<string[]>} */
async function caseNames(filter) {
  const { stdout } = await run(executable, ['--list-test-names-only', '[explore]'], { capture: true });
  return stdout.split('\n').filter((name) => name !== '' && name.includes(filter));
}

/** @param {string} name @returns {Promise<boolean>} whether no rule was broken */
async function explore(name) {
  const began = Date.now();
  const selected = name.replace(/[\\",[\]]/g, '\\$&');
  const { code, stdout, stderr } = await run(executable, [selected], {
    capture: true,
    env: { SLUICE_EXHAUSTIVE: 'full' },
  });
  const seconds = Math.round((Date.now() - began) / 1000);
  const figures = stdout.split('\n').find((line) => / faults: \d/.test(line)) ?? 'no figures';
  console.log(`${code === 0 ? 'ok    ' : 'BROKEN'} ${figures}, ${seconds} s`);
  if (code !== 0) console.log(stdout + stderr);
  return code === 0;
}

await runMain(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { jobs: { type: 'string', default: '2' } },
  });
  await buildPreset('dev');
  const names = await caseNames(positionals.join(' '));
  const held = await countWhere(names, Number(values.jobs), explore);
  console.log(`${held} of ${names.length} cases hold in every state`);
  return held === names.length && held > 0 ? 0 : 1;
});
