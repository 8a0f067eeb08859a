import { randomBytes } from 'node:crypto';
import type { Catalog } from '../../core/catalog/index.ts';
import { canonicalRecord } from '../../core/model/canonical.ts';

/** Backs up a realm of one realm and so many users, of whom nothing compresses. @returns the snapshot's id */
export async function storeSnapshot(catalog: Catalog, users = 200): Promise<string> {
  const writer = catalog.snapshots.begin({
    environment: 'prod',
    realm: 'acme',
    purpose: 'backup',
    complete: true,
  });
  await writer.add('realm', [canonicalRecord('realm', { name: 'acme' })]);
  await writer.add(
    'users',
    Array.from({ length: users }, (_, i) =>
      canonicalRecord('users', { username: `user-${i}`, firstName: randomBytes(300).toString('base64') }),
    ),
  );
  const facts = {
    realm: 'acme',
    channel: 'postgres',
    dialect: 'v1',
    sections: ['realm', 'users'],
    knows: {},
    missing: [],
    warnings: [],
  } as const;
  return (await writer.commit(facts, new AbortController().signal)).id;
}

/** Until it cannot. @returns never */
export async function keepStoring(catalog: Catalog, stored: string[] = []): Promise<never> {
  for (;;) stored.push(await storeSnapshot(catalog));
}
