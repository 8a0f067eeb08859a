import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openCatalog, type Catalog, type OpenCatalogOptions } from './index.ts';

const CHEAP = { scrypt: { n: 1024, r: 8, p: 1 } };
const open: Catalog[] = [];
const dirs: string[] = [];

afterEach(() => {
  for (const catalog of open.splice(0)) catalog.close();
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
});

function newDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'drawbridge-catalog-'));
  dirs.push(dir);
  return join(dir, 'catalog');
}

async function opened(options: Partial<OpenCatalogOptions> & { dir: string }): Promise<Catalog> {
  const catalog = await openCatalog({
    keys: { passphrase: async () => 'correct horse' },
    create: true,
    testing: CHEAP,
    ...options,
  });
  open.push(catalog);
  return catalog;
}

describe('a catalog', () => {
  it('is created, and opened again with what was put into it', async () => {
    const dir = newDir();
    const first = await opened({ dir });
    first.environments.add({
      name: 'prod',
      stage: 'production',
      api: { apiUrl: 'https://iam.example', clientId: 'drawbridge', clientSecret: 's3cret' },
    });
    first.close();
    const again = await opened({ dir, create: false });
    expect(again.environments.list().map(({ name }) => name)).toEqual(['prod']);
    expect(again.environments.secrets('prod')).toEqual({ clientSecret: 's3cret' });
    again.checkIntegrity();
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    expect(statSync(again.stagingDir).mode & 0o777).toBe(0o700);
    const files = ['catalog.db', 'catalog.db-wal', 'catalog.db-shm'];
    expect(files.map((name) => statSync(join(dir, name)).mode & 0o777)).toEqual([0o600, 0o600, 0o600]);
  });
});
