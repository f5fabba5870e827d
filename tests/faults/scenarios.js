// The scenarios by name.
import { crash } from './crash.js';

export const scenarios = { crash };
