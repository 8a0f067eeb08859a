import { OutputFile, type FilePlace } from './output-file.ts';

/**
 * Writes text to a file that only its owner may read. It appears under its name when it is whole, and takes the place of
 * another only on request, also where both are written at the same moment.
 *
 * @returns its size in bytes
 * @throws AppError USAGE where that is a file of a catalog, or one that is read; FILE_FAILED, DISK_FULL, CANCELED
 */
export async function saveText(
  place: FilePlace,
  pieces: AsyncIterable<string>,
  signal: AbortSignal,
): Promise<number> {
  const file = await OutputFile.open(place);
  return await file.write(pieces, signal);
}
