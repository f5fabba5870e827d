// The core's JSON reader against V8's JSON.parse: generated and mutated documents, and every input of the corpus, go
// through the module's probe; both must take or refuse each, and a document that both take must mean the same.
// Usage: node tests/fuzz/json_v8.mjs [--seconds N] [--seed N] [--file PATH]
//   --file  only this document
// The last line is a JSON object: {documents, accepted, seed, difference?, replay?}; exit status 1 for a difference.
//
// The module answers a document's verdict, not its tree. The tree is compared by way of validation: the schema
// {const: what V8 read} must take the document, and {const: that with one leaf changed} must not.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Dice } from './dice.mjs';
import { openProbe } from './probe.mjs';

const root = path.join(import.meta.dirname, '../..');
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @typedef {import('./probe.mjs').Probe} Probe */

/**
 * V8's reading of bytes. What is no UTF-8 is no JSON text, and neither is one with a byte order mark (RFC 8259,
 * section 8.1); JSON.parse itself refuses the mark.
 *
 * @param {Uint8Array} bytes
 * @returns {{ value?: any, taken: boolean }}
 */
export function readWithV8(bytes) {
  try {
    return { value: JSON.parse(decoder.decode(bytes)), taken: true };
  } catch {
    return { taken: false };
  }
}

/**
 * The shape of a text that V8 took, with what it keeps no more because its key comes again.
 * @param {string} text
 * @returns {{ depth: number, values: number }} arrays and objects within each other; values, nested ones counted
 */
function shapeOf(text) {
  const token = /"(?:[^"\\]|\\.)*"([ \n\r\t]*:)?|[[{]|[\]}]|[\w.+-]+/g;
  let depth = 0;
  let values = 0;
  let most = 0;
  for (const [word, colon] of text.matchAll(token)) {
    if (word === ']' || word === '}') depth -= 1;
    else if (colon === undefined) values += 1;
    if (word === '[' || word === '{') most = Math.max(most, ++depth);
  }
  return { depth: most, values };
}

/** @param {any} value @returns {boolean} whether a string or key in it holds half a surrogate pair */
function hasLoneSurrogate(value) {
  if (typeof value === 'string') return !value.isWellFormed();
  if (value === null || typeof value !== 'object') return false;
  return Object.entries(value).some(([key, child]) => !key.isWellFormed() || hasLoneSurrogate(child));
}

/** @param {any} value @returns {boolean} whether a number in it is beyond all doubles */
function hasInfinity(value) {
  if (typeof value === 'number') return !Number.isFinite(value);
  return value !== null && typeof value === 'object' && Object.values(value).some(hasInfinity);
}

/** The keys of a text's objects in the order in which they stand; V8 keeps only the last of equal ones. */
class Keys {
  /** @param {string} text what V8 took */
  constructor(text) {
    this.repeated = false;
    /** @type {Set<string>[]} */
    const open = [];
    const token = /"(?:[^"\\]|\\.)*"|[{}]/g;
    for (let found = token.exec(text); found; found = token.exec(text)) {
      const [word] = found;
      if (word === '{') open.push(new Set());
      else if (word === '}') open.pop();
      else if (/^[ \n\r\t]*:/.test(text.slice(token.lastIndex))) {
        const key = JSON.parse(word);
        if (open.at(-1)?.has(key)) this.repeated = true;
        open.at(-1)?.add(key);
      }
    }
  }
}

/**
 * The deliberate differences: why the core refuses what V8 takes. Each is checked against what is in the document.
 * @type {Record<string, (value: any, text: string) => boolean>}
 */
export const stricter = {
  duplicate_key: (_, text) => new Keys(text).repeated,
  too_deep: (_, text) => shapeOf(text).depth > 64,
  too_many_values: (_, text) => shapeOf(text).values > 500_000,
  lone_surrogate: (value, text) => hasLoneSurrogate(value) || new Keys(text).repeated,
  number_out_of_range: (value, text) =>
    hasInfinity(value) || /[\d.eE+-]{1001}/.test(text) || new Keys(text).repeated,
};

/** @param {any} value @returns {any} it with one leaf changed, or one added */
function changed(value) {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value + 1 : value === 0.5 ? 0.25 : 0.5;
  if (typeof value === 'string') return `${value}x`;
  if (typeof value === 'boolean') return !value;
  if (value === null) return false;
  if (Array.isArray(value))
    return value.length === 0 ? [null] : [...value.slice(0, -1), changed(value.at(-1))];
  const last = Object.keys(value).at(-1);
  if (last === undefined) return { x: 1 };
  const copy = structuredClone(value);
  Object.defineProperty(copy, last, {
    value: changed(value[last]),
    enumerable: true,
    configurable: true,
    writable: true,
  });
  return copy;
}

/**
 * The schema {const: value}. V8 writes a number beyond 2^53 with the fewest digits that lead back to it, which as an
 * integer of 64 bits would be another one: all its digits are written.
 *
 * @param {any} value
 */
function constant(value) {
  const { rawJSON } = /** @type {any} */ (JSON);
  return JSON.stringify({ const: value }, (_, each) =>
    Number.isInteger(each) && !Number.isSafeInteger(each) ? rawJSON(BigInt(each).toString()) : each,
  );
}

/**
 * @param {Probe} probe
 * @param {any} value what V8 read
 * @param {Uint8Array} bytes
 * @returns {string | undefined} how the core's reading differs
 */
function compareValues(probe, value, bytes) {
  const text = decoder.decode(bytes);
  if (shapeOf(text).depth > 60) return undefined;
  // Integers beyond 2^53 have lost digits in V8: the core keeps those of int64 and rounds as V8 does only beyond.
  const wide = /(?<![\d.])\d{16,}(?![\d.eE])/.test(text);
  const same = probe.schema(constant(value), bytes);
  if (same.refused !== '') return `the schema of V8's value is refused: ${same.refused}`;
  if (!same.valid && !wide) return 'the core reads another value than V8';
  const other = probe.schema(constant(changed(value)), bytes);
  if (other.refused === '' && other.valid) return 'the core takes a changed value for the same';
  return undefined;
}

/**
 * @param {Probe} probe
 * @param {Uint8Array} bytes
 * @returns {{ taken: boolean, difference?: string }} taken: by both
 */
export function compare(probe, bytes) {
  const theirs = readWithV8(bytes);
  const { code, offset } = probe.json(bytes);
  if (offset > bytes.length) return { taken: false, difference: `stopped at ${offset}, beyond the end` };
  if (code === 'ok') {
    if (!theirs.taken) return { taken: false, difference: 'the core takes what V8 refuses' };
    return { taken: true, difference: compareValues(probe, theirs.value, bytes) };
  }
  if (!theirs.taken) return { taken: false };
  const allowed = stricter[code]?.(theirs.value, decoder.decode(bytes)) ?? false;
  return {
    taken: false,
    difference: allowed ? undefined : `V8 takes it, the core says ${code} at ${offset}`,
  };
}

/** @returns {Uint8Array[]} */
function corpus() {
  const folder = path.join(root, 'tests/fuzz/corpus/json_fuzz');
  return readdirSync(folder)
    .sort()
    .map((name) => new Uint8Array(readFileSync(path.join(folder, name))));
}

/**
 * Compares every input of the corpus, then random documents, until `goesOn` says no.
 *
 * @param {number} seed
 * @param {(documents: number) => boolean} goesOn
 * @returns {{ documents: number, accepted: number, difference?: string, bytes?: Uint8Array }}
 */
export function search(seed, goesOn) {
  const probe = openProbe();
  const dice = new Dice(seed);
  const known = corpus();
  let documents = 0;
  let accepted = 0;
  while (documents < known.length || goesOn(documents)) {
    const bytes = known[documents] ?? dice.document(known);
    const { taken, difference } = compare(probe, bytes);
    documents += 1;
    accepted += taken ? 1 : 0;
    if (difference !== undefined) return { documents, accepted, difference, bytes };
  }
  return { documents, accepted };
}

function main() {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '10' },
      seed: { type: 'string' },
      file: { type: 'string' },
    },
  });
  if (values.file !== undefined) {
    const { difference } = compare(openProbe(), new Uint8Array(readFileSync(values.file)));
    console.log(JSON.stringify({ documents: 1, difference }));
    return difference === undefined ? 0 : 1;
  }
  const seed = values.seed === undefined ? Date.now() % 1_000_000 : Number(values.seed);
  const end = Date.now() + Number(values.seconds) * 1000;
  const { bytes, ...outcome } = search(seed, (n) => n % 64 !== 0 || Date.now() < end);
  if (bytes === undefined) {
    console.log(JSON.stringify({ ...outcome, seed }));
    return 0;
  }
  const kept = path.join('build', 'fuzz', 'crashes', `json_v8-${seed}`);
  mkdirSync(path.join(root, path.dirname(kept)), { recursive: true });
  writeFileSync(path.join(root, kept), bytes);
  const shown = JSON.stringify(new TextDecoder().decode(bytes.subarray(0, 300)));
  const difference = `${outcome.difference}: ${shown}`;
  console.log(
    JSON.stringify({ ...outcome, seed, difference, replay: `node tests/fuzz/json_v8.mjs --file ${kept}` }),
  );
  return 1;
}

if (process.argv[1] === import.meta.filename) process.exitCode = main();
