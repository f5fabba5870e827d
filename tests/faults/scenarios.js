// The scenarios by name.
import { crash } from './crash.js';
import { diskFull, locked } from './outage.js';
import { poisonFlood } from './poison.js';

export const scenarios = { crash, 'disk-full': diskFull, locked, poison: poisonFlood };
