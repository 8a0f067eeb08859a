/** A row as `COPY … (FORMAT binary)` has it. Text is UTF-8, a boolean one byte; bytes are taken as they are. */
export function binaryRow(values: readonly (Buffer | string | boolean | null | undefined)[]): Buffer {
  const count = Buffer.alloc(2);
  count.writeInt16BE(values.length);
  return Buffer.concat([count, ...values.flatMap((value) => column(value))]);
}

function column(value: Buffer | string | boolean | null | undefined): Buffer[] {
  const length = Buffer.alloc(4);
  if (value === null || value === undefined) {
    length.writeInt32BE(-1);
    return [length];
  }
  const bytes = typeof value === 'boolean' ? Buffer.from([Number(value)]) : Buffer.from(value as string);
  length.writeInt32BE(bytes.length);
  return [length, bytes];
}

/** Microseconds between the epochs: PostgreSQL counts from 2000. */
const EPOCH = 946_684_800_000_000n;

/** A `timestamptz`. @param micros since 1970 */
export function instantBytes(micros: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(micros - EPOCH);
  return bytes;
}
