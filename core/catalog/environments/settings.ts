import { z } from 'zod';
import {
  apiLimits,
  environmentName,
  seenServer,
  serviceName,
  SSL_MODES,
  STAGES,
} from '../../../contract/environment.ts';
import type { SecretState } from '../../model/secret.ts';
import type { Learned } from '../../model/seen-server.ts';
import { isPostgresUrl, postgresUrl, takePassword } from './postgres-url.ts';

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
  /** Connections to one address. */
  concurrency: z.int().min(1).max(64).optional(),
  /** How hard the server may be asked; what is not said follows the stage. */
  limits: apiLimits.optional(),
});

const pem = (what: string) => z.string().includes(`-----BEGIN ${what}`, { error: 'a text in PEM' });

/** How to reach the databases. Without passwords and without the client certificate's key. */
const postgresSettings = z.strictObject({
  url: postgresUrl,
  /** Names of the databases, where they are not found by looking, or addresses of those that stand elsewhere. */
  databases: z
    .partialRecord(
      serviceName,
      z
        .string()
        .min(1)
        .refine((text) => !text.includes('://') || postgresUrl.safeParse(text).success, {
          error: 'a database’s name or a postgres:// address',
        }),
    )
    .optional(),
  tls: z
    .strictObject({
      mode: z.enum(SSL_MODES).optional(),
      /** Certificate authorities to trust in place of the known ones. */
      caPem: pem('CERTIFICATE').optional(),
      certPem: pem('CERTIFICATE').optional(),
    })
    .optional(),
  timeouts: z
    .strictObject({ connectMs: milliseconds.optional(), lockMs: milliseconds.optional() })
    .optional(),
});

const secret = z.string().min(1).optional();

/** What an environment is added with: settings and secrets together. */
export const newEnvironment = z.strictObject({
  name: environmentName,
  stage: z.enum(STAGES).default('development'),
  api: apiSettings.extend({ clientSecret: secret }).optional(),
  /** Passwords may stand in addresses; they are taken out of them before these are stored. */
  postgres: postgresSettings
    .extend({
      password: secret,
      /** Of services that stand elsewhere. */
      passwords: z.partialRecord(serviceName, z.string().min(1)).optional(),
      tls: postgresSettings.shape.tls
        .unwrap()
        .extend({ keyPem: pem('').optional() })
        .optional(),
    })
    .optional(),
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
  /** What the last connection found out; what another version remembered in another form is forgotten. */
  seen: seenServer.optional().catch(undefined),
  createdAt: z.iso.datetime(),
});
export type EnvironmentSettings = z.infer<typeof environmentSettings>;

export const environmentSecrets = z.object({
  clientSecret: secret,
  postgresPassword: secret,
  /** By service, of those that stand elsewhere. */
  postgresPasswords: z.partialRecord(serviceName, z.string()).optional(),
  /** The key of the client certificate, PEM. */
  postgresKeyPem: secret,
});
/** For connectors only: never to be shown, logged or put into an error. */
export type EnvironmentSecrets = z.infer<typeof environmentSecrets>;

type Channels = Pick<EnvironmentSettings, 'api' | 'postgres'>;

/** What was found out about `one` that holds for `other` as well: it is what stands at the same addresses. */
export function sharedFindings<T extends Learned>(one: Channels, other: Channels, learned: T): T {
  const { api, token, serverVersion, ...rest } = learned;
  const apiAddresses = ({ api }: Channels) => JSON.stringify([api?.apiUrl, api?.authUrl, api?.gatewayUrl]);
  const databases = ({ postgres }: Channels) => JSON.stringify([postgres?.url, postgres?.databases]);
  return {
    ...rest,
    ...(apiAddresses(one) === apiAddresses(other) && { api, token }),
    ...(databases(one) === databases(other) && { serverVersion }),
  } as T;
}

/** An environment as it may be shown. */
export interface Environment extends EnvironmentSettings {
  readonly secretStates: {
    readonly clientSecret: SecretState;
    readonly postgresPassword: SecretState;
    /** The services that have a password of their own; left out where there are none. */
    readonly postgresPasswords?: readonly z.infer<typeof serviceName>[];
  };
}

/** Parts what may be shown from what may not. */
export function splitSecrets(input: z.output<typeof newEnvironment>): {
  settings: Omit<EnvironmentSettings, 'createdAt'>;
  secrets: EnvironmentSecrets;
} {
  const { api, postgres, ...rest } = input;
  const { clientSecret, ...apiRest } = api ?? {};
  const database = postgres && splitPostgres(postgres);
  return {
    settings: {
      ...rest,
      ...(api && { api: apiRest as EnvironmentSettings['api'] }),
      ...(database && { postgres: database.settings }),
    },
    secrets: { ...(clientSecret !== undefined && { clientSecret }), ...database?.secrets },
  };
}

function splitPostgres(input: NonNullable<z.output<typeof newEnvironment>['postgres']>): {
  settings: NonNullable<EnvironmentSettings['postgres']>;
  secrets: Omit<EnvironmentSecrets, 'clientSecret'>;
} {
  const { url, password, databases, passwords, tls, ...rest } = input;
  const main = takePassword(url);
  const postgresPassword = password ?? main.password;
  const postgresPasswords = { ...passwords };
  const places: typeof databases = {};
  for (const service of serviceName.options) {
    const place = databases?.[service];
    if (place === undefined) continue;
    const elsewhere = isPostgresUrl(place) ? takePassword(place) : { url: place };
    places[service] = elsewhere.url;
    if (elsewhere.password !== undefined) postgresPasswords[service] ??= elsewhere.password;
  }
  const { keyPem, ...tlsRest } = tls ?? {};
  return {
    settings: {
      ...rest,
      url: main.url,
      ...(databases && { databases: places }),
      ...(tls && { tls: tlsRest }),
    },
    secrets: {
      ...(postgresPassword !== undefined && { postgresPassword }),
      ...(Object.keys(postgresPasswords).length > 0 && { postgresPasswords }),
      ...(keyPem !== undefined && { postgresKeyPem: keyPem }),
    },
  };
}

/** What is not given anew of a channel's secrets stays, as long as there is the channel and what it belongs to. */
export function keptSecrets(
  settings: Pick<EnvironmentSettings, 'api' | 'postgres'>,
  given: EnvironmentSecrets,
  old: EnvironmentSecrets,
): EnvironmentSecrets {
  const { api, postgres } = settings;
  const passwords = Object.fromEntries(
    Object.entries({ ...old.postgresPasswords, ...given.postgresPasswords }).filter(
      ([service]) => postgres?.databases?.[service as keyof typeof postgres.databases] !== undefined,
    ),
  );
  const kept = {
    ...(api && { clientSecret: given.clientSecret ?? old.clientSecret }),
    ...(postgres && { postgresPassword: given.postgresPassword ?? old.postgresPassword }),
    ...(Object.keys(passwords).length > 0 && { postgresPasswords: passwords }),
    ...(postgres?.tls?.certPem !== undefined && {
      postgresKeyPem: given.postgresKeyPem ?? old.postgresKeyPem,
    }),
  };
  return Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined));
}
