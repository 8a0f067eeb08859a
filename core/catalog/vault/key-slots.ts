import { createHash } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { AppError } from '../../../contract/errors.ts';
import type { WayIn } from '../../../contract/catalog-folder.ts';
import { withSqliteErrors } from '../database/sqlite-errors.ts';
import { unwrapKey, wrapKey } from './wrapping.ts';

export type SlotKind = WayIn['kind'];

/** One way to the data key. */
export interface KeySlot {
  readonly kind: SlotKind;
  /** JSON: how the wrapping key is come by. Never a secret. */
  readonly parameters: string;
  readonly wrapped: Buffer;
}

/** Wraps the data key for one slot of one catalog. */
export function fillSlot(
  catalogId: string,
  kind: SlotKind,
  parameters: string,
  dataKey: Buffer,
  slotKey: Buffer,
): KeySlot {
  return { kind, parameters, wrapped: wrapKey(dataKey, slotKey, boundTo(catalogId, kind, parameters)) };
}

/** @returns the data key, or undefined when `slotKey` is not the slot's */
export function openSlot(catalogId: string, slot: KeySlot, slotKey: Buffer): Buffer | undefined {
  return unwrapKey(slot.wrapped, slotKey, boundTo(catalogId, slot.kind, slot.parameters));
}

/** @returns the row's number */
export function insertSlot(db: Database, catalogId: string, slot: KeySlot, now: string): number {
  return withSqliteErrors(() =>
    Number(
      db
        .prepare(
          'INSERT INTO key_slots (kind, parameters, wrapped, checksum, created_at) VALUES (?, ?, ?, ?, ?)',
        )
        .run(slot.kind, slot.parameters, slot.wrapped, checksum(catalogId, slot), now).lastInsertRowid,
    ),
  );
}

export interface Replacement {
  readonly slot: KeySlot;
  /** Opens the slot as it was read back. @returns whether it gives the catalog's data key */
  readonly opens: (stored: KeySlot) => boolean;
  /** What goes besides the earlier slots of its kind. */
  readonly alsoRemove?: readonly SlotKind[];
}

/**
 * Puts a slot in the place of all others of its kind, damaged ones included. They go only when the new one, read back, has
 * opened; else nothing is changed.
 *
 * @throws AppError FILE_FAILED when what was written does not open; CATALOG_LOCKED, DISK_FULL
 */
export function replaceSlots(
  db: Database,
  catalogId: string,
  { slot, opens, alsoRemove = [] }: Replacement,
  now: string,
): void {
  const replace = db.transaction(() => {
    const added = insertSlot(db, catalogId, slot, now);
    const stored = db
      .prepare<[number], KeySlot & { checksum: Buffer }>(
        'SELECT kind, parameters, wrapped, checksum FROM key_slots WHERE slot = ?',
      )
      .get(added);
    if (!stored || !isWhole(catalogId, stored) || !opens(stored)) throw notKept();
    for (const kind of [slot.kind, ...alsoRemove])
      db.prepare('DELETE FROM key_slots WHERE kind = ? AND slot <> ?').run(kind, added);
  });
  withSqliteErrors(() => replace.immediate());
}

/** Takes away all slots of a kind, if a whole one of the `others` is there. @returns whether it was */
export function removeSlots(
  db: Database,
  catalogId: string,
  kind: SlotKind,
  others: readonly SlotKind[],
): boolean {
  const remove = db.transaction(() => {
    if (!readSlots(db, catalogId).whole.some((slot) => others.includes(slot.kind))) return false;
    db.prepare('DELETE FROM key_slots WHERE kind = ?').run(kind);
    return true;
  });
  return withSqliteErrors(() => remove.immediate());
}

/** @returns the kinds of those that were */
export function removeDamagedSlots(db: Database, catalogId: string): SlotKind[] {
  const damaged = everySlot(db).filter((row) => !isWhole(catalogId, row));
  const remove = db.prepare<[number]>('DELETE FROM key_slots WHERE slot = ?');
  for (const { slot } of damaged) withSqliteErrors(() => remove.run(slot));
  return damaged.map(({ kind }) => kind);
}

/** What a catalog has of slots. A damaged one does not matter as long as another opens the catalog. */
export interface KeySlots {
  readonly whole: readonly KeySlot[];
  readonly damaged: number;
}

export function readSlots(db: Database, catalogId: string): KeySlots {
  return judgedSlots(everySlot(db), catalogId);
}

/** @param rows of the table of slots, wherever they were read */
export function judgedSlots(
  rows: readonly (KeySlot & { readonly checksum: Buffer })[],
  catalogId: string,
): KeySlots {
  const whole = rows.filter((row) => isWhole(catalogId, row));
  return { whole, damaged: rows.length - whole.length };
}

/** The ways into a catalog, as they can be told without a key. The oldest first. */
export function waysIn(db: Database, catalogId: string): WayIn[] {
  return everySlot(db).map((row) => ({
    kind: row.kind,
    createdAt: row.created_at,
    damaged: !isWhole(catalogId, row),
  }));
}

interface SlotRow extends KeySlot {
  readonly slot: number;
  readonly checksum: Buffer;
  readonly created_at: string;
}

function everySlot(db: Database): SlotRow[] {
  return withSqliteErrors(() =>
    db
      .prepare<[], SlotRow>(
        'SELECT slot, kind, parameters, wrapped, checksum, created_at FROM key_slots ORDER BY slot',
      )
      .all(),
  );
}

/** Without a key: it only has to tell damage from a wrong key. What a slot says is authenticated by the wrapping. */
function isWhole(catalogId: string, row: KeySlot & { readonly checksum: Buffer }): boolean {
  return checksum(catalogId, row).equals(row.checksum);
}

function checksum(catalogId: string, { kind, parameters, wrapped }: KeySlot): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([catalogId, kind, parameters]))
    .update(wrapped)
    .digest();
}

function boundTo(catalogId: string, kind: SlotKind, parameters: string): string {
  return JSON.stringify(['drawbridge key slot', 1, catalogId, kind, parameters]);
}

function notKept(): AppError {
  return new AppError('FILE_FAILED', 'The new key, read back from the catalog, does not open it.', {
    notChanged: 'The catalog opens with the keys that it had before.',
    remedy: 'Check the disk that holds the catalog, then try again.',
  });
}
