// Decision logs (tests/decisions/format.js). Usage: npm run decisions -- COMMAND
//   record   writes tests/decisions/VERSION.log.gz of package.json's version anew: before each release, when
//            its decisions are what they shall be. Logs of earlier releases stay as they were released
//   check    replays every log on this build: in Node.js, natively and in workerd byte for byte; committed
//            ones against what their releases decided as well, except for what changes.json tells
//   prepare  writes this build's logs into build/decisions, for the native test
//   replay FILE [--only N] [--in node|native|workerd]
//            replays one log, or shows and replays its N-th decision
import { parseArgs } from 'node:util';
import {
  changesBetween,
  judge,
  opName,
  readable,
  statementNames,
  textsOf,
} from '../tests/decisions/compare.js';
import { alone } from '../tests/decisions/format.js';
import { committed, compiled, intendedSince, load, prepare, record } from '../tests/decisions/logs.js';
import { places } from '../tests/decisions/places.js';
import { replay } from '../tests/decisions/replay.js';
import { runMain, runOrThrow, UserError } from './tools.mjs';

/** @typedef {import('../tests/decisions/logs.js').Log} Log */

/** @param {string} what @param {string[]} faults @returns {number} how many */
function tell(what, faults) {
  console.log(`${faults.length === 0 ? 'ok    ' : 'FAILED'}  ${what}`);
  for (const fault of faults) console.log(fault);
  return faults.length;
}

async function check() {
  await runOrThrow('cmake', ['--build', '--preset', 'dev', '--target', 'decisions_tests']);
  let faults = 0;
  for (const log of await prepare()) {
    for (const [place, inPlace] of Object.entries(places)) {
      faults += tell(`${log.file} in ${place}: ${log.decisions.length} decisions`, await inPlace(log));
    }
  }
  for (const { file, header, decisions } of committed()) {
    const changes = changesBetween(decisions, replay(compiled(), decisions));
    faults += tell(`${file}: ${decisions.length} decisions`, judge(changes, intendedSince(header.version)));
  }
  return faults > 0 ? 1 : 0;
}

/**
 * Shows what was asked, what the log answers, and what this build does.
 * @param {Log} log @param {number} index
 */
function show({ decisions }, index) {
  const names = statementNames(decisions);
  const logged = alone(decisions, index).at(-1);
  const here = replay(compiled(), alone(decisions, index)).at(-1);
  if (!logged || !here) return;
  console.log(`${opName(logged.op)} of`);
  for (const frame of textsOf(logged.input)) console.log(`  ${frame}`);
  console.log(`logged: ${JSON.stringify(readable(logged, names), null, 2)}`);
  console.log(`here: ${JSON.stringify(readable(here, names), null, 2)}`);
}

/** @param {string | undefined} file @param {string | undefined} only @param {string} place */
async function replayOne(file, only, place) {
  const inPlace = places[place];
  if (!file || !inPlace)
    throw new UserError(`replay FILE [--only N] [--in ${Object.keys(places).join('|')}]`);
  const log = load(file);
  const index = only === undefined ? undefined : Number(only);
  if (index !== undefined) show(log, index);
  return tell(`${file} in ${place}`, await inPlace(log, index)) > 0 ? 1 : 0;
}

async function recordOne() {
  const { file, seen, kept, bytes } = await record();
  console.log(`${file}: ${kept} of ${seen} decisions, ${bytes} bytes`);
}

await runMain(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { only: { type: 'string' }, in: { type: 'string', default: 'node' } },
  });
  const [command, file] = positionals;
  if (command === 'record') return recordOne();
  if (command === 'check') return check();
  if (command === 'replay') return replayOne(file, values.only, values.in);
  if (command !== 'prepare') throw new UserError('record, check, prepare or replay');
  for (const log of await prepare()) console.log(`${log.file}: ${log.decisions.length} decisions`);
});
