import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { isAppError } from '../../../contract/errors.ts';
import type { JsonObject } from '../../model/record.ts';
import type { Catalog } from '../index.ts';
import { contentsOf } from '../migrations/make-fixture.ts';
import type { TestCatalogs } from '../test-catalog.ts';

/** The files of a catalog. */
export interface CatalogFiles {
  readonly db: Buffer;
  readonly wal?: Buffer | undefined;
}

/** Puts files into a new folder. @returns the folder */
export function placed(catalogs: TestCatalogs, { db, wal }: CatalogFiles): string {
  const dir = join(catalogs.newFolder(), 'catalog');
  mkdirSync(dir, { mode: 0o700 });
  writeFileSync(join(dir, 'catalog.db'), db, { mode: 0o600 });
  if (wal) writeFileSync(join(dir, 'catalog.db-wal'), wal, { mode: 0o600 });
  return dir;
}

/**
 * Opens a catalog of these files and reads all of it.
 *
 * @param states what the catalog held after each of its transactions, the last one last
 * @returns the number of the state that it is in, from the last one (0) backwards; "garbage" when it is in none; or the
 * error's code
 */
export async function outcomeOf(
  catalogs: TestCatalogs,
  files: CatalogFiles,
  states: readonly JsonObject[],
): Promise<number | string> {
  let catalog: Catalog | undefined;
  try {
    catalog = await catalogs.open({ dir: placed(catalogs, files), create: false });
    // Told apart from the others, which it must not hide.
    for (const { id } of catalog.snapshots.damaged()) catalog.snapshots.get(id);
    const found = await contentsOf(catalog);
    const at = states.findLastIndex((state) => isSame(found, state));
    return at < 0 ? 'garbage' : states.length - 1 - at;
  } catch (error) {
    if (!isAppError(error)) throw error;
    return error.code;
  } finally {
    catalog?.close();
  }
}

/** What was remembered of a capture may be lost: it is asked for again. It may not be another. */
function isSame(
  { remembered: kept = {}, ...found }: JsonObject,
  { remembered: noted = {}, ...expected }: JsonObject,
): boolean {
  return (
    isDeepStrictEqual(found, expected) &&
    Object.entries(kept as JsonObject).every(([key, answer]) =>
      isDeepStrictEqual(answer, (noted as JsonObject)[key]),
    )
  );
}

/** Bytes that look random and are always the same. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** The same bytes with one of them changed. */
export function flipped(bytes: Buffer, offset: number, difference: number): Buffer {
  const damaged = Buffer.from(bytes);
  damaged[offset] = damaged[offset]! ^ difference;
  return damaged;
}
