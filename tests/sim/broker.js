// Queues as the platform has them: at least once, in any order, with retries and dead letters.
import { Actor, never } from './actor.js';

/** The platform ends a consumer after 15 minutes. */
const CONSUMER_MS = 15 * 60000;
/** Invocations of one consumer at once. */
const CONCURRENCY = 4;
const DELAY_SECONDS_MAX = 86400;
const BATCH_MAX = 100;
/** Messages that a queue can repeat long after. */
const ECHOES_MAX = 30;

/**
 * @typedef {{ queue: string, max_batch_size: number, max_batch_timeout: number, max_retries: number,
 *   retry_delay?: number, dead_letter_queue?: string }} ConsumerSettings
 * @typedef {{ id: string, text: string, attempts: number, at: number }} Stored
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
    /** @type {SimQueue | undefined} */
    this.deadLetters = undefined;
  }

  /** @param {string} text the body as JSON @param {number} delayMs */
  send(text, delayMs) {
    const { faults, dice } = this.world;
    this.sent.push(text);
    if (this.sent.length > ECHOES_MAX) this.sent.shift();
    if (faults.strikes('dropped')) return this.world.note('broker', `${this.settings.queue} drops a message`);
    const id = `m${this.world.next()}`;
    if (faults.strikes('duplicated'))
      this.put({ id, text, attempts: 0, at: 0 }, delayMs + dice.below(600000));
    const late = faults.strikes('delayed') ? dice.below(1200000) : 0;
    this.put({ id, text, attempts: 0, at: 0 }, delayMs + late);
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
    this.waiting.push({ ...message, at: timeline.now + delayMs });
    timeline.after(delayMs, () => this.poll(false));
  }

  /** @param {boolean} due whether the batch timeout is over */
  poll(due) {
    const { timeline, dice } = this.world;
    const { max_batch_size: size, max_batch_timeout: timeout } = this.settings;
    if (this.active >= CONCURRENCY) return;
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

  /** @param {Stored[]} batch */
  invoke(batch) {
    const { world } = this;
    const actor = world.actor(this.kind);
    this.active++;
    /** @type {Map<string, { delaySeconds?: number } | null>} null: acknowledged */
    const marks = new Map();
    const messages = batch.map((stored, index) => ({
      id: stored.id,
      timestamp: new Date(stored.at),
      body: JSON.parse(stored.text),
      attempts: ++stored.attempts,
      ack: () => marks.set(`${index}`, null),
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
    actor.onDeath = () => end((stored) => this.again(stored, world.dice.between(1, 120) * 1000));
    world.timeline.after(CONSUMER_MS, () => open && world.vanish(actor, 'after 15 minutes'));
    world.run(actor, async () => {
      await this.deliver({ queue: this.settings.queue, messages }, actor);
      if (actor.burn() && world.faults.on) {
        world.vanish(actor, 'before its marks were told');
        return never();
      }
      end((stored, index) => this.close(stored, marks.get(`${index}`)));
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
 * An actor's binding to a queue.
 * @param {import('./world.js').World} world @param {Actor} actor @param {SimQueue} queue
 */
export function queueBinding(world, actor, queue) {
  return {
    /** @param {{ body: unknown, delaySeconds?: number }[]} list */
    async sendBatch(list) {
      if (list.length > BATCH_MAX) throw new Error('Too many messages in one batch.');
      const vanishes = actor.burn();
      await world.sleep(world.dice.between(1, 20));
      if (vanishes && world.dice.chance(0.5)) {
        world.vanish(actor, 'before its messages were sent');
        return never();
      }
      if (world.faults.strikes('sendFails')) throw new Error('Queue sendBatch failed: Internal Server Error');
      for (const { body, delaySeconds = 0 } of list) {
        if (delaySeconds > DELAY_SECONDS_MAX) throw new Error('Queue sendBatch failed: delay too long');
        queue.send(JSON.stringify(body), delaySeconds * 1000);
      }
      if (vanishes) {
        world.vanish(actor, 'after its messages were sent');
        return never();
      }
      if (world.faults.strikes('sendUnreported')) throw new Error('Queue sendBatch failed: timeout');
    },
  };
}
