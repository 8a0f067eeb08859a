import { createHash } from 'node:crypto';
import { canonicalRecord } from '../../model/canonical.ts';
import { parseLine } from '../../model/exact-json.ts';
import type { CanonicalRecord, JsonValue, SectionBatch } from '../../model/record.ts';
import type { CaptureFacts } from '../../model/snapshot.ts';
import type { Capture } from '../connector.ts';
import { UuidTable } from '../postgres/capture/uuid-table.ts';

/**
 * The roles of a realm's users as the Admin API tells them, for users that the databases tell without: about 30 bytes a
 * user (half of the SHA-256 of a name, and which set of roles), as few users have a set of their own.
 */
export class RolesByName {
  readonly #table = new UuidTable();
  readonly #sets: JsonValue[] = [];
  readonly #numbers = new Map<string, number>();
  #without = 0;
  /** Of the reading over the Admin API. */
  #facts: Pick<CaptureFacts, 'knows' | 'inconsistent' | 'window'> = { knows: {} };

  private constructor() {}

  /** @throws AppError what the capture throws */
  static async of(users: Capture): Promise<RolesByName> {
    const roles = new RolesByName();
    for await (const { section, records } of users.batches)
      if (section === 'users') for (const record of records) roles.#add(record);
    roles.#facts = users.facts();
    return roles;
  }

  /** Whether the API tells roles at all. */
  get areTold(): boolean {
    return this.#facts.knows.users?.includes('roles') === true;
  }

  /** As in `CaptureFacts`. */
  get inconsistent(): string | undefined {
    return this.#facts.inconsistent;
  }

  /** As in `CaptureFacts`. */
  get window(): CaptureFacts['window'] {
    return this.#facts.window;
  }

  #add({ key, line }: CanonicalRecord): void {
    const roles = parseLine(line)['roles'] ?? null;
    const text = JSON.stringify(roles);
    const number = this.#numbers.get(text) ?? this.#sets.push(roles);
    this.#numbers.set(text, number);
    const name = digest(key);
    this.#table.set(this.#table.place(name, 0), name, 0, number);
  }

  addedTo(batch: SectionBatch): SectionBatch {
    return { ...batch, records: batch.records.map((record) => this.#withRoles(record)) };
  }

  #withRoles(record: CanonicalRecord): CanonicalRecord {
    const number = this.#table.valueAt(this.#table.place(digest(record.key), 0));
    if (number === 0) this.#without++;
    const roles = number === 0 ? null : this.#sets[number - 1]!;
    return roles === null ? record : canonicalRecord('users', { ...parseLine(record.line), roles });
  }

  warnings(): string[] {
    if (!this.areTold) return [];
    return [
      'The roles of users were read over the Admin API, since the databases lack them.',
      ...(this.#without > 0
        ? [
            `${this.#without === 1 ? 'One user' : `${this.#without} users`} of the databases the Admin API did not tell of: they are here without roles.`,
          ]
        : []),
    ];
  }
}

function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest().subarray(0, 16);
}
