// The views, a module of the main worker's own: what callers read of the record.
import wasmModule from '../dist/sluice_views.wasm';
import { checkCore, configuration } from './core.js';
import { FlowModule } from './module.js';

// What the core refuses is refused here as well: the views look at less of it.
export const views = new FlowModule(wasmModule, 'The views module', (env) => {
  checkCore(env);
  return configuration(env);
});
