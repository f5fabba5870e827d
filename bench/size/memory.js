const PAGE_BYTES = 65_536;

/**
 * A module's memory.
 *
 * @param {import('../../shim/module.js').Instance | undefined} instance undefined: none was made yet
 * @returns {{ bytes: number, touched: number } | undefined} bytes: as the platform counts it, which never
 *   shrinks; touched: of the pages that hold anything
 */
export function memoryOf(instance) {
  if (!instance) return undefined;
  const bytes = instance.view();
  let touched = 0;
  for (let start = 0; start < bytes.length; start += PAGE_BYTES)
    if (bytes.subarray(start, start + PAGE_BYTES).some((byte) => byte !== 0)) touched += PAGE_BYTES;
  return { bytes: bytes.length, touched };
}
