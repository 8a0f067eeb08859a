import { isAppError } from '../../contract/errors.ts';
import { openCatalog } from '../../core/catalog/index.ts';
import { CHEAP_SCRYPT, PASSPHRASE } from '../../core/catalog/test-catalog.ts';
import { keepStoring } from './storing.ts';

/** Stores snapshots in a catalog until it cannot: `node filling-process.ts <folder>`. Prints what stopped it. */
try {
  const catalog = await openCatalog({
    dir: process.argv[2]!,
    keys: { passphrase: async () => PASSPHRASE },
    create: true,
    testing: { scrypt: CHEAP_SCRYPT },
  });
  await keepStoring(catalog);
} catch (error) {
  const { code, message, remedy } = isAppError(error)
    ? error
    : { code: '', message: String(error), remedy: '' };
  process.stdout.write(JSON.stringify({ code, message, remedy }));
}
