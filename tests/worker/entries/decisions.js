// Replays the decision log that it is sent, inside workerd, and tells what came out otherwise.
import core from '../../../dist/sluice_core.wasm';
import views from '../../../dist/sluice_views.wasm';
import { readLog } from '../../decisions/format.js';
import { differing, replay } from '../../decisions/replay.js';

export default {
  /** @param {Request} request */
  async fetch(request) {
    const { decisions } = readLog(new Uint8Array(await request.arrayBuffer()));
    const replayed = replay({ core, views }, decisions);
    const different = differing(decisions, replayed).map((index) => {
      const { code, output } = /** @type {import('../../decisions/format.js').Decision} */ (replayed[index]);
      return { index, code, output: Array.from(output) };
    });
    return Response.json({ replayed: replayed.length, different });
  },
};
