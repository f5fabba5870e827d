// Stands for a service of models: answers by RPC, in the shapes and with the errors of Workers AI.
import { WorkerEntrypoint } from 'cloudflare:workers';

/** @type {{ model: string, input: any }[]} */
const asked = [];

/** A vector that belongs to the text alone. @param {string} text */
const vector = (text) =>
  [text.length, text.charCodeAt(0), text.charCodeAt(text.length - 1)].map((n) => n / 256);

/** @param {string} model @param {any} input */
function answer(model, input) {
  if (model === 'no-such-model') throw new Error(`5007: No such model ${model} or task`);
  const times = asked.filter((one) => one.model === model).length;
  if (model === 'busy-once' && times === 1)
    throw new Error('3040: Capacity temporarily exceeded, please try again.');
  if (model === 'used-up-once' && times === 1) {
    throw new Error('AiError: 3036: You have used up your daily free allocation of 10,000 neurons.');
  }
  if (input.text) return { shape: [1, 3], data: input.text.map(vector), pooling: 'mean' };
  const [system, user] = input.messages;
  return {
    response: `${system.content} | ${user.content} | ${input.max_tokens}`,
    usage: { total_tokens: 9 },
  };
}

export default class extends WorkerEntrypoint {
  /** @param {string} model @param {any} input */
  run(model, input) {
    asked.push({ model, input });
    return answer(model, input);
  }
}
