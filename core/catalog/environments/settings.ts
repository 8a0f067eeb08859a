import { z } from 'zod';
import { environmentName, STAGES } from '../../../contract/environment.ts';
import type { SecretState } from '../../model/secret.ts';

const address = (protocol: RegExp, error: string) =>
  z
    .url({ protocol, error })
    .refine((url) => !/[?#]/.test(url), { error: 'an address without “?” and “#”' })
    .refine((url) => URL.canParse(url) && !hasUserInfo(new URL(url)), {
      error: 'an address without a user name or password in it',
    });
const httpUrl = address(/^https?$/, 'an http:// or https:// address');
const milliseconds = z
  .int()
  .min(1)
  .max(24 * 3600 * 1000);

function hasUserInfo(url: URL): boolean {
  return url.username !== '' || url.password !== '';
}

/** How to reach the Admin API. Without the client's secret. */
const apiSettings = z.strictObject({
  apiUrl: httpUrl,
  /** The issuer of tokens, where it is not the Admin API's own host. */
  authUrl: httpUrl.optional(),
  gatewayUrl: httpUrl.optional(),
  clientId: z.string().min(1),
  scopes: z.array(z.string().min(1)).optional(),
  /** A private certificate authority, PEM. */
  caPem: z.string().includes('-----BEGIN CERTIFICATE-----', { error: 'a certificate in PEM' }).optional(),
  /** Do not verify the server's certificate: asked for explicitly, and said aloud at each use. */
  insecureTls: z.boolean().optional(),
  timeouts: z
    .strictObject({ connectMs: milliseconds.optional(), idleMs: milliseconds.optional() })
    .optional(),
  /** Requests at once. */
  concurrency: z.int().min(1).max(64).optional(),
});

const DATABASE_ROLES = ['realm', 'user', 'rbac', 'client'] as const;

/** How to reach the databases. Without the password. */
const postgresSettings = z.strictObject({
  url: z.url({ protocol: /^postgres(ql)?$/, error: 'a postgres:// address' }),
  /** Names of the databases, where they are not found by looking. */
  databases: z.partialRecord(z.enum(DATABASE_ROLES), z.string().min(1)).optional(),
});

const secret = z.string().min(1).optional();

/** What an environment is added with: settings and secrets together. */
export const newEnvironment = z.strictObject({
  name: environmentName,
  stage: z.enum(STAGES).default('development'),
  api: apiSettings.extend({ clientSecret: secret }).optional(),
  /** The password may stand in the url; it is taken out of it before the url is stored. */
  postgres: postgresSettings.extend({ password: secret }).optional(),
});
export type NewEnvironment = z.input<typeof newEnvironment>;

/** What to change. A channel is replaced as a whole, but keeps its secret where none is given; `null` removes it. */
export const environmentChange = newEnvironment
  .omit({ name: true })
  .extend({
    stage: z.enum(STAGES),
    api: newEnvironment.shape.api.nullable(),
    postgres: newEnvironment.shape.postgres.nullable(),
  })
  .partial();
export type EnvironmentChange = z.input<typeof environmentChange>;

/** As stored. */
export const environmentSettings = z.object({
  name: environmentName,
  stage: z.enum(STAGES),
  api: apiSettings.optional(),
  postgres: postgresSettings.optional(),
  createdAt: z.iso.datetime(),
});
export type EnvironmentSettings = z.infer<typeof environmentSettings>;

export const environmentSecrets = z.object({ clientSecret: secret, postgresPassword: secret });
/** For connectors only: never to be shown, logged or put into an error. */
export type EnvironmentSecrets = z.infer<typeof environmentSecrets>;

/** An environment as it may be shown. */
export interface Environment extends EnvironmentSettings {
  readonly secretStates: Readonly<Record<keyof EnvironmentSecrets, SecretState>>;
}

/** Parts what may be shown from what may not. */
export function splitSecrets(input: z.output<typeof newEnvironment>): {
  settings: Omit<EnvironmentSettings, 'createdAt'>;
  secrets: EnvironmentSecrets;
} {
  const { api, postgres, ...rest } = input;
  const { clientSecret, ...apiRest } = api ?? {};
  const { password, ...postgresRest } = postgres ?? {};
  const address = postgres && takePassword(postgres.url);
  const postgresPassword = password ?? address?.password;
  return {
    settings: {
      ...rest,
      ...(api && { api: apiRest as EnvironmentSettings['api'] }),
      ...(postgres && { postgres: { ...postgresRest, url: address!.url } }),
    },
    secrets: {
      ...(clientSecret !== undefined && { clientSecret }),
      ...(postgresPassword !== undefined && { postgresPassword }),
    },
  };
}

/** PostgreSQL takes a password in the user part or as a parameter. */
function takePassword(text: string): { url: string; password?: string } {
  const url = new URL(text);
  const password = decodeURIComponent(url.password) || url.searchParams.get('password');
  url.password = '';
  url.searchParams.delete('password');
  return { url: url.href, ...(password && { password }) };
}
