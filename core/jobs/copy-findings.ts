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

  /** @param key as it is in the copy; undefined: the record is not in it */
  add(section: Section, key: string | undefined, { dropped, naming, ambiguous }: PseudonymizedRecord): void {
    if (dropped > 0) this.#dropped.set(section, (this.#dropped.get(section) ?? 0) + dropped);
    if (key === undefined) return;
    this.#naming.add(section, key, naming);
    this.#ambiguous.add(section, key, ambiguous);
  }

  warnings(): string[] {
    const { count: naming } = this.#naming;
    const { count: ambiguous } = this.#ambiguous;
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
