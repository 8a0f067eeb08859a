import { CHEAP_SCRYPT, PASSPHRASE } from '../test-catalog.ts';
import { moveCatalog } from './move-catalog.ts';

/** Moves a catalog, and is killed at a step: `node move-process.ts <from> <to> <step>`. */
const [dir = '', to = '', last = ''] = process.argv.slice(2);
await moveCatalog({
  dir,
  to,
  keys: { passphrase: async () => PASSPHRASE },
  testing: { scrypt: CHEAP_SCRYPT },
  onStep(step) {
    if (step === last) process.kill(process.pid, 'SIGKILL');
  },
});
