// Records what the core and the views decide: instances of the modules write their calls into one decision log
// (tests/decisions/format.js).
import { closeSync, openSync, writeSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import {
  SLUICE_ABI_VERSION,
  SLUICE_OK,
  SLUICE_OP_CONFIGURE,
  SLUICE_OP_SQL,
} from '../../shim/abi.generated.js';
import { encodeDecision, encodeHeader, join, mergeTables } from '../decisions/format.js';

/** @typedef {import('../decisions/format.js').Decision} Decision */

/** So many bytes are gathered before they are written. */
const CHUNK_BYTES = 1 << 24;

class Recorder {
  /** @param {string} file @param {string} version */
  constructor(file, version) {
    this.file = openSync(file, 'w');
    writeSync(this.file, gzipSync(encodeHeader(version, SLUICE_ABI_VERSION)));
    /** @type {Map<string, Uint8Array[]>} what was decided under each configuration */
    this.chapters = new Map();
    this.bytes = 0;
    /**
     * The table of statements, which is written last: each module has its own part of it.
     * @type {{ configured: Decision, decision: Decision } | undefined}
     */
    this.table = undefined;
  }

  /**
   * @param {Decision} configured the call that configured the module
   * @param {Decision} [decision]
   */
  add(configured, decision) {
    const key = Buffer.from(configured.input).toString('latin1');
    const chapter = this.chapters.get(key) ?? [encodeDecision(configured)];
    this.chapters.set(key, chapter);
    if (!decision) return;
    const part = encodeDecision(decision);
    chapter.push(part);
    this.bytes += part.length;
    if (this.bytes >= CHUNK_BYTES) this.flush();
  }

  /** @param {Decision} configured @param {Decision} decision of SLUICE_OP_SQL */
  addTable(configured, decision) {
    const known = this.table?.decision.output;
    const output = known ? mergeTables(known, decision.output) : decision.output;
    this.table = { configured, decision: { ...decision, output } };
  }

  /** No decision depends on another: those of one configuration are written together. */
  flush() {
    writeSync(this.file, gzipSync(join([...this.chapters.values()].flat())));
    this.chapters.clear();
    this.bytes = 0;
  }

  close() {
    if (this.table) this.add(this.table.configured, this.table.decision);
    this.flush();
    closeSync(this.file);
  }
}

/** @param {Recorder} recorder @param {Record<string, any>} exports */
function recorded(recorder, exports) {
  let at = 0;
  /** @type {Decision | undefined} */
  let configured;
  const copy = (/** @type {number} */ from, /** @type {number} */ size) =>
    new Uint8Array(exports.memory.buffer.slice(from, from + size));
  return {
    ...exports,
    /** @param {number} size */
    sluice_input(size) {
      at = exports.sluice_input(size) >>> 0;
      return at;
    },
    /** @param {number} op @param {number} size */
    sluice_call(op, size) {
      const input = copy(at, size);
      const code = exports.sluice_call(op, size);
      const output = copy(exports.sluice_output() >>> 0, exports.sluice_output_size());
      const decision = { op, code, input, output };
      if (op === SLUICE_OP_CONFIGURE && code === SLUICE_OK) configured = decision;
      if (configured && op === SLUICE_OP_SQL) recorder.addTable(configured, decision);
      else if (configured) recorder.add(configured, decision === configured ? undefined : decision);
      return code;
    },
  };
}

/**
 * Records until the process ends.
 * @param {string} file the gzipped log to write
 * @param {string} version of the release
 * @returns {(exports: Record<string, any>) => Record<string, any>} of an instance: those that record
 */
export function record(file, version) {
  const recorder = new Recorder(file, version);
  process.on('exit', () => recorder.close());
  return (exports) => recorded(recorder, exports);
}
