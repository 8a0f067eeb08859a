import type { z } from 'zod';
import { AppError } from '../../../contract/errors.ts';
import { REPAIR_ADVICE } from '../database/advice.ts';
import type { JsonObject } from '../../model/record.ts';
import type { Seal } from '../seal.ts';

/** Where a sealed value stands: its table, its row, its column. A value moved elsewhere does not open. */
export type Place = readonly [table: string, row: string, column: string];

/** Stores JSON sealed. What comes out is what was put in at this place, or an error. */
export interface SealedJson {
  seal(place: Place, value: object): Buffer;
  /** @throws AppError CATALOG_DAMAGED */
  open<T>(place: Place, sealed: Buffer, schema: z.ZodType<T>): T;
  /** Like `open`, for a document that whoever wrote it checks. */
  openObject(place: Place, sealed: Buffer): JsonObject;
}

export function sealedJson(seal: Seal): SealedJson {
  const boundTo = (place: Place) => Buffer.from(JSON.stringify(place));
  const openObject = (place: Place, sealed: Buffer): JsonObject => {
    // A column that holds no blob any more was changed by something else than this program.
    if (!Buffer.isBuffer(sealed)) throw damaged(place);
    return JSON.parse(seal.open(sealed, boundTo(place)).toString('utf8')) as JsonObject;
  };
  return {
    seal: (place, value) => seal.seal(Buffer.from(JSON.stringify(value)), boundTo(place)),
    openObject,
    open(place, sealed, schema) {
      const parsed = schema.safeParse(openObject(place, sealed));
      if (!parsed.success) throw damaged(place, parsed.error);
      return parsed.data;
    },
  };
}

/** For a row whose sealed part contradicts what stands beside it in the clear. */
export function damaged([table]: Place, cause?: unknown): AppError {
  return new AppError(
    'CATALOG_DAMAGED',
    `The catalog is damaged: an entry in “${table}” is not what was stored.`,
    {
      notChanged: 'The catalog was not changed.',
      remedy: REPAIR_ADVICE,
      details: { table },
      cause,
    },
  );
}
