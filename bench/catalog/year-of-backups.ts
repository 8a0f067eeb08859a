import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCatalog, type Catalog } from '../../core/catalog/index.ts';
import type { ScratchCatalog } from './scratch-catalog.ts';

/** A whole catalog in a temporary folder, whose clock can be put on. */
export interface YearCatalog extends ScratchCatalog {
  readonly catalog: Catalog;
  /** The folder that other processes open. */
  readonly dir: string;
  /** Milliseconds since 1970. */
  clock: number;
}

/** @param now the catalog's clock; by default this computer's */
export function openScratch(dir: string, now?: () => Date): Promise<Catalog> {
  return openCatalog({
    dir,
    keys: { passphrase: async () => 'a passphrase for the bench' },
    create: true,
    // What a passphrase costs is no matter here.
    testing: { scrypt: { n: 1024, r: 8, p: 1 }, ...(now && { now }) },
  });
}

export async function yearCatalog(start: number): Promise<YearCatalog> {
  const folder = mkdtempSync(join(tmpdir(), 'drawbridge-bench-'));
  const dir = join(folder, 'catalog');
  const clock = { at: start };
  const catalog = await openScratch(dir, () => new Date(clock.at));
  return {
    folder,
    dir,
    catalog,
    store: catalog.snapshots,
    get clock() {
      return clock.at;
    },
    set clock(at) {
      clock.at = at;
    },
    size: () => catalog.space.fileSize().bytes,
    [Symbol.dispose]() {
      catalog.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
