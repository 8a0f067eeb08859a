import { createCipheriv, createDecipheriv, randomBytes, randomUUID, type Cipheriv } from 'node:crypto';
import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareKeys } from '../../../model/key-order.ts';

/** So much is kept in memory; beyond it, all is in a file. In bytes. */
const BLOCK_BYTES = 1 << 20;
/** Length of a name, in bytes; then the name; then the id as PostgreSQL writes it. */
const LENGTH_BYTES = 4;
const ID_BYTES = 36;

/**
 * Which ids users were written with, in the order of their names, for what hangs on them and comes in that order as well:
 * so nobody has to look a million users up again.
 *
 * Beyond a megabyte they are in a temporary file, which has no name any more where the system allows that, encrypted with
 * a key that is nowhere else: a killed process leaves nothing that could be read. The file only saves time. Where it cannot
 * be written no id is known, and the database is asked instead.
 */
export class OwnerIds {
  #block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  #length = 0;
  #last: string | undefined;
  #usable = true;
  #file: SecretFile | undefined;
  #reader: IdReader | undefined;

  /** @param username greater than all before; else no id is known from here on */
  add(username: string, id: string): void {
    if (!this.#usable || this.#reader) return;
    const bytes = LENGTH_BYTES + Buffer.byteLength(username) + ID_BYTES;
    if (id.length !== ID_BYTES || (this.#last !== undefined && compareKeys(username, this.#last) <= 0)) {
      this.#giveUp();
      return;
    }
    this.#last = username;
    if (this.#length + bytes > BLOCK_BYTES && !this.#spill()) return;
    const block = this.#block;
    let at = block.writeUInt32LE(bytes - LENGTH_BYTES - ID_BYTES, this.#length);
    at += block.write(username, at);
    this.#length = at + block.write(id, at, 'latin1');
  }

  /** @param username not before the one asked for last; nothing can be added any more */
  find(username: string): string | undefined {
    if (!this.#usable) return undefined;
    this.#reader ??= new IdReader(this.#file, this.#block.subarray(0, this.#length));
    return this.#reader.find(username);
  }

  close(): void {
    this.#giveUp();
  }

  #giveUp(): void {
    this.#usable = false;
    this.#length = 0;
    this.#file?.close();
    this.#file = undefined;
  }

  #spill(): boolean {
    try {
      this.#file ??= new SecretFile();
      this.#file.append(this.#block.subarray(0, this.#length));
      this.#length = 0;
      return true;
    } catch (error) {
      // No temporary folder, or a full one: a look into the database takes its place.
      if (!(error instanceof Error && 'code' in error)) throw error;
      this.#giveUp();
      return false;
    }
  }
}

/** Goes through the blocks of the file, then the one in memory. */
class IdReader {
  readonly #file: SecretFile | undefined;
  readonly #end: Buffer;
  #block: Buffer = Buffer.alloc(0);
  #at = 0;
  #current: { readonly username: string; readonly id: string } | undefined;
  #next: 'file' | 'memory' | 'nothing' = 'file';

  constructor(file: SecretFile | undefined, end: Buffer) {
    this.#file = file;
    this.#end = end;
    this.#advance();
  }

  find(username: string): string | undefined {
    while (this.#current && compareKeys(this.#current.username, username) < 0) this.#advance();
    return this.#current?.username === username ? this.#current.id : undefined;
  }

  #advance(): void {
    if (this.#at === this.#block.length && !this.#nextBlock()) {
      this.#current = undefined;
      return;
    }
    const block = this.#block;
    const name = this.#at + LENGTH_BYTES;
    const id = name + block.readUInt32LE(this.#at);
    this.#at = id + ID_BYTES;
    this.#current = {
      username: block.toString('utf8', name, id),
      id: block.toString('latin1', id, this.#at),
    };
  }

  #nextBlock(): boolean {
    this.#at = 0;
    if (this.#next === 'file') {
      const block = this.#file?.readBlock();
      if (block) {
        this.#block = block;
        return true;
      }
      this.#next = 'memory';
    }
    this.#block = this.#next === 'memory' ? this.#end : Buffer.alloc(0);
    this.#next = 'nothing';
    return this.#block.length > 0;
  }
}

/** Blocks written one after the other and read in the same order, encrypted with a key of its own (AES-256-CTR). */
class SecretFile {
  readonly #path = join(tmpdir(), `drawbridge-${randomUUID()}`);
  readonly #key = randomBytes(32);
  readonly #start = randomBytes(16);
  readonly #fd: number;
  readonly #writing: Cipheriv;
  readonly #blockBytes: number[] = [];
  #reading: ReturnType<typeof createDecipheriv> | undefined;
  #read = 0;
  #place = 0;
  #closed = false;

  constructor() {
    this.#fd = openSync(this.#path, 'wx+', 0o600);
    this.#writing = createCipheriv('aes-256-ctr', this.#key, this.#start);
    this.#removeName();
  }

  append(block: Buffer): void {
    const bytes = this.#writing.update(block);
    for (let done = 0; done < bytes.length;) done += writeSync(this.#fd, bytes, done);
    this.#blockBytes.push(bytes.length);
  }

  readBlock(): Buffer | undefined {
    const bytes = this.#blockBytes[this.#read++];
    if (bytes === undefined) return undefined;
    const block = Buffer.allocUnsafe(bytes);
    for (let done = 0; done < bytes;) {
      const got = readSync(this.#fd, block, done, bytes - done, this.#place + done);
      if (got === 0) throw new Error('A temporary file ended before its end.');
      done += got;
    }
    this.#place += bytes;
    this.#reading ??= createDecipheriv('aes-256-ctr', this.#key, this.#start);
    return this.#reading.update(block);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.#fd);
    this.#removeName();
  }

  /** Windows does so only when the file is closed. */
  #removeName(): void {
    try {
      rmSync(this.#path, { force: true });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
    }
  }
}
