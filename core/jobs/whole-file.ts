import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { throwIfAborted } from '../../contract/errors.ts';
import { fileError } from './file-errors.ts';
import { PhaseMeter, type JobContext } from './job-context.ts';
import { putInPlace } from './put-in-place.ts';

export interface FilePlace {
  readonly path: string;
  /** Replace a file that is there. */
  readonly replace: boolean;
}

/**
 * Writes a file that only its owner may read. It appears under its name when it is whole: an interrupted export leaves
 * nothing that could be taken for one.
 *
 * @param phase what is shown meanwhile; what is written is asked for once it is known that the name is free
 * @returns the file's size in bytes
 * @throws AppError FILE_FAILED, DISK_FULL, CANCELED; what making the content throws
 */
export async function writeWhole(
  job: JobContext,
  { path, replace }: FilePlace,
  phase: string,
  content: () => Promise<AsyncIterable<Uint8Array>>,
): Promise<number> {
  if (!replace && (await exists(path)))
    throw fileError('write', path, Object.assign(new Error('exists'), { code: 'EEXIST' }));
  const unfinished = `${path}.${randomUUID().slice(0, 8)}.unfinished`;
  let bytes = 0;
  try {
    const meter = new PhaseMeter(job, phase, 'bytes');
    const pieces = await content();
    async function* counted(): AsyncGenerator<Uint8Array> {
      for await (const piece of pieces) {
        bytes += piece.length;
        meter.advance(piece.length);
        yield piece;
      }
    }
    const file = createWriteStream(unfinished, { mode: 0o600, flags: 'wx' });
    await pipeline(Readable.from(counted()), file, { signal: job.signal });
    await putInPlace(unfinished, path, { replace });
    return bytes;
  } catch (error) {
    await rm(unfinished, { force: true });
    throwIfAborted(job.signal);
    throw fileError('write', path, error);
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw fileError('write', path, error);
  }
}
