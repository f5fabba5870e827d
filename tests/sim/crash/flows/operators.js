// What operators do to jobs and dead letters.
import { job } from '../user.js';

const FAILS = { does: 'gives_up', ends: 'failed, completed' };

/** @type {import('../world.js').Flow[]} */
export const operators = [
  {
    name: 'cancel',
    async session(user) {
      const ends = 'completed, cancelled';
      const [waits = '', runs = ''] = await user.enqueueAll([
        job({ ends }, { delaySeconds: 60 }),
        job({ ends, does: 'long' }),
        job({}, { delaySeconds: 90 }),
      ]);
      await user.cancel(waits);
      await user.until(runs, 'processing');
      await user.cancel(runs);
    },
  },
  {
    name: 'retry',
    async session(user) {
      const ends = 'completed, cancelled';
      const failed = await user.enqueue(job({ ...FAILS }));
      await user.until(failed, 'failed');
      await user.operate('retryJob', failed);
      const runs = await user.enqueue(job({ does: 'long', ends }));
      await user.until(runs, 'processing');
      await user.operate('cancelJob', runs);
      await user.operate('retryJob', runs);
    },
  },
  {
    name: 'dead letters',
    async session(user) {
      const [one = '', other = ''] = await user.enqueueAll([job(FAILS), job(FAILS)]);
      await user.until(one, 'failed');
      await user.until(other, 'failed');
      await user.sleep(10000);
      await user.operate('discardLetter', other);
      await user.operate('requeueLetter', one);
    },
  },
  {
    name: 'redrive',
    async session(user) {
      const ids = await user.enqueueAll([job(FAILS), job(FAILS), job({ ...FAILS }, { type: 'test-polled' })]);
      user.bring('background-jobs', { no: 'job' }, { expects: [{ place: 0 }] });
      for (const id of ids) await user.until(id, 'failed');
      await user.ask('retry', (program, env) => program.requeueLetters(env, '{"all":true,"limit":2}'));
      await user.ask('retry', (program, env) => program.requeueLetters(env, '{"all":true}'));
    },
  },
];
