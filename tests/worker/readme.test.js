// The README's own job in five minutes: its two files are the ones in tests/handlers/text/count-words, and
// they work as they stand.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSluice } from './harness.js';

const root = path.resolve(import.meta.dirname, '../..');
const read = (/** @type {string} */ file) => readFileSync(path.join(root, file), 'utf8');

/** @type {Awaited<ReturnType<typeof startSluice>>} */
let sluice;
beforeAll(async () => {
  sluice = await startSluice();
});
afterAll(() => sluice?.stop());

test('the README shows the files that are tested here', () => {
  const readme = read('README.md');
  expect(readme).toContain(`\`\`\`json\n${read('tests/handlers/text/count-words/job.json')}\`\`\``);
  expect(readme).toContain(`\`\`\`js\n${read('tests/handlers/text/count-words/handler.js')}\`\`\``);
});

test('the job of the README completes', async () => {
  const id = await sluice.enqueue('count-words', { text: 'one two three' });
  expect(await sluice.jobIn(id)).toMatchObject({ status: 'completed', result: { words: 3 } });
});

test('the handler of the README refuses a text without words, once and for all', async () => {
  const id = await sluice.enqueue('count-words', { text: '   ' });
  const job = await sluice.jobIn(id);
  expect(job).toMatchObject({ status: 'failed', attempts: 1, lastError: { code: 'empty' } });
});
