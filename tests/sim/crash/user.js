// Who uses the system in a session: one request after the other, until the crash.
import { never } from '../actor.js';
import { EPOCH } from '../time.js';

/** @typedef {import('./world.js').CrashWorld} CrashWorld */
/** @typedef {import('../actor.js').Actor['kind']} Kind */
/** @typedef {{ status: number, body: string }} Reply */
/** @typedef {(program: any, env: any) => Promise<Reply>} Call */

const POLL_MS = 500;
/** Nothing that a session waits for takes longer. */
const WAIT_MS = 30 * 60000;

/**
 * A job as a request has it.
 * @param {Record<string, unknown>} [payload] `does`: what its handler does; `ends`: the states it may end in
 * @param {Record<string, unknown>} [more] options
 */
export const job = (payload, more) => ({
  type: 'test-echo',
  ...more,
  payload: { ends: 'completed', ...payload },
});

export class User {
  /** @param {CrashWorld} world @param {boolean} [stays] after the crash; a session ends with it */
  constructor(world, stays = false) {
    this.world = world;
    this.stays = stays;
  }

  get isGone() {
    return this.world.crashed && !this.stays;
  }

  /**
   * Asks for something, and waits for the answer.
   * @param {Kind} kind @param {Call} call @param {number} [jobs] that it brings
   * @returns {Promise<{ status: number, answer: any }>}
   */
  async ask(kind, call, jobs = 0) {
    const { world } = this;
    if (this.isGone) await never();
    const actor = world.actor(kind);
    const { program, env } = actor.host.start();
    const request = { actor, jobs };
    if (jobs > 0) world.judge.open.add(request);
    /** @type {Reply} */
    const { status, body } = await new Promise((resolve, reject) => {
      world.run(actor, async () => {
        try {
          const reply = await call(program, env);
          world.judge.judgeRequests();
          world.judge.open.delete(request);
          world.note(actor.name, `is answered ${reply.status}`);
          resolve(reply);
        } catch (error) {
          reject(error);
        }
      });
    });
    if (status >= 400) throw new Error(`A request was answered ${status}: ${body}`);
    return { status, answer: JSON.parse(body) };
  }

  /**
   * Enqueues one job.
   * @param {object} request
   * @param {{ key?: string, jobs?: number }} [options] jobs: 0 where it is one that is there already
   * @returns {Promise<string>}
   */
  async enqueue(request, { key, jobs = 1 } = {}) {
    const text = JSON.stringify(request);
    const { answer } = await this.ask('enqueue', (program, env) => program.enqueueOne(env, text, key), jobs);
    this.world.checker.admissions.acknowledge(answer.jobId, key && `idem:${key}#`);
    return answer.jobId;
  }

  /** Enqueues several at once. @param {object[]} jobs @param {string} [key] @returns {Promise<string[]>} */
  async enqueueAll(jobs, key) {
    const text = JSON.stringify({ jobs });
    const { answer } = await this.ask(
      'enqueue',
      (program, env) => program.enqueueBatch(env, text, key),
      jobs.length,
    );
    return answer.jobs.map((/** @type {{ jobId: string }} */ { jobId }) => {
      this.world.checker.admissions.acknowledge(jobId);
      return jobId;
    });
  }

  /** @param {'cancelJob' | 'retryJob' | 'requeueLetter' | 'discardLetter'} wish @param {string} id */
  operate(wish, id) {
    const kind = wish === 'cancelJob' ? 'cancel' : wish === 'discardLetter' ? 'discard' : 'retry';
    this.world.judge.operated.add(id);
    return this.ask(kind, (program, env) => program[wish](env, id));
  }

  /** @param {string} id of a job that is to stay cancelled */
  async cancel(id) {
    await this.operate('cancelJob', id);
    this.world.judge.told.set(id, 'cancelled');
  }

  /** @param {'pauseQueue' | 'resumeQueue'} wish @param {string} name */
  set(wish, name) {
    return this.ask('pause', (program, env) => program[wish](env, name));
  }

  /** Nothing stays paused, and no schedule goes on for ever. */
  async putRight() {
    const { database } = this.world;
    for (const { name } of database.all('SELECT substr(key, 3) AS name FROM gates WHERE paused = 1'))
      await this.set('resumeQueue', name);
    for (const { name } of database.all('SELECT name FROM schedules')) await this.unschedule(name);
  }

  /** @param {string} name @param {object} schedule */
  schedule(name, schedule) {
    const body = JSON.stringify(schedule);
    return this.ask('enqueue', (program, env) => program.putSchedule(env, name, body));
  }

  /** @param {string} name */
  unschedule(name) {
    return this.ask('enqueue', (program, env) => program.deleteSchedule(env, name));
  }

  /** A cron other than that of each minute. @param {string} cron */
  cron(cron) {
    if (!this.isGone) this.world.onCron(cron);
  }

  /** @param {number} ms */
  async sleep(ms) {
    await this.world.sleep(ms);
    if (this.isGone) await never();
  }

  /** Waits until a job has a state. @param {string} id @param {string} status */
  async until(id, status) {
    await this.untilHolds('SELECT count(*) AS n FROM jobs WHERE id = ? AND status = ?', id, status);
  }

  /** Waits until a count is not 0. @param {string} sql @param {string[]} values */
  async untilHolds(sql, ...values) {
    const { database, timeline } = this.world;
    const until = timeline.now + WAIT_MS;
    while (database.all(sql, ...values)[0].n === 0) {
      if (timeline.now > until) throw new Error(`This never held: ${sql} of ${values}`);
      await this.sleep(POLL_MS);
    }
  }

  /** Waits until shortly after the cron has come. */
  async pastTick() {
    const { now } = this.world.timeline;
    const passed = (now - EPOCH - 25000) % 60000;
    await this.sleep(60000 - passed);
  }

  loseMessages() {
    if (!this.isGone) this.world.loseMessages();
  }

  /** Somebody else's message. @param {string} queue @param {unknown} body @param {any} more */
  bring(queue, body, more) {
    if (!this.isGone) this.world.queue(queue).send(JSON.stringify(body), 0, more);
  }

  /** Whoever runs jobs now vanishes. */
  killConsumers() {
    const { alive, fleet } = this.world;
    if (this.isGone) return;
    for (const { kind, host } of [...alive])
      if (kind === 'consume') fleet.kill(host, 'as the session has it');
  }
}
