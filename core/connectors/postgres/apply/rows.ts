import { AppError } from '../../../../contract/errors.ts';
import { displayKey } from '../../../model/natural-key.ts';
import type { JsonObject, JsonValue } from '../../../model/record.ts';
import type { Section } from '../../../model/sections.ts';
import type { ApplyItem } from '../../connector.ts';
import type { Column, Table } from '../layout.ts';
import { cell, NULL_CELL, valueText, type ValueText } from './copy-text.ts';
import { SECTION_TABLES } from '../section-tables.ts';

/** A value that only the server can write: a composite of a newer release. */
export interface ServerValue {
  readonly column: Column;
  readonly value: JsonValue;
}

/** A row's cells in the order of `RowEncoder.columns`, and which of them are to be written: a 1 for each. */
export interface EncodedRow {
  readonly cells: string[];
  readonly set: string;
  /** By index of the cell. */
  readonly fromServer?: ReadonlyMap<number, ServerValue>;
}

/** What `to_jsonb` makes a string of, and nothing else. */
const IS_TEXT = new Set(['text', 'character varying', 'character']);

interface Slot {
  /** Every object has something under the name of its column or member. */
  readonly isInherited: boolean;
  readonly column: Column;
  readonly member: string | undefined;
  readonly text: ValueText;
  /**
   * A new row that does not give it has null there. The release's services write all the columns that they know, so that
   * a realm without a theme has none: the column's default would give it one (OpenGate v1.1.0, RealmService#create).
   */
  readonly nullByDefault: boolean;
}

/** Makes cells of records. @throws AppError INVALID_DOCUMENT for a value that no column of this table can take */
export class RowEncoder {
  /** Those that can be written. */
  readonly columns: readonly Column[];
  readonly #section: Section;
  readonly #slots: readonly Slot[];
  readonly #members: ReadonlySet<string>;

  constructor(section: Section, table: Table) {
    const { members, jsonAsText = [], apart, hangsOnUser } = SECTION_TABLES[section];
    const memberOf = new Map([
      ...Object.entries(members).map(([member, column]) => [column, member] as const),
      ...table.unknown.map(({ name, member }) => [name, member] as const),
    ]);
    const ownMembers = new Set(Object.values(members));
    this.#section = section;
    this.#slots = [...table.columns.values()]
      .filter((column) => !column.generated && column.name !== hangsOnUser)
      .map((column) => ({
        column,
        member: memberOf.get(column.name),
        isInherited: isInherited(column.name) || isInherited(memberOf.get(column.name)),
        text: valueText(column, jsonAsText.includes(column.name) && !column.type.startsWith('json')),
        nullByDefault: !column.notNull && (!column.hasDefault || ownMembers.has(column.name)),
      }));
    this.columns = this.#slots.map(({ column }) => column);
    this.#members = new Set([...apart, ...this.#slots.flatMap(({ member }) => member ?? [])]);
  }

  /** The members of this body that have no column, of which a route must not have been asked. */
  foreignMember(body: JsonObject): string | undefined {
    for (const name in body) if (!this.#members.has(name)) return name;
    return undefined;
  }

  /**
   * @param given values by column that are not the body's: keys, the realm, a new id
   */
  created(item: ApplyItem, body: JsonObject, given: Readonly<Record<string, string>>): EncodedRow {
    return this.#encode(item, (slot) => {
      const own = memberIn(given, slot.column.name, slot);
      if (own !== undefined) return own;
      const value = slot.member === undefined ? undefined : memberIn(body, slot.member, slot);
      // What a new record lacks is empty, or what the column makes of it.
      return value === null ? undefined : value;
    });
  }

  changed(item: ApplyItem): EncodedRow {
    const { key } = SECTION_TABLES[this.#section];
    return this.#encode(
      item,
      (slot) => {
        const { column, member } = slot;
        return member === undefined || key.includes(column.name)
          ? undefined
          : memberIn(item.body, member, slot);
      },
      true,
    );
  }

  #encode(item: ApplyItem, valueOf: (slot: Slot) => JsonValue | undefined, isChange = false): EncodedRow {
    const cells: string[] = [];
    let set = '';
    let fromServer: Map<number, ServerValue> | undefined;
    for (const [i, slot] of this.#slots.entries()) {
      const value = valueOf(slot);
      if (value === undefined || value === null) {
        const written = isChange ? value === null : slot.nullByDefault;
        if (slot.column.notNull && (isChange ? written : !slot.column.hasDefault))
          throw unfit(item, slot.member ?? slot.column.name, 'it cannot be empty');
        cells.push(NULL_CELL);
        set += written ? '1' : '0';
        continue;
      }
      const text = slot.text(value);
      if (text === undefined && IS_TEXT.has(slot.column.type))
        throw unfit(item, slot.member ?? slot.column.name, 'it is no text');
      if (text === undefined) (fromServer ??= new Map()).set(i, { column: slot.column, value });
      else if (text.includes('\0') || !text.isWellFormed() || (isJson(value, text) && hidesInvalidText(text)))
        throw unfit(
          item,
          slot.member ?? slot.column.name,
          'PostgreSQL cannot hold the character NUL, nor half a character',
        );
      cells.push(text === undefined ? NULL_CELL : cell(text));
      set += '1';
    }
    return fromServer ? { cells, set, fromServer } : { cells, set };
  }
}

/** Every object has something under such a name ("constructor"): only what is its own is a member. */
function isInherited(name: string | undefined): boolean {
  return name !== undefined && name in Object.prototype;
}

/** Asked for each value of each row: what can be inherited is known of the slot. */
function memberIn<Value>(
  object: Readonly<Record<string, Value>>,
  name: string,
  { isInherited }: Slot,
): Value | undefined {
  return isInherited && !Object.hasOwn(object, name) ? undefined : object[name];
}

function isJson(value: JsonValue, text: string): boolean {
  return typeof value === 'object' || (typeof value === 'string' && value !== text);
}

/** JSON may hold as an escape what no text of PostgreSQL can. An escaped backslash before it makes it plain text. */
function hidesInvalidText(json: string): boolean {
  return /(?:^|[^\\])(?:\\\\)*\\u(?:0000|d[89a-f])/i.test(json);
}

/** That a value cannot be written where it belongs. Names the record and the member, never the value. */
export function unfit(item: Pick<ApplyItem, 'section' | 'key'>, member: string, why: string): AppError {
  return new AppError(
    'INVALID_DOCUMENT',
    `“${member}” of “${displayKey(item.key)}” (${item.section}) does not fit: ${why}.`,
    {
      remedy: 'Correct it in the source, or exclude the record.',
      details: { section: item.section, key: displayKey(item.key), member },
    },
  );
}
