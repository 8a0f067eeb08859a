import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  constants,
  createZstdCompress,
  createZstdDecompress,
  type ZstdCompress,
  type ZstdDecompress,
  zstdDecompressSync,
} from 'node:zlib';
import { isAppError } from '../../../contract/errors.ts';
import { archiveRefused, CHANGED, CUT_OFF } from './archive-errors.ts';

/** One zstd frame, with its checksum. */
export function compressed(plain: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  return through(plain, createZstdCompress({ params: { [constants.ZSTD_c_checksumFlag]: 1 } }));
}

/**
 * What is in one zstd frame.
 *
 * @throws AppError INVALID_DOCUMENT when it was changed or cut off, or something follows it
 */
export async function* decompressed(
  archive: string,
  packed: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let given = 0;
  let end: Buffer = Buffer.alloc(0);
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const part of packed) {
      given += part.length;
      end = Buffer.concat([end, part.subarray(-EMPTY_FRAME_BYTES)]).subarray(-EMPTY_FRAME_BYTES);
      yield part;
    }
  }
  const transform = createZstdDecompress();
  try {
    yield* through(counted(), transform);
  } catch (cause) {
    if (isAppError(cause)) throw cause;
    throw (cause as NodeJS.ErrnoException).code === 'Z_BUF_ERROR'
      ? archiveRefused(archive, 'its end is missing', { remedy: CUT_OFF, cause })
      : archiveRefused(archive, 'it does not decompress', { remedy: CHANGED, cause });
  }
  // Node stops reading where the frame ends, and tells nobody.
  if (!isEmptyFrame(end, given - transform.bytesWritten))
    throw archiveRefused(archive, 'something follows its end');
}

/** With a checksum. Node's compressor, asked twice to end while it waits for its reader, writes one behind the other. */
const EMPTY_FRAME_BYTES = 13;

/** @param left how many bytes at the end were not read: none, or those of an empty frame */
function isEmptyFrame(end: Buffer, left: number): boolean {
  if (left === 0) return true;
  if (left !== EMPTY_FRAME_BYTES) return false;
  try {
    return zstdDecompressSync(end, { maxOutputLength: 1 }).length === 0;
  } catch {
    // Whatever is wrong with it, it is not an empty frame.
    return false;
  }
}

async function* through(
  source: AsyncIterable<Uint8Array>,
  transform: ZstdCompress | ZstdDecompress,
): AsyncGenerator<Uint8Array> {
  const done = pipeline(Readable.from(source, { objectMode: false }), transform);
  // Told by the iteration below as well; a rejection that nobody awaits would end the process.
  done.catch(() => {});
  for await (const part of transform) yield part as Uint8Array;
  await done;
}
