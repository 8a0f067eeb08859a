import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../contract/errors.ts';
import { translateFileError } from '../database/file-errors.ts';

/** Where a block lies, and what proves it. */
export interface Block {
  readonly offset: number;
  readonly bytes: number;
  /** How many blocks were written before it: its nonce. */
  readonly number: number;
  readonly tag: Buffer;
}

const CIPHER = 'aes-256-gcm';
/** Of about 128 KB each. */
const WRITES_IN_FLIGHT = 16;

/**
 * A temporary file of encrypted blocks. Its key is random and lives in memory only, so what a killed process leaves
 * behind tells nothing; where the system allows it the name is gone as soon as the file is open, so nothing is left.
 */
export class SpillFile {
  readonly #handle: FileHandle;
  readonly #path: string;
  readonly #named: boolean;
  /** As KeyObject: node:crypto takes 50 µs to find out that a Buffer is none, each time. */
  readonly #key = createSecretKey(randomBytes(32));
  readonly #writing: Promise<void>[] = [];
  #failure: AppError | undefined;
  #end = 0;
  #blocks = 0;

  private constructor(handle: FileHandle, path: string, named: boolean) {
    this.#handle = handle;
    this.#path = path;
    this.#named = named;
  }

  /** @throws AppError DISK_FULL, FILE_FAILED */
  static async create(dir: string): Promise<SpillFile> {
    const path = join(dir, `sort-${randomBytes(8).toString('hex')}.tmp`);
    try {
      const { O_RDWR, O_CREAT, O_EXCL } = constants;
      const handle = await open(path, O_RDWR | O_CREAT | O_EXCL, 0o600);
      const named = process.platform === 'win32';
      if (!named) await unlink(path);
      return new SpillFile(handle, path, named);
    } catch (error) {
      throw translateFileError(error, 'create a temporary file for sorting', path);
    }
  }

  /**
   * Takes the bytes before it returns; they are on their way to the file. Waits while too much is on its way: the caller
   * works on while the disk does.
   *
   * @throws AppError DISK_FULL, FILE_FAILED, of this or an earlier write
   */
  async write(plain: Buffer): Promise<Block> {
    const number = this.#blocks++;
    const cipher = createCipheriv(CIPHER, this.#key, nonce(number));
    const sealed = cipher.update(plain);
    cipher.final();
    const block = { offset: this.#end, bytes: sealed.length, number, tag: cipher.getAuthTag() };
    this.#end += sealed.length;
    const writing = this.#writeAll(sealed, block.offset).catch((error: unknown) => {
      this.#failure ??= translateFileError(error, 'write a temporary file for sorting', this.#path);
    });
    this.#writing.push(writing);
    while (this.#writing.length > WRITES_IN_FLIGHT) await this.#writing.shift();
    if (this.#failure) throw this.#failure;
    return block;
  }

  /** Waits for all writes. @throws AppError DISK_FULL, FILE_FAILED */
  async settle(): Promise<void> {
    await Promise.all(this.#writing.splice(0));
    if (this.#failure) throw this.#failure;
  }

  /**
   * @param scratch memory to read the encrypted bytes into, of at least their size
   * @throws AppError FILE_FAILED, also when the bytes are not those that were written
   */
  async read(block: Block, scratch: Buffer): Promise<Buffer> {
    try {
      const sealed = scratch.subarray(0, block.bytes);
      for (let done = 0; done < sealed.length;) {
        const at = block.offset + done;
        const { bytesRead } = await this.#handle.read(sealed, done, sealed.length - done, at);
        if (bytesRead === 0) throw new Error('The file is shorter than what was written to it.');
        done += bytesRead;
      }
      const decipher = createDecipheriv(CIPHER, this.#key, nonce(block.number), {
        authTagLength: block.tag.length,
      });
      decipher.setAuthTag(block.tag);
      const plain = decipher.update(sealed);
      decipher.final();
      return plain;
    } catch (cause) {
      throw new AppError(
        'FILE_FAILED',
        'A temporary file for sorting cannot be read back as it was written.',
        {
          notChanged: 'No snapshot was stored; those before it are unchanged.',
          remedy: 'Check the disk that holds the catalog, then try again.',
          details: { path: this.#path },
          cause,
        },
      );
    }
  }

  /** Frees the space. */
  async close(): Promise<void> {
    await Promise.all(this.#writing.splice(0));
    await this.#handle.close();
    if (this.#named) await unlink(this.#path);
  }

  async #writeAll(bytes: Buffer, offset: number): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, offset + done);
      done += bytesWritten;
    }
  }
}

/** One key serves one file, whose blocks are written once each: the number is nonce enough. */
function nonce(number: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUIntBE(number, 6, 6);
  return bytes;
}
