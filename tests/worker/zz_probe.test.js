import { expect, test } from 'vitest';
import { startSluice } from './harness.js';
test('probe', async () => {
  const t0 = Date.now();
  const s = await startSluice({ faults: true });
  console.log('started', Date.now() - t0);
  try {
    console.log(await s.call('/health'));
    console.log((await s.call('/jobs', { json: { type: 'test-noop', payload: {} } })));
    const id = await s.enqueue('test-echo', { a: 1 });
    const j = await s.jobIn(id).catch((e) => e.message);
    console.log(j);
    await s.tick();
    console.log(await s.call('/health'), await s.call('/stats'), await s.call('/queue/health'));
    console.log(await s.takeCalls('sluice'), await s.takeCalls('sluice-scraper'));
  } finally {
    console.log(s.logs());
    await s.stop();
  }
});
