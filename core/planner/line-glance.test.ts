import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { RouteCapabilities } from '../connectors/connector.ts';
import { sideOf } from '../compare/testing/in-memory-side.ts';
import { canonicalRecord } from '../model/canonical.ts';
import { parseLine } from '../model/exact-json.ts';
import type { JsonObject, JsonValue } from '../model/record.ts';
import { REDACTED } from '../model/secret.ts';
import { planInputs } from './plan-inputs.ts';
import { emailInLine, LineGlance, parsePlainLine, RolesOfLines } from './line-glance.ts';
import { DEFAULT_POLICY, isPlanItem, written } from './plan.ts';
import { sectionPlan, type SectionPlan } from './section-plan.ts';
import { plan } from './testing/plan-fixture.ts';
import { documentedRoute, fullRoute, keepingRoute } from './testing/routes.ts';

const text = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom('', 'Ann', 'Ünal', 'a@x.example') },
  { weight: 3, arbitrary: fc.string({ maxLength: 12 }) },
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom(
    'a"b',
    'a\\b',
    'nul\0',
    ']',
    '{',
    '"roles":["x"]',
    ',"email":"e"',
    '\ud83d\ude00'.repeat(6),
    '\\u0000',
  ),
);
const value: fc.Arbitrary<JsonValue> = fc.oneof(
  { weight: 12, arbitrary: text },
  fc.boolean(),
  fc.integer(),
  fc.double({ noDefaultInfinity: true, noNaN: true }),
  fc.constant(null),
  fc.constant(REDACTED),
  fc.array(text, { maxLength: 3 }),
  fc.dictionary(text, text, { maxKeys: 2 }) as fc.Arbitrary<JsonObject>,
  fc.constant<JsonValue>([REDACTED]),
);
const body = fc
  .record({
    username: text.filter((name) => name !== '' && !name.includes('\0')),
    known: fc.dictionary(
      fc.constantFrom('email', 'firstName', 'enabled', 'roles', 'password', 'createdAt'),
      value,
      { maxKeys: 5 },
    ),
    id: fc.option(
      fc.oneof(
        fc.uuid(),
        fc.uuid().map((id) => id.toUpperCase()),
        text,
      ),
      { nil: undefined },
    ),
    unknown: fc.oneof(
      { weight: 3, arbitrary: fc.constant<JsonObject>({}) },
      fc.dictionary(fc.oneof(text, fc.constantFrom('7', 'zone')), value, { maxKeys: 1 }),
    ),
  })
  .map(({ username, known, id, unknown }): JsonObject => {
    const { username: _name, ...others } = unknown;
    return { ...others, ...known, ...(id === undefined ? {} : { id }), username };
  });

const limited: RouteCapabilities = {
  ...keepingRoute,
  sections: {
    ...keepingRoute.sections,
    users: {
      ...keepingRoute.sections.users,
      requiredMembers: ['email'],
      textLimits: { username: 8, email: 9, firstName: 3 },
    },
  },
};
const ROUTES = [documentedRoute, fullRoute, keepingRoute, limited];

it('never calls plain what would not be created just as it stands', async () => {
  let plain = 0;
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...ROUTES), body, async (route, user) => {
      const source = {
        realm: sideOf('realm', [{ name: 'shop' }]),
        users: sideOf('users', [user]),
      };
      const planned = await plan({ source, route, policy: { conflicts: 'skip', caseVariants: 'create' } });
      const { line } = canonicalRecord('users', user);
      const found = planned.items.find(({ section }) => section === 'users')!;
      const lean = planned.lean.filter(isPlanItem).find(({ section }) => section === 'users')!;
      expect(lean.action).toBe(found.action);
      expect(written(lean)).toEqual(found.write);
      if (!lean.line) return;
      plain++;
      expect(lean.write).toBeUndefined();
      expect(lean.line.equals(line)).toBe(true);
      expect(found.write).toEqual(parseLine(line));
      expect(parsePlainLine(line)).toEqual(parseLine(line));
      expect(new RolesOfLines().of(line)).toEqual(
        Array.isArray(user['roles']) ? parseLine(line)['roles'] : [],
      );
    }),
    { numRuns: 1_000 },
  );
  // Otherwise this has shown nothing.
  expect(plain).toBeGreaterThan(100);
});

it('tells the e-mail address, or that it cannot', () => {
  let told = 0;
  fc.assert(
    fc.property(body, (user) => {
      const { line } = canonicalRecord('users', user);
      const found = emailInLine(line);
      const email = parseLine(line)['email'];
      if (found === 'unclear') return;
      told++;
      expect(found.email).toBe(typeof email === 'string' ? email : undefined);
    }),
    { numRuns: 1_000 },
  );
  expect(told).toBeGreaterThan(300);
});

function usersOver(route: RouteCapabilities, extra: Partial<SectionPlan> = {}): LineGlance | undefined {
  const context = { policy: DEFAULT_POLICY, route, targetRealm: 'shop', targetExists: true };
  const inputs = planInputs(context, { target: {}, source: {} });
  return LineGlance.of({ ...sectionPlan(inputs, 'users'), ...extra });
}

it('knows an ordinary user of a database for plain, and says nothing where nothing can be', () => {
  const { line } = canonicalRecord('users', {
    username: 'ann',
    email: 'ann@x.example',
    firstName: 'Änn',
    enabled: true,
    emailVerified: false,
    roles: ['admin', 'Ünder]'],
    id: '01234567-89ab-4cde-8f01-23456789abcd',
    createdAt: '2025-01-01T00:00:00Z',
  });
  expect(usersOver(keepingRoute)!.isPlain(line)).toBe(true);
  expect(new RolesOfLines().of(line)).toEqual(['admin', 'Ünder]']);
  expect(usersOver(limited)!.isPlain(line)).toBe(false);
  expect(usersOver(keepingRoute, { takenIds: 'all' })).toBeUndefined();
  expect(usersOver(keepingRoute, { prepare: (source) => source })).toBeUndefined();
  expect(usersOver(keepingRoute, { creatable: 'no' })).toBeUndefined();
});
