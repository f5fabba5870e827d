// Queues as the platform has them: at least once, in any order, with retries and dead letters.
import { never } from './actor.js';
import { acting } from './time.js';

/** The platform ends a consumer after 15 minutes. */
const CONSUMER_MS = 15 * 60000;
/** Invocations of one consumer at once. */
const CONCURRENCY = 4;
const DELAY_SECONDS_MAX = 86400;
const BATCH_MAX = 100;
/** Messages that a queue can repeat long after. */
const ECHOES_MAX = 30;
/** Deliveries that a worn message has behind it at most. */
const WORN_MAX = 5;

/**
 * @typedef {{ queue: string, max_batch_size: number, max_batch_timeout: number, max_retries: number,
 *   retry_delay?: number, dead_letter_queue?: string }} ConsumerSettings
 * @typedef {import('./actor.js').Actor} Actor
 * @typedef {{ id: string, text: string, bytes?: Uint8Array, attempts: number, at: number,
 *   expects?: Expected[] }} Stored
 *   one message: JSON, or bytes that are none
 * @typedef {{ ext?: string, place: number }} Expected what must come of each envelope of somebody else's message: a job
 *   under its id, or a dead letter
 * @typedef {(batch: any, actor: Actor) => Promise<void>} Deliver
 */

export class SimQueue {
  /**
   * @param {import('./world.js').World} world
   * @param {ConsumerSettings} settings
   * @param {Actor['kind']} kind of the actors that consume it
   * @param {Deliver} deliver
   */
  constructor(world, settings, kind, deliver) {
    this.world = world;
    this.settings = settings;
    this.kind = kind;
    this.deliver = deliver;
    /** @type {Stored[]} */
    this.waiting = [];
    /** @type {string[]} bodies of the latest messages */
    this.sent = [];
    this.active = 0;
    /** Nothing is delivered before. */
    this.pausedUntil = 0;
    /** @type {SimQueue | undefined} */
    this.deadLetters = undefined;
  }

  /** @param {string} text the body as JSON @param {number} delayMs @param {Partial<Stored>} [more] */
  send(text, delayMs, more = {}) {
    const { faults, dice } = this.world;
    if (!more.expects) {
      this.sent.push(text);
      if (this.sent.length > ECHOES_MAX) this.sent.shift();
    }
    if (faults.strikes('dropped')) return this.world.note('broker', `${this.settings.queue} drops a message`);
    const worn = faults.strikes('worn') ? dice.between(1, Math.min(WORN_MAX, this.settings.max_retries)) : 0;
    const message = { id: `m${this.world.next()}`, text, at: 0, attempts: worn, ...more };
    if (faults.strikes('duplicated')) this.put({ ...message }, delayMs + dice.below(600000));
    const late = faults.strikes('delayed') ? dice.below(1200000) : 0;
    this.put(message, delayMs + late);
  }

  /** Repeats what it has delivered of a job. @param {string} jobId */
  echo(jobId) {
    for (const text of this.sent) {
      if (!text.includes(jobId)) continue;
      this.put({ id: `m${this.world.next()}`, text, attempts: 0, at: 0 }, this.world.dice.below(15000));
    }
  }

  /** @param {Stored} message @param {number} delayMs */
  put(message, delayMs) {
    const { timeline, faults } = this.world;
    if (this.deadLetters && faults.strikes('strayed')) {
      this.world.note('broker', `${this.settings.queue} dead-letters ${message.id} on its own`);
      this.deadLetters.put({ ...message, attempts: 0 }, delayMs);
      return;
    }
    const at = timeline.now + delayMs;
    this.waiting.push({ ...message, at });
    if (this.world.faults.on) this.world.expectBy(at);
    timeline.after(delayMs, () => this.poll(false));
  }

  /** @param {boolean} due whether the batch timeout is over */
  poll(due) {
    const { timeline, dice } = this.world;
    const { max_batch_size: size, max_batch_timeout: timeout } = this.settings;
    if (this.active >= CONCURRENCY || timeline.now < this.pausedUntil) return;
    const ready = this.waiting.filter((message) => message.at <= timeline.now);
    if (ready.length === 0) return;
    const waited = timeline.now - Math.min(...ready.map((message) => message.at));
    if (!due && ready.length < size && waited < timeout * 1000) {
      timeline.after(timeout * 1000 - waited, () => this.poll(false));
      return;
    }
    /** @type {Stored[]} */
    const batch = [];
    while (batch.length < size && ready.length > 0) {
      const at = dice.chance(0.7) ? 0 : dice.below(ready.length);
      batch.push(.../** @type {Stored[]} */ (ready.splice(at, 1)));
    }
    this.waiting = this.waiting.filter((message) => !batch.includes(message));
    this.invoke(batch);
    if (ready.length > 0) this.poll(false);
  }

  /** Delivers nothing for a while. @param {number} ms */
  pause(ms) {
    const { timeline } = this.world;
    this.pausedUntil = timeline.now + ms;
    timeline.after(ms, () => this.poll(true));
  }

  /** @param {Stored[]} batch */
  invoke(batch) {
    const { world } = this;
    const actor = world.actor(this.kind);
    actor.messages = batch.map(({ text }) => text);
    this.active++;
    /** @type {Map<string, { delaySeconds?: number } | null>} null: acknowledged */
    const marks = new Map();
    const messages = batch.map((stored, index) => ({
      id: stored.id,
      timestamp: new Date(stored.at),
      body: stored.bytes ?? JSON.parse(stored.text),
      attempts: ++stored.attempts,
      ack: () => {
        marks.set(`${index}`, null);
        const others = batch.filter((_, i) => marks.get(`${i}`) !== null);
        world.checker.messages.judgeAcknowledgement(actor, stored, others);
      },
      retry: (/** @type {any} */ options = {}) => marks.set(`${index}`, options),
    }));
    world.note(actor.name, `is delivered ${batch.map(({ id }) => id).join(' ')} of ${this.settings.queue}`);
    let open = true;
    const end = (/** @type {(stored: Stored, index: number) => void} */ decide) => {
      if (!open) return;
      open = false;
      this.active--;
      batch.forEach(decide);
      this.poll(false);
    };
    /** @param {Stored} stored @param {number} index */
    const close = (stored, index) => this.close(stored, marks.get(`${index}`));
    actor.onDeath = () => end((stored) => this.again(stored, world.dice.between(1, 120) * 1000));
    world.timeline.after(CONSUMER_MS, () => open && world.vanish(actor, 'after 15 minutes'));
    world.run(actor, async () => {
      await this.deliver({ queue: this.settings.queue, messages }, actor);
      if (world.atDoor(actor, 'marks') && world.faults.on) {
        world.vanish(actor, 'before its marks were told');
        return never();
      }
      const mark = (/** @type {number} */ index) => marks.get(`${index}`);
      if (open) world.checker.deliveries.judge(this, batch, mark);
      if (open) world.checker.messages.judgeMarks(this, actor, batch, mark);
      end(close);
    });
  }

  /** @param {Stored} stored @param {{ delaySeconds?: number } | null | undefined} mark */
  close(stored, mark) {
    const { faults, dice } = this.world;
    if (mark) {
      const delay = mark.delaySeconds ?? this.settings.retry_delay ?? 0;
      if (delay > DELAY_SECONDS_MAX) throw new Error(`A retry asks for ${delay} s.`);
      this.again(stored, delay * 1000);
    } else if (faults.strikes('redelivered')) {
      this.put(stored, dice.below(600000));
    }
  }

  /** @param {Stored} stored @param {number} delayMs */
  again(stored, delayMs) {
    if (stored.attempts <= this.settings.max_retries) return this.put(stored, delayMs);
    this.world.note('broker', `${this.settings.queue} gives up on ${stored.id}`);
    this.deadLetters?.put({ ...stored, attempts: 0 }, 0);
  }
}

/**
 * An isolate's binding to a queue.
 * @param {import('./world.js').World} world @param {SimQueue} queue
 */
export function queueBinding(world, queue) {
  const { faults, dice } = world;
  return {
    /** @param {{ body: unknown, delaySeconds?: number }[]} list */
    async sendBatch(list) {
      const actor = acting();
      if (list.length > BATCH_MAX) throw new Error('Too many messages in one batch.');
      const vanishes = world.atDoor(actor, 'queue');
      for (const { body, delaySeconds = 0 } of list)
        world.checker.messages.judgeSend(actor, JSON.stringify(body), delaySeconds);
      await world.sleep(dice.between(1, 20));
      if (vanishes && world.isEarly()) {
        world.vanish(actor, 'before its messages were sent');
        return never();
      }
      if (faults.strikes('sendFails')) throw new Error('Queue sendBatch failed: Internal Server Error');
      const partly = list.length > 1 && faults.strikes('sendPartly');
      for (const { body, delaySeconds = 0 } of partly ? list.slice(0, dice.below(list.length)) : list) {
        if (delaySeconds > DELAY_SECONDS_MAX) throw new Error('Queue sendBatch failed: delay too long');
        queue.send(JSON.stringify(body), delaySeconds * 1000);
      }
      if (vanishes) {
        world.vanish(actor, 'after its messages were sent');
        return never();
      }
      if (partly || faults.strikes('sendUnreported')) throw new Error('Queue sendBatch failed: timeout');
    },
  };
}
