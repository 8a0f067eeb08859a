import { MEMBERS } from '../../model/members.ts';
import type { SectionBatch } from '../../model/record.ts';
import type { Section } from '../../model/sections.ts';
import { isToldByDatabases, type CaptureFacts, type Missing } from '../../model/snapshot.ts';
import type { Capture, CaptureOptions, Connector } from '../connector.ts';
import { RolesByName } from './roles-by-name.ts';

/**
 * Reads a realm through the databases, and what they lack (a service whose database is not there, a table that may not be
 * read) through the API, as far as that tells it.
 */
export function captureBoth(
  { api, postgres }: { readonly api: Connector; readonly postgres: Pick<Connector, 'lacks'> },
  realm: string,
  options: CaptureOptions,
  signal: AbortSignal,
  database: Pick<Connector, 'capture'>,
): Capture {
  const first = database.capture(realm, options, signal);
  /** Whose facts are joined with those of the databases. */
  const others: Capture[] = [];
  const overApi: Capture[] = [];
  let roles: RolesByName | undefined;
  return {
    batches: batches(),
    retries: () => [first, ...overApi].reduce((sum, one) => sum + (one.retries?.() ?? 0), 0),
    facts() {
      const facts = others.map((other) => other.facts()).reduce(joined, first.facts());
      return roles ? withRoles(facts, roles) : facts;
    },
  };

  function readOverApi(sections: readonly Section[]): Capture {
    const reading = api.capture(
      realm,
      { sections, ...(options.memory && { memory: options.memory }) },
      signal,
    );
    overApi.push(reading);
    return reading;
  }

  async function* batches(): AsyncGenerator<SectionBatch> {
    const lacks = options.leftovers ? [] : ((await postgres.lacks?.(options, signal)) ?? []);
    if (lacks.some(isRolesOfUsers)) roles = await RolesByName.of(readOverApi(['users']));
    for await (const batch of first.batches)
      yield roles?.areTold && batch.section === 'users' ? roles.addedTo(batch) : batch;
    const lacking = lackingSections(first.facts(), options).filter((section) => API_TELLS.includes(section));
    if (lacking.length === 0) return;
    const second = readOverApi(lacking);
    others.push(second);
    yield* second.batches;
  }
}

const API_TELLS: readonly Section[] = ['realm', 'roles', 'clients', 'users'];

function isRolesOfUsers({ section, member }: Missing): boolean {
  return section === 'users' && member === 'roles';
}

/** Sections that were asked for, but not read. */
function lackingSections({ missing }: CaptureFacts, { sections, leftovers }: CaptureOptions): Section[] {
  if (leftovers) return [];
  return missing
    .filter(({ section, member }) => member === undefined && (sections?.includes(section) ?? true))
    .map(({ section }) => section);
}

function joined(database: CaptureFacts, api: CaptureFacts): CaptureFacts {
  const { inconsistent } = api;
  return {
    ...database,
    sections: [...database.sections, ...api.sections],
    knows: { ...database.knows, ...api.knows },
    missing: [
      ...database.missing.flatMap((one) => (api.sections.includes(one.section) ? secretsOf(one) : [one])),
      ...api.missing.filter(({ section }) => api.sections.includes(section)),
    ],
    ...(inconsistent !== undefined && { inconsistent }),
    ...spanning(database.window, api.window),
    warnings: [
      ...database.warnings,
      ...api.warnings,
      `Read over the Admin API, since the databases lack them: ${api.sections.join(', ')}.`,
    ],
  };
}

/** No API tells the hashes of client secrets. */
function secretsOf({ section, reason }: Missing): Missing[] {
  return section === 'clients' ? [{ section, member: 'secretHash', reason }] : [];
}

function withRoles(facts: CaptureFacts, roles: RolesByName): CaptureFacts {
  const { inconsistent, areTold } = roles;
  const users = facts.knows.users ?? [];
  const known = MEMBERS.users
    .map(({ name }) => name)
    .filter((name) => name === 'roles' || users.includes(name));
  return {
    ...facts,
    ...(inconsistent !== undefined && { inconsistent }),
    ...(areTold && {
      ...spanning(facts.window, roles.window),
      knows: { ...facts.knows, users: [...known, ...users.filter((name) => !known.includes(name))] },
      missing: facts.missing.filter((one) => !isRolesOfUsers(one)),
    }),
    warnings: [...facts.warnings, ...roles.warnings()],
  };
}

/** From the first of what was read to the last, where both tell it. */
function spanning(one: CaptureFacts['window'], other: CaptureFacts['window']): Pick<CaptureFacts, 'window'> {
  if (!one || !other) return one ? { window: one } : {};
  return {
    window: {
      from: one.from < other.from ? one.from : other.from,
      to: one.to > other.to ? one.to : other.to,
    },
  };
}

/** What the databases should tell of a realm, and cannot. */
export async function databasesLack(
  { postgres }: { readonly postgres: Pick<Connector, 'lacks'> },
  signal: AbortSignal,
): Promise<Missing[]> {
  return ((await postgres.lacks?.({}, signal)) ?? []).filter(isToldByDatabases);
}
