import { isDeepStrictEqual } from 'node:util';
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { serviceName } from '../../../contract/environment.ts';
import type { SeenServer } from '../../../contract/environment.ts';
import { nearestName } from '../../../contract/nearest-name.ts';
import { AppError } from '../../../contract/errors.ts';
import { inputName } from '../../../contract/input-names.ts';
import { seenAfter, type Learned } from '../../model/seen-server.ts';
import { whole } from '../chunks/damage.ts';
import { withSqliteErrors } from '../database/sqlite-errors.ts';
import type { DamagedEntry } from '../damaged-entry.ts';
import type { Seal } from '../seal.ts';
import { damaged, sealedJson } from '../vault/sealed-json.ts';
import { strayedSecrets } from './strayed-secrets.ts';
import {
  environmentChange,
  environmentSecrets,
  environmentSettings,
  keptSecrets,
  newEnvironment,
  sharedFindings,
  splitSecrets,
  type Environment,
  type EnvironmentChange,
  type EnvironmentSecrets,
  type EnvironmentSettings,
  type NewEnvironment,
} from './settings.ts';

/** The environments that the catalog knows. Every method may throw CATALOG_DAMAGED, CATALOG_LOCKED, DISK_FULL, FILE_FAILED. */
export interface EnvironmentStore {
  /** @throws AppError INVALID_NAME, USAGE (settings that are none; the name is taken) */
  add(environment: NewEnvironment): Environment;
  /** @throws AppError NOT_FOUND, with the nearest name as a suggestion */
  get(name: string): Environment;
  /** By name. */
  list(): Environment[];
  /** @throws AppError NOT_FOUND, USAGE */
  update(name: string, change: EnvironmentChange): Environment;
  /**
   * What an environment of these settings would be, for a connector alone: nothing is stored.
   *
   * @param keepSecretsOf the stored environment whose secrets stand in for those that are not given
   * @throws AppError NOT_FOUND; USAGE, also where a stored secret would go to another address than its own
   */
  untried(
    environment: NewEnvironment,
    keepSecretsOf?: string,
  ): { readonly environment: Environment; readonly secrets: EnvironmentSecrets };
  /**
   * Keeps what a connection found out about the server, unless the environment was removed meanwhile or has other
   * addresses than those that were connected to.
   */
  remember(connected: Environment, learned: Learned): void;
  /** Its snapshots stay. @throws AppError NOT_FOUND */
  remove(name: string): void;
  /** For connectors only. @throws AppError NOT_FOUND */
  secrets(name: string): EnvironmentSecrets;
  /** Those that cannot be read, by the keyed hash of their names. */
  damaged(): DamagedEntry[];
}

interface Row {
  readonly name_hash: string;
  readonly settings: Buffer;
  readonly secrets: Buffer;
}

export function createEnvironmentStore({
  db,
  seal,
  now: clock = () => new Date(),
}: {
  db: Database;
  seal: Seal;
  now?: (() => Date) | undefined;
}): EnvironmentStore {
  const sealed = sealedJson(seal);
  const selectAll = db.prepare<[], Row>('SELECT * FROM environments');
  const selectOne = db.prepare<[string], Row>('SELECT * FROM environments WHERE name_hash = ?');
  const upsert = db.prepare<Row>(
    `INSERT INTO environments (name_hash, settings, secrets) VALUES (@name_hash, @settings, @secrets)
       ON CONFLICT (name_hash) DO UPDATE SET settings = excluded.settings, secrets = excluded.secrets`,
  );
  const deleteOne = db.prepare<[string]>('DELETE FROM environments WHERE name_hash = ?');
  const inTransaction = <T>(work: () => T): T => withSqliteErrors(() => db.transaction(work).immediate());

  // In lower case, so that a name typed in capitals is found; stored names have none.
  const hashOf = (name: string) => seal.name(Buffer.from(`environment\0${name.toLowerCase()}`));

  const secretsOf = (row: Row) =>
    sealed.open(['environments', row.name_hash, 'secrets'], row.secrets, environmentSecrets);

  function environmentOf(row: Row): Environment {
    const place = ['environments', row.name_hash, 'settings'] as const;
    const settings = sealed.open(place, row.settings, environmentSettings);
    if (hashOf(settings.name) !== row.name_hash) throw damaged(place);
    const { clientSecret, postgresPassword, postgresPasswords } = secretsOf(row);
    return {
      ...settings,
      secretStates: {
        clientSecret: clientSecret === undefined ? 'absent' : 'present',
        postgresPassword: postgresPassword === undefined ? 'absent' : 'present',
        ...(postgresPasswords && {
          postgresPasswords: serviceName.options.filter(
            (service) => postgresPasswords[service] !== undefined,
          ),
        }),
      },
    };
  }

  function damageOf(row: Row): DamagedEntry[] {
    if (whole(() => environmentOf(row)).value) return [];
    const { value: settings } = whole(() =>
      sealed.open(['environments', row.name_hash, 'settings'], row.settings, environmentSettings),
    );
    const text = settings
      ? `The secrets of the environment “${settings.name}” are damaged.`
      : 'The settings of an environment are damaged, and with them its name.';
    return [{ id: row.name_hash, text }];
  }

  const list = () =>
    withSqliteErrors(() => selectAll.all().map(environmentOf)).sort((a, b) => (a.name < b.name ? -1 : 1));

  function rowOf(name: string): Row {
    const row = withSqliteErrors(() => selectOne.get(hashOf(name)));
    if (row) return row;
    const names = list().map((environment) => environment.name);
    const suggestion = nearestName(name.toLowerCase(), names);
    throw new AppError('NOT_FOUND', `There is no environment “${name}”.`, {
      // Also where a job looks it up that has written already.
      notChanged: 'No other environment was used instead.',
      remedy:
        names.length === 0
          ? 'Add one with: drawbridge env add <name> --api-url … --client-id … (or --pg-url …)'
          : suggestion === undefined
            ? `There are: ${names.join(', ')}.`
            : `Did you mean “${suggestion}”?`,
      details: { environment: name, ...(suggestion !== undefined && { suggestion }) },
    });
  }

  function store(settings: EnvironmentSettings, secrets: EnvironmentSecrets): Environment {
    const name_hash = hashOf(settings.name);
    const row: Row = {
      name_hash,
      settings: sealed.seal(['environments', name_hash, 'settings'], settings),
      secrets: sealed.seal(['environments', name_hash, 'secrets'], secrets),
    };
    upsert.run(row);
    return environmentOf(row);
  }

  function withStored(
    settings: Pick<EnvironmentSettings, 'api' | 'postgres'>,
    given: EnvironmentSecrets,
    row: Row,
  ): EnvironmentSecrets {
    const stored = secretsOf(row);
    const [strayed] = strayedSecrets(environmentOf(row), settings, { given, stored });
    if (strayed === undefined) return keptSecrets(settings, given, stored);
    throw new AppError(
      'USAGE',
      `The stored ${strayed} belongs to another address than the one to be tried.`,
      {
        notChanged: 'It was sent nowhere, and nothing was stored.',
        remedy: `Give the ${strayed} again, for the new address.`,
      },
    );
  }

  return {
    list,
    get: (name) => environmentOf(rowOf(name)),
    secrets: (name) => secretsOf(rowOf(name)),
    add(input) {
      const { settings, secrets } = splitSecrets(checked(newEnvironment, input));
      needsChannel(settings);
      return inTransaction(() => {
        if (selectOne.get(hashOf(settings.name)))
          throw new AppError('USAGE', `There is already an environment “${settings.name}”.`, {
            notChanged: 'That environment was not changed.',
            remedy: 'Choose another name, or remove the old one first: drawbridge env remove <name>.',
          });
        return store({ ...settings, createdAt: clock().toISOString() }, secrets);
      });
    },
    update(name, input) {
      const change = checked(environmentChange, input);
      return inTransaction(() => {
        const row = rowOf(name);
        const { secretStates: _, createdAt, seen, ...old } = environmentOf(row);
        const api = change.api === undefined ? old.api : change.api;
        const postgres = change.postgres === undefined ? old.postgres : change.postgres;
        const { settings, secrets } = splitSecrets({
          name: old.name,
          stage: change.stage ?? old.stage,
          ...(api && { api }),
          ...(postgres && { postgres }),
        });
        needsChannel(settings);
        const kept = seen && seenAfter(undefined, sharedFindings(old, settings, seen), new Date(seen.at));
        return store(
          { ...settings, ...(kept && { seen: kept }), createdAt },
          keptSecrets(settings, secrets, secretsOf(row)),
        );
      });
    },
    untried(input, keepSecretsOf) {
      const { settings, secrets: given } = splitSecrets(checked(newEnvironment, input));
      needsChannel(settings);
      const secrets = keepSecretsOf === undefined ? given : withStored(settings, given, rowOf(keepSecretsOf));
      if (settings.api && secrets.clientSecret === undefined)
        throw new AppError('USAGE', 'The client’s secret is missing.', {
          notChanged: 'Nothing was tried.',
          remedy: 'Give the secret of the client.',
        });
      return {
        environment: {
          ...settings,
          createdAt: clock().toISOString(),
          secretStates: { clientSecret: 'absent', postgresPassword: 'absent' },
        },
        secrets,
      };
    },
    remember(connected, learned) {
      inTransaction(() => {
        const row = withSqliteErrors(() => selectOne.get(hashOf(connected.name)));
        if (!row) return;
        const { secretStates: _, seen, ...settings } = environmentOf(row);
        const now = seenAfter(seen, sharedFindings(settings, connected, learned), clock());
        if (isWorthWriting(seen, now)) store({ ...settings, ...(now && { seen: now }) }, secretsOf(row));
      });
    },
    remove(name) {
      inTransaction(() => deleteOne.run(rowOf(name).name_hash));
    },
    damaged: () => withSqliteErrors(() => selectAll.all()).flatMap(damageOf),
  };
}

/** That it is still so is written once a minute, not by every command. */
const STILL_SO_MS = 60_000;

function isWorthWriting(old: SeenServer | undefined, now: SeenServer | undefined): boolean {
  if (!old || !now) return old !== now;
  const isOld = Date.parse(now.at) - Date.parse(old.at) >= STILL_SO_MS;
  return isOld || !isDeepStrictEqual({ ...old, at: '' }, { ...now, at: '' });
}

function needsChannel({ api, postgres }: Pick<EnvironmentSettings, 'api' | 'postgres'>): void {
  if (!api && !postgres)
    throw new AppError('USAGE', 'An environment needs at least one channel.', {
      notChanged: 'The catalog was not changed.',
      remedy: 'Give the Admin API’s address (--api-url) or the database’s (--pg-url).',
    });
}

/** Messages name the setting and what it should be, never the value: it may be a secret in the wrong place. */
function checked<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const setting = issue.path.join('.');
  if (setting === 'name')
    throw new AppError('INVALID_NAME', 'That is no name for an environment.', {
      notChanged: 'The catalog was not changed.',
      remedy: `A name has ${issue.message}, and begins with a letter or digit.`,
    });
  const expected = issue.code === 'unrecognized_keys' ? `unknown: ${issue.keys.join(', ')}` : issue.message;
  throw new AppError(
    'USAGE',
    `The environment’s settings are not valid: ${inputName(setting)}: ${expected}.`,
    {
      notChanged: 'The catalog was not changed.',
      remedy: 'Correct this setting and try again.',
      details: { setting },
    },
  );
}
