export { default } from '../bench-clock/handler.js';
