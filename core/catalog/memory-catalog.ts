import { randomBytes, randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import Database from 'better-sqlite3';
import { assembleCatalog, type Catalog } from './catalog.ts';
import { withSqliteErrors } from './database/sqlite-errors.ts';
import { MIGRATIONS } from './migrations/migrations.ts';
import { layOut } from './migrations/schema.ts';
import { KEY_BYTES } from './vault/wrapping.ts';

/**
 * A catalog for one process that nothing remains of: in memory, under a key that nobody else has and that no passphrase
 * or keychain opens. Made for pipelines, whose containers have neither, nor a folder to write to.
 *
 * Only what has to be sorted and is larger than memory should hold goes to the system's folder for temporary files:
 * encrypted, and without a name as soon as it is open (staging/spill-file.ts), so that a killed process leaves nothing.
 */
export function openMemoryCatalog(): Catalog {
  return withSqliteErrors(() => {
    const db = new Database(':memory:');
    try {
      db.pragma('foreign_keys = ON');
      // SQLite's own temporary tables and sorts would go to a file.
      db.pragma('temp_store = MEMORY');
      const now = new Date().toISOString();
      db.transaction(() => layOut(db, MIGRATIONS, { id: randomUUID(), now }))();
      return assembleCatalog(db, randomBytes(KEY_BYTES), {
        dir: ':memory:',
        file: ':memory:',
        stagingDir: tmpdir(),
      });
    } catch (error) {
      db.close();
      throw error;
    }
  });
}
