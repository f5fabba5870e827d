// A decision log: the calls of the modules of flows, the core and the views, over the ABI
// (wasm/abi/sluice_abi.h), and what they answered.
//
//   header     one line of JSON: {"decisions": 1, "version": the release, "abi": SLUICE_ABI_VERSION}
//   decisions  one after the other, each four 32-bit numbers, little-endian,
//                op, result of sluice_call, bytes of the input, bytes of the output,
//              then the input and the output as they lay in the core's memory: frames, and what is none
//
// A log is only ever appended to. A call of SLUICE_OP_CONFIGURE comes first, and comes again wherever what
// follows was decided under another configuration; beyond that no decision depends on an earlier one, so those
// of instances that took turns are put together. Which module decided, its operation says. Both are configured
// alike, and the answer of SLUICE_OP_SQL, the log's table of statements, has those of both.
// Traps are not in it: a trap decides nothing. Files are gzipped, in any number of members.
import { SLUICE_OK, SLUICE_OP_CONFIGURE, SLUICE_OP_SQL } from '../../shim/abi.generated.js';

export const FORMAT = 1;
const HEAD_BYTES = 16;
const NEWLINE = 10;

/**
 * @typedef {{ decisions: number, version: string, abi: number }} Header
 * @typedef {{ op: number, code: number, input: Uint8Array, output: Uint8Array }} Decision
 */

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** @param {Uint8Array[]} parts @returns {Uint8Array} */
export function join(parts) {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** @param {string} version @param {number} abi @returns {Uint8Array} */
export function encodeHeader(version, abi) {
  return encoder.encode(`${JSON.stringify({ decisions: FORMAT, version, abi })}\n`);
}

/** @param {Decision} decision @returns {Uint8Array} */
export function encodeDecision({ op, code, input, output }) {
  const head = new Uint8Array(HEAD_BYTES);
  const view = new DataView(head.buffer);
  view.setUint32(0, op, true);
  view.setInt32(4, code, true);
  view.setUint32(8, input.length, true);
  view.setUint32(12, output.length, true);
  return join([head, input, output]);
}

/**
 * Reads a log that is not gzipped any more; throws where it is none, or ends inside a decision. The decisions'
 * bytes are views of the log's.
 *
 * @param {Uint8Array} bytes
 * @returns {{ header: Header, decisions: Decision[] }}
 */
export function readLog(bytes) {
  const end = bytes.indexOf(NEWLINE);
  const header = JSON.parse(decoder.decode(bytes.subarray(0, Math.max(end, 0))));
  if (header.decisions !== FORMAT) throw new Error(`This is no decision log of format ${FORMAT}.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const decisions = [];
  let at = end + 1;
  while (at < bytes.length) {
    const rest = at + HEAD_BYTES;
    if (rest > bytes.length) throw new Error(`The log ends inside decision ${decisions.length}.`);
    const middle = rest + view.getUint32(at + 8, true);
    const next = middle + view.getUint32(at + 12, true);
    if (next > bytes.length) throw new Error(`The log ends inside decision ${decisions.length}.`);
    decisions.push({
      op: view.getUint32(at, true),
      code: view.getInt32(at + 4, true),
      input: bytes.subarray(rest, middle),
      output: bytes.subarray(middle, next),
    });
    at = next;
  }
  return { header, decisions };
}

/** @param {Header} header @param {Decision[]} decisions @returns {Uint8Array} */
export function writeLog({ version, abi }, decisions) {
  return join([encodeHeader(version, abi), ...decisions.map(encodeDecision)]);
}

/**
 * A log of one decision, with what it needs: its configuration and the table of statements.
 * @param {Decision[]} decisions of a log @param {number} index
 * @returns {Decision[]} the decision last
 */
export function alone(decisions, index) {
  const before = decisions.slice(0, index);
  const configuration = before.findLast(({ op, code }) => op === SLUICE_OP_CONFIGURE && code === SLUICE_OK);
  const table = decisions.findLast(({ op }) => op === SLUICE_OP_SQL);
  const decision = decisions[index];
  if (!decision) throw new Error(`The log holds ${decisions.length} decisions.`);
  return [configuration, table, decision].filter((one) => one !== undefined);
}

/** @param {(string | Uint8Array)[]} frames @returns {Uint8Array} input of a call */
export function encodeFrames(frames) {
  const parts = frames.map((frame) => (typeof frame === 'string' ? encoder.encode(frame) : frame));
  const number = (/** @type {number} */ n) => new Uint8Array(new Uint32Array([n]).buffer);
  return join([number(parts.length), ...parts.flatMap((part) => [number(part.length), part])]);
}

/** @param {Uint8Array} bytes @returns {Uint8Array[] | undefined} undefined where the lengths do not add up */
export function decodeFrames(bytes) {
  if (bytes.length < 4) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const frames = [];
  let at = 4;
  for (let left = view.getUint32(0, true); left > 0; left--) {
    if (at + 4 > bytes.length) return undefined;
    const next = at + 4 + view.getUint32(at, true);
    if (next > bytes.length) return undefined;
    frames.push(bytes.subarray(at + 4, next));
    at = next;
  }
  return at === bytes.length ? frames : undefined;
}

/**
 * @param {Uint8Array} a @param {Uint8Array} b answers of SLUICE_OP_SQL, each without what only the other has
 * @returns {Uint8Array} one with the statements of both
 */
export function mergeTables(a, b) {
  const others = decodeFrames(b) ?? [];
  const frames = (decodeFrames(a) ?? []).map((frame, i) => (frame.length > 0 ? frame : (others[i] ?? frame)));
  return encodeFrames(frames);
}

/** @param {Uint8Array} a @param {Uint8Array} b @returns {boolean} */
export function equalBytes(a, b) {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
