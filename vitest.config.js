import { readFileSync } from 'node:fs';
import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';

// The condition under which #registry/* is the tests' registry: for imports in the tests themselves, and,
// through wrangler's variable, for the bundles of the real workers that the tests start.
const condition = 'sluice-test';

// Outside workerd, an imported .wasm file is a compiled module as well.
const compiledWasm = {
  name: 'compiled-wasm',
  enforce: /** @type {const} */ ('pre'),
  /** @param {string} id */
  load(id) {
    if (!id.endsWith('.wasm')) return null;
    const bytes = readFileSync(id).toString('base64');
    return `export default new WebAssembly.Module(Buffer.from(${JSON.stringify(bytes)}, 'base64'));`;
  },
};

export default defineConfig({
  plugins: [compiledWasm],
  ssr: { resolve: { conditions: [condition, ...defaultServerConditions] } },
  test: {
    include: ['tests/**/*.test.js'],
    pool: 'forks',
    // Each file may start both workers in workerd: one at a time.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    env: {
      WRANGLER_BUILD_CONDITIONS: `${condition},workerd,worker,browser`,
      WRANGLER_LOG: 'error',
      WRANGLER_SEND_METRICS: 'false',
    },
    coverage: {
      provider: 'v8',
      include: ['shim/**/*.js', 'scraper/**/*.js', 'scripts/**/*.mjs'],
      reportsDirectory: 'coverage',
    },
  },
});
