import pg from 'pg';
import { AppError, isAppError } from '../../../../contract/errors.ts';
import type { SectionBatch } from '../../../model/record.ts';
import { SECTIONS, type Section } from '../../../model/sections.ts';
import type { CaptureFacts } from '../../../model/snapshot.ts';
import type { Capture, CaptureOptions } from '../../connector.ts';
import { lookForRealm } from '../../no-realm.ts';
import { addressOf } from '../address.ts';
import type { CopyOut } from '../copy-out.ts';
import type { Databases, Transactions } from '../databases.ts';
import type { Layout } from '../layout.ts';
import type { Service } from '../services.ts';
import { beginCredentials, captureCredentials } from './credentials.ts';
import { captureGroups } from './groups.ts';
import { knownMembers, scopeOf, type Scope } from './known-members.ts';
import { Nameless } from './nameless.ts';
import { tableOf, type Reading } from './reading.ts';
import type { RoleSetLimits } from './role-sets.ts';
import { SecondLook, sparingly } from './second-look.ts';
import { captureClients, capturePolicies, captureRealmRecord, captureRoles } from './small-sections.ts';
import { SessionUse } from './session-use.ts';
import { captureSocialLinks } from './social-links.ts';
import { beginUsers, captureUsers } from './users.ts';

/** More users would double a table of 84 MB. */
const LIMITS: RoleSetLimits = { users: 3_300_000, sets: 100_000 };
const NO_SNAPSHOT = 'No snapshot was made of what had arrived; nothing was changed.';

/** How a realm is read, beside what is wanted of it. */
interface Source {
  readonly databases: Databases;
  /** In which it is read, and which stay open; undefined: transactions of its own. */
  readonly within?: Transactions;
  /** For tests: what of role mappings is held in memory at once. */
  readonly limits?: RoleSetLimits;
}

/**
 * Reads a realm from its databases, each as of one moment, as a stream: memory does not grow with the realm.
 *
 * With `within` it reads what these transactions see. They stay usable, also when the iteration is left early: then what
 * the server is still sending is read to its end first. Nobody else may use them meanwhile.
 *
 * @throws AppError from `batches`: REALM_NOT_FOUND; SCHEMA_UNSUPPORTED when nothing that is wanted can be read;
 *   UNEXPECTED_ANSWER for what is no text; CONNECTION_LOST, FORBIDDEN, CANCELED, … as `Session.run`
 */
export function captureRealm(
  source: Source,
  realm: string,
  options: CaptureOptions,
  signal: AbortSignal,
): Capture {
  const capture = new RealmCapture(source, realm, options, signal);
  return { batches: capture.batches(), facts: () => capture.facts() };
}

class RealmCapture {
  readonly #source: Source;
  readonly #realm: string;
  readonly #options: CaptureOptions;
  readonly #signal: AbortSignal;
  readonly #warnings: string[] = [];
  #records = 0;
  #ended:
    | { readonly layout: Layout; readonly scope: Scope; readonly window: Transactions['window'] }
    | undefined;

  constructor(source: Source, realm: string, options: CaptureOptions, signal: AbortSignal) {
    this.#source = source;
    this.#realm = realm;
    this.#options = options;
    this.#signal = signal;
  }

  async *batches(): AsyncGenerator<SectionBatch> {
    try {
      for await (const batch of this.#read()) {
        this.#records += batch.records.length;
        yield batch;
      }
    } catch (error) {
      throw isAppError(error) ? this.#brokenOff(error) : error;
    }
  }

  facts(): CaptureFacts {
    if (!this.#ended) throw new AppError('INTERNAL', 'The facts of a capture were asked for before its end.');
    const { layout, scope, window } = this.#ended;
    const sections = SECTIONS.filter((section) => scope.sections.has(section));
    return {
      realm: this.#realm,
      channel: 'postgres',
      dialect: layout.dialect,
      serverVersion: layout.serverVersion,
      sections,
      knows: Object.fromEntries(
        sections.map((section) => [section, knownMembers(layout, section, this.#options, scope)]),
      ),
      missing: scope.missing,
      window,
      warnings: this.#warnings,
    };
  }

  async *#read(): AsyncGenerator<SectionBatch> {
    const { databases, within } = this.#source;
    // No text of PostgreSQL's holds one, and its protocol would end the statement there.
    if (this.#realm.includes('\0')) throw this.#notFound();
    const layout = await databases.layout(this.#signal);
    const roleOf = (service: Service): string => addressOf(databases.settings, service).user;
    const scope = scopeOf(layout, this.#options, roleOf);
    if (scope.sections.size === 0 && scope.obstacles.length > 0) throw unreadable(scope, layout);
    const transactions =
      within ?? (await databases.begin(scope.services, 'read', this.#signal, this.#options.onWait));
    const use = new SessionUse(transactions);
    try {
      const reading = this.#reading(layout, scope, use);
      await use.begin();
      if (!within) await sparingly(transactions);
      await this.#mustExist(reading, scope);
      yield* this.#sections(reading, scope, transactions);
      this.#warnings.push(...reading.nameless.warnings());
      const isNowhere = !scope.services.includes('realm') && this.#records === 0;
      if (isNowhere && !this.#options.leftovers) throw this.#notFound();
      this.#ended = { layout, scope, window: transactions.window };
    } finally {
      await (within ? use.end() : transactions.rollback());
    }
  }

  #reading(layout: Layout, { mappings }: Scope, use: SessionUse): Reading {
    return {
      layout,
      realmSql: pg.escapeLiteral(this.#realm),
      credentials: this.#options.credentials !== false,
      mappings,
      limits: this.#source.limits ?? LIMITS,
      warnings: this.#warnings,
      nameless: new Nameless(),
      session: (service) => use.transactions.of(service),
      copy: (session, query) => use.copy(session, query),
    };
  }

  async #mustExist(reading: Reading, { services }: Scope): Promise<void> {
    if (this.#options.leftovers || !services.includes('realm')) return;
    const rows = await reading
      .session('realm')
      .query(`SELECT FROM ${tableOf(reading, 'realms').sql} WHERE name = ${reading.realmSql}`);
    if (rows.length === 0) throw this.#notFound();
  }

  async *#sections(
    reading: Reading,
    { sections }: Scope,
    transactions: Transactions,
  ): AsyncGenerator<SectionBatch> {
    const wants = (section: Section): boolean => sections.has(section);
    await using second = wants('users') && wants('credentials') ? await this.#secondLook(reading) : undefined;
    // The server sorts the users while the rest is read, where that does not need the same connection.
    const users = wants('users') && isAlone('user', transactions) ? beginUsers(reading) : undefined;
    if (wants('realm')) yield* captureRealmRecord(reading);
    if (wants('roles')) yield* captureRoles(reading);
    if (wants('groups')) yield* captureGroups(reading);
    if (wants('clients')) yield* captureClients(reading);
    if (wants('policies')) yield* capturePolicies(reading);
    let credentials: CopyOut | undefined;
    if (wants('users'))
      for await (const batch of captureUsers(reading, users)) {
        // The first users are sorted: now the server has time to sort the credentials.
        if (second && !second.isOpened) {
          const session = await second.open();
          if (session) credentials = beginCredentials(reading, session);
        }
        yield batch;
      }
    if (wants('credentials'))
      yield* captureCredentials(reading, credentials ?? beginCredentials(reading, reading.session('user')));
    if (wants('socialLinks')) yield* captureSocialLinks(reading);
  }

  /** Only of what was committed: another connection does not see what a transaction has written itself. */
  async #secondLook(reading: Reading): Promise<SecondLook | undefined> {
    if (this.#source.within || reading.layout.services.user?.standby) return undefined;
    return await SecondLook.at(reading.session('user'), this.#source.databases, this.#signal);
  }

  #brokenOff(error: AppError): AppError {
    if (error.code === 'CANCELED') return error;
    const arrived = this.#records > 0 ? ` ${this.#records} records had arrived.` : '';
    return new AppError(error.code, `Could not read realm “${this.#realm}”: ${error.message}${arrived}`, {
      notChanged: this.#records > 0 || error.notChanged === '' ? NO_SNAPSHOT : error.notChanged,
      remedy: error.remedy,
      details: { ...error.details, records: this.#records },
      cause: error.cause,
    });
  }

  #notFound(): AppError {
    return new AppError('REALM_NOT_FOUND', `there is no realm “${this.#realm}”.`, {
      notChanged: 'Nothing was changed.',
      remedy: lookForRealm(this.#source.databases.settings.name),
    });
  }
}

/** Whether the service's database holds no other that is read: then it can work while others are read. */
function isAlone(service: Service, transactions: Transactions): boolean {
  const home = transactions.databases.find(({ services }) => services.some((one) => one.service === service));
  return home?.services.length === 1;
}

function unreadable({ obstacles }: Scope, { problems }: Layout): AppError {
  const notFound = new Set(Object.values(problems));
  const code = obstacles.some((obstacle) => notFound.has(obstacle)) ? 'SCHEMA_UNSUPPORTED' : 'FORBIDDEN';
  return new AppError(code, obstacles.join(' '), {
    notChanged: 'Nothing was changed.',
    remedy: '“env test” shows what was found where.',
  });
}
