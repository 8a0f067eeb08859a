/**
 * A reader of catalogs that was written from docs/format.md alone. It shares no code with the program: what it cannot
 * read, the page does not tell.
 */
import { createDecipheriv, createHash, createHmac, hkdfSync, scryptSync } from 'node:crypto';
import { zstdDecompressSync } from 'node:zlib';
import Database from 'better-sqlite3';

export type Key = { readonly passphrase: string } | { readonly recoveryKey: string };

export interface ReadSnapshot {
  readonly manifest: {
    readonly realm: string;
    readonly root: string;
    readonly sections: readonly string[];
    readonly knows: Readonly<Record<string, readonly string[]>>;
    readonly summaries: Readonly<Record<string, { count: number; bytes: number; root: string }>>;
  };
  readonly labels: { readonly tags: readonly string[]; readonly pinned: boolean };
  /** The lines of each section, as bytes. */
  readonly sections: ReadonlyMap<string, Buffer>;
  /** The key that each chunk of a section begins with. */
  readonly firstKeys: ReadonlyMap<string, readonly string[]>;
}

interface Slot {
  readonly kind: string;
  readonly parameters: string;
  readonly wrapped: Buffer;
  readonly checksum: Buffer;
}

type ListLine = [firstKey: string, seq: number, count: number, bytes: number];

const ORDER = ['realm', 'roles', 'groups', 'clients', 'policies', 'users', 'credentials', 'socialLinks'];

export class SecondReader implements Disposable {
  /** How many chunks were met in each form, by its two bytes, and by how many others they are built on. */
  readonly met = new Map<string, number>();
  readonly #db: Database.Database;
  readonly #encryption: Buffer;
  readonly #naming: Buffer;

  /** @throws Error when the key opens none of the slots */
  constructor(file: string, key: Key) {
    this.#db = new Database(file, { readonly: true });
    if (this.#db.pragma('application_id', { simple: true }) !== 0x44724272) throw new Error('No catalog.');
    if (Number(this.#db.pragma('user_version', { simple: true })) > 3) throw new Error('A newer catalog.');
    const dataKey = this.#dataKey(key);
    this.#encryption = derived(dataKey, 'drawbridge catalog v1 encryption');
    this.#naming = derived(dataKey, 'drawbridge catalog v1 naming');
  }

  snapshot(id: string): ReadSnapshot {
    const row = this.#db
      .prepare<[string], { seq: number; root: Buffer; manifest: Buffer; labels: Buffer }>(
        'SELECT seq, root, manifest, labels FROM snapshots WHERE id = ?',
      )
      .get(id)!;
    const described = (sealed: Buffer, column: string) =>
      JSON.parse(this.#open(sealed, Buffer.from(`${column}\n${id}`)).toString()) as unknown;
    const manifest = described(row.manifest, 'manifest') as ReadSnapshot['manifest'];
    const lists = this.#db
      .prepare<[number], { section: string; list: number }>(
        'SELECT section, list FROM snapshot_sections WHERE snapshot = ?',
      )
      .all(row.seq);
    const sections = new Map<string, Buffer>();
    const firstKeys = new Map<string, readonly string[]>();
    const roots = [];
    for (const section of ORDER.filter((name) => manifest.sections.includes(name))) {
      const list = lists.find((one) => one.section === section)!.list;
      const { root, text, chunks } = this.#section(list);
      mustEqual(manifest.summaries[section]!.root, root);
      mustEqual(manifest.summaries[section]!.bytes, text.length);
      mustEqual(manifest.summaries[section]!.count, text.toString().split('\n').length - 1);
      roots.push([section, root, (manifest.knows[section] ?? []).toSorted()]);
      sections.set(section, text);
      firstKeys.set(
        section,
        chunks.map(([firstKey]) => firstKey),
      );
    }
    mustEqual(row.root.toString('hex'), manifest.root);
    mustEqual(this.#name(Buffer.from(`snapshot\n${JSON.stringify(roots)}`)).toString('hex'), manifest.root);
    const labels = described(row.labels, 'labels') as ReadSnapshot['labels'];
    return { manifest, labels, sections, firstKeys };
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }

  #dataKey(key: Key): Buffer {
    const catalogId = this.#db.prepare<[], string>('SELECT id FROM catalog').pluck().get()!;
    const slots = this.#db
      .prepare<[], Slot>('SELECT kind, parameters, wrapped, checksum FROM key_slots')
      .all();
    for (const { kind, parameters, wrapped, checksum } of slots) {
      mustEqual(
        createHash('sha256')
          .update(JSON.stringify([catalogId, kind, parameters]))
          .update(wrapped)
          .digest('hex'),
        checksum.toString('hex'),
      );
      const slotKey =
        kind === 'passphrase' && 'passphrase' in key
          ? keyOfPassphrase(key.passphrase, parameters)
          : kind === 'recovery' && 'recoveryKey' in key
            ? keyOfRecoveryKey(key.recoveryKey)
            : undefined;
      const bound = Buffer.from(JSON.stringify(['drawbridge key slot', 1, catalogId, kind, parameters]));
      if (slotKey) return decrypted(wrapped, slotKey, bound);
    }
    throw new Error('No slot of this kind.');
  }

  #section(list: number): { root: string; text: Buffer; chunks: readonly ListLine[] } {
    const { root, pages } = this.#db
      .prepare<[number], { root: Buffer; pages: Buffer }>('SELECT root, pages FROM chunk_lists WHERE seq = ?')
      .get(list)!;
    const opened = this.#open(pages, Buffer.concat([Buffer.from('list\n'), root]));
    const chunks = (JSON.parse(opened.toString()) as ListLine[]).flatMap(([, seq]) =>
      this.#text(seq)
        .toString()
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as ListLine),
    );
    const ids = chunks.map(([, seq]) => this.#id(seq));
    mustEqual(
      this.#name(Buffer.concat([Buffer.from('section\n'), ...ids])).toString('hex'),
      root.toString('hex'),
    );
    const texts = chunks.map(([, seq, , bytes]) => {
      const text = this.#text(seq);
      mustEqual(text.length, bytes);
      return text;
    });
    return { root: root.toString('hex'), text: Buffer.concat(texts), chunks };
  }

  #id(seq: number): Buffer {
    return this.#db.prepare<[number], Buffer>('SELECT id FROM chunks WHERE seq = ?').pluck().get(seq)!;
  }

  #text(seq: number): Buffer {
    const { id, base, base2, sealed } = this.#db
      .prepare<[number], { id: Buffer; base: number | null; base2: number | null; sealed: Buffer }>(
        'SELECT id, base, base2, sealed FROM chunks JOIN chunk_data USING (seq) WHERE seq = ?',
      )
      .get(seq)!;
    const bases = [base, base2].filter((one) => one !== null);
    const bound = Buffer.concat([id, ...bases.map((one) => this.#id(one))]);
    const stored = this.#open(sealed, bound);
    const form = `${stored[0]} ${stored[1]}, ${bases.length} bases`;
    this.met.set(form, (this.met.get(form) ?? 0) + 1);
    const text = unpacked(stored, () => Buffer.concat(bases.map((one) => this.#text(one))));
    mustEqual(this.#name(text).toString('hex'), id.toString('hex'));
    return text;
  }

  #open(sealed: Buffer, bound: Buffer): Buffer {
    return decrypted(sealed, this.#encryption, bound);
  }

  #name(bytes: Buffer): Buffer {
    return createHmac('sha256', this.#naming).update(bytes).digest();
  }
}

function unpacked(stored: Buffer, oldText: () => Buffer): Buffer {
  const next = { at: 2 };
  const number = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = stored[next.at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  const size = number();
  const form = stored.toString('hex', 0, 2);
  const text =
    form === '0100'
      ? zstdDecompressSync(stored.subarray(next.at))
      : form === '0200'
        ? withUuids()
        : form === '0101'
          ? changed(oldText())
          : Buffer.alloc(0);
  mustEqual(text.length, size);
  return text;

  function withUuids(): Buffer {
    const packedSize = number();
    const frameSize = number();
    const packed = zstdDecompressSync(stored.subarray(next.at, next.at + frameSize));
    mustEqual(packed.length, packedSize);
    let uuid = next.at + frameSize;
    const parts = packed
      .toString('latin1')
      .split('\0')
      .flatMap((part, i) => {
        if (i === 0) return [part];
        const hex = stored.toString('hex', uuid, (uuid += 16));
        return [hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'), part];
      });
    mustEqual(uuid, stored.length);
    return Buffer.from(parts.join(''), 'latin1');
  }

  function changed(old: Buffer): Buffer {
    const stepBytes = number();
    const stepsEnd = next.at + stepBytes;
    const steps: { drop: number; insert: number; copy: number }[] = [];
    while (next.at < stepsEnd) steps.push({ drop: number(), insert: number(), copy: number() });
    const insertedSize = number();
    const dropped: Buffer[] = [];
    let from = 0;
    for (const { drop, copy } of steps) {
      dropped.push(old.subarray(from, from + drop));
      from += drop + copy;
    }
    const dictionary = Buffer.concat([old.subarray(0, 16_384), ...dropped]);
    const inserted =
      insertedSize === 0 ? Buffer.alloc(0) : zstdDecompressSync(stored.subarray(next.at), { dictionary });
    mustEqual(inserted.length, insertedSize);
    const written: Buffer[] = [];
    let [inOld, inInserted] = [0, 0];
    for (const { drop, insert, copy } of steps) {
      inOld += drop;
      written.push(inserted.subarray(inInserted, inInserted + insert), old.subarray(inOld, inOld + copy));
      inInserted += insert;
      inOld += copy;
    }
    mustEqual(inInserted, insertedSize);
    return Buffer.concat(written);
  }
}

function keyOfPassphrase(passphrase: string, parameters: string): Buffer {
  const { kdf, n, r, p, salt } = JSON.parse(parameters) as Record<'n' | 'r' | 'p', number> &
    Record<'kdf' | 'salt', string>;
  mustEqual(kdf, 'scrypt');
  return scryptSync(passphrase.normalize('NFC'), Buffer.from(salt, 'base64'), 32, {
    N: n,
    r,
    p,
    maxmem: 2 ** 30,
  });
}

function keyOfRecoveryKey(typed: string): Buffer {
  const text = typed.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1');
  const bits = Array.from(text, (letter) =>
    '0123456789ABCDEFGHJKMNPQRSTVWXYZ'.indexOf(letter).toString(2).padStart(5, '0'),
  ).join('');
  mustEqual(bits.length, 180);
  const bytes = Buffer.from(
    Array.from({ length: 20 }, (_, i) => Number.parseInt(bits.slice(8 * i, 8 * i + 8), 2)),
  );
  const check = createHash('sha256').update(bytes).digest().readUIntBE(0, 3) >> 4;
  mustEqual(Number.parseInt(bits.slice(160), 2), check);
  return derived(bytes, 'drawbridge recovery key v1');
}

function derived(key: Buffer, info: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, '', info, 32));
}

/** @throws Error when the tag does not fit */
function decrypted(sealed: Buffer, key: Buffer, bound: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12), { authTagLength: 16 })
    .setAAD(bound)
    .setAuthTag(sealed.subarray(-16));
  return Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]);
}

function mustEqual(a: string | number, b: string | number): void {
  if (a !== b) throw new Error(`Damaged: ${a} is not ${b}.`);
}
