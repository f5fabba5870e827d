// What a decision says, apart from how this release numbers its statements, and where two say different things.
import * as abi from '../../shim/abi.generated.js';
import { decodeFrames, equalBytes } from './format.js';

/**
 * @typedef {import('./format.js').Decision} Decision
 * @typedef {{ path: string, was: unknown, is: unknown }} Difference
 * @typedef {Difference & { index: number, op: string }} Change
 * @typedef {{ op: string, path: string, count: number, reason: string }} Intended
 */

const { SLUICE_OK, SLUICE_OP_CONFIGURE, SLUICE_OP_PROBE, SLUICE_OP_SQL } = abi;
const decoder = new TextDecoder();

/** @type {Map<number, string>} */
const opNames = new Map(
  Object.entries(abi)
    .filter(([name]) => name.startsWith('SLUICE_OP_'))
    .map(([name, op]) => [op, name.slice('SLUICE_OP_'.length).toLowerCase()]),
);

/** @param {number} op @returns {string} as the ABI names it, in lower case */
export const opName = (op) => opNames.get(op) ?? `op ${op}`;

/** @param {Uint8Array} bytes @returns {string[]} its frames, or itself where it is none */
export function textsOf(bytes) {
  return (decodeFrames(bytes) ?? [bytes]).map((frame) => decoder.decode(frame));
}

/** @param {string | undefined} text @returns {any} what it is in JSON, or the text where it is not JSON */
function jsonOf(text) {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return text;
  }
}

/**
 * @param {Decision[]} decisions of one log
 * @returns {string[]} names of the statements by number, as the log's own table has them
 */
export function statementNames(decisions) {
  const table = decisions.findLast(({ op, code }) => op === SLUICE_OP_SQL && code === SLUICE_OK);
  if (!table) throw new Error('The log has no table of statements.');
  return textsOf(table.output).filter((_, i) => i % 2 === 0);
}

/** @param {string[]} frames @returns {Record<string, string>} text by name */
function tableOf(frames) {
  const entries = frames.flatMap((name, i) => (i % 2 === 0 ? [[name, frames[i + 1] ?? '']] : []));
  return Object.fromEntries(entries);
}

/** @param {any} control @param {string[]} frames @param {string[]} names @returns {any} */
function unfold(control, frames, names) {
  const { plan, expect, expected, carry, sends, runs, tokens, records, reply, ...rest } = control;
  const at = (/** @type {number} */ frame) => jsonOf(frames[frame]);
  const lines = (/** @type {number} */ frame) => (frames[frame] ?? '').split('\n').map(jsonOf);
  return {
    ...(plan && {
      plan: plan.map((/** @type {[number, number[], boolean]} */ [number, params, forHost]) => ({
        statement: names[number] ?? `statement ${number}`,
        bound: params.map(at),
        forHost,
      })),
    }),
    ...(sends && {
      sends: sends.map((/** @type {[string, number, number]} */ [binding, frame, delaySeconds]) => ({
        binding,
        message: at(frame),
        delaySeconds,
      })),
    }),
    ...(expected && { expect: at(expect), expected: unfold(expected, frames, names) }),
    ...(carry && { carry: carry.map(at) }),
    ...(runs && {
      runs: runs.map((/** @type {object} */ run, /** @type {number} */ n) => ({
        ...run,
        token: lines(tokens)[n],
        record: lines(records)[n],
      })),
    }),
    ...rest,
    ...(reply && { reply: { ...reply, frame: at(reply.frame) } }),
  };
}

/**
 * A decision as an object that people can read: every frame stands where the control refers to it.
 * @param {Decision} decision @param {string[]} names of the statements by number
 * @returns {any}
 */
export function readable({ op, code, output }, names) {
  const frames = textsOf(output);
  if (code !== SLUICE_OK) return { code, text: frames[0] };
  if (op === SLUICE_OP_SQL) return { code, statements: tableOf(frames) };
  const control = jsonOf(frames[0]);
  if (op === SLUICE_OP_CONFIGURE || op === SLUICE_OP_PROBE) return { code, answer: control };
  return { code, ...unfold(control, frames, names) };
}

/** @param {string} path @param {string} key */
const member = (path, key) =>
  /^[A-Za-z_]\w*$/.test(key) ? `${path}${path && '.'}${key}` : `${path}[${JSON.stringify(key)}]`;

/**
 * @param {any} was @param {any} is @param {string} [path]
 * @returns {Difference | undefined} the first one in the order of the earlier value's members
 */
export function firstDifference(was, is, path = '') {
  if (Object.is(was, is)) return undefined;
  const nested = [was, is].every((value) => typeof value === 'object' && value !== null);
  if (!nested || Array.isArray(was) !== Array.isArray(is)) return { path, was, is };
  const list = Array.isArray(was);
  for (const key of new Set([...Object.keys(was), ...Object.keys(is)])) {
    const found = firstDifference(was[key], is[key], list ? `${path}[${key}]` : member(path, key));
    if (found) return found;
  }
  return undefined;
}

/** @param {Uint8Array} was @param {Uint8Array} is @returns {Difference} of bytes that say the same */
function spelling(was, is) {
  let at = 0;
  while (was[at] === is[at]) at++;
  const near = (/** @type {Uint8Array} */ bytes) =>
    decoder.decode(bytes.subarray(Math.max(at - 20, 0), at + 20));
  return { path: `byte ${at} of the output`, was: near(was), is: near(is) };
}

/**
 * @param {Decision} was @param {Decision} is
 * @param {string[]} names of the first one's release @param {string[]} [ours] of the other's
 * @returns {Difference} of two decisions that are not the same bytes
 */
export function explain(was, is, names, ours = names) {
  return firstDifference(readable(was, names), readable(is, ours)) ?? spelling(was.output, is.output);
}

/**
 * The frames of an answer, with statements by name. What is no plan has no numbers of statements in it, and
 * stays as it was spelt.
 * @param {Decision} decision @param {string[]} names
 */
function named({ op, code, output }, names) {
  const frames = textsOf(output);
  if (code !== SLUICE_OK || op === SLUICE_OP_SQL || !frames[0]?.startsWith('{"plan":')) return frames;
  const { plan } = JSON.parse(frames[0]);
  for (const statement of plan) statement[0] = names[statement[0]] ?? statement[0];
  return [JSON.stringify(plan), ...frames.slice(1)];
}

/** Statements that came after the release are none of its business. @param {any} was @param {any} is */
function tableDifference(was, is) {
  for (const [name, text] of Object.entries(was.statements)) {
    if (is.statements?.[name] !== text)
      return { path: member('statements', name), was: text, is: is.statements?.[name] };
  }
  return undefined;
}

/**
 * Compares what an earlier release decided with what this one decides on the same inputs.
 *
 * @param {Decision[]} logged of the earlier release
 * @param {Decision[]} replayed
 * @returns {Change[]} one for each decision that is not the same
 */
export function changesBetween(logged, replayed) {
  const names = statementNames(logged);
  const ours = statementNames(replayed);
  /** @type {Change[]} */
  const changes = [];
  for (const [index, was] of logged.entries()) {
    const is = /** @type {Decision} */ (replayed[index]);
    if (was.code === is.code && equalBytes(was.output, is.output) && was.op === SLUICE_OP_CONFIGURE) continue;
    const difference =
      was.op === SLUICE_OP_SQL
        ? tableDifference(readable(was, names), readable(is, ours))
        : was.code !== is.code || named(was, names).join('\0') !== named(is, ours).join('\0')
          ? explain(was, is, names, ours)
          : undefined;
    if (difference) changes.push({ index, op: opName(was.op), ...difference });
  }
  return changes;
}

/** @param {string} path @returns {string} with every index of a list as `*` */
export const pattern = (path) => path.replace(/\[\d+\]/g, '[*]');

/**
 * What an earlier release's log finds wrong with this one.
 *
 * @param {Change[]} changes
 * @param {Intended[]} intended those that this release makes on purpose. No intention covers an input that the
 *   earlier release took and this one refuses: such inputs are under way while a release is deployed
 * @returns {string[]} lines to read; none where every change is intended, and every intended change is there
 */
export function judge(changes, intended) {
  const left = intended.map(({ count }) => count);
  const faults = [];
  for (const { index, op, path, was, is } of changes) {
    const at = intended.findIndex((entry) => entry.op === op && entry.path === pattern(path));
    if (at >= 0 && path !== 'code') left[at] = (left[at] ?? 0) - 1;
    else faults.push(`decision ${index} (${op}): ${path} was ${shown(was)} and is ${shown(is)}`);
  }
  for (const [at, count] of left.entries()) {
    const { op, path, count: told } = /** @type {Intended} */ (intended[at]);
    if (count !== 0)
      faults.push(`changes.json tells of ${told} changes of ${op} at ${path}; there are ${told - count}`);
  }
  return faults;
}

/** @param {unknown} value @returns {string} short enough for a line */
export function shown(value) {
  const text = JSON.stringify(value) ?? 'not there';
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
