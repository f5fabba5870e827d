// Sessions: what is done with the system, flow by flow, each of them small enough to crash at each of its doors.
import { admissions } from './admissions.js';
import { crons } from './crons.js';
import { gates } from './gates.js';
import { operators } from './operators.js';
import { runs } from './runs.js';
import { sweeps } from './sweeps.js';

/** @type {import('../world.js').Flow[]} */
export const FLOWS = [...admissions, ...runs, ...gates, ...operators, ...sweeps, ...crons];
