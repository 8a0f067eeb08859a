import type { JsonObject } from '../../../model/record.ts';
import type { Section } from '../../../model/sections.ts';
import type { OnNameless } from './row-lines.ts';

const EXAMPLES = 3;

type NamedSection = Exclude<Section, 'realm' | 'groups'>;

/** What a row of each section is, and what of it is empty: the natural key. A group's path is never empty. */
const WORDS: Readonly<Record<NamedSection, { one: string; many: string; empty: string }>> = {
  roles: { one: 'role', many: 'roles', empty: 'an empty name' },
  clients: { one: 'client', many: 'clients', empty: 'an empty client id' },
  policies: { one: 'policy', many: 'policies', empty: 'an empty name' },
  users: { one: 'user', many: 'users', empty: 'an empty name' },
  credentials: { one: 'credential', many: 'credentials', empty: 'an empty type' },
  socialLinks: { one: 'social link', many: 'social links', empty: 'an empty provider or user id' },
};
const NAMED = Object.keys(WORDS) as readonly NamedSection[];

/**
 * Rows without a natural key. They cannot be told from others, so they are no records; they are left out and counted, and
 * with them what belongs to users without a name. A whole realm must not go without a backup because of one of them.
 */
export class Nameless {
  readonly #rows = new Map<NamedSection, { count: number; readonly ids: string[] }>();
  readonly #ofUsers = new Map<NamedSection, number>();

  add(section: NamedSection, id: string): void {
    const rows = this.#rows.get(section) ?? { count: 0, ids: [] };
    this.#rows.set(section, rows);
    if (rows.count++ < EXAMPLES) rows.ids.push(id);
  }

  /** For rows that belong to users: those whose user has no name are counted with the user. */
  ofUsers(section: 'credentials' | 'socialLinks'): OnNameless {
    return (id, isOfUser) => {
      if (isOfUser) this.#ofUsers.set(section, (this.#ofUsers.get(section) ?? 0) + 1);
      else this.add(section, id);
    };
  }

  /** The rows that have a text in `member`, which is the key. */
  without(section: NamedSection, member: string, rows: readonly JsonObject[]): JsonObject[] {
    return rows.filter((row) => {
      const isNamed = typeof row[member] === 'string' && row[member] !== '';
      if (!isNamed) this.add(section, row['id'] as string);
      return isNamed;
    });
  }

  warnings(): string[] {
    const warnings: string[] = [];
    for (const section of NAMED) {
      const rows = this.#rows.get(section);
      if (!rows) continue;
      const { count, ids } = rows;
      const has = count === 1 ? 'has' : 'have';
      const named = `${ids.length === 1 ? 'id' : 'ids'} ${ids.join(', ')}${count > ids.length ? ', …' : ''}`;
      const belongings = section === 'users' ? this.#belongings() : '';
      warnings.push(
        `${counted(section, count)} ${has} ${WORDS[section].empty} and ${count === 1 ? 'is' : 'are'} not in this snapshot (${named})` +
          (belongings &&
            `, nor ${count === 1 ? 'what belongs to it' : 'what belongs to them'}: ${belongings}`) +
          '.',
      );
    }
    if (!this.#rows.has('users') && this.#ofUsers.size > 0)
      warnings.push(
        `What belongs to users with an empty name is not in this snapshot: ${this.#belongings()}.`,
      );
    return warnings;
  }

  #belongings(): string {
    return [...this.#ofUsers].map(([section, count]) => counted(section, count)).join(', ');
  }
}

function counted(section: NamedSection, count: number): string {
  return `${count} ${count === 1 ? WORDS[section].one : WORDS[section].many}`;
}
