import type { JsonObject, JsonValue } from '../../../model/record.ts';
import type { CaptureMemory } from '../../connector.ts';
import { inFlight } from './in-flight.ts';
import { statusOf } from '../retry.ts';
import { concurrencyOf } from '../settings.ts';
import { call, userExists, type Reading } from './reading.ts';
import { mappedRoles } from './records.ts';
import type { RoleNames } from './role-names.ts';
import { bodyOf, counted, type ListedUser } from './user-readings.ts';

/** Users that wait to be handed on. */
const BATCH = 256;
/**
 * Answers that are noted in one transaction, all to be asked for again if the program is killed before. A transaction of
 * any size rewrites a good part of the table, whose keys are in no order: four of 256 cost twice what one of 1,024 does.
 */
const NOTED_AT_ONCE = 1_024;
/** Milliseconds after which fewer are noted: a slow server's answers are dearer. */
const NOTED_AFTER = 2_000;
const MOST_NAMED = 5;
/** Under which a memory has when the first attempt began, in milliseconds since 1970; users are under another's form. */
const BEGUN = 'begun';
const userKey = (id: string): string => `user ${id}`;

interface Asked {
  readonly user: ListedUser;
  /** Ids of its roles, where an earlier attempt has asked. */
  readonly known: readonly string[] | undefined;
}

/**
 * Gives users their roles: one call a user, several at once. With a memory, each answer is kept there, and what an
 * earlier attempt had kept is not asked for again.
 */
export class UserRoles {
  readonly #reading: Reading;
  readonly #roles: RoleNames;
  readonly #memory: CaptureMemory | undefined;
  #toNote = new Map<string, JsonValue>();
  #notedAt = performance.now();
  /** When the first attempt began. */
  #begun: number;
  readonly #recalled = { users: 0, from: Infinity, to: -Infinity };
  readonly #strays = { mappings: 0, users: 0, named: [] as string[] };
  #vanished = 0;

  /** @param begun when this attempt began, in milliseconds since 1970 */
  constructor(reading: Reading, roles: RoleNames, memory: CaptureMemory | undefined, begun: number) {
    this.#reading = reading;
    this.#roles = roles;
    this.#memory = memory;
    this.#begun = begun;
  }

  /**
   * When the first attempt began of which an answer is used, in milliseconds since 1970: an answer is noted some time after
   * it was given.
   */
  get begun(): number {
    return this.#recalled.users === 0 ? Infinity : Math.min(this.#begun, this.#recalled.from);
  }

  /** In no order. */
  async *of(users: AsyncIterable<readonly ListedUser[]>, signal: AbortSignal): AsyncGenerator<JsonObject[]> {
    const atOnce = concurrencyOf(this.#reading.tools.settings.limits);
    const flow = { atOnce, most: BATCH, signal };
    try {
      for await (const batch of inFlight(
        this.#recall(users),
        flow,
        async (asked, called) => await this.#body(asked, called),
      ))
        yield batch.filter((body) => body !== undefined);
    } finally {
      this.#note();
    }
  }

  /** To be asked at the end. */
  warnings(): string[] {
    const { mappings, users, named } = this.#strays;
    const { users: recalled, from, to } = this.#recalled;
    return [
      ...(recalled > 0
        ? [
            `Taken up again: the roles of ${counted(recalled)} are those that an earlier attempt, which was broken off, ` +
              `read between ${instant(from)} and ${instant(to)}.`,
          ]
        : []),
      ...(mappings > 0
        ? [
            `${mappings.toLocaleString('en-US')} role mappings of ${counted(users)} point to no role of the realm, and are ` +
              `not in the snapshot: ${named.join(', ')}${users > MOST_NAMED ? ', …' : ''}.`,
          ]
        : []),
      ...(this.#vanished > 0
        ? [`${counted(this.#vanished)} vanished while the realm was read, and are not in the snapshot.`]
        : []),
    ];
  }

  async *#recall(users: AsyncIterable<readonly ListedUser[]>): AsyncGenerator<Asked[]> {
    for await (const page of users) {
      const recalled = this.#memory?.recall([BEGUN, ...page.map(({ id }) => userKey(id))]);
      const begun = recalled?.get(BEGUN)?.value;
      if (typeof begun === 'number') this.#begun = Math.min(this.#begun, begun);
      yield page.map((user) => {
        const remembered = recalled?.get(userKey(user.id));
        const known = Array.isArray(remembered?.value) ? (remembered.value as string[]) : undefined;
        // A role that is gone by now: what the user has instead is worth a call.
        if (!remembered || !known || !this.#roles.knows(known)) return { user, known: undefined };
        this.#recalled.users++;
        this.#recalled.from = Math.min(this.#recalled.from, remembered.at);
        this.#recalled.to = Math.max(this.#recalled.to, remembered.at);
        return { user, known };
      });
    }
  }

  async #body({ user, known }: Asked, signal: AbortSignal): Promise<JsonObject | undefined> {
    const body = bodyOf(user);
    const ids = known ?? (await this.#ask(user, body['username'] as string, signal));
    if (ids === undefined) return undefined;
    const { names, unknown } = await this.#roles.namesOf(ids);
    if (unknown > 0) {
      this.#strays.mappings += unknown;
      this.#strays.users++;
      if (this.#strays.named.length < MOST_NAMED) this.#strays.named.push(`“${body['username'] as string}”`);
    }
    return { ...body, roles: names };
  }

  /** @returns undefined when the user is gone */
  async #ask({ id }: ListedUser, username: string, signal: AbortSignal): Promise<string[] | undefined> {
    const { tools, realm } = this.#reading;
    const url = tools.endpoints.roleMappings(realm, id);
    try {
      // By name: one whom the server cannot tell about keeps all others from being read, and has to be found there.
      const to = `read the roles of user “${username}” (id ${id}) of realm “${realm}”`;
      const ids = mappedRoles(await call(this.#reading, to, url, signal), url);
      if (this.#memory) this.#toNote.set(userKey(id), ids);
      if (this.#toNote.size >= NOTED_AT_ONCE || performance.now() - this.#notedAt >= NOTED_AFTER)
        this.#note();
      return ids;
    } catch (error) {
      if (statusOf(error) !== 404 || (await userExists(this.#reading, id, signal))) throw error;
      this.#vanished++;
      return undefined;
    }
  }

  #note(): void {
    this.#notedAt = performance.now();
    if (this.#toNote.size === 0) return;
    // With each batch, since every answer is good for a day.
    const noted = this.#toNote.set(BEGUN, this.#begun);
    this.#toNote = new Map();
    this.#memory?.note(noted);
  }
}

function instant(at: number): string {
  return new Date(at)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC');
}
