import Scraper from '../../../scraper/index.js';
import { metered } from '../meter.js';

export default metered(Scraper);
