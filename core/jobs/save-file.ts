import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { throwIfAborted } from '../../contract/errors.ts';
import { fileError } from './file-errors.ts';
import { putInPlace } from './put-in-place.ts';

/**
 * Writes text to a file that only its owner may read. It appears under its name when it is whole, and takes the place of
 * another only on request, also where both are written at the same moment.
 *
 * @returns its size in bytes
 * @throws AppError FILE_FAILED, DISK_FULL, CANCELED
 */
export async function saveText(
  path: string,
  pieces: AsyncIterable<string>,
  { replace, signal }: { replace: boolean; signal: AbortSignal },
): Promise<number> {
  const unfinished = `${path}.${randomBytes(6).toString('hex')}.unfinished`;
  let bytes = 0;
  async function* encoded(): AsyncGenerator<Buffer> {
    for await (const piece of pieces) {
      const buffer = Buffer.from(piece);
      bytes += buffer.length;
      yield buffer;
    }
  }
  try {
    await pipeline(Readable.from(encoded()), createWriteStream(unfinished, { mode: 0o600, flags: 'wx' }), {
      signal,
    });
    await putInPlace(unfinished, path, { replace });
    return bytes;
  } catch (error) {
    await rm(unfinished, { force: true });
    throwIfAborted(signal);
    throw fileError('write', path, error);
  }
}
