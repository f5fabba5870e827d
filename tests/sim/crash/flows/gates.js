// What waits for a place.
import { job } from '../user.js';

/** @type {import('../world.js').Flow[]} */
export const gates = [
  {
    name: 'lines',
    async session(user) {
      const more = { concurrencyKey: 'one' };
      await user.enqueueAll([job({ does: 'long' }, more), job({}, more), job({ does: 'stumbles' }, more)]);
      await user.sleep(40000);
      await user.enqueue(job({}, more));
    },
  },
  {
    name: 'two gates',
    async session(user) {
      const more = { tenant: 'them' };
      await user.enqueueAll([
        job({ does: 'long' }, more),
        job({}, { ...more, concurrencyKey: 'one' }),
        job({}, { ...more, concurrencyKey: 'one', type: 'test-limited' }),
        job({}, { type: 'test-limited' }),
        job({}, { type: 'test-limited' }),
      ]);
    },
  },
  {
    name: 'cancel in a line',
    async session(user) {
      const more = { concurrencyKey: 'one' };
      const ends = 'completed, cancelled';
      const [first = ''] = await user.enqueueAll([job({ does: 'long', ends }, more), job({}, more)]);
      await user.until(first, 'processing');
      const last = await user.enqueue(job({ ends }, more));
      await user.cancel(last);
      await user.cancel(first);
    },
  },
  {
    name: 'turns',
    async session(user) {
      await user.enqueueAll(Array.from({ length: 14 }, () => job({}, { type: 'test-rated' })));
      await user.enqueue(job({}, { type: 'test-rated-polled' }));
    },
  },
  {
    name: 'pause and resume',
    async session(user) {
      await user.set('pauseQueue', 'background-jobs');
      await user.enqueue(job());
      await user.set('resumeQueue', 'background-jobs');
      await user.enqueue(job());
      await user.set('pauseQueue', 'background-jobs');
      await user.sleep(60000);
      await user.set('resumeQueue', 'background-jobs');
    },
  },
];
