import { CHEAP_SCRYPT, PASSPHRASE } from '../test-catalog.ts';
import { compactCatalog } from './compact-catalog.ts';

/** Compacts a catalog, and says when it begins: `node compact-process.ts <folder>`. */
await compactCatalog({
  dir: process.argv[2]!,
  keys: { passphrase: async () => PASSPHRASE },
  testing: { scrypt: CHEAP_SCRYPT },
  onBegin: () => new Promise((resolve) => process.stdout.write('begun', () => resolve())),
});
