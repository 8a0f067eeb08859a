import { counted, listed } from '../../contract/numbers.ts';
import { displayKey } from '../model/natural-key.ts';
import type { PseudonymizedRecord } from '../model/pseudonyms/pseudonymized-record.ts';
import type { Section } from '../model/sections.ts';

/** How many places a warning names; of the others the number. */
const NAMED = 20;

/** What whoever gives a pseudonymised copy away has to know of it, gathered record by record. */
export class CopyFindings {
  readonly #dropped = new Map<Section, number>();
  readonly #naming = new Places();
  readonly #ambiguous = new Places();
  readonly #strangers = new Places();
  readonly #withoutUsers: boolean;

  /** @param withoutUsers there are texts, and nobody knows whom they may name */
  constructor({ withoutUsers }: { readonly withoutUsers: boolean }) {
    this.#withoutUsers = withoutUsers;
  }

  /** @param key as it is in the copy; undefined: the record is not in it */
  add(section: Section, key: string | undefined, made: PseudonymizedRecord): void {
    const { dropped, naming, ambiguous, strangers } = made;
    if (dropped > 0) this.#dropped.set(section, (this.#dropped.get(section) ?? 0) + dropped);
    if (key === undefined) return;
    this.#naming.add(section, key, naming);
    this.#ambiguous.add(section, key, ambiguous);
    this.#strangers.add(section, key, strangers);
  }

  warnings(): string[] {
    const { count: naming } = this.#naming;
    const { count: ambiguous } = this.#ambiguous;
    const { count: strangers } = this.#strangers;
    return [
      ...[...this.#dropped].map(
        ([section, count]) =>
          `${counted(count, 'member')} of “${section}” that Drawbridge does not know ${count === 1 ? 'was left out: it' : 'were left out: they'} may hold anything.`,
      ),
      ...(naming === 0
        ? []
        : [
            `${counted(naming, 'record')} still ${naming === 1 ? 'names' : 'name'} a user of the original, in what others may refer to: ${this.#naming.text()}. It was left, since nothing would find it under another name. Look at it before the copy is given away; what must not be in it has to be renamed in the original.`,
          ]),
      ...(ambiguous === 0
        ? []
        : [
            `${counted(ambiguous, 'record')} ${ambiguous === 1 ? 'holds' : 'hold'} a word that is also the user name of somebody in the original, and may be no more than a word: ${this.#ambiguous.text()}. It was left. Look at it before the copy is given away.`,
          ]),
      ...(strangers === 0
        ? []
        : [
            `${counted(strangers, 'record')} ${strangers === 1 ? 'holds' : 'hold'} a UUID that belongs to nothing in the snapshot, and may be the id of a person all the same: ${this.#strangers.text()}. It was left. Look at it before the copy is given away.`,
          ]),
      ...(this.#withoutUsers
        ? [
            'The snapshot has no users: nobody could look for their names and ids in descriptions, settings and policies, only for e-mail addresses. Look at these before the copy is given away, or make it of a snapshot with users.',
          ]
        : []),
    ];
  }
}

class Places {
  count = 0;
  readonly #named: string[] = [];

  add(section: Section, key: string, members: readonly string[] = []): void {
    if (members.length === 0) return;
    this.count++;
    if (this.#named.length < NAMED)
      this.#named.push(`${section} “${displayKey(key)}” (${members.join(', ')})`);
  }

  text(): string {
    const more = this.count - this.#named.length;
    return listed(more === 0 ? this.#named : [...this.#named, counted(more, 'other')]);
  }
}
