// The scraper, metered, which tells the memory of its core as well.
import Scraper from '../../../scraper/index.js';
import { core } from '../../../shim/core.js';
import { metered } from '../../lib/meter.js';
import { memoryOf } from '../memory.js';

export default class extends metered(Scraper) {
  /** @returns {string} as JSON */
  memory() {
    return JSON.stringify(memoryOf(core.current));
  }
}
