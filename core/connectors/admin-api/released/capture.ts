import { AppError, isAppError } from '../../../../contract/errors.ts';
import { canonicalRecord } from '../../../model/canonical.ts';
import type { CanonicalRecord, JsonObject, JsonValue, SectionBatch } from '../../../model/record.ts';
import { SECTIONS, type Section } from '../../../model/sections.ts';
import type { CaptureFacts } from '../../../model/snapshot.ts';
import type { Capture, CaptureOptions } from '../../connector.ts';
import { lookForRealm } from '../../no-realm.ts';
import { isNotServed } from '../api-client.ts';
import { statusOf } from '../retry.ts';
import { call, type Reading } from './reading.ts';
import { recordBodies, recordBody, TOLD_SECTIONS, type ToldSection } from './records.ts';
import { RoleNames } from './role-names.ts';
import { RELEASED } from './route.ts';
import type { ReleasedTools } from './tools.ts';
import { missingParts, toldMembers } from './told.ts';
import { bodyOf, UserReadings } from './user-readings.ts';
import { UserRoles } from './user-roles.ts';

/** Bytes of canonical lines in one batch, about. */
const BATCH_BYTES = 256 * 1024;

/**
 * Reads a realm from a server without export endpoints, resource by resource: its settings, roles, clients, users by
 * page, and the roles of each user by a call of its own. Of the users, no more is held in memory than tells whether one
 * was seen before (`SeenUsers`).
 *
 * @throws AppError from `batches`: REALM_NOT_FOUND; UNSUPPORTED_BY_ROUTE when nothing that is wanted is served;
 *   UNEXPECTED_ANSWER; what calls throw
 */
export function captureReleased(
  tools: ReleasedTools,
  realm: string,
  options: CaptureOptions,
  signal: AbortSignal,
): Capture {
  const capture = new ReleasedCapture(tools, realm, options, signal);
  return {
    batches: capture.batches(),
    retries: () => capture.retries,
    facts: () => capture.facts(),
    expected: () => capture.expected(),
  };
}

class ReleasedCapture {
  readonly #reading: Reading;
  readonly #options: CaptureOptions;
  readonly #signal: AbortSignal;
  readonly #wanted: ReadonlySet<Section>;
  readonly #begun: number;
  #retries = 0;
  #records = 0;
  /** Of the sections that are not read by page. */
  #smallRecords = 0;
  #roles: RoleNames | undefined;
  #users: UserReadings | undefined;
  #userRoles: UserRoles | undefined;
  #ended: number | undefined;

  constructor(tools: ReleasedTools, realm: string, options: CaptureOptions, signal: AbortSignal) {
    this.#reading = { tools, realm, onRetry: () => void this.#retries++ };
    this.#options = options;
    this.#signal = signal;
    this.#wanted = new Set(options.sections ?? SECTIONS);
    this.#begun = tools.client.time.now();
  }

  async *batches(): AsyncGenerator<SectionBatch> {
    try {
      for await (const batch of this.#read()) {
        this.#records += batch.records.length;
        yield batch;
      }
      this.#ended = this.#reading.tools.client.time.now();
    } catch (error) {
      throw isAppError(error) ? this.#brokenOff(error) : error;
    }
  }

  get retries(): number {
    return this.#retries;
  }

  expected(): number | undefined {
    if (!this.#wants('users')) return undefined;
    return this.#users && this.#users.total > 0 ? this.#smallRecords + this.#users.total : undefined;
  }

  facts(): CaptureFacts {
    if (this.#ended === undefined)
      throw new AppError('INTERNAL', 'The facts of a capture were asked for before its end.');
    const { realm } = this.#reading;
    const sections = this.#sections();
    const inconsistent = this.#users?.inconsistent();
    const from = Math.min(this.#begun, this.#userRoles?.begun ?? Infinity);
    return {
      realm,
      channel: 'admin-api',
      dialect: RELEASED,
      sections,
      knows: Object.fromEntries(
        sections.map((section) => [section, toldMembers(section, this.#roles !== undefined)]),
      ),
      missing: missingParts(this.#wanted, sections, this.#roles !== undefined),
      window: { from: new Date(from).toISOString(), to: new Date(this.#ended).toISOString() },
      ...(inconsistent !== undefined && { inconsistent }),
      ...(this.#retries > 0 && { retries: this.#retries }),
      warnings: [...(this.#users?.warnings() ?? []), ...(this.#userRoles?.warnings() ?? [])],
    };
  }

  async *#read(): AsyncGenerator<SectionBatch> {
    const { realm } = this.#reading;
    const settings = await this.#settings();
    if (this.#wants('roles') || this.#wants('users'))
      this.#roles = await RoleNames.read(this.#reading, this.#signal);
    if (this.#sections().length === 0) throw notServed(realm, this.#wanted);
    if (settings && this.#wants('realm')) yield* this.#small('realm', [settings]);
    if (this.#wants('clients')) yield* this.#small('clients', await this.#clients());
    if (this.#wants('users')) yield* this.#readUsers();
    // Behind the users, for those roles that were created while they were read.
    if (this.#wants('roles') && this.#roles) yield* this.#small('roles', this.#roles.all());
  }

  /** @returns undefined where there is no realm, and what one left behind is wanted */
  async #settings(): Promise<JsonObject | undefined> {
    const { tools, realm } = this.#reading;
    const url = tools.endpoints.realm(realm);
    const to = `read realm “${realm}”`;
    try {
      return recordBody('realm', realm, await this.#call(to, url, 'throw'), url);
    } catch (error) {
      // Behind the Admin API, what is not there is a bare 500, as is a name that it cannot pass on.
      if (![400, 404, 500].includes(statusOf(error) ?? 0)) throw error;
    }
    if (await tools.realms.exists(realm, this.#signal))
      return recordBody('realm', realm, await this.#call(to, url), url);
    if (this.#options.leftovers) return undefined;
    throw new AppError('REALM_NOT_FOUND', `Could not ${to}: there is no realm “${realm}”.`, {
      notChanged: 'Nothing was changed.',
      remedy: lookForRealm(tools.client.environment),
      details: { environment: tools.client.environment },
    });
  }

  async #clients(): Promise<JsonObject[]> {
    const { tools, realm } = this.#reading;
    const to = `list the clients of realm “${realm}”`;
    const url = tools.endpoints.clients(realm);
    try {
      return recordBodies('clients', realm, await this.#call(to, url), url);
    } catch (error) {
      if (statusOf(error) === undefined || !isNotServed(error)) throw error;
    }
    const admin = tools.endpoints.adminClients(realm);
    try {
      return recordBodies('clients', realm, await this.#call(to, admin), admin);
    } catch (error) {
      throw statusOf(error) === 500 && isAppError(error) ? perhapsTooLong(error) : error;
    }
  }

  async *#readUsers(): AsyncGenerator<SectionBatch> {
    this.#users = new UserReadings(this.#reading);
    const listed = this.#users.users(this.#signal);
    if (!this.#roles) {
      for await (const page of listed) yield* batchesOf('users', page.map(bodyOf));
      return;
    }
    this.#userRoles = new UserRoles(this.#reading, this.#roles, this.#options.memory, this.#begun);
    for await (const users of this.#userRoles.of(listed, this.#signal)) yield* batchesOf('users', users);
  }

  *#small(section: ToldSection, bodies: readonly JsonObject[]): Generator<SectionBatch> {
    this.#smallRecords += bodies.length;
    yield* batchesOf(section, bodies);
  }

  async #call(to: string, url: string, serverErrors?: 'throw'): Promise<JsonValue | undefined> {
    return await call(this.#reading, to, url, this.#signal, serverErrors && { serverErrors });
  }

  #wants(section: Section): boolean {
    return this.#wanted.has(section);
  }

  /** Those that are wanted and served. */
  #sections(): ToldSection[] {
    return TOLD_SECTIONS.filter(
      (section) => this.#wants(section) && (section !== 'roles' || this.#roles !== undefined),
    );
  }

  #brokenOff(error: AppError): AppError {
    if (error.code === 'CANCELED' || this.#records === 0) return error;
    return new AppError(error.code, `${error.message} ${this.#records} records had arrived.`, {
      notChanged: 'No snapshot was made of what had arrived; nothing was changed.',
      remedy: error.remedy,
      details: { ...error.details, records: this.#records },
      cause: error.cause,
    });
  }
}

function* batchesOf(section: ToldSection, bodies: readonly JsonObject[]): Generator<SectionBatch> {
  let records: CanonicalRecord[] = [];
  let bytes = 0;
  for (const body of bodies) {
    const record = canonicalRecord(section, body);
    records.push(record);
    bytes += record.line.length;
    if (bytes < BATCH_BYTES) continue;
    yield { section, records };
    records = [];
    bytes = 0;
  }
  if (records.length > 0) yield { section, records };
}

function notServed(realm: string, wanted: ReadonlySet<Section>): AppError {
  return new AppError(
    'UNSUPPORTED_BY_ROUTE',
    `Could not read ${[...wanted].join(', ')} of realm “${realm}”: the API of this server does not tell them.`,
    { notChanged: 'Nothing was changed.', remedy: 'Read them over PostgreSQL, or leave them out.' },
  );
}

function perhapsTooLong(error: AppError): AppError {
  return new AppError(error.code, error.message, {
    notChanged: error.notChanged,
    remedy:
      'The Admin API cannot pass on a list of clients of more than 256 KB: name the environment’s gateway, which can, or leave the clients out (--sections).',
    details: error.details,
    cause: error.cause,
  });
}
