import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { AppError } from '../../../contract/errors.ts';
import { applyDelta, droppedText, type Delta } from './line-delta.ts';
import { packUuids, unpackedBytes, unpackUuids, type PackedText } from './uuid-packing.ts';
import { VarintReader, writeVarints } from './varint.ts';

/**
 * What is sealed of a chunk. First byte: the version; second byte: how it is stored.
 *
 *     1 0  size, zstd frame                                          whole
 *     1 1  size, bytes of steps, steps, bytes inserted, zstd frame   changes against the bases' text
 *     2 0  size, bytes of text, bytes of frame, zstd frame, UUIDs    whole, the UUIDs taken out of the text
 *
 * Numbers are varints. The inserted lines are compressed with text from the bases as zstd dictionary: the dropped lines, which
 * are their former selves, and the beginning of the bases, which shows a new record what records look like. Version 2 has no
 * changes: that text still has its UUIDs.
 *
 * FROZEN: whether stored chunks can be read depends on these numbers, on the order of `dictionary`'s parts, and on how
 * `applyDelta`, `droppedText`, `unpackUuids` and varints work. None of it may change under these versions: what is to be
 * different is a version of its own, beside these. The version is sealed, so that it cannot be altered, and not in the clear or in
 * the additional data, where an unknown one could not be told from damage.
 */
const VERSION = 1;
const PACKED_VERSION = 2;
const WHOLE = 0;
const DELTA = 1;
/** How much of the bases' beginning is in the dictionary. */
const EXAMPLE_BYTES = 16 << 10;
const HEADER_BYTES = 2;

// From here on, what only the encoder decides: this may change at any time.

/** Ids and hashes are most of what is left of a record: levels 2 to 4 take longer and make it no smaller. */
const LEVEL = 1;
/**
 * For what has no dictionary: matches of seven bytes and more, found by few remembered places. Shorter ones, and those far
 * back, lie mostly within ids and hashes by chance, and cost more than the letters themselves.
 */
const WHOLE_SEARCH = { [constants.ZSTD_c_minMatch]: 7, [constants.ZSTD_c_hashLog]: 11 };
/** Changes are small, so looking harder for matches costs little. */
const DELTA_LEVEL = 9;
const SMALL_BYTES = 32 << 10;

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
  const packed = packUuids(plain);
  if (packed) return encodePacked(packed, plain.length);
  const compressed = compress(plain, LEVEL, undefined, WHOLE_SEARCH);
  return Buffer.concat([Buffer.of(VERSION, WHOLE), writeVarints([plain.length]), compressed]);
}

function encodePacked({ text, values }: PackedText, size: number): Buffer {
  const compressed = compress(text, LEVEL, undefined, WHOLE_SEARCH);
  const numbers = writeVarints([size, text.length, compressed.length]);
  return Buffer.concat([Buffer.of(PACKED_VERSION, WHOLE), numbers, compressed, values]);
}

export function encodeDelta(old: Buffer, delta: Delta, size: number): Buffer {
  const steps = writeVarints(delta.steps);
  const head = [Buffer.of(VERSION, DELTA), writeVarints([size, steps.length]), steps];
  if (delta.inserted.length === 0) return Buffer.concat([...head, Buffer.of(0)]);
  const level = delta.inserted.length > SMALL_BYTES ? LEVEL : DELTA_LEVEL;
  const compressed = compress(delta.inserted, level, dictionary(old, delta.steps));
  return Buffer.concat([...head, writeVarints([delta.inserted.length]), compressed]);
}

/**
 * @param bases the plaintexts that the changes refer to, one after the other; asked for only when there are changes
 * @param allocate memory for the text when it is rebuilt from changes
 * @returns undefined when the bytes are not what an encoder wrote
 * @throws AppError CATALOG_NEWER when an encoder of another version wrote them
 */
export function decodeChunk(
  payload: Buffer,
  bases: () => Buffer,
  allocate: (bytes: number) => Buffer,
): Buffer | undefined {
  const [version, form] = payload;
  if (version === PACKED_VERSION) return form === WHOLE ? decodePacked(payload, allocate) : undefined;
  if (version !== undefined && version !== VERSION) throw otherVersion(version);
  const numbers = new VarintReader(payload, HEADER_BYTES);
  const size = numbers.next();
  if (form === WHOLE) return decompress(payload.subarray(numbers.at), size);
  if (form !== DELTA) return undefined;
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

function decodePacked(payload: Buffer, allocate: (bytes: number) => Buffer): Buffer | undefined {
  const numbers = new VarintReader(payload, HEADER_BYTES);
  const size = numbers.next();
  const textBytes = numbers.next();
  const frameEnd = numbers.next() + numbers.at;
  const text = decompress(payload.subarray(numbers.at, frameEnd), textBytes);
  if (!text) return undefined;
  const packed = { text, values: payload.subarray(frameEnd) };
  if (unpackedBytes(packed) !== size) return undefined;
  const plain = allocate(size);
  return unpackUuids(packed, plain) ? plain : undefined;
}

function otherVersion(version: number): AppError {
  return new AppError(
    'CATALOG_NEWER',
    `A chunk of records is stored in format ${version}; this Drawbridge knows those up to ${PACKED_VERSION}.`,
    {
      notChanged: 'Nothing was changed; the records are not damaged.',
      remedy: 'Use the newer Drawbridge that wrote to this catalog.',
      details: { chunkFormat: version, knownFormat: PACKED_VERSION },
    },
  );
}

function dictionary(old: Buffer, steps: readonly number[]): Buffer {
  // The likeliest text last: zstd writes near matches shorter.
  return Buffer.concat([old.subarray(0, EXAMPLE_BYTES), ...droppedText(old, steps)]);
}

function compress(
  plain: Buffer,
  level: number,
  dictionary?: Buffer,
  search: Readonly<Record<number, number>> = {},
): Buffer {
  return zstdCompressSync(plain, {
    // Mostly the whole result in one go, without holding three times its size until the garbage is collected.
    chunkSize: Math.max(1024, plain.length >> 1),
    pledgedSrcSize: plain.length,
    params: {
      [constants.ZSTD_c_compressionLevel]: level,
      ...search,
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
