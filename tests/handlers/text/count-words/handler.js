import { FatalError } from '#errors';

export default async function countWords(payload, ctx) {
  const words = payload.text.trim().split(/\s+/);
  if (words[0] === '') throw new FatalError('empty', 'There is no word in the text.');
  ctx.log.info('words.counted', { words: words.length });
  return { words: words.length };
}
