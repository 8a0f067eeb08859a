import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { throwIfAborted } from '../../contract/errors.ts';
import { fileError } from './file-errors.ts';
import { PhaseMeter, type JobContext } from './job-context.ts';
import { putInPlace } from './put-in-place.ts';

export interface FilePlace {
  readonly path: string;
  /** Replace a file that is there. */
  readonly replace: boolean;
  /** Write to this instead; it stays open. */
  readonly stream?: Writable | undefined;
}

/** The path that stands for the standard output of the program that the engine runs in, where its host gave it one. */
export const STANDARD_OUTPUT = '-';

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
  { path, replace, stream }: FilePlace,
  phase: string,
  content: () => Promise<AsyncIterable<Uint8Array>>,
): Promise<number> {
  if (stream) return await writeThrough(job, stream, phase, content);
  if (!replace && (await exists(path)))
    throw fileError('write', path, Object.assign(new Error('exists'), { code: 'EEXIST' }));
  const unfinished = `${path}.${randomUUID().slice(0, 8)}.unfinished`;
  try {
    const { pieces, bytes } = await measured(job, phase, content);
    const file = createWriteStream(unfinished, { mode: 0o600, flags: 'wx' });
    await pipeline(Readable.from(pieces), file, { signal: job.signal });
    await putInPlace(unfinished, path, { replace });
    return bytes();
  } catch (error) {
    await rm(unfinished, { force: true });
    throwIfAborted(job.signal);
    throw fileError('write', path, error);
  }
}

/** What reads it cannot be told that it is not whole but by how the program ends. */
async function writeThrough(
  job: JobContext,
  stream: Writable,
  phase: string,
  content: () => Promise<AsyncIterable<Uint8Array>>,
): Promise<number> {
  try {
    const { pieces, bytes } = await measured(job, phase, content);
    await pipeline(Readable.from(pieces), stream, { signal: job.signal, end: false });
    return bytes();
  } catch (error) {
    throwIfAborted(job.signal);
    throw fileError('write', 'standard output', error);
  }
}

async function measured(
  job: JobContext,
  phase: string,
  content: () => Promise<AsyncIterable<Uint8Array>>,
): Promise<{ pieces: AsyncIterable<Uint8Array>; bytes: () => number }> {
  const meter = new PhaseMeter(job, phase, 'bytes');
  const pieces = await content();
  let bytes = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces) {
      bytes += piece.length;
      meter.advance(piece.length);
      yield piece;
    }
  }
  return { pieces: counted(), bytes: () => bytes };
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
