// The bench's worker: makes instances of the modules inside workerd, and configures them.
import chatModule from '../../dist/sluice_chat.wasm';
import coreModule from '../../dist/sluice_core.wasm';
import viewsModule from '../../dist/sluice_views.wasm';
import { configuration } from '../../shim/core.js';
import { FlowModule, Instance, Module, readVars } from '../../shim/module.js';
import { memoryOf } from './memory.js';

/**
 * @typedef {'core' | 'views' | 'chat'} Name
 * @typedef {object} Made
 * @property {number} bareMs of an instance, as it is
 * @property {number} readyMs of an instance that is configured as well
 * @property {{ bytes: number, touched: number }} memory of one that is ready
 */

/** As the workers have them. */
const modules = {
  core: { compiled: coreModule, door: new FlowModule(coreModule, 'The core', configuration) },
  views: { compiled: viewsModule, door: new FlowModule(viewsModule, 'The views module', configuration) },
  chat: {
    compiled: chatModule,
    door: new Module(chatModule, 'The chat module', (env) => ({ vars: readVars(env, ['SITES']) })),
  },
};

/**
 * @param {number} times
 * @param {() => unknown} make
 * @returns {number} ms that each took; workerd's clock has whole ones
 */
function time(times, make) {
  const start = performance.now();
  for (let n = 0; n < times; n++) make();
  return (performance.now() - start) / times;
}

export default {
  /** @param {Request} request {module, times}: so many instances of it @param {any} env */
  async fetch(request, env) {
    const { module, times } = /** @type {{ module: Name, times: number }} */ (await request.json());
    const { compiled, door } = modules[module];
    const readyMs = time(times, () => door.start(env));
    const bareMs = time(times, () => new Instance(compiled, module));
    return Response.json({ bareMs, readyMs, memory: memoryOf(door.start(env)) });
  },
};
