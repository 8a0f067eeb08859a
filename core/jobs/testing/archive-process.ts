import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { openCatalog } from '../../catalog/index.ts';
import { CHEAP_SCRYPT } from '../../catalog/test-catalog.ts';
import { canonicalRecord } from '../../model/canonical.ts';
import { exportArchive } from '../export-archive.ts';
import { importArchive } from '../import-archive.ts';

/**
 * Brings so many users from one catalog into another by an archive, in a process of its own, and says how much memory it
 * took at most: `node archive-process.ts <folder> <users>` prints megabytes.
 */
const [folder = '', users = ''] = process.argv.slice(2);
const job = { signal: new AbortController().signal, progress: () => {} };
const PASSWORD = { passphrase: () => Promise.resolve('a passphrase') };

const catalogIn = (name: string) =>
  openCatalog({ dir: join(folder, name), keys: PASSWORD, create: true, testing: { scrypt: CHEAP_SCRYPT } });

const [here, there] = [await catalogIn('here'), await catalogIn('there')];
const writer = here.snapshots.begin({ environment: 'prod', realm: 'acme', purpose: 'backup' });
for (let from = 0; from < Number(users); from += 1000)
  await writer.addOrdered(
    'users',
    Array.from({ length: 1000 }, (_, i) => {
      const username = `user-${String(from + i).padStart(8, '0')}`;
      const noise = createHash('sha256').update(username).digest('hex');
      return canonicalRecord('users', { username, email: `${username}@example.com`, lastName: noise });
    }),
  );
const facts = {
  realm: 'acme',
  channel: 'postgres',
  dialect: 'x',
  sections: ['users'],
  knows: {},
  missing: [],
  warnings: [],
} as const;
const snapshot = await writer.commit(facts, job.signal);
const path = join(folder, 'archive');
await exportArchive(job, here.snapshots, [snapshot], {
  path,
  replace: true,
  kept: {},
  credentials: true,
  keys: 'none',
});
await importArchive(job, there.snapshots, { path });
here.close();
there.close();
process.stdout.write(`${Math.round(process.resourceUsage().maxRSS / 1024)}`);
