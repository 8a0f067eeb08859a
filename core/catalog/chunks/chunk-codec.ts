import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { AppError } from '../../../contract/errors.ts';
import { applyDelta, droppedText, type Delta } from './line-delta.ts';
import { VarintReader, writeVarints } from './varint.ts';

/**
 * What is sealed of a chunk. First byte: how it is stored.
 *
 *     0  size, zstd frame                                          whole
 *     1  size, bytes of steps, steps, bytes inserted, zstd frame   changes against the bases' text
 *
 * Numbers are varints. The inserted lines are compressed with text from the bases as zstd dictionary: the dropped lines,
 * which are their former selves, and the beginning of the bases, which shows a new record what records look like.
 */
const WHOLE = 0;
const DELTA = 1;

/** Ids and hashes are most of what is left of a record: levels 2 to 4 take longer and make it no smaller. */
const LEVEL = 1;
/** Changes are small, so looking harder for matches costs little. */
const DELTA_LEVEL = 9;
const SMALL_BYTES = 32 << 10;
const EXAMPLE_BYTES = 16 << 10;

/**
 * Node.js before 24.6 (22.19) compresses without a dictionary when it is given one, and cannot read what was compressed
 * with one: then nothing must be stored, and nothing read be called damaged.
 *
 * @throws AppError INTERNAL naming the version that is needed
 */
export function requireDictionaries(): void {
  const text = Buffer.from('A text that is longer than what refers to it.');
  const bytes = (dictionary?: Buffer) => compress(text, LEVEL, dictionary).length;
  if (bytes(text) < bytes()) return;
  throw new AppError('INTERNAL', `Node.js ${process.versions.node} cannot compress with a dictionary.`, {
    notChanged: 'The catalog was not changed.',
    remedy: 'Use Node.js 24.6 or newer (or 22.19 of the older line).',
  });
}

export function encodeWhole(plain: Buffer): Buffer {
  return Buffer.concat([Buffer.of(WHOLE), writeVarints([plain.length]), compress(plain, LEVEL)]);
}

export function encodeDelta(old: Buffer, delta: Delta, size: number): Buffer {
  const steps = writeVarints(delta.steps);
  const head = [Buffer.of(DELTA), writeVarints([size, steps.length]), steps];
  if (delta.inserted.length === 0) return Buffer.concat([...head, Buffer.of(0)]);
  const level = delta.inserted.length > SMALL_BYTES ? LEVEL : DELTA_LEVEL;
  const compressed = compress(delta.inserted, level, dictionary(old, delta.steps));
  return Buffer.concat([...head, writeVarints([delta.inserted.length]), compressed]);
}

/**
 * @param bases the plaintexts that the changes refer to, one after the other; asked for only when there are changes
 * @param allocate memory for the text when it is rebuilt from changes
 * @returns undefined when the bytes are not what an encoder wrote
 */
export function decodeChunk(
  payload: Buffer,
  bases: () => Buffer,
  allocate: (bytes: number) => Buffer,
): Buffer | undefined {
  const numbers = new VarintReader(payload, 1);
  const size = numbers.next();
  if (payload[0] === WHOLE) return decompress(payload.subarray(numbers.at), size);
  if (payload[0] !== DELTA) return undefined;
  const stepBytes = numbers.next();
  const stepsEnd = numbers.at + stepBytes;
  const steps: number[] = [];
  while (numbers.at < stepsEnd) steps.push(numbers.next());
  const insertedBytes = numbers.next();
  if (Number.isNaN(insertedBytes) || steps.length % 3 !== 0) return undefined;
  const old = bases();
  const inserted =
    insertedBytes === 0
      ? Buffer.alloc(0)
      : decompress(payload.subarray(numbers.at), insertedBytes, dictionary(old, steps));
  if (!inserted || !Number.isSafeInteger(size)) return undefined;
  const plain = allocate(size);
  return applyDelta(old, { steps, inserted }, plain) ? plain : undefined;
}

function dictionary(old: Buffer, steps: readonly number[]): Buffer {
  // The likeliest text last: zstd writes near matches shorter.
  return Buffer.concat([old.subarray(0, EXAMPLE_BYTES), ...droppedText(old, steps)]);
}

function compress(plain: Buffer, level: number, dictionary?: Buffer): Buffer {
  return zstdCompressSync(plain, {
    // Mostly the whole result in one go, without holding three times its size until the garbage is collected.
    chunkSize: Math.max(1024, plain.length >> 1),
    pledgedSrcSize: plain.length,
    params: {
      [constants.ZSTD_c_compressionLevel]: level,
      // Both are known from elsewhere: the size stands in front, authenticity is the seal's.
      [constants.ZSTD_c_contentSizeFlag]: 0,
      [constants.ZSTD_c_checksumFlag]: 0,
    },
    ...(dictionary && dictionary.length > 0 && { dictionary }),
  });
}

function decompress(compressed: Buffer, size: number, dictionary?: Buffer): Buffer | undefined {
  if (!Number.isSafeInteger(size)) return undefined;
  try {
    const plain = zstdDecompressSync(compressed, {
      chunkSize: Math.max(64, size),
      maxOutputLength: Math.max(1, size),
      ...(dictionary && dictionary.length > 0 && { dictionary }),
    });
    return plain.length === size ? plain : undefined;
  } catch (error) {
    // zlib reports damage as codes of its own (ZSTD_error_…) and excess as ERR_BUFFER_TOO_LARGE.
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}
