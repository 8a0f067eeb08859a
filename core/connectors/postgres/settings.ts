import type { Service } from './services.ts';

export const SSL_MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
/** As libpq has them. */
export type SslMode = (typeof SSL_MODES)[number];

/** How to reach the databases of one environment. */
export interface PostgresSettings {
  /** The environment's name, for messages. */
  readonly name: string;
  /** `postgres://user@host:port/database?sslmode=…`; a password in it is used if `password` is missing. */
  readonly url: string;
  /** Undefined: what libpq would take (PGPASSWORD, the password file). */
  readonly password?: string | undefined;
  /** By service: the database's name, or a whole `postgres://` address where it stands elsewhere. Others are looked for. */
  readonly databases?: Partial<Readonly<Record<Service, string>>> | undefined;
  /** Of services that stand elsewhere. */
  readonly passwords?: Partial<Readonly<Record<Service, string>>> | undefined;
  readonly tls?:
    | {
        /** Default: what the url says; else `prefer` on this machine and `verify-full` elsewhere. */
        readonly mode?: SslMode | undefined;
        /** Certificate authorities to trust in place of the known ones, PEM. */
        readonly caPem?: string | undefined;
        readonly certPem?: string | undefined;
        readonly keyPem?: string | undefined;
      }
    | undefined;
  readonly timeouts?:
    | {
        /** Milliseconds; default 10,000. */
        readonly connectMs?: number | undefined;
        /** How long a statement may wait for a lock that somebody else holds. Milliseconds; default 60,000. */
        readonly lockMs?: number | undefined;
      }
    | undefined;
}
