// Virtual time: a heap of events, and the globals that programs read time and chance from. Whoever asks for the
// time is told by the clock of the actor on whose behalf the code runs.
import { AsyncLocalStorage } from 'node:async_hooks';

/** When every world begins; any time would do. */
export const EPOCH = 1_800_000_000_000;

/** @typedef {{ at: number, order: number, run: (() => void) | undefined }} Event */
/** @typedef {import('./actor.js').Actor} Actor */

/** @type {AsyncLocalStorage<Actor>} */
export const actors = new AsyncLocalStorage();

/** The actor on whose behalf the code runs. */
export const acting = () => /** @type {Actor} */ (actors.getStore());

/** Events in order of time; those of one time in order of their making. */
export class Timeline {
  constructor() {
    this.now = EPOCH;
    this.made = 0;
    /** @type {Event[]} a binary heap */
    this.heap = [];
  }

  /** @param {number} ms from now @param {() => void} run */
  after(ms, run) {
    return this.at(this.now + ms, run);
  }

  /** @param {number} at @param {() => void} run @returns {Event} */
  at(at, run) {
    /** @type {Event} */
    const event = { at: 0, order: 0, run };
    this.postpone(event, at);
    return event;
  }

  /** @param {Event} event that is not in the heap @param {number} at */
  postpone(event, at) {
    event.at = Math.max(at, this.now);
    event.order = this.made++;
    const heap = this.heap;
    let i = heap.push(event) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!isBefore(event, heap[parent])) break;
      heap[i] = /** @type {Event} */ (heap[parent]);
      i = parent;
    }
    heap[i] = event;
  }

  /** @returns {Event | undefined} the next event, taken out */
  pop() {
    const heap = this.heap;
    const first = heap[0];
    const last = heap.pop();
    if (!first || !last || first === last) return first;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++;
      if (!isBefore(heap[child], last)) break;
      heap[i] = /** @type {Event} */ (heap[child]);
      i = child;
    }
    heap[i] = last;
    return first;
  }
}

/** @param {Event | undefined} one @param {Event | undefined} other */
function isBefore(one, other) {
  if (!one || !other) return false;
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}

const RealDate = Date;
const realImmediate = setImmediate;

/** Resolves when every microtask has run. */
export const idle = () => new Promise((resolve) => realImmediate(resolve));

/** @type {{ timeline: Timeline, entropy: import('./dice.js').Dice } | undefined} */
let current;

/** @param {typeof current} world whose time the globals tell from now on */
export function enter(world) {
  current = world;
}

function now() {
  return (current?.timeline.now ?? EPOCH) + (actors.getStore()?.skew ?? 0);
}

class VirtualDate extends RealDate {
  /** @param {any[]} args */
  constructor(...args) {
    // @ts-expect-error Date has one signature per number of arguments
    super(...(args.length === 0 ? [now()] : args));
  }

  static now() {
    return now();
  }
}

/** @param {(...args: any[]) => void} run @param {number} [ms] @param {any[]} args */
function virtualTimeout(run, ms = 0, ...args) {
  const actor = actors.getStore();
  const timeline = current?.timeline;
  const fire = () => {
    if (!actor) return run(...args);
    if (actor.dead || !timeline) return;
    if (actor.frozen) actor.parked.push(event);
    else actors.run(actor, run, ...args);
  };
  const event = /** @type {Event} */ (timeline?.after(Math.max(0, ms), fire));
  return event;
}

/** @param {Event | undefined} event */
function clearVirtual(event) {
  if (event) event.run = undefined;
}

/** @param {any} array */
function randomValues(array) {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  for (let i = 0; i < bytes.length; i++) bytes[i] = current?.entropy.below(256) ?? 0;
  return array;
}

function randomId() {
  const hex = Array.from({ length: 32 }, () => (current?.entropy.below(16) ?? 0).toString(16)).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** @param {number} ms */
function virtualSignal(ms) {
  const controller = new AbortController();
  virtualTimeout(() => controller.abort(new DOMException('The time is over.', 'TimeoutError')), ms);
  return controller.signal;
}

/** Puts virtual time and seeded chance in place of the real ones, for the whole process. */
export function install() {
  Object.assign(globalThis, {
    Date: VirtualDate,
    setTimeout: virtualTimeout,
    clearTimeout: clearVirtual,
    setInterval: () => {
      throw new Error('Nothing in the shims needs setInterval; virtual time does not have it.');
    },
  });
  Object.defineProperties(crypto, {
    getRandomValues: { value: randomValues },
    randomUUID: { value: randomId },
  });
  Object.defineProperty(AbortSignal, 'timeout', { value: virtualSignal });
}
