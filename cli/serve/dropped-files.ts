import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../../contract/errors.ts';
import { messageOf } from '../../contract/wire.ts';
import { makeTemporaryFolder } from '../../core/engine/index.ts';

/** Files that were dropped into the page, for the engine to read: for this user only, and only until the program ends. */
export class DroppedFiles {
  readonly #folder: string;
  readonly #limit: number;

  /**
   * @param limit of one file, in bytes
   * @throws AppError FILE_FAILED, DISK_FULL
   */
  constructor(limit: number) {
    this.#folder = makeTemporaryFolder('drawbridge-dropped-', 'to take files over from the browser');
    this.#limit = limit;
  }

  /**
   * @param name as the page tells it: only what is harmless in it becomes a part of the path
   * @param size in bytes, as far as it is known beforehand
   * @returns the path of the whole file
   * @throws AppError DOCUMENT_TOO_LARGE, DISK_FULL, FILE_FAILED; then nothing of it is left
   */
  async keep(name: string, content: Readable, size: number | undefined): Promise<string> {
    if (size !== undefined && size > this.#limit) throw this.#tooLarge(size);
    const folder = join(this.#folder, randomUUID());
    const path = join(folder, harmless(name));
    try {
      await mkdir(folder, { mode: 0o700 });
      await pipeline(content, this.#counted(), createWriteStream(path, { mode: 0o600, flags: 'wx' }));
      return path;
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw this.#translated(error);
    }
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  #counted(): (chunks: AsyncIterable<Buffer>) => AsyncGenerator<Buffer> {
    let bytes = 0;
    const count = (more: number): void => {
      bytes += more;
      if (bytes > this.#limit) throw this.#tooLarge(bytes);
    };
    return async function* (chunks) {
      for await (const chunk of chunks) {
        count(chunk.length);
        yield chunk;
      }
    };
  }

  #tooLarge(bytes: number): AppError {
    return new AppError('DOCUMENT_TOO_LARGE', 'The file is too large to be dropped into a page.', {
      notChanged: 'Nothing of it was kept.',
      remedy: 'Give its path instead.',
      details: { bytes, limit: this.#limit },
    });
  }

  #translated(error: unknown): AppError {
    if (error instanceof AppError) return error;
    const isFull = (error as NodeJS.ErrnoException).code === 'ENOSPC';
    return new AppError(
      isFull ? 'DISK_FULL' : 'FILE_FAILED',
      isFull
        ? `There is no room left in “${tmpdir()}” for the file that was dropped.`
        : `The file that was dropped could not be taken over: ${messageOf(error)}.`,
      {
        notChanged: 'Nothing of it was kept.',
        remedy: 'Give its path instead of dropping it.',
        cause: error,
      },
    );
  }
}

function harmless(name: string): string {
  const safe = basename(name)
    .replaceAll(/[^\w.-]/g, '_')
    .slice(-100);
  return /^\.*$/.test(safe) ? 'file' : safe;
}
