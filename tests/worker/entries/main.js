import Main, { QueueService as Service } from '../../../shim/index.js';
import { withFaults } from './faults.js';

export const QueueService = withFaults(Service);
export default withFaults(Main);
