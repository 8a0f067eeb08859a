import type { AppError } from '../../../contract/errors.ts';
import type { Service, TableName } from './services.ts';

/** A column as the server describes it. */
export interface Column {
  readonly name: string;
  /** As `format_type` has it without length: "character varying", "jsonb", "text[]"; of a domain, the type beneath it. */
  readonly type: string;
  /** In characters, for `varchar(n)`. */
  readonly maxLength?: number;
  /**
   * Its collation, quoted and with its schema, where that is not deterministic: the server takes texts for equal then
   * that are not the same ("ann" and "Ann"), also for what must be unique. Undefined: only the same text is equal.
   */
  readonly looseCollation?: string;
  readonly notNull: boolean;
  /** Has a default, is an identity or is generated: it can be left out of an INSERT. */
  readonly hasDefault: boolean;
  /** GENERATED ALWAYS, as a value or as an identity: it must be left out of an INSERT. */
  readonly generated: boolean;
}

export interface Table {
  readonly name: TableName;
  /** Quoted and with its schema, to stand in SQL: `"public"."users"`. */
  readonly sql: string;
  readonly columns: ReadonlyMap<string, Column>;
  /**
   * Columns of a newer server that we know nothing of, with the member that carries each: the column's name in camel
   * case, or as it is where that is taken (`unknown-members.ts`).
   */
  readonly unknown: readonly (Column & { readonly member: string })[];
  readonly rights: {
    readonly select: boolean;
    readonly insert: boolean;
    readonly update: boolean;
    readonly delete: boolean;
  };
}

/** One service's tables, complete: all that we cannot do without is there. */
export interface ServiceLayout {
  readonly service: Service;
  /** Where it is: `opengate_user`, or `opengate_user on db2.example.com:5432`. Fit to be shown. */
  readonly place: string;
  /** The same for services that lie in the same database: they share a transaction. */
  readonly database: string;
  /** The same by whatever address it is reached; undefined where the role may not ask. */
  readonly identity?: string;
  /** Its name on its server. */
  readonly databaseName: string;
  readonly schema: string;
  /** Whether this role has USAGE on the schema; without it no right to a table helps. */
  readonly mayEnter: boolean;
  /** Of `flyway_schema_history`; undefined where that is missing or may not be read. */
  readonly version?: string;
  readonly tables: Readonly<Partial<Record<TableName, Table>>>;
  /** Whether temporary tables may be created: needed to write. */
  readonly mayStage: boolean;
  /** As `server_encoding` has it: "UTF8". */
  readonly encoding: string;
  /** "15.18". */
  readonly serverVersion: string;
  /** A standby: it can be read only. */
  readonly standby: boolean;
  /** Whether a server process can be told to look, while it works, whether its client is still there. */
  readonly canCheckClient: boolean;
  /** Versions of migrations that Flyway notes as failed. */
  readonly failedMigrations: readonly string[];
  /** Whether `flyway_schema_history` is there and may be read. */
  readonly history: 'read' | 'missing' | 'forbidden';
}

/** What was found of an installation. A service that is not here cannot be used; `probe` says why. */
export interface Layout {
  readonly services: Readonly<Partial<Record<Service, ServiceLayout>>>;
  /** "PostgreSQL 15.18". */
  readonly serverVersion: string;
  /** The schema's fingerprint: "flyway client-1 rbac-1 realm-2 user-1". */
  readonly dialect: string;
  /** Why each missing service is missing, as a sentence. */
  readonly problems: Readonly<Partial<Record<Service, string>>>;
  /** The same as errors: what work that needs the service is to fail with. */
  readonly errors: Readonly<Partial<Record<Service, AppError>>>;
  /** Databases that could not be looked into, with the reason: a service may be there all the same. */
  readonly unseen: readonly { readonly place: string; readonly reason: string }[];
}
