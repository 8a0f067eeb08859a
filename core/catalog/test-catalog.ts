import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCatalog, type Catalog, type OpenCatalogOptions } from './index.ts';
import type { ScryptCost } from './vault/passphrase.ts';

/** For tests only: what a passphrase costs is proved once, at its real cost, and would be paid at every opening. */
export const CHEAP_SCRYPT: ScryptCost = { n: 1024, r: 8, p: 1 };

export const PASSPHRASE = 'correct horse battery staple';

/** Folders and open catalogs of one test, all removed by `clear`. */
export class TestCatalogs {
  readonly #folders: string[] = [];
  readonly #open: Catalog[] = [];

  newFolder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'drawbridge-test-'));
    this.#folders.push(folder);
    return folder;
  }

  /** Opens, or creates, a catalog with a cheap passphrase. */
  async open(options: Partial<OpenCatalogOptions> = {}): Promise<Catalog> {
    const catalog = await openCatalog({
      ...options,
      dir: options.dir ?? join(this.newFolder(), 'catalog'),
      keys: options.keys ?? { passphrase: async () => PASSPHRASE },
      create: options.create ?? true,
      testing: { scrypt: CHEAP_SCRYPT, ...options.testing },
    });
    this.#open.push(catalog);
    return catalog;
  }

  clear(): void {
    for (const catalog of this.#open.splice(0)) catalog.close();
    for (const folder of this.#folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  }
}
