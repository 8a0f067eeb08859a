import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { throwIfAborted } from '../../../contract/errors.ts';
import type { JsonValue } from '../../model/record.ts';
import { whole } from '../chunks/damage.ts';
import { withSqliteErrors } from '../database/sqlite-errors.ts';
import type { Seal } from '../seal.ts';
import { sealedJson, type Place } from '../vault/sealed-json.ts';

/** What is older has changed since, for all one knows. Milliseconds. */
export const MEMORY_MILLISECONDS = 24 * 60 * 60 * 1000;
/** Rows that are deleted in one transaction, so that others need not wait. */
const DELETED_AT_ONCE = 2_000;
/** Answers that are proved without a pause: some 10 ms. */
const READ_AT_ONCE = 1_000;
/** Of the keyed hash of a key: enough that no two keys share it. */
const KEY_BYTES = 16;

/** Whose answers they are: nothing is remembered across any of these. */
export interface CaptureOrigin {
  readonly environment: string;
  readonly realm: string;
  /** Which job asks, and how it reaches the environment, as far as another way could lead elsewhere. */
  readonly reader: string;
}

/**
 * Answers that a capture had got when it was broken off, for the same job when it goes on. They are dropped when the
 * capture is finished, when another job captures the realm, when something is written to it, and after a day.
 *
 * Every method may throw CATALOG_DAMAGED, CATALOG_LOCKED, DISK_FULL, FILE_FAILED.
 */
export interface CaptureMemories {
  of(origin: CaptureOrigin): StoredMemory;
  /** Whoever asked: it has been written to, or is read anew. */
  forgetRealm(realm: Pick<CaptureOrigin, 'environment' | 'realm'>): void;
  /** How many answers cannot be read; they are asked for again. @throws AppError CANCELED */
  damaged(signal?: AbortSignal): Promise<number>;
}

export interface StoredMemory {
  /** Of at most some thousand keys, those that are known. `at`: milliseconds since 1970. */
  recall(keys: readonly string[]): ReadonlyMap<string, { readonly value: JsonValue; readonly at: number }>;
  note(values: ReadonlyMap<string, JsonValue>): void;
  forget(): void;
}

const storedAnswer = z.object({ at: z.number(), value: z.json() });

export function createCaptureMemories({
  db,
  seal,
  now = () => new Date(),
}: {
  db: Database;
  seal: Seal;
  now?: (() => Date) | undefined;
}): CaptureMemories {
  const sealed = sealedJson(seal);
  const select = db
    .prepare<[string], number>('SELECT seq FROM capture_memories WHERE origin_hash = ?')
    .pluck();
  const upsert = db
    .prepare<[string, string, number], number>(
      `INSERT INTO capture_memories (origin_hash, realm_hash, noted_at) VALUES (?, ?, ?)
         ON CONFLICT (origin_hash) DO UPDATE SET noted_at = excluded.noted_at RETURNING seq`,
    )
    .pluck();
  const ofRealm = db
    .prepare<[string], number>('SELECT seq FROM capture_memories WHERE realm_hash = ?')
    .pluck();
  const outdated = db
    .prepare<[number, number], number>('SELECT seq FROM capture_memories WHERE noted_at NOT BETWEEN ? AND ?')
    .pluck();
  const remove = db.prepare<[number]>('DELETE FROM capture_memories WHERE seq = ?');
  const selectAnswer = db
    .prepare<[number, Buffer], Buffer>('SELECT answer FROM capture_answers WHERE memory = ? AND key_hash = ?')
    .pluck();
  const upsertAnswer = db.prepare<[number, Buffer, Buffer]>(
    `INSERT INTO capture_answers (memory, key_hash, answer) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET answer = excluded.answer`,
  );
  const removeSome = db.prepare<[number, number]>(
    `DELETE FROM capture_answers WHERE memory = ? AND key_hash IN
       (SELECT key_hash FROM capture_answers WHERE memory = ? LIMIT ${DELETED_AT_ONCE})`,
  );
  const selectMemories = db.prepare<[], { seq: number; origin_hash: string }>(
    'SELECT seq, origin_hash FROM capture_memories',
  );
  const selectSome = db.prepare<[number, Buffer], { key_hash: Buffer; answer: Buffer }>(
    `SELECT key_hash, answer FROM capture_answers WHERE memory = ? AND key_hash > ? ORDER BY key_hash LIMIT ${READ_AT_ONCE}`,
  );
  const placeOf = (origin: string, key: Buffer): Place => [
    'capture_answers',
    `${origin}/${key.toString('hex')}`,
    'answer',
  ];
  const hashOf = (...words: readonly string[]) => seal.name(Buffer.from(words.join('\0')));

  function drop(memory: number): void {
    withSqliteErrors(() => {
      while (removeSome.run(memory, memory).changes > 0);
      remove.run(memory);
    });
  }

  function dropOutdated(): void {
    const at = now().getTime();
    // One from the future was noted before the clock was set back: nobody knows how old it is.
    for (const memory of withSqliteErrors(() => outdated.all(at - MEMORY_MILLISECONDS, at))) drop(memory);
  }

  function memoryOf({ environment, realm, reader }: CaptureOrigin): StoredMemory {
    const origin = hashOf('capture', environment, realm, reader);
    const ofRealm = hashOf('captured realm', environment, realm);
    const keyOf = (key: string) => Buffer.from(hashOf('captured', origin, key), 'hex').subarray(0, KEY_BYTES);
    const place = (key: Buffer) => placeOf(origin, key);

    return {
      recall(keys) {
        const memory = withSqliteErrors(() => select.get(origin));
        const known = new Map<string, { value: JsonValue; at: number }>();
        if (memory === undefined) return known;
        const newest = now().getTime();
        for (const key of keys) {
          const hash = keyOf(key);
          const answer = withSqliteErrors(() => selectAnswer.get(memory, hash));
          if (answer === undefined) continue;
          // What is damaged is asked for again, and noted in its place.
          const { value: opened } = whole(() => sealed.open(place(hash), answer, storedAnswer));
          if (opened && opened.at <= newest && newest - opened.at < MEMORY_MILLISECONDS)
            known.set(key, opened);
        }
        return known;
      },
      note(values) {
        const at = now().getTime();
        const answers = [...values].map(([key, value]) => {
          const hash = keyOf(key);
          return [hash, sealed.seal(place(hash), { at, value })] as const;
        });
        const work = db.transaction(() => {
          const memory = upsert.get(origin, ofRealm, at)!;
          for (const [hash, answer] of answers) upsertAnswer.run(memory, hash, answer);
        });
        withSqliteErrors(() => work.immediate());
      },
      forget() {
        const memory = withSqliteErrors(() => select.get(origin));
        if (memory !== undefined) drop(memory);
      },
    };
  }

  return {
    async damaged(signal) {
      let count = 0;
      for (const { seq, origin_hash } of withSqliteErrors(() => selectMemories.all()))
        for (let last: Buffer = Buffer.alloc(0); ;) {
          throwIfAborted(signal);
          const rows = withSqliteErrors(() => selectSome.all(seq, last));
          if (rows.length === 0) break;
          for (const { key_hash, answer } of rows)
            if (whole(() => sealed.open(placeOf(origin_hash, key_hash), answer, storedAnswer)).damage)
              count++;
          last = rows.at(-1)!.key_hash;
          await new Promise((resolve) => void setImmediate(resolve));
        }
      return count;
    },
    of(origin) {
      dropOutdated();
      return memoryOf(origin);
    },
    forgetRealm({ environment, realm }) {
      const memories = withSqliteErrors(() => ofRealm.all(hashOf('captured realm', environment, realm)));
      for (const memory of memories) drop(memory);
    },
  };
}
