import { openCatalog } from '../../core/catalog/index.ts';
import { canonicalRecord } from '../../core/model/canonical.ts';
import { Population } from './population.ts';

const BATCH = 1_000;

/** Makes a catalog with one realm of so many users, as a backup would have stored it; answers its snapshot. */
export async function storedRealm(
  dir: string,
  keys: { readonly passphrase: () => Promise<string> },
  users: number,
): Promise<string> {
  const catalog = await openCatalog({ dir, keys, create: true });
  try {
    const writer = catalog.snapshots.begin({ realm: 'bench', purpose: 'import', complete: true });
    await writer.add('realm', [canonicalRecord('realm', { name: 'bench' })]);
    let batch = [];
    for (const user of new Population(users, 0).users()) {
      batch.push(user);
      if (batch.length < BATCH) continue;
      await writer.add('users', batch);
      batch = [];
    }
    await writer.add('users', batch);
    const facts = {
      realm: 'bench',
      channel: 'file',
      dialect: 'bench',
      sections: ['realm', 'users'],
      knows: { realm: ['name'], users: ['username', 'email', 'roles'] },
      missing: [],
      warnings: [],
    } as const;
    return (await writer.commit(facts, new AbortController().signal)).id;
  } finally {
    catalog.close();
  }
}
