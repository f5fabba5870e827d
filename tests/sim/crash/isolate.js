// The program of one isolate with what the sessions of tests/sim/crash need beyond the simulator's: the crons, the
// scraper's RPC, the compatibility layer and inbound mail.
export { default as cleanUp } from '../../../scraper/handlers/outreach/cleanup/handler.js';
export { default as Scraper } from '../../../scraper/index.js';
export { compatEnqueue, compatRequeue } from '../../../shim/flows/compat.js';
export { receiveReply } from '../../../shim/inbound/reply.js';
export { onCron } from '../../../shim/tick.js';
export * from '../isolate.js';
