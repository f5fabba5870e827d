// How jobs come into the record.
import { job } from '../user.js';

/** @typedef {import('../world.js').Flow} Flow */

const TALK = 'URGENT: scrape https://example.com/a and https://example.com/b right now!';

/** @type {Flow[]} */
export const admissions = [
  {
    name: 'enqueue',
    async session(user) {
      await user.enqueue(job());
    },
  },
  {
    name: 'enqueue a batch',
    async session(user) {
      await user.enqueueAll([
        job({ text: 'x'.repeat(6000) }),
        job({}, { type: 'test-scrapelike' }),
        job({}, { type: 'test-scrapelike', priority: 1 }),
        job({}, { type: 'test-polled' }),
        job({}, { delaySeconds: 30 }),
      ]);
    },
  },
  {
    name: 'enqueue for later',
    async session(user) {
      await user.enqueueAll([
        job({}, { delaySeconds: 400 }),
        job({}, { type: 'test-polled', delaySeconds: 100 }),
      ]);
    },
  },
  {
    name: 'enqueue once',
    async session(user) {
      const unique = job({}, { uniqueKey: 'only' });
      await user.enqueue(unique);
      await user.enqueue(unique, { jobs: 0 });
      await user.enqueue(job(), { key: 'again' });
      await user.enqueue(job(), { key: 'again', jobs: 0 });
    },
  },
  {
    name: 'depend',
    async session(user) {
      const [first = '', second = ''] = await user.enqueueAll([job(), job({ does: 'long' })]);
      const both = await user.enqueue(job({}, { dependsOn: [first, second] }));
      const bad = await user.enqueue(job({ does: 'gives_up', ends: 'failed' }, { delaySeconds: 5 }));
      const cancelled = await user.enqueue(job({ ends: 'cancelled' }, { dependsOn: [bad, both] }));
      await user.enqueueAll([
        job({ ends: 'cancelled' }, { dependsOn: [cancelled] }),
        job({}, { dependsOn: [cancelled, bad], onDependencyFailure: 'proceed' }),
      ]);
    },
  },
  {
    name: 'chat',
    async session(user) {
      const text = JSON.stringify({ message: TALK, userId: 'u1', sessionId: 's1' });
      const { answer } = await user.ask('enqueue', (program, env) => program.chat(env, text), 2);
      if (answer.jobs.length !== 2) throw new Error('The message asks for two jobs.');
    },
  },
  {
    name: 'adopt',
    async session(user) {
      const body = { id: 'theirs', type: 'test-echo', payload: { ends: 'completed' }, metadata: {} };
      user.bring('background-jobs', body, { expects: [{ ext: 'theirs', place: 0 }] });
      user.bring('background-jobs', { no: 'job' }, { expects: [{ place: 0 }] });
      await user.untilHolds("SELECT count(*) AS n FROM jobs WHERE status = 'completed'");
    },
  },
  {
    name: 'compatibility layer',
    async session(user) {
      const text = JSON.stringify({ type: 'product', target_url: 'https://example.com/', priority: 5 });
      const { answer } = await user.ask('enqueue', (program, env) => program.compatEnqueue(env, text), 1);
      await user.until(answer.data.id, 'completed');
      const failed = await user.enqueue(job({ does: 'gives_up', ends: 'failed, pending' }));
      await user.until(failed, 'failed');
      const which = JSON.stringify({ id: failed });
      await user.ask('retry', (program, env) => program.compatRequeue(env, which));
    },
  },
];
