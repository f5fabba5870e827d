import scraper from '../../../scraper/index.js';
import { withFaults } from './faults.js';

export default withFaults(scraper);
