import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../contract/errors.ts';
import { translateFileError } from '../database/file-errors.ts';

/** Where a block lies. */
export interface Block {
  readonly offset: number;
  readonly bytes: number;
  /** How many blocks were written before it: its nonce. */
  readonly number: number;
}

const TAG_BYTES = 16;
/** Of about 128 KB each. */
const WRITES_IN_FLIGHT = 32;

/**
 * A temporary file of encrypted blocks. Its key is random and lives in memory only, so what a killed process leaves
 * behind tells nothing; where the system allows it the name is gone as soon as the file is open, so nothing is left.
 */
export class SpillFile {
  readonly #handle: FileHandle;
  readonly #path: string;
  readonly #named: boolean;
  readonly #key = randomBytes(32);
  #end = 0;
  #blocks = 0;
  readonly #writing: Promise<void>[] = [];
  #failure: AppError | undefined;

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
   * Takes the bytes before it returns; they are on their way to the file. Waits while too much is on its way, so that
   * the caller works on while the disk does.
   *
   * @throws AppError DISK_FULL, FILE_FAILED, of this or an earlier write
   */
  async write(plain: Buffer): Promise<Block> {
    const block = { offset: this.#end, bytes: plain.length + TAG_BYTES, number: this.#blocks++ };
    this.#end += block.bytes;
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce(block));
    const sealed = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
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

  async #writeAll(bytes: Buffer, offset: number): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, offset + done);
      done += bytesWritten;
    }
  }

  /** @throws AppError FILE_FAILED, also when the bytes are not those that were written */
  async read(block: Block): Promise<Buffer> {
    const sealed = Buffer.allocUnsafeSlow(block.bytes);
    try {
      for (let done = 0; done < sealed.length;) {
        const { bytesRead } = await this.#handle.read(
          sealed,
          done,
          sealed.length - done,
          block.offset + done,
        );
        if (bytesRead === 0) throw new Error('The file is shorter than what was written to it.');
        done += bytesRead;
      }
      const body = block.bytes - TAG_BYTES;
      const decipher = createDecipheriv('aes-256-gcm', this.#key, nonce(block), { authTagLength: TAG_BYTES });
      decipher.setAuthTag(sealed.subarray(body));
      const plain = decipher.update(sealed.subarray(0, body));
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
}

/** One key serves one file, whose blocks are written once each: the number is nonce enough. */
function nonce(block: Block): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUIntBE(block.number, 6, 6);
  return bytes;
}
