import Main, { QueueService as Service } from '../../../shim/index.js';
import { metered } from '../meter.js';

export const QueueService = metered(Service);
export default metered(Main);
