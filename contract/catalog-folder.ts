import { z } from 'zod';

/** How a catalog's key is come by. */
export const wayIn = z.object({
  kind: z.enum(['passphrase', 'keychain', 'recovery']),
  createdAt: z.string(),
  /** It cannot be used any more. */
  damaged: z.boolean(),
});
export type WayIn = z.infer<typeof wayIn>;

/** What can be told of a catalog without opening it with a key. */
export const catalogView = z.object({
  /** Its folder. */
  dir: z.string(),
  id: z.string(),
  /** Of its tables, and the newest that this Drawbridge knows. */
  version: z.number().int(),
  knownVersion: z.number().int(),
  createdAt: z.string(),
  waysIn: z.array(wayIn),
  /** Whether a recovery key exists that is not damaged. */
  recoveryKey: z.boolean(),
  /** Of its files together. */
  bytes: z.number().int(),
  /** Left out where the catalog is newer than this Drawbridge. */
  counts: z
    .object({
      snapshots: z.number().int(),
      trash: z.number().int(),
      environments: z.number().int(),
      plans: z.number().int(),
      jobs: z.number().int(),
    })
    .optional(),
});
export type CatalogView = z.infer<typeof catalogView>;

/** A key as a person types it. Whoever is asked for a passphrase may type the recovery key in its place. */
export const typedKey = z.union([
  z.strictObject({ passphrase: z.string().min(1) }),
  z.strictObject({ recoveryKey: z.string().min(1) }),
]);
export type TypedKey = z.infer<typeof typedKey>;

/**
 * What shows that whoever changes what opens a catalog may do so, and did not just find it open. Needed where the catalog
 * has a passphrase; of one that has none, the keychain is asked anew unless a recovery key is given.
 */
const proof = { presentKey: typedKey.optional() };

export const passphraseInput = z.strictObject({ ...proof, passphrase: z.string() });

export const useKeychainInput = z.strictObject({
  ...proof,
  /** The keychain is to be the only way in besides a recovery key. */
  forgetPassphrase: z.boolean().default(false),
});

export const leaveKeychainInput = z.strictObject({
  ...proof,
  /** Set first; needed where the catalog has no passphrase. */
  passphrase: z.string().optional(),
  /** Also take the key out of the keychain: copies of the catalog that were made with it are not opened by it any more. */
  forgetKey: z.boolean().default(false),
});

export const proposeRecoveryKeyInput = z.strictObject(proof);

export const recoveryKeyInput = z.strictObject({
  /** As typed: in either case, with any spaces and hyphens. */
  recoveryKey: z.string(),
});
