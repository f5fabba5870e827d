/** @type {Record<string, string>} */
const environment = {
  WRANGLER_LOG: 'error',
  WRANGLER_SEND_METRICS: 'false',
  // No trace of every call is written to the disk.
  X_LOCAL_OBSERVABILITY: 'false',
};

/** With these the bundles have the tests' handlers. */
const TEST_CONDITIONS = 'sluice-test,workerd,worker,browser';

/**
 * Starts something of wrangler's in an environment in which it is quiet and makes its temporary files,
 * databases among them, in `folder`.
 *
 * @template T
 * @param {string} folder
 * @param {() => Promise<T>} start
 * @param {{ testHandlers?: boolean }} [options] testHandlers: whether workers have the tests' handlers
 * @returns {Promise<T>}
 */
export async function startedIn(folder, start, { testHandlers = false } = {}) {
  const wanted = {
    ...environment,
    TMPDIR: folder,
    ...(testHandlers && { WRANGLER_BUILD_CONDITIONS: TEST_CONDITIONS }),
  };
  /** @type {[string, string | undefined][]} */
  const before = Object.keys(wanted).map((name) => [name, process.env[name]]);
  Object.assign(process.env, wanted);
  try {
    return await start();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}
