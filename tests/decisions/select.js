// Chooses the decisions that a log must keep so that everything it has seen is still in it.
import { SLUICE_OK, SLUICE_OP_CONFIGURE, SLUICE_OP_PROBE } from '../../shim/abi.generated.js';
import { opName, readable, statementNames } from './compare.js';
import { decodeFrames } from './format.js';

/** @typedef {import('./format.js').Decision} Decision */

/** Words of the system's own vocabulary, names of bindings and events: they tell one branch from another. */
const WORD = /^(?!(.)\1+$)[A-Za-z][A-Za-z_.-]{1,40}$/;

/** @param {string} text @returns {string} how it is built: one letter for letters, one digit for digits */
function build(text) {
  return text
    .slice(0, 80)
    .replace(/[0-9a-f]{8}[0-9a-f-]{8,}/g, '#')
    .replace(/\p{L}+/gu, 'a')
    .replace(/\d+/g, '9');
}

/** @param {unknown} value @returns {string} what kind of leaf it is */
function leaf(value) {
  if (typeof value === 'number') return value === 0 ? '0' : value < 0 ? '-' : '+';
  if (typeof value !== 'string') return String(value);
  if (WORD.test(value)) return value;
  if (value.includes(' ')) return value.replace(/[0-9a-f-]{6,}|\d+|"[^"]*"/g, '#').slice(0, 120);
  return build(value);
}

/** @param {unknown} value */
const isNested = (value) => typeof value === 'object' && value !== null;

/**
 * Adds what can be seen at `path` and below; returns the value's own signature.
 * @param {any} value @param {string} path @param {Set<string>} seen
 * @returns {string}
 */
function walk(value, path, seen) {
  if (!isNested(value)) {
    seen.add(`${path}=${leaf(value)}`);
    return leaf(value);
  }
  if (Array.isArray(value)) {
    seen.add(`${path}#${Math.min(value.length, 2)}`);
    // A list's elements are alike; a row's are each their own, and what they are together is a case.
    const isList = value.every(isNested);
    const signatures = value.map((item, i) => walk(item, `${path}[${isList ? '*' : i}]`, seen));
    if (isList) return '[]';
    const signature = signatures.map((one) => (WORD.test(one) || one.length < 2 ? one : 'x')).join();
    seen.add(`${path}:${signature}`);
    return 'x';
  }
  seen.add(`${path}{${Object.keys(value).sort()}`);
  for (const [key, item] of Object.entries(value)) walk(item, `${path}.${key}`, seen);
  return '{}';
}

/** @param {Uint8Array | undefined} frame @returns {any} undefined where it is no JSON */
function parsed(frame) {
  try {
    return JSON.parse(new TextDecoder().decode(frame));
  } catch {
    return undefined;
  }
}

/**
 * Adds what can be seen in what was asked (rows aside: what they hold is in the answer), and tells it in short.
 * @param {Decision} decision @param {string} name @param {Set<string>} seen
 * @returns {string}
 */
function question({ input }, name, seen) {
  const frames = decodeFrames(input);
  const control = parsed(frames?.[0]);
  if (!frames || !control) return frames ? 'no control' : 'no frames';
  const { bodies = 0, failed, tries, kind, seed, now, ...rest } = control;
  walk(rest, `${name}<`, seen);
  for (const body of frames.slice(1, bodies + 1)) walk(parsed(body), `${name}<<`, seen);
  const odd = /^[0-9a-f]{32}$/.test(seed) ? '' : build(String(seed));
  return `${odd} ${frames.length - bodies} ${failed ?? ''} ${Math.min(tries ?? 0, 2)} ${kind ?? ''}`;
}

/** @param {Decision} decision @param {string[]} names of the statements @returns {Set<string>} all to see in it */
export function features(decision, names) {
  const name = opName(decision.op);
  /** @type {Set<string>} */
  const seen = new Set();
  const asked = question(decision, name, seen);
  const answer = readable(decision, names);
  walk(answer, name, seen);
  const statements = (answer.plan ?? []).map((/** @type {any} */ { statement }) => statement);
  seen.add(`${name} ${asked} ${Object.keys(answer).sort()} ${statements} ${answer.reply?.status}`);
  return seen;
}

/** @param {Decision[]} decisions @returns each with its configuration's place among all, and its own */
function placed(decisions) {
  /** @type {Map<string, { decision: Decision, size: number, index: number }[]>} */
  const chapters = new Map();
  /** @type {Map<string, Decision>} */
  const configurations = new Map();
  let key = '';
  for (const [index, decision] of decisions.entries()) {
    const { op, code, input, output } = decision;
    if (op === SLUICE_OP_CONFIGURE && code === SLUICE_OK) {
      key = Buffer.from(input).toString('latin1');
      configurations.set(key, decision);
      continue;
    }
    const chapter = chapters.get(key) ?? [];
    chapters.set(key, chapter);
    chapter.push({ decision, size: input.length + output.length, index });
  }
  const bySize = [...chapters].sort(([, a], [, b]) => b.length - a.length);
  return bySize.map(([name, chapter]) => ({ configuration: configurations.get(name), chapter }));
}

/**
 * The smallest decisions that together show all that can be seen in all of them, under as few configurations as
 * may be. Probes are kept: each is a case that somebody chose.
 * @param {Decision[]} decisions of one log
 * @returns {Decision[]}
 */
export function select(decisions) {
  const names = statementNames(decisions);
  const seen = new Set();
  return placed(decisions).flatMap(({ configuration, chapter }) => {
    const kept = chapter
      .sort((a, b) => a.size - b.size || a.index - b.index)
      .filter(({ decision }) => {
        const fresh = [...features(decision, names)].filter((feature) => !seen.has(feature));
        for (const feature of fresh) seen.add(feature);
        return fresh.length > 0 || decision.op === SLUICE_OP_PROBE;
      })
      .sort((a, b) => a.index - b.index)
      .map(({ decision }) => decision);
    return configuration && kept.length > 0 ? [configuration, ...kept] : kept;
  });
}
