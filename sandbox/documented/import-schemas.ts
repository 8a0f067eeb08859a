import { z } from 'zod';
import { flag, LONG_TEXT, realmName, requiredText, seconds, text } from './text-rules.ts';

/** Members of an import's body that are given as null count as absent, unless noted otherwise. */
const textList = z.array(text(2_000), { error: 'must be an array of strings' }).nullish();

export const realmSchema = z.object({
  id: realmName,
  displayName: text(255).nullish(),
  enabled: flag.nullish(),
  loginTheme: text(100).nullish(),
  accessTokenLifespan: seconds.nullish(),
  refreshTokenLifespan: seconds.nullish(),
  mfaRequired: flag.nullish(),
  passwordPolicy: z.unknown().optional(),
  smtpConfig: z.record(z.string(), z.unknown(), { error: 'must be an object' }).nullish(),
});
export type ImportedRealm = z.infer<typeof realmSchema>;

export const roleSchema = z.object({
  name: requiredText(255),
  description: text(LONG_TEXT).nullish(),
  composite: flag.nullish(),
});
export type ImportedRole = z.infer<typeof roleSchema>;

export const clientSchema = z.object({
  clientId: requiredText(255),
  name: text(255).nullish(),
  description: text(LONG_TEXT).nullish(),
  enabled: flag.nullish(),
  publicClient: flag.nullish(),
  pkceRequired: flag.nullish(),
  redirectUris: textList,
  webOrigins: textList,
  grantTypes: textList,
  scopes: textList,
  /** In plain text; a mask, as exports carry it, counts as absent. */
  clientSecret: text(LONG_TEXT).nullish(),
});
export type ImportedClient = z.infer<typeof clientSchema>;

/** BCrypt reads no further; longer passwords would silently be cut. */
const BCRYPT_LIMIT_BYTES = 72;

export const userSchema = z.object({
  username: requiredText(255),
  /** Needed only where the user is created. */
  email: text(255)
    .refine((value) => /^[^\s@]+@[^\s@]+$/.test(value), 'must be an e-mail address')
    .nullish(),
  /** Null clears the name. */
  firstName: text(255).nullish(),
  lastName: text(255).nullish(),
  enabled: flag.nullish(),
  emailVerified: flag.nullish(),
  roles: z.array(requiredText(255), { error: 'must be an array of strings' }).nullish(),
  /** In plain text. */
  password: text(LONG_TEXT)
    .refine(
      (value) => Buffer.byteLength(value) <= BCRYPT_LIMIT_BYTES,
      `must not be longer than ${BCRYPT_LIMIT_BYTES} bytes`,
    )
    .nullish(),
});
export type ImportedUser = z.infer<typeof userSchema>;
