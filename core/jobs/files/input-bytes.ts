import { close, constants, createReadStream, fstatSync, open } from 'node:fs';
import { Socket } from 'node:net';
import { addAbortSignal } from 'node:stream';
import { promisify } from 'node:util';
import { AppError, throwIfAborted } from '../../../contract/errors.ts';
import { fileError } from './file-errors.ts';

/** Large, since each is one call of the operating system. */
const BYTES_AT_ONCE = 256 * 1024;

/**
 * What a file holds; or what comes out of a pipe, one that has a name or a shell's `<(…)`, once.
 *
 * A pipe is opened and read without blocking, as a socket is: a thread of this process that waits for somebody to write to it
 * could not be called off, and would keep the process from ending.
 *
 * @throws AppError FILE_FAILED, CANCELED
 */
export async function* inputBytes(path: string, signal: AbortSignal): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of addAbortSignal(signal, await opened(path))) yield chunk as Buffer;
  } catch (error) {
    throwIfAborted(signal);
    throw fileError('read', path, error);
  }
}

async function opened(path: string): Promise<ReturnType<typeof createReadStream> | Socket> {
  // Windows has no such flag, and no such pipes.
  const descriptor = await promisify(open)(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  const found = fstatSync(descriptor);
  if (found.isFIFO()) return new Socket({ fd: descriptor, readable: true, writable: false });
  if (found.isFile() || found.isDirectory())
    return createReadStream(path, { fd: descriptor, highWaterMark: BYTES_AT_ONCE });
  await promisify(close)(descriptor);
  throw new AppError('FILE_FAILED', `“${path}” is neither a file nor a pipe.`, {
    notChanged: 'Nothing was stored.',
    remedy: 'Write what is to be read into a file, and name that.',
    details: { path },
  });
}
