// What the sweep has to mend by itself, and what it forgets.
import { job } from '../user.js';

/** @type {import('../world.js').Flow[]} */
export const sweeps = [
  {
    name: 'lost messages',
    async session(user) {
      await user.enqueueAll([
        job(),
        job({}, { type: 'test-scrapelike' }),
        job({}, { concurrencyKey: 'one' }),
        job({}, { concurrencyKey: 'one' }),
      ]);
      user.loseMessages();
    },
  },
  {
    name: 'lost leases',
    async session(user) {
      const more = { concurrencyKey: 'one' };
      const ends = 'completed, cancelled';
      const [first = ''] = await user.enqueueAll([job({ does: 'long' }, more), job({}, more)]);
      const [cancelled = ''] = await user.enqueueAll([
        job({ does: 'long', ends }, { concurrencyKey: 'other' }),
        job({}, { concurrencyKey: 'other' }),
      ]);
      for (const id of [first, cancelled]) await user.until(id, 'processing');
      user.killConsumers();
      await user.cancel(cancelled);
      user.loseMessages();
      const polled = await user.enqueue(job({ does: 'long' }, { type: 'test-polled' }));
      await user.until(polled, 'processing');
      user.killConsumers();
    },
  },
  {
    name: 'lost dead letters',
    async session(user) {
      const parent = await user.enqueue(job({ does: 'gives_up', ends: 'failed' }));
      await user.enqueue(job({ ends: 'cancelled' }, { dependsOn: [parent] }));
      await user.until(parent, 'failed');
      await user.sleep(100);
      user.loseMessages();
    },
  },
  {
    name: 'retention',
    vars: { RETENTION_COMPLETED_DAYS: '0.002', RETENTION_FAILED_DAYS: '0.004' },
    async session(user) {
      const [parent = ''] = await user.enqueueAll([
        job({ text: 'x'.repeat(6000) }, { uniqueKey: 'only' }),
        job({ does: 'gives_up', ends: 'failed' }),
      ]);
      await user.enqueue(job({}, { dependsOn: [parent], delaySeconds: 60 }));
    },
    restMs: 15 * 60000,
    isAtRest: ({ database }) => database.all('SELECT id FROM jobs').length === 0,
  },
];
