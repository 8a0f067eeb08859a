import { createHash } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { withSqliteErrors } from '../database/sqlite-errors.ts';
import { unwrapKey, wrapKey } from './wrapping.ts';

export type SlotKind = 'passphrase' | 'keychain' | 'recovery';

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

export function insertSlot(db: Database, catalogId: string, slot: KeySlot, now: string): void {
  withSqliteErrors(() =>
    db
      .prepare(
        'INSERT INTO key_slots (kind, parameters, wrapped, checksum, created_at) VALUES (?, ?, ?, ?, ?)',
      )
      .run(slot.kind, slot.parameters, slot.wrapped, checksum(catalogId, slot), now),
  );
}

/** Puts a slot in the place of all others of its kind. */
export function replaceSlots(db: Database, catalogId: string, slot: KeySlot, now: string): void {
  const replace = db.transaction(() => {
    db.prepare('DELETE FROM key_slots WHERE kind = ?').run(slot.kind);
    insertSlot(db, catalogId, slot, now);
  });
  withSqliteErrors(() => replace.immediate());
}

/** What a catalog has of slots. A damaged one does not matter as long as another opens the catalog. */
export interface KeySlots {
  readonly whole: readonly KeySlot[];
  readonly damaged: number;
}

export function readSlots(db: Database, catalogId: string): KeySlots {
  const rows = withSqliteErrors(
    () =>
      db
        .prepare('SELECT kind, parameters, wrapped, checksum FROM key_slots ORDER BY slot')
        .all() as (KeySlot & { checksum: Buffer })[],
  );
  const whole = rows.filter((row) => checksum(catalogId, row).equals(row.checksum));
  return { whole, damaged: rows.length - whole.length };
}

/** Without a key: it only has to tell damage from a wrong key. What a slot says is authenticated by the wrapping. */
function checksum(catalogId: string, { kind, parameters, wrapped }: KeySlot): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([catalogId, kind, parameters]))
    .update(wrapped)
    .digest();
}

function boundTo(catalogId: string, kind: SlotKind, parameters: string): string {
  return JSON.stringify(['drawbridge key slot', 1, catalogId, kind, parameters]);
}
