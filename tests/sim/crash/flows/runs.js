// What becomes of a job that runs: claim, pulse, settle, and the failures.
import { job } from '../user.js';

/** @type {import('../world.js').Flow[]} */
export const runs = [
  {
    name: 'retry and snooze',
    async session(user) {
      await user.enqueueAll([job({ does: 'stumbles' }), job({ does: 'snoozes' })]);
    },
  },
  {
    name: 'long run',
    async session(user) {
      await user.enqueueAll([job({ does: 'long' }), job({ does: 'keeps' })]);
    },
  },
  {
    name: 'jobs from a handler',
    async session(user) {
      await user.enqueue(job({ does: 'spreads' }));
    },
  },
  {
    name: 'locks',
    async session(user) {
      await user.enqueueAll([job({ does: 'locks' }), job({ does: 'locks' })]);
    },
    isAtRest: ({ database }) => database.all('SELECT key FROM locks').length === 0,
  },
  {
    name: 'fail',
    async session(user) {
      await user.enqueueAll([
        job({ does: 'fails', ends: 'failed' }, { maxAttempts: 2 }),
        job({ does: 'gives_up', ends: 'failed' }, { type: 'test-scrapelike' }),
        job({ does: 'gives_up', ends: 'failed' }, { type: 'test-polled' }),
      ]);
    },
  },
  {
    name: 'poison',
    async session(user) {
      await user.enqueue(job({ does: 'kills', ends: 'failed' }));
    },
  },
  {
    name: 'poll',
    vars: { POLL_BATCH: '1' },
    async session(user) {
      await user.enqueueAll([
        job({}, { type: 'test-polled', priority: 1 }),
        job({ does: 'stumbles' }, { type: 'test-polled', concurrencyKey: 'one' }),
        job({ does: 'long' }, { type: 'test-polled-aside', concurrencyKey: 'one' }),
      ]);
    },
  },
];
