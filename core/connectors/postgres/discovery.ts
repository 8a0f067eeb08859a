import { AppError, isAppError, throwIfAborted } from '../../../contract/errors.ts';
import { addressOf, namedDatabase, sameServer, shownServer, type Address } from './address.ts';
import { candidatesIn, tablesOf, type Candidate } from './candidates.ts';
import { closeClient, destroy, openClient, type Client } from './connect.ts';
import { surveyDatabase, type DatabaseSurvey } from './database-survey.ts';
import { doorsOf, openADoor } from './doors.ts';
import type { Layout, ServiceLayout } from './layout.ts';
import { translated } from './postgres-errors.ts';
import { quoted } from './quoted.ts';
import { SERVICES, type Service } from './services.ts';
import type { PostgresSettings } from './settings.ts';

/** Databases looked into at the same time. */
const CONCURRENCY = 4;
const OLDEST = 120_000;

/**
 * Looks for the tables of each service: in the database named by hand, else in every database of the server that this
 * role may connect to. What is wrong with one service is told in `problems`.
 *
 * @throws AppError what keeps all services from being looked for: UNREACHABLE, TLS_FAILED, AUTH_FAILED, NOT_FOUND (the
 *   database to begin with), TIMEOUT, USAGE (an address), CANCELED
 */
export async function discover(settings: PostgresSettings, signal: AbortSignal): Promise<Layout> {
  const main = addressOf(settings);
  const named = SERVICES.flatMap((service) => {
    const database = namedDatabase(settings, service) ?? addressElsewhere(settings, service, main)?.database;
    const address = addressOf(settings, service);
    return database === undefined ? [] : [{ service, place: placeOf(main, address, database) }];
  });
  for (const service of SERVICES)
    if (addressElsewhere(settings, service, main) && !named.some((one) => one.service === service))
      throw new AppError('USAGE', `The address of the ${service} service names no database.`, {
        remedy: 'Write it as postgres://user@host:5432/DATABASE.',
      });
  const searched = named.length < SERVICES.length;
  const { open, closed } = searched ? await listDatabases(main, signal) : { open: [], closed: [] };
  const others = open.map((name) => placeOf(main, main, name));
  const places = new Map([...others, ...named.map(({ place }) => place)].map((place) => [place.key, place]));
  const looks = await lookInto([...places.values()], signal);
  if (!searched && looks.every(({ error }) => error)) throw looks[0]!.error!;

  const services: Partial<Record<Service, ServiceLayout>> = {};
  const errors: Partial<Record<Service, AppError>> = {};
  for (const service of SERVICES) {
    const place = named.find((one) => one.service === service)?.place;
    const own = looks.filter((look) => (place ? look.place.key === place.key : look.place.searched(main)));
    const outcome = choose(service, own, place ? 'by hand' : { closed, user: main.user }, main);
    if (outcome instanceof AppError) errors[service] = outcome;
    else services[service] = outcome;
  }
  return {
    services,
    serverVersion: versionsOf(Object.values(services), looks),
    dialect: dialectOf(services),
    problems: Object.fromEntries(Object.entries(errors).map(([service, error]) => [service, error.message])),
    errors,
    unseen: [
      ...looks.flatMap(({ place, error }) => (error ? [{ place: place.shown, reason: error.message }] : [])),
      // Databases of others are none of our business, unless one of them could be the one that was not found.
      ...(SERVICES.some((service) => errors[service] && named.every((one) => one.service !== service))
        ? closed.map((place) => ({ place, reason: 'This role may not connect to it.' }))
        : []),
    ],
  };
}

/** One database on one server. */
interface Place {
  readonly address: Address;
  readonly database: string;
  readonly key: string;
  readonly shown: string;
  searched(main: Address): boolean;
}

function placeOf(main: Address, address: Address, database: string): Place {
  const shown = sameServer(main, address) ? database : `${database} on ${shownServer(address)}`;
  return { address, database, key: shown, shown, searched: (other) => sameServer(other, address) };
}

function addressElsewhere(settings: PostgresSettings, service: Service, main: Address): Address | undefined {
  const address = addressOf(settings, service);
  return sameServer(address, main) ? undefined : address;
}

interface Listed {
  /** The databases that this role may connect to, by name. */
  readonly open: readonly string[];
  /** Those that are there besides. */
  readonly closed: readonly string[];
}

async function listDatabases(main: Address, signal: AbortSignal): Promise<Listed> {
  const { client } = await openADoor(main, doorsOf(main), signal);
  return await whileOpen(client, shownServer(main), main.user, signal, async () => {
    const { rows } = await client.query<{ name: string; open: boolean }>(
      `SELECT datname AS name, pg_catalog.has_database_privilege(oid, 'CONNECT') AS open
       FROM pg_catalog.pg_database WHERE datallowconn AND NOT datistemplate ORDER BY datname`,
    );
    const names = (open: boolean): string[] =>
      rows.filter((row) => row.open === open).map(({ name }) => name);
    return { open: names(true), closed: names(false) };
  });
}

interface Look {
  readonly place: Place;
  readonly survey?: DatabaseSurvey;
  readonly error?: AppError;
}

async function lookInto(places: readonly Place[], signal: AbortSignal): Promise<Look[]> {
  const looks: Look[] = [];
  const waiting = [...places.entries()];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift())
      looks[next[0]] = await lookAt(next[1], signal);
  };
  const done = await Promise.allSettled(Array.from({ length: CONCURRENCY }, worker));
  throwIfAborted(signal);
  for (const one of done) if (one.status === 'rejected') throw one.reason;
  return looks;
}

async function lookAt(place: Place, signal: AbortSignal): Promise<Look> {
  try {
    const { address, database, shown } = place;
    const { client } = await openClient(address, database, signal);
    return { place, survey: await whileOpen(client, shown, address.user, signal, surveyDatabase) };
  } catch (error) {
    throwIfAborted(signal);
    if (!isAppError(error) || error.code === 'INTERNAL') throw error;
    return { place, error };
  }
}

/** Does work on a connection, and ends it. */
async function whileOpen<Result>(
  client: Client,
  place: string,
  user: string,
  signal: AbortSignal,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const onAbort = (): void => destroy(client);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    throwIfAborted(signal);
    return await work(client);
  } catch (error) {
    throwIfAborted(signal);
    throw translated(error, { place, user });
  } finally {
    signal.removeEventListener('abort', onAbort);
    await closeClient(client);
  }
}

type Found = Candidate & { readonly place: Place };

/** How a service is looked for: in the database named by hand, or in all but the closed ones, as this user. */
type Search = 'by hand' | { readonly closed: readonly string[]; readonly user: string };

/**
 * Of several databases that have a service's tables, the one that the address names is meant, if it is among them: who
 * names none leaves the choice to be made by `--pg-database`.
 */
function meant(its: readonly Found[], main: Address): readonly Found[] {
  const named = its.filter(({ place }) => place.searched(main) && place.database === main.database);
  return named.length > 0 ? named : its;
}

function choose(
  service: Service,
  looks: readonly Look[],
  search: Search,
  main: Address,
): ServiceLayout | AppError {
  const found: Found[] = looks.flatMap(({ place, survey }) =>
    survey ? candidatesIn(survey, service).map((one) => ({ ...one, place })) : [],
  );
  const its = meant(
    found.filter(({ isIt }) => isIt),
    main,
  );
  if (its.length > 1) return ambiguous(service, its);
  const [one] = its;
  if (!one) return notFound(service, looks, found, search);
  if (one.database.versionNumber < OLDEST)
    return unsupported(
      `${one.place.shown} is on PostgreSQL ${one.database.serverVersion}; 12 is the oldest that will do.`,
    );
  if (one.lacks.length > 0)
    return unsupported(
      `The tables of the ${service} service in ${one.place.shown} cannot be used: ${one.lacks.join('; ')}.`,
    );
  return serviceLayout(service, one);
}

function serviceLayout(service: Service, { place, database, schema, tables, history }: Found): ServiceLayout {
  return {
    service,
    place: place.shown,
    database: place.key,
    databaseName: place.database,
    ...(database.identity !== undefined && { identity: database.identity }),
    schema: schema.name,
    mayEnter: schema.usable,
    ...(history.version !== undefined && { version: history.version }),
    tables,
    mayStage: database.mayStage,
    encoding: database.encoding,
    serverVersion: database.serverVersion,
    standby: database.standby,
    canCheckClient: database.canCheckClient,
    failedMigrations: history.failed,
    history: history.state,
  };
}

function ambiguous(service: Service, found: readonly Found[]): AppError {
  const places = new Set(found.map(({ place }) => place.shown));
  const where =
    places.size > 1
      ? `in several databases: ${[...places].join(', ')}`
      : `in several schemas of ${[...places][0]}: ${found.map(({ schema }) => quoted(schema.name)).join(', ')}`;
  return new AppError('AMBIGUOUS', `The tables of the ${service} service are ${where}.`, {
    notChanged: 'Nothing was changed.',
    remedy:
      places.size > 1
        ? `Say which one is meant: drawbridge env update <env> --pg-database ${service}=<name>.`
        : 'Take the role’s USAGE on the other schemas away, so that one is left.',
  });
}

function notFound(
  service: Service,
  looks: readonly Look[],
  found: readonly Found[],
  search: Search,
): AppError {
  const byHand = search === 'by hand';
  const closed = byHand ? [] : search.closed;
  const [failed] = looks.filter(({ error }) => error);
  if (byHand && failed?.error) return failed.error;
  const [near] = [...found].sort((one, other) => one.lacks.length - other.lacks.length);
  const seen = looks.filter(({ survey }) => survey).map(({ place }) => place.shown);
  const parts = [
    `The tables of the ${service} service (${tablesOf(service).join(', ')}) were not found in ${shortList(seen)}`,
    ...(near ? [`${near.place.shown} comes nearest, but ${shortList(near.lacks, 12)}`] : []),
    ...(failed ? [`${failed.place.shown} could not be looked into (${failed.error?.message})`] : []),
    ...(closed.length > 0
      ? [
          `${shortList(closed)} ${closed.length === 1 ? 'exists, but this role may not connect to it' : 'exist, but this role may not connect to them'}`,
        ]
      : []),
  ];
  return unsupported(
    `${parts.join('; ')}.`,
    search === 'by hand'
      ? 'Check the name of the database.'
      : `If they stand elsewhere, say where: drawbridge env update <env> --pg-database ${service}=<name or postgres:// address>. The role needs CONNECT on the database${grantOfConnect(search)}.`,
  );
}

function grantOfConnect({ closed, user }: Exclude<Search, 'by hand'>): string {
  const [only] = closed;
  return closed.length === 1 ? `: GRANT CONNECT ON DATABASE ${quoted(only!)} TO ${quoted(user)}` : '';
}

function shortList(names: readonly string[], most = 8): string {
  if (names.length === 0) return 'any database';
  return names.length <= most
    ? names.join(', ')
    : `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
}

function unsupported(
  message: string,
  remedy = 'Drawbridge knows OpenGate v1.1.0 and what only adds to it.',
): AppError {
  return new AppError('SCHEMA_UNSUPPORTED', message, { notChanged: 'Nothing was changed.', remedy });
}

function versionsOf(services: readonly ServiceLayout[], looks: readonly Look[]): string {
  const found =
    services.length > 0
      ? services.map(({ serverVersion }) => serverVersion)
      : looks.flatMap(({ survey }) => (survey ? [survey.serverVersion] : []));
  return `PostgreSQL ${[...new Set(found)].join(', ')}`.trim();
}

function dialectOf(services: Layout['services']): string {
  const versions = [...SERVICES].sort().map((service) => `${service}-${services[service]?.version ?? '?'}`);
  return `flyway ${versions.join(' ')}`;
}
