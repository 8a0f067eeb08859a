import type { Pages } from './pages.ts';

/*
 * How SQLite lays out pages and rows (https://www.sqlite.org/fileformat2.html, "B-tree Pages" and "Record Format"): as
 * much of it as it takes to read the rows that are left on the pages that are left.
 */

export type SqlValue = null | number | string | Buffer;

export const TABLE_LEAF = 0x0d;
export const TABLE_INTERIOR = 0x05;
export const INDEX_LEAF = 0x0a;
export const INDEX_INTERIOR = 0x02;

/** A row as it is stored: of a table with row numbers, or, in the order of its key, of one without. */
export interface StoredRow {
  readonly rowid: number;
  readonly values: readonly SqlValue[];
}

/** Page 1 begins with the file's own header. */
function headerAt(number: number): number {
  return number === 1 ? 100 : 0;
}

export function typeOf(page: Buffer, number: number): number {
  return page.readUInt8(headerAt(number));
}

/** Where the page's cells begin. @returns undefined when the page cannot be one of a tree */
export function cellsOf(page: Buffer, number: number): number[] | undefined {
  const at = headerAt(number);
  const interior = [TABLE_INTERIOR, INDEX_INTERIOR].includes(page.readUInt8(at));
  const count = page.readUInt16BE(at + 3);
  const pointers = at + (interior ? 12 : 8);
  if (pointers + 2 * count > page.length) return undefined;
  const cells = Array.from({ length: count }, (_, i) => page.readUInt16BE(pointers + 2 * i));
  return cells.every((cell) => cell >= pointers + 2 * count && cell < page.length - 3) ? cells : undefined;
}

/** The pages below an interior page. */
export function childrenOf(page: Buffer, number: number, cells: readonly number[]): number[] {
  return [...cells.map((cell) => page.readUInt32BE(cell)), page.readUInt32BE(headerAt(number) + 8)];
}

/** The row in a cell. @returns undefined when it cannot be read whole */
export function rowAt(pages: Pages, page: Buffer, type: number, cell: number): StoredRow | undefined {
  try {
    const start = type === INDEX_INTERIOR ? cell + 4 : cell;
    const size = varint(page, start);
    const rowid = type === TABLE_LEAF ? varint(page, size.end) : { value: 0, end: size.end };
    const payload = payloadAt(pages, page, type, rowid.end, size.value);
    const values = payload && valuesOf(payload);
    return values && { rowid: rowid.value, values };
  } catch (error) {
    // Reading beyond the end of what is there: lengths that are damaged.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function payloadAt(pages: Pages, page: Buffer, type: number, at: number, size: number): Buffer | undefined {
  const usable = pages.pageBytes;
  if (size > usable * pages.count) return undefined;
  const most = type === TABLE_LEAF ? usable - 35 : Math.floor(((usable - 12) * 64) / 255) - 23;
  if (size <= most)
    return page.subarray(at, at + size).length === size ? page.subarray(at, at + size) : undefined;
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const spread = least + ((size - least) % (usable - 4));
  const local = spread <= most ? spread : least;
  const parts = [page.subarray(at, at + local)];
  let next = page.readUInt32BE(at + local);
  for (let left = size - local; left > 0; left -= usable - 4) {
    const overflow = next > 0 && next <= pages.count ? pages.read(next) : undefined;
    if (!overflow) return undefined;
    parts.push(overflow.subarray(4, 4 + Math.min(left, usable - 4)));
    next = overflow.readUInt32BE(0);
  }
  return Buffer.concat(parts);
}

function valuesOf(payload: Buffer): SqlValue[] | undefined {
  const head = varint(payload, 0);
  const values: SqlValue[] = [];
  let at = head.value;
  for (let end = head.end; end < head.value;) {
    const type = varint(payload, end);
    end = type.end;
    const value = valueAt(payload, at, type.value);
    if (!value) return undefined;
    values.push(value.value);
    at += value.bytes;
  }
  // Exactly what the record says it is: everything else is damage.
  return at === payload.length ? values : undefined;
}

const INTEGER_BYTES = [0, 1, 2, 3, 4, 6, 8];

function valueAt(payload: Buffer, at: number, type: number): { value: SqlValue; bytes: number } | undefined {
  if (type === 0) return { value: null, bytes: 0 };
  if (type === 8 || type === 9) return { value: type - 8, bytes: 0 };
  if (type === 7) return { value: payload.readDoubleBE(at), bytes: 8 };
  if (type < 7) {
    const bytes = INTEGER_BYTES[type]!;
    const value = bytes === 8 ? Number(payload.readBigInt64BE(at)) : payload.readIntBE(at, bytes);
    return Number.isSafeInteger(value) ? { value, bytes } : undefined;
  }
  if (type < 12) return undefined;
  const bytes = Math.floor((type - 12) / 2);
  const slice = payload.subarray(at, at + bytes);
  if (slice.length < bytes) return undefined;
  return { value: type % 2 === 0 ? Buffer.from(slice) : slice.toString('utf8'), bytes };
}

/** Up to nine bytes, seven bits each, the highest first. @throws RangeError beyond the end, or what no length can be */
function varint(bytes: Buffer, at: number): { value: number; end: number } {
  let value = 0;
  for (let i = 0; i < 8; i++) {
    const byte = bytes.readUInt8(at + i);
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      if (!Number.isSafeInteger(value)) break;
      return { value, end: at + i + 1 };
    }
  }
  throw new RangeError('A number that is larger than anything stored.');
}
