import fc from 'fast-check';
import { MEMBERS, type Member } from '../members.ts';
import type { JsonObject, JsonValue } from '../record.ts';
import type { Section } from '../sections.ts';

/** Text as PostgreSQL can hold it: whole characters of every plane, no NUL. */
export const text = (constraints: fc.StringConstraints = {}) =>
  fc.string({ unit: 'binary', ...constraints }).map((any) => any.replaceAll('\u0000', 'n'));

/** Names that JavaScript or JSON could trip over, beside ordinary ones. */
export const memberName = fc.oneof(
  { weight: 5, arbitrary: text({ maxLength: 8 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('__proto__', 'constructor', 'toString', '0', '10', '2', 'ﬀ', '😀'),
  },
);

const plainNumber = fc
  .oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }))
  .map((n) => n + 0);

/** Any JSON value, with plain numbers (those that `JSON.stringify` and `JSON.parse` keep). */
export const jsonValue: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    plainNumber,
    text({ maxLength: 12 }),
    fc.array(tie('value'), { maxLength: 4 }),
    jsonObjectOf(tie('value')),
  ),
})).value;

function jsonObjectOf(value: fc.Arbitrary<JsonValue>): fc.Arbitrary<JsonObject> {
  return fc
    .uniqueArray(fc.tuple(memberName, value), { maxLength: 4, selector: ([name]) => name })
    .map((entries) => Object.fromEntries(entries));
}

/** Members we do not know, whose values hold nothing that canonicalization would rewrite. */
export const unknownMembers = jsonObjectOf(jsonValue);

const instant = fc
  .tuple(
    fc.date({ min: new Date('1970-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
    fc.nat(999_999),
  )
  .map(([date, micros]) => `${date.toISOString().slice(0, 19)}.${String(micros).padStart(6, '0')}Z`);

function valueOf(member: Member): fc.Arbitrary<JsonValue> {
  switch (member.kind) {
    case 'text':
      return text({ minLength: member.key ? 1 : 0, maxLength: 20 });
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.nat();
    case 'textList':
    case 'textSet':
      return fc.array(text({ maxLength: 8 }), { maxLength: 5 });
    case 'object':
      return unknownMembers;
    case 'instant':
      return instant;
    case 'any':
      return jsonValue;
  }
  throw new Error(`no values for ${String(member.kind)}`);
}

/** A record's body with its key, any of its known members, and some that we do not know. */
export function recordBody(
  section: Section,
  options: { readonly without?: readonly string[]; readonly unknown?: boolean } = {},
): fc.Arbitrary<JsonObject> {
  const members = MEMBERS[section].filter(({ name }) => !options.without?.includes(name));
  const known = fc.record(Object.fromEntries(members.map((member) => [member.name, valueOf(member)])), {
    requiredKeys: members.filter(({ key }) => key).map(({ name }) => name),
  }) as fc.Arbitrary<JsonObject>;
  if (options.unknown === false) return known;
  const names = new Set(MEMBERS[section].map(({ name }) => name));
  return fc
    .tuple(known, unknownMembers)
    .map(([body, unknown]) =>
      Object.fromEntries([
        ...Object.entries(unknown).filter(([name]) => !names.has(name)),
        ...Object.entries(body),
      ]),
    );
}

/** The same object with its members, at every depth, in another order. */
export function shuffled(value: JsonValue, seed: number): JsonValue {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((element) => shuffled(element, seed));
  const entries = Object.entries(value).map(([name, inner]) => [name, shuffled(inner, seed)] as const);
  const by = (name: string) =>
    Math.imul(seed + name.length * 31 + (name.codePointAt(0) ?? 0), 2654435761) | 0;
  return Object.fromEntries(entries.toSorted(([a], [b]) => by(a) - by(b)));
}
