import { PhaseMeter, type JobContext } from './job-context.ts';
import { OutputFile, type FilePlace } from './output-file.ts';

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
  place: FilePlace,
  phase: string,
  content: () => Promise<AsyncIterable<Uint8Array>>,
): Promise<number> {
  const file = await OutputFile.open(place);
  const meter = new PhaseMeter(job, phase, 'bytes');
  async function* metered(): AsyncGenerator<Uint8Array> {
    for await (const piece of await content()) {
      meter.advance(piece.length);
      yield piece;
    }
  }
  return await file.write(metered(), job.signal);
}
