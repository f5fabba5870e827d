// Drives the core and the views by hand, as shim/step.js and shim/store.js do, on a database in memory, and keeps every
// call.
import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import {
  SLUICE_CHAT_READ,
  SLUICE_OK,
  SLUICE_OP_ADMIT_CHAT,
  SLUICE_OP_CONFIGURE,
  SLUICE_OP_SQL,
} from '../../shim/abi.generated.js';
import { decodeFrames, encodeFrames } from './format.js';
import { Deciders, Instance } from './replay.js';

const root = path.join(import.meta.dirname, '../..');
const decoder = new TextDecoder();

/** When the calls begin; any time would do. */
export const START = 1_800_000_000_000;

/**
 * @typedef {string | { text: string, committed: boolean }} Failure what a batch fails with, before or after it
 *   was committed
 * @typedef {{ control: any, reply: any, sends: { binding: string, body: string, delaySeconds: number }[] }} Outcome
 */

function emptyDatabase() {
  const database = new DatabaseSync(':memory:');
  for (const file of globSync('migrations/*.sql', { cwd: root }).sort()) {
    database.exec(readFileSync(path.join(root, file), 'utf8'));
  }
  return database;
}

/** @param {string | undefined} text */
const parsed = (text) => JSON.parse(text ?? 'null');

export class Hand {
  /**
   * @param {import('./replay.js').Compiled} compiled
   * @param {any} chatModule another WebAssembly.Module: what it reads is no decision
   */
  constructor(compiled, chatModule) {
    this.deciders = new Deciders(compiled);
    this.rules = new Instance(chatModule);
    /** @type {import('./format.js').Decision[]} */
    this.decisions = [];
    this.now = START;
    this.steps = 0;
    this.database = emptyDatabase();
    /** @type {string[]} texts by number */
    this.statements = [];
    /** @type {import('node:sqlite').StatementSync[]} */
    this.prepared = [];
  }

  /** @param {number} op @param {(string | Uint8Array)[] | Uint8Array} input frames, or bytes that may be none */
  call(op, input) {
    const bytes = Array.isArray(input) ? encodeFrames(input) : input;
    const decision = this.deciders.call(op, bytes);
    this.decisions.push(decision);
    const frames = (decodeFrames(decision.output) ?? []).map((frame) => decoder.decode(frame));
    return { code: decision.code, frames };
  }

  /** What follows is decided under this configuration, on an empty database. @param {unknown} configuration */
  begin(configuration) {
    const { code, frames } = this.call(SLUICE_OP_CONFIGURE, [JSON.stringify(configuration)]);
    if (code !== SLUICE_OK) throw new Error(frames[0]);
    this.statements = this.call(SLUICE_OP_SQL, []).frames.filter((_, i) => i % 2 === 1);
    this.database.close();
    this.database = emptyDatabase();
    this.prepared = this.statements.map((text) => this.database.prepare(text));
    this.now = START;
  }

  /** @param {number} ms */
  wait(ms) {
    this.now += ms;
  }

  /** One transaction. @param {[number, number[], boolean][]} plan @param {string[]} frames @returns {string} rows */
  batch(plan, frames) {
    const { database } = this;
    database.exec('BEGIN');
    try {
      const rows = plan.map(([number, params]) =>
        /** @type {import('node:sqlite').StatementSync} */ (this.prepared[number]).all(
          ...params.map((index) => frames[index] ?? null),
        ),
      );
      database.exec('COMMIT');
      const kept = rows.filter((_, i) => !plan[i]?.[2]);
      return `[${kept.map((list) => `[${list.map(({ r }) => r)}]`)}]`;
    } catch (error) {
      database.exec('ROLLBACK');
      throw new Error(`D1_ERROR: ${/** @type {Error} */ (error).message}`);
    }
  }

  /** @param {[number, number[], boolean][]} plan @param {string[]} frames @param {Failure | undefined} failure */
  run(plan, frames, failure) {
    if (failure === undefined) return this.batch(plan, frames);
    const { text, committed } = typeof failure === 'string' ? { text: failure, committed: false } : failure;
    if (committed) this.batch(plan, frames);
    throw new Error(text);
  }

  /**
   * One flow to its outcome.
   * @param {number} op @param {Record<string, unknown>} control
   * @param {(string | Uint8Array)[]} [bodies]
   * @param {(Failure | undefined)[]} [failures] of its batches, one after the other
   * @returns {Outcome}
   */
  flow(op, control, bodies = [], failures = []) {
    const seed = createHash('sha256')
      .update(`${++this.steps}`)
      .digest('hex')
      .slice(0, 32);
    const base = { ...control, now: this.now, seed };
    const left = [...failures];
    /** @type {string[]} */
    const rows = [];
    /** @type {{ failed?: boolean, failure?: string, tries?: number }} */
    let fault = {};
    /**
     * @type {{ plan: [number, number[], boolean][], frames: string[], expect?: number, expected?: any }
     *   | undefined}
     */
    let last;
    /** @type {string[] | undefined} */
    let carry;
    for (;;) {
      const carried = fault.failed ? undefined : carry;
      const given = carried ?? bodies;
      const asked = { ...base, ...fault, bodies: given.length, ...(carried && { carried: true }) };
      const { code, frames } = this.call(op, [JSON.stringify(asked), ...given, ...rows]);
      if (code !== SLUICE_OK) throw new Error(`The core refused: ${frames[0]}`);
      const answer = parsed(frames[0]);
      if (answer.plan) {
        last = { plan: answer.plan, frames, expect: answer.expect, expected: answer.expected };
        carry = answer.carry?.map((/** @type {number} */ index) => frames[index] ?? '');
      } else if (answer.againMs === undefined || !last) return outcomeOf(answer, frames);
      try {
        const told = this.run(last.plan, last.frames, left.shift());
        if (last.expected && told === last.frames[last.expect ?? 0])
          return outcomeOf(last.expected, last.frames);
        rows.push(told);
        fault = {};
      } catch (error) {
        const failure = /** @type {Error} */ (error).message;
        fault = { failed: true, failure, tries: (fault.tries ?? 0) + 1 };
      }
    }
  }

  /** Sites of the messages to come. @param {string} SITES */
  askAbout(SITES) {
    this.rules.run(SLUICE_OP_CONFIGURE, encodeFrames([JSON.stringify({ vars: { SITES } })]));
  }

  /**
   * One message's flow, as shim/flows/chat.js.
   * @param {string} body @param {(Failure | undefined)[]} [failures]
   */
  chat(body, failures) {
    const { output } = this.rules.run(SLUICE_CHAT_READ, encodeFrames([body]));
    return this.flow(SLUICE_OP_ADMIT_CHAT, {}, [body, ...(decodeFrames(output) ?? [])], failures);
  }
}

/** @param {any} control @param {string[]} frames @returns {Outcome} */
function outcomeOf(control, frames) {
  const sends = (control.sends ?? []).map(
    (/** @type {[string, number, number]} */ [binding, frame, delay]) => ({
      binding,
      body: frames[frame] ?? '',
      delaySeconds: delay,
    }),
  );
  const lines = (/** @type {number | undefined} */ frame) => (frame ? (frames[frame] ?? '').split('\n') : []);
  const tokens = lines(control.tokens);
  const records = lines(control.records);
  control.runs?.forEach((/** @type {any} */ run, /** @type {number} */ n) => {
    run.token = parsed(tokens[n]);
    run.record = records[n];
  });
  return { control, sends, reply: control.reply && parsed(frames[control.reply.frame] || 'null') };
}
