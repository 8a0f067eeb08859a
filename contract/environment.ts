import { z } from 'zod';

export const STAGES = ['development', 'staging', 'production'] as const;

export const environmentName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and hyphens, at most 63');

const httpUrl = z.url({ protocol: /^https?$/, error: 'an http:// or https:// address' });

export const SERVICE_NAMES = ['user', 'rbac', 'client', 'realm'] as const;
/** OpenGate's services, each with a database of its own. */
export const serviceName = z.enum(SERVICE_NAMES);

const milliseconds = z
  .int()
  .min(1)
  .max(24 * 3600 * 1000);
const pem = z.string().min(1);
const secret = z.string().min(1);

export const apiLimits = z.strictObject({
  /** Calls under way at a time. */
  concurrency: z.int().min(1).max(64).optional(),
  /** Calls begun in a second; 0: as many as there are. */
  requestsPerSecond: z
    .number()
    .max(100_000)
    .refine((rate) => rate === 0 || rate >= 0.01, 'has to be 0, or at least 0.01')
    .optional(),
});

/** RFC 6749, 3.3: printable, without blanks, quotes and backslashes. */
const scope = z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'a scope without blanks');

export const apiInput = z.strictObject({
  apiUrl: httpUrl,
  authUrl: httpUrl.optional(),
  gatewayUrl: httpUrl.optional(),
  clientId: z.string().min(1),
  clientSecret: secret,
  caPem: z.string().optional(),
  insecureTls: z.boolean().optional(),
  /** What a token is asked for with; none: what the server gives the client by itself. */
  scopes: z.array(scope).optional(),
  limits: apiLimits.optional(),
});
export type ApiInput = z.infer<typeof apiInput>;

export const SSL_MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;

export const postgresInput = z.strictObject({
  /** `postgres://user@host:port/database?sslmode=…`. A password in it is taken out of it before anything is stored. */
  url: z.url({ protocol: /^postgres(ql)?$/, error: 'a postgres:// address' }),
  /** Undefined: the one in the address; else what libpq would take (PGPASSWORD, the password file). */
  password: secret.optional(),
  /** By service: the database's name, or a whole `postgres://` address where it stands elsewhere. Others are looked for. */
  databases: z.partialRecord(serviceName, z.string().min(1)).optional(),
  /** Of services that stand elsewhere. */
  passwords: z.partialRecord(serviceName, secret).optional(),
  tls: z
    .strictObject({
      mode: z.enum(SSL_MODES).optional(),
      caPem: pem.optional(),
      certPem: pem.optional(),
      /** A secret, as passwords are. */
      keyPem: secret.optional(),
    })
    .optional(),
  timeouts: z
    .strictObject({
      connectMs: milliseconds.optional(),
      /** How long a statement may wait for a lock that somebody else holds. */
      lockMs: milliseconds.optional(),
    })
    .optional(),
});
export type PostgresInput = z.infer<typeof postgresInput>;

const wholeEnvironment = z.strictObject({
  name: environmentName,
  stage: z.enum(STAGES).default('development'),
  api: apiInput.optional(),
  postgres: postgresInput.optional(),
});

const hasChannel = ({ api, postgres }: { api?: unknown; postgres?: unknown }): boolean =>
  api !== undefined || postgres !== undefined;
const NO_CHANNEL = 'give the Admin API, the databases, or both';

/** What is needed to add an environment: at least one channel. The secrets go in once and never come back. */
export const environmentInput = wholeEnvironment.refine(hasChannel, { error: NO_CHANNEL });
export type EnvironmentInput = z.infer<typeof environmentInput>;

/**
 * Stored certificates that stay although their channel is given anew without them: they are shown to nobody, and could not
 * be given back.
 */
const keptCertificates = z.array(z.enum(['api.ca', 'postgres.ca', 'postgres.client']));

/** Settings to be probed without being stored. */
export const tryOutInput = z.strictObject({
  environment: wholeEnvironment
    .extend({ api: apiInput.extend({ clientSecret: secret.optional() }).optional() })
    .refine(hasChannel, { error: NO_CHANNEL }),
  /**
   * The stored environment whose secrets stand in for those that are not given: for a change that is not saved yet. They
   * go to no other address than the one that they are stored for.
   */
  keepSecretsOf: z.string().optional(),
  /** Of that environment. */
  keepCertificates: keptCertificates.optional(),
});
export type TryOutInput = z.input<typeof tryOutInput>;

/** A channel is added or replaced as a whole, but keeps those of its secrets that are not given; `null` removes it. */
export const environmentUpdate = z.strictObject({
  name: z.string(),
  stage: z.enum(STAGES).optional(),
  api: apiInput.extend({ clientSecret: secret.optional() }).nullable().optional(),
  postgres: postgresInput.nullable().optional(),
  keepCertificates: keptCertificates.optional(),
});

/**
 * What the last connection found out about a server, for the next one to begin with: a first guess, which is looked at
 * again before anything is written.
 */
export const seenServer = z.object({
  /** When it was last found so. */
  at: z.string(),
  /** Of the Admin API: what it speaks, and at which of the given addresses. */
  api: z
    .object({
      /** "documented", "v1.1" */
      dialect: z.string(),
      apiUrl: z.string(),
      /** Undefined: none was found, or none is needed. */
      gatewayUrl: z.string().optional(),
    })
    .optional(),
  /** Where and how tokens are issued. */
  token: z
    .object({ endpoint: z.string(), method: z.enum(['client_secret_post', 'client_secret_basic']) })
    .optional(),
  /** Of the databases, as the last test found it. */
  serverVersion: z.string().optional(),
});
export type SeenServer = z.infer<typeof seenServer>;

export const environmentView = z.object({
  name: z.string(),
  stage: z.enum(STAGES),
  /** At least one of the two is there. */
  api: z
    .object({
      apiUrl: z.string(),
      authUrl: z.string().optional(),
      gatewayUrl: z.string().optional(),
      clientId: z.string(),
      privateCa: z.boolean(),
      insecureTls: z.boolean(),
      scopes: z.array(z.string()),
      /** As they were set. */
      limits: apiLimits,
      /** What holds: what was set, else what the stage says. `null`: no limit. */
      limitsInForce: z.object({ concurrency: z.number(), requestsPerSecond: z.number().nullable() }),
    })
    .optional(),
  postgres: z
    .object({
      /** Without any password. */
      url: z.string(),
      /** A database's name or an address, without any password. */
      databases: z.partialRecord(serviceName, z.string()),
      /** Whether there is a stored password; otherwise libpq's own places are looked at. */
      password: z.boolean(),
      /** Services with a password of their own. */
      passwords: z.array(serviceName),
      tls: z.object({
        /** Undefined: what the address says. */
        mode: z.enum(SSL_MODES).optional(),
        privateCa: z.boolean(),
        clientCertificate: z.boolean(),
      }),
      timeouts: z.object({ connectMs: z.number().int().optional(), lockMs: z.number().int().optional() }),
    })
    .optional(),
  /** Undefined: nobody connected to it at these addresses yet. */
  lastSeen: seenServer.optional(),
  createdAt: z.string(),
});
export type EnvironmentView = z.infer<typeof environmentView>;

const probeStep = z.object({
  name: z.string(),
  verdict: z.enum(['ok', 'finding', 'failed', 'skipped']),
  text: z.string(),
});

export const probeView = z.object({
  usable: z.boolean(),
  dialect: z.string().optional(),
  serverVersion: z.string().optional(),
  steps: z.array(probeStep),
});
export type ProbeView = z.infer<typeof probeView>;

/** Each step when it was taken, and at last the whole, which may judge a step more mildly, knowing the others. */
export const probeEvent = z.union([z.object({ step: probeStep }), z.object({ result: probeView })]);
export type ProbeEvent = z.infer<typeof probeEvent>;

export const realmView = z.object({
  name: z.string(),
  displayName: z.string().optional(),
  enabled: z.boolean().optional(),
});
