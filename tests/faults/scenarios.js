// The scenarios by name.
import { crash } from './crash.js';
import { migration } from './migration.js';
import { diskFull, locked } from './outage.js';
import { poisonFlood } from './poison.js';
import { slowFlood } from './slow.js';

export const scenarios = {
  crash,
  'disk-full': diskFull,
  locked,
  poison: poisonFlood,
  slow: slowFlood,
  migration,
};
