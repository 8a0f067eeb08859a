/** OpenGate keeps one database per service. */
export const DATABASE_ROLES = ['realm', 'user', 'rbac', 'client'] as const;
export type DatabaseRole = (typeof DATABASE_ROLES)[number];

/** A migration as Flyway has noted it: what stands in the databases of a release v1.1.0 that ran. */
interface Migration {
  readonly version: string;
  readonly description: string;
  readonly script: string;
  readonly checksum: number;
}

export interface DatabaseSchema {
  readonly tables: string;
  /** Keys, foreign keys and indexes, apart: a million seeded rows are indexed in a third of the time afterwards. */
  readonly constraints: string;
  readonly migrations: readonly Migration[];
}

/**
 * The schema of OpenGate release v1.1.0 after its last migration. Constraint and index names are those PostgreSQL
 * gives by default, which is what a server that ran the migrations has.
 */
export const SCHEMAS: Readonly<Record<DatabaseRole, DatabaseSchema>> = {
  realm: {
    tables: `
      CREATE TABLE realms (
        id uuid NOT NULL DEFAULT gen_random_uuid(),
        name varchar(255) NOT NULL,
        display_name varchar(255),
        login_theme varchar(100) DEFAULT 'default',
        token_lifespan_seconds int NOT NULL DEFAULT 300,
        refresh_token_lifespan_seconds int NOT NULL DEFAULT 2592000,
        mfa_required boolean NOT NULL DEFAULT false,
        password_policy text,
        smtp_settings text,
        enabled boolean NOT NULL DEFAULT true,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      );`,
    constraints: `
      ALTER TABLE realms ADD CONSTRAINT realms_pkey PRIMARY KEY (id);
      ALTER TABLE realms ADD CONSTRAINT realms_name_key UNIQUE (name);`,
    migrations: [
      {
        version: '1',
        description: 'create realms',
        script: 'V1__create_realms.sql',
        checksum: 947_709_159,
      },
      {
        version: '2',
        description: 'alter jsonb to text',
        script: 'V2__alter_jsonb_to_text.sql',
        checksum: 1_458_272_684,
      },
    ],
  },
  user: {
    tables: `
      CREATE TABLE users (
        id uuid NOT NULL DEFAULT gen_random_uuid(),
        realm_name varchar(255) NOT NULL,
        username varchar(255) NOT NULL,
        email varchar(255) NOT NULL,
        first_name varchar(255),
        last_name varchar(255),
        enabled boolean NOT NULL DEFAULT true,
        email_verified boolean NOT NULL DEFAULT false,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE TABLE user_credentials (
        id uuid NOT NULL DEFAULT gen_random_uuid(),
        user_id uuid NOT NULL,
        credential_type varchar(50) NOT NULL,
        secret_hash text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE TABLE user_social_links (
        id uuid NOT NULL DEFAULT gen_random_uuid(),
        user_id uuid NOT NULL,
        provider varchar(50) NOT NULL,
        provider_user_id varchar(255) NOT NULL,
        provider_email varchar(255)
      );`,
    constraints: `
      ALTER TABLE users ADD CONSTRAINT users_pkey PRIMARY KEY (id);
      ALTER TABLE users ADD CONSTRAINT users_realm_name_username_key UNIQUE (realm_name, username);
      ALTER TABLE users ADD CONSTRAINT users_realm_name_email_key UNIQUE (realm_name, email);
      CREATE INDEX idx_users_realm ON users (realm_name);
      CREATE INDEX idx_users_email ON users (realm_name, email);
      ALTER TABLE user_credentials ADD CONSTRAINT user_credentials_pkey PRIMARY KEY (id);
      ALTER TABLE user_credentials ADD CONSTRAINT user_credentials_user_id_fkey
        FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE;
      ALTER TABLE user_social_links ADD CONSTRAINT user_social_links_pkey PRIMARY KEY (id);
      ALTER TABLE user_social_links ADD CONSTRAINT user_social_links_provider_provider_user_id_key
        UNIQUE (provider, provider_user_id);
      ALTER TABLE user_social_links ADD CONSTRAINT user_social_links_user_id_fkey
        FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE;`,
    migrations: [
      { version: '1', description: 'create users', script: 'V1__create_users.sql', checksum: -1_701_816_825 },
    ],
  },
  rbac: {
    tables: `
      CREATE TABLE roles (
        id uuid NOT NULL DEFAULT gen_random_uuid(),
        realm_name varchar(255) NOT NULL,
        name varchar(255) NOT NULL,
        description text,
        composite boolean NOT NULL DEFAULT false,
        created_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE TABLE groups (
        id uuid NOT NULL DEFAULT gen_random_uuid(),
        realm_name varchar(255) NOT NULL,
        name varchar(255) NOT NULL,
        parent_id uuid,
        path varchar(1000)
      );
      CREATE TABLE user_role_mappings (
        id uuid NOT NULL DEFAULT gen_random_uuid(),
        user_id uuid NOT NULL,
        role_id uuid NOT NULL,
        realm_name varchar(255) NOT NULL
      );
      CREATE TABLE group_role_mappings (
        id uuid NOT NULL DEFAULT gen_random_uuid(),
        group_id uuid NOT NULL,
        role_id uuid NOT NULL
      );
      CREATE TABLE policies (
        id uuid NOT NULL DEFAULT gen_random_uuid(),
        realm_name varchar(255) NOT NULL,
        name varchar(255) NOT NULL,
        resource varchar(255),
        action varchar(255),
        effect varchar(10) NOT NULL DEFAULT 'PERMIT',
        conditions jsonb
      );`,
    constraints: `
      ALTER TABLE roles ADD CONSTRAINT roles_pkey PRIMARY KEY (id);
      ALTER TABLE roles ADD CONSTRAINT roles_realm_name_name_key UNIQUE (realm_name, name);
      ALTER TABLE groups ADD CONSTRAINT groups_pkey PRIMARY KEY (id);
      ALTER TABLE groups ADD CONSTRAINT groups_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES groups (id);
      ALTER TABLE user_role_mappings ADD CONSTRAINT user_role_mappings_pkey PRIMARY KEY (id);
      ALTER TABLE user_role_mappings ADD CONSTRAINT user_role_mappings_user_id_role_id_key UNIQUE (user_id, role_id);
      ALTER TABLE user_role_mappings ADD CONSTRAINT user_role_mappings_role_id_fkey
        FOREIGN KEY (role_id) REFERENCES roles (id) ON DELETE CASCADE;
      ALTER TABLE group_role_mappings ADD CONSTRAINT group_role_mappings_pkey PRIMARY KEY (id);
      ALTER TABLE group_role_mappings ADD CONSTRAINT group_role_mappings_group_id_role_id_key
        UNIQUE (group_id, role_id);
      ALTER TABLE group_role_mappings ADD CONSTRAINT group_role_mappings_group_id_fkey
        FOREIGN KEY (group_id) REFERENCES groups (id) ON DELETE CASCADE;
      ALTER TABLE group_role_mappings ADD CONSTRAINT group_role_mappings_role_id_fkey
        FOREIGN KEY (role_id) REFERENCES roles (id) ON DELETE CASCADE;
      ALTER TABLE policies ADD CONSTRAINT policies_pkey PRIMARY KEY (id);`,
    migrations: [
      { version: '1', description: 'create rbac', script: 'V1__create_rbac.sql', checksum: -2_065_548_233 },
    ],
  },
  client: {
    tables: `
      CREATE TABLE oauth_clients (
        id uuid NOT NULL DEFAULT gen_random_uuid(),
        realm_name varchar(255) NOT NULL,
        client_id varchar(255) NOT NULL,
        client_secret_hash text,
        name varchar(255),
        description text,
        public_client boolean NOT NULL DEFAULT false,
        pkce_required boolean NOT NULL DEFAULT false,
        enabled boolean NOT NULL DEFAULT true,
        redirect_uris text[],
        web_origins text[],
        grant_types text[],
        scopes text[],
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      );`,
    constraints: `
      ALTER TABLE oauth_clients ADD CONSTRAINT oauth_clients_pkey PRIMARY KEY (id);
      ALTER TABLE oauth_clients ADD CONSTRAINT oauth_clients_client_id_key UNIQUE (client_id);
      CREATE INDEX idx_clients_realm ON oauth_clients (realm_name);`,
    migrations: [
      {
        version: '1',
        description: 'create clients',
        script: 'V1__create_clients.sql',
        checksum: -1_171_089_870,
      },
    ],
  },
};

/** Flyway's own table, as its version 10 creates it. */
export const FLYWAY_TABLE = `
  CREATE TABLE flyway_schema_history (
    installed_rank int NOT NULL CONSTRAINT flyway_schema_history_pk PRIMARY KEY,
    version varchar(50),
    description varchar(200) NOT NULL,
    type varchar(20) NOT NULL,
    script varchar(1000) NOT NULL,
    checksum int,
    installed_by varchar(100) NOT NULL,
    installed_on timestamp NOT NULL DEFAULT now(),
    execution_time int NOT NULL,
    success boolean NOT NULL
  );
  CREATE INDEX flyway_schema_history_s_idx ON flyway_schema_history (success);`;
