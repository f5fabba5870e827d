// What models answer, in the shapes that Workers AI and its like use.

import { FatalError } from '../../errors.js';

/** @param {unknown} value @returns {value is number[]} */
const isVector = (value) =>
  Array.isArray(value) && value.length > 0 && value.every((part) => Number.isFinite(part));

/**
 * The first vector of an embedding: `{data: [[…]]}` (Workers AI), `{data: [{embedding: […]}]}` (OpenAI's
 * shape), `{embedding: […]}` or `{vector: […]}`.
 *
 * @param {unknown} answer
 * @param {string} model
 * @returns {number[]}
 * @throws {FatalError} ai_unexpected
 */
export function vectorOf(answer, model) {
  const { data, embedding, vector } = Object(answer);
  const first = Array.isArray(data) ? data[0] : undefined;
  const found = [first, Object(first).embedding, embedding, vector, answer].find(isVector);
  if (found) return found;
  throw new FatalError('ai_unexpected', `${model} answered without a vector: is it a model for embeddings?`);
}

/**
 * The text of an answer: `{response}` (Workers AI), `{choices: [{message: {content}}]}` (OpenAI's shape),
 * `{content}`, `{text}`, or a text.
 *
 * @param {unknown} answer
 * @param {string} model
 * @returns {string}
 * @throws {FatalError} ai_unexpected
 */
export function textOf(answer, model) {
  const { response, choices, content, text } = Object(answer);
  const choice = Array.isArray(choices) ? Object(choices[0]) : {};
  const candidates = [response, Object(choice.message).content, content, text, answer];
  const found = candidates.find((candidate) => typeof candidate === 'string');
  if (found !== undefined) return found;
  throw new FatalError('ai_unexpected', `${model} answered without a text: is it a model for text?`);
}
