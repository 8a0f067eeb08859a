import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { throwIfAborted } from '../../../contract/errors.ts';
import { fileError } from './file-errors.ts';
import { PhaseMeter, type JobContext } from '../job-context.ts';
import { OutputFile, type FilePlace } from './output-file.ts';

export interface WholePlace extends FilePlace {
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
 * @throws AppError USAGE where that is a file of a catalog; FILE_FAILED, DISK_FULL, CANCELED; what making the content throws
 */
export async function writeWhole(
  job: JobContext,
  { stream, ...place }: WholePlace,
  phase: string,
  content: () => Promise<AsyncIterable<Uint8Array>>,
): Promise<number> {
  const file = stream ? undefined : await OutputFile.open(place);
  const meter = new PhaseMeter(job, phase, 'bytes');
  async function* metered(): AsyncGenerator<Uint8Array> {
    for await (const piece of await content()) {
      meter.advance(piece.length);
      yield piece;
    }
  }
  return file ? await file.write(metered(), job.signal) : await writeThrough(job.signal, stream!, metered());
}

/** What reads it cannot be told that it is not whole but by how the program ends. */
async function writeThrough(
  signal: AbortSignal,
  stream: Writable,
  pieces: AsyncIterable<Uint8Array>,
): Promise<number> {
  let bytes = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces) {
      bytes += piece.length;
      yield piece;
    }
  }
  try {
    await pipeline(Readable.from(counted()), stream, { signal, end: false });
    return bytes;
  } catch (error) {
    throwIfAborted(signal);
    throw fileError('write', 'standard output', error);
  }
}
